//! The sentences of an explanation, for the admin pages and the API. The module decides nothing. Programs should read
//! the stable names instead of these sentences.

use super::explain::{
    EventCheck, Flag, Gap, Identity, OrderCheck, ParentCheck, RepeatCheck, Step, Verdict, WeighedTouch,
};
use super::namesake::NameKind;
use crate::domain::{
    AppliedAdjustment, Arrival, ClickIdValue, ConversionChange, Currency, Effect, ExposureKind, Micros, Reason,
    RepeatRule, TriggerType, Unattributed, cut,
};

/// The finding of a step, and its consequence if it decided.
pub fn step(step: &Step) -> String {
    match step {
        Step::Value { value, max } => format!(
            "The value {} is larger than the largest believable value of the pixel, {} {}, so the fire counts without it.",
            value.to_money(),
            max.amount.to_money(),
            max.currency
        ),
        Step::Flags(flag) => flags(*flag).to_owned(),
        Step::Event(check) => event(check),
        Step::Parent(check) => parent(check),
        Step::Order(check) => order(check),
        Step::Pixel { active: true } => "The pixel is active.".to_owned(),
        Step::Pixel { active: false } => "The pixel is inactive, so the fire is credited to nobody.".to_owned(),
        Step::LineItems { active, inactive, entry_inactive } => line_items(*active, *inactive, *entry_inactive),
        Step::Visitor(identity) => visitor(*identity).to_owned(),
        Step::Exposures { trigger_type, on_line_items, admitted, eligible, lack } => {
            exposures(*trigger_type, [*on_line_items, *admitted, *eligible], *lack)
        }
        Step::Repeat(check) => repeat(check),
        Step::Credit { touch } => {
            let (post, kind) = match touch.kind {
                ExposureKind::Click => ("post-click", "click"),
                ExposureKind::Impression => ("post-view", "impression"),
            };
            format!("A {post} conversion, credited to {kind} {} on line item {}.", touch.seq, touch.line_item_id)
        }
        Step::Twin { name, counts, is_credited } => twin(*name, counts, *is_credited),
    }
}

/// The verdict on an exposure: "A click 3 days before, within the window of 14 days. Credited."
pub fn touch(line: &WeighedTouch) -> String {
    let (kind, kinds) = match line.touch.kind {
        ExposureKind::Click => ("click", "clicks"),
        ExposureKind::Impression => ("impression", "impressions"),
    };
    let what = subject(line, kind);
    let window = match line.counted_from == line.touch.at {
        true => format!("the window of {}", line.window),
        false => format!("the window of {} from the impression", line.window),
    };
    let within = || format!("{what}, within {window}");
    let on = || format!("{what}, on line item {}", line.touch.line_item_id);
    match line.verdict {
        Verdict::Chosen => format!("{}. Credited.", within()),
        Verdict::WouldBeChosen => format!("{}. It would have been credited.", within()),
        Verdict::BeatenByClick => format!("{}, but a click within its window beats every impression.", within()),
        Verdict::Older => format!("{}, but there is a more recent {kind}.", within()),
        Verdict::LoggedEarlier => format!("{}, but another {kind} at the same moment was logged after it.", within()),
        Verdict::NotNamed => format!("{what}. Not considered: the token of the fire names another exposure."),
        Verdict::Later => format!("{what}. Not considered: it came after the fire."),
        Verdict::NotOnPixel => format!("{}, which does not hold this pixel.", on()),
        Verdict::LineItemInactive => format!("{}, which is inactive.", on()),
        Verdict::EntryInactive => format!("{}, where this pixel is inactive.", on()),
        Verdict::Flagged(Flag::Test) => format!("{what}. Never credited: it was marked as a test."),
        Verdict::Flagged(Flag::Bot) => format!("{what}. Never credited: a bot sent it."),
        Verdict::Flagged(Flag::Prefetch) => format!("{what}. Never credited: a browser fetched it in advance."),
        Verdict::WrongKind => format!("{what}. The trigger type of the pixel does not admit {kinds}."),
        Verdict::TooOld => {
            let over = line.counted_age_ms.saturating_sub(line.window.as_millis());
            format!("{what}, outside {window} by {}.", span(over))
        }
    }
}

