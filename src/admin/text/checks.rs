//! The checks that an event passed, and what came of each ad, in the words of the pages. The API has texts of its own.

use super::format::{money, number, plural, short_span};
use crate::attribution::{
    EventCheck, Flag, Gap, Identity, NameKind, OrderCheck, ParentCheck, RepeatCheck, Step, Verdict, WeighedTouch,
};
use crate::domain::{ExposureKind, RepeatRule, TriggerType, Unattributed};

/// The checks in their order, as an event that stopped before names them. One with a parent reference has one more.
pub const ALL: [&str; 9] = [
    "Test, bot or prefetch",
    "Event ID",
    "Order ID",
    "Pixel active",
    "Line items",
    "Visitor",
    "Ad views and clicks",
    "Repeat conversions",
    "Credit",
];

/// The finding of a check.
pub fn check(step: &Step) -> String {
    match step {
        Step::Value { value, max } => format!(
            "{} is beyond the largest believable value, {}: the event has no order value",
            number(&value.to_money()),
            money(max.amount, max.currency)
        ),
        Step::Flags(None) => "Not a test, a bot or a prefetch".to_owned(),
        Step::Flags(Some(flag)) => flagged(*flag).to_owned(),
        Step::Event(check) => event(check),
        Step::Parent(ParentCheck::Unknown) => "No earlier event has the reference that this one updates".to_owned(),
        Step::Parent(ParentCheck::Updates(gap)) => format!("Updates {}, and is ignored itself", other(gap)),
        Step::Order(check) => order(check),
        Step::Pixel { active: true } => "The pixel is active".to_owned(),
        Step::Pixel { active: false } => "The pixel is inactive, so no ad gets credit".to_owned(),
        Step::LineItems { active, inactive, entry_inactive } => line_items(*active, inactive + entry_inactive),
        Step::Visitor(Identity::Visitor) => "The visitor is known".to_owned(),
        Step::Visitor(Identity::NewVisitor) => "Without a cookie, the visitor is new with this event".to_owned(),
        Step::Visitor(Identity::Token) => "The click ID names the ad, in place of the visitor".to_owned(),
        Step::Visitor(Identity::Unknown) => "The visitor is unknown: no browser to look up".to_owned(),
        Step::Exposures { trigger_type, on_line_items, eligible, lack, .. } => {
            exposures(*trigger_type, *on_line_items, *eligible, *lack)
        }
        Step::Repeat(check) => repeat(check),
        Step::Credit { touch } => format!("The ad {} gets the credit", kind(touch.kind)),
        Step::Twin { name, counts, is_credited: true } => {
            format!("{} has the same {} and is credited in its place", capital_other(counts), id(*name))
        }
        Step::Twin { name, counts, is_credited: false } => {
            format!("{} has the same {}, so both count once, as that one", capital_other(counts), id(*name))
        }
    }
}

/// What came of an ad, for the end of its line.
pub fn verdict(line: &WeighedTouch) -> String {
    let kind = kind(line.touch.kind);
    let text = match line.verdict {
        Verdict::Chosen => "Gets the credit",
        Verdict::WouldBeChosen => "Would get the credit",
        Verdict::BeatenByClick => "In time, but a click wins",
        Verdict::Older => return format!("In time, but a later {kind} wins"),
        Verdict::LoggedEarlier => "Same moment, recorded earlier",
        Verdict::NotNamed => "The click ID names another ad",
        Verdict::Later => "After the event",
        Verdict::NotOnPixel => "Its line item does not use this pixel",
        Verdict::LineItemInactive => "Its line item is inactive",
        Verdict::EntryInactive => "The pixel is inactive on its line item",
        Verdict::Flagged(Flag::Test) => "A test, never credited",
        Verdict::Flagged(Flag::Bot) => "A bot, never credited",
        Verdict::Flagged(Flag::Prefetch) => "Loaded in advance, never credited",
        Verdict::WrongKind => return format!("This pixel does not credit {kind}s"),
        Verdict::TooOld => {
            let over = line.counted_age_ms.saturating_sub(line.window.as_millis());
            return format!("Too old by {}", short_span(over));
        }
    };
    text.to_owned()
}

/// A place in time beside the event: `4 h 3 min before`, `53 min later`, `same moment`.
pub fn distance(before_ms: i64) -> String {
    match before_ms {
        0 => "same moment".to_owned(),
        1.. => format!("{} before", short_span(before_ms)),
        _ => format!("{} later", short_span(before_ms)),
    }
}

fn kind(kind: ExposureKind) -> &'static str {
    match kind {
        ExposureKind::Click => "click",
        ExposureKind::Impression => "view",
    }
}

fn id(name: NameKind) -> &'static str {
    match name {
        NameKind::Event => "event ID",
        NameKind::Order => "order ID",
    }
}

fn other(gap: &Gap) -> String {
    format!("event {}, {}", gap.earlier.seq, distance(gap.ms))
}

fn capital_other(gap: &Gap) -> String {
    format!("Event {}, {},", gap.earlier.seq, distance(gap.ms))
}

