//! A line item's page, with its pixels, campaigns, trackers, sources and figures, and its deletion.

use actix_web::web;
use askama::Template;

use crate::admin::figures::tiles::Tiles;
use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::pixels::summary::PixelSettings;
use crate::admin::rows::change::LastChange;
use crate::admin::rows::source;
use crate::admin::rows::source::SourceRow;
use crate::admin::rows::tracker;
use crate::admin::rows::tracker::TrackerRow;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::extract::Id;
use crate::admin::shell::object_kind::{CAMPAIGN, LINE_ITEM as KIND};
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::Link;
use crate::admin::shell::session::{Asked, Posted};
use crate::admin::text::format::{and, days, money, number, plural};
use crate::domain::{
    Advertiser, Campaign, Currency, LineItem, LineItemId, LineItemPixel, Micros, Pixel, PixelId, Reader, Status,
    Tracker,
};
use crate::store::{Entity, FiguresOf, ListQuery, Page as ListPage, Scalar, Store, StoreError, Test};
use crate::web::AppState;
use crate::web::attention;
use crate::web::attention::Finding;

/// The most campaigns and trackers on the page. Their lists show them all.
const MOST_SHOWN: u32 = 20;

#[derive(Template)]
#[template(path = "admin/line_items/page.html")]
struct LineItemPage {
    page: Page,
    line_item: LineItem,
    advertiser: Advertiser,
    /// The currency of the payouts.
    currency: Currency,
    /// When its ads run.
    days: String,
    /// How the advertiser pays.
    price: String,
    /// The names of the pixels that its ads get credit for.
    credits: String,
    pixels: Vec<LineItemPixelRow>,
    campaigns: Vec<Campaign>,
    campaign_count: u64,
    trackers: Vec<TrackerRow>,
    tracker_count: u64,
    sources: Vec<SourceRow>,
    scope: PageScope,
    tiles: Tiles,
    findings: Vec<Finding>,
    changed: LastChange,
}

/// A pixel of the line item.
struct LineItemPixelRow {
    id: PixelId,
    name: String,
    /// Which ads may get credit: `clicks and views`.
    credit: &'static str,
    /// Why it counts nothing at the moment; empty if it does count.
    off: &'static str,
    post_click: Payout,
    post_view: Payout,
}

/// What a conversion is worth, without the currency.
struct Payout {
    text: String,
    /// Whether it is the pixel's, since the line item has none.
    of_pixel: bool,
}

/// `GET /admin/line-items/{id}`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, Id(id): Id<LineItemId>) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let line_item: LineItem = store.get(by, id.0).await?;
    let advertiser: Advertiser = store.get(by, line_item.advertiser_id.0).await?;
    let currency = line_item.currency.unwrap_or(advertiser.default_currency);
    let campaigns = under::<Campaign>(store, by, id).await?;
    let trackers = under::<Tracker>(store, by, id).await?;
    let price = line_item.revenue_value.map(|price| money(price, currency));
    let pixels = pixels(store, by, &line_item).await?;
    let offer = Offer::new(KIND.address(id)).with_categories().of(advertiser.id);
    let scope = PageScope::load(store, &session, &query, offer).await?;
    let page = LineItemPage {
        page: session.page(KIND.section, line_item.name.clone()).with_tab(format!("{}, line item", line_item.name)),
        currency,
        days: days(line_item.start_date, line_item.end_date),
        price: price.into_iter().chain(line_item.revenue_type.clone()).collect::<Vec<_>>().join(" "),
        credits: credits(&pixels),
        pixels,
        campaign_count: campaigns.count,
        campaigns: campaigns.items,
        tracker_count: trackers.count,
        trackers: tracker::rows(store, by, trackers.items).await?,
        findings: attention::load::line_item(store, by, id, session.now).await?,
        sources: source::rows(source::naming(store, by, "line_item_id", id.0).await?),
        tiles: Tiles::load(store, by, &scope, FiguresOf::LineItem, id.0).await?,
        changed: LastChange::load::<LineItem>(store, &session, id.0, line_item.last_modified, "line-item").await?,
        advertiser,
        line_item,
        scope,
    };
    Ok(page.scope.remember(html(&page)))
}

