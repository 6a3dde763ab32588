//! The figures of an overview in one scope: tiles, chart and tables. The first page and the page of an advertiser show it.

use std::collections::HashMap;

use jiff::ToSpan;

use super::breakdown::{Breakdown, Breakdowns};
use super::credited_chart::{ChartSums, CreditedChart};
use super::filters::{FilterChip, Filters};
use super::spans::Spans;
use super::sums::{Paid, Totals};
use super::tiles::{Tile, TileSums, tiles};
use crate::admin::scope::{Category, ONCE, PageScope};
use crate::admin::shell::form::Form;
use crate::admin::shell::session::Session;
use crate::domain::{Day, Days};
use crate::store::{Cell, CellKey, CellQuery, Store, StoreError};

pub struct Dashboard {
    pub chips: Vec<FilterChip>,
    pub tiles: Vec<Tile>,
    pub chart: CreditedChart,
    /// The address with what is not credited, or without it; empty where a filter leaves it out.
    pub other_chart: String,
    pub line_items: Breakdown,
    pub placements: Breakdown,
    pub sources: Breakdown,
    /// Whether there is any event in the range.
    pub has_events: bool,
}

/// The list of events.
const EVENTS: &str = "/admin/conversions?";
/// The parameter that shows what is not credited.
const UNCREDITED: (&str, &str) = ("uncredited", "on");

impl Dashboard {
    /// Reads what the filters of the address let through.
    ///
    /// # Errors
    /// Database faults.
    pub async fn load(store: &Store, session: &Session, scope: &PageScope, query: &Form) -> Result<Self, StoreError> {
        let (by, now) = (session.reader(), session.now);
        let filters = Filters::load(store, session, scope, query).await?;
        let spans = Spans::of(scope, now);
        let (name, on) = UNCREDITED;
        let has_uncredited = session.odd.word(query, name, &[on], |word| (word == on).then_some(())).is_some();
        let asked = CellQuery { with_unattributed: has_uncredited, ..cell_query(scope, &filters) };
        let cells = store
            .cells(by, CellQuery { begins: spans.begins.clone(), days: days_of(&scope.days), ..asked.clone() })
            .await?;
        let before = match (&scope.before, scope.between_before()) {
            (Some(days), Some((_, until))) => Some(
                store
                    .cells(
                        by,
                        CellQuery { begins: spans.before(days), days: over(scope, days), until: Some(until), ..asked },
                    )
                    .await?,
            ),
            _ => None,
        };
        let paid = Paid::of(&cells);
        let advertisers = match scope.advertiser {
            None => scope.advertiser_names(),
            Some(_) => HashMap::new(),
        };
        let tables = Breakdowns { store, by, scope, cells: &cells, paid: &paid, advertisers: &advertisers };
        let change = if has_uncredited { "" } else { UNCREDITED.1 };
        Ok(Dashboard {
            line_items: tables.by_line_item().await?,
            placements: tables.by_placement().await?,
            sources: tables.by_source().await?,
            other_chart: if filters.chips.is_empty() {
                scope.address(&[(UNCREDITED.0, change)])
            } else {
                String::new()
            },
            has_events: !cells.is_empty(),
            tiles: top(scope, &spans, &cells, &paid, before.as_deref()),
            chart: chart(scope, &spans, &filters, (&cells, before.as_deref()), has_uncredited),
            chips: filters.chips,
        })
    }
}

fn days_of(days: &Days) -> Vec<Day> {
    days.first.series(1.day()).take_while(|day| *day <= days.last).map(Day).collect()
}

/// The days to compare with whose whole cost is compared with that of a whole day. What today cost is mostly not known yet.
fn over(scope: &PageScope, before: &Days) -> Vec<Day> {
    let mut days = days_of(before);
    if scope.is_running() {
        days.pop();
    }
    days
}

fn cell_query(scope: &PageScope, filters: &Filters) -> CellQuery {
    CellQuery {
        advertiser: scope.advertiser_id(),
        categories: match scope.category {
            Category::All => Vec::new(),
            Category::Without => vec![None],
            Category::Of(event) => vec![Some(event)],
        },
        line_item: filters.line_item,
        publisher: filters.publisher,
        source: filters.source,
        ..CellQuery::default()
    }
}

type Cells = [(CellKey, Cell)];

fn top(scope: &PageScope, spans: &Spans, cells: &Cells, paid: &Paid, before: Option<&Cells>) -> Vec<Tile> {
    let mut course = by_span(cells, spans.count(), paid);
    if spans.is_running {
        course.pop();
    }
    let in_time = |cells: &Cells| {
        let cells = cells.iter().filter(|(key, _)| !key.is_late);
        Totals::of(cells.clone(), &Paid::of(cells))
    };
    let (now, before) = (Totals::of(cells, paid), before.map(in_time));
    let sums = TileSums { now: &now, before: before.as_ref(), course: &course, before_days: &scope.before_in_words() };
    tiles(&sums, scope.category)
}

fn chart(
    scope: &PageScope,
    spans: &Spans,
    filters: &Filters,
    (cells, before): (&Cells, Option<&Cells>),
    has_uncredited: bool,
) -> CreditedChart {
    let none = Paid::of([]);
    let before = before.map(|cells| by_span(cells, spans.count(), &none)).unwrap_or_default();
    let mut list = url::form_urlencoded::Serializer::for_suffix(EVENTS.to_owned(), EVENTS.len());
    if !has_uncredited {
        list.append_pair("outcome", "attributed");
    }
    if let Some(id) = scope.advertiser_id() {
        list.append_pair("advertiser_id", &id.to_string());
    }
    list.append_pair("range", ONCE);
    list.extend_pairs(filters.pairs_of_events());
    let list = list.finish();
    CreditedChart::draw(ChartSums {
        spans,
        now: &by_span(cells, spans.count(), &none),
        before_label: if before.is_empty() { String::new() } else { scope.before_label() },
        before: &before,
        list: format!("{list}&"),
        has_uncredited,
    })
}

/// The sums of each column.
fn by_span(cells: &Cells, spans: usize, paid: &Paid) -> Vec<Totals> {
    let mut totals = vec![Totals::default(); spans];
    for (key, cell) in cells {
        if let Some(totals) = key.span.and_then(|span| totals.get_mut(span)) {
            totals.add(key, cell, paid);
        }
    }
    totals
}
