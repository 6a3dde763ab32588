//! Rows of reports that are added up from the hourly sums: by hour, day or month of a time zone, by objects and by
//! currency. It never reads the log.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::list::{Conditions, Test};
use super::{Store, StoreError};
use crate::domain::{Currency, Micros, Millis, Reader};

/// The most rows a report of sums may have: they are held in memory.
pub const MOST_SUM_ROWS: usize = 1_000_000;

/// What is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumSource {
    /// Exposures and attributed conversions.
    Analytics,
    /// Fires by what became of them.
    Outcomes,
}

impl SumSource {
    fn sql(self) -> &'static str {
        match self {
            SumSource::Analytics => include_str!("sql/analytics.sql"),
            SumSource::Outcomes => include_str!("sql/outcomes.sql"),
        }
    }
}

/// Objects that sums are kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Advertisers.
    Advertiser,
    /// Line items.
    LineItem,
    /// Campaigns.
    Campaign,
    /// Publishers.
    Publisher,
    /// Pixels.
    Pixel,
}

impl Dimension {
    /// The table of names, and the column with its ids in the sums.
    fn table(self) -> (&'static str, &'static str) {
        match self {
            Dimension::Advertiser => ("advertisers", "advertiser_id"),
            Dimension::LineItem => ("line_items", "line_item_id"),
            Dimension::Campaign => ("campaigns", "campaign_id"),
            Dimension::Publisher => ("publishers", "publisher_id"),
            Dimension::Pixel => ("pixels", "pixel_id"),
        }
    }
}

/// A span of time that sums are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Hours.
    Hour,
    /// Days of the time zone.
    Day,
    /// Months of the time zone.
    Month,
}

/// A figure that is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The source's column.
    pub column: &'static str,
    /// Whether it is an amount of money; amounts of several currencies are never added up.
    pub money: bool,
}

/// What a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumFilter {
    /// The object's id.
    Id(Dimension),
    /// The object's name.
    Name(Dimension),
    /// The currency.
    Currency,
}

/// Which sums.
#[derive(Clone, Debug)]
pub struct SumQuery {
    /// Of what.
    pub source: SumSource,
    /// The hours that begin in this span: not before, and before.
    pub between: (Millis, Millis),
    /// Where days and months begin. An hour belongs to the day in which it begins.
    pub zone: TimeZone,
    /// By which spans of time.
    pub grain: Option<Grain>,
    /// By which objects.
    pub dimensions: Vec<Dimension>,
    /// By currency.
    pub by_currency: bool,
    /// The figures.
    pub measures: Vec<Measure>,
    /// All of these must hold.
    pub filters: Vec<(SumFilter, Test)>,
}

/// An object's id, and its name if it is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The id; none where the sums have none.
    pub id: Option<i64>,
    /// The name.
    pub name: Option<String>,
}

/// One row of sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumRow {
    /// When its hour, day or month begins; none if that is not asked for.
    pub at: Option<Millis>,
    /// The objects, as the query lists them.
    pub objects: Vec<Named>,
    /// The currency of its amounts.
    pub currency: Option<Currency>,
    /// The figures, as the query lists them; amounts in micros. They stop at the largest number there is.
    pub figures: Vec<i64>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: Option<Millis>,
    ids: Vec<i64>,
    currency: Option<Currency>,
}

impl Store {
    /// The rows in the order of time, ids and currency, without those whose figures are all zero. A caller limited to one advertiser gets that one's.
    ///
    /// # Errors
    /// [`StoreError::Limit`] for more than [`MOST_SUM_ROWS`]; database faults.
    pub async fn report_sums(&self, by: &Reader, query: SumQuery) -> Result<Vec<SumRow>, StoreError> {
        let own = by.scope().advertiser();
        self.read_report(move |conn| {
            let sums = add_up(conn, own.map(|id| id.0), &query)?;
            let names = query.dimensions.iter().map(|dimension| names(conn, *dimension));
            let names = names.collect::<Result<Vec<_>, _>>()?;
            let rows = sums.into_iter().map(|(Key { at, ids, currency }, figures)| {
                let objects = ids
                    .iter()
                    .zip(&names)
                    .map(|(id, names)| Named { id: (*id != 0).then_some(*id), name: names.get(id).cloned() });
                SumRow { at, objects: objects.collect(), currency, figures }
            });
            Ok(rows.collect())
        })
        .await
    }
}

fn add_up(conn: &Connection, own: Option<i64>, query: &SumQuery) -> Result<BTreeMap<Key, Vec<i64>>, StoreError> {
    let (sql, values) = statement(own, query);
    let mut begins = Begins { zone: &query.zone, grain: query.grain, known: HashMap::new() };
    let mut sums: BTreeMap<Key, Vec<i64>> = BTreeMap::new();
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let (key, mut column) = key(row, query, &mut begins)?;
        if sums.len() >= MOST_SUM_ROWS && !sums.contains_key(&key) {
            return Err(StoreError::Limit(format!(
                "the report has more than {MOST_SUM_ROWS} rows; choose a shorter time or fewer columns to group by"
            )));
        }
        let figures = sums.entry(key).or_insert_with(|| vec![0; query.measures.len()]);
        for (figure, measure) in figures.iter_mut().zip(&query.measures) {
            let more = if measure.money {
                let (units, millionths): (i64, i64) = (row.get(column)?, row.get(column + 1)?);
                units.saturating_mul(Micros::UNIT).saturating_add(millionths)
            } else {
                row.get(column)?
            };
            column += if measure.money { 2 } else { 1 };
            *figure = figure.saturating_add(more);
        }
    }
    if !query.measures.is_empty() {
        sums.retain(|_, figures| figures.iter().any(|figure| *figure != 0));
    }
    Ok(sums)
}

