//! The list of line items.

use actix_web::web;
use askama::Template;

use super::extract::Asked;
use super::listing::{Asking, Listing, STATES};
use super::page::{Answer, Page, html};
use super::session::Session;
use crate::domain::{Advertiser, LineItem, LineItemId, Millis, Status};
use crate::web::State;

/// Where the list is.
pub const PATH: &str = "/admin/line-items";

#[derive(Template)]
#[template(path = "line_items.html")]
struct LineItemsPage {
    page: Page,
    listing: Listing,
    rows: Vec<Row>,
}

struct Row {
    id: LineItemId,
    name: String,
    sub: String,
    state: Status,
    pixels: usize,
    runs: String,
}

/// `GET /admin/line-items`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let asking = Asking::new(PATH, &asked, &["name", "state", "start_date"]);
    let asking = asking.by_advertiser(store, by).await?.select("state", "State", &STATES);
    let found = store.list::<LineItem>(by, asking.query::<LineItem>()).await?;
    let owners = found.items.iter().map(|line_item| line_item.advertiser_id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let row = |line_item: LineItem| {
        let mut sub = vec![line_item.id.to_string()];
        sub.extend(advertisers.get(&line_item.advertiser_id.0).cloned());
        sub.extend(line_item.code);
        Row {
            id: line_item.id,
            name: line_item.name,
            sub: sub.join(" · "),
            state: line_item.state,
            pixels: line_item.pixels.len(),
            runs: runs(line_item.start_date, line_item.end_date),
        }
    };
    let rows: Vec<Row> = found.items.into_iter().map(row).collect();
    let columns = vec![
        asking.column("name", "Name"),
        asking.column("state", "State"),
        asking.column("start_date", "Runs"),
        Asking::plain("Pixels", true),
    ];
    Ok(html(&LineItemsPage {
        page: session.page("line-items", "Line items"),
        listing: asking.around(columns, rows.len(), found.count),
        rows,
    }))
}

/// `1 Oct 2026 to 31 Dec 2026`, `from 1 Oct 2026`, `until 31 Dec 2026`; empty without dates. Days are UTC.
pub fn runs(start: Option<Millis>, end: Option<Millis>) -> String {
    let day = |at: Millis| at.timestamp().strftime("%-d %b %Y").to_string();
    match (start.map(day), end.map(day)) {
        (None, None) => String::new(),
        (Some(start), None) => format!("from {start}"),
        (None, Some(end)) => format!("until {end}"),
        (Some(start), Some(end)) => format!("{start} to {end}"),
    }
}
