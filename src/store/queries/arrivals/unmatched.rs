//! Arrivals that no source took, by what they carried, for the page of sources.

use std::collections::HashMap;

use rusqlite::params;

use crate::domain::{AdvertiserId, ArrivalContent, Millis, Reader};
use crate::store::judge::arrivals::content;
use crate::store::{Store, StoreError};

/// The days that the page of sources looks back.
pub const UNMATCHED_DAYS: i64 = 30;

/// Unmatched arrivals of one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// None for those beyond the most contents of their day.
    pub content: Option<ArrivalContent>,
    pub arrivals: u64,
    pub last_at: Millis,
}

impl Store {
    /// An advertiser's unmatched arrivals of the last [`UNMATCHED_DAYS`] days: at most so many contents, the newest first.
    /// Those without a content come last.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the caller may not see the advertiser; database faults.
    pub async fn unmatched_arrivals(
        &self,
        by: &Reader,
        advertiser: AdvertiserId,
        most: usize,
    ) -> Result<Vec<Unmatched>, StoreError> {
        if by.scope().advertiser().is_some_and(|own| own != advertiser) {
            return Err(StoreError::not_found("advertiser", advertiser));
        }
        let since = self.clock().now().day().plus(-UNMATCHED_DAYS * Millis::DAY);
        self.read(move |conn| {
            let sql =
                "SELECT carried, arrivals, last_at FROM unmatched_arrivals WHERE advertiser_id = ?1 AND day >= ?2";
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![advertiser, since])?;
            let mut all: HashMap<Option<ArrivalContent>, Unmatched> = HashMap::new();
            while let Some(row) = rows.next()? {
                let content = content(&row.get::<_, String>("carried")?);
                let (arrivals, last_at): (i64, Millis) = (row.get("arrivals")?, row.get("last_at")?);
                let of_content = all.entry(content.clone());
                let of_content = of_content.or_insert(Unmatched { content, arrivals: 0, last_at });
                of_content.arrivals += arrivals.unsigned_abs();
                of_content.last_at = last_at.max(of_content.last_at);
            }
            let mut all: Vec<Unmatched> = all.into_values().collect();
            all.sort_by(|one, other| {
                let key = |of: &Unmatched| (of.content.is_none(), std::cmp::Reverse(of.last_at));
                key(one).cmp(&key(other)).then_with(|| one.content.cmp(&other.content))
            });
            all.truncate(most);
            Ok(all)
        })
        .await
    }
}
