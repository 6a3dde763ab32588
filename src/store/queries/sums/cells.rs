//! Conversions, order value and cost of some days, from the sums by day and by quarter hour. An overview makes its
//! tiles, chart and tables of them. It never reads the log.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::costs;
use super::costs::{CostSum, CostSumQuery};
use super::pieces::{Part, Piece, pieces};
use super::sum_query::{Dimension, SumFilter};
use crate::domain::{
    AdvertiserId, AuditObject, ConversionEvent, Currency, Day, LineItemId, Millis, Outcome, PixelId, PublisherId,
    Reader, Reason, SourceId, TotalMicros,
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
    /// Whether to count what is not credited, which takes longer.
    pub with_unattributed: bool,
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

/// A cell while it is added up. What a day gives back may come before what it brought.
#[derive(Default)]
struct Sums {
    post_click: i64,
    post_view: i64,
    unattributed: i64,
    values: Vec<(Currency, TotalMicros)>,
    costs: Vec<(Currency, TotalMicros)>,
}

impl Sums {
    /// The cell; none if nothing is in it.
    fn cell(self) -> Option<Cell> {
        let present = |sums: Vec<(Currency, TotalMicros)>| sums.into_iter().filter(|(_, sum)| sum.0 != 0).collect();
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        let cell = Cell {
            post_click: count(self.post_click),
            post_view: count(self.post_view),
            unattributed: count(self.unattributed),
            values: present(self.values),
            costs: present(self.costs),
        };
        Some(cell).filter(|cell| *cell != Cell::default())
    }
}

type Cells = HashMap<CellKey, Sums>;

impl Store {
    /// The cells that are not empty, in no order. A caller limited to one advertiser gets those of that advertiser.
    ///
    /// # Errors
    /// Database faults.
    pub async fn cells(&self, by: &Reader, query: CellQuery) -> Result<Vec<(CellKey, Cell)>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let mut reading = Reading { conn: &snapshot, own, query: &query, cells: Cells::new() };
            let mut categories = Categories::load(&snapshot)?;
            for piece in pieces(&query.begins, query.until) {
                reading.credited(piece, &mut categories)?;
                reading.reported_costs(piece)?;
            }
            if query.with_unattributed {
                reading.unattributed(&mut categories)?;
            }
            media_costs(&snapshot, own, &query, &mut reading.cells)?;
            Ok(reading.cells.into_iter().filter_map(|(key, sums)| Some((key, sums.cell()?))).collect())
        })
        .await
    }
}

impl CellQuery {
    fn counts(&self, category: Option<ConversionEvent>) -> bool {
        self.categories.is_empty() || self.categories.contains(&category)
    }

    /// The rows from one moment on and before another, by this column.
    fn conditions(&self, own: Option<AdvertiserId>, time: &str, from: Millis, to: Millis) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.and(&format!("{time} >= ? AND {time} < ?"), [from.0.into(), to.0.into()]);
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
}

/// The key of a row that begins with these columns: advertiser, line item, publisher, source.
fn key(row: &Row<'_>, (span, is_late): Part, category: Option<ConversionEvent>) -> rusqlite::Result<CellKey> {
    Ok(CellKey {
        span: Some(span),
        is_late,
        advertiser: row.get(0)?,
        line_item: row.get(1)?,
        publisher: row.get(2)?,
        source: row.get(3)?,
        category,
    })
}

/// The parts that a piece changes, each with the sign of the change.
fn changes(piece: Piece) -> impl Iterator<Item = (Part, i64)> {
    [Some((piece.adds_to, 1)), piece.takes_from.map(|part| (part, -1))].into_iter().flatten()
}

struct Reading<'a> {
    conn: &'a Connection,
    own: Option<AdvertiserId>,
    query: &'a CellQuery,
    cells: Cells,
}