/// Of an exposure that is the visitor's by an arrival's token.
pub const BY_TOKEN: &str =
    "Another cookie had it. The click ID in the landing page's address brought it to this visitor.";

/// Where an arrival came from: "arrived from Google Ads (gclid …v3f2, utm_campaign autumn)".
pub fn arrived(source: &str, arrival: &Arrival) -> String {
    match carried(arrival) {
        carried if carried.is_empty() => format!("arrived from {source}"),
        carried => format!("arrived from {source} ({carried})"),
    }
}

/// The click ids of an arrival by their ends, and its campaign: "gclid …v3f2, utm_campaign autumn".
pub fn carried(arrival: &Arrival) -> String {
    const LONGEST: usize = 40;
    let id = |id: &ClickIdValue| match id.short() {
        Some(end) => format!("{} {end}", id.name),
        None => id.name.clone(),
    };
    let mut parts: Vec<String> = arrival.click_ids.iter().map(id).collect();
    let named = ["utm_campaign", "utm_source", "ref", "via"];
    let campaign = named.iter().find_map(|name| Some((*name, arrival.parameter(name)?)));
    let campaign = campaign.or_else(|| arrival.parameters.first().map(|(name, value)| (name.as_str(), value.as_str())));
    parts.extend(campaign.map(|(name, value)| match cut(value, LONGEST) {
        whole if whole.len() == value.len() => format!("{name} {value}"),
        beginning => format!("{name} {beginning}…"),
    }));
    parts.join(", ")
}

/// The meaning of a reason, without the details of a fire.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::PostClick => "Credited to an ad click.",
        Reason::PostView => "Credited to an ad impression.",
        Reason::PixelInactive => "The pixel was inactive.",
        Reason::NoLineItem => "The pixel was on no active line item.",
        Reason::NoVisitor => "The visitor is unknown: opted out, without consent, or not sent by the server.",
        Reason::NoExposure => "The visitor had seen or clicked no ad of the pixel's line items.",
        Reason::WrongKind => "The visitor had exposures, but none of a kind that the trigger type admits.",
        Reason::OutsideWindow => "The visitor's exposures were all older than the lookback window.",
        Reason::Test => "A test fire.",
        Reason::Bot => "A bot sent it.",
        Reason::Prefetch => "A browser fetched the pixel in advance.",
        Reason::DuplicateEvent => "Another fire of the same event counts.",
        Reason::Adjustment => "It updates an earlier conversion, and is none itself.",
        Reason::DuplicateOrder => "Another fire of the same order counts.",
        Reason::Repeat => "The visitor had converted already, and the repeat rule allows no further conversion.",
    }
}

/// The effect of an adjustment: "It was restated to 5.00 EUR."
pub fn adjustment(applied: &AppliedAdjustment) -> String {
    let money = |value: Micros, currency: Option<Currency>| match currency {
        Some(currency) => format!("{} {currency}", value.to_money()),
        None => value.to_money(),
    };
    let asked = match applied.change {
        ConversionChange::Retract => "retracted".to_owned(),
        ConversionChange::Restate { value: Some(value), currency } => format!("restated to {}", money(value, currency)),
        ConversionChange::Restate { value: None, .. } => "updated without another value".to_owned(),
    };
    match applied.effect {
        Effect::Retracted => "It was retracted, and counts no more.".to_owned(),
        Effect::Restated => format!("It was {asked}."),
        Effect::AlreadyRetracted => format!("It was to be {asked}, but had been retracted, which is final."),
        Effect::NotCounted => format!("It was to be {asked}, but it does not count anyway."),
        Effect::OverMaxValue => {
            format!("It was to be {asked}, but that is larger than the largest believable value of the pixel.")
        }
    }
}