/// The key of a row, and the place of its first figure.
fn key(row: &Row<'_>, query: &SumQuery, begins: &mut Begins<'_>) -> rusqlite::Result<(Key, usize)> {
    let at = begins.of(row.get(0)?);
    let ids = (1..=query.dimensions.len()).map(|column| row.get(column)).collect::<Result<_, _>>()?;
    let column = query.dimensions.len() + 1;
    Ok((Key { at, ids, currency: Currency::stored(&row.get::<_, String>(column)?) }, column + 1))
}

/// Units and millionths are added up apart, so that no sum is out of SQLite's range.
fn statement(own: Option<i64>, query: &SumQuery) -> (String, Vec<Value>) {
    let mut columns = vec![if query.grain.is_some() { "hour" } else { "0" }.to_owned()];
    columns.extend(query.dimensions.iter().map(|dimension| dimension.table().1.to_owned()));
    columns.push(if query.by_currency { "currency" } else { "''" }.to_owned());
    let groups = (1..=columns.len()).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
    for Measure { column, money } in &query.measures {
        if *money {
            columns.push(format!("sum({column} / 1000000), sum({column} % 1000000)"));
        } else {
            columns.push(format!("sum({column})"));
        }
    }
    let mut conditions = Conditions::default();
    conditions.and("hour >= ? AND hour < ?", [query.between.0.0.into(), query.between.1.0.into()]);
    if let Some(own) = own {
        conditions.and("advertiser_id = ?", [own.into()]);
    }
    for (filter, test) in &query.filters {
        match filter {
            SumFilter::Id(dimension) => conditions.add(dimension.table().1, test),
            SumFilter::Currency => conditions.add("currency", test),
            SumFilter::Name(dimension) => {
                let (table, column) = dimension.table();
                let mut named = Conditions::default();
                named.add("name", test);
                conditions.and(&format!("{column} IN (SELECT id FROM {table}{})", named.sql), named.values);
            }
        }
    }
    let (columns, source, conditions, values) =
        (columns.join(", "), query.source.sql(), conditions.sql, conditions.values);
    (format!("SELECT {columns} FROM ({source}){conditions} GROUP BY {groups}"), values)
}

/// Every name of a table: definitions are few beside what is logged.
fn names(conn: &Connection, dimension: Dimension) -> rusqlite::Result<HashMap<i64, String>> {
    let mut statement = conn.prepare_cached(&format!("SELECT id, name FROM {}", dimension.table().0))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// When the day or month of an hour begins.
struct Begins<'a> {
    zone: &'a TimeZone,
    grain: Option<Grain>,
    known: HashMap<Millis, Millis>,
}

impl Begins<'_> {
    fn of(&mut self, hour: Millis) -> Option<Millis> {
        let begin = match self.grain? {
            Grain::Hour => return Some(hour),
            Grain::Day => |zoned: jiff::Zoned| zoned.start_of_day(),
            Grain::Month => |zoned: jiff::Zoned| zoned.first_of_month()?.start_of_day(),
        };
        let found = self.known.entry(hour).or_insert_with(|| {
            let zoned = hour.timestamp().to_zoned(self.zone.clone());
            begin(zoned).map_or(hour, |begin| begin.timestamp().into())
        });
        Some(*found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Scalar;
    use crate::store::connect;

    #[test]
    fn only_the_hours_asked_for_are_read() {
        let conn = connect::in_memory();
        let query = SumQuery {
            source: SumSource::Analytics,
            between: (Millis(0), Millis(Millis::DAY)),
            zone: TimeZone::UTC,
            grain: Some(Grain::Day),
            dimensions: vec![Dimension::LineItem],
            by_currency: true,
            measures: vec![Measure { column: "imps", money: false }],
            filters: vec![(SumFilter::Name(Dimension::Advertiser), Test::In(vec![Scalar::Text("a".to_owned())]))],
        };
        let (sql, values) = statement(Some(1), &query);
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps: Vec<String> =
            plan.query_map(params_from_iter(values), |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let steps = steps.join("; ");
        for table in ["x", "c"] {
            assert!(steps.contains(&format!("SEARCH {table} USING PRIMARY KEY (hour>? AND hour<?)")), "{steps}");
            assert!(!steps.contains(&format!("SCAN {table}")), "{steps}");
        }
    }

    #[test]
    fn an_hour_belongs_to_the_day_in_which_it_begins() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let mut begins = Begins { zone: &zone, grain: Some(Grain::Day), known: HashMap::new() };
        let begin = |hour: &str, begins: &mut Begins<'_>| begins.of(Millis::parse(hour).unwrap()).unwrap().to_string();
        // Days begin at 18:30 UTC there; the hour from 18:00 begins before.
        assert_eq!(begin("2026-10-01 18:00:00", &mut begins), "2026-09-30 18:30:00");
        assert_eq!(begin("2026-10-01 19:00:00", &mut begins), "2026-10-01 18:30:00");
        begins = Begins { zone: &zone, grain: Some(Grain::Month), known: HashMap::new() };
        assert_eq!(begin("2026-10-15 12:00:00", &mut begins), "2026-09-30 18:30:00");
    }
}