impl Reading<'_> {
    fn credited(&mut self, piece: Piece, categories: &mut Categories) -> rusqlite::Result<()> {
        let time = if piece.is_day { "day" } else { "quarter" };
        let conditions = self.query.conditions(self.own, time, piece.from, piece.to);
        let figures = match piece.is_day {
            true => "conversions, value_thousands, value_micros FROM credited_days",
            false => "net_fires, net_value_thousands, net_value_micros FROM conversions_quarters",
        };
        let sql = format!(
            "SELECT advertiser_id, line_item_id, publisher_id, source_id, pixel_id, reason, currency, static_currency,
                {figures}{} AND line_item_id <> 0",
            conditions.sql
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(conditions.values))?;
        while let Some(row) = rows.next()? {
            let category = categories.of(self.conn, row.get(4)?)?;
            if !self.query.counts(category) {
                continue;
            }
            let (is_click, fires) = (row.get::<_, Reason>(5)? == Reason::PostClick, row.get::<_, i64>(8)?);
            let value: TotalMicros = SumParts { thousands: row.get(9)?, micros: row.get(10)? }.into();
            let currency = currency(row)?;
            for (part, sign) in changes(piece) {
                let sums = self.cells.entry(key(row, part, category)?).or_default();
                *if is_click { &mut sums.post_click } else { &mut sums.post_view } += sign * fires;
                if let Some(currency) = currency {
                    add(&mut sums.values, currency, TotalMicros(i128::from(sign) * value.0));
                }
            }
        }
        Ok(())
    }

    /// The cost that trackers reported with views and clicks.
    fn reported_costs(&mut self, piece: Piece) -> rusqlite::Result<()> {
        let (time, table) = if piece.is_day { ("day", "exposures_days") } else { ("quarter", "exposures_quarters") };
        let conditions = self.query.conditions(self.own, time, piece.from, piece.to);
        let sql = format!(
            "SELECT advertiser_id, line_item_id, publisher_id, source_id, currency, cost_thousands, cost_micros
            FROM {table}{} AND costs > 0",
            conditions.sql
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(conditions.values))?;
        while let Some(row) = rows.next()? {
            let Some(currency) = Currency::stored(row.get_ref(4)?.as_str()?) else { continue };
            let cost: TotalMicros = SumParts { thousands: row.get(5)?, micros: row.get(6)? }.into();
            for (part, sign) in changes(piece) {
                let sums = self.cells.entry(key(row, part, None)?).or_default();
                add(&mut sums.costs, currency, TotalMicros(i128::from(sign) * cost.0));
            }
        }
        Ok(())
    }

    /// What no ad earned belongs to no line item, placement and source.
    fn unattributed(&mut self, categories: &mut Categories) -> rusqlite::Result<()> {
        let is =
            |word: &str| Reason::parse(word).is_some_and(|word| matches!(word.outcome(), Outcome::Unattributed(_)));
        let words: Vec<Value> =
            Reason::WORDS.iter().filter(|word| is(word)).map(|word| Value::Text((*word).to_owned())).collect();
        for (span, two) in self.query.begins.windows(2).enumerate() {
            let [from, to] = two else { continue };
            let mut conditions = self.query.conditions(self.own, "quarter", *from, *to);
            conditions.and(&format!("reason IN ({})", vec!["?"; words.len()].join(", ")), words.clone());
            let sql = format!(
                "SELECT advertiser_id, line_item_id, publisher_id, source_id, pixel_id, sum(net_fires)
                FROM conversions_quarters{} GROUP BY pixel_id",
                conditions.sql
            );
            let mut statement = self.conn.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(conditions.values))?;
            while let Some(row) = rows.next()? {
                let category = categories.of(self.conn, row.get(4)?)?;
                if self.query.counts(category) {
                    self.cells.entry(key(row, (span, false), category)?).or_default().unattributed +=
                        row.get::<_, i64>(5)?;
                }
            }
        }
        Ok(())
    }
}

/// As in reports, a value without a currency has the line item's.
fn currency(row: &Row<'_>) -> rusqlite::Result<Option<Currency>> {
    let stored = |column| row.get_ref(column)?.as_str().map(Currency::stored).map_err(rusqlite::Error::from);
    Ok(match stored(6)? {
        Some(Currency::NONE) => stored(7)?.or(Some(Currency::NONE)),
        currency => currency,
    })
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
    fn only_the_days_and_quarters_asked_for_are_read() {
        let conn = connect::in_memory();
        let query =
            CellQuery { advertiser: Some(AdvertiserId(1)), line_item: Some(LineItemId(2)), ..CellQuery::default() };
        for (table, time) in [
            ("conversions_quarters", "quarter"),
            ("exposures_quarters", "quarter"),
            ("credited_days", "day"),
            ("exposures_days", "day"),
        ] {
            let conditions = query.conditions(Some(AdvertiserId(1)), time, Millis(0), Millis(Millis::DAY));
            let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM {table}{}", conditions.sql);
            let mut plan = conn.prepare(&sql).unwrap();
            let values = params_from_iter(conditions.values);
            let steps: Vec<String> = plan.query_map(values, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
            assert_eq!(steps, [format!("SEARCH {table} USING PRIMARY KEY ({time}>? AND {time}<?)")]);
        }
    }
}
