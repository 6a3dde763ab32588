//! A pixel's page: what it does in words, its tag, how it fares, what it loaded last; and its deletion.

use actix_web::{HttpRequest, web};
use askama::Template;
use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::attention::{self, Problem};
use super::chart_days::{self, DayChart};
use super::choices;
use super::conversion_row::{self, ConversionRow};
use super::export_wish::place_of;
use super::extract::Id;
use super::flash::{Flash, Kind};
use super::page::{Answer, Page, html};
use super::pixel_words::{Settings, worth};
use super::session::{Posted, Session};
use super::warned;
use super::wording::{Moment, ago, grouped, money, plural};
use crate::domain::{Advertiser, Currency, LineItem, Micros, Millis, Pixel, PixelId, Status, TagForm};
use crate::store::{ListQuery, PixelHealth, PixelLinks, Scalar, Store, StoreError, Test};
use crate::tag::{Parameter, TagOptions, pixel_tag};
use crate::web::State;
use crate::web::chart::sparkline;

/// Fires that are looked at for warnings, and those of them in the table.
const LOOKED_AT: u32 = 100;
const RECENT: usize = 10;

#[derive(Template)]
#[template(path = "pixel.html")]
struct PixelPage {
    page: Page,
    pixel: Pixel,
    advertiser: String,
    badge: &'static str,
    status: &'static str,
    reason: &'static str,
    problems: Vec<Problem>,
    settings: Settings,
    worth: String,
    line_items: Vec<Use>,
    changed: Moment,
    /// By whom; empty where that is not known.
    changed_by: String,
    tag_label: String,
    tag: String,
    loads: String,
    last_load: String,
    last_load_at: Option<Moment>,
    conversions: String,
    warnings: String,
    /// What was wrong among the latest fires, and how often.
    kinds: Vec<warned::Kind>,
    spark: String,
    urls: Vec<(String, String)>,
    chart: DayChart,
    rows: Vec<ConversionRow>,
}

/// A line item that counts this pixel.
struct Use {
    id: i64,
    name: String,
    badge: &'static str,
    state: &'static str,
    post_click: String,
    post_view: String,
}

/// `GET /admin/pixels/{id}`
pub async fn show(state: web::Data<State>, session: Session, Id(id): Id<PixelId>, request: HttpRequest) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let pixel: Pixel = store.get(by, id.0).await?;
    let advertiser: Advertiser = store.get(by, pixel.advertiser_id.0).await?;
    let links = store.pixel_links(by, vec![id]).await?.remove(&id).unwrap_or_default();
    let health = store.pixel_health(by, vec![id]).await?.remove(&id).unwrap_or_default();
    let zone = TimeZone::get(&advertiser.timezone).unwrap_or(TimeZone::UTC);
    let today = zone.to_datetime(now.timestamp()).date();
    let days = store.daily_outcomes_of(by, id, today.saturating_sub(13.days()), today, zone).await?;
    let urls = store.top_urls(by, id, now.plus(-Millis::HOUR)).await?;
    let recent = store.recent_fires(by, id, LOOKED_AT).await?;
    let (badge, status, reason) = attention::status(&pixel, &links);
    let (tag_label, tag) = tag(&state, &request, &pixel)?;
    Ok(html(&PixelPage {
        page: session.page("pixels", pixel.name.clone()),
        badge,
        status,
        reason,
        problems: attention::problems(&pixel, &links, &health, now),
        settings: Settings::from(&pixel),
        worth: worth(&pixel, advertiser.default_currency),
        line_items: uses(store, &session, &pixel, &links, advertiser.default_currency).await?,
        changed: Moment::new(pixel.last_modified, now),
        changed_by: store.last_changed_by::<Pixel>(by, id.0).await?.unwrap_or_default(),
        tag_label,
        tag,
        loads: grouped(health.loads_12h),
        last_load: health.last_load.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
        last_load_at: health.last_load.map(|at| Moment::new(at, now)),
        conversions: grouped(health.conversions_7d),
        warnings: warnings(&health),
        kinds: warned::by_kind(&recent),
        spark: spark(&health),
        urls: urls
            .into_iter()
            .map(|top| (plural(top.loads, "load"), top.url.unwrap_or_else(|| "a page that was not named".to_owned())))
            .collect(),
        chart: chart_days::draw("by-day", &days),
        rows: conversion_row::rows(store, by, recent.get(..RECENT).unwrap_or(&recent), now).await?,
        advertiser: advertiser.name,
        pixel,
    }))
}

