//! Pixels with everything that their list shows and sorts by.

use std::collections::HashMap;

use tokio::task::spawn_blocking;

use super::status::status;
use crate::admin::choices;
use crate::admin::figures::{Choices, figures_of};
use crate::admin::lists::paging::Sort;
use crate::admin::scope::PageScope;
use crate::admin::shell::form::Form;
use crate::domain::{Pixel, PixelId, Reader};
use crate::store::{FiguresOf, ListQuery, Listed, PixelHealth, PixelLinks, Scalar, Store, StoreError, Test};

/// A pixel with everything that the list can sort by.
pub struct Entry {
    pub pixel: Pixel,
    pub links: PixelLinks,
    pub health: PixelHealth,
    /// In the range of the page.
    pub conversions: u64,
}

/// Some pixels of the list.
pub struct Entries {
    pub entries: Vec<Entry>,
    /// The first of them.
    pub start: usize,
    /// How many there are on all pages.
    pub count: usize,
}

/// What the list shows of whom.
pub struct Asked<'a> {
    pub store: &'a Store,
    pub by: &'a Reader,
    pub form: &'a Form,
    pub scope: &'a PageScope,
    /// `active`, `paused`, `inactive`, or empty for all.
    pub status: &'a str,
    pub sort: Sort,
    /// None for all rows.
    pub size: Option<usize>,
}

impl Asked<'_> {
    /// One page of pixels.
    ///
    /// # Errors
    /// Database faults.
    pub async fn entries(&self, choices: &Choices<'_>) -> Result<Entries, StoreError> {
        let mut query = ListQuery { find: self.form.some("search").map(str::to_owned), ..ListQuery::default() };
        if let Some(advertiser) = self.scope.advertiser_id() {
            query = query.with_id::<Pixel>("advertiser_id", advertiser.0);
        }
        if !self.status.is_empty() {
            let state = if self.status == "inactive" { "inactive" } else { "active" };
            query = query.with::<Pixel>("state", Test::In(vec![Scalar::Text(state.to_owned())]));
        }
        let field = Pixel::FIELDS.iter().find(|field| field.name == self.sort.key && field.column);
        let by_running = matches!(self.status, "active" | "paused");
        if let (Some(field), false, Some(size)) = (field, by_running, self.size) {
            // The store knows the order, so it reads this page alone.
            query.sort = vec![(field, self.sort.descending)];
            return self.page(query, size, choices).await;
        }
        // An order or a filter by health needs the health of every pixel.
        let pixels = choices::every::<Pixel>(self.store, self.by, query).await?;
        let mut entries = self.with_health(pixels).await?;
        let (running, sort) = (by_running.then_some(self.status == "active"), self.sort);
        // There may be thousands, and this thread also answers `/px`.
        let entries = spawn_blocking(move || {
            entries.retain(|entry| running.is_none_or(|running| entry.links.is_running() == running));
            order(&mut entries, sort);
            entries
        });
        let entries = entries.await.map_err(StoreError::fault)?;
        let count = entries.len();
        let Some(size) = self.size else { return Ok(Entries { entries, start: 0, count }) };
        let start = choices.start(size, count);
        Ok(Entries { entries: entries.into_iter().skip(start).take(size).collect(), start, count })
    }

    async fn page(&self, query: ListQuery, size: usize, choices: &Choices<'_>) -> Result<Entries, StoreError> {
        let counted = ListQuery { num_elements: 0, ..query.clone() };
        let count = self.store.list::<Pixel>(self.by, counted).await?.count;
        let count = usize::try_from(count).map_err(StoreError::fault)?;
        let start = choices.start(size, count);
        let part = |number: usize| u32::try_from(number).map_err(StoreError::fault);
        let query = ListQuery { start_element: part(start)?, num_elements: part(size)?, ..query };
        let pixels = self.store.list::<Pixel>(self.by, query).await?.items;
        Ok(Entries { entries: self.with_health(pixels).await?, start, count })
    }

    async fn with_health(&self, pixels: Vec<Pixel>) -> Result<Vec<Entry>, StoreError> {
        let ids: Vec<PixelId> = pixels.iter().map(|pixel| pixel.id).collect();
        let mut links = self.store.pixel_links(self.by, ids.clone()).await?;
        let mut health = self.store.pixel_health(self.by, ids).await?;
        let figures = figures_of(self.store, self.by, self.scope, FiguresOf::Pixel, None).await?;
        let counts = figures.into_iter().map(|(id, of)| (id, of.values().map(|row| row.figures.conversions()).sum()));
        let counts: HashMap<i64, u64> = counts.collect();
        let entry = |pixel: Pixel| Entry {
            links: links.remove(&pixel.id).unwrap_or_default(),
            health: health.remove(&pixel.id).unwrap_or_default(),
            conversions: counts.get(&pixel.id.0).copied().unwrap_or_default(),
            pixel,
        };
        Ok(pixels.into_iter().map(entry).collect())
    }
}

fn order(entries: &mut [Entry], sort: Sort) {
    // By name first: the sorts are stable.
    entries.sort_by_cached_key(|entry| entry.pixel.name.to_lowercase());
    match sort.key {
        "loads" => entries.sort_by_key(|entry| entry.health.loads_12h),
        "last_load" => entries.sort_by_key(|entry| entry.health.last_load),
        "conversions" => entries.sort_by_key(|entry| entry.conversions),
        "status" => entries.sort_by_key(|entry| status(&entry.pixel, &entry.links).label),
        "id" => entries.sort_by_key(|entry| entry.pixel.id),
        "trigger_type" => entries.sort_by_key(|entry| entry.pixel.trigger_type.as_str()),
        _ => {}
    }
    if sort.descending {
        entries.reverse();
    }
}
