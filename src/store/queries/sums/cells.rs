//! Conversions, order value and cost of some days, in one pass over the sums by quarter hour: for the tiles, the chart and the
//! tables of an overview. It never reads the log.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::costs;
use super::costs::{CostSum, CostSumQuery};
use super::sum_query::{Dimension, SumFilter};
use crate::domain::{
    AdvertiserId, AuditObject, ConversionEvent, Currency, Day, ExposureKind, LineItemId, Millis, Outcome, PixelId,
    PublisherId, Reader, Reason, SourceId, TotalMicros,
};
use crate::store::db::list::{Conditions, Scalar, Test};
use crate::store::db::sum_parts::SumParts;
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

/// Which sums to read, and the spans of time to part them by.
#[derive(Clone, Debug, Default)]
pub struct CellQuery {
    pub advertiser: Option<AdvertiserId>,
    /// The category of the pixels that count, and none for those without one. All count if it is empty.
    pub categories: Vec<Option<ConversionEvent>>,
    pub line_item: Option<LineItemId>,
    pub publisher: Option<PublisherId>,
    /// 0 for what no source brought.
    pub source: Option<SourceId>,
    /// When each span begins, and the end of the last, all of them on quarter hours.
    pub begins: Vec<Millis>,
    /// The calendar's days whose cost to add: one for each span, or a single day of which the spans are hours.
    pub days: Vec<Day>,
    /// Sums from here on are late; none are without it.
    pub until: Option<Millis>,
}

/// What tells cells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellKey {
    /// The span's place in the query; none for the cost of a day that is not known hour by hour.
    pub span: Option<usize>,
    /// Whether it lies behind the query's `until`.
    pub is_late: bool,
    pub advertiser: AdvertiserId,
    /// 0 without credit.
    pub line_item: LineItemId,
    pub publisher: PublisherId,
    /// 0 for what no source brought; none for what is not known by source.
    pub source: Option<SourceId>,
    /// Of the pixel. Cost has none.
    pub category: Option<ConversionEvent>,
}

/// The sums of a cell, after adjustments, without tests, bots and prefetches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Conversions credited to a click.
    pub post_click: u64,
    /// Conversions credited to a view.
    pub post_view: u64,
    pub unattributed: u64,
    /// Dynamic values of credited conversions. A value without a currency has the line item's.
    pub values: Vec<(Currency, TotalMicros)>,
    pub costs: Vec<(Currency, TotalMicros)>,
}

type Cells = HashMap<CellKey, Cell>;

impl Store {
    /// The cells that are not empty, in no order. A caller limited to one advertiser gets those of that advertiser.
    ///
    /// # Errors
    /// Database faults.
    pub async fn cells(&self, by: &Reader, query: CellQuery) -> Result<Vec<(CellKey, Cell)>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let mut cells = Cells::new();
            conversions(&snapshot, own, &query, &mut cells)?;
            reported_costs(&snapshot, own, &query, &mut cells)?;
            media_costs(&snapshot, own, &query, &mut cells)?;
            Ok(cells.into_iter().collect())
        })
        .await
    }
}

impl CellQuery {
    fn conditions(&self, own: Option<AdvertiserId>) -> Conditions {
        let mut conditions = Conditions::default();
        let (from, to) = (self.begins.first().map_or(0, |from| from.0), self.begins.last().map_or(0, |to| to.0));
        conditions.and("quarter >= ? AND quarter < ?", [from.into(), to.into()]);
        let ids = [
            ("advertiser_id", own.map(|id| id.0)),
            ("advertiser_id", self.advertiser.map(|id| id.0)),
            ("line_item_id", self.line_item.map(|id| id.0)),
            ("publisher_id", self.publisher.map(|id| id.0)),
            ("source_id", self.source.map(|id| id.0)),
        ];
        for (column, id) in ids {
            if let Some(id) = id {
                conditions.and(&format!("{column} = ?"), [id.into()]);
            }
        }
        conditions
    }

