//! Adds the sums of a slice to the tables: by quarter hour, and what lists show of them by UTC day as well.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::{ConversionKey, ConversionSums, ExposureKey, ExposureSums, Loads, Rollups};
use crate::domain::{Currency, LineItemId, Millis, PixelId, TrackerId};
use crate::store::db::sum_parts::SumParts;

impl Rollups {
    /// Adds the sums to the tables.
    pub(in crate::store) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        write_conversions(conn, &self.conversions)?;
        write_credited_days(conn, &self.conversions)?;
        write_exposures(conn, &self.exposures)?;
        write_exposure_days(conn, &self.exposures)?;
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
        tracker_id, currency, static_currency, advertiser_id, fires, warned, value_thousands, value_micros, static_value_thousands,
        static_value_micros, net_fires, net_value_thousands, net_value_micros, net_static_value_thousands,
        net_static_value_micros)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
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
            key.tracker_id,
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

/// The credited conversions of a slice by UTC day.
fn write_credited_days(conn: &Connection, sums: &HashMap<ConversionKey, ConversionSums>) -> rusqlite::Result<()> {
    let mut days: HashMap<ConversionKey, (&ConversionSums, i64, SumParts, SumParts)> = HashMap::new();
    for (key, sums) in sums.iter().filter(|(key, _)| key.line_item_id != LineItemId(0)) {
        let day = ConversionKey { quarter: key.quarter.day(), ..*key };
        let (_, fires, value, static_value) =
            days.entry(day).or_insert((sums, 0, SumParts::default(), SumParts::default()));
        *fires += sums.net.fires;
        *value += sums.net.value;
        *static_value += sums.net.static_value;
    }
    let sql =
        "INSERT INTO credited_days (day, advertiser_id, pixel_id, reason, line_item_id, campaign_id, publisher_id,
            source_id, tracker_id, currency, static_currency, conversions, value_thousands, value_micros,
            static_value_thousands, static_value_micros)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        ON CONFLICT DO UPDATE SET conversions = conversions + excluded.conversions,
            value_thousands = value_thousands + excluded.value_thousands,
            value_micros = value_micros + excluded.value_micros,
            static_value_thousands = static_value_thousands + excluded.static_value_thousands,
            static_value_micros = static_value_micros + excluded.static_value_micros";
    let mut statement = conn.prepare_cached(sql)?;
    for (key, (of, conversions, value, static_value)) in in_order(&days) {
        statement.execute(params![
            key.quarter,
            of.advertiser_id,
            key.pixel_id,
            key.reason,
            key.line_item_id,
            key.campaign_id,
            key.publisher_id,
            key.source_id,
            key.tracker_id,
            code(key.currency.as_ref()),
            code(key.static_currency.as_ref()),
            conversions,
            value.thousands,
            value.micros,
            static_value.thousands,
            static_value.micros,
        ])?;
    }
    Ok(())
}

fn write_exposures(conn: &Connection, sums: &HashMap<ExposureKey, ExposureSums>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO exposures_quarters
            (quarter, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency, advertiser_id, imps, clicks,
            costs, cost_thousands, cost_micros)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
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
            key.tracker_id,
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

/// The exposures of a slice by UTC day.
fn write_exposure_days(conn: &Connection, sums: &HashMap<ExposureKey, ExposureSums>) -> rusqlite::Result<()> {
    let mut days: HashMap<ExposureKey, ExposureSums> = HashMap::new();
    for (key, sums) in sums {
        let day = days.entry(ExposureKey { quarter: key.quarter.day(), ..*key }).or_insert(ExposureSums {
            advertiser_id: sums.advertiser_id,
            imps: 0,
            clicks: 0,
            costs: 0,
            cost: SumParts::default(),
        });
        day.imps += sums.imps;
        day.clicks += sums.clicks;
        day.costs += sums.costs;
        day.cost += sums.cost;
    }
    let sql = "INSERT INTO exposures_days
            (day, advertiser_id, line_item_id, campaign_id, publisher_id, source_id, tracker_id, currency, imps, clicks,
            costs, cost_thousands, cost_micros)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        ON CONFLICT DO UPDATE SET imps = imps + excluded.imps, clicks = clicks + excluded.clicks,
            costs = costs + excluded.costs, cost_thousands = cost_thousands + excluded.cost_thousands,
            cost_micros = cost_micros + excluded.cost_micros";
    let mut statement = conn.prepare_cached(sql)?;
    for (key, sums) in in_order(&days) {
        statement.execute(params![
            key.quarter,
            sums.advertiser_id,
            key.line_item_id,
            key.campaign_id,
            key.publisher_id,
            key.source_id,
            key.tracker_id,
            key.currency.as_str(),
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

/// Sorted by key, so that SQLite writes neighbouring rows one after the other.
fn in_order<K: Ord, V>(sums: &HashMap<K, V>) -> Vec<(&K, &V)> {
    let mut sums: Vec<_> = sums.iter().collect();
    sums.sort_unstable_by_key(|(key, _)| *key);
    sums
}

fn code(currency: Option<&Currency>) -> &str {
    currency.map_or("", Currency::as_str)
}
