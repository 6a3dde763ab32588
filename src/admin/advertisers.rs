//! The list of advertisers.

use actix_web::web;
use askama::Template;

use super::extract::Asked;
use super::listing::{Asking, Listing, STATES};
use super::page::{Answer, Page, html};
use super::session::Session;
use super::wording::grouped;
use crate::domain::{Advertiser, AdvertiserId, Status};
use crate::web::State;

/// Where the list is.
pub const PATH: &str = "/admin/advertisers";

#[derive(Template)]
#[template(path = "advertisers.html")]
struct AdvertisersPage {
    page: Page,
    /// Whether this user may make further ones: not who is limited to one.
    may_create: bool,
    listing: Listing,
    rows: Vec<Row>,
}

struct Row {
    id: AdvertiserId,
    name: String,
    sub: String,
    state: Status,
    currency: String,
    zone: String,
    pixels: String,
    line_items: String,
}

/// `GET /admin/advertisers`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let asking = Asking::new(PATH, &asked, &["name", "state", "default_currency", "timezone"]);
    let asking = asking.select("state", "State", &STATES);
    let found = store.list::<Advertiser>(by, asking.query::<Advertiser>()).await?;
    let belongings = store.belongings(by, found.items.iter().map(|advertiser| advertiser.id).collect()).await?;
    let row = |advertiser: Advertiser| {
        let has = belongings.get(&advertiser.id).copied().unwrap_or_default();
        let mut sub = vec![advertiser.id.to_string()];
        sub.extend(advertiser.code);
        Row {
            id: advertiser.id,
            name: advertiser.name,
            sub: sub.join(" · "),
            state: advertiser.state,
            currency: advertiser.default_currency.to_string(),
            zone: advertiser.timezone,
            pixels: grouped(has.pixels),
            line_items: grouped(has.line_items),
        }
    };
    let rows: Vec<Row> = found.items.into_iter().map(row).collect();
    let columns = vec![
        asking.column("name", "Name"),
        asking.column("state", "State"),
        asking.column("default_currency", "Currency"),
        asking.column("timezone", "Time zone"),
        Asking::plain("Pixels", true),
        Asking::plain("Line items", true),
    ];
    Ok(html(&AdvertisersPage {
        may_create: session.editor_of_all().is_ok(),
        page: session.page("advertisers", "Advertisers"),
        listing: asking.around(columns, rows.len(), found.count),
        rows,
    }))
}