    /// The key of a row that begins with these columns: quarter, advertiser, line item, publisher, source.
    fn key(&self, row: &Row<'_>, category: Option<ConversionEvent>) -> rusqlite::Result<CellKey> {
        let quarter: Millis = row.get(0)?;
        Ok(CellKey {
            span: self.begins.partition_point(|begin| *begin <= quarter).checked_sub(1),
            is_late: self.until.is_some_and(|until| quarter >= until),
            advertiser: row.get(1)?,
            line_item: row.get(2)?,
            publisher: row.get(3)?,
            source: row.get(4)?,
            category,
        })
    }
}

fn conversions(
    conn: &Connection,
    own: Option<AdvertiserId>,
    query: &CellQuery,
    cells: &mut Cells,
) -> rusqlite::Result<()> {
    let mut conditions = query.conditions(own);
    let counts = |word: &str| Reason::parse(word).is_some_and(|word| !matches!(word.outcome(), Outcome::NotCounted(_)));
    let words = Reason::WORDS.iter().filter(|word| counts(word)).map(|word| Value::Text((*word).to_owned()));
    let words: Vec<Value> = words.collect();
    conditions.and(&format!("reason IN ({})", vec!["?"; words.len()].join(", ")), words);
    let sql = format!(
        "SELECT quarter, advertiser_id, line_item_id, publisher_id, source_id, pixel_id, reason, net_fires, currency,
            static_currency, net_value_thousands, net_value_micros
        FROM conversions_quarters{} AND net_fires > 0",
        conditions.sql
    );
    let mut categories = Categories::load(conn)?;
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    while let Some(row) = rows.next()? {
        let category = categories.of(conn, row.get(5)?)?;
        if !query.categories.is_empty() && !query.categories.contains(&category) {
            continue;
        }
        let cell = cells.entry(query.key(row, category)?).or_default();
        let fires = row.get::<_, i64>(7)?.unsigned_abs();
        match row.get::<_, Reason>(6)?.outcome() {
            Outcome::Attributed(ExposureKind::Click) => cell.post_click += fires,
            Outcome::Attributed(ExposureKind::Impression) => cell.post_view += fires,
            _ => {
                cell.unattributed += fires;
                continue;
            }
        }
        let value = SumParts { thousands: row.get(10)?, micros: row.get(11)? };
        if let Some(currency) = currency(row)?.filter(|_| value != SumParts::default()) {
            add(&mut cell.values, currency, value.into());
        }
    }
    Ok(())
}

/// As in reports, a value without a currency has the line item's.
fn currency(row: &Row<'_>) -> rusqlite::Result<Option<Currency>> {
    let stored = |column| row.get_ref(column)?.as_str().map(Currency::stored).map_err(rusqlite::Error::from);
    Ok(match stored(8)? {
        Some(Currency::NONE) => stored(9)?.or(Some(Currency::NONE)),
        currency => currency,
    })
}

