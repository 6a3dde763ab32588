//! The definition of a report: a source of rows, and a table of columns. Requests, the description for clients and the
//! run all use this table.

pub mod rows;
mod sums;

use crate::domain::Grain;
use crate::store::{Dimension, Measure, ReportSource, SumSource};

/// How a column's values are shown and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Int,
    /// A number of up to 19 digits, which spreadsheets and some JSON readers would round.
    LongId,
    /// Text.
    Text,
    /// Text, of which only so many characters are shown. Conditions compare the whole.
    Beginning(usize),
    /// Money.
    Amount,
    /// A ratio of figures, to six decimals.
    Ratio,
    /// The month of a moment, `2026-10`, in the report's time zone.
    Month,
    /// The day of a moment, `2026-10-01`.
    Day,
    /// The UTC day that begins then, in any time zone.
    UtcDay,
    /// The hour of a moment, `2026-10-01 12:00`; with its offset if clocks show it twice, `2026-10-25 02:00+01:00`.
    Hour,
    /// A moment, `2026-10-01 12:00:00`; with its offset if clocks show it twice; this text for none.
    Moment(&'static str),
    /// Published words for stored ones.
    Words(&'static [(&'static str, &'static str)]),
}

/// Where a column's values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A column of the source.
    Field(&'static str),
    /// The span of time that a row of sums is about.
    Time(Grain),
    /// The id of the object that a row of sums is about.
    Id(Dimension),
    /// Its name.
    Name(Dimension),
    /// The currency of a row's amounts.
    Currency,
    /// The sum of these figures.
    Sum(&'static [Measure]),
    /// The sum of the first ones divided by that of the second; nothing where that is zero, or where a need is not met.
    Ratio(&'static [Measure], &'static [Measure], Need),
    /// The same for a thousand of the second ones.
    PerThousand(&'static [Measure], &'static [Measure], Need),
}

/// What a ratio needs beside its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Nothing,
    /// A cost that came with some view or click, or for a day.
    KnownCost,
    /// The same, in the currency of the figures that are divided by it.
    CostInSameCurrency,
}

/// How many views and clicks came with a cost.
pub(super) const REPORTED_COSTS: &[Measure] = &[Measure { column: "costs", money: false }];
/// The same, and how many costs there are of days.
pub(super) const KNOWN_COSTS: &[Measure] = &[Measure { column: "costs", money: false }, Measure::MEDIA_COSTS];

impl Origin {
    /// Whether it is a figure, and not something that rows are grouped by.
    pub fn is_figure(self) -> bool {
        matches!(self, Origin::Sum(_) | Origin::Ratio(..) | Origin::PerThousand(..))
    }

    /// The measures that it adds up.
    pub(super) fn measures(self) -> impl Iterator<Item = &'static Measure> {
        let (one, other, need): (&[Measure], &[Measure], &[Measure]) = match self {
            Origin::Sum(measures) => (measures, &[], &[]),
            Origin::Ratio(over, under, Need::Nothing) | Origin::PerThousand(over, under, Need::Nothing) => {
                (over, under, &[])
            }
            Origin::Ratio(over, under, _) | Origin::PerThousand(over, under, _) => (over, under, KNOWN_COSTS),
            _ => (&[], &[], &[]),
        };
        one.iter().chain(other).chain(need)
    }
}

/// A column of a report.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The published name.
    pub name: &'static str,
    /// Where its values come from.
    pub from: Origin,
    /// How its values are shown.
    pub kind: Kind,
    /// Whether a request can filter by it.
    pub filter: bool,
    /// Its meaning, in a sentence.
    pub about: &'static str,
}

impl Column {
    /// A column of the same name in the source.
    pub const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        let filter =
            matches!(kind, Kind::Int | Kind::LongId | Kind::Text | Kind::Beginning(_) | Kind::Amount | Kind::Words(_));
        Column { name, from: Origin::Field(name), kind, filter, about }
    }

    /// The same, of another name in the source.
    pub const fn from(self, from: &'static str) -> Self {
        Column { from: Origin::Field(from), ..self }
    }

    /// The same, from elsewhere than a source's column.
    pub const fn of(self, from: Origin) -> Self {
        let filter = matches!(from, Origin::Field(_) | Origin::Id(_) | Origin::Name(_) | Origin::Currency);
        Column { from, filter, ..self }
    }
}

/// Where a report's rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Rows that are read one by one.
    Rows(ReportSource),
    /// Sums, grouped by the chosen columns.
    Sums(SumSource),
}

/// A type of report.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The published name.
    pub report_type: &'static str,
    /// Where its rows come from.
    pub source: Source,
    /// Whether it is about a span of time.
    pub timed: bool,
    /// Whether its rows are by UTC day, so that time zones mean nothing to it.
    pub utc_days: bool,
    /// Its columns.
    pub columns: &'static [Column],
    /// Its content, in a sentence.
    pub about: &'static str,
}

impl Definition {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether rows are added up, by the columns that are no figures.
    pub fn is_grouped(&self) -> bool {
        matches!(self.source, Source::Sums(_))
    }
}
