//! The line items that a form offers for a campaign or a tracker, by advertiser. The line item decides which advertiser
//! owns the object.

use std::collections::HashMap;

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::domain::{Advertiser, AdvertiserId, LineItem, LineItemId, Reader};
use crate::store::{ListQuery, Store, StoreError};

/// Line items with the names of their advertisers.
pub struct LineItemChoices {
    line_items: Vec<LineItem>,
    advertisers: HashMap<i64, String>,
}

/// The options of one advertiser.
pub struct LineItemGroup {
    /// The advertiser's name.
    pub name: String,
    pub options: Vec<Choice>,
}

impl LineItemChoices {
    /// Loads the line items of one advertiser, or of every advertiser, plus `current`.
    pub async fn load(
        store: &Store,
        by: &Reader,
        advertiser: Option<AdvertiserId>,
        current: Option<LineItemId>,
    ) -> Result<Self, StoreError> {
        let query = match advertiser {
            Some(id) => ListQuery::default().with_id::<LineItem>("advertiser_id", id.0),
            None => ListQuery::default(),
        };
        let current: Vec<i64> = current.iter().map(|id| id.0).collect();
        let line_items = choices::all_with::<LineItem>(store, by, query, &current).await?;
        let mut owners: Vec<i64> = line_items.iter().map(|line_item| line_item.advertiser_id.0).collect();
        owners.sort_unstable();
        owners.dedup();
        let advertisers = store.names::<Advertiser>(by, owners).await?;
        Ok(LineItemChoices { line_items, advertisers })
    }

    /// The only line item there is.
    pub fn only(&self) -> Option<LineItemId> {
        if let [only] = self.line_items.as_slice() { Some(only.id) } else { None }
    }

    /// The line item with this id, as the form sends it.
    pub fn find(&self, id: &str) -> Option<&LineItem> {
        self.line_items.iter().find(|line_item| line_item.id.to_string() == id)
    }

    /// The name of the line item with this id; the id if the form does not offer it.
    pub fn name(&self, id: &str) -> String {
        self.find(id).map_or_else(|| id.to_owned(), |line_item| line_item.name.clone())
    }

    /// The groups of the select, by the advertisers' names.
    pub fn groups(&self, chosen: &str) -> Vec<LineItemGroup> {
        let mut groups: Vec<LineItemGroup> = Vec::new();
        let word = |line_item: &&LineItem| (line_item.id.0, format!("{} ({})", line_item.name, line_item.id));
        let mut owners: Vec<_> = self.advertisers.iter().collect();
        owners.sort_by_key(|(id, name)| (name.to_lowercase(), **id));
        for (owner, name) in owners {
            let own: Vec<&LineItem> = self.line_items.iter().filter(|one| one.advertiser_id.0 == *owner).collect();
            groups.push(LineItemGroup { name: name.clone(), options: choices::options(&own, chosen, word) });
        }
        if choices::are_too_many(self.line_items.len()) {
            groups.push(LineItemGroup { name: choices::MORE.to_owned(), options: Vec::new() });
        }
        groups
    }
}
