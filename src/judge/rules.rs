//! The rules in force at the judge's row of the log. Each version in the log updates them. They never come from the tables
//! that users edit, since those may be ahead of the judge.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::attribution::sources;
use crate::domain::{
    AdvertiserId, CampaignId, CampaignRules, JudgeFire, LineItemId, LineItemRules, MaxValue, Millis, Minutes, PixelId,
    PixelRules, Rejudgements, RepeatRule, SegmentId, SegmentRules, Seq, SourceRules, TriggerType, Under,
};
use crate::store::{PixelVersion, Snapshot, StoreError, Versions};

/// All definitions, in the versions in force.
#[derive(Default)]
pub(super) struct Rules {
    pixels: HashMap<PixelId, PixelVersion>,
    line_items: HashMap<LineItemId, LineItemRules>,
    /// The line items that hold an entry for a pixel, by id.
    holders: HashMap<PixelId, Vec<LineItemId>>,
    segments: HashMap<SegmentId, SegmentRules>,
    /// Each advertiser's sources, in their order.
    sources: HashMap<AdvertiserId, Vec<SourceRules>>,
    /// The campaigns of line items by code.
    campaigns: HashMap<(LineItemId, String), CampaignId>,
    /// Under which code each campaign is there.
    codes: HashMap<CampaignId, (LineItemId, String)>,
}

/// The rules that judge one fire.
pub(super) struct ActiveRules<'a> {
    pub advertiser_id: AdvertiserId,
    pub pixel: Cow<'a, PixelRules>,
    pub line_items: Vec<&'a LineItemRules>,
    /// The judgement sees the exposures logged before this row.
    pub exposures_before: Seq,
}

/// The rules for all fires from some row of the log on.
pub(super) struct RuleBook {
    /// The rules in force at the judge's row.
    pub now: Rules,
    /// Decisions to judge some fires by the rules at other rows.
    decisions: Rejudgements,
    /// The rules in force at the rows that decisions name.
    elsewhere: HashMap<Seq, Rules>,
}

impl RuleBook {
    /// Loads the rules in force at `seq`.
    pub(super) fn at(snapshot: &Snapshot, seq: Seq) -> Result<Self, StoreError> {
        let decisions = snapshot.rejudgements()?;
        let rules = |seq| -> Result<Rules, StoreError> { Ok(Rules::new(snapshot.in_force_at(seq)?)) };
        let named = decisions.settings_places(seq).into_iter();
        let elsewhere = named.map(|seq| Ok((seq, rules(seq)?))).collect::<Result<_, StoreError>>()?;
        Ok(RuleBook { now: rules(seq)?, decisions, elsewhere })
    }

