//! The list of line items.

use actix_web::web;
use askama::Template;

use crate::admin::lists::filters::{ListRequest, Listing, STATES};
use crate::admin::shell::object_kind::LINE_ITEM as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::domain::{Advertiser, LineItem, LineItemId, Millis, Status};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/line_items/list.html")]
struct LineItemsPage {
    page: Page,
    listing: Listing,
    rows: Vec<LineItemRow>,
}

struct LineItemRow {
    id: LineItemId,
    name: String,
    sub: String,
    state: Status,
    pixels: usize,
    flight: String,
}

/// `GET /admin/line-items`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &["name", "state", "start_date"]);
    let request = request.by_advertiser(store, by).await?.select("state", "State", &STATES);
    let line_items = store.list::<LineItem>(by, request.query::<LineItem>()).await?;
    let owners = line_items.items.iter().map(|line_item| line_item.advertiser_id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let row = |line_item: LineItem| {
        let mut sub = vec![line_item.id.to_string()];
        sub.extend(advertisers.get(&line_item.advertiser_id.0).cloned());
        sub.extend(line_item.code);
        LineItemRow {
            id: line_item.id,
            name: line_item.name,
            sub: sub.join(" · "),
            state: line_item.state,
            pixels: line_item.pixels.len(),
            flight: flight(line_item.start_date, line_item.end_date),
        }
    };
    let rows: Vec<LineItemRow> = line_items.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("name", "Name"),
        request.column("state", "State"),
        request.column("start_date", "Runs"),
        ListRequest::plain_column("Pixels", true),
    ];
    Ok(html(&LineItemsPage {
        page: session.page(KIND.section, KIND.plural),
        listing: request.listing(columns, rows.len(), line_items.count),
        rows,
    }))
}

/// `1 Oct 2026 to 31 Dec 2026`, `from 1 Oct 2026`, `until 31 Dec 2026`; empty without dates. Days are UTC.
pub fn flight(start: Option<Millis>, end: Option<Millis>) -> String {
    let day = |at: Millis| at.timestamp().strftime("%-d %b %Y").to_string();
    match (start.map(day), end.map(day)) {
        (None, None) => String::new(),
        (Some(start), None) => format!("from {start}"),
        (None, Some(end)) => format!("until {end}"),
        (Some(start), Some(end)) => format!("{start} to {end}"),
    }
}