/// The cost that trackers reported with views and clicks.
fn reported_costs(
    conn: &Connection,
    own: Option<AdvertiserId>,
    query: &CellQuery,
    cells: &mut Cells,
) -> rusqlite::Result<()> {
    let conditions = query.conditions(own);
    let sql = format!(
        "SELECT quarter, advertiser_id, line_item_id, publisher_id, source_id, currency, cost_thousands, cost_micros
        FROM exposures_quarters{} AND costs > 0",
        conditions.sql
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    while let Some(row) = rows.next()? {
        let Some(currency) = Currency::stored(row.get_ref(5)?.as_str()?) else { continue };
        let cost = SumParts { thousands: row.get(6)?, micros: row.get(7)? };
        add(&mut cells.entry(query.key(row, None)?).or_default().costs, currency, cost.into());
    }
    Ok(())
}

/// The cost that people typed or imported. It belongs to whole days and to no source.
fn media_costs(
    conn: &Connection,
    own: Option<AdvertiserId>,
    query: &CellQuery,
    cells: &mut Cells,
) -> rusqlite::Result<()> {
    let (Some(first), Some(last), None) = (query.days.first(), query.days.last(), query.source) else { return Ok(()) };
    let ids = [
        (Dimension::Advertiser, query.advertiser.map(|id| id.0)),
        (Dimension::LineItem, query.line_item.map(|id| id.0)),
        (Dimension::Publisher, query.publisher.map(|id| id.0)),
    ];
    let filter = |(dimension, id): (Dimension, Option<i64>)| {
        id.map(|id| (SumFilter::Id(dimension), Test::In(vec![Scalar::Int(id)])))
    };
    let by_day = CostSumQuery {
        first: *first,
        last: *last,
        by_day: true,
        by: ids.iter().map(|(dimension, _)| *dimension).collect(),
        filters: ids.into_iter().filter_map(filter).collect(),
    };
    let by_hour = query.begins.len() != query.days.len() + 1;
    for CostSum { day, ids, currency, amount, .. } in costs::add_up(conn, own, &by_day)? {
        let id = |at: usize| ids.get(at).copied().unwrap_or_default();
        let key = CellKey {
            span: query.days.iter().position(|known| Some(*known) == day).filter(|_| !by_hour),
            is_late: false,
            advertiser: AdvertiserId(id(0)),
            line_item: LineItemId(id(1)),
            publisher: PublisherId(id(2)),
            source: None,
            category: None,
        };
        add(&mut cells.entry(key).or_default().costs, currency, amount);
    }
    Ok(())
}

fn add(sums: &mut Vec<(Currency, TotalMicros)>, currency: Currency, amount: TotalMicros) {
    match sums.iter_mut().find(|(known, _)| *known == currency) {
        Some((_, sum)) => *sum += amount,
        None => sums.push((currency, amount)),
    }
}

/// The categories of pixels. A deleted one has the category that it had last.
struct Categories(HashMap<PixelId, Option<ConversionEvent>>);

impl Categories {
    fn load(conn: &Connection) -> rusqlite::Result<Self> {
        let mut statement = conn.prepare_cached("SELECT id, pixel_conversion_event_id FROM pixels")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Categories(rows.collect::<rusqlite::Result<_>>()?))
    }

    fn of(&mut self, conn: &Connection, pixel: PixelId) -> rusqlite::Result<Option<ConversionEvent>> {
        if let Some(category) = self.0.get(&pixel) {
            return Ok(*category);
        }
        let sql = "SELECT json_extract(before, '$.pixel_conversion_event_id') FROM audit
            WHERE object_type = ?1 AND object_id = ?2 AND action = 'deleted' ORDER BY id DESC LIMIT 1";
        let mut statement = conn.prepare_cached(sql)?;
        let id: Option<Option<i64>> =
            statement.query_row(params![AuditObject::Pixel, pixel], |row| row.get(0)).optional()?;
        let category = id.flatten().and_then(ConversionEvent::new);
        self.0.insert(pixel, category);
        Ok(category)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_quarters_asked_for_are_read() {
        let conn = connect::in_memory();
        let query = CellQuery {
            advertiser: Some(AdvertiserId(1)),
            line_item: Some(LineItemId(2)),
            begins: vec![Millis(0), Millis(Millis::DAY)],
            ..CellQuery::default()
        };
        let conditions = query.conditions(Some(AdvertiserId(1)));
        for table in ["conversions_quarters", "exposures_quarters"] {
            let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM {table}{}", conditions.sql);
            let mut plan = conn.prepare(&sql).unwrap();
            let values = params_from_iter(conditions.values.clone());
            let steps: Vec<String> = plan.query_map(values, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
            let search = format!("SEARCH {table} USING PRIMARY KEY (quarter>? AND quarter<?)");
            assert_eq!(steps, [search]);
        }
    }
}
