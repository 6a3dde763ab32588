//! The list of pixels with their health, and their conversions in the range.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::entries;
use super::entries::{Entries, Entry};
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::figures::{Choices, Pick};
use crate::admin::lists::csv;
use crate::admin::lists::paging;
use crate::admin::lists::paging::{Column, Pager, Sort};
use crate::admin::pixels::status::{PixelStatus, status};
use crate::admin::pixels::summary::PixelSettings;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{Moment, grouped};
use crate::domain::{Advertiser, Millis, PixelId};
use crate::report::Cell;
use crate::store::StoreError;
use crate::web::AppState;
use crate::web::attention::is_overdue;

const PATH: &str = "/admin/pixels";

/// The columns to sort by. The first is the default.
const SORTS: [&str; 7] = ["name", "id", "trigger_type", "status", "loads", "last_load", "conversions"];

const STATUSES: [(&str, &str); 3] = [("active", "Active"), ("paused", "Paused"), ("inactive", "Inactive")];

#[derive(Template)]
#[template(path = "admin/pixels/list.html")]
struct PixelsPage {
    page: Page,
    scope: PageScope,
    search: String,
    statuses: Vec<Choice>,
    /// The parameters of the address that the form of filters sends along.
    kept: Vec<(String, String)>,
    /// Whether no filter is set.
    all: bool,
    /// How many there are.
    count: String,
    columns: Vec<Column>,
    rows: Vec<PixelRow>,
    pager: Pager,
    size: usize,
    sizes: Vec<Pick>,
    csv: String,
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

/// `GET /admin/pixels`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let scope = PageScope::load(store, &session, &query, Offer::new(PATH)).await?;
    let mut choices = Choices::new(&query, "pixels", &[], session.remembered_lists(), &session.odd);
    let size = choices.size();
    let sort = Sort::read(&query, &SORTS, &session.odd);
    let text = query.text("status");
    let status = STATUSES.iter().map(|(word, _)| *word).find(|word| *word == text).unwrap_or_default();
    if status != text {
        session.odd.no("status", text, "All are shown.");
    }
    let is_csv = query.text("format") == "csv";
    let asked =
        entries::Asked { store, by, form: &query, scope: &scope, status, sort, size: (!is_csv).then_some(size) };
    let Entries { entries, start, count } = asked.entries(&choices).await?;
    let owners = entries.iter().map(|entry| entry.pixel.advertiser_id.0).collect();
    let names = store.names::<Advertiser>(by, owners).await?;
    if is_csv {
        return Ok(csv_of(&entries, &names)?);
    }
    let rows: Vec<PixelRow> = entries.iter().map(|entry| row(entry, &names, session.now)).collect();
    let column = |key, label, number| sort.column(PATH, &query, key, label, number);
    let all = u64::try_from(count).unwrap_or(u64::MAX);
    let page = PixelsPage {
        page: session.page("pixels", "Pixels").with_tab(format!("Pixels ({})", grouped(all))),
        count: grouped(all),
        search: query.text("search").to_owned(),
        statuses: choices::words(&STATUSES, status),
        kept: choices.kept(&["search", "status", "start", "format", "advertiser_id"]),
        all: ["search", "status"].iter().all(|name| query.text(name).is_empty()) && scope.advertiser.is_none(),
        columns: vec![
            column("name", "Name", false),
            Sort::plain("Advertiser", false).shown_from("wide"),
            column("trigger_type", "Credit for", false).shown_from("middle"),
            column("loads", "Events", true).shown_from("middle"),
            column("last_load", "Last event", true),
            column("conversions", "Conversions", true),
        ],
        pager: Pager::sized(PATH, &query, (start, rows.len(), count), size),
        rows,
        size,
        sizes: choices.sizes(PATH, size),
        csv: paging::address(PATH, &query, &[("start", ""), ("format", "csv")]),
        here: paging::address(PATH, &query, &[]),
        scope,
    };
    Ok(choices.remember(page.scope.remember(html(&page)), session.is_secure()))
}

/// All pixels that match, as a file.
fn csv_of(entries: &[Entry], names: &HashMap<i64, String>) -> Result<HttpResponse, StoreError> {
    const COLUMNS: [&str; 9] =
        ["id", "name", "status", "reason", "advertiser", "trigger_type", "events_12h", "last_event", "convs"];
    let row = |Entry { pixel, links, health, conversions }: &Entry| {
        let PixelStatus { label, reason, .. } = status(pixel, links);
        vec![
            Cell::ours(pixel.id, true),
            Cell::foreign(Some(&pixel.name)),
            Cell::ours(label.to_lowercase(), false),
            Cell::ours(reason, false),
            Cell::foreign(names.get(&pixel.advertiser_id.0).map(String::as_str)),
            Cell::ours(pixel.trigger_type.as_str(), false),
            Cell::ours(health.loads_12h, true),
            Cell::ours(health.last_load.map(|at| at.to_string()).unwrap_or_default(), false),
            Cell::ours(conversions, true),
        ]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    csv::file("pixels.csv", &COLUMNS, &rows)
}

fn row(
    Entry { pixel, links, health, conversions }: &Entry,
    advertisers: &HashMap<i64, String>,
    now: Millis,
) -> PixelRow {
    let PixelStatus { mark, label: status, reason } = status(pixel, links);
    PixelRow {
        id: pixel.id,
        name: pixel.name.clone(),
        advertiser: advertisers.get(&pixel.advertiser_id.0).cloned().unwrap_or_default(),
        credit: PixelSettings::from(pixel).trigger(),
        mark,
        status,
        reason,
        loads: grouped(health.loads_12h),
        last_load: health.last_load.map(|at| Moment::new(at, now)),
        overdue: is_overdue(pixel, health, now),
        conversions: grouped(*conversions),
    }
}
