//! How many objects of each kind an advertiser owns, for its page and before its deletion.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::domain::{AdvertiserId, Reader};
use crate::store::db::id_list::IdList;
use crate::store::{Store, StoreError};

/// How many objects of each kind an advertiser owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdvertiserCounts {
    pub pixels: u64,
    pub line_items: u64,
    pub campaigns: u64,
    /// Of both kinds.
    pub trackers: u64,
    pub sources: u64,
    /// Without those that all advertisers share.
    pub segments: u64,
    /// Limited to this advertiser.
    pub users: u64,
    /// API tokens limited to this advertiser.
    pub tokens: u64,
    /// About this advertiser.
    pub saved_reports: u64,
}

impl Store {
    /// The counts of these advertisers, without those that the caller may not see.
    pub async fn advertiser_counts(
        &self,
        by: &Reader,
        mut ids: Vec<AdvertiserId>,
    ) -> Result<HashMap<AdvertiserId, AdvertiserCounts>, StoreError> {
        let scope = by.scope();
        ids.retain(|id| scope.includes(*id));
        self.look_up(move |conn| Ok(counts(conn, ids)?)).await
    }
}

type CountOf = fn(&mut AdvertiserCounts) -> &mut u64;

fn counts(conn: &Connection, ids: Vec<AdvertiserId>) -> rusqlite::Result<HashMap<AdvertiserId, AdvertiserCounts>> {
    let tables: [(&str, CountOf); 9] = [
        ("pixels", |counts| &mut counts.pixels),
        ("line_items", |counts| &mut counts.line_items),
        ("campaigns", |counts| &mut counts.campaigns),
        ("trackers", |counts| &mut counts.trackers),
        ("sources", |counts| &mut counts.sources),
        ("segments", |counts| &mut counts.segments),
        ("users", |counts| &mut counts.users),
        ("tokens", |counts| &mut counts.tokens),
        ("saved_reports", |counts| &mut counts.saved_reports),
    ];
    let list = IdList::of(ids.iter().map(|id| id.0));
    let mut counts: HashMap<_, _> = ids.into_iter().map(|id| (id, AdvertiserCounts::default())).collect();
    for (table, count_of) in tables {
        let sql = format!(
            "SELECT advertiser_id, count(*) AS count FROM {table}
            WHERE advertiser_id IN (SELECT value FROM json_each(?1)) GROUP BY advertiser_id"
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query([&list])?;
        while let Some(row) = rows.next()? {
            let count: i64 = row.get("count")?;
            *count_of(counts.entry(row.get("advertiser_id")?).or_default()) = count.unsigned_abs();
        }
    }
    Ok(counts)
}
