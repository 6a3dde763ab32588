//! A report for a page: its first rows, the sums of all rows, and the figures by time for a drawing. It follows the same
//! plan as the files, and knows nothing of pages.

use jiff::tz::TimeZone;

use super::by_columns;
use super::points::Points;
use crate::domain::{Grain, Millis};
use crate::report::definition::Column;
use crate::report::format::cell;
use crate::report::format::cell::Value;
use crate::report::request::{Between, Plan};
use crate::store::Scalar;

/// The most rows on a page; the files hold all.
pub const MOST_SHOWN: usize = 200;

/// A report on a page.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The columns.
    pub columns: Vec<&'static Column>,
    /// The first [`MOST_SHOWN`] rows, a text for each column: the same as in the files.
    pub rows: Vec<Vec<String>>,
    /// How many rows the report has.
    pub count: u64,
    /// The sums of all rows: one row for each currency, empty where a column does not add up. None for a single row.
    pub totals: Vec<Vec<String>>,
    /// The figures by time.
    pub drawing: Drawing,
    /// Remarks for the reader.
    pub notes: Vec<String>,
    /// The time zone.
    pub zone: TimeZone,
}

/// Figures by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// The report has no time, or only one span of it.
    None,
    /// Amounts of several currencies cannot share an axis.
    Mixed,
    /// Lines of figures.
    Lines {
        /// The span of a point.
        grain: Grain,
        /// When each point begins.
        begins: Vec<Millis>,
        /// The figures.
        lines: Vec<Line>,
    },
}

/// One figure by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its published name.
    pub name: &'static str,
    /// A text for each point; empty where there is none.
    pub values: Vec<String>,
}

/// The drawing of these points.
pub(in crate::report) fn lines(
    plan: &Plan,
    points: Points,
    (from, to): Between,
    names: impl Iterator<Item = &'static str>,
    values: impl Fn(&[i128]) -> Vec<String>,
) -> Drawing {
    let points = points.filled((from, to.min(plan.now.plus(1))));
    let (grain, rows) = (points.grain, points.into_rows());
    let mut lines: Vec<Line> = names.map(|name| Line { name, values: Vec::new() }).collect();
    if rows.len() < 2 || lines.is_empty() {
        return Drawing::None;
    }
    for (_, figures) in &rows {
        for (line, value) in lines.iter_mut().zip(values(figures)) {
            line.values.push(value);
        }
    }
    Drawing::Lines { grain, begins: rows.into_iter().map(|(at, _)| at).collect(), lines }
}

/// The first rows in the chosen order. It never holds more than a slice.
#[derive(Default)]
pub(in crate::report) struct First {
    rows: Vec<Vec<Value>>,
    pub(in crate::report) count: u64,
}

impl First {
    pub(in crate::report) fn take(&mut self, plan: &Plan, rows: Vec<Vec<Value>>) {
        self.count += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.rows.extend(rows);
        if !plan.orders.is_empty() {
            self.rows.sort_by(|one, other| by_columns(&plan.orders, one, other));
        }
        self.rows.truncate(MOST_SHOWN);
    }

    pub(in crate::report) fn finish(self, plan: Plan, totals: Vec<Vec<Value>>, drawing: Drawing) -> Screen {
        let Plan { columns, zone, notes, .. } = plan;
        let texts = |rows: Vec<Vec<Value>>, is_total: bool| {
            let shown = |(column, value): (&&'static Column, &Value)| match value {
                // A total is about no pixel, so it never says that one never fired.
                Value::Stored(Scalar::Null) if is_total => String::new(),
                value => cell::show(column.kind, value, &zone).text,
            };
            rows.iter().map(|row| columns.iter().zip(row).map(shown).collect()).collect()
        };
        let (rows, totals) = (texts(self.rows, false), texts(totals, true));
        Screen { rows, totals, count: self.count, drawing, columns, notes, zone }
    }
}
