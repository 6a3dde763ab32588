//! The list of publishers.

use actix_web::web;
use askama::Template;

use crate::admin::lists::filters::{ListRequest, Listing, STATES};
use crate::admin::shell::object_kind::PUBLISHER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::Moment;
use crate::domain::{Publisher, PublisherId, Status};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/publishers/list.html")]
struct PublishersPage {
    page: Page,
    /// All advertisers share publishers, so users limited to one change none.
    may_edit: bool,
    listing: Listing,
    rows: Vec<PublisherRow>,
}

struct PublisherRow {
    id: PublisherId,
    name: String,
    sub: String,
    state: Status,
    changed: Moment,
}

/// `GET /admin/publishers`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request =
        ListRequest::new(KIND.path, &query, &["name", "state", "last_modified"]).select("state", "State", &STATES);
    let publishers = store.list::<Publisher>(by, request.query::<Publisher>()).await?;
    let row = |publisher: Publisher| {
        let mut sub = vec![publisher.id.to_string()];
        sub.extend(publisher.code);
        PublisherRow {
            id: publisher.id,
            name: publisher.name,
            sub: sub.join(" · "),
            state: publisher.state,
            changed: Moment::new(publisher.last_modified, session.now),
        }
    };
    let rows: Vec<PublisherRow> = publishers.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("name", "Name"),
        request.column("state", "State"),
        request.column("last_modified", "Last change"),
    ];
    Ok(html(&PublishersPage {
        page: session.page(KIND.section, KIND.plural),
        may_edit: session.editor_of_all().is_ok(),
        listing: request.listing(columns, rows.len(), publishers.count),
        rows,
    }))
}
