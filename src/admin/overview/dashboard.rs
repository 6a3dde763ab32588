//! The figures of an overview in one scope: tiles, chart and tables. The first page and the page of an advertiser show it.

use std::collections::HashMap;

use super::breakdown::{Breakdown, Breakdowns};
use super::credited_chart::{ChartSums, CreditedChart};
use super::filters::{FilterChip, Filters};
use super::spans::Spans;
use super::sums::Totals;
use super::tiles::{Tile, TileSums, tiles};
use crate::admin::figures::{Paid, query_for};
use crate::admin::scope::{ONCE, PageScope};
use crate::admin::shell::form::Form;
use crate::admin::shell::session::Session;
use crate::domain::Day;
use crate::store::{FiguresOf, FiguresQuery, FiguresRow, Store, StoreError};

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
        let asked = FiguresQuery {
            only: filters.only(),
            by: vec![FiguresOf::Advertiser, FiguresOf::LineItem, FiguresOf::Publisher, FiguresOf::Source],
            begins: spans.begins.clone(),
            without_free_ads: true,
            with_unattributed: has_uncredited,
            ..query_for(scope)
        };
        let before = match (&scope.before, scope.between_before()) {
            (Some(days), Some((_, until))) => {
                let with_cost = scope.cost_days_before().map(|days| (Day(days.first), Day(days.last)));
                let begins = spans.before(days);
                let before = FiguresQuery { begins, days: with_cost, until: Some(until), ..asked.clone() };
                Some(store.figures(by, before).await?)
            }
            _ => None,
        };
        let rows = store.figures(by, asked).await?;
        let paid = Paid::of(&rows);
        let advertisers = match scope.advertiser {
            None => scope.advertiser_names(),
            Some(_) => HashMap::new(),
        };
        let tables = Breakdowns { store, by, scope, rows: &rows, paid: &paid, advertisers: &advertisers };
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
            has_events: !Totals::of(&rows, &paid).is_empty(),
            tiles: top(scope, &spans, &rows, &paid, before.as_deref()),
            chart: chart(scope, &spans, &filters, (&rows, before.as_deref()), has_uncredited),
            chips: filters.chips,
        })
    }
}

fn top(scope: &PageScope, spans: &Spans, rows: &[FiguresRow], paid: &Paid, before: Option<&[FiguresRow]>) -> Vec<Tile> {
    let mut course = by_span(rows, spans.count(), paid);
    if spans.is_running {
        course.pop();
    }
    let in_time = |rows: &[FiguresRow]| {
        let rows = rows.iter().filter(|row| !row.key.is_late);
        Totals::of(rows.clone(), &Paid::of(rows))
    };
    let (now, before) = (Totals::of(rows, paid), before.map(in_time));
    let sums = TileSums { now: &now, before: before.as_ref(), course: &course, before_days: &scope.before_in_words() };
    tiles(&sums, scope.category)
}

fn chart(
    scope: &PageScope,
    spans: &Spans,
    filters: &Filters,
    (rows, before): (&[FiguresRow], Option<&[FiguresRow]>),
    has_uncredited: bool,
) -> CreditedChart {
    let none = Paid::of([]);
    let before = before.map(|rows| by_span(rows, spans.count(), &none)).unwrap_or_default();
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
        now: &by_span(rows, spans.count(), &none),
        before_label: if before.is_empty() { String::new() } else { scope.before_label() },
        before: &before,
        list: format!("{list}&"),
        has_uncredited,
    })
}

/// The sums of each column.
fn by_span(rows: &[FiguresRow], spans: usize, paid: &Paid) -> Vec<Totals> {
    let mut totals = vec![Totals::default(); spans];
    for row in rows {
        if let Some(totals) = row.key.span.and_then(|span| totals.get_mut(span)) {
            totals.add(row, paid);
        }
    }
    totals
}
