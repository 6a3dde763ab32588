//! Finds visitors by a click ID that an ad platform gave to one of their clicks.

use rusqlite::params;

use crate::domain::{AdParameter, AdvertiserId, CLICK_IDS, Reader, VisitorId};
use crate::store::{Store, StoreError};

/// A click ID that a visitor came with to an advertiser's shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickIdHit {
    pub advertiser: AdvertiserId,
    pub name: String,
    pub value: String,
    pub visitor: VisitorId,
}

// The key begins with advertiser and name, and both lists are short.
const BY_VALUE: &str = "SELECT k.advertiser_id, k.name, k.value, k.visitor_id
    FROM (SELECT id FROM advertisers WHERE ?1 IS NULL OR id = ?1) a CROSS JOIN json_each(?2) n
    CROSS JOIN click_ids k ON k.advertiser_id = a.id AND k.name = n.value AND k.value = ?3
    ORDER BY k.kept DESC, k.seq DESC LIMIT ?4";

impl Store {
    /// The visitors who came with a click ID, typed as `EAIa…` or as `gclid=EAIa…`.
    ///
    /// # Errors
    /// Database faults.
    pub async fn find_click_ids(&self, by: &Reader, text: &str, most: u32) -> Result<Vec<ClickIdHit>, StoreError> {
        let own = by.scope().advertiser();
        let (name, value) = match text.trim().split_once('=') {
            Some((name, value)) if matches!(AdParameter::of(name), Some(AdParameter::ClickId(_))) => (name, value),
            _ => ("", text.trim()),
        };
        let value = value.to_owned();
        let names =
            CLICK_IDS.iter().map(|id| id.name).filter(|known| name.is_empty() || known.eq_ignore_ascii_case(name));
        let names = serde_json::json!(names.collect::<Vec<_>>()).to_string();
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(BY_VALUE)?;
            let hits = statement.query_map(params![own, names, value, most], |row| {
                Ok(ClickIdHit { advertiser: row.get(0)?, name: row.get(1)?, value: row.get(2)?, visitor: row.get(3)? })
            })?;
            Ok(hits.collect::<Result<_, _>>()?)
        })
        .await
    }
}