    /// The rules for a fire at the judge's row.
    pub(super) fn active(&self, fire: &JudgeFire) -> ActiveRules<'_> {
        let Under { settings, exposures_before } = self.decisions.of(fire.seq, fire.at);
        self.elsewhere.get(&settings).unwrap_or(&self.now).active(fire.pixel_id, exposures_before)
    }

    /// The largest believable value of a pixel's fires, for a row at this place and time.
    pub(super) fn max_value(&self, pixel: PixelId, seq: Seq, at: Millis) -> Option<MaxValue> {
        let Under { settings, .. } = self.decisions.of(seq, at);
        self.elsewhere.get(&settings).unwrap_or(&self.now).pixels.get(&pixel)?.rules.max_value
    }

    /// The rules that decide an arrival at this place and time.
    pub(super) fn for_arrival(&self, seq: Seq, at: Millis) -> &Rules {
        let Under { settings, .. } = self.decisions.of(seq, at);
        self.elsewhere.get(&settings).unwrap_or(&self.now)
    }

    /// The look-ups must hold the exposures up to this row before the judge decides any fire.
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
        versions.sources.into_iter().for_each(|version| rules.source(version));
        versions.campaigns.into_iter().for_each(|version| rules.campaign_code(version));
        rules
    }

    /// A version of a segment comes into force.
    pub(super) fn segment(&mut self, version: SegmentRules) {
        self.segments.insert(version.segment_id, version);
    }

    /// A version of a source comes into force.
    pub(super) fn source(&mut self, version: SourceRules) {
        sources::put(self.sources.entry(version.advertiser_id).or_default(), version);
    }

    /// A version of a campaign's code comes into force.
    pub(super) fn campaign_code(&mut self, version: CampaignRules) {
        let CampaignRules { campaign_id, line_item_id, code, .. } = version;
        if let Some(before) = self.codes.remove(&campaign_id)
            && self.campaigns.get(&before) == Some(&campaign_id)
        {
            self.campaigns.remove(&before);
        }
        if let Some(code) = code {
            self.campaigns.insert((line_item_id, code.clone()), campaign_id);
            self.codes.insert(campaign_id, (line_item_id, code));
        }
    }

    /// An advertiser's sources, in their order.
    pub(super) fn sources(&self, of: AdvertiserId) -> &[SourceRules] {
        self.sources.get(&of).map(Vec::as_slice).unwrap_or_default()
    }

    /// The campaign of a line item with this code.
    pub(super) fn campaign(&self, line_item: LineItemId, code: &str) -> Option<CampaignId> {
        self.campaigns.get(&(line_item, code.to_owned())).copied()
    }

    /// A segment that exists and is not deleted.
    pub(super) fn known_segment(&self, id: SegmentId) -> Option<&SegmentRules> {
        self.segments.get(&id).filter(|rules| !rules.deleted)
    }

    /// A line item, also after its deletion.
    pub(super) fn known_line_item(&self, id: LineItemId) -> Option<&LineItemRules> {
        self.line_items.get(&id)
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
            if let Err(index) = holders.binary_search(&id) {
                holders.insert(index, id);
            }
        }
        let before = self.line_items.insert(id, version);
        let now = self.line_items.get(&id);
        for dropped in before.iter().flat_map(|before| &before.entries) {
            let held = now.is_some_and(|now| now.entries.iter().any(|entry| entry.pixel_id == dropped.pixel_id));
            if !held && let Some(holders) = self.holders.get_mut(&dropped.pixel_id) {
                holders.retain(|holder| *holder != id);
            }
        }
    }

    fn active(&self, pixel: PixelId, exposures_before: Seq) -> ActiveRules<'_> {
        let Some(version) = self.pixels.get(&pixel) else {
            let PixelVersion { advertiser_id, rules } = unknown_pixel(pixel);
            return ActiveRules { advertiser_id, pixel: Cow::Owned(rules), line_items: Vec::new(), exposures_before };
        };
        let holders = self.holders.get(&pixel).map(Vec::as_slice).unwrap_or_default();
        let line_items = holders.iter().filter_map(|id| self.line_items.get(id)).collect();
        let (advertiser_id, pixel) = (version.advertiser_id, Cow::Borrowed(&version.rules));
        ActiveRules { advertiser_id, pixel, line_items, exposures_before }
    }
}

impl ActiveRules<'_> {
    /// Whether some active line item holds the pixel with an active entry.
    pub(super) fn is_running(&self) -> bool {
        let runs = |line_item: &&LineItemRules| {
            let own = line_item.entries.iter().find(|entry| entry.pixel_id == self.pixel.pixel_id);
            line_item.active && own.is_some_and(|entry| entry.active)
        };
        self.pixel.active && self.line_items.iter().any(runs)
    }

    pub(super) fn holds(&self, line_item: LineItemId) -> bool {
        self.line_items.iter().any(|holder| holder.line_item_id == line_item)
    }
}

/// The rules for a pixel that never existed: inactive, and of no version.
pub(super) fn unknown_pixel(pixel_id: PixelId) -> PixelVersion {
    PixelVersion {
        advertiser_id: AdvertiserId::UNKNOWN,
        rules: PixelRules {
            pixel_id,
            version: Seq::START,
            active: false,
            trigger_type: TriggerType::Click,
            repeat: RepeatRule::All,
            click_window: Minutes(0),
            view_window: Minutes(0),
            count_each_order_once: false,
            post_click_value: None,
            post_view_value: None,
            max_value: None,
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
            advertiser_id: AdvertiserId(1),
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
