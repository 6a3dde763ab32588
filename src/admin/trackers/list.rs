//! The list of trackers of both kinds.

use actix_web::web;
use askama::Template;

use crate::admin::lists::filters::{ListRequest, Listing};
use crate::admin::rows::tracker;
use crate::admin::rows::tracker::{KINDS, TrackerRow};
use crate::admin::shell::object_kind::TRACKER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::grouped;
use crate::domain::{LineItem, Publisher, Tracker};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/trackers/list.html")]
struct TrackersPage {
    page: Page,
    /// How many there are.
    count: String,
    listing: Listing,
    rows: Vec<TrackerRow>,
}

/// `GET /admin/trackers`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &["name", "kind", "state"]);
    let request = request.by_advertiser(store, by).await?.select("kind", "Type", &KINDS).by_status();
    let request = request.chip_of::<LineItem>(store, by, "line_item_id", "Line item").await?;
    let request = request.chip_of::<Publisher>(store, by, "publisher_id", "Placement").await?;
    let trackers = store.list::<Tracker>(by, request.query::<Tracker>()).await?;
    let rows = tracker::rows(store, by, trackers.items).await?;
    let columns = vec![
        request.column("name", "Tracker"),
        request.column("kind", "Type"),
        ListRequest::plain_column("Placement", false).shown_from("wide"),
        ListRequest::plain_column("Line item", false).shown_from("wide"),
        ListRequest::plain_column("Advertiser", false).shown_from("middle"),
    ];
    let count = grouped(trackers.count);
    Ok(html(&TrackersPage {
        page: session.page(KIND.section, KIND.plural).with_tab(format!("{} ({count})", KIND.plural)),
        listing: request.listing(columns, rows.len(), trackers.count),
        count,
        rows,
    }))
}