async fn under<E: Entity>(store: &Store, by: &Reader, id: LineItemId) -> Result<ListPage<E>, StoreError> {
    let query = ListQuery { num_elements: MOST_SHOWN, ..ListQuery::default() };
    store.list::<E>(by, query.with_id::<E>("line_item_id", id.0)).await
}

async fn pixels(store: &Store, by: &Reader, line_item: &LineItem) -> Result<Vec<LineItemPixelRow>, StoreError> {
    let ids = line_item.pixels.iter().map(|entry| Scalar::Int(entry.pixel_id.0)).collect();
    let pixels = store.list::<Pixel>(by, ListQuery::default().with::<Pixel>("id", Test::In(ids))).await?.items;
    let row = |entry: &LineItemPixel| {
        let pixel = pixels.iter().find(|pixel| pixel.id == entry.pixel_id)?;
        let off = match (pixel.state, entry.state) {
            (Status::Active, Status::Active) => "",
            (Status::Inactive, _) => "Pixel inactive",
            (Status::Active, Status::Inactive) => "Inactive here",
        };
        Some(LineItemPixelRow {
            id: pixel.id,
            name: pixel.name.clone(),
            credit: PixelSettings::from(pixel).trigger(),
            off,
            post_click: Payout::of(entry.post_click_revenue, pixel.post_click_value),
            post_view: Payout::of(entry.post_view_revenue, pixel.post_view_value),
        })
    };
    Ok(line_item.pixels.iter().filter_map(row).collect())
}

/// The names of the pixels that count: `Purchase and Sign-up`, `Purchase, Sign-up and 3 more`.
fn credits(pixels: &[LineItemPixelRow]) -> String {
    let mut names: Vec<String> =
        pixels.iter().filter(|pixel| pixel.off.is_empty()).map(|pixel| pixel.name.clone()).collect();
    if names.len() > 3 {
        let more = names.split_off(2).len();
        names.push(format!("{more} more"));
    }
    and(&names)
}

impl Payout {
    fn of(own: Option<Micros>, of_pixel: Option<Micros>) -> Self {
        let amount = |amount: Micros| number(&amount.to_money());
        match (own, of_pixel) {
            (Some(own), _) => Payout { text: amount(own), of_pixel: false },
            (None, Some(value)) => Payout { text: amount(value), of_pixel: true },
            (None, None) => Payout { text: String::new(), of_pixel: false },
        }
    }
}

/// `POST /admin/line-items/{id}/delete`: asks first, unless campaigns, trackers or sources still belong to it.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<LineItemId>) -> Answer {
    posted.session.editor()?;
    let (store, by) = (&state.store, posted.session.reader());
    let line_item: LineItem = store.get(by, id.0).await?;
    let campaigns = under::<Campaign>(store, by, id).await?.items;
    let link = |Campaign { id, name, .. }: Campaign| Link {
        address: CAMPAIGN.address(id),
        name: format!("{name}, campaign {id}"),
    };
    let mut blockers: Vec<Link> = campaigns.into_iter().map(link).collect();
    blockers.extend(tracker::links(under::<Tracker>(store, by, id).await?.items));
    blockers.extend(source::links(source::naming(store, by, "line_item_id", id.0).await?));
    let mut cascade = Vec::new();
    if !line_item.pixels.is_empty() {
        let pixels = plural(u64::try_from(line_item.pixels.len()).unwrap_or(0), "pixel");
        cascade.push(format!("Its ads get no more credit for the events of {pixels}"));
    }
    let request = DeleteRequest {
        cascade,
        stays: "Recorded ad views, clicks and conversions stay as they are.".to_owned(),
        blockers,
        advice: "Delete its campaigns, trackers and sources first, or move them to another line item:",
        ..DeleteRequest::new(KIND, id, line_item.name)
    };
    confirm_delete::answer::<LineItem>(store, posted, id.0, request).await
}
