//! The verdict on an event, in the largest text of its page: what happened, then why, then what to do, and the amount.

use super::no_cookie::NoCookie;
use crate::admin::pixels::summary::PixelSettings;
use crate::admin::rows::conversion::{amount, refunded};
use crate::admin::shell::parts::Link;
use crate::admin::text::format::short_span;
use crate::admin::text::reasons;
use crate::attribution::Verdict;
use crate::attribution::words::span;
use crate::domain::{
    AppliedAdjustment, Conversion, Credited, Effect, ExposureKind, NotCounted, Outcome, Reason, TriggerType,
    Unattributed,
};
use crate::judge::Explained;

pub struct VerdictView {
    /// The kind of its mark: `click`, `view`, `none`, `ignored`; `warned` if something can be mended.
    pub kind: &'static str,
    pub say: String,
    pub why: String,
    /// What the event is worth now; empty if nothing is known.
    pub amount: String,
    /// What the amount is: "212.00 less 40.00 refunded".
    pub note: String,
    /// What to do.
    pub links: Vec<Link>,
}

/// `placement` is where the credited ad ran; empty if it is not known.
pub fn verdict(
    explained: &Explained,
    settings: &PixelSettings,
    placement: &str,
    no_cookie: Option<&NoCookie>,
) -> VerdictView {
    let conversion = &explained.conversion;
    let reason = conversion.outcome.reason();
    let (say, why) = match (no_cookie, conversion.credit) {
        (Some(no_cookie), _) => (NoCookie::SAY.to_owned(), no_cookie.missing.why()),
        (None, Some(credit)) => credited(conversion, &credit, settings, placement),
        (None, None) if reason == Reason::Test => tested(explained),
        (None, None) => uncredited(conversion, settings),
    };
    let (amount, note) = worth(conversion);
    let view = VerdictView { kind: kind(conversion.outcome), say, why, amount, note, links: links(conversion) };
    let cancelled = explained.adjustments.iter().rfind(|applied| applied.effect == Effect::Retracted);
    match (conversion.current_value().retracted, no_cookie) {
        (true, _) => retracted(view, conversion, cancelled),
        (false, Some(_)) => VerdictView { kind: "warned", ..view },
        (false, None) => VerdictView { kind: if reason == Reason::NoLineItem { "warned" } else { view.kind }, ..view },
    }
}

/// The word for the browser's tab.
pub fn outcome_word(conversion: &Conversion) -> &'static str {
    match conversion.outcome {
        _ if conversion.current_value().retracted => "cancelled",
        Outcome::Attributed(_) => "credited",
        Outcome::Unattributed(_) => "not credited",
        Outcome::NotCounted(_) => "ignored",
    }
}

fn kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Attributed(ExposureKind::Click) => "click",
        Outcome::Attributed(ExposureKind::Impression) => "view",
        Outcome::Unattributed(_) => "none",
        Outcome::NotCounted(_) => "ignored",
    }
}

fn credited(conversion: &Conversion, credit: &Credited, settings: &PixelSettings, placement: &str) -> (String, String) {
    let is_click = conversion.outcome == Outcome::Attributed(ExposureKind::Click);
    let kind = if is_click { "click" } else { "view" };
    let age = conversion.fire.at.since(credit.exposure_at);
    let age = if age < 1_000 { "less than a second".to_owned() } else { span(age) };
    let on = if placement.is_empty() { String::new() } else { format!(" on {placement}") };
    let window = credit.window.to_string();
    // "in the day before", but "in the 14 days before".
    let window = if window.ends_with('s') { &window } else { window.trim_start_matches("1 ") };
    let last = format!("It was the last ad {kind} in the {window} before the event");
    let why = match settings.trigger_type {
        _ if conversion.fire.exposure.is_some() => format!("The click ID of the event names this ad {kind}."),
        TriggerType::Hybrid if is_click => format!("{last}. A click wins over any ad view, however recent."),
        TriggerType::Hybrid => format!("{last}, and no ad click was in time."),
        TriggerType::Click | TriggerType::View => format!("{last}."),
    };
    (format!("Credited to a {kind}{on}, {age} earlier."), why)
}