/// The tag as most sites want it; the rest is on Export tags.
fn tag(state: &State, request: &HttpRequest, pixel: &Pixel) -> Result<(String, String), super::error::PageError> {
    let place = place_of(request, state)?;
    let (kind, word) = match pixel.needs_script_tag() {
        true => (TagForm::Script, "Script"),
        false => (TagForm::Image, "Image"),
    };
    let label = format!("{word}, {}", if place.https { "https" } else { "http" });
    let parameters = vec![Parameter::OrderId, Parameter::Value];
    let options = TagOptions { kind, secure: place.https, host: place.host, parameters, test: false };
    let tag = pixel_tag(pixel, &options).map_err(|refusal| super::error::PageError::BadRequest(refusal.to_string()))?;
    Ok((label, tag.html))
}

async fn uses(
    store: &Store,
    session: &Session,
    pixel: &Pixel,
    links: &PixelLinks,
    currency: Currency,
) -> Result<Vec<Use>, StoreError> {
    if links.line_items.is_empty() {
        return Ok(Vec::new());
    }
    let ids = links.line_items.iter().map(|(id, ..)| Scalar::Int(id.0)).collect();
    let query = ListQuery::default().with::<LineItem>("id", Test::In(ids));
    let line_items = choices::all_that::<LineItem>(store, session.reader(), query).await?;
    let shown = |line_item: LineItem| {
        let entry = line_item.pixels.iter().find(|entry| entry.pixel_id == pixel.id)?;
        let revenue = |own: Option<Micros>, pixels: Option<Micros>| match (own, pixels) {
            (Some(own), _) => money(own, line_item.currency.unwrap_or(currency)),
            (None, Some(pixels)) => {
                format!("{}, the pixel's own", money(pixels, line_item.currency.unwrap_or(currency)))
            }
            (None, None) => "no value".to_owned(),
        };
        let (badge, state) = match (line_item.state, entry.state) {
            (Status::Active, Status::Active) => ("active", "Active"),
            (Status::Inactive, _) => ("inactive", "Line item inactive"),
            (Status::Active, Status::Inactive) => ("inactive", "Inactive there"),
        };
        Some(Use {
            id: line_item.id.0,
            name: line_item.name.clone(),
            badge,
            state,
            post_click: revenue(entry.post_click_revenue, pixel.post_click_value),
            post_view: revenue(entry.post_view_revenue, pixel.post_view_value),
        })
    };
    Ok(line_items.into_iter().filter_map(shown).collect())
}

fn warnings(health: &PixelHealth) -> String {
    match health.warned {
        0 => "none in 14 days".to_owned(),
        warned => format!("{} of {} in 14 days", grouped(warned), plural(health.loads(), "load")),
    }
}

fn spark(health: &PixelHealth) -> String {
    let values: Vec<f64> =
        health.loads_by_day.iter().map(|loads| u32::try_from(*loads).map_or(f64::from(u32::MAX), f64::from)).collect();
    let today = health.loads_by_day.last().copied().unwrap_or(0);
    let words = format!("Loads by day, last 14 days: {} in all, {} today", grouped(health.loads()), grouped(today));
    sparkline(&words, "loads", &values)
}

#[derive(Template)]
#[template(path = "pixel_delete.html")]
struct DeletePage {
    page: Page,
    id: PixelId,
    name: String,
    loads: String,
    line_items: Vec<(i64, String)>,
}

/// `POST /admin/pixels/{id}/delete`: asks first, naming what goes.
pub async fn delete(state: web::Data<State>, posted: Posted, Id(id): Id<PixelId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let (store, by) = (&state.store, session.reader());
    let pixel: Pixel = store.get(by, id.0).await?;
    let links = store.pixel_links(by, vec![id]).await?.remove(&id).unwrap_or_default();
    if form.text("confirmed") == "yes" && links.line_items.is_empty() {
        store.delete::<Pixel>(&editor, id.0).await?;
        let text = format!("“{}” is deleted. What it loaded stays in the log.", pixel.name);
        return Ok(session.go_with("/admin/pixels", &Flash::new(Kind::Good, text)));
    }
    let health = store.pixel_health(by, vec![id]).await?.remove(&id).unwrap_or_default();
    Ok(html(&DeletePage {
        page: session.page("pixels", "Delete pixel"),
        id,
        loads: plural(health.loads_12h, "load"),
        line_items: links.line_items.into_iter().map(|(id, name, ..)| (id.0, name)).collect(),
        name: pixel.name,
    }))
}
