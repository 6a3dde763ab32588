//! The sums by quarter hour behind every figure and report. The judge gathers them for a slice of the log, and adds them to the
//! tables in the transaction that writes the conversions. It never reads them back.

mod write;

use std::collections::HashMap;

use super::judged::Judged;
use super::state::{ConversionState, is_new_visitor};
use crate::attribution::{Flag, Touch, is_of_browser};
use crate::domain::{
    AdvertiserId, CampaignId, Currency, CurrentValue, ExposureKind, LineItemId, LineItemRules, Micros, Millis, Outcome,
    PixelId, PublisherId, Reason, SourceId, TrackerId,
};
use crate::store::db::sum_parts::SumParts;

/// Sums over a slice of the log.
#[derive(Debug, Default)]
pub(in crate::store) struct Rollups {
    conversions: HashMap<ConversionKey, ConversionSums>,
    exposures: HashMap<ExposureKey, ExposureSums>,
    pixels: HashMap<(PixelId, Millis), Loads>,
    last_fired: HashMap<PixelId, Millis>,
    trackers: HashMap<TrackerId, (Millis, i64)>,
}

#[derive(Debug, Default)]
struct Loads {
    loads: i64,
    warned: i64,
    attributed: i64,
    unattributed: i64,
    browsers: i64,
    without_cookie: i64,
    private: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ConversionKey {
    quarter: Millis,
    pixel_id: PixelId,
    reason: Reason,
    line_item_id: LineItemId,
    campaign_id: CampaignId,
    publisher_id: PublisherId,
    source_id: SourceId,
    tracker_id: TrackerId,
    currency: Option<Currency>,
    static_currency: Option<Currency>,
}

#[derive(Debug)]
struct ConversionSums {
    advertiser_id: AdvertiserId,
    fires: i64,
    warned: i64,
    value: SumParts,
    static_value: SumParts,
    net: Net,
}

/// Sums after adjustments. A slice holds changes of the table's sums, so they can be negative.
#[derive(Clone, Copy, Debug, Default)]
struct Net {
    fires: i64,
    value: SumParts,
    static_value: SumParts,
}

impl Net {
    /// The sums of one conversion with this current value.
    fn of(conversion: &ConversionState, current: &CurrentValue) -> Self {
        if current.retracted {
            return Net::default();
        }
        Net { fires: 1, value: parts(current.value), static_value: parts(conversion.static_value) }
    }

    fn add(&mut self, other: Net) {
        self.fires += other.fires;
        self.value += other.value;
        self.static_value += other.static_value;
    }