/// A length of time in its two largest units, rounded down, without its sign: `3 days`, `1 hour 5 minutes`,
/// `40 seconds`, `1 millisecond`.
pub fn span(ms: i64) -> String {
    const UNITS: [(u64, &str); 5] =
        [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second"), (1, "millisecond")];
    let all = ms.unsigned_abs();
    let count_of = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let mut units = UNITS.iter().skip_while(|(size, _)| *size > all);
    let Some((size, unit)) = units.next() else { return "0 milliseconds".to_owned() };
    let first = count_of(all / size, unit);
    match units.next() {
        Some((small, smaller)) if *small > 1 && all % size / small > 0 => {
            format!("{first} {}", count_of(all % size / small, smaller))
        }
        _ => first,
    }
}

/// A place in time relative to the fire: `3 days before`, `5 minutes after`, `at the same moment`.
fn when(gap_ms: i64) -> String {
    match gap_ms {
        0 => "at the same moment".to_owned(),
        1.. => format!("{} before", span(gap_ms)),
        _ => format!("{} after", span(gap_ms)),
    }
}

fn subject(line: &WeighedTouch, kind: &str) -> String {
    let article = if kind.starts_with('i') { "An" } else { "A" };
    let mut subject = format!("{article} {kind} {}", when(line.age_ms));
    if line.counted_from != line.touch.at {
        subject.push_str(&format!(", on an impression {}", when(line.counted_age_ms)));
    }
    subject
}

fn flags(flag: Option<Flag>) -> &'static str {
    match flag {
        None => "The fire is not marked as a test, and was sent by neither a bot nor a prefetch.",
        Some(Flag::Test) => "The fire is marked as a test, so it is not counted.",
        Some(Flag::Bot) => "A bot sent the fire, so it is not counted.",
        Some(Flag::Prefetch) => "A browser fetched the pixel in advance, so the fire is not counted.",
    }
}

fn event(check: &EventCheck) -> String {
    let same = |gap: &Gap| format!("Fire {}, {}, had the same event id", gap.earlier.seq, when(gap.ms));
    match check {
        EventCheck::NoId => "The fire has no event id to be a duplicate by.".to_owned(),
        EventCheck::First => "No earlier fire of the pixel had the same event id.".to_owned(),
        EventCheck::Apart(gap) => {
            format!("{}, but lies more than 48 hours apart, so this one is no duplicate.", same(gap))
        }
        EventCheck::Duplicate(gap) => {
            format!("{}, within 48 hours, so this one is a duplicate and is not counted.", same(gap))
        }
        EventCheck::Retracted(gap) => {
            format!("{}, and was retracted before this one came, so this one is not counted either.", same(gap))
        }
        EventCheck::Twin(gap) => {
            format!("{}, but is not credited, so this one is judged by itself.", same(gap))
        }
        EventCheck::Outranked(gap) => {
            format!("{}. The order id leads to a credited conversion, which decides.", same(gap))
        }
        EventCheck::Shared => "Several visitors sent this event id within an hour, so it names no event.".to_owned(),
    }
}

fn twin(name: NameKind, counts: &Gap, is_credited: bool) -> String {
    let id = match name {
        NameKind::Event => "event id",
        NameKind::Order => "order id",
    };
    let fire = format!("fire {}, {}", counts.earlier.seq, when(counts.ms));
    match is_credited {
        true => format!(
            "The {id} came again with {fire}, which is credited. That one counts, and this one is its duplicate."
        ),
        false => {
            format!("Neither this fire nor {fire}, with the same {id}, is credited. They count once, as that one.")
        }
    }
}

fn parent(check: &ParentCheck) -> String {
    match check {
        ParentCheck::Unknown => {
            "No earlier fire has the reference that the fire's parent_reference_id names, so it is judged by itself."
                .to_owned()
        }
        ParentCheck::Updates(Gap { earlier, ms }) => format!(
            "The fire's parent_reference_id names fire {}, {}: it updates that one, and is not counted itself.",
            earlier.seq,
            when(*ms)
        ),
    }
}

