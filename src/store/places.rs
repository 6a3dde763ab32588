//! Where exposures may be of, by id and by code: line items and publishers, which the catalog does not hold since no tag
//! names them. Read as a whole, for an import.

use std::collections::{HashMap, HashSet};

use super::{ByCode, Store, StoreError};
use crate::domain::{AdvertiserId, LineItemId, PublisherId, Reader};

/// Line items and publishers as they were at one moment.
#[derive(Debug, Default)]
pub struct Places {
    line_items: HashMap<LineItemId, AdvertiserId>,
    line_item_codes: HashMap<String, Vec<(AdvertiserId, LineItemId)>>,
    publishers: HashSet<PublisherId>,
    publisher_codes: HashMap<String, PublisherId>,
}

impl Places {
    /// Whose the line item is; none if there is no such line item.
    pub fn advertiser_of(&self, id: LineItemId) -> Option<AdvertiserId> {
        self.line_items.get(&id).copied()
    }

    /// The line item with this code, of this advertiser or (none) of any.
    pub fn line_item_by_code(&self, code: &str, of: Option<AdvertiserId>) -> ByCode<LineItemId> {
        let all = self.line_item_codes.get(code).map(Vec::as_slice).unwrap_or_default();
        let mut found = all.iter().filter(|(advertiser, _)| of.is_none_or(|of| of == *advertiser));
        match (found.next(), found.next()) {
            (None, _) => ByCode::Nothing,
            (Some((_, id)), None) => ByCode::One(*id),
            (Some(_), Some(_)) => ByCode::Several,
        }
    }

    /// Whether there is such a publisher.
    pub fn has_publisher(&self, id: PublisherId) -> bool {
        self.publishers.contains(&id)
    }

    /// The publisher with this code.
    pub fn publisher_by_code(&self, code: &str) -> Option<PublisherId> {
        self.publisher_codes.get(code).copied()
    }
}

impl Store {
    /// All line items and publishers of this moment.
    ///
    /// # Errors
    /// Database faults.
    pub async fn places(&self, by: &Reader) -> Result<Places, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let mut places = Places::default();
            let sql = "SELECT id, advertiser_id, code FROM line_items WHERE ?1 IS NULL OR advertiser_id = ?1";
            let mut statement = conn.prepare(sql)?;
            let mut rows = statement.query([own])?;
            while let Some(row) = rows.next()? {
                let (id, advertiser): (LineItemId, AdvertiserId) = (row.get(0)?, row.get(1)?);
                places.line_items.insert(id, advertiser);
                if let Some(code) = row.get(2)? {
                    places.line_item_codes.entry(code).or_default().push((advertiser, id));
                }
            }
            let mut statement = conn.prepare("SELECT id, code FROM publishers")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let id: PublisherId = row.get(0)?;
                places.publishers.insert(id);
                if let Some(code) = row.get(1)? {
                    places.publisher_codes.insert(code, id);
                }
            }
            Ok(places)
        })
        .await
    }
}
