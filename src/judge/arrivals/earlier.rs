//! The earlier arrivals of a visitor, which another one may repeat: those of the store and those of the present batch.

use crate::domain::{Millis, SourceId};
use crate::store::{ClickIdKey, EarlierArrival, MAX_TOUCHES_OF_A_KIND, StoredArrivals};

/// Whether an arrival repeats one is looked for among this many of the visitor's last. Its click ids are compared with all.
const MOST_EARLIER_ARRIVALS: usize = 100;

/// Of clicks and of other arrivals the last [`MAX_TOUCHES_OF_A_KIND`] count, whichever batch they are in.
#[derive(Default)]
pub(super) struct EarlierArrivals {
    stored: Option<StoredArrivals>,
    /// Those of the batch, each with the number of the visitor's clicks, or of its other arrivals, in the batch before it.
    batch: Vec<(EarlierArrival, u32)>,
    /// How many of the batch are no clicks.
    others: u32,
}

impl EarlierArrivals {
    pub(super) fn has_stored(&self) -> bool {
        self.stored.is_some()
    }

    pub(super) fn add_stored(&mut self, stored: StoredArrivals) {
        self.stored = Some(stored);
    }

    /// Adds an arrival of the batch, in which the visitor has so many clicks before it.
    pub(super) fn add(&mut self, arrival: EarlierArrival, clicks: u32) {
        let number = if arrival.is_click { clicks } else { self.others };
        self.others += u32::from(!arrival.is_click);
        self.batch.push((arrival, number));
    }

    /// When the visitor arrived before with this source and content.
    pub(super) fn alike(&self, hash: i64, source_id: Option<SourceId>, clicks: u32) -> Vec<Millis> {
        let last = self.last(clicks).take(MOST_EARLIER_ARRIVALS);
        let same = last.filter(|earlier| earlier.alike == Some(hash) && earlier.source_id == source_id);
        same.map(|earlier| earlier.at).collect()
    }

    /// Whether an earlier arrival with the click id was a click; none if the visitor never came with it.
    pub(super) fn had(&self, key: ClickIdKey, clicks: u32) -> Option<bool> {
        let with = self.last(clicks).filter(|earlier| earlier.click_ids.contains(&key));
        with.map(|earlier| earlier.stands_for_click).reduce(|one, other| one || other)
    }

    /// Those that count, the last first. In the batch the visitor has so many clicks by now.
    fn last(&self, clicks: u32) -> impl Iterator<Item = &EarlierArrival> {
        let now = move |of: &EarlierArrival| if of.is_click { clicks } else { self.others };
        let batch = self.batch.iter().rev();
        let batch = batch.filter(move |(of, number)| now(of) - number <= MAX_TOUCHES_OF_A_KIND).map(|(of, _)| of);
        let stored = self.stored.iter().flat_map(|stored| &stored.0);
        batch.chain(stored.filter(move |(of, after)| now(of) + after < MAX_TOUCHES_OF_A_KIND).map(|(of, _)| of))
    }
}
