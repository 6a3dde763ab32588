//! The list of advertisers.

use actix_web::web;
use askama::Template;

use crate::admin::lists::filters::{ListRequest, Listing};
use crate::admin::shell::object_kind::ADVERTISER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::grouped;
use crate::domain::{Advertiser, AdvertiserId, Status};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/advertisers/list.html")]
struct AdvertisersPage {
    page: Page,
    /// How many there are.
    count: String,
    /// Users limited to one advertiser create no other.
    may_create: bool,
    listing: Listing,
    rows: Vec<AdvertiserRow>,
}

struct AdvertiserRow {
    id: AdvertiserId,
    name: String,
    state: Status,
    currency: String,
    zone: String,
    pixels: String,
    line_items: String,
}

/// `GET /admin/advertisers`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &["name", "state", "default_currency", "timezone"]).by_status();
    let advertisers = store.list::<Advertiser>(by, request.query::<Advertiser>()).await?;
    let mut belongings =
        store.advertiser_counts(by, advertisers.items.iter().map(|advertiser| advertiser.id).collect()).await?;
    let row = |advertiser: Advertiser| {
        let belongings = belongings.remove(&advertiser.id).unwrap_or_default();
        AdvertiserRow {
            id: advertiser.id,
            name: advertiser.name,
            state: advertiser.state,
            currency: advertiser.default_currency.to_string(),
            zone: advertiser.timezone,
            pixels: grouped(belongings.pixels),
            line_items: grouped(belongings.line_items),
        }
    };
    let rows: Vec<AdvertiserRow> = advertisers.items.into_iter().map(row).collect();
    let columns = vec![
        request.column("name", "Advertiser"),
        request.column("default_currency", "Currency").shown_from("wide"),
        request.column("timezone", "Time zone").shown_from("middle"),
        ListRequest::plain_column("Pixels", true),
        ListRequest::plain_column("Line items", true),
    ];
    let count = grouped(advertisers.count);
    Ok(html(&AdvertisersPage {
        may_create: session.editor_of_all().is_ok(),
        page: session.page(KIND.section, KIND.plural).with_tab(format!("{} ({count})", KIND.plural)),
        listing: request.listing(columns, rows.len(), advertisers.count),
        count,
        rows,
    }))
}
