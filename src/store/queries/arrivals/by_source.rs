//! When each source of an advertiser last took an arrival as a click, for the page of sources.

use std::collections::HashMap;

use rusqlite::params;

use crate::domain::{AdvertiserId, Millis, Reader, SourceId};
use crate::store::{Store, StoreError};

/// The last UTC day of each source tells where its last quarter hour is.
const LAST: &str = "
    WITH last AS (
        SELECT source_id, max(day) AS day FROM exposures_days
        WHERE day >= ?1 AND day < ?2 AND advertiser_id = ?3 AND source_id <> 0 GROUP BY source_id
    )
    SELECT l.source_id, max(x.quarter) AS quarter
    FROM (SELECT DISTINCT day FROM last) d
    CROSS JOIN exposures_quarters x ON x.quarter >= d.day AND x.quarter < d.day + 86400000
    JOIN last l ON l.day = d.day AND l.source_id = x.source_id
    WHERE x.advertiser_id = ?3 GROUP BY l.source_id";

impl Store {
    /// The quarter hours of the last clicks by source, on the UTC days from `from` to before `to`, without tests, bots and
    /// prefetches.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the caller may not see the advertiser; database faults.
    pub async fn last_arrivals_by_source(
        &self,
        by: &Reader,
        advertiser: AdvertiserId,
        (from, to): (Millis, Millis),
    ) -> Result<HashMap<SourceId, Millis>, StoreError> {
        if !by.scope().includes(advertiser) {
            return Err(StoreError::not_found("advertiser", advertiser));
        }
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(LAST)?;
            let rows = statement.query_map(params![from.day(), to, advertiser], |row| {
                Ok((row.get("source_id")?, row.get("quarter")?))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}
