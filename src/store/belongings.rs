//! What belongs to an advertiser, in numbers: what its page links to, and what goes with it when it is deleted.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{Store, StoreError};
use crate::domain::{AdvertiserId, Reader};

/// How many objects of each kind an advertiser has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Belongings {
    /// Pixels.
    pub pixels: u64,
    /// Line items.
    pub line_items: u64,
    /// Campaigns.
    pub campaigns: u64,
    /// Impression and click trackers.
    pub trackers: u64,
    /// Segments of its own.
    pub segments: u64,
    /// Users that are limited to it.
    pub users: u64,
    /// API tokens that are limited to it.
    pub tokens: u64,
    /// Saved reports about it.
    pub saved_reports: u64,
}

impl Store {
    /// What these advertisers have; one that the caller may not see has nothing.
    ///
    /// # Errors
    /// Database faults.
    pub async fn belongings(
        &self,
        by: &Reader,
        ids: Vec<AdvertiserId>,
    ) -> Result<HashMap<AdvertiserId, Belongings>, StoreError> {
        let scope = by.scope();
        self.look_up(move |conn| {
            let seen = ids.into_iter().filter(|id| scope.includes(*id));
            Ok(seen.map(|id| Ok((id, count(conn, id)?))).collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

fn count(conn: &Connection, id: AdvertiserId) -> rusqlite::Result<Belongings> {
    let count = |table: &str| -> rusqlite::Result<u64> {
        let sql = format!("SELECT count(*) FROM {table} WHERE advertiser_id = ?1");
        let count: i64 = conn.prepare_cached(&sql)?.query_row([id], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    };
    Ok(Belongings {
        pixels: count("pixels")?,
        line_items: count("line_items")?,
        campaigns: count("campaigns")?,
        trackers: count("trackers")?,
        segments: count("segments")?,
        users: count("users")?,
        tokens: count("tokens")?,
        saved_reports: count("saved_reports")?,
    })
}
