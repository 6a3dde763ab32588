//! The definitions that tags depend on, in memory, so that a tracking request asks no database. The writer brings it
//! up to date after each commit and before the edit is answered: once an edit is answered, tags follow it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::domain::{Advertiser, AdvertiserId, Pixel, PixelId, Tracker, TrackerId};

/// A definition that is new, changed or (none) gone.
pub(super) enum Change {
    /// An advertiser.
    Advertiser(AdvertiserId, Option<Arc<Advertiser>>),
    /// A pixel.
    Pixel(PixelId, Option<Arc<Pixel>>),
    /// A tracker of either kind.
    Tracker(TrackerId, Option<Arc<Tracker>>),
}

#[derive(Default)]
struct Definitions {
    advertisers: HashMap<AdvertiserId, Arc<Advertiser>>,
    pixels: HashMap<PixelId, Arc<Pixel>>,
    trackers: HashMap<TrackerId, Arc<Tracker>>,
}

/// See the head of this file.
#[derive(Default)]
pub struct Catalog(RwLock<Definitions>);

impl Catalog {
    fn read(&self) -> RwLockReadGuard<'_, Definitions> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what a commit changed.
    pub(super) fn apply(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let mut definitions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            match change {
                Change::Advertiser(id, now) => put(&mut definitions.advertisers, id, now),
                Change::Pixel(id, now) => put(&mut definitions.pixels, id, now),
                Change::Tracker(id, now) => put(&mut definitions.trackers, id, now),
            }
        }
    }

    /// A pixel that exists.
    pub fn pixel(&self, id: PixelId) -> Option<Arc<Pixel>> {
        self.read().pixels.get(&id).cloned()
    }

    /// A tracker that exists.
    pub fn tracker(&self, id: TrackerId) -> Option<Arc<Tracker>> {
        self.read().trackers.get(&id).cloned()
    }

    /// An advertiser that exists.
    pub fn advertiser(&self, id: AdvertiserId) -> Option<Arc<Advertiser>> {
        self.read().advertisers.get(&id).cloned()
    }
}

fn put<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, V>, id: K, now: Option<V>) {
    match now {
        Some(value) => map.insert(id, value),
        None => map.remove(&id),
    };
}
