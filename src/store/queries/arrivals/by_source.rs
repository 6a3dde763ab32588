//! How many arrivals each source of an advertiser took as clicks, for the page of sources.

use std::collections::HashMap;

use rusqlite::params;

use super::unmatched::UNMATCHED_DAYS;
use crate::domain::{AdvertiserId, Millis, Reader, SourceId};
use crate::store::{Store, StoreError};

impl Store {
    /// The clicks of the last [`UNMATCHED_DAYS`] days by source, without tests, bots and prefetches.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the caller may not see the advertiser; database faults.
    pub async fn arrivals_by_source(
        &self,
        by: &Reader,
        advertiser: AdvertiserId,
    ) -> Result<HashMap<SourceId, u64>, StoreError> {
        if !by.scope().includes(advertiser) {
            return Err(StoreError::not_found("advertiser", advertiser));
        }
        let since = self.clock().now().day().plus(-UNMATCHED_DAYS * Millis::DAY);
        self.read(move |conn| {
            let sql = "SELECT source_id, sum(clicks) AS clicks FROM exposures_quarters
                WHERE quarter >= ?1 AND advertiser_id = ?2 AND source_id <> 0 GROUP BY source_id";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map(params![since, advertiser], |row| {
                Ok((row.get("source_id")?, row.get::<_, i64>("clicks")?.unsigned_abs()))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}
