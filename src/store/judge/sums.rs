//! The sums by quarter hour behind every figure and report. The judge gathers them for a slice of the log, and adds them to the
//! tables in the transaction that writes the conversions. It never reads them back.

use std::collections::HashMap;

use rusqlite::{Connection, params};

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

    /// Adds an exposure, unless it is a test, a bot or a prefetch.
    pub(in crate::store) fn exposure(
        &mut self,
        touch: &Touch,
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

    /// Adds the sums to the tables.
    pub(in crate::store) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        write_conversions(conn, &self.conversions)?;
        write_exposures(conn, &self.exposures)?;
        write_loads(conn, &self.pixels)?;
        write_trackers(conn, &self.trackers)?;
        let sql = "INSERT INTO pixel_last_fired (pixel_id, at) VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET at = max(at, excluded.at)";
        let mut statement = conn.prepare_cached(sql)?;
        for (pixel, at) in in_order(&self.last_fired) {
            statement.execute(params![pixel, at])?;
        }
        Ok(())
    }
}

const ADD_CONVERSIONS: &str = "
    INSERT INTO conversions_quarters (quarter, pixel_id, reason, line_item_id, campaign_id, publisher_id, source_id,
        currency, static_currency, advertiser_id, fires, warned, value_thousands, value_micros, static_value_thousands,
        static_value_micros, net_fires, net_value_thousands, net_value_micros, net_static_value_thousands,
        net_static_value_micros)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
    ON CONFLICT DO UPDATE SET fires = fires + excluded.fires, warned = warned + excluded.warned,
        value_thousands = value_thousands + excluded.value_thousands,
        value_micros = value_micros + excluded.value_micros,
        static_value_thousands = static_value_thousands + excluded.static_value_thousands,
        static_value_micros = static_value_micros + excluded.static_value_micros,
        net_fires = net_fires + excluded.net_fires,
        net_value_thousands = net_value_thousands + excluded.net_value_thousands,
        net_value_micros = net_value_micros + excluded.net_value_micros,
        net_static_value_thousands = net_static_value_thousands + excluded.net_static_value_thousands,
        net_static_value_micros = net_static_value_micros + excluded.net_static_value_micros";

fn write_conversions(conn: &Connection, sums: &HashMap<ConversionKey, ConversionSums>) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(ADD_CONVERSIONS)?;
    for (key, sums) in in_order(sums) {
        statement.execute(params![
            key.quarter,
            key.pixel_id,
            key.reason,
            key.line_item_id,
            key.campaign_id,
            key.publisher_id,
            key.source_id,
            code(key.currency.as_ref()),
            code(key.static_currency.as_ref()),
            sums.advertiser_id,
            sums.fires,
            sums.warned,
            sums.value.thousands,
            sums.value.micros,
            sums.static_value.thousands,
            sums.static_value.micros,
            sums.net.fires,
            sums.net.value.thousands,
            sums.net.value.micros,
            sums.net.static_value.thousands,
            sums.net.static_value.micros,
        ])?;
    }
    Ok(())
}

fn write_exposures(conn: &Connection, sums: &HashMap<ExposureKey, ExposureSums>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO exposures_quarters
            (quarter, line_item_id, campaign_id, publisher_id, source_id, currency, advertiser_id, imps, clicks, costs,
            cost_thousands, cost_micros)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        ON CONFLICT DO UPDATE SET imps = imps + excluded.imps, clicks = clicks + excluded.clicks,
            costs = costs + excluded.costs, cost_thousands = cost_thousands + excluded.cost_thousands,
            cost_micros = cost_micros + excluded.cost_micros";
    let mut statement = conn.prepare_cached(sql)?;
    for (key, sums) in in_order(sums) {
        statement.execute(params![
            key.quarter,
            key.line_item_id,
            key.campaign_id,
            key.publisher_id,
            key.source_id,
            key.currency.as_str(),
            sums.advertiser_id,
            sums.imps,
            sums.clicks,
            sums.costs,
            sums.cost.thousands,
            sums.cost.micros,
        ])?;
    }
    Ok(())
}

fn write_loads(conn: &Connection, sums: &HashMap<(PixelId, Millis), Loads>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO pixels_quarters
            (pixel_id, quarter, loads, warned, attributed, unattributed, browsers, without_cookie, private)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO UPDATE SET loads = loads + excluded.loads, warned = warned + excluded.warned,
            attributed = attributed + excluded.attributed, unattributed = unattributed + excluded.unattributed,
            browsers = browsers + excluded.browsers, without_cookie = without_cookie + excluded.without_cookie,
            private = private + excluded.private";
    let mut statement = conn.prepare_cached(sql)?;
    for ((pixel, quarter), sums) in in_order(sums) {
        statement.execute(params![
            pixel,
            quarter,
            sums.loads,
            sums.warned,
            sums.attributed,
            sums.unattributed,
            sums.browsers,
            sums.without_cookie,
            sums.private,
        ])?;
    }
    Ok(())
}

fn write_trackers(conn: &Connection, seen: &HashMap<TrackerId, (Millis, i64)>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO tracker_seen (tracker_id, at, exposures) VALUES (?1, ?2, ?3)
        ON CONFLICT DO UPDATE SET at = max(at, excluded.at), exposures = exposures + excluded.exposures";
    let mut statement = conn.prepare_cached(sql)?;
    for (tracker, (at, exposures)) in in_order(seen) {
        statement.execute(params![tracker, at, exposures])?;
    }
    Ok(())
}

fn is_unattributed(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Unattributed(_))
}

/// Sorted by key, so that SQLite writes neighbouring rows one after the other.
fn in_order<K: Ord, V>(sums: &HashMap<K, V>) -> Vec<(&K, &V)> {
    let mut sums: Vec<_> = sums.iter().collect();
    sums.sort_unstable_by_key(|(key, _)| *key);
    sums
}

fn parts(amount: Option<Micros>) -> SumParts {
    amount.map_or(SumParts::default(), SumParts::from)
}

fn code(currency: Option<&Currency>) -> &str {
    currency.map_or("", Currency::as_str)
}
