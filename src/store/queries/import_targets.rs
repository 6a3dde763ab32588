//! The line items and publishers that an imported exposure may name, by id and by code. The catalog does not hold them,
//! since no tag names them. An import reads them once, as a whole.

use std::collections::{HashMap, HashSet};

use crate::domain::{AdvertiserId, LineItemId, PublisherId, Reader};
use crate::store::{ByCode, Store, StoreError};

/// A snapshot of the line items and publishers.
#[derive(Debug, Default)]
pub struct ImportTargets {
    line_items: HashMap<LineItemId, AdvertiserId>,
    line_item_codes: HashMap<String, Vec<(AdvertiserId, LineItemId)>>,
    publishers: HashSet<PublisherId>,
    publisher_codes: HashMap<String, PublisherId>,
}

impl ImportTargets {
    /// The advertiser of a line item; none if the line item does not exist.
    pub fn advertiser_of(&self, id: LineItemId) -> Option<AdvertiserId> {
        self.line_items.get(&id).copied()
    }

    /// The line item with this code, of this advertiser or (none) of any.
    pub fn line_item_by_code(&self, code: &str, of: Option<AdvertiserId>) -> ByCode<LineItemId> {
        let all = self.line_item_codes.get(code).map(Vec::as_slice).unwrap_or_default();
        let mut matches = all.iter().filter(|(advertiser, _)| of.is_none_or(|of| of == *advertiser));
        match (matches.next(), matches.next()) {
            (None, _) => ByCode::Nothing,
            (Some((_, id)), None) => ByCode::One(*id),
            (Some(_), Some(_)) => ByCode::Several,
        }
    }

    pub fn has_publisher(&self, id: PublisherId) -> bool {
        self.publishers.contains(&id)
    }

    pub fn publisher_by_code(&self, code: &str) -> Option<PublisherId> {
        self.publisher_codes.get(code).copied()
    }
}

impl Store {
    /// All line items that the caller sees, and all publishers.
    pub async fn import_targets(&self, by: &Reader) -> Result<ImportTargets, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let mut targets = ImportTargets::default();
            let sql = "SELECT id, advertiser_id, code FROM line_items WHERE ?1 IS NULL OR advertiser_id = ?1";
            let mut statement = conn.prepare(sql)?;
            let mut rows = statement.query([own])?;
            while let Some(row) = rows.next()? {
                let (id, advertiser): (LineItemId, AdvertiserId) = (row.get("id")?, row.get("advertiser_id")?);
                targets.line_items.insert(id, advertiser);
                if let Some(code) = row.get("code")? {
                    targets.line_item_codes.entry(code).or_default().push((advertiser, id));
                }
            }
            let mut statement = conn.prepare("SELECT id, code FROM publishers")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let id: PublisherId = row.get("id")?;
                targets.publishers.insert(id);
                if let Some(code) = row.get("code")? {
                    targets.publisher_codes.insert(code, id);
                }
            }
            Ok(targets)
        })
        .await
    }
}
