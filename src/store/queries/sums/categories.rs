//! The categories that pixels have, for the choice of what a page counts.

use rusqlite::params;

use crate::domain::{AdvertiserId, ConversionEvent, Reader};
use crate::store::{Store, StoreError};

impl Store {
    /// The categories of the pixels of an advertiser, or of all that the caller sees; none for pixels without one.
    ///
    /// # Errors
    /// Database faults.
    pub async fn pixel_categories(
        &self,
        by: &Reader,
        advertiser: Option<AdvertiserId>,
    ) -> Result<Vec<Option<ConversionEvent>>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let sql = "SELECT DISTINCT pixel_conversion_event_id FROM pixels
                WHERE (?1 IS NULL OR advertiser_id = ?1) AND (?2 IS NULL OR advertiser_id = ?2)";
            let mut statement = conn.prepare_cached(sql)?;
            let rows = statement.query_map(params![own, advertiser], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
