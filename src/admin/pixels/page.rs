//! A pixel's page, with its settings as sentences, its tag, its health and its recent fires, and its deletion.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::status::{PixelStatus, status};
use super::summary::{PixelSettings, worth};
use crate::admin::choices;
use crate::admin::choices::zone;
use crate::admin::export::options::site_of;
use crate::admin::export::text::{AddressNotice, address_notice};
use crate::admin::overview::daily_chart;
use crate::admin::overview::daily_chart::DayChart;
use crate::admin::rows::conversion;
use crate::admin::rows::conversion::ConversionRow;
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::object_kind::PIXEL as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::{CodeBlock, Mark, ObjectName};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::author;
use crate::admin::text::format::{Moment, ago, grouped, money, percent, plural};
use crate::admin::text::warnings;
use crate::admin::text::warnings::WarningCount;
use crate::domain::{
    Advertiser, Currency, Days, LineItem, LineItemId, Micros, Millis, Pixel, PixelId, Seq, Status, TagForm,
};
use crate::store::{
    BIN_DAYS, ListQuery, PixelHealth, PixelLinks, Scalar, Store, StoreError, Test, TopUrl, ValueHistory,
};
use crate::tag::{Parameter, TrackerTagOptions, pixel_tag};
use crate::web::AppState;
use crate::web::attention;
use crate::web::attention::{CookieFacts, Finding};
use crate::web::chart::sparkline;

/// The latest fires whose warnings the page counts.
const FIRES_WITH_WARNINGS: u32 = 100;
/// The latest fires in the table.
const RECENT: usize = 10;

#[derive(Template)]
#[template(path = "admin/pixels/page.html")]
struct PixelPage {
    page: Page,
    pixel: Pixel,
    advertiser: String,
    mark: &'static str,
    status: &'static str,
    reason: &'static str,
    problems: Vec<Finding>,
    /// None if browsers sent no event in 7 days.
    cookies: Option<CookiesView>,
    settings: PixelSettings,
    worth: String,
    line_items: Vec<PixelUseRow>,
    changed: Moment,
    /// The user who made the last change; empty if unknown.
    changed_by: String,
    tag: CodeBlock,
    /// What is wrong with the tag's address.
    address: Option<AddressNotice>,
    loads: String,
    last_load: String,
    last_load_at: Option<Moment>,
    conversions: String,
    /// The events of 14 days with a value that was set aside.
    warned: String,
    warned_of: String,
    /// The warnings of the latest fires.
    warning_counts: Vec<WarningCount>,
    /// The largest believable value; empty if there is no bound.
    max_value: String,
    /// Whether the history of values has findings.
    has_value_findings: bool,
    /// None if there are too few values.
    values: Option<ValuesView>,
    spark: String,
    urls: Vec<UrlRow>,
    chart: DayChart,
    /// Where the days begin.
    zone: String,
    rows: Vec<ConversionRow>,
}

/// The usual order values of its events.
struct ValuesView {
    text: String,
    /// The events far beyond them, and the largest one.
    beyond: Option<(String, Seq)>,
    /// As the form takes it, and for people.
    proposal: Option<(String, String)>,
}

/// How many events of 7 days came without a cookie, and what mends it.
struct CookiesView {
    without: String,
    private: String,
    /// Empty if there is nothing to mend.
    why: String,
    remedy: String,
}

/// A line item that counts this pixel.
struct PixelUseRow {
    id: i64,
    name: String,
    mark: Mark,
    post_click: String,
    post_view: String,
}

/// A page that loads the tag.
struct UrlRow {
    loads: String,
    address: String,
}

impl UrlRow {
    /// The address without its scheme, which all pages of a shop share.
    fn shown(&self) -> &str {
        self.address.split_once("://").map_or(&self.address, |(_, rest)| rest)
    }
}

