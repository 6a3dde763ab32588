//! The list of line items.

use actix_web::web;
use askama::Template;

use crate::admin::lists::filters::{ListRequest, Listing};
use crate::admin::shell::object_kind::LINE_ITEM as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{days, grouped};
use crate::domain::{Advertiser, LineItem, LineItemId, Status};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/line_items/list.html")]
struct LineItemsPage {
    page: Page,
    /// How many there are.
    count: String,
    listing: Listing,
    rows: Vec<LineItemRow>,
}

struct LineItemRow {
    id: LineItemId,
    name: String,
    state: Status,
    advertiser: String,
    pixels: usize,
    /// When its ads run.
    days: String,
}

/// `GET /admin/line-items`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &["name", "state", "start_date"]);
    let request = request.by_advertiser(store, by).await?.by_status();
    let line_items = store.list::<LineItem>(by, request.query::<LineItem>()).await?;
    let owners = line_items.items.iter().map(|line_item| line_item.advertiser_id.0).collect();
    let advertisers = store.names::<Advertiser>(by, owners).await?;
    let row = |line_item: LineItem| LineItemRow {
        id: line_item.id,
        name: line_item.name,
        state: line_item.state,
        advertiser: advertisers.get(&line_item.advertiser_id.0).cloned().unwrap_or_default(),
        pixels: line_item.pixels.len(),
        days: days(line_item.start_date, line_item.end_date),
    };
    let rows: Vec<LineItemRow> = line_items.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("name", "Line item"),
        ListRequest::plain_column("Advertiser", false).shown_from("wide"),
        request.column("start_date", "Dates").shown_from("middle"),
        ListRequest::plain_column("Pixels", true),
    ];
    let count = grouped(line_items.count);
    Ok(html(&LineItemsPage {
        page: session.page(KIND.section, KIND.plural).with_tab(format!("{} ({count})", KIND.plural)),
        listing: request.listing(columns, rows.len(), line_items.count),
        count,
        rows,
    }))
}
