//! The derived tables from what the oracle knows of each fire.

use std::collections::BTreeMap;

use pixeld::domain::{Currency, Micros};

use super::arrivals::Seen;
use super::log::Shown;
use super::stored::{DERIVED, Tables};
use super::{Known, World};
use crate::judge::*;

/// A cell that may be null.
pub fn cell(value: Option<impl ToString>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

/// An amount as sums keep it: thousands of units, and the rest in micros.
fn parts(micros: i64) -> [i64; 2] {
    [micros.div_euclid(1_000_000_000), micros.rem_euclid(1_000_000_000)]
}

/// Adds numbers to the sums from this place on.
fn add(sums: &mut [i64], from: usize, more: &[i64]) {
    sums.iter_mut().skip(from).zip(more).for_each(|(sum, more)| *sum += more);
}

fn quarter(at: Millis) -> i64 {
    at.0 - at.0.rem_euclid(900_000)
}

fn day(at: Millis) -> i64 {
    at.0 - at.0.rem_euclid(86_400_000)
}

pub fn tables(shown: &[Shown], seen: &Seen, world: &World) -> Tables {
    let mut tables: Tables = DERIVED.iter().map(|table| (*table, Vec::new())).collect();
    let mut put = |table: &str, row: String| tables.get_mut(table).unwrap().push(row);
    let mut exposures: BTreeMap<String, [i64; 5]> = BTreeMap::new();
    let mut exposure_days: BTreeMap<String, [i64; 5]> = BTreeMap::new();
    let tracker_of: BTreeMap<Seq, i64> = shown.iter().map(|shown| (shown.touch.seq, shown.tracker)).collect();
    let mut trackers: BTreeMap<i64, [i64; 2]> = BTreeMap::new();
    for Shown { touch, tracker, .. } in shown.iter().filter(|shown| shown.tracker != 0 && shown.touch.flags.is_real()) {
        let [last, count] = trackers.entry(*tracker).or_insert([touch.at.0, 0]);
        (*last, *count) = (touch.at.0.max(*last), *count + 1);
    }
    for Shown { visitor, touch, .. } in &seen.touches {
        let kind = if touch.kind == ExposureKind::Impression { 1 } else { 2 };
        let impression = format!("{} {}", cell(touch.impression.map(|i| i.0)), cell(touch.impression.map(|i| i.1.0)));
        let ad = format!("{} {} {}", touch.line_item_id, cell(touch.campaign_id), touch.publisher_id);
        let ad = format!("{ad} {} {}", cell(touch.source_id), cell(touch.creative_id));
        let place = format!("{} {kind} {} {} {}", cell(*visitor), touch.since(), touch.seq, touch.at.0);
        put("touches", format!("{place} {ad} {impression} {}", touch.flags.bits()));
    }
    for (touch, ancost, line_item) in &seen.counted {
        let clicks = i64::from(touch.kind == ExposureKind::Click);
        if touch.flags.bits() & 7 == 0 {
            let campaign = touch.campaign_id.map_or(0, |id| id.0);
            let line_item = line_item.as_ref();
            let currency = line_item.map_or("XXX".to_owned(), |rules| rules.currency.to_string());
            let owner = line_item.map_or(0, |rules| rules.advertiser_id.0);
            let ad = format!("{} {campaign} {}", touch.line_item_id, touch.publisher_id);
            let ad = format!(
                "{ad} {} {}",
                touch.source_id.map_or(0, |id| id.0),
                tracker_of.get(&touch.seq).copied().unwrap_or(0)
            );
            let [thousands, rest] = parts(ancost.unwrap_or(0));
            let more = [1 - clicks, clicks, i64::from(ancost.is_some()), thousands, rest];
            let key = format!("{} {ad} {currency} {owner}", quarter(touch.at));
            add(exposures.entry(key).or_default(), 0, &more);
            let key = format!("{} {owner} {ad} {currency}", day(touch.at));
            add(exposure_days.entry(key).or_default(), 0, &more);
        }
    }
    for (tracker, [at, count]) in trackers {
        put("tracker_seen", format!("{tracker} {at} {count}"));
    }
    for (key, sums) in exposures {
        put("exposures_quarters", format!("{key} {}", sums.map(|sum| sum.to_string()).join(" ")));
    }
    for (key, sums) in exposure_days {
        put("exposures_days", format!("{key} {}", sums.map(|sum| sum.to_string()).join(" ")));
    }

    let mut quarters: BTreeMap<String, [i64; 11]> = BTreeMap::new();
    let mut days: BTreeMap<String, [i64; 5]> = BTreeMap::new();
    let mut loads: BTreeMap<String, [i64; 7]> = BTreeMap::new();
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    for one in &world.known {
        let Known { fire, judgement, .. } = one;
        let (reason, credit) = (one.outcome.reason().as_str(), judgement.credit);
        let earned = credit.map_or("- - - - - - - - - - - -".to_owned(), |credit| {
            let touch = credit.touch;
            let ad = format!("{} {} {}", touch.line_item_id, cell(touch.campaign_id), touch.publisher_id);
            let tracker = tracker_of.get(&touch.seq).filter(|tracker| **tracker != 0);
            let ad = format!("{ad} {} {}", cell(touch.source_id), cell(tracker));
            let worth = format!("{} {}", cell(credit.static_value.map(|value| value.0)), credit.static_currency);
            let when = format!("{} {} {} {}", credit.line_item_version, touch.seq, touch.at.0, credit.window.0);
            format!("{when} {ad} {} {worth}", cell(touch.creative_id))
        });
        let what = format!("{} {} {}", cell(one.order.clone()), cell(one.value.map(|v| v.0)), cell(one.currency));
        let duplicate = format!("{} {}", cell(one.duplicate.map(|d| d.0)), cell(one.duplicate.map(|d| d.1)));
        let place = format!("{} {} {} {} {}", fire.seq, fire.at.0, fire.pixel_id, one.advertiser, cell(one.whose));
        let late = format!("{} {}", cell(one.max), cell(fire.exposure));
        put(
            "conversions",
            format!("{place} {} {reason} {duplicate} {what} {} {earned} {late}", one.outcome.kind(), one.version),
        );
        let mark = format!("{} {}", fire.at.0, fire.seq);
        if credit.is_some() {
            let retracted = cell(one.retracted_by);
            put("counted", format!("{} {} {mark} {retracted}", fire.pixel_id, cell(one.counts_for)));
        }
        if reason == "test" {
            continue;
        }
        let retracted = one.retracted_by.is_some();
        let unknown_parent = fire.parent_reference_id.is_some() && !["adjustment", "bot", "prefetch"].contains(&reason);
        let warned = i64::from(fire.has_warnings || unknown_parent || one.max.is_some());
        if reason != "bot" && reason != "prefetch" {
            let latest = last.entry(fire.pixel_id.0).or_insert(fire.at.0);
            *latest = fire.at.0.max(*latest);
            let sums = loads.entry(format!("{} {}", fire.pixel_id, quarter(fire.at))).or_default();
            let by_browser = matches!(fire.tag.as_str(), "image" | "script" | "beacon" | "invoca");
            let has_token = fire.exposure.is_some();
            let marks = [
                true,
                warned == 1,
                credit.is_some() && !retracted,
                one.outcome.kind().as_str() == "unattributed",
                by_browser,
                by_browser && fire.flags.new_visitor && !has_token,
                by_browser && fire.visitor_id.is_none() && !has_token,
            ];
            add(sums, 0, &marks.map(i64::from));
        }
        let ad = credit.map_or("0 0 0 0 0".to_owned(), |credit| {
            let (campaign, source) = (credit.touch.campaign_id, credit.touch.source_id);
            let (campaign, source) = (campaign.map_or(0, |id| id.0), source.map_or(0, |id| id.0));
            let tracker = tracker_of.get(&credit.touch.seq).copied().unwrap_or(0);
            format!("{} {campaign} {} {source} {tracker}", credit.touch.line_item_id, credit.touch.publisher_id)
        });
        let code = |value: Option<Micros>, currency: Option<Currency>| {
            value.map_or(String::new(), |_| currency.map_or("XXX".into(), |code| code.to_string()))
        };
        let worth = credit.and_then(|credit| credit.static_value).map_or(0, |value| value.0);
        let static_code = credit.map_or(String::new(), |credit| credit.static_currency.to_string());
        let at = format!("{} {}", quarter(fire.at), fire.pixel_id);
        let key = |reason: &str, code: String| format!("{at} {reason} {ad} {code} {static_code} {}", one.advertiser);
        let day = format!("{} {} {}", day(fire.at), one.advertiser, fire.pixel_id);
        let day_key = |reason: &str, code: String| format!("{day} {reason} {ad} {code} {static_code}");
        // Every row that it ever stood in is there, and it counts in the last.
        for (reason, code) in &one.stood {
            quarters.entry(key(reason, code.clone())).or_default();
            if credit.is_some() {
                days.entry(day_key(reason, code.clone())).or_default();
            }
        }
        let sums = quarters.entry(key(reason, code(one.value, one.currency))).or_default();
        let ([value, value_rest], [worth, worth_rest]) = (parts(one.value.map_or(0, |value| value.0)), parts(worth));
        add(sums, 0, &[1, warned, value, value_rest, worth, worth_rest]);
        if !retracted {
            let sums = quarters.entry(key(reason, code(one.current.value, one.current.currency))).or_default();
            let [value, value_rest] = parts(one.current.value.map_or(0, |value| value.0));
            add(sums, 6, &[1, value, value_rest, worth, worth_rest]);
            if credit.is_some() {
                let sums = days.entry(day_key(reason, code(one.current.value, one.current.currency))).or_default();
                add(sums, 0, &[1, value, value_rest, worth, worth_rest]);
            }
        }
    }
    for (seq, field, from) in &world.taken {
        put("taken", format!("{seq} {field} {from}"));
    }
    for (key, sums) in quarters {
        put("conversions_quarters", format!("{key} {}", sums.map(|sum| sum.to_string()).join(" ")));
    }
    for (key, sums) in days {
        put("credited_days", format!("{key} {}", sums.map(|sum| sum.to_string()).join(" ")));
    }
    for (key, sums) in loads {
        put("pixels_quarters", format!("{key} {}", sums.map(|sum| sum.to_string()).join(" ")));
    }
    for (pixel, at) in last {
        put("pixel_last_fired", format!("{pixel} {at}"));
    }
    for rows in tables.values_mut() {
        rows.sort();
    }
    tables
}
