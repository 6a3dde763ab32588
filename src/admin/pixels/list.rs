//! The list of pixels with their health.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;
use tokio::task::spawn_blocking;

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::lists::paging;
use crate::admin::lists::paging::{Column, PAGE, Pager, Sort};
use crate::admin::pixels::status::{PixelStatus, status};
use crate::admin::pixels::summary::PixelSettings;
use crate::admin::shell::form::Form;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, grouped};
use crate::domain::{Advertiser, Millis, Pixel, PixelId, Reader};
use crate::store::{ListQuery, Listed, PixelHealth, PixelLinks, Scalar, Store, StoreError, Test};
use crate::web::AppState;
use crate::web::attention::is_overdue;

const PATH: &str = "/admin/pixels";

/// The columns to sort by. The first is the default.
const SORTS: [&str; 7] = ["name", "id", "trigger_type", "status", "loads", "last_load", "conversions"];

#[derive(Template)]
#[template(path = "admin/pixels/list.html")]
struct PixelsPage {
    page: Page,
    search: String,
    advertisers: Vec<Choice>,
    statuses: Vec<Choice>,
    /// Whether no filter is set.
    all: bool,
    /// How many there are.
    count: String,
    columns: Vec<Column>,
    rows: Vec<PixelRow>,
    pager: Pager,
    /// This list's address, for the way back.
    here: String,
}

/// A pixel in the list.
struct PixelRow {
    id: PixelId,
    name: String,
    advertiser: String,
    /// Which ads may earn credit.
    credit: &'static str,
    mark: &'static str,
    status: &'static str,
    reason: &'static str,
    loads: String,
    last_load: Option<Moment>,
    /// Whether it never loaded and is not new.
    overdue: bool,
    conversions: String,
}

/// A pixel with everything that the list can sort by.
struct Entry {
    pixel: Pixel,
    links: PixelLinks,
    health: PixelHealth,
}

/// `GET /admin/pixels`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let advertisers = choices::all::<Advertiser>(store, by, &query.ids("advertiser_id")).await?;
    let sort = Sort::read(&query, &SORTS);
    let (entries, count) = entries(store, by, &query, sort).await?;
    let names: HashMap<i64, &str> = advertisers.iter().map(|a| (a.id.0, a.name.as_str())).collect();
    let rows: Vec<PixelRow> = entries.iter().map(|entry| row(entry, &names, session.now)).collect();
    let column = |key, label, number| sort.column(PATH, &query, key, label, number);
    Ok(html(&PixelsPage {
        page: session.page("pixels", "Pixels").with_tab(format!("Pixels ({})", grouped(count))),
        count: grouped(count),
        search: query.text("search").to_owned(),
        advertisers: choices::options(&advertisers, query.text("advertiser_id"), |a| (a.id.0, a.name.clone())),
        statuses: choices::words(&STATUSES, query.text("status")),
        all: ["search", "advertiser_id", "status"].iter().all(|name| query.text(name).is_empty()),
        columns: vec![
            column("name", "Name", false),
            Sort::plain("Advertiser", false).shown_from("wide"),
            column("trigger_type", "Credit for", false).shown_from("middle"),
            column("loads", "Events", true).shown_from("middle"),
            column("last_load", "Last event", true),
            column("conversions", "Conversions", true),
        ],
        pager: Pager::new(PATH, &query, rows.len(), count, None),
        rows,
        here: paging::address(PATH, &query, &[]),
    }))
}

const STATUSES: [(&str, &str); 3] = [("active", "Active"), ("paused", "Paused"), ("inactive", "Inactive")];

/// One page of pixels, and how many there are in all.
async fn entries(store: &Store, by: &Reader, form: &Form, sort: Sort) -> Result<(Vec<Entry>, u64), StoreError> {
    let mut query = ListQuery { find: form.some("search").map(str::to_owned), ..ListQuery::default() };
    if let Ok(advertiser) = form.text("advertiser_id").parse() {
        query = query.with_id::<Pixel>("advertiser_id", advertiser);
    }
    let status = form.text("status");
    if !status.is_empty() {
        let state = if status == "inactive" { "inactive" } else { "active" };
        query = query.with::<Pixel>("state", Test::In(vec![Scalar::Text(state.to_owned())]));
    }
    let field = Pixel::FIELDS.iter().find(|field| field.name == sort.key && field.column);
    let by_running = matches!(status, "active" | "paused");
    if let (Some(field), false) = (field, by_running) {
        // The store knows the order, so it reads this page alone.
        query.sort = vec![(field, sort.descending)];
        (query.start_element, query.num_elements) = (paging::start(form), PAGE);
        let page = store.list::<Pixel>(by, query).await?;
        return Ok((with_health(store, by, page.items).await?, page.count));
    }
    // An order or a filter by health needs the health of every pixel.
    let mut entries = with_health(store, by, choices::every::<Pixel>(store, by, query).await?).await?;
    let running = by_running.then_some(status == "active");
    let start = paging::start(form);
    // There may be thousands, and this thread also answers `/px`.
    let page = spawn_blocking(move || {
        entries.retain(|entry| running.is_none_or(|running| entry.links.is_running() == running));
        order(&mut entries, sort);
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
        (entries.into_iter().skip(start).take(most).collect(), count)
    });
    page.await.map_err(StoreError::fault)
}

fn order(entries: &mut [Entry], sort: Sort) {
    // By name first: the sorts are stable.
    entries.sort_by_cached_key(|entry| entry.pixel.name.to_lowercase());
    match sort.key {
        "loads" => entries.sort_by_key(|entry| entry.health.loads_12h),
        "last_load" => entries.sort_by_key(|entry| entry.health.last_load),
        "conversions" => entries.sort_by_key(|entry| entry.health.conversions_7d),
        "status" => entries.sort_by_key(|entry| status(&entry.pixel, &entry.links).label),
        "id" => entries.sort_by_key(|entry| entry.pixel.id),
        "trigger_type" => entries.sort_by_key(|entry| entry.pixel.trigger_type.as_str()),
        _ => {}
    }
    if sort.descending {
        entries.reverse();
    }
}

async fn with_health(store: &Store, by: &Reader, pixels: Vec<Pixel>) -> Result<Vec<Entry>, StoreError> {
    let ids: Vec<PixelId> = pixels.iter().map(|pixel| pixel.id).collect();
    let mut links = store.pixel_links(by, ids.clone()).await?;
    let mut health = store.pixel_health(by, ids).await?;
    let entry = |pixel: Pixel| Entry {
        links: links.remove(&pixel.id).unwrap_or_default(),
        health: health.remove(&pixel.id).unwrap_or_default(),
        pixel,
    };
    Ok(pixels.into_iter().map(entry).collect())
}

fn row(Entry { pixel, links, health }: &Entry, advertisers: &HashMap<i64, &str>, now: Millis) -> PixelRow {
    let PixelStatus { mark, label: status, reason } = status(pixel, links);
    PixelRow {
        id: pixel.id,
        name: pixel.name.clone(),
        advertiser: advertisers.get(&pixel.advertiser_id.0).map(|name| (*name).to_owned()).unwrap_or_default(),
        credit: PixelSettings::from(pixel).trigger(),
        mark,
        status,
        reason,
        loads: grouped(health.loads_12h),
        last_load: health.last_load.map(|at| Moment::new(at, now)),
        overdue: is_overdue(pixel, health, now),
        conversions: grouped(health.conversions_7d),
    }
}
