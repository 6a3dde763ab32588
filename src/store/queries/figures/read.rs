//! Reads the sums of a range and adds them up by object and currency.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::{ByCurrency, Counting, Figures, FiguresOf, FiguresQuery, FiguresTable, Spans};
use crate::domain::{AdvertiserId, Currency, Millis, Reason, TotalMicros};
use crate::store::db::list::Conditions;
use crate::store::db::sum_parts::SumParts;

/// The columns of the ids, in the order of [`FiguresOf::ALL`], come first in each query. These follow.
const IDS: usize = FiguresOf::ALL.len();

/// Exposures belong to no pixel.
const EXPOSURES: &str =
    "SELECT advertiser_id, line_item_id, campaign_id, publisher_id, tracker_id, source_id, 0 AS pixel_id,
    currency, imps, clicks, costs, cost_thousands, cost_micros FROM";

const CREDITED: &str = "SELECT advertiser_id, line_item_id, campaign_id, publisher_id, tracker_id, source_id, pixel_id,
    static_currency, currency, reason, value_thousands, value_micros, static_value_thousands, static_value_micros,
    conversions FROM";

/// The same columns of the quarter hours. Conversions with a line item are the credited ones.
const CREDITED_QUARTERS: &str = "SELECT advertiser_id, line_item_id, campaign_id, publisher_id, tracker_id, source_id,
    pixel_id, static_currency, currency, reason, net_value_thousands, net_value_micros, net_static_value_thousands,
    net_static_value_micros, net_fires FROM";

pub(super) fn figures(
    conn: &Connection,
    own: Option<AdvertiserId>,
    query: &FiguresQuery,
    spans: &Spans,
) -> rusqlite::Result<FiguresTable> {
    let mut sums = Sums { by: &query.by, objects: vec![HashMap::new(); query.by.len()], total: HashMap::new() };
    if query.only.iter().all(|(of, _)| *of != FiguresOf::Pixel) {
        let (days, quarters) = (format!("{EXPOSURES} exposures_days"), format!("{EXPOSURES} exposures_quarters"));
        let filters = filters(own, query);
        each(conn, &days, "day", spans.days, &filters, |row| sums.exposures(row))?;
        each(conn, &quarters, "quarter", spans.before, &filters, |row| sums.exposures(row))?;
        each(conn, &quarters, "quarter", spans.after, &filters, |row| sums.exposures(row))?;
    }
    let mut filters = filters(own, query);
    let category = match query.counting {
        Counting::All => None,
        Counting::Of(category) => Some(Value::Integer(category.id().into())),
        Counting::Without => Some(Value::Null),
    };
    if let Some(category) = category {
        filters.and("pixel_id IN (SELECT id FROM pixels WHERE pixel_conversion_event_id IS ?)", [category]);
    }
    let days = format!("{CREDITED} credited_days");
    each(conn, &days, "day", spans.days, &filters, |row| sums.credited(row))?;
    filters.and("line_item_id <> 0", []);
    let quarters = format!("{CREDITED_QUARTERS} conversions_quarters");
    each(conn, &quarters, "quarter", spans.before, &filters, |row| sums.credited(row))?;
    each(conn, &quarters, "quarter", spans.after, &filters, |row| sums.credited(row))?;
    Ok(sums.table())
}

/// The conditions of all tables.
fn filters(own: Option<AdvertiserId>, query: &FiguresQuery) -> Conditions {
    let mut filters = Conditions::default();
    for advertiser in own.iter().chain(&query.advertiser) {
        filters.and("advertiser_id = ?", [Value::Integer(advertiser.0)]);
    }
    for (of, id) in &query.only {
        filters.and(&format!("{} = ?", of.column()), [Value::Integer(*id)]);
    }
    filters
}

/// Reads the rows of a span, by the table's key.
fn each(
    conn: &Connection,
    select: &str,
    time: &str,
    (from, to): (Millis, Millis),
    filters: &Conditions,
    mut add: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    if from >= to {
        return Ok(());
    }
    let mut conditions = Conditions::default();
    conditions.and(&format!("{time} >= ? AND {time} < ?"), [Value::Integer(from.0), Value::Integer(to.0)]);
    let more = filters.sql.replacen(" WHERE ", " AND ", 1);
    let values = conditions.values.iter().chain(&filters.values);
    let mut statement = conn.prepare_cached(&format!("{select}{}{more}", conditions.sql))?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        add(row)?;
    }
    Ok(())
}

