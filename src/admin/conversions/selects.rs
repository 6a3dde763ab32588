//! The objects that filter the list of events, by advertiser.

use std::collections::HashMap;

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::shell::form::Form;
use crate::admin::shell::odd::Odd;
use crate::domain::{Advertiser, AdvertiserId, LineItem, Pixel, Publisher, Reader, Source};
use crate::store::{Entity, ListQuery, Listed, Store, StoreError};

/// The options of the selects.
pub struct Selects {
    pub pixels: Vec<ChoiceGroup>,
    pub line_items: Vec<ChoiceGroup>,
    pub placements: Vec<ChoiceGroup>,
    pub sources: Vec<ChoiceGroup>,
}

/// The options of one advertiser. The name is empty where there is one group.
pub struct ChoiceGroup {
    pub name: String,
    pub options: Vec<Choice>,
}

impl Selects {
    /// Of one advertiser, or of all.
    pub async fn load(
        store: &Store,
        by: &Reader,
        query: &Form,
        advertiser: Option<AdvertiserId>,
    ) -> Result<Self, StoreError> {
        let pixels = load::<Pixel>(store, by, query.ids("pixel"), advertiser).await?;
        let line_items = load::<LineItem>(store, by, query.ids("line_item"), advertiser).await?;
        let sources = load::<Source>(store, by, query.ids("source"), advertiser).await?;
        let placements = choices::all::<Publisher>(store, by, &query.ids("placement")).await?;
        let mut owners: Vec<i64> = pixels.iter().map(|pixel| pixel.advertiser_id.0).collect();
        owners.extend(line_items.iter().map(|line_item| line_item.advertiser_id.0));
        owners.extend(sources.iter().map(|source| source.advertiser_id.0));
        owners.sort_unstable();
        owners.dedup();
        let names = store.names::<Advertiser>(by, owners).await?;
        let pixel = |pixel: &Pixel| (pixel.advertiser_id.0, pixel.id.0, pixel.name.clone());
        let line_item = |one: &LineItem| (one.advertiser_id.0, one.id.0, one.name.clone());
        let source = |source: &Source| (source.advertiser_id.0, source.id.0, source.name.clone());
        let placement = |publisher: &Publisher| (0, publisher.id.0, publisher.name.clone());
        Ok(Selects {
            pixels: groups(&pixels, &names, query.text("pixel"), pixel),
            line_items: groups(&line_items, &names, query.text("line_item"), line_item),
            placements: groups(&placements, &names, query.text("placement"), placement),
            sources: groups(&sources, &names, query.text("source"), source),
        })
    }

    /// The name of the chosen object; none if there is none.
    pub fn chosen(&self, name: &str) -> Option<&str> {
        let groups = match name {
            "pixel" => &self.pixels,
            "line_item" => &self.line_items,
            "placement" => &self.placements,
            "source" => &self.sources,
            _ => return None,
        };
        let mut options = groups.iter().flat_map(|group| &group.options);
        options.find(|option| option.chosen).map(|option| option.name.as_str())
    }

    /// Says which chosen objects are not among those to choose from. The log may still hold events of a deleted one.
    pub fn say_missing(&self, query: &Form, odd: &Odd) {
        for (name, noun) in
            [("pixel", "pixel"), ("line_item", "line item"), ("placement", "placement"), ("source", "source")]
        {
            let is_id = query.text(name).parse::<i64>().is_ok_and(|id| id > 0);
            if is_id && self.chosen(name).is_none() {
                odd.gone(noun, query.text(name), "If it was deleted, its events are shown.");
            }
        }
    }
}

async fn load<E: Entity + Listed>(
    store: &Store,
    by: &Reader,
    chosen: Vec<i64>,
    advertiser: Option<AdvertiserId>,
) -> Result<Vec<E>, StoreError> {
    let query = match advertiser {
        Some(id) => ListQuery::default().with_id::<E>("advertiser_id", id.0),
        None => ListQuery::default(),
    };
    choices::all_with::<E>(store, by, query, &chosen).await
}

/// `word` gives the owner, the ID and the name.
fn groups<T>(
    objects: &[T],
    names: &HashMap<i64, String>,
    chosen: &str,
    word: impl Fn(&T) -> (i64, i64, String),
) -> Vec<ChoiceGroup> {
    let mut of_owner: HashMap<i64, Vec<(i64, String)>> = HashMap::new();
    for (owner, id, name) in objects.iter().map(word) {
        of_owner.entry(owner).or_default().push((id, name));
    }
    let is_one = of_owner.len() < 2;
    let mut owners: Vec<_> = of_owner.into_iter().collect();
    let name = |owner: i64| names.get(&owner).cloned().unwrap_or_default();
    owners.sort_by_cached_key(|(owner, _)| (name(*owner).to_lowercase(), *owner));
    let group = |(owner, own): (i64, Vec<(i64, String)>)| ChoiceGroup {
        name: if is_one { String::new() } else { name(owner) },
        options: choices::options(&own, chosen, |(id, name)| (*id, name.clone())),
    };
    let mut groups: Vec<ChoiceGroup> = owners.into_iter().map(group).collect();
    if !is_one && choices::are_too_many(objects.len()) {
        groups.push(ChoiceGroup { name: choices::MORE.to_owned(), options: Vec::new() });
    }
    groups
}
