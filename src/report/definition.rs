//! What a report is: a source of rows, and a table of columns, a row each. Requests, the description for clients and
//! the run all go by this table.

use crate::store::ReportSource;

/// How a column's values are shown and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Int,
    /// Text.
    Text,
    /// Money.
    Amount,
    /// The month of a moment, `2026-10`, in the report's time zone.
    Month,
    /// The day of a moment, `2026-10-01`.
    Day,
    /// The hour of a moment, `2026-10-01 12:00`.
    Hour,
    /// A moment, `2026-10-01 12:00:00`; this text for none.
    Moment(&'static str),
    /// Published words for stored ones.
    Words(&'static [(&'static str, &'static str)]),
}

/// A column that can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The published name.
    pub name: &'static str,
    /// The source's column.
    pub from: &'static str,
    /// How its values are shown.
    pub kind: Kind,
    /// Whether a request can filter by it.
    pub filter: bool,
    /// What it means, in a sentence.
    pub about: &'static str,
}

impl Column {
    /// A column of the same name in the source.
    pub const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        let filter = matches!(kind, Kind::Int | Kind::Text | Kind::Amount | Kind::Words(_));
        Column { name, from: name, kind, filter, about }
    }

    /// The same, of another name in the source.
    pub const fn from(self, from: &'static str) -> Self {
        Column { from, ..self }
    }
}

/// A report that can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The published name.
    pub report_type: &'static str,
    /// Where its rows come from.
    pub source: ReportSource,
    /// Whether it is about a span of time.
    pub timed: bool,
    /// Its columns.
    pub columns: &'static [Column],
    /// What it tells, in a sentence.
    pub about: &'static str,
}

impl Definition {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