type Objects = HashMap<(i64, Currency), Figures>;

/// The sums so far.
struct Sums<'a> {
    by: &'a [FiguresOf],
    objects: Vec<Objects>,
    total: HashMap<Currency, Figures>,
}

impl Sums<'_> {
    fn exposures(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let figures = Figures {
            imps: count(row, IDS + 1)?,
            clicks: count(row, IDS + 2)?,
            costs: count(row, IDS + 3)?,
            cost: money(row, IDS + 4)?,
            ..Figures::default()
        };
        self.add(row, currency(row, IDS)?.unwrap_or(Currency::NONE), &figures)
    }

    /// Conversions and payout have the line item's currency. Value without a currency has it, too.
    fn credited(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let own = currency(row, IDS)?.unwrap_or(Currency::NONE);
        let of_value = currency(row, IDS + 1)?.filter(|currency| *currency != Currency::NONE).unwrap_or(own);
        let conversions = count(row, IDS + 7)?;
        let mut figures = Figures { payout: money(row, IDS + 5)?, ..Figures::default() };
        match row.get(IDS + 2)? {
            Reason::PostView => figures.post_view = conversions,
            _ => figures.post_click = conversions,
        }
        let value = money(row, IDS + 3)?;
        if of_value == own {
            figures.value = value;
        } else {
            self.add(row, of_value, &Figures { value, ..Figures::default() })?;
        }
        self.add(row, own, &figures)
    }

    fn add(&mut self, row: &Row<'_>, currency: Currency, figures: &Figures) -> rusqlite::Result<()> {
        // A conversion that was taken back leaves a row of zeros.
        if figures.is_empty() {
            return Ok(());
        }
        self.total.entry(currency).or_default().add(figures);
        for (of, objects) in self.by.iter().zip(&mut self.objects) {
            let place = FiguresOf::ALL.iter().position(|one| one == of).unwrap_or_default();
            objects.entry((row.get(place)?, currency)).or_default().add(figures);
        }
        Ok(())
    }

    fn table(self) -> FiguresTable {
        let by = self.objects.into_iter().map(|objects| {
            let mut by: BTreeMap<i64, ByCurrency> = BTreeMap::new();
            for ((id, currency), figures) in objects {
                by.entry(id).or_default().insert(currency, figures);
            }
            by
        });
        FiguresTable { by: by.collect(), total: self.total.into_iter().collect() }
    }
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

/// An amount in this column and the next.
fn money(row: &Row<'_>, column: usize) -> rusqlite::Result<TotalMicros> {
    Ok(SumParts { thousands: row.get(column)?, micros: row.get(column + 1)? }.into())
}

fn currency(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Currency>> {
    Ok(row.get_ref(column)?.as_str().ok().and_then(Currency::stored))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::derived::connect;

    #[test]
    fn only_the_days_and_quarters_of_the_range_are_read() {
        let conn = connect::in_memory();
        let mut filters = Conditions::default();
        filters.and("advertiser_id = ?", [Value::Integer(1)]);
        for (select, table, time) in [
            (EXPOSURES, "exposures_days", "day"),
            (EXPOSURES, "exposures_quarters", "quarter"),
            (CREDITED, "credited_days", "day"),
            (CREDITED_QUARTERS, "conversions_quarters", "quarter"),
        ] {
            let sql = format!(
                "EXPLAIN QUERY PLAN {select} {table} WHERE {time} >= ?1 AND {time} < ?2 AND advertiser_id = ?3"
            );
            let plan: String = conn.prepare(&sql).unwrap().query_row([0, 1, 2], |row| row.get(3)).unwrap();
            assert_eq!(plan, format!("SEARCH {table} USING PRIMARY KEY ({time}>? AND {time}<?)"));
        }
    }
}
