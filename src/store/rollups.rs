//! The hourly sums behind every figure and report: gathered for a slice of the log outside the writer, then added to
//! the tables inside the transaction that writes the conversions. It reads nothing back.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::batch::LoggedExposure;
use crate::attribution::Flag;
use crate::domain::{
    AdvertiserId, CampaignId, Conversion, Currency, ExposureKind, LineItemId, Micros, Millis, PixelId, PublisherId,
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
    pub(super) fn conversion(&mut self, conversion: &Conversion, warned: bool) {
        let (fire, reason) = (&conversion.fire, conversion.outcome.reason());
        if reason == Reason::Test {
            return;
        }
        if reason.is_load() {
            let last = self.last_fired.entry(fire.pixel_id).or_insert(fire.at);
            *last = fire.at.max(*last);
            let loads = self.pixels.entry((fire.pixel_id, fire.at.hour())).or_default();
            loads.loads += 1;
            loads.warned += i64::from(warned);
            loads.attributed += i64::from(conversion.credit.is_some());
        }
        let credit = conversion.credit.as_ref();
        let static_value = credit.and_then(|credit| credit.static_value);
        let key = ConversionKey {
            hour: fire.at.hour(),
            pixel_id: fire.pixel_id,
            reason,
            line_item_id: credit.map_or(LineItemId(0), |credit| credit.line_item_id),
            campaign_id: credit.and_then(|credit| credit.campaign_id).unwrap_or(CampaignId(0)),
            publisher_id: credit.map_or(PublisherId(0), |credit| credit.publisher_id),
            currency: fire.value.map(|_| fire.currency.unwrap_or(Currency::NONE)),
            static_currency: credit.filter(|_| static_value.is_some()).map(|credit| credit.static_currency),
        };
        let sums = self.conversions.entry(key).or_insert_with(|| ConversionSums {
            advertiser_id: conversion.advertiser_id,
            fires: 0,
            warned: 0,
            value: 0,
            static_value: 0,
        });
        sums.fires += 1;
        sums.warned += i64::from(warned);
        sums.value = sums.value.saturating_add(micros(fire.value));
        sums.static_value = sums.static_value.saturating_add(micros(static_value));
    }

    /// Adds an exposure, unless it is a test, a bot or a prefetch.
    pub(super) fn exposure(&mut self, exposure: &LoggedExposure) {
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
        let sql = "INSERT INTO conversions_hourly VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            ON CONFLICT DO UPDATE SET fires = fires + excluded.fires, warned = warned + excluded.warned,
                value = min(value + excluded.value, 9223372036854775807),
                static_value = min(static_value + excluded.static_value, 9223372036854775807)";
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
