//! A query for sums by quarter hour, and the rows that answer it.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use crate::domain::{AuditObject, Currency, Grain, Millis, Reason};
use crate::store::db::list::{Conditions, Test};

/// The rows to add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumSource {
    /// Exposures and attributed conversions.
    Analytics,
    /// Fires by outcome.
    Outcomes,
}

impl SumSource {
    pub(super) fn sql(self) -> Cow<'static, str> {
        match self {
            SumSource::Analytics => include_str!("../../sql/analytics.sql").into(),
            SumSource::Outcomes => outcomes().into(),
        }
    }
}

/// Fires by quarter hour, with two figures for each reason: after adjustments, and as sent. Tests are in no sum.
fn outcomes() -> String {
    let of = |word: &&str| {
        format!(", iif(reason = '{word}', net_fires, 0) AS {word}, iif(reason = '{word}', fires, 0) AS gross_{word}")
    };
    let reasons: String = Reason::WORDS.iter().map(of).collect();
    format!(
        "SELECT quarter, advertiser_id, pixel_id, fires, warned, fires - net_fires AS retracted{reasons}
        FROM conversions_quarters"
    )
}

/// A kind of object to group sums by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    Advertiser,
    LineItem,
    Campaign,
    Publisher,
    Source,
    Pixel,
}

impl Dimension {
    /// The table of names, and the column of the sums with the ids.
    pub(super) fn table(self) -> (&'static str, &'static str) {
        match self {
            Dimension::Advertiser => ("advertisers", "advertiser_id"),
            Dimension::LineItem => ("line_items", "line_item_id"),
            Dimension::Campaign => ("campaigns", "campaign_id"),
            Dimension::Publisher => ("publishers", "publisher_id"),
            Dimension::Source => ("sources", "source_id"),
            Dimension::Pixel => ("pixels", "pixel_id"),
        }
    }

    /// The ids and names of all its objects. A deleted object has the name that it had last.
    pub(super) fn names(self) -> String {
        let table = self.table().0;
        let object = match self {
            Dimension::Advertiser => AuditObject::Advertiser,
            Dimension::LineItem => AuditObject::LineItem,
            Dimension::Campaign => AuditObject::Campaign,
            Dimension::Publisher => AuditObject::Publisher,
            Dimension::Source => AuditObject::Source,
            Dimension::Pixel => AuditObject::Pixel,
        };
        format!(
            "SELECT id, name FROM {table} UNION ALL SELECT object_id, object_name FROM audit
            WHERE object_type = '{object}' AND action = 'deleted'"
        )
    }
}

/// A figure to add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The source's column. An amount of money has two columns: with `_thousands` and with `_micros` at the end.
    pub column: &'static str,
    /// Whether it is an amount of money. Amounts of several currencies are never added up.
    pub money: bool,
}

/// The subject of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumFilter {
    /// The object's id.
    Id(Dimension),
    /// The object's name.
    Name(Dimension),
    /// The currency.
    Currency,
}

impl SumFilter {
    /// Adds the condition to those of a statement.
    pub(super) fn add(self, test: &Test, conditions: &mut Conditions) {
        match self {
            SumFilter::Id(dimension) => conditions.add(dimension.table().1, test),
            SumFilter::Currency => conditions.add("currency", test),
            SumFilter::Name(dimension) => {
                let (column, names) = (dimension.table().1, dimension.names());
                let mut named = Conditions::default();
                named.add("name", test);
                conditions.and(&format!("{column} IN (SELECT id FROM ({names}){})", named.sql), named.values);
            }
        }
    }
}

/// A query for sums.
#[derive(Clone, Debug)]
pub struct SumQuery {
    pub source: SumSource,
    /// Quarter hours that begin at the first moment or later, and before the second.
    pub between: (Millis, Millis),
    /// Where hours, days and months begin.
    pub zone: TimeZone,
    /// The span of time to group by, in the zone.
    pub grain: Option<Grain>,
    /// The objects to group by.
    pub dimensions: Vec<Dimension>,
    /// Whether to group by currency.
    pub by_currency: bool,
    /// The figures.
    pub measures: Vec<Measure>,
    /// All of these must hold.
    pub filters: Vec<(SumFilter, Test)>,
}

/// An object's id and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// None where the sums have no id.
    pub id: Option<i64>,
    pub name: Option<String>,
}

/// One row of sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumRow {
    /// The beginning of its hour, day or month. None where the query groups by no span of time.
    pub at: Option<Millis>,
    /// The objects, in the query's order.
    pub objects: Vec<Named>,
    /// The currency of its amounts.
    pub currency: Option<Currency>,
    /// The figures, in the query's order. Amounts are in micros.
    pub figures: Vec<i128>,
}
