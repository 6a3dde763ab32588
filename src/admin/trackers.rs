//! The list of trackers of both kinds.

use actix_web::web;
use askama::Template;

use super::extract::Asked;
use super::listing::{Asking, Listing, STATES};
use super::page::{Answer, Page, html};
use super::session::Session;
use super::tracker_row::{self, KINDS, TrackerRow};
use crate::domain::{LineItem, Publisher};
use crate::store::AnyTracker;
use crate::web::State;

/// Where the list is.
pub const PATH: &str = "/admin/trackers";

#[derive(Template)]
#[template(path = "trackers.html")]
struct TrackersPage {
    page: Page,
    listing: Listing,
    rows: Vec<TrackerRow>,
}

/// `GET /admin/trackers`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let asking = Asking::new(PATH, &asked, &["name", "kind", "state"]);
    let asking = asking.by_advertiser(store, by).await?.select("kind", "Reports", &KINDS);
    let asking = asking.select("state", "State", &STATES);
    let asking = asking.linked::<LineItem>(store, by, "line_item_id").await?;
    let asking = asking.linked::<Publisher>(store, by, "publisher_id").await?;
    let found = store.list::<AnyTracker>(by, asking.query::<AnyTracker>()).await?;
    let rows = tracker_row::rows(store, by, found.items).await?;
    let columns = vec![
        asking.column("name", "Name"),
        asking.column("kind", "Reports"),
        Asking::plain("Line item", false),
        Asking::plain("Publisher", false),
        asking.column("state", "State"),
    ];
    Ok(html(&TrackersPage {
        page: session.page("trackers", "Trackers"),
        listing: asking.around(columns, rows.len(), found.count),
        rows,
    }))
}
