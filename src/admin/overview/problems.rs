//! The problems of pixels as texts, each with its remedy; and the status of a pixel. Pure.

use crate::admin::text::format::{grouped, plural, roughly};
use crate::domain::{Millis, Pixel, Status};
use crate::store::{PixelHealth, PixelLinks};

/// How long it may take until a new pixel's tag is on a page, in milliseconds.
const FIRST_LOAD_MS: i64 = 10 * 60_000;
/// Silence is a problem once this many loads are missing: within hours, and over a day.
const MISSED_WITHIN_HOURS: u64 = 40;
const MISSED_OVER_A_DAY: u64 = 10;
/// Warnings are a problem from this share of loads, in percent, and from this many loads.
const MANY_WARNINGS_PERCENT: u64 = 5;
const FEW_LOADS: u64 = 20;

/// Something that is wrong with a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether the pixel loses conversions.
    pub danger: bool,
    /// The problem and its remedy.
    pub text: String,
    /// The label of the button.
    pub action: &'static str,
    /// The address that the button leads to.
    pub address: String,
}

impl Problem {
    /// The kind of its notice on a page.
    pub fn kind(&self) -> &'static str {
        if self.danger { "danger" } else { "warning" }
    }
}

/// The problems of a pixel, the worst first. A pixel that is switched off has none.
pub fn problems(pixel: &Pixel, links: &PixelLinks, health: &PixelHealth, now: Millis) -> Vec<Problem> {
    if pixel.state == Status::Inactive {
        return Vec::new();
    }
    [silent(pixel, health, now), never(pixel, health, now), paused(pixel, links, health), many_warnings(pixel, health)]
        .into_iter()
        .flatten()
        .collect()
}

fn silent(pixel: &Pixel, health: &PixelHealth, now: Millis) -> Option<Problem> {
    let quiet = now.since(health.last_load?);
    // The loads of the days before today are the usual number.
    let days = health.days_before.max(1);
    let usual: u64 = health.loads_by_day.iter().rev().skip(1).take(days.into()).sum();
    let missed = u128::from(usual) * u128::from(quiet.max(0).unsigned_abs())
        / (u128::from(days) * u128::from(Millis::DAY.unsigned_abs()));
    let missed = u64::try_from(missed).unwrap_or(u64::MAX);
    let hours = missed >= MISSED_WITHIN_HOURS && quiet >= 2 * Millis::HOUR;
    let day = missed >= MISSED_OVER_A_DAY && quiet >= Millis::DAY;
    (hours || day).then(|| Problem {
        danger: true,
        text: format!(
            "No load for {}; in such a time it usually has about {}. Look whether the tag is still on its page.",
            roughly(quiet),
            grouped(missed)
        ),
        action: "Check the tag",
        address: format!("/admin/pixels/{}", pixel.id),
    })
}

/// Whether it has never loaded, more than ten minutes after its creation.
pub fn is_overdue(pixel: &Pixel, health: &PixelHealth, now: Millis) -> bool {
    pixel.state == Status::Active && health.last_load.is_none() && now.since(pixel.created_on) > FIRST_LOAD_MS
}

fn never(pixel: &Pixel, health: &PixelHealth, now: Millis) -> Option<Problem> {
    is_overdue(pixel, health, now).then(|| Problem {
        danger: false,
        text: format!(
            "Never loaded, {} after it was made. Put its tag on the page, and load that page once.",
            roughly(now.since(pixel.created_on))
        ),
        action: "Get the tag",
        address: format!("/admin/export?id={}", pixel.id),
    })
}

fn paused(pixel: &Pixel, links: &PixelLinks, health: &PixelHealth) -> Option<Problem> {
    (!links.is_running()).then(|| Problem {
        danger: false,
        text: match health.loads_12h {
            0 => "On no active line item: whatever it loads stays unattributed. Attach it to a line item.".to_owned(),
            loads => format!(
                "On no active line item, so {} of the past 12 hours stayed unattributed. Attach it to a line item.",
                plural(loads, "load")
            ),
        },
        action: "Attach it",
        address: match links.line_items.first() {
            Some((id, ..)) => format!("/admin/line-items/{id}"),
            None => format!("/admin/line-items?advertiser_id={}", pixel.advertiser_id),
        },
    })
}

fn many_warnings(pixel: &Pixel, health: &PixelHealth) -> Option<Problem> {
    let percent = health.warned_percent();
    (health.loads() >= FEW_LOADS && percent >= MANY_WARNINGS_PERCENT).then(|| Problem {
        danger: false,
        text: format!(
            "{percent} % of its loads in 14 days had a parameter that broke its rule and was set aside. Open one to \
             see which, and correct the tag."
        ),
        action: "See the fires",
        address: format!("/admin/conversions?pixel={}", pixel.id),
    })
}

