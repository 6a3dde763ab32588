//! The list of publishers.

use actix_web::web;
use askama::Template;

use super::extract::Asked;
use super::listing::{Asking, Listing, STATES};
use super::page::{Answer, Page, html};
use super::session::Session;
use super::wording::Moment;
use crate::domain::{Publisher, PublisherId, Status};
use crate::web::State;

/// Where the list is.
pub const PATH: &str = "/admin/publishers";

#[derive(Template)]
#[template(path = "publishers.html")]
struct PublishersPage {
    page: Page,
    /// Publishers belong to all, so who is limited to one advertiser does not change them.
    may_edit: bool,
    listing: Listing,
    rows: Vec<Row>,
}

struct Row {
    id: PublisherId,
    name: String,
    sub: String,
    state: Status,
    changed: Moment,
}

/// `GET /admin/publishers`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let asking = Asking::new(PATH, &asked, &["name", "state", "last_modified"]).select("state", "State", &STATES);
    let found = store.list::<Publisher>(by, asking.query::<Publisher>()).await?;
    let row = |publisher: Publisher| {
        let mut sub = vec![publisher.id.to_string()];
        sub.extend(publisher.code);
        Row {
            id: publisher.id,
            name: publisher.name,
            sub: sub.join(" · "),
            state: publisher.state,
            changed: Moment::new(publisher.last_modified, session.now),
        }
    };
    let rows: Vec<Row> = found.items.into_iter().map(row).collect();
    let columns = vec![
        asking.column("name", "Name"),
        asking.column("state", "State"),
        asking.column("last_modified", "Last change"),
    ];
    Ok(html(&PublishersPage {
        page: session.page("publishers", "Publishers"),
        may_edit: session.editor_of_all().is_ok(),
        listing: asking.around(columns, rows.len(), found.count),
        rows,
    }))
}
