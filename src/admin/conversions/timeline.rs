//! The timeline of an event: the ads that the visitor saw and clicked before, and what followed the event: further ads,
//! duplicates and corrections. The ruler above it draws the same ads.

use std::collections::HashMap;

use crate::admin::rows::conversion::{amount, refunded};
use crate::admin::text::checks;
use crate::admin::text::format::{Moment, grouped, plural, short_span};
use crate::attribution::{Verdict, WeighedTouch, words};
use crate::domain::{
    AppliedAdjustment, Campaign, Conversion, ConversionChange, CurrentValue, Effect, ExposureKind, LineItem, Millis,
    NotCounted, Outcome, Publisher, PublisherId, Reader, TagKind, TokenUses,
};
use crate::judge::Explained;
use crate::store::{Entity, Store, StoreError};
use crate::web::chart::RulerMark;

/// The most ads of a timeline. It keeps the newest.
const MOST_ENTRIES: usize = 60;
/// The most duplicates of a timeline.
const MOST_DUPLICATES: u32 = 20;

/// A window that began less than this before its click needs no words.
const MINUTE: i64 = 60_000;

/// One line.
pub struct TimelineEntry {
    /// `won click`, `beaten view`, `out`, `after`.
    pub class: &'static str,
    /// "4 h 3 min before".
    pub when: String,
    /// The exact time, on hover.
    pub exact: String,
    /// "Ad click on trailmag.example".
    pub title: String,
    /// The page of the event that it is; empty if it is none.
    pub address: String,
    /// Line item, campaign, creative; or who sent it.
    pub source: String,
    /// The result: "Gets the credit".
    pub say: String,
}

pub struct Timeline {
    /// What was before the event, in order of time.
    pub before: Vec<TimelineEntry>,
    /// What followed the event, in order of time.
    pub after: Vec<TimelineEntry>,
    /// The number of older ads that the page does not show.
    pub left_out: usize,
    /// The ads before the event, for the ruler.
    pub marks: Vec<RulerMark>,
}

struct Names {
    line_items: HashMap<i64, String>,
    campaigns: HashMap<i64, String>,
    publishers: HashMap<i64, String>,
}

impl Timeline {
    pub async fn of(store: &Store, by: &Reader, explained: &Explained, now: Millis) -> Result<Self, StoreError> {
        let touches = &explained.judgement.explanation.touches;
        let left_out = touches.len().saturating_sub(MOST_ENTRIES);
        let newest = touches.get(left_out..).unwrap_or_default();
        let names = Names {
            line_items: names::<LineItem>(store, by, newest, |line| Some(line.touch.line_item_id.0)).await?,
            campaigns: names::<Campaign>(store, by, newest, |line| line.touch.campaign_id.map(|id| id.0)).await?,
            publishers: names::<Publisher>(store, by, newest, |line| Some(line.touch.publisher_id.0)).await?,
        };
        let (earlier, later): (Vec<&WeighedTouch>, Vec<&WeighedTouch>) =
            newest.iter().partition(|line| line.age_ms >= 0);
        let ad = |line: &&WeighedTouch| (line.touch.at, of_ad(line, &names, explained, now));
        let mut before: Vec<(Millis, TimelineEntry)> = earlier.iter().map(ad).collect();
        let marks = earlier.iter().zip(&before).map(|(line, (_, entry))| mark(line, entry)).collect();
        let mut after: Vec<(Millis, TimelineEntry)> = later.iter().map(ad).collect();
        for (at, entry) in same_events(store, by, &explained.conversion, now).await? {
            if at < explained.conversion.fire.at { before.push((at, entry)) } else { after.push((at, entry)) }
        }
        after.extend(corrections(explained, now));
        Ok(Timeline { before: in_order(before), after: in_order(after), left_out, marks })
    }
}

