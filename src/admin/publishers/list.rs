//! The list of placements. The API calls them publishers.

use actix_web::web;
use askama::Template;

use crate::admin::lists::filters::{ListRequest, Listing};
use crate::admin::shell::object_kind::PUBLISHER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, grouped};
use crate::domain::{Publisher, PublisherId, Status};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/publishers/list.html")]
struct PublishersPage {
    page: Page,
    /// How many there are.
    count: String,
    /// All advertisers share placements, so users limited to one change none.
    may_edit: bool,
    listing: Listing,
    rows: Vec<PublisherRow>,
}

struct PublisherRow {
    id: PublisherId,
    name: String,
    state: Status,
    code: String,
    changed: Moment,
}

/// `GET /admin/publishers`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &["name", "state", "last_modified"]).by_status();
    let publishers = store.list::<Publisher>(by, request.query::<Publisher>()).await?;
    let row = |publisher: Publisher| PublisherRow {
        id: publisher.id,
        name: publisher.name,
        state: publisher.state,
        code: publisher.code.unwrap_or_default(),
        changed: Moment::new(publisher.last_modified, session.now),
    };
    let rows: Vec<PublisherRow> = publishers.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("name", "Placement"),
        ListRequest::plain_column("ID", false).shown_from("middle"),
        ListRequest::plain_column("Code", false).shown_from("wide"),
        request.column("last_modified", "Changed").for_figures(),
    ];
    let count = grouped(publishers.count);
    Ok(html(&PublishersPage {
        page: session.page(KIND.section, KIND.plural).with_tab(format!("{} ({count})", KIND.plural)),
        may_edit: session.editor_of_all().is_ok(),
        listing: request.listing(columns, rows.len(), publishers.count),
        count,
        rows,
    }))
}