/// `GET /admin/pixels/{id}`
pub async fn show(state: web::Data<AppState>, session: Session, Id(id): Id<PixelId>, request: HttpRequest) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let pixel: Pixel = store.get(by, id.0).await?;
    let advertiser: Advertiser = store.get(by, pixel.advertiser_id.0).await?;
    let links = store.pixel_links(by, vec![id]).await?.remove(&id).unwrap_or_default();
    let health = store.pixel_health(by, vec![id]).await?.remove(&id).unwrap_or_default();
    let days = Days::latest(14, now, advertiser.zone());
    let days = store.daily_outcomes(by, id, days.first, days.last, days.zone).await?;
    let urls = store.top_urls(by, id, now.plus(-Millis::HOUR)).await?;
    let recent = store.recent_fires(by, id, FIRES_WITH_WARNINGS).await?;
    let currency = advertiser.default_currency;
    let values = store.value_history(by, id, currency).await?;
    let values = values.map(|history| values_view(&pixel, &history, currency));
    let PixelStatus { mark, label: status, reason } = status(&pixel, &links);
    let site = site_of(&request, &state)?.url();
    let (problems, cookie) = attention::load::pixel(store, by, &pixel, &links, &health, &site, now).await?;
    Ok(html(&PixelPage {
        page: session.page(KIND.section, pixel.name.clone()),
        mark,
        status,
        reason,
        problems,
        cookies: CookiesView::of(&health, cookie),
        settings: PixelSettings::from(&pixel),
        worth: worth(&pixel, advertiser.default_currency),
        line_items: uses(store, &session, &pixel, &links, advertiser.default_currency).await?,
        changed: Moment::new(pixel.last_modified, now),
        changed_by: author::words(&store.last_changed_by::<Pixel>(by, id.0).await?.unwrap_or_default()).to_owned(),
        tag: tag(&state, &request, &pixel)?,
        address: address_notice(site_of(&request, &state)?.reach()),
        loads: grouped(health.loads_12h),
        last_load: health.last_load.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
        last_load_at: health.last_load.map(|at| Moment::new(at, now)),
        conversions: grouped(health.conversions_7d),
        warned: grouped(health.warned),
        warned_of: format!("of {} in 14 days", plural(health.loads(), "event")),
        warning_counts: warnings::count_warnings(&recent),
        max_value: pixel.max_value.map(|max| money(max, currency)).unwrap_or_default(),
        has_value_findings: values.as_ref().is_some_and(|values| values.beyond.is_some() || values.proposal.is_some()),
        values,
        spark: spark(&health),
        urls: urls.into_iter().map(url_row).collect(),
        chart: daily_chart::draw("by-day", &days, &format!("/admin/conversions?pixel={id}&")),
        zone: zone::name(&advertiser.zone()).to_owned(),
        rows: conversion::rows(store, by, recent.get(..RECENT).unwrap_or(&recent), now).await?,
        advertiser: advertiser.name,
        pixel,
    }))
}

/// The tag that most sites need. The page of exports has all others.
fn tag(state: &AppState, request: &HttpRequest, pixel: &Pixel) -> Result<CodeBlock, PageError> {
    let site = site_of(request, state)?;
    let (kind, label) = match (pixel.needs_script_tag(), site.https) {
        (true, true) => (TagForm::Script, "Script, https"),
        (true, false) => (TagForm::Script, "Script, http"),
        (false, true) => (TagForm::Image, "Image, https"),
        (false, false) => (TagForm::Image, "Image, http"),
    };
    let parameters = vec![Parameter::OrderId, Parameter::Value];
    let options = TrackerTagOptions { kind, secure: site.https, host: site.host, parameters, test: false };
    let tag = pixel_tag(pixel, &options).map_err(|refusal| PageError::BadRequest(refusal.to_string()))?;
    Ok(CodeBlock { id: "tag", label, text: tag.html })
}

