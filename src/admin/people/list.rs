//! The page of users and API tokens. For admins.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::roles::ROLES;
use crate::admin::lists::filters::{ListRequest, Listing, STATES};
use crate::admin::shell::object_kind::USER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, ago};
use crate::domain::{Advertiser, AdvertiserId, ApiToken, Millis, Status, TokenId, User, UserId};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/people/list.html")]
struct UsersPage {
    page: Page,
    listing: Listing,
    users: Vec<UserRow>,
    tokens: Vec<TokenRow>,
}

struct UserRow {
    id: UserId,
    name: String,
    is_own: bool,
    role: &'static str,
    /// The advertisers that the user sees.
    limit: String,
    state: Status,
    made: Moment,
}

struct TokenRow {
    id: TokenId,
    name: String,
    role: &'static str,
    limit: String,
    made: Moment,
    /// "2 hours ago", "never".
    used: String,
}

/// `GET /admin/users`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let by = session.admin()?;
    let store = &state.store;
    let request = ListRequest::new(KIND.path, &query, &["username", "role", "state", "created_on"]);
    let request = request.select("role", "Role", &ROLES).select("state", "State", &STATES);
    let users = store.list_users(&by, request.query::<User>()).await?;
    let tokens = store.tokens(&by).await?;
    let limits = users.items.iter().filter_map(|user| user.advertiser_id);
    let limits = limits.chain(tokens.iter().filter_map(|token| token.advertiser_id)).map(|id| id.0).collect();
    let advertisers = store.names::<Advertiser>(session.reader(), limits).await?;
    let own = session.caller().user_id;
    let row = |user: User| UserRow {
        is_own: own == Some(user.id),
        id: user.id,
        name: user.username,
        role: user.role.as_str(),
        limit: limit(user.advertiser_id, &advertisers),
        state: user.state,
        made: Moment::new(user.created_on, session.now),
    };
    let rows: Vec<UserRow> = users.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("username", "User"),
        request.column("role", "Role"),
        ListRequest::plain_column("Sees", false),
        request.column("state", "State"),
        request.column("created_on", "Made"),
    ];
    Ok(html(&UsersPage {
        page: session.page(KIND.section, KIND.plural),
        listing: request.listing(columns, rows.len(), users.count),
        users: rows,
        tokens: tokens.into_iter().map(|token| token_row(token, &advertisers, session.now)).collect(),
    }))
}

fn token_row(token: ApiToken, advertisers: &HashMap<i64, String>, now: Millis) -> TokenRow {
    TokenRow {
        id: token.id,
        name: token.name,
        role: token.role.as_str(),
        limit: limit(token.advertiser_id, advertisers),
        made: Moment::new(token.created_on, now),
        used: token.last_used.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
    }
}

fn limit(advertiser: Option<AdvertiserId>, names: &HashMap<i64, String>) -> String {
    match advertiser {
        None => "all advertisers".to_owned(),
        Some(id) => names.get(&id.0).cloned().unwrap_or_else(|| format!("advertiser {id}")),
    }
}
