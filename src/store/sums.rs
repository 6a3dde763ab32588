//! What came of a line item, a campaign or a publisher over some time, added up from the hourly sums. It never reads
//! the log.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{Store, StoreError};
use crate::domain::{AdvertiserId, CampaignId, Currency, LineItemId, Micros, Millis, PublisherId, Reader, Reason};

/// Whose sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumsOf {
    /// A line item's.
    LineItem(LineItemId),
    /// A campaign's.
    Campaign(CampaignId),
    /// A publisher's.
    Publisher(PublisherId),
}

impl SumsOf {
    /// The column and its value.
    fn column(self) -> (&'static str, i64) {
        match self {
            SumsOf::LineItem(id) => ("line_item_id", id.0),
            SumsOf::Campaign(id) => ("campaign_id", id.0),
            SumsOf::Publisher(id) => ("publisher_id", id.0),
        }
    }
}

/// The sums, without tests, bots and prefetches, as they stand after adjustments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Ad views.
    pub imps: u64,
    /// Ad clicks.
    pub clicks: u64,
    /// Conversions credited to a click.
    pub post_click: u64,
    /// Conversions credited to a view.
    pub post_view: u64,
    /// Static values of these conversions by currency.
    pub static_values: BTreeMap<Currency, Micros>,
}

impl Store {
    /// What came of it in the hours from `from` on and before `to`. A caller limited to one advertiser gets that one's.
    ///
    /// # Errors
    /// Database faults.
    pub async fn sums(&self, by: &Reader, of: SumsOf, from: Millis, to: Millis) -> Result<Sums, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let mut sums = Sums::default();
            exposures(conn, own, of, from, to, &mut sums)?;
            conversions(conn, own, of, from, to, &mut sums)?;
            Ok(sums)
        })
        .await
    }
}

fn exposures(
    conn: &Connection,
    own: Option<AdvertiserId>,
    of: SumsOf,
    from: Millis,
    to: Millis,
    sums: &mut Sums,
) -> rusqlite::Result<()> {
    let (column, id) = of.column();
    let sql = format!(
        "SELECT coalesce(sum(imps), 0), coalesce(sum(clicks), 0) FROM exposures_hourly
        WHERE hour >= ?1 AND hour < ?2 AND {column} = ?3
            AND (?4 IS NULL OR line_item_id IN (SELECT id FROM line_items WHERE advertiser_id = ?4))"
    );
    let counts = conn.prepare_cached(&sql)?.query_row(params![from, to, id, own], |row| {
        let (imps, clicks): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok((imps.unsigned_abs(), clicks.unsigned_abs()))
    });
    (sums.imps, sums.clicks) = counts?;
    Ok(())
}

/// Units and millionths are added up apart, so that no sum is out of SQLite's range.
fn conversions(
    conn: &Connection,
    own: Option<AdvertiserId>,
    of: SumsOf,
    from: Millis,
    to: Millis,
    sums: &mut Sums,
) -> rusqlite::Result<()> {
    let (column, id) = of.column();
    let sql = format!(
        "SELECT reason, static_currency, sum(net_fires), sum(net_static_value / 1000000),
            sum(net_static_value % 1000000)
        FROM conversions_hourly
        WHERE net_fires > 0 AND hour >= ?1 AND hour < ?2 AND {column} = ?3 AND reason IN (?4, ?5)
            AND (?6 IS NULL OR advertiser_id = ?6)
        GROUP BY reason, static_currency"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![from, to, id, Reason::PostClick, Reason::PostView, own])?;
    while let Some(row) = rows.next()? {
        let fires: i64 = row.get(2)?;
        match row.get(0)? {
            Reason::PostClick => sums.post_click += fires.unsigned_abs(),
            _ => sums.post_view += fires.unsigned_abs(),
        }
        if let Some(currency) = Currency::stored(&row.get::<_, String>(1)?) {
            let (units, millionths): (i64, i64) = (row.get(3)?, row.get(4)?);
            let sum = sums.static_values.entry(currency).or_default();
            let more = units.saturating_mul(Micros::UNIT).saturating_add(millionths);
            *sum = Micros(sum.0.saturating_add(more));
        }
    }
    Ok(())
}
