//! Counts conversions between two moments, so that the overview can compare today so far with the same part of another day.
//! It uses the sums, and counts rows in the quarter hours of the two moments.

use rusqlite::{Connection, params};

use crate::domain::{AdvertiserId, Millis, Reader, Reason};
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

impl Store {
    /// How many conversions from `from` on and before `to` are attributed and not retracted, to the millisecond.
    ///
    /// # Errors
    /// Database faults.
    pub async fn attributed_between(&self, by: &Reader, from: Millis, to: Millis) -> Result<u64, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let first_full = if from == from.quarter() { from } else { from.quarter().plus(Millis::QUARTER) };
            let last_full = to.quarter();
            if first_full >= last_full {
                return Ok(count_rows(&snapshot, own, from, to)?);
            }
            Ok(count_rows(&snapshot, own, from, first_full)?
                + count_quarters(&snapshot, own, first_full, last_full)?
                + count_rows(&snapshot, own, last_full, to)?)
        })
        .await
    }
}

fn count_quarters(conn: &Connection, own: Option<AdvertiserId>, from: Millis, to: Millis) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(sum(net_fires), 0) FROM conversions_quarters
        WHERE quarter >= ?1 AND quarter < ?2 AND reason IN (?3, ?4) AND (?5 IS NULL OR advertiser_id = ?5)";
    count(conn, sql, own, from, to)
}

fn count_rows(conn: &Connection, own: Option<AdvertiserId>, from: Millis, to: Millis) -> rusqlite::Result<u64> {
    let sql = "SELECT count(*) FROM conversions c
        WHERE at >= ?1 AND at < ?2 AND reason IN (?3, ?4) AND (?5 IS NULL OR advertiser_id = ?5)
            AND NOT EXISTS (SELECT 1 FROM adjusted a WHERE a.seq = c.seq AND a.retracted)";
    count(conn, sql, own, from, to)
}

fn count(conn: &Connection, sql: &str, own: Option<AdvertiserId>, from: Millis, to: Millis) -> rusqlite::Result<u64> {
    if from >= to {
        return Ok(0);
    }
    let values = params![from, to, Reason::PostClick, Reason::PostView, own];
    let count: i64 = conn.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok(count.unsigned_abs())
}