fn order(check: &OrderCheck) -> String {
    match check {
        OrderCheck::NotAsked => "The pixel does not ask whether the order was counted before.".to_owned(),
        OrderCheck::NoId => "The pixel counts each order once, and the fire has no order id.".to_owned(),
        OrderCheck::First => "The pixel counts each order once, and had not counted this one.".to_owned(),
        OrderCheck::Shared => {
            "The pixel counts each order once, but several visitors sent this order id within an hour, so it names no order."
                .to_owned()
        }
        OrderCheck::Twin(Gap { earlier, ms }) => format!(
            "The pixel counts each order once. Fire {}, {}, had the same order id, but is not credited, so this one is judged by \
             itself.",
            earlier.seq,
            when(*ms)
        ),
        OrderCheck::Duplicate(Gap { earlier, ms }) => format!(
            "The pixel counts each order once, and counted this one as conversion {}, {}, so it is not counted again.",
            earlier.seq,
            when(*ms)
        ),
    }
}

fn line_items(active: usize, inactive: usize, entry_inactive: usize) -> String {
    if active > 0 {
        return format!("The pixel is active on {}.", counted(active, "line item"));
    }
    let mut why = Vec::new();
    if inactive > 0 {
        why.push(format!("inactive: {inactive}"));
    }
    if entry_inactive > 0 {
        why.push(format!("with an inactive entry: {entry_inactive}"));
    }
    match why.is_empty() {
        true => "The pixel is on no line item, so there is nothing to credit.".to_owned(),
        false => format!("The pixel is on no active line item ({}), so there is nothing to credit.", why.join(", ")),
    }
}

fn visitor(identity: Identity) -> &'static str {
    match identity {
        Identity::Visitor => "The visitor is known.",
        Identity::NewVisitor => "The request brought no cookie, so the visitor is new with it.",
        Identity::Token => "A token names the exposure, in place of the visitor.",
        Identity::Unknown => {
            "The visitor is unknown (opted out, without consent, or not named by the server), so no exposure can be found."
        }
    }
}

fn exposures(trigger_type: TriggerType, counts: [usize; 3], lack: Option<Unattributed>) -> String {
    let [on_line_items, admitted, eligible] = counts;
    let wanted = match trigger_type {
        TriggerType::View => "an impression",
        TriggerType::Click => "a click",
        TriggerType::Hybrid => "an impression or a click",
    };
    let all = format!("{} on the active line items of the pixel", counted(on_line_items, "exposure"));
    let admitted = format!("{admitted} of a kind that the trigger type admits");
    match lack {
        None => format!("{all}: {admitted}, {eligible} of these within the window."),
        Some(Unattributed::OutsideWindow) => format!("{all}: {admitted}, none of these within the window."),
        Some(Unattributed::WrongKind) => format!("{all}: none is {wanted}, which the trigger type asks for."),
        Some(_) => "No exposure before the fire on the active line items of the pixel.".to_owned(),
    }
}

fn repeat(check: &RepeatCheck) -> String {
    let rule = match check.rule {
        RepeatRule::All => return "Every conversion of a visitor counts.".to_owned(),
        RepeatRule::Once => "One conversion per visitor counts".to_owned(),
        RepeatRule::Every(minutes) => format!("Conversions of a visitor count when at least {minutes} apart"),
    };
    match (check.nearest, check.blocks) {
        (None, _) => format!("{rule}, and no other has counted."),
        (Some(Gap { earlier, ms }), false) => {
            format!("{rule}, and the nearest, conversion {}, was {}.", earlier.seq, when(ms))
        }
        (Some(Gap { earlier, ms }), true) => {
            format!("{rule}, and conversion {}, {}, has counted, so this one does not.", earlier.seq, when(ms))
        }
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