async fn uses(
    store: &Store,
    session: &Session,
    pixel: &Pixel,
    links: &PixelLinks,
    currency: Currency,
) -> Result<Vec<PixelUseRow>, StoreError> {
    if links.line_items.is_empty() {
        return Ok(Vec::new());
    }
    let ids = links.line_items.iter().map(|(id, ..)| Scalar::Int(id.0)).collect();
    let query = ListQuery::default().with::<LineItem>("id", Test::In(ids));
    let line_items = choices::all_that::<LineItem>(store, session.reader(), query).await?;
    let row = |line_item: LineItem| {
        let entry = line_item.pixels.iter().find(|entry| entry.pixel_id == pixel.id)?;
        let currency = line_item.currency.unwrap_or(currency);
        let revenue = |own: Option<Micros>, of_pixel: Option<Micros>| match (own, of_pixel) {
            (Some(own), _) => money(own, currency),
            (None, Some(value)) => format!("{}, of the pixel", money(value, currency)),
            (None, None) => String::new(),
        };
        let mark = match (line_item.state, entry.state) {
            (Status::Active, Status::Active) => Mark::new("active", "Active"),
            (Status::Inactive, _) => Mark::new("off", "Line item inactive"),
            (Status::Active, Status::Inactive) => Mark::new("off", "Inactive there"),
        };
        Some(PixelUseRow {
            id: line_item.id.0,
            name: line_item.name.clone(),
            mark,
            post_click: revenue(entry.post_click_revenue, pixel.post_click_value),
            post_view: revenue(entry.post_view_revenue, pixel.post_view_value),
        })
    };
    Ok(line_items.into_iter().filter_map(row).collect())
}

impl CookiesView {
    /// `cookie` is the usual cause, if many events came without one.
    fn of(health: &PixelHealth, cookie: Option<CookieFacts>) -> Option<Self> {
        let week = &health.week;
        let share = |part: u64| {
            percent(part, week.browsers).map(|share| format!("{share}% of {}", plural(week.browsers, "event")))
        };
        let (why, remedy) = match cookie {
            Some(CookieFacts { missing }) => (missing.why_of_many(), missing.remedy()),
            None => (String::new(), String::new()),
        };
        Some(CookiesView { without: share(week.without_cookie)?, private: share(week.private)?, why, remedy })
    }
}

fn url_row(TopUrl { url, loads, .. }: TopUrl) -> UrlRow {
    UrlRow { loads: grouped(loads), address: url.unwrap_or_else(|| "page not sent by the browser".to_owned()) }
}

fn values_view(pixel: &Pixel, history: &ValueHistory, currency: Currency) -> ValuesView {
    let ValueHistory { values, usual, proposal, beyond, largest } = *history;
    let proposal = proposal.filter(|_| pixel.max_value.is_none());
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    ValuesView {
        text: format!(
            "99% of the latest {} order values are at most {}.",
            grouped(count(values)),
            money(usual, currency)
        ),
        beyond: largest.map(|(seq, value)| {
            let events = plural(count(beyond), "event");
            (format!("{events} with more than ten times that. The largest has {}.", money(value, currency)), seq)
        }),
        proposal: proposal.map(|proposal| (proposal.to_money(), money(proposal, currency))),
    }
}

fn spark(health: &PixelHealth) -> String {
    let values: Vec<f64> =
        health.loads_by_day.iter().map(|loads| u32::try_from(*loads).map_or(f64::from(u32::MAX), f64::from)).collect();
    let today = health.loads_by_day.last().copied().unwrap_or(0);
    let title = format!("Events by day, last 14 days: {} in all, {} today", grouped(health.loads()), grouped(today));
    sparkline(&title, "loads", &values)
}

#[derive(Template)]
#[template(path = "admin/pixels/delete.html")]
struct PixelDeletePage {
    page: Page,
    id: PixelId,
    name: String,
    loads: String,
    line_items: Vec<ObjectName<LineItemId>>,
}

/// `POST /admin/pixels/{id}/delete`: asks first, unless a line item still counts it.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<PixelId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let (store, by) = (&state.store, session.reader());
    let pixel: Pixel = store.get(by, id.0).await?;
    let links = store.pixel_links(by, vec![id]).await?.remove(&id).unwrap_or_default();
    if form.text("confirmed") == "yes" && links.line_items.is_empty() {
        store.delete::<Pixel>(&editor, id.0).await?;
        let text =
            format!("“{}” deleted. Its recorded events stay, and the bin keeps it for {BIN_DAYS} days.", pixel.name);
        return Ok(session.go_with(KIND.path, &Flash::new(FlashKind::Good, text)));
    }
    let health = store.pixel_health(by, vec![id]).await?.remove(&id).unwrap_or_default();
    Ok(html(&PixelDeletePage {
        page: session.page(KIND.section, "Delete pixel"),
        id,
        loads: plural(health.loads_12h, "event"),
        line_items: links.line_items.into_iter().map(|(id, name, ..)| ObjectName { id, name }).collect(),
        name: pixel.name,
    }))
}
