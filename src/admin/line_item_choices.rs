//! The line items that a campaign or a tracker may be put under, by advertiser: the choice of a line item decides whose
//! the object is.

use std::collections::HashMap;

use super::choices::{self, Choice};
use crate::domain::{Advertiser, AdvertiserId, LineItem, LineItemId, Reader};
use crate::store::{ListQuery, Store, StoreError};

/// What is on offer.
pub struct Offered {
    line_items: Vec<LineItem>,
    advertisers: HashMap<i64, String>,
}

/// An advertiser's line items.
pub struct Group {
    /// The advertiser's name.
    pub name: String,
    /// Its line items.
    pub options: Vec<Choice>,
}

impl Offered {
    /// All line items, or all of one advertiser; and the one that is named already.
    ///
    /// # Errors
    /// Database faults.
    pub async fn load(
        store: &Store,
        by: &Reader,
        of: Option<AdvertiserId>,
        named: Option<LineItemId>,
    ) -> Result<Self, StoreError> {
        let query = match of {
            Some(advertiser) => ListQuery::default().with_id::<LineItem>("advertiser_id", advertiser.0),
            None => ListQuery::default(),
        };
        let named: Vec<i64> = named.iter().map(|id| id.0).collect();
        let line_items = choices::all_with::<LineItem>(store, by, query, &named).await?;
        let mut owners: Vec<i64> = line_items.iter().map(|line_item| line_item.advertiser_id.0).collect();
        owners.sort_unstable();
        owners.dedup();
        let advertisers = store.names::<Advertiser>(by, owners).await?;
        Ok(Offered { line_items, advertisers })
    }

    /// The one that was chosen.
    pub fn find(&self, chosen: &str) -> Option<&LineItem> {
        self.line_items.iter().find(|line_item| line_item.id.to_string() == chosen)
    }

    /// For the select: a group for each advertiser, by name.
    pub fn groups(&self, chosen: &str) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let word = |line_item: &&LineItem| (line_item.id.0, format!("{} ({})", line_item.name, line_item.id));
        let mut owners: Vec<_> = self.advertisers.iter().collect();
        owners.sort_by_key(|(id, name)| (name.to_lowercase(), **id));
        for (owner, name) in owners {
            let own: Vec<&LineItem> = self.line_items.iter().filter(|one| one.advertiser_id.0 == *owner).collect();
            groups.push(Group { name: name.clone(), options: choices::options(&own, chosen, word) });
        }
        if choices::are_too_many(self.line_items.len()) {
            groups.push(Group { name: choices::MORE.to_owned(), options: Vec::new() });
        }
        groups
    }
}
