//! Users and tokens: who may come in, and as what. For admins.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::extract::Asked;
use super::listing::{Asking, Listing, STATES};
use super::page::{Answer, Page, html};
use super::roles::ROLES;
use super::session::Session;
use super::wording::{Moment, ago};
use crate::domain::{Advertiser, AdvertiserId, ApiToken, Millis, Status, TokenId, User, UserId};
use crate::web::State;

/// Where the page is.
pub const PATH: &str = "/admin/users";

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    page: Page,
    listing: Listing,
    users: Vec<UserRow>,
    tokens: Vec<TokenRow>,
}

struct UserRow {
    id: UserId,
    name: String,
    /// Whether it is who looks at it.
    own: bool,
    role: &'static str,
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
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let by = session.admin()?;
    let store = &state.store;
    let asking = Asking::new(PATH, &asked, &["username", "role", "state", "created_on"]);
    let asking = asking.select("role", "Role", &ROLES).select("state", "State", &STATES);
    let found = store.list_users(&by, asking.query::<User>()).await?;
    let tokens = store.tokens(&by).await?;
    let limits = found.items.iter().filter_map(|user| user.advertiser_id);
    let limits = limits.chain(tokens.iter().filter_map(|token| token.advertiser_id)).map(|id| id.0).collect();
    let advertisers = store.names::<Advertiser>(session.reader(), limits).await?;
    let own = session.caller().user_id;
    let user = |user: User| UserRow {
        own: own == Some(user.id),
        id: user.id,
        name: user.username,
        role: user.role.as_str(),
        limit: limit(user.advertiser_id, &advertisers),
        state: user.state,
        made: Moment::new(user.created_on, session.now),
    };
    let users: Vec<UserRow> = found.items.into_iter().map(user).collect();
    let columns = vec![
        asking.column("username", "User"),
        asking.column("role", "Role"),
        Asking::plain("Sees", false),
        asking.column("state", "State"),
        asking.column("created_on", "Made"),
    ];
    Ok(html(&UsersPage {
        page: session.page("users", "Users and tokens"),
        listing: asking.around(columns, users.len(), found.count),
        users,
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

/// What somebody sees.
fn limit(advertiser: Option<AdvertiserId>, names: &HashMap<i64, String>) -> String {
    match advertiser {
        None => "all advertisers".to_owned(),
        Some(id) => names.get(&id.0).cloned().unwrap_or_else(|| format!("advertiser {id}")),
    }
}
