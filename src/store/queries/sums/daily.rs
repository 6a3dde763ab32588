//! Outcomes and values of a pixel by day, from the sums by quarter hour. It never reads the log.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use crate::domain::{
    AdvertiserId, Currency, Days, ExposureKind, Millis, Outcome, PixelId, Reader, Reason, TotalMicros,
};
use crate::store::db::sum_parts::SumParts;
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

/// The most days of one query: ten years.
const MOST_DAYS: usize = 3_660;

/// Outcomes of the fires of one day, without tests, after adjustments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOutcomes {
    /// The day in the time zone of the query.
    pub day: Date,
    /// Post-click conversions.
    pub post_click: u64,
    /// Post-view conversions.
    pub post_view: u64,
    /// Conversions without credit.
    pub unattributed: u64,
    /// Duplicates, repeats, bots and prefetches.
    pub not_counted: u64,
    /// Dynamic values by their currency. A value without one has the line item's, and [`Currency::NONE`] without credit.
    pub values: BTreeMap<Currency, DayValues>,
    /// Static values by the line items' currencies.
    pub static_values: BTreeMap<Currency, DayValues>,
}

/// Sums of values in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayValues {
    /// Of post-click conversions.
    pub post_click: TotalMicros,
    /// Of post-view conversions.
    pub post_view: TotalMicros,
    /// Of unattributed conversions; static values have none.
    pub unattributed: TotalMicros,
}

impl DayOutcomes {
    fn none(day: Date) -> Self {
        DayOutcomes {
            day,
            post_click: 0,
            post_view: 0,
            unattributed: 0,
            not_counted: 0,
            values: BTreeMap::new(),
            static_values: BTreeMap::new(),
        }
    }

    fn add(&mut self, sums: &OutcomeSums) {
        let outcome = sums.reason.outcome();
        *match outcome {
            Outcome::Attributed(ExposureKind::Click) => &mut self.post_click,
            Outcome::Attributed(ExposureKind::Impression) => &mut self.post_view,
            Outcome::Unattributed(_) => &mut self.unattributed,
            Outcome::NotCounted(_) => &mut self.not_counted,
        } += sums.fires;
        // As in reports, a value without a currency has the line item's.
        let currency = match sums.currency {
            Some(Currency::NONE) => sums.static_currency.or(sums.currency),
            currency => currency,
        };
        for (values, currency, value) in [
            (&mut self.values, currency, sums.value),
            (&mut self.static_values, sums.static_currency, sums.static_value),
        ] {
            // A credited conversion has the line item's currency without a static value, too.
            let Some(currency) = currency.filter(|_| value != SumParts::default()) else { continue };
            let amount = match outcome {
                Outcome::Attributed(ExposureKind::Click) => &mut values.entry(currency).or_default().post_click,
                Outcome::Attributed(ExposureKind::Impression) => &mut values.entry(currency).or_default().post_view,
                Outcome::Unattributed(_) => &mut values.entry(currency).or_default().unattributed,
                Outcome::NotCounted(_) => continue,
            };
            *amount += value.into();
        }
    }
}

struct OutcomeSums {
    reason: Reason,
    currency: Option<Currency>,
    static_currency: Option<Currency>,
    fires: u64,
    value: SumParts,
    static_value: SumParts,
}

impl Store {
    /// Outcomes of a pixel on each day from `from` to `to` in this zone. Both are included, and so is a day without fires. A
    /// caller limited to one advertiser gets none of others' pixels.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for more than ten years; database faults.
    pub async fn daily_outcomes(
        &self,
        by: &Reader,
        pixel: PixelId,
        from: Date,
        to: Date,
        zone: TimeZone,
    ) -> Result<Vec<DayOutcomes>, StoreError> {
        let own = by.scope().advertiser();
        let mut days: Vec<_> = days(from, to)?.into_iter().map(DayOutcomes::none).collect();
        let spans = Days { first: from, last: to, zone };
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            for (day, (begin, end)) in days.iter_mut().zip(spans.each()) {
                for sums in sums(&snapshot, own, pixel, begin, end)? {
                    day.add(&sums);
                }
            }
            Ok(days)
        })
        .await
    }
}

/// All days from `from` to `to`, both included.
pub(in crate::store) fn days(from: Date, to: Date) -> Result<Vec<Date>, StoreError> {
    let days: Vec<_> = from.series(1.day()).take_while(|day| *day <= to).take(MOST_DAYS + 1).collect();
    if days.len() > MOST_DAYS {
        return Err(StoreError::invalid("to", format!("must be at most {MOST_DAYS} days after from, and is {to}")));
    }
    Ok(days)
}

fn sums(
    conn: &Connection,
    own: Option<AdvertiserId>,
    pixel: PixelId,
    begin: Millis,
    end: Millis,
) -> rusqlite::Result<Vec<OutcomeSums>> {
    let sql = "SELECT reason, currency, static_currency, sum(net_fires) AS fires,
            sum(net_value_thousands) AS value_thousands, sum(net_value_micros) AS value_micros,
            sum(net_static_value_thousands) AS static_value_thousands,
            sum(net_static_value_micros) AS static_value_micros
        FROM conversions_quarters WHERE quarter >= ?1 AND quarter < ?2 AND net_fires > 0
            AND (?3 IS NULL OR advertiser_id = ?3) AND pixel_id = ?4
        GROUP BY reason, currency, static_currency";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params![begin, end, own, pixel], |row| {
        let currency = |column: &str| row.get::<_, String>(column).map(|code| Currency::stored(&code));
        Ok(OutcomeSums {
            reason: row.get("reason")?,
            currency: currency("currency")?,
            static_currency: currency("static_currency")?,
            fires: row.get::<_, i64>("fires")?.unsigned_abs(),
            value: SumParts::read(row, "value_thousands", "value_micros")?,
            static_value: SumParts::read(row, "static_value_thousands", "static_value_micros")?,
        })
    })?;
    rows.collect()
}
