//! The list of API tokens. For admins.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::list::access;
use super::roles::ROLES;
use super::tabs::{TOKENS, Tab, tabs};
use crate::admin::lists::filters::{ListRequest, Listing};
use crate::admin::lists::paging;
use crate::admin::shell::form::capital;
use crate::admin::shell::object_kind::USER;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, ago, grouped};
use crate::domain::{Advertiser, ApiToken, Millis, Role, TokenId};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/people/tokens.html")]
struct TokensPage {
    page: Page,
    tabs: Vec<Tab>,
    listing: Listing,
    tokens: Vec<TokenRow>,
}

struct TokenRow {
    id: TokenId,
    name: String,
    role: String,
    /// The advertisers that the token sees.
    access: String,
    created: Moment,
    /// "2 h ago", "never".
    used: String,
}

/// `GET /admin/tokens`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let by = session.admin()?;
    let store = &state.store;
    let mut tokens = store.tokens(&by).await?;
    let role = query.some("role").and_then(Role::parse);
    if role.is_none() && query.some("role").is_some() {
        session.odd.no("role", query.text("role"), "All are shown.");
    }
    tokens.retain(|token| is_asked_for(token, query.text("search"), role));
    let (count, most) = (tokens.len(), usize::try_from(paging::PAGE).unwrap_or(usize::MAX));
    let start = paging::first(&query, &session.odd, most, count);
    let tokens: Vec<ApiToken> = tokens.into_iter().skip(start).take(most).collect();
    let limits = tokens.iter().filter_map(|token| token.advertiser_id).map(|id| id.0).collect();
    let advertisers = store.names::<Advertiser>(session.reader(), limits).await?;
    let rows: Vec<TokenRow> = tokens.into_iter().map(|token| row(token, &advertisers, session.now)).collect();
    let plain = |label| ListRequest::plain_column(label, false);
    let columns = vec![
        plain("Name"),
        plain("Role"),
        plain("Access").shown_from("wide"),
        plain("Created").shown_from("middle"),
        plain("Last used"),
    ];
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let request = ListRequest::new(TOKENS, &query, &[], &session.odd).select("role", "Role", &ROLES).starting_at(start);
    Ok(html(&TokensPage {
        page: session.page(USER.section, USER.plural).with_tab(format!("API tokens ({})", grouped(count))),
        tabs: tabs(store, &by, TOKENS).await?,
        listing: request.listing(columns, rows.len(), count),
        tokens: rows,
    }))
}

/// Whether the search and the filter leave this token in.
fn is_asked_for(token: &ApiToken, search: &str, role: Option<Role>) -> bool {
    token.name.to_lowercase().contains(&search.to_lowercase()) && role.is_none_or(|role| token.role == role)
}

fn row(token: ApiToken, advertisers: &HashMap<i64, String>, now: Millis) -> TokenRow {
    TokenRow {
        id: token.id,
        name: token.name,
        role: capital(token.role.as_str()),
        access: access(token.advertiser_id, advertisers),
        created: Moment::new(token.created_on, now),
        used: token.last_used.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
    }
}
