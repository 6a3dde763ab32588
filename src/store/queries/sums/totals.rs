//! Figures of a line item, a campaign or a publisher over some time, from the sums by quarter hour. It never reads the log.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use crate::domain::{AdvertiserId, CampaignId, Currency, LineItemId, Millis, PublisherId, Reader, Reason, TotalMicros};
use crate::store::db::sum_parts::SumParts;
use crate::store::{Store, StoreError};

/// The object whose sums to add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumsOf {
    LineItem(LineItemId),
    Campaign(CampaignId),
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

/// The sums after adjustments, without tests, bots and prefetches.
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
    pub static_values: BTreeMap<Currency, TotalMicros>,
}

impl Store {
    /// The sums of the quarter hours from `from` on and before `to`. A caller limited to one advertiser gets the sums of that
    /// advertiser.
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
        "SELECT coalesce(sum(imps), 0) AS imps, coalesce(sum(clicks), 0) AS clicks
        FROM exposures_quarters
        WHERE quarter >= ?1 AND quarter < ?2 AND {column} = ?3
            AND (?4 IS NULL OR advertiser_id = ?4)"
    );
    let counts = conn.prepare_cached(&sql)?.query_row(params![from, to, id, own], |row| {
        let (imps, clicks): (i64, i64) = (row.get("imps")?, row.get("clicks")?);
        Ok((imps.unsigned_abs(), clicks.unsigned_abs()))
    });
    (sums.imps, sums.clicks) = counts?;
    Ok(())
}

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
        "SELECT reason, static_currency, sum(net_fires) AS fires,
            sum(net_static_value_thousands) AS value_thousands, sum(net_static_value_micros) AS value_micros
        FROM conversions_quarters
        WHERE net_fires > 0 AND quarter >= ?1 AND quarter < ?2 AND {column} = ?3 AND reason IN (?4, ?5)
            AND (?6 IS NULL OR advertiser_id = ?6)
        GROUP BY reason, static_currency"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![from, to, id, Reason::PostClick, Reason::PostView, own])?;
    while let Some(row) = rows.next()? {
        let fires = row.get::<_, i64>("fires")?.unsigned_abs();
        match row.get("reason")? {
            Reason::PostClick => sums.post_click += fires,
            _ => sums.post_view += fires,
        }
        let value = SumParts::read(row, "value_thousands", "value_micros")?;
        if let Some(currency) = Currency::stored(&row.get::<_, String>("static_currency")?)
            && value != SumParts::default()
        {
            *sums.static_values.entry(currency).or_default() += value.into();
        }
    }
    Ok(())
}