fn flagged(flag: Flag) -> &'static str {
    match flag {
        Flag::Test => "Marked as a test, so ignored",
        Flag::Bot => "Sent by a bot, so ignored",
        Flag::Prefetch => "Loaded in advance by a browser, so ignored",
    }
}

fn event(check: &EventCheck) -> String {
    let same = |gap: &Gap| format!("{} has the same event ID", capital_other(gap));
    match check {
        EventCheck::NoId => "No event ID to compare".to_owned(),
        EventCheck::First => "First event with this event ID".to_owned(),
        EventCheck::Apart(gap) => format!("{}, but more than 48 hours lie between", same(gap)),
        EventCheck::Duplicate(gap) => format!("{} and counts in its place", same(gap)),
        EventCheck::Retracted(gap) => format!("{} and was cancelled, so this one is ignored", same(gap)),
        EventCheck::Twin(gap) => format!("{}, but is not credited", same(gap)),
        EventCheck::Outranked(gap) => format!("{}, but the order ID decides", same(gap)),
        EventCheck::Shared => "Several visitors sent this event ID, so it names no event".to_owned(),
    }
}

fn order(check: &OrderCheck) -> String {
    match check {
        OrderCheck::NotAsked => "The order check is off for this pixel".to_owned(),
        OrderCheck::NoId => "No order ID to compare".to_owned(),
        OrderCheck::First => "First event with this order ID".to_owned(),
        OrderCheck::Shared => "Several visitors sent this order ID, so it names no order".to_owned(),
        OrderCheck::Twin(gap) => format!("{} has the same order ID, but is not credited", capital_other(gap)),
        OrderCheck::Duplicate(gap) => format!("{} already counted this order", capital_other(gap)),
    }
}

fn line_items(active: usize, inactive: usize) -> String {
    match (active, inactive) {
        (0, 0) => "The pixel is on no line item, so nothing can be credited".to_owned(),
        (0, inactive) => format!("The pixel is on no active line item, but on {}", inactives(inactive)),
        (active, _) => format!("The pixel is on {}", plural(count(active), "active line item")),
    }
}

fn inactives(inactive: usize) -> String {
    plural(count(inactive), "inactive one")
}

fn exposures(trigger_type: TriggerType, found: usize, eligible: usize, lack: Option<Unattributed>) -> String {
    let all = match found {
        1 => "1 ad view or click".to_owned(),
        many => format!("{many} ad views and clicks"),
    };
    let wanted = match trigger_type {
        TriggerType::View => "views only",
        TriggerType::Click => "clicks only",
        TriggerType::Hybrid => "clicks and views",
    };
    match lack {
        None if eligible == 1 => format!("{all} found, of which 1 can be credited"),
        None => format!("{all} found, of which {eligible} can be credited"),
        Some(Unattributed::OutsideWindow) => format!("{all} found, but all outside the attribution window"),
        Some(Unattributed::WrongKind) => format!("{all} found, but the pixel credits {wanted}"),
        Some(_) => "No ad view or click found before the event".to_owned(),
    }
}

fn repeat(check: &RepeatCheck) -> String {
    if check.rule == RepeatRule::All {
        return "The pixel counts every event of a visitor".to_owned();
    }
    match (check.nearest, check.blocks, check.rule) {
        (None, _, RepeatRule::Every(minutes)) => format!("No other conversion of this visitor within {minutes}"),
        (None, ..) => "No other conversion of this visitor".to_owned(),
        (Some(gap), false, _) => format!("The nearest conversion of this visitor is {}", other(&gap)),
        (Some(gap), true, _) => format!("This visitor already converted: {}", other(&gap)),
    }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::EarlierFire;
    use crate::domain::{Millis, Minutes, Seq};

    #[test]
    fn checks_name_other_events_by_number_and_distance() {
        let gap = Gap { earlier: EarlierFire { seq: Seq(7), at: Millis(0) }, ms: 14_580_000 };
        assert_eq!(
            check(&Step::Order(OrderCheck::Duplicate(gap))),
            "Event 7, 4 h 3 min before, already counted this order"
        );
        let later = Gap { ms: -800, ..gap };
        assert_eq!(
            check(&Step::Twin { name: NameKind::Event, counts: later, is_credited: true }),
            "Event 7, 0.8 s later, has the same event ID and is credited in its place"
        );
        let repeat = RepeatCheck { rule: RepeatRule::Every(Minutes(30)), nearest: None, blocks: false };
        assert_eq!(check(&Step::Repeat(repeat)), "No other conversion of this visitor within 30 minutes");
    }

    #[test]
    fn line_items_and_ads_are_counted() {
        assert_eq!(line_items(2, 1), "The pixel is on 2 active line items");
        assert_eq!(line_items(0, 1), "The pixel is on no active line item, but on 1 inactive one");
        let text = |found, eligible, lack| exposures(TriggerType::Click, found, eligible, lack);
        assert_eq!(text(5, 1, None), "5 ad views and clicks found, of which 1 can be credited");
        assert_eq!(
            text(1, 0, Some(Unattributed::WrongKind)),
            "1 ad view or click found, but the pixel credits clicks only"
        );
        assert_eq!(text(0, 0, Some(Unattributed::NoExposure)), "No ad view or click found before the event");
    }
}