fn uncredited(conversion: &Conversion, settings: &PixelSettings) -> (String, String) {
    let reason = conversion.outcome.reason();
    let order = conversion.order_id.as_deref().unwrap_or("this order");
    let (say, why) = (reasons::sentence(reason), reasons::cause(reason));
    match (conversion.outcome, settings.trigger_type) {
        (Outcome::Unattributed(Unattributed::WrongKind), TriggerType::View) => {
            ("Not credited: this visitor clicked ads, and the pixel credits views only.".to_owned(), why.to_owned())
        }
        (Outcome::Unattributed(Unattributed::WrongKind), _) => {
            ("Not credited: this visitor only saw ads, and the pixel credits clicks only.".to_owned(), why.to_owned())
        }
        (Outcome::Unattributed(Unattributed::OutsideWindow), _) => {
            (say.to_owned(), format!("The pixel credits {}.", settings.credits()))
        }
        (Outcome::NotCounted(NotCounted::DuplicateOrder), _) => {
            (format!("Ignored: order {order} was recorded twice."), why.to_owned())
        }
        (Outcome::NotCounted(NotCounted::Repeat), _) => {
            (say.to_owned(), format!("The pixel counts {}.", settings.counts()))
        }
        _ => (say.to_owned(), why.to_owned()),
    }
}

/// A test never counts, so its verdict says what the same event would have earned.
fn tested(explained: &Explained) -> (String, String) {
    let touches = &explained.judgement.explanation.touches;
    let say = match touches.iter().find(|line| line.verdict == Verdict::WouldBeChosen) {
        Some(_) if !explained.pixel.active => {
            "A test. A real event would not be credited, because the pixel is inactive.".to_owned()
        }
        Some(best) => {
            let kind = if best.touch.kind == ExposureKind::Click { "click" } else { "view" };
            format!("A test. A real event would be credited to the ad {kind} {} earlier.", span(best.age_ms.max(1_000)))
        }
        None => "A test. A real event would not be credited.".to_owned(),
    };
    (say, reasons::cause(Reason::Test).to_owned())
}

/// The amount with what it is. Without an order value, the payout.
fn worth(conversion: &Conversion) -> (String, String) {
    let now = conversion.current_value();
    let value = amount(now.value, now.currency);
    let refund = refunded(conversion.value, conversion.currency, now.value, now.currency);
    let payout = conversion.credit.and_then(|credit| Some((credit.static_value?, credit.static_currency)));
    let note = match (conversion.outcome, refund, payout) {
        _ if now.retracted => "no longer counted".to_owned(),
        (Outcome::Attributed(_), Some(refund), _) => {
            format!("{} less {} refunded", amount(conversion.value, None), amount(Some(refund), None))
        }
        (Outcome::Attributed(_), None, Some((payout, currency))) if value.is_empty() => {
            return (amount(Some(payout), Some(currency)), "payout".to_owned());
        }
        (Outcome::Attributed(_), None, _) => "order value".to_owned(),
        (Outcome::Unattributed(_), ..) => "recorded, not credited".to_owned(),
        (Outcome::NotCounted(_), ..) => "ignored".to_owned(),
    };
    (value, note)
}

fn retracted(view: VerdictView, conversion: &Conversion, cancelled: Option<&AppliedAdjustment>) -> VerdictView {
    let when = cancelled.map(|applied| applied.received.since(conversion.fire.at)).filter(|later| *later > 0);
    let say = match when {
        Some(later) => format!("Cancelled {} later: no longer counted.", short_span(later)),
        None => "Cancelled: no longer counted.".to_owned(),
    };
    let before = view.say.strip_prefix("Credited").map_or(view.say.clone(), |rest| format!("credited{rest}"));
    VerdictView { kind: "ignored", say, why: format!("Before: {before}"), links: Vec::new(), ..view }
}

/// The one thing to do, if there is one.
fn links(conversion: &Conversion) -> Vec<Link> {
    let (pixel, advertiser) = (conversion.fire.pixel_id, conversion.advertiser_id);
    let link = |address: String, name: &str| vec![Link { address, name: name.to_owned() }];
    match (conversion.outcome, conversion.duplicate_of) {
        (Outcome::NotCounted(_), Some(seq)) => link(format!("/admin/conversions/{seq}"), "Open the event that counts"),
        (Outcome::Unattributed(Unattributed::NoLineItem), _) => {
            link(format!("/admin/line-items?advertiser_id={advertiser}"), "Choose a line item")
        }
        (Outcome::Unattributed(Unattributed::PixelInactive | Unattributed::WrongKind), _) => {
            link(format!("/admin/pixels/{pixel}"), "Open the pixel")
        }
        _ => Vec::new(),
    }
}
