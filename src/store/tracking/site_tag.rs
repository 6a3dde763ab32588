//! Notes where the site tag is loaded. The script itself says nothing about visits, so this is all that shows that it works.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rusqlite::params;

use crate::domain::{AdvertiserId, Millis};
use crate::store::{Store, StoreError};

/// The most hosts of an advertiser. Strangers can load the tag on any page.
const MOST_HOSTS: u32 = 50;
/// A load that follows so soon is not written.
const APART_MS: i64 = 10 * 60_000;
/// The most hosts of all advertisers whose last load is kept in memory, and so the most that are noted in ten minutes.
const MOST_RECENT: usize = 1_000;

/// The loads of the last ten minutes: most loads cost no look at the database.
#[derive(Default)]
pub(in crate::store) struct RecentLoads(Mutex<HashMap<(AdvertiserId, String), Millis>>);

impl RecentLoads {
    /// Whether this load is to be noted. It counts as noted from now on.
    fn is_due(&self, advertiser: AdvertiserId, host: &str, at: Millis) -> bool {
        let is_recent = |last: &Millis| at.since(*last) < APART_MS;
        let key = (advertiser, host.to_owned());
        let mut loads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if loads.get(&key).is_some_and(is_recent) {
            return false;
        }
        if loads.len() >= MOST_RECENT {
            loads.retain(|_, last| is_recent(last));
        }
        let has_room = loads.len() < MOST_RECENT;
        if has_room {
            loads.insert(key, at);
        }
        has_room
    }
}

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
        if !self.0.site_tag_loads.is_due(advertiser, &host, at) {
            return Ok(());
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_due_once_in_ten_minutes_and_few_hosts_are_kept() {
        let loads = RecentLoads::default();
        let due = |host: &str, minute: i64| loads.is_due(AdvertiserId(1), host, Millis(minute * 60_000));
        assert_eq!(
            [due("a", 0), due("a", 9), due("b", 9), due("a", 10), due("a", 11)],
            [true, false, true, true, false]
        );
        let many = (0..MOST_RECENT).filter(|n| due(&format!("forged{n}"), 12)).count();
        assert_eq!(many, MOST_RECENT - 2);
        assert!(!due("c", 12) && due("c", 25), "the forged ones leave room after ten minutes");
    }
}
