//! Adds up the sums by quarter hour for reports: by hour, day or month of a time zone, by objects and by currency. It
//! never reads the log.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Statement, params_from_iter};

use super::costs::{CostSumQuery, add_up as add_up_costs};
use super::sum_query::{Dimension, Measure, Named, SumQuery, SumRow};
use crate::domain::{AdvertiserId, Currency, Grain, Millis, Reader, TotalMicros};
use crate::store::db::list::Conditions;
use crate::store::db::sum_parts::SumParts;
use crate::store::{Store, StoreError};

/// The most rows of a report of sums, which are all in memory.
pub const MOST_SUM_ROWS: usize = 1_000_000;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: Option<Millis>,
    ids: Vec<i64>,
    currency: Option<Currency>,
}

impl Store {
    /// The rows in the order of time, ids and currency, without rows of zeros alone. A caller limited to one advertiser
    /// gets the sums of that advertiser.
    ///
    /// # Errors
    /// [`StoreError::Limit`] for more than [`MOST_SUM_ROWS`]; database faults.
    pub async fn report_sums(&self, by: &Reader, query: SumQuery) -> Result<Vec<SumRow>, StoreError> {
        let own = by.scope().advertiser();
        self.read_report(move |conn| {
            let mut sums = add_up(conn, own.map(|id| id.0), &query)?;
            add_costs(conn, own, &query, &mut sums)?;
            if !query.measures.is_empty() {
                sums.retain(|_, figures| figures.iter().any(|figure| *figure != 0));
            }
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

/// The figures of a report's rows.
type Figures = BTreeMap<Key, Vec<i128>>;

fn add_up(conn: &Connection, own: Option<i64>, query: &SumQuery) -> Result<Figures, StoreError> {
    let (sql, values) = statement(own, query);
    let mut begins = Begins { zone: &query.zone, grain: query.grain, known: HashMap::new() };
    let mut sums = Figures::new();
    let mut statement = conn.prepare_cached(&sql)?;
    let columns = query.measures.iter().map(|measure| match measure.is_of_days() {
        true => Ok(None),
        false => FigureColumns::find(&statement, *measure).map(Some),
    });
    let columns = columns.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let figures = figures_of(&mut sums, key(row, query, &mut begins)?, columns.len())?;
        for (figure, columns) in figures.iter_mut().zip(&columns) {
            *figure += columns.as_ref().map_or(Ok(0), |columns| columns.read(row))?;
        }
    }
    Ok(sums)
}

/// The figures of this key, zeros at first.
fn figures_of(sums: &mut Figures, key: Key, width: usize) -> Result<&mut Vec<i128>, StoreError> {
    if sums.len() >= MOST_SUM_ROWS && !sums.contains_key(&key) {
        return Err(StoreError::Limit(format!(
            "the report has more than {MOST_SUM_ROWS} rows; choose a shorter time or fewer columns to group by"
        )));
    }
    Ok(sums.entry(key).or_insert_with(|| vec![0; width]))
}

/// Adds the costs of days. A day is that of the calendar, in any zone. It belongs to the span of time that holds its
/// begin in the report's zone.
fn add_costs(
    conn: &Connection,
    own: Option<AdvertiserId>,
    query: &SumQuery,
    sums: &mut Figures,
) -> Result<(), StoreError> {
    if !query.measures.iter().any(|measure| measure.is_of_days()) {
        return Ok(());
    }
    let Some((first, last)) = query.days() else { return Ok(()) };
    let (by_day, by, filters) = (query.grain.is_some(), query.dimensions.clone(), query.filters.clone());
    for sum in add_up_costs(conn, own, &CostSumQuery { first, last, by_day, by, filters })? {
        let at = sum.day.and_then(|day| query.begin(day));
        let key = Key { at, ids: sum.ids, currency: query.by_currency.then_some(sum.currency) };
        let figures = figures_of(sums, key, query.measures.len())?;
        for (figure, measure) in figures.iter_mut().zip(&query.measures) {
            match *measure {
                Measure::MEDIA_COST => *figure += sum.amount.0,
                Measure::MEDIA_COSTS => *figure += i128::from(sum.costs),
                _ => {}
            }
        }
    }
    Ok(())
}

fn key(row: &Row<'_>, query: &SumQuery, begins: &mut Begins<'_>) -> rusqlite::Result<Key> {
    let at = begins.of(row.get("quarter")?);
    let ids = query.dimensions.iter().map(|dimension| row.get(dimension.table().1)).collect::<Result<_, _>>()?;
    Ok(Key { at, ids, currency: Currency::stored(&row.get::<_, String>("currency")?) })
}

/// The indexes of a figure's columns.
enum FigureColumns {
    Count(usize),
    Money { thousands: usize, micros: usize },
}

impl FigureColumns {
    fn find(statement: &Statement<'_>, Measure { column, money }: Measure) -> rusqlite::Result<Self> {
        if !money {
            return statement.column_index(column).map(FigureColumns::Count);
        }
        let thousands = statement.column_index(&format!("{column}_thousands"))?;
        Ok(FigureColumns::Money { thousands, micros: statement.column_index(&format!("{column}_micros"))? })
    }

    fn read(&self, row: &Row<'_>) -> rusqlite::Result<i128> {
        match *self {
            FigureColumns::Count(count) => Ok(row.get::<_, i64>(count)?.into()),
            FigureColumns::Money { thousands, micros } => {
                let parts = SumParts { thousands: row.get(thousands)?, micros: row.get(micros)? };
                Ok(TotalMicros::from(parts).0)
            }
        }
    }
}

fn statement(own: Option<i64>, query: &SumQuery) -> (String, Vec<Value>) {
    let mut columns = vec![if query.grain.is_some() { "quarter" } else { "0 AS quarter" }.to_owned()];
    columns.extend(query.dimensions.iter().map(|dimension| dimension.table().1.to_owned()));
    columns.push(if query.by_currency { "currency" } else { "'' AS currency" }.to_owned());
    let groups = (1..=columns.len()).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
    for Measure { column, money } in query.measures.iter().filter(|measure| !measure.is_of_days()) {
        if *money {
            let parts = ["thousands", "micros"].map(|part| format!("{column}_{part}"));
            columns.extend(parts.map(|part| format!("sum({part}) AS {part}")));
        } else {
            columns.push(format!("sum({column}) AS {column}"));
        }
    }
    let mut conditions = Conditions::default();
    conditions.and("quarter >= ? AND quarter < ?", [query.between.0.0.into(), query.between.1.0.into()]);
    if let Some(own) = own {
        conditions.and("advertiser_id = ?", [own.into()]);
    }
    for (filter, test) in &query.filters {
        filter.add(test, &mut conditions);
    }
    let (columns, source, conditions, values) =
        (columns.join(", "), query.source.sql(), conditions.sql, conditions.values);
    (format!("SELECT {columns} FROM ({source}){conditions} GROUP BY {groups}"), values)
}

/// All names, of deleted objects too. It reads them all, since definitions are few.
fn names(conn: &Connection, dimension: Dimension) -> rusqlite::Result<HashMap<i64, String>> {
    let mut statement = conn.prepare_cached(&dimension.names())?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Finds the begin of the hour, day or month of a quarter hour.
struct Begins<'a> {
    zone: &'a TimeZone,
    grain: Option<Grain>,
    known: HashMap<Millis, Millis>,
}

impl Begins<'_> {
    fn of(&mut self, quarter: Millis) -> Option<Millis> {
        let grain = self.grain?;
        Some(*self.known.entry(quarter).or_insert_with(|| grain.begin(quarter, self.zone)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sum_query::{SumFilter, SumSource};
    use super::*;
    use crate::store::derived::connect;
    use crate::store::{Scalar, Test};

    #[test]
    fn only_the_quarters_asked_for_are_read() {
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
            assert!(steps.contains(&format!("SEARCH {table} USING PRIMARY KEY (quarter>? AND quarter<?)")), "{steps}");
            assert!(!steps.contains(&format!("SCAN {table}")), "{steps}");
        }
    }

    #[test]
    fn a_quarter_belongs_to_the_hour_day_and_month_of_its_zone() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let begin = |grain, quarter: &str| {
            let mut begins = Begins { zone: &zone, grain: Some(grain), known: HashMap::new() };
            begins.of(Millis::parse(quarter).unwrap()).unwrap().to_string()
        };
        // Days begin at 18:30 UTC there.
        assert_eq!(begin(Grain::Day, "2026-10-01 18:15:00"), "2026-09-30 18:30:00");
        assert_eq!(begin(Grain::Day, "2026-10-01 18:30:00"), "2026-10-01 18:30:00");
        assert_eq!(begin(Grain::Hour, "2026-10-01 18:15:00"), "2026-10-01 17:30:00");
        assert_eq!(begin(Grain::Month, "2026-10-15 12:00:00"), "2026-09-30 18:30:00");
    }
}
