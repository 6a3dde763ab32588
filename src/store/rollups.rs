//! The hourly sums behind every figure and report: gathered for a slice of the log outside the writer, then added to
//! the tables inside the transaction that writes the conversions. It reads nothing back.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::adjusting::AdjustmentTarget;
use super::batch::JudgeExposure;
use super::judged::Judged;
use crate::attribution::Flag;
use crate::domain::{
    AdvertiserId, CampaignId, Currency, CurrentValue, ExposureKind, LineItemId, Micros, Millis, PixelId, PublisherId,
    Reason,
};

/// Sums over a slice of the log.
#[derive(Debug, Default)]
pub(super) struct Rollups {
    conversions: HashMap<ConversionKey, ConversionSums>,
    exposures: HashMap<ExposureKey, ExposureSums>,
    pixels: HashMap<(PixelId, Millis), Loads>,
    last_fired: HashMap<PixelId, Millis>,
}

#[derive(Debug, Default)]
struct Loads {
    loads: i64,
    warned: i64,
    attributed: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ConversionKey {
    hour: Millis,
    pixel_id: PixelId,
    reason: Reason,
    line_item_id: LineItemId,
    campaign_id: CampaignId,
    publisher_id: PublisherId,
    currency: Option<Currency>,
    static_currency: Option<Currency>,
}

#[derive(Debug)]
struct ConversionSums {
    advertiser_id: AdvertiserId,
    fires: i64,
    warned: i64,
    value: i64,
    static_value: i64,
    net: Net,
}

/// What stands after adjustments; in a slice also what is taken from or added to that.
#[derive(Clone, Copy, Debug, Default)]
struct Net {
    fires: i64,
    value: i64,
    static_value: i64,
}

impl Net {
    /// What one conversion adds, standing so.
    fn of(conversion: &AdjustmentTarget, current: &CurrentValue) -> Self {
        if current.retracted {
            return Net::default();
        }
        let static_value = micros(conversion.static_value.map(|(value, _)| value));
        Net { fires: 1, value: micros(current.value), static_value }
    }

    fn add(&mut self, other: Net) {
        self.fires += other.fires;
        self.value = self.value.saturating_add(other.value);
        self.static_value = self.static_value.saturating_add(other.static_value);
    }