fn in_order(mut entries: Vec<(Millis, TimelineEntry)>) -> Vec<TimelineEntry> {
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

async fn names<E: Entity>(
    store: &Store,
    by: &Reader,
    lines: &[WeighedTouch],
    id: impl Fn(&WeighedTouch) -> Option<i64>,
) -> Result<HashMap<i64, String>, StoreError> {
    let mut ids: Vec<i64> = lines.iter().filter_map(id).collect();
    ids.sort_unstable();
    ids.dedup();
    store.names::<E>(by, ids).await
}

fn of_ad(line: &WeighedTouch, names: &Names, explained: &Explained, now: Millis) -> TimelineEntry {
    let touch = &line.touch;
    let kind = match touch.kind {
        ExposureKind::Click => "Ad click",
        ExposureKind::Impression => "Ad view",
    };
    let name = |names: &HashMap<i64, String>, kind: &str, id: i64| {
        names.get(&id).cloned().unwrap_or_else(|| format!("{kind} {id}"))
    };
    let mut source = vec![name(&names.line_items, "line item", touch.line_item_id.0)];
    source.extend(touch.campaign_id.map(|id| name(&names.campaigns, "campaign", id.0)));
    source.extend(touch.creative_id.map(|id| format!("creative {id}")));
    if line.counted_age_ms - line.age_ms >= MINUTE {
        source.push(format!("window from its ad view, {}", checks::distance(line.counted_age_ms)));
    }
    let arrival = explained.arrivals.get(&touch.since());
    source.extend(arrival.map(|row| words::carried(&row.arrival)).filter(|carried| !carried.is_empty()));
    if touch.adopted_by.is_some() {
        source.push("known by the click ID in the landing page’s address".to_owned());
    }
    source.extend(explained.token_uses.get(&touch.seq).and_then(uses));
    let arrived = arrival.filter(|_| touch.adopted_by.is_none()).and_then(|row| row.source.as_ref());
    TimelineEntry {
        class: class(line),
        when: checks::distance(line.age_ms),
        exact: Moment::exact(touch.at, now).exact,
        title: match (arrived, touch.publisher_id) {
            (Some((_, source)), _) => format!("Arrived from {source}"),
            (None, PublisherId::NONE) => kind.to_owned(),
            (None, PublisherId(id)) => format!("{kind} on {}", name(&names.publishers, "placement", id)),
        },
        address: String::new(),
        source: source.join(" · "),
        say: checks::verdict(line),
    }
}

/// How often a click ID was used, with a remark where more than one visitor seems to use it; none if it was not used.
fn uses(uses: &TokenUses) -> Option<String> {
    let TokenUses { fires, attributed, visitors } = *uses;
    let or_more = if fires == TokenUses::MOST { " or more" } else { "" };
    let used =
        format!("click ID used by {}{or_more}, {} credited", plural(fires.into(), "event"), grouped(attributed.into()));
    match (fires, visitors) {
        (0, _) => None,
        (_, 2..) => Some(format!("{used}, from {visitors} visitors: it was passed on or copied")),
        (TokenUses::MANY.., _) => Some(format!("{used}: many for one ad")),
        _ => Some(used),
    }
}

fn class(line: &WeighedTouch) -> &'static str {
    match (line.verdict, line.touch.kind) {
        (Verdict::Chosen, ExposureKind::Click) => "won click",
        (Verdict::Chosen, ExposureKind::Impression) => "won view",
        (verdict, ExposureKind::Click) if verdict.is_eligible() => "beaten click",
        (verdict, ExposureKind::Impression) if verdict.is_eligible() => "beaten view",
        _ => "out",
    }
}

fn mark(line: &WeighedTouch, entry: &TimelineEntry) -> RulerMark {
    RulerMark {
        is_click: line.touch.kind == ExposureKind::Click,
        age: seconds(line.age_ms),
        class: entry.class.split(' ').next().unwrap_or_default(),
        title: format!("{}, {}: {}", entry.title, entry.when, entry.say),
    }
}

/// Milliseconds in seconds, for drawings.
pub fn seconds(ms: i64) -> f64 {
    f64::from(i32::try_from(ms / 1000).unwrap_or(i32::MAX))
}

/// The other requests of the same event or order: those that count as this one, or the one that counts in its place.
async fn same_events(
    store: &Store,
    by: &Reader,
    conversion: &Conversion,
    now: Millis,
) -> Result<Vec<(Millis, TimelineEntry)>, StoreError> {
    let mut same = Vec::new();
    if let Some(counts) = conversion.duplicate_of {
        let other = store.conversion(by, counts).await?;
        let mut entry = of_event(conversion, &other, now);
        entry.say = "Counts in its place".to_owned();
        same.push((other.fire.at, entry));
    }
    for other in store.duplicates_of(by, conversion.fire.seq, MOST_DUPLICATES).await? {
        same.push((other.fire.at, of_event(conversion, &other, now)));
    }
    Ok(same)
}

fn of_event(event: &Conversion, other: &Conversion, now: Millis) -> TimelineEntry {
    TimelineEntry {
        class: "out",
        when: checks::distance(event.fire.at.since(other.fire.at)),
        exact: Moment::exact(other.fire.at, now).exact,
        title: match other.fire.tag {
            TagKind::Server | TagKind::Postback => "The shop's server reported the same event",
            TagKind::Import => "An import holds the same event",
            TagKind::Image | TagKind::Script | TagKind::Beacon | TagKind::Invoca => "The tag sent the same event",
        }
        .to_owned(),
        address: format!("/admin/conversions/{}", other.fire.seq),
        source: format!("event {}", other.fire.seq),
        say: match other.outcome {
            Outcome::NotCounted(NotCounted::DuplicateOrder) => "Same order ID, counted once",
            _ => "Same event ID, counted once",
        }
        .to_owned(),
    }
}

