//! The definitions in force at the judge's place in the log, in memory, kept up by the versions that pass. They never
//! come from the tables that people edit: those may be ahead of the log.

use std::collections::HashMap;

use crate::domain::{
    AdvertiserId, Fire, LineItemId, LineItemRules, Minutes, PixelId, PixelRules, Rejudgements, RepeatRule, SegmentId,
    SegmentRules, Seq, TriggerType, Under,
};
use crate::store::{PixelVersion, Snapshot, StoreError, Versions};

/// All definitions in force.
#[derive(Default)]
pub(super) struct Rules {
    pixels: HashMap<PixelId, PixelVersion>,
    line_items: HashMap<LineItemId, LineItemRules>,
    /// The line items that hold an entry for a pixel, by id.
    holders: HashMap<PixelId, Vec<LineItemId>>,
    segments: HashMap<SegmentId, SegmentRules>,
}

/// What is in force for one fire.
pub(super) struct InForce<'a> {
    pub advertiser_id: AdvertiserId,
    pub pixel: &'a PixelRules,
    pub line_items: Vec<&'a LineItemRules>,
}

/// All that fires are judged by from some place in the log on.
pub(super) struct Law {
    /// What is in force at the judge's place.
    pub now: Rules,
    /// What was decided to be judged otherwise.
    decisions: Rejudgements,
    /// What is in force at the places that decisions name.
    elsewhere: HashMap<Seq, Rules>,
}

impl Law {
    /// Loads it as of a place.
    pub(super) fn at(snapshot: &Snapshot, place: Seq) -> Result<Self, StoreError> {
        let decisions = snapshot.rejudgements()?;
        let rules = |place| -> Result<Rules, StoreError> { Ok(Rules::new(snapshot.in_force_at(place)?)) };
        let places = decisions.settings_places(place).into_iter();
        let elsewhere = places.map(|place| Ok((place, rules(place)?))).collect::<Result<_, StoreError>>()?;
        Ok(Law { now: rules(place)?, decisions, elsewhere })
    }

    /// By what this fire is judged, when the judge comes to it.
    pub(super) fn of(&self, fire: &Fire) -> (&Rules, Under) {
        let under = self.decisions.of(fire.seq, fire.at);
        (self.elsewhere.get(&under.settings).unwrap_or(&self.now), under)
    }

    /// Up to where exposures must be looked up, before any fire is judged.
    pub(super) fn exposures_upto(&self) -> Seq {
        self.decisions.exposures_upto()
    }
}

impl Rules {
    pub(super) fn new(versions: Versions) -> Self {
        let mut rules = Rules::default();
        versions.pixels.into_iter().for_each(|version| rules.pixel(version));
        versions.line_items.into_iter().for_each(|version| rules.line_item(version));
        versions.segments.into_iter().for_each(|version| rules.segment(version));
        rules
    }

    /// A version of a segment comes into force.
    pub(super) fn segment(&mut self, version: SegmentRules) {
        self.segments.insert(version.segment_id, version);
    }

    /// A segment that was known and is not deleted.
    pub(super) fn known_segment(&self, id: SegmentId) -> Option<&SegmentRules> {
        self.segments.get(&id).filter(|rules| !rules.deleted)
    }

    /// A version of a pixel comes into force.
    pub(super) fn pixel(&mut self, version: PixelVersion) {
        self.pixels.insert(version.rules.pixel_id, version);
    }

    /// A version of a line item comes into force.
    pub(super) fn line_item(&mut self, version: LineItemRules) {
        let id = version.line_item_id;
        for entry in &version.entries {
            let holders = self.holders.entry(entry.pixel_id).or_default();
            if let Err(place) = holders.binary_search(&id) {
                holders.insert(place, id);
            }
        }
        let before = self.line_items.insert(id, version);
        let now = self.line_items.get(&id);
        for gone in before.iter().flat_map(|before| &before.entries) {
            let held = now.is_some_and(|now| now.entries.iter().any(|entry| entry.pixel_id == gone.pixel_id));
            if !held && let Some(holders) = self.holders.get_mut(&gone.pixel_id) {
                holders.retain(|holder| *holder != id);
            }
        }
    }

    /// What is in force for a fire; none if its pixel was never known.
    pub(super) fn in_force(&self, fire: &Fire) -> Option<InForce<'_>> {
        let version = self.pixels.get(&fire.pixel_id)?;
        let holders = self.holders.get(&fire.pixel_id).map(Vec::as_slice).unwrap_or_default();
        let line_items = holders.iter().filter_map(|id| self.line_items.get(id)).collect();
        Some(InForce { advertiser_id: version.advertiser_id, pixel: &version.rules, line_items })
    }
}

impl InForce<'_> {
    /// Whether some active line item holds the pixel with an active entry.
    pub(super) fn is_running(&self) -> bool {
        let runs = |line_item: &&LineItemRules| {
            let own = line_item.entries.iter().find(|entry| entry.pixel_id == self.pixel.pixel_id);
            line_item.active && own.is_some_and(|entry| entry.active)
        };
        self.pixel.active && self.line_items.iter().any(runs)
    }

    /// Whether a line item holds the pixel.
    pub(super) fn holds(&self, line_item: LineItemId) -> bool {
        self.line_items.iter().any(|holder| holder.line_item_id == line_item)
    }
}

/// What stands in for a pixel that was never known: an inactive one, of no version.
pub(super) fn unknown_pixel(pixel_id: PixelId) -> PixelVersion {
    PixelVersion {
        advertiser_id: AdvertiserId(0),
        rules: PixelRules {
            pixel_id,
            version: Seq(0),
            active: false,
            trigger_type: TriggerType::Click,
            repeat: RepeatRule::All,
            click_window: Minutes(0),
            view_window: Minutes(0),
            count_each_order_once: false,
            post_click_value: None,
            post_view_value: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Currency, LineItemEntry};

    fn holding(id: i64, pixels: &[i64]) -> LineItemRules {
        let entry = |pixel: &i64| LineItemEntry {
            pixel_id: PixelId(*pixel),
            active: true,
            post_click_revenue: None,
            post_view_revenue: None,
        };
        LineItemRules {
            line_item_id: LineItemId(id),
            version: Seq(id),
            active: true,
            currency: Currency::USD,
            entries: pixels.iter().map(entry).collect(),
        }
    }

    fn holders(rules: &Rules, pixel: i64) -> Vec<i64> {
        rules.holders.get(&PixelId(pixel)).into_iter().flatten().map(|id| id.0).collect()
    }

    #[test]
    fn holders_follow_the_versions() {
        let line_items = vec![holding(7, &[1, 2]), holding(3, &[1])];
        let mut rules = Rules::new(Versions { line_items, ..Versions::default() });
        assert_eq!((holders(&rules, 1), holders(&rules, 2)), (vec![3, 7], vec![7]));
        rules.line_item(holding(7, &[2, 4]));
        assert_eq!((holders(&rules, 1), holders(&rules, 2), holders(&rules, 4)), (vec![3], vec![7], vec![7]));
        rules.line_item(holding(7, &[]));
        assert_eq!((holders(&rules, 2), holders(&rules, 4)), (vec![], vec![]));
    }
}
