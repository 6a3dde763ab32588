//! Notes where the site tag is loaded. The script itself says nothing about visits, so this is all that shows that it works.

use rusqlite::params;

use crate::domain::{AdvertiserId, Millis};
use crate::store::{Store, StoreError};

/// The most hosts of an advertiser. Strangers can load the tag on any page.
const MOST_HOSTS: u32 = 50;
/// A load that follows so soon is not written.
const APART_MS: i64 = 10 * 60_000;

impl Store {
    /// Notes a load of the site tag on a page of `host`, unless it noted one within ten minutes.
    ///
    /// # Errors
    /// Database faults.
    pub async fn note_site_tag_load(
        &self,
        advertiser: AdvertiserId,
        host: String,
        user_agent: Option<String>,
        at: Millis,
    ) -> Result<(), StoreError> {
        let last = self.last_site_tag_load(advertiser, host.clone()).await?;
        if last.is_some_and(|last| at.since(last) < APART_MS) {
            return Ok(());
        }
        self.write(move |tx| {
            let sql = "INSERT INTO site_tag_loads (advertiser_id, host, first_at, last_at, user_agent)
                SELECT ?1, ?2, ?3, ?3, ?4 WHERE (SELECT count(*) FROM site_tag_loads WHERE advertiser_id = ?1) < ?5
                    AND EXISTS (SELECT 1 FROM advertisers WHERE id = ?1)
                ON CONFLICT (advertiser_id, host) DO UPDATE SET last_at = max(last_at, excluded.last_at)";
            tx.conn.prepare_cached(sql)?.execute(params![advertiser, host, at, user_agent, MOST_HOSTS])?;
            Ok(())
        })
        .await
    }

    async fn last_site_tag_load(&self, advertiser: AdvertiserId, host: String) -> Result<Option<Millis>, StoreError> {
        self.look_up(move |conn| {
            let sql = "SELECT max(last_at) FROM site_tag_loads WHERE advertiser_id = ?1 AND host = ?2";
            Ok(conn.prepare_cached(sql)?.query_row(params![advertiser, host], |row| row.get(0))?)
        })
        .await
    }
}