fn corrections(explained: &Explained, now: Millis) -> Vec<(Millis, TimelineEntry)> {
    let conversion = &explained.conversion;
    let mut before = CurrentValue { retracted: false, value: conversion.value, currency: conversion.currency };
    let mut entries = Vec::new();
    for applied in &explained.adjustments {
        let entry = correction(conversion.fire.at, applied, &mut before, now);
        entries.push((applied.received, entry));
    }
    entries
}

/// The line of a correction; `current` is the value before it, and then the one after it.
fn correction(event: Millis, applied: &AppliedAdjustment, current: &mut CurrentValue, now: Millis) -> TimelineEntry {
    let (title, say) = match (applied.effect, applied.change) {
        (Effect::Retracted, _) => ("Cancelled".to_owned(), "No longer counted".to_owned()),
        (Effect::Restated, ConversionChange::Restate { value: Some(value), currency }) => {
            let (before, was) = (current.value, current.currency);
            (current.value, current.currency) = (Some(value), currency.or(was));
            let value = amount(current.value, current.currency);
            let title = match refunded(before, was, current.value, current.currency) {
                Some(refund) => format!("Refund of {}", amount(Some(refund), was)),
                None => "Another amount".to_owned(),
            };
            (title, format!("Order value now {value}"))
        }
        (Effect::Restated, _) => ("Details changed".to_owned(), "Order value unchanged".to_owned()),
        (Effect::AlreadyRetracted, change) => (asked(change), "No effect: cancelled before".to_owned()),
        (Effect::OverMaxValue, change) => (asked(change), "No effect: beyond the largest believable value".to_owned()),
        (Effect::NotCounted, change) => (asked(change), "No effect: the event is ignored".to_owned()),
    };
    let mut source: Vec<String> = applied.reason_code.iter().map(|reason| format!("“{reason}”")).collect();
    source.push(match &applied.source {
        Some(name) => format!("sent by {name}"),
        None => format!("sent with event {}", applied.seq),
    });
    TimelineEntry {
        class: "after",
        when: match applied.received.since(event) {
            0 => "same moment".to_owned(),
            later => format!("{} {}", short_span(later), if later > 0 { "later" } else { "before" }),
        },
        exact: Moment::exact(applied.received, now).exact,
        title,
        address: String::new(),
        source: source.join(", "),
        say,
    }
}

fn asked(change: ConversionChange) -> String {
    match change {
        ConversionChange::Retract => "Cancellation".to_owned(),
        ConversionChange::Restate { value, currency } => format!("Another amount, {}", amount(value, currency)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Currency, Micros, Seq};

    #[test]
    fn refunds_are_told_by_what_is_left() {
        let euro = Currency::parse("EUR");
        let mut current = CurrentValue { retracted: false, value: Some(Micros(212_000_000)), currency: euro };
        let mut applied = AppliedAdjustment {
            seq: Seq(9),
            at: Millis(0),
            received: Millis(53 * 60_000),
            change: ConversionChange::Restate { value: Some(Micros(172_000_000)), currency: None },
            effect: Effect::Restated,
            reason_code: Some("One item returned".to_owned()),
            source: Some("shop".to_owned()),
        };
        let said = |entry: TimelineEntry| format!("{}: {} {}. {}", entry.when, entry.title, entry.source, entry.say);
        assert_eq!(
            said(correction(Millis(0), &applied, &mut current, Millis(0))),
            "53 min later: Refund of 40.00 EUR “One item returned”, sent by shop. Order value now 172.00 EUR"
        );
        (applied.source, applied.reason_code) = (None, None);
        applied.change = ConversionChange::Restate { value: Some(Micros(180_000_000)), currency: euro };
        assert_eq!(
            said(correction(Millis(0), &applied, &mut current, Millis(0))),
            "53 min later: Another amount sent with event 9. Order value now 180.00 EUR"
        );
        (applied.effect, applied.change) = (Effect::AlreadyRetracted, ConversionChange::Retract);
        let said = said(correction(Millis(0), &applied, &mut current, Millis(0)));
        assert_eq!(said, "53 min later: Cancellation sent with event 9. No effect: cancelled before");
    }

    #[test]
    fn seconds_have_a_bound() {
        assert!((seconds(Millis::DAY) - 86_400.0).abs() < 1e-9 && seconds(i64::MAX) > 1e9);
    }
}
