//! Reads the sums of the query's spans, piece by piece, and adds them up.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::categories::Categories;
use super::pieces::{Part, Piece, pieces};
use super::{Counting, Figures, FiguresKey, FiguresOf, FiguresQuery, FiguresRow, KINDS};
use crate::domain::{AdvertiserId, ConversionEvent, Currency, Day, Millis, Outcome, Reason, TotalMicros};
use crate::store::db::list::{Conditions, Scalar, Test};
use crate::store::db::sum_parts::SumParts;
use crate::store::queries::sums::costs;
use crate::store::queries::sums::costs::CostSumQuery;
use crate::store::queries::sums::sum_query::{Dimension, SumFilter};

// The columns of the ids, in the order of the kinds, come first in each statement.

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

const UNATTRIBUTED: &str = "SELECT advertiser_id, line_item_id, campaign_id, publisher_id, tracker_id, source_id,
    pixel_id, sum(net_fires) FROM conversions_quarters";

pub(super) fn figures(
    conn: &Connection,
    own: Option<AdvertiserId>,
    query: &FiguresQuery,
) -> rusqlite::Result<Vec<FiguresRow>> {
    let categories = Categories::load(conn)?;
    let mut reading = Reading { conn, own, query, categories, given: Rows::new(), taken: Rows::new() };
    for piece in pieces(&query.begins, query.until) {
        reading.exposures(piece)?;
        reading.credited(piece)?;
    }
    if query.with_unattributed {
        reading.unattributed()?;
    }
    reading.costs_of_days()?;
    Ok(reading.rows())
}

type Rows = HashMap<(FiguresKey, Currency), Figures>;

struct Reading<'a> {
    conn: &'a Connection,
    own: Option<AdvertiserId>,
    query: &'a FiguresQuery,
    categories: Categories,
    given: Rows,
    /// What parts of days give back to other spans.
    taken: Rows,
}

impl Reading<'_> {
    fn exposures(&mut self, piece: Piece) -> rusqlite::Result<()> {
        if self.query.only.iter().any(|(of, _)| *of == FiguresOf::Pixel) {
            return Ok(());
        }
        let (time, table) = if piece.is_day { ("day", "exposures_days") } else { ("quarter", "exposures_quarters") };
        let Conditions { sql, values } = conditions(self.own, self.query, time, piece.from, piece.to);
        let more = if self.query.without_free_ads { " AND costs > 0" } else { "" };
        let mut statement = self.conn.prepare_cached(&format!("{EXPOSURES} {table}{sql}{more}"))?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let figures = Figures {
                imps: count(row, KINDS + 1)?,
                clicks: count(row, KINDS + 2)?,
                costs: count(row, KINDS + 3)?,
                cost: money(row, KINDS + 4)?,
                ..Figures::default()
            };
            self.add(row, piece, None, currency(row, KINDS)?.unwrap_or(Currency::NONE), &figures)?;
        }
        Ok(())
    }

    /// Conversions and payout have the line item's currency. Value without a currency has it, too.
    fn credited(&mut self, piece: Piece) -> rusqlite::Result<()> {
        let time = if piece.is_day { "day" } else { "quarter" };
        let Conditions { sql, values } = conditions(self.own, self.query, time, piece.from, piece.to);
        let sql = match piece.is_day {
            true => format!("{CREDITED} credited_days{sql}"),
            false => format!("{CREDITED_QUARTERS} conversions_quarters{sql} AND line_item_id <> 0"),
        };
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let Some(category) = self.counted(row)? else { continue };
            let own = currency(row, KINDS)?.unwrap_or(Currency::NONE);
            let of_value = currency(row, KINDS + 1)?.filter(|currency| *currency != Currency::NONE).unwrap_or(own);
            let conversions = count(row, KINDS + 7)?;
            let mut figures = Figures { payout: money(row, KINDS + 5)?, ..Figures::default() };
            match row.get(KINDS + 2)? {
                Reason::PostView => figures.post_view = conversions,
                _ => figures.post_click = conversions,
            }
            let value = money(row, KINDS + 3)?;
            if of_value == own {
                figures.value = value;
            } else {
                self.add(row, piece, category, of_value, &Figures { value, ..Figures::default() })?;
            }
            self.add(row, piece, category, own, &figures)?;
        }
        Ok(())
    }

    /// What no ad earned belongs to no line item, placement and source.
    fn unattributed(&mut self) -> rusqlite::Result<()> {
        let is =
            |word: &str| Reason::parse(word).is_some_and(|word| matches!(word.outcome(), Outcome::Unattributed(_)));
        let words: Vec<Value> =
            Reason::WORDS.iter().filter(|word| is(word)).map(|word| Value::Text((*word).to_owned())).collect();
        for (span, two) in self.query.begins.windows(2).enumerate() {
            let [from, to] = two else { continue };
            let mut conditions = conditions(self.own, self.query, "quarter", *from, *to);
            conditions.and(&format!("reason IN ({})", vec!["?"; words.len()].join(", ")), words.clone());
            let mut statement =
                self.conn.prepare_cached(&format!("{UNATTRIBUTED}{} GROUP BY pixel_id", conditions.sql))?;
            let mut rows = statement.query(params_from_iter(conditions.values))?;
            while let Some(row) = rows.next()? {
                let Some(category) = self.counted(row)? else { continue };
                let key = self.key(row, (span, false), category)?;
                let figures = Figures { unattributed: count(row, KINDS)?, ..Figures::default() };
                self.given.entry((key, Currency::NONE)).or_default().add(&figures);
            }
        }
        Ok(())
    }

    /// The cost that people typed or imported. It belongs to whole days, and to no tracker, source or pixel.
    fn costs_of_days(&mut self) -> rusqlite::Result<()> {
        let Some((first, last)) = self.query.days else { return Ok(()) };
        let only: Option<Vec<_>> =
            self.query.only.iter().map(|(of, id)| Some((dimension(*of)?, Scalar::Int(*id)))).collect();
        let Some(mut only) = only else { return Ok(()) };
        only.extend(self.query.advertiser.map(|id| (Dimension::Advertiser, Scalar::Int(id.0))));
        let spans = self.query.begins.len().saturating_sub(1);
        let is_by_span = place(first, last).is_some_and(|place| place + 1 == spans);
        let by: Vec<(FiguresOf, Dimension)> =
            self.query.by.iter().filter_map(|of| Some((*of, dimension(*of)?))).collect();
        let sums = CostSumQuery {
            first,
            last,
            by_day: is_by_span,
            by: by.iter().map(|(_, dimension)| *dimension).collect(),
            filters: only.into_iter().map(|(of, id)| (SumFilter::Id(of), Test::In(vec![id]))).collect(),
        };
        for sum in costs::add_up(self.conn, self.own, &sums)? {
            let mut key = FiguresKey::new(sum.day.and_then(|day| place(first, day)), false, None);
            by.iter().zip(&sum.ids).for_each(|((of, _), id)| key.set(*of, *id));
            let figures = Figures { cost: sum.amount, costs: sum.costs, ..Figures::default() };
            self.given.entry((key, sum.currency)).or_default().add(&figures);
        }
        Ok(())
    }

    /// The category of a conversion; none if the query does not count it.
    fn counted(&mut self, row: &Row<'_>) -> rusqlite::Result<Option<Option<ConversionEvent>>> {
        let category = self.categories.of(self.conn, row.get(FiguresOf::Pixel as usize)?)?;
        let counts = match self.query.counting {
            Counting::All => true,
            Counting::Of(wanted) => category == Some(wanted),
            Counting::Without => category.is_none(),
        };
        Ok(counts.then_some(category))
    }

    fn key(
        &self,
        row: &Row<'_>,
        (span, is_late): Part,
        category: Option<ConversionEvent>,
    ) -> rusqlite::Result<FiguresKey> {
        let mut key = FiguresKey::new(Some(span), is_late, category);
        for of in &self.query.by {
            key.set(*of, row.get(*of as usize)?);
        }
        Ok(key)
    }

    fn add(
        &mut self,
        row: &Row<'_>,
        piece: Piece,
        category: Option<ConversionEvent>,
        currency: Currency,
        figures: &Figures,
    ) -> rusqlite::Result<()> {
        // A conversion that was taken back leaves a row of zeros.
        if figures.is_empty() {
            return Ok(());
        }
        let key = self.key(row, piece.adds_to, category)?;
        self.given.entry((key, currency)).or_default().add(figures);
        if let Some(part) = piece.takes_from {
            let key = self.key(row, part, category)?;
            self.taken.entry((key, currency)).or_default().add(figures);
        }
        Ok(())
    }

    fn rows(mut self) -> Vec<FiguresRow> {
        for (key, part) in &self.taken {
            self.given.entry(*key).or_default().take(part);
        }
        let rows = self.given.into_iter().filter(|(_, figures)| !figures.is_empty());
        rows.map(|((key, currency), figures)| FiguresRow { key, currency, figures }).collect()
    }
}