    fn subtract(&mut self, other: Net) {
        self.fires -= other.fires;
        self.value = self.value.saturating_sub(other.value);
        self.static_value = self.static_value.saturating_sub(other.static_value);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ExposureKey {
    hour: Millis,
    line_item_id: LineItemId,
    campaign_id: CampaignId,
    publisher_id: PublisherId,
}

#[derive(Debug, Default)]
struct ExposureSums {
    imps: i64,
    clicks: i64,
    cost: i64,
}

impl Rollups {
    /// Adds a judged fire. Tests are left out everywhere; bots and prefetches stand under their reason, and are no
    /// loads.
    pub(super) fn conversion(&mut self, judged: &Judged) {
        let (fire, reason) = (&judged.fire, judged.outcome.reason());
        if reason == Reason::Test {
            return;
        }
        if reason.is_load() {
            let last = self.last_fired.entry(fire.pixel_id).or_insert(fire.at);
            *last = fire.at.max(*last);
            let loads = self.pixels.entry((fire.pixel_id, fire.at.hour())).or_default();
            loads.loads += 1;
            loads.warned += i64::from(judged.has_warnings);
            loads.attributed += i64::from(judged.credit.is_some());
        }
        let target = AdjustmentTarget::from(judged);
        let sums = self.conversions_of(&target, &target.current);
        let net = Net::of(&target, &target.current);
        sums.fires += 1;
        sums.warned += i64::from(judged.has_warnings);
        sums.value = sums.value.saturating_add(net.value);
        sums.static_value = sums.static_value.saturating_add(net.static_value);
        sums.net.add(net);
    }

    /// A conversion that was added before, in this slice or an earlier one, stands otherwise from now on.
    pub(super) fn adjusted(&mut self, conversion: &AdjustmentTarget, after: CurrentValue) {
        let before = conversion.current;
        if before == after {
            return;
        }
        self.conversions_of(conversion, &before).net.subtract(Net::of(conversion, &before));
        self.conversions_of(conversion, &after).net.add(Net::of(conversion, &after));
        if after.retracted && !before.retracted && conversion.credited.is_some() {
            self.pixels.entry((conversion.pixel_id, conversion.at.hour())).or_default().attributed -= 1;
        }
    }

    /// The sums that a conversion belongs to, standing so.
    fn conversions_of(&mut self, conversion: &AdjustmentTarget, current: &CurrentValue) -> &mut ConversionSums {
        let credited = conversion.credited;
        let key = ConversionKey {
            hour: conversion.at.hour(),
            pixel_id: conversion.pixel_id,
            reason: conversion.outcome.reason(),
            line_item_id: credited.map_or(LineItemId(0), |(line_item, ..)| line_item),
            campaign_id: credited.and_then(|(_, campaign, _)| campaign).unwrap_or(CampaignId(0)),
            publisher_id: credited.map_or(PublisherId(0), |(.., publisher)| publisher),
            currency: current.value.map(|_| current.currency.unwrap_or(Currency::NONE)),
            static_currency: conversion.static_value.map(|(_, currency)| currency),
        };
        let advertiser_id = conversion.advertiser_id;
        self.conversions.entry(key).or_insert_with(|| ConversionSums {
            advertiser_id,
            fires: 0,
            warned: 0,
            value: 0,
            static_value: 0,
            net: Net::default(),
        })
    }

    /// Adds an exposure, unless it is a test, a bot or a prefetch.
    pub(super) fn exposure(&mut self, exposure: &JudgeExposure) {
        let touch = &exposure.touch;
        if Flag::of(touch.flags).is_some() {
            return;
        }
        let key = ExposureKey {
            hour: touch.at.hour(),
            line_item_id: touch.line_item_id,
            campaign_id: touch.campaign_id.unwrap_or(CampaignId(0)),
            publisher_id: touch.publisher_id,
        };
        let sums = self.exposures.entry(key).or_default();
        match touch.kind {
            ExposureKind::Impression => sums.imps += 1,
            ExposureKind::Click => sums.clicks += 1,
        }
        sums.cost = sums.cost.saturating_add(micros(exposure.ancost));
    }

    /// Adds the sums to the tables. SQLite turns a sum that overflows into a float, which is then the greater one, so
    /// `min` keeps the sum a whole number.
    pub(super) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO conversions_hourly
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            ON CONFLICT DO UPDATE SET fires = fires + excluded.fires, warned = warned + excluded.warned,
                value = min(value + excluded.value, 9223372036854775807),
                static_value = min(static_value + excluded.static_value, 9223372036854775807),
                net_fires = net_fires + excluded.net_fires,
                net_value = min(net_value + excluded.net_value, 9223372036854775807),
                net_static_value = min(net_static_value + excluded.net_static_value, 9223372036854775807)";
        let mut statement = conn.prepare_cached(sql)?;
        for (key, sums) in in_order(&self.conversions) {
            statement.execute(params![
                key.hour,
                key.pixel_id,
                key.reason,
                key.line_item_id,
                key.campaign_id,
                key.publisher_id,
                code(key.currency.as_ref()),
                code(key.static_currency.as_ref()),
                sums.advertiser_id,
                sums.fires,
                sums.warned,
                sums.value,
                sums.static_value,
                sums.net.fires,
                sums.net.value,
                sums.net.static_value,
            ])?;
        }
        let sql = "INSERT INTO exposures_hourly VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET imps = imps + excluded.imps, clicks = clicks + excluded.clicks,
                cost = min(cost + excluded.cost, 9223372036854775807)";
        let mut statement = conn.prepare_cached(sql)?;
        for (key, sums) in in_order(&self.exposures) {
            let (line_item, campaign, publisher) = (key.line_item_id, key.campaign_id, key.publisher_id);
            statement.execute(params![key.hour, line_item, campaign, publisher, sums.imps, sums.clicks, sums.cost])?;
        }
        let sql = "INSERT INTO pixels_hourly VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET loads = loads + excluded.loads, warned = warned + excluded.warned,
                attributed = attributed + excluded.attributed";
        let mut statement = conn.prepare_cached(sql)?;
        for ((pixel, hour), sums) in in_order(&self.pixels) {
            statement.execute(params![pixel, hour, sums.loads, sums.warned, sums.attributed])?;
        }
        let sql = "INSERT INTO pixel_last_fired VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET at = max(at, excluded.at)";
        let mut statement = conn.prepare_cached(sql)?;
        for (pixel, at) in in_order(&self.last_fired) {
            statement.execute(params![pixel, at])?;
        }
        Ok(())
    }
}

/// In the order of the key, so that neighbouring rows are written one after the other.
fn in_order<K: Ord, V>(sums: &HashMap<K, V>) -> Vec<(&K, &V)> {
    let mut sums: Vec<_> = sums.iter().collect();
    sums.sort_unstable_by_key(|(key, _)| *key);
    sums
}

fn micros(amount: Option<Micros>) -> i64 {
    amount.map_or(0, |amount| amount.0)
}

fn code(currency: Option<&Currency>) -> &str {
    currency.map_or("", Currency::as_str)
}