    fn subtract(&mut self, other: Net) {
        self.fires -= other.fires;
        self.value -= other.value;
        self.static_value -= other.static_value;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ExposureKey {
    quarter: Millis,
    line_item_id: LineItemId,
    campaign_id: CampaignId,
    publisher_id: PublisherId,
    source_id: SourceId,
    tracker_id: TrackerId,
    currency: Currency,
}

#[derive(Debug)]
struct ExposureSums {
    advertiser_id: AdvertiserId,
    imps: i64,
    clicks: i64,
    /// How many of them carried a cost.
    costs: i64,
    cost: SumParts,
}

impl Rollups {
    /// Adds a judged fire, unless it is a test. Bots and prefetches count under their reason, and are no loads.
    pub(in crate::store) fn conversion(&mut self, judged: &Judged) {
        let (fire, reason) = (&judged.fire, judged.outcome.reason());
        if reason == Reason::Test {
            return;
        }
        if reason.is_load() {
            let last = self.last_fired.entry(fire.pixel_id).or_insert(fire.at);
            *last = fire.at.max(*last);
            let loads = self.pixels.entry((fire.pixel_id, fire.at.quarter())).or_default();
            loads.loads += 1;
            loads.warned += i64::from(judged.has_warnings);
            loads.attributed += i64::from(judged.credit.is_some());
            if is_of_browser(fire.tag) {
                loads.browsers += 1;
                loads.without_cookie += i64::from(is_new_visitor(fire.flags, fire.exposure));
                loads.private += i64::from(fire.visitor_id.is_none() && fire.exposure.is_none());
            }
        }
        self.add(&ConversionState::from(judged));
    }

    /// Moves a conversion of this slice or an earlier one to another outcome, or to what it took from a twin.
    pub(in crate::store) fn changed(&mut self, before: &ConversionState, after: &ConversionState) {
        let sent = Net::of(before, &before.sent());
        let sums = self.conversions_of(before, &before.sent());
        sums.fires -= 1;
        sums.warned -= i64::from(before.has_warnings);
        sums.value -= sent.value;
        sums.static_value -= sent.static_value;
        self.conversions_of(before, &before.current).net.subtract(Net::of(before, &before.current));
        if is_unattributed(before.outcome) {
            self.pixel_of(before).unattributed -= 1;
        }
        self.add(after);
    }

    fn add(&mut self, conversion: &ConversionState) {
        if is_unattributed(conversion.outcome) {
            self.pixel_of(conversion).unattributed += 1;
        }
        let sent = Net::of(conversion, &conversion.sent());
        let sums = self.conversions_of(conversion, &conversion.sent());
        sums.fires += 1;
        sums.warned += i64::from(conversion.has_warnings);
        sums.value += sent.value;
        sums.static_value += sent.static_value;
        if conversion.current == conversion.sent() {
            sums.net.add(sent);
        } else {
            self.conversions_of(conversion, &conversion.current).net.add(Net::of(conversion, &conversion.current));
        }
    }

    /// Moves a conversion of this slice or an earlier one from its current value to another.
    pub(in crate::store) fn adjusted(&mut self, conversion: &ConversionState, after: CurrentValue) {
        let before = conversion.current;
        if before == after {
            return;
        }
        self.conversions_of(conversion, &before).net.subtract(Net::of(conversion, &before));
        self.conversions_of(conversion, &after).net.add(Net::of(conversion, &after));
        if after.retracted && !before.retracted && conversion.credited_to.is_some() {
            self.pixel_of(conversion).attributed -= 1;
        }
    }

    fn pixel_of(&mut self, conversion: &ConversionState) -> &mut Loads {
        self.pixels.entry((conversion.pixel_id, conversion.at.quarter())).or_default()
    }

    /// The sums that a conversion with this value belongs to.
    fn conversions_of(&mut self, conversion: &ConversionState, current: &CurrentValue) -> &mut ConversionSums {
        let credited_to = conversion.credited_to;
        let key = ConversionKey {
            quarter: conversion.at.quarter(),
            pixel_id: conversion.pixel_id,
            reason: conversion.outcome.reason(),
            line_item_id: credited_to.map_or(LineItemId(0), |to| to.line_item_id),
            campaign_id: credited_to.and_then(|to| to.campaign_id).unwrap_or(CampaignId(0)),
            publisher_id: credited_to.map_or(PublisherId(0), |to| to.publisher_id),
            source_id: credited_to.and_then(|to| to.source_id).unwrap_or(SourceId(0)),
            tracker_id: credited_to.map_or(TrackerId::NONE, |to| to.tracker_id),
            currency: current.value.map(|_| current.currency.unwrap_or(Currency::NONE)),
            static_currency: credited_to.map(|to| to.currency),
        };
        let advertiser_id = conversion.advertiser_id;
        self.conversions.entry(key).or_insert_with(|| ConversionSums {
            advertiser_id,
            fires: 0,
            warned: 0,
            value: SumParts::default(),
            static_value: SumParts::default(),
            net: Net::default(),
        })
    }

    /// Adds an exposure that this tracker reported, unless it is a test, a bot or a prefetch.
    pub(in crate::store) fn exposure(
        &mut self,
        touch: &Touch,
        tracker: TrackerId,
        ancost: Option<Micros>,
        line_item: Option<&LineItemRules>,
    ) {
        if Flag::of(touch.flags).is_some() {
            return;
        }
        let key = ExposureKey {
            quarter: touch.at.quarter(),
            line_item_id: touch.line_item_id,
            campaign_id: touch.campaign_id.unwrap_or(CampaignId(0)),
            publisher_id: touch.publisher_id,
            source_id: touch.source_id.unwrap_or(SourceId(0)),
            tracker_id: tracker,
            currency: line_item.map_or(Currency::NONE, |line_item| line_item.currency),
        };
        let advertiser_id = line_item.map_or(AdvertiserId::UNKNOWN, |line_item| line_item.advertiser_id);
        let sums = self.exposures.entry(key).or_insert_with(|| ExposureSums {
            advertiser_id,
            imps: 0,
            clicks: 0,
            costs: 0,
            cost: SumParts::default(),
        });
        match touch.kind {
            ExposureKind::Impression => sums.imps += 1,
            ExposureKind::Click => sums.clicks += 1,
        }
        sums.costs += i64::from(ancost.is_some());
        sums.cost += parts(ancost);
    }

    /// Notes that a tracker reported an exposure, unless it is a test, a bot or a prefetch.
    pub(in crate::store) fn tracker(&mut self, tracker: TrackerId, touch: &Touch) {
        if tracker != TrackerId::NONE && Flag::of(touch.flags).is_none() {
            let (last, count) = self.trackers.entry(tracker).or_insert((touch.at, 0));
            (*last, *count) = (touch.at.max(*last), *count + 1);
        }
    }
}

fn is_unattributed(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Unattributed(_))
}

fn parts(amount: Option<Micros>) -> SumParts {
    amount.map_or(SumParts::default(), SumParts::from)
}