/// The rows of a stretch of time, by the table's key.
fn conditions(own: Option<AdvertiserId>, query: &FiguresQuery, time: &str, from: Millis, to: Millis) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and(&format!("{time} >= ? AND {time} < ?"), [from.0.into(), to.0.into()]);
    for advertiser in own.iter().chain(&query.advertiser) {
        conditions.and("advertiser_id = ?", [advertiser.0.into()]);
    }
    for (of, id) in &query.only {
        conditions.and(&format!("{} = ?", of.column()), [(*id).into()]);
    }
    conditions
}

/// The same kind for sums of costs; none if a cost has no such object.
fn dimension(of: FiguresOf) -> Option<Dimension> {
    match of {
        FiguresOf::Advertiser => Some(Dimension::Advertiser),
        FiguresOf::LineItem => Some(Dimension::LineItem),
        FiguresOf::Campaign => Some(Dimension::Campaign),
        FiguresOf::Publisher => Some(Dimension::Publisher),
        FiguresOf::Tracker | FiguresOf::Source | FiguresOf::Pixel => None,
    }
}

/// How many days lie before this one.
fn place(first: Day, day: Day) -> Option<usize> {
    first.0.until(day.0).ok().and_then(|days| usize::try_from(days.get_days()).ok())
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
    fn only_the_days_and_quarters_asked_for_are_read() {
        let conn = connect::in_memory();
        let query = FiguresQuery {
            advertiser: Some(AdvertiserId(1)),
            only: vec![(FiguresOf::LineItem, 2)],
            ..FiguresQuery::default()
        };
        for (select, time) in [
            (format!("{EXPOSURES} exposures_days"), "day"),
            (format!("{EXPOSURES} exposures_quarters"), "quarter"),
            (format!("{CREDITED} credited_days"), "day"),
            (format!("{CREDITED_QUARTERS} conversions_quarters"), "quarter"),
        ] {
            let conditions = conditions(Some(AdvertiserId(1)), &query, time, Millis(0), Millis(Millis::DAY));
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {select}{}", conditions.sql)).unwrap();
            let values = params_from_iter(conditions.values);
            let steps: Vec<String> = plan.query_map(values, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
            let table = select.rsplit(' ').next().unwrap();
            assert_eq!(steps, [format!("SEARCH {table} USING PRIMARY KEY ({time}>? AND {time}<?)")]);
        }
    }
}