/// A pixel's status, for a badge with the reason beside it.
pub struct PixelStatus {
    /// The kind of the badge.
    pub badge: &'static str,
    pub label: &'static str,
    pub reason: &'static str,
}

pub fn status(pixel: &Pixel, links: &PixelLinks) -> PixelStatus {
    let (badge, label, reason) = match (pixel.state, links.is_running(), links.line_items.is_empty()) {
        (Status::Inactive, ..) => ("inactive", "Inactive", "switched off"),
        (Status::Active, true, _) => ("active", "Active", "on an active line item"),
        (Status::Active, false, true) => ("paused", "Paused", "on no line item"),
        (Status::Active, false, false) => ("paused", "Paused", "on no active line item"),
    };
    PixelStatus { badge, label, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AdvertiserId, LineItemId, PixelId};

    const NOW: Millis = Millis(20_000 * Millis::DAY + 12 * Millis::HOUR);

    fn texts(change: impl FnOnce(&mut Pixel, &mut PixelLinks, &mut PixelHealth)) -> Vec<String> {
        let mut pixel = Pixel::new(AdvertiserId(1), "Sale");
        (pixel.id, pixel.created_on) = (PixelId(7), NOW.plus(-30 * Millis::DAY));
        let on = (LineItemId(3), "Autumn".to_owned(), Status::Active, Status::Active);
        let mut links = PixelLinks { line_items: vec![on], campaigns: Vec::new() };
        let last_load = Some(NOW.plus(-60_000));
        let mut health = PixelHealth {
            loads_12h: 240,
            last_load,
            loads_by_day: [480; 14],
            days_before: 13,
            ..PixelHealth::default()
        };
        change(&mut pixel, &mut links, &mut health);
        problems(&pixel, &links, &health, NOW).into_iter().map(|problem| problem.text).collect()
    }

    #[test]
    fn a_busy_or_inactive_pixel_has_no_problem() {
        assert_eq!(texts(|_, _, _| ()), [""; 0]);
        assert_eq!(texts(|pixel, links, _| (pixel.state, links.line_items) = (Status::Inactive, Vec::new())), [""; 0]);
    }

    #[test]
    fn silence_is_a_problem_once_many_loads_are_missing() {
        let quiet = |hours: i64, a_day: u64| {
            texts(move |_, _, health| {
                (health.last_load, health.loads_by_day) = (Some(NOW.plus(-hours * Millis::HOUR)), [a_day; 14]);
            })
        };
        assert_eq!(
            quiet(3, 480),
            ["No load for 3 hours; in such a time it usually has about 60. Look whether the tag is still on its page."]
        );
        assert_eq!(quiet(1, 48_000), [""; 0], "an hour may be a deployment");
        assert_eq!(quiet(3, 100), [""; 0], "12 in 3 hours may be the night");
        assert_eq!(quiet(24, 10).len(), 1);
        assert_eq!(quiet(48, 2), [""; 0]);
    }

    #[test]
    fn the_usual_number_of_a_young_pixel_counts_only_its_own_days() {
        let young = |loads_by_day| {
            texts(move |_, _, health| {
                health.days_before = 2;
                (health.last_load, health.loads_by_day) = (Some(NOW.plus(-4 * Millis::HOUR)), loads_by_day);
            })
        };
        assert_eq!(young([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 240, 240, 5]).len(), 1);
    }

    #[test]
    fn other_problems_name_their_remedy() {
        let never = |minutes: i64| {
            texts(move |pixel, _, health| {
                (pixel.created_on, *health) = (NOW.plus(-minutes * 60_000), PixelHealth::default());
            })
        };
        assert_eq!(never(10), [""; 0]);
        assert_eq!(
            never(11),
            ["Never loaded, 11 minutes after it was made. Put its tag on the page, and load that page once."]
        );
        assert!(never(90 * 24 * 60 + 23 * 60)[0].starts_with("Never loaded, 90 days after it was made."));
        assert_eq!(
            texts(|_, links, _| links.line_items.clear()),
            [
                "On no active line item, so 240 loads of the past 12 hours stayed unattributed. Attach it to a line item."
            ]
        );
        assert_eq!(texts(|_, _, health| health.warned = 335), [""; 0]);
        assert!(texts(|_, _, health| health.warned = 336)[0].starts_with("5 % of its loads in 14 days"));
    }
}
