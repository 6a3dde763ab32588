//! The list of users. For admins.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::roles::ROLES;
use super::tabs::{Tab, tabs};
use crate::admin::lists::filters::{ListRequest, Listing, STATES};
use crate::admin::shell::form::capital;
use crate::admin::shell::object_kind::USER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, grouped};
use crate::domain::{Advertiser, AdvertiserId, Status, User, UserId};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/people/list.html")]
struct UsersPage {
    page: Page,
    tabs: Vec<Tab>,
    listing: Listing,
    users: Vec<UserRow>,
}

struct UserRow {
    id: UserId,
    name: String,
    is_own: bool,
    role: String,
    /// The advertisers that the user sees.
    access: String,
    state: Status,
    created: Moment,
    /// None for a user who never did.
    last_sign_in: Option<Moment>,
}

/// `GET /admin/users`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let by = session.admin()?;
    let store = &state.store;
    let request = ListRequest::new(KIND.path, &query, &["username", "role", "created_on"], &session.odd);
    let request = request.select("role", "Role", &ROLES).select("state", "Status", &STATES);
    let mut request = request.chip_of::<Advertiser>(store, session.reader(), "advertiser_id", "Advertiser").await?;
    let users = request.page(|query| store.list_users(&by, query)).await?;
    let limits = users.items.iter().filter_map(|user| user.advertiser_id).map(|id| id.0).collect();
    let advertisers = store.names::<Advertiser>(session.reader(), limits).await?;
    let sign_ins = store.last_sign_ins(&by, users.items.iter().map(|user| user.id.0).collect()).await?;
    let own = session.caller().user_id;
    let row = |user: User| UserRow {
        is_own: own == Some(user.id),
        id: user.id,
        name: user.username,
        role: capital(user.role.as_str()),
        access: access(user.advertiser_id, &advertisers),
        state: user.state,
        created: Moment::new(user.created_on, session.now),
        last_sign_in: sign_ins.get(&user.id).map(|at| Moment::new(*at, session.now)),
    };
    let tabs = tabs(store, &by, KIND.path).await?;
    let rows: Vec<UserRow> = users.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("username", "Username"),
        request.column("role", "Role"),
        ListRequest::plain_column("Access", false).shown_from("wide"),
        request.column("created_on", "Created").shown_from("middle"),
        ListRequest::plain_column("Last signed in", false),
    ];
    Ok(html(&UsersPage {
        page: session.page(KIND.section, KIND.plural).with_tab(format!("Users ({})", grouped(users.count))),
        tabs,
        listing: request.listing(columns, rows.len(), users.count),
        users: rows,
    }))
}

/// What a user or token limited to `advertiser` sees.
pub fn access(advertiser: Option<AdvertiserId>, names: &HashMap<i64, String>) -> String {
    match advertiser {
        None => "All advertisers".to_owned(),
        Some(id) => names.get(&id.0).cloned().unwrap_or_else(|| format!("Advertiser {id}")),
    }
}
