//! A report for a page whose rows come one by one, slice after slice.

use std::collections::BTreeMap;

use super::background::ProgressCounter;
use super::points::Points;
use super::screen::{Drawing, First, Screen, lines};
use super::{Slices, stored};
use crate::domain::{Grain, Millis, Reader};
use crate::report::definition::{Column, Origin};
use crate::report::format::cell::Value;
use crate::report::off_thread;
use crate::report::request::{Between, Plan};
use crate::store::{ReportQuery, ReportSource, Scalar, Store, StoreError};

/// Runs such a plan.
pub(in crate::report) async fn run(
    store: &Store,
    by: &Reader,
    plan: Plan,
    mut query: ReportQuery,
    progress: &ProgressCounter,
) -> Result<Screen, StoreError> {
    let now = plan.now;
    let mut scan = Scan::new(plan, &mut query);
    let mut slices = Slices::new(store, by, query, now, progress);
    while let Some(rows) = slices.next().await? {
        scan = off_thread(move || scan.take(rows)).await?;
    }
    off_thread(move || scan.finish()).await
}

/// When a row is, and its figures in the lines' order.
type Point = (Millis, Vec<i128>);

/// The fields that a scan reads beside the chosen columns, for the drawing and for the sums.
struct Beside {
    columns: &'static [&'static str],
    /// The lines of the drawing.
    lines: &'static [&'static str],
    /// Reads the time and the lines' figures.
    read: fn(&[Scalar]) -> Option<Point>,
    /// The field that adds up, and its index in `columns`.
    adds: Option<(&'static str, usize)>,
    /// The index of the currency in `columns`.
    currency: Option<usize>,
}

impl Beside {
    /// The amount that adds up, with its currency.
    fn amount(&self, row: &[Scalar]) -> Option<(Option<String>, i64)> {
        let (_, index) = self.adds?;
        let Some(Scalar::Int(amount)) = row.get(index) else { return None };
        let currency = self.currency.and_then(|index| match row.get(index) {
            Some(Scalar::Text(currency)) => Some(currency.clone()),
            _ => None,
        });
        Some((currency, *amount))
    }
}

fn beside(source: ReportSource) -> Option<Beside> {
    match source {
        ReportSource::AttributedConversions => Some(Beside {
            columns: &["at", "reason", "value", "currency"],
            lines: &["post_click", "post_view"],
            read: |row| match row {
                [Scalar::Int(at), Scalar::Text(reason), ..] => {
                    let is_click = reason == "post_click";
                    Some((Millis(*at), vec![i128::from(is_click), i128::from(!is_click)]))
                }
                _ => None,
            },
            adds: Some(("value", 2)),
            currency: Some(3),
        }),
        ReportSource::SegmentLoad => Some(Beside {
            columns: &["day", "loads"],
            lines: &["loads"],
            read: |row| match row {
                [Scalar::Int(at), Scalar::Int(loads), ..] => Some((Millis(*at), vec![i128::from(*loads)])),
                _ => None,
            },
            adds: Some(("loads", 1)),
            currency: None,
        }),
        ReportSource::PixelFired => None,
    }
}

/// The report after some slices.
struct Scan {
    plan: Plan,
    beside: Option<Beside>,
    between: Between,
    first: First,
    points: Points,
    /// Sums of the column that adds up, by currency.
    sums: BTreeMap<Option<String>, i128>,
}

impl Scan {
    /// Adds the columns for the drawing and the sums to the query.
    fn new(plan: Plan, query: &mut ReportQuery) -> Self {
        let beside = beside(query.source);
        if let Some(beside) = &beside {
            query.columns.extend(beside.columns);
        }
        let between = query.between.unwrap_or((Millis(0), Millis(i64::MAX)));
        let grain = match query.source {
            ReportSource::SegmentLoad => Grain::Day,
            _ if between.1.since(between.0) <= 3 * Millis::DAY => Grain::Hour,
            _ => Grain::Day,
        };
        let points = Points::new(plan.zone.clone(), grain);
        Scan { plan, beside, between, first: First::default(), points, sums: BTreeMap::new() }
    }

    fn take(mut self, mut rows: Vec<Vec<Scalar>>) -> Self {
        let chosen = self.plan.columns.len();
        if let Some(beside) = &self.beside {
            for row in &mut rows {
                let more = row.split_off(chosen);
                if let Some((at, figures)) = (beside.read)(&more) {
                    self.points.add(at, &figures);
                }
                if let Some((currency, amount)) = beside.amount(&more) {
                    *self.sums.entry(currency).or_default() += i128::from(amount);
                }
            }
        }
        self.first.take(&self.plan, stored(rows));
        self
    }

    fn finish(self) -> Screen {
        let totals = self.totals();
        let Scan { plan, beside, between, first, points, .. } = self;
        let drawing = match &beside {
            Some(beside) => lines(&plan, points, between, beside.lines.iter().copied(), |figures| {
                figures.iter().map(ToString::to_string).collect()
            }),
            None => Drawing::None,
        };
        first.finish(plan, totals, drawing)
    }

    fn totals(&self) -> Vec<Vec<Value>> {
        let adds = self.beside.as_ref().and_then(|beside| beside.adds).map(|(field, _)| field);
        let is_sum = |column: &Column| adds.is_some_and(|field| column.from == Origin::Field(field));
        if self.first.count < 2 || !self.plan.columns.iter().any(|column| is_sum(column)) {
            return Vec::new();
        }
        let row = |(currency, sum): (&Option<String>, &i128)| {
            let cell = |column: &&'static Column| match column.from {
                _ if is_sum(column) => Value::Figure(*sum),
                Origin::Field("currency") => Value::Stored(currency.clone().map_or(Scalar::Null, Scalar::Text)),
                _ => Value::NULL,
            };
            self.plan.columns.iter().map(cell).collect()
        };
        self.sums.iter().map(row).collect()
    }
}
