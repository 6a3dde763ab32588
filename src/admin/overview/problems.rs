//! The problems of pixels as texts, each with its remedy; and the status of a pixel. Pure.

use crate::admin::text::format::{grouped, percent, plural, roughly};
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
    /// Its weight in a list of findings.
    pub fn kind(&self) -> &'static str {
        if self.danger { "bad" } else { "warn" }
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
            "No events for {} (usually about {}). Check that the tag is still on the page.",
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
            "No events yet, {} after it was created. Add the tag to your page and open the page once.",
            roughly(now.since(pixel.created_on))
        ),
        action: "Copy tag",
        address: format!("/admin/export?id={}", pixel.id),
    })
}

fn paused(pixel: &Pixel, links: &PixelLinks, health: &PixelHealth) -> Option<Problem> {
    (!links.is_running()).then(|| Problem {
        danger: false,
        text: match health.loads_12h {
            0 => "Not attached to an active line item, so its events cannot be credited.".to_owned(),
            loads => format!(
                "Not attached to an active line item: {} in the last 12 hours could not be credited.",
                plural(loads, "event")
            ),
        },
        action: "Choose line item",
        address: match links.line_items.first() {
            Some((id, ..)) => format!("/admin/line-items/{id}"),
            None => format!("/admin/line-items?advertiser_id={}", pixel.advertiser_id),
        },
    })
}

fn many_warnings(pixel: &Pixel, health: &PixelHealth) -> Option<Problem> {
    let share = percent(health.warned, health.loads())?;
    let are_many = health.warned * 100 >= health.loads() * MANY_WARNINGS_PERCENT;
    (health.loads() >= FEW_LOADS && are_many).then(|| Problem {
        danger: false,
        text: format!(
            "{share}% of events in the last 14 days had an invalid value that was ignored. Open an event to see which one, \
             then fix the tag."
        ),
        action: "View events",
        address: format!("/admin/conversions?pixel={}", pixel.id),
    })
}

/// A pixel's status, for a mark with the reason beside it.
pub struct PixelStatus {
    /// The kind of the mark.
    pub mark: &'static str,
    pub label: &'static str,
    pub reason: &'static str,
}

pub fn status(pixel: &Pixel, links: &PixelLinks) -> PixelStatus {
    let (mark, label, reason) = match (pixel.state, links.is_running(), links.line_items.is_empty()) {
        (Status::Inactive, ..) => ("off", "Inactive", "switched off"),
        (Status::Active, true, _) => ("active", "Active", ""),
        (Status::Active, false, true) => ("paused", "Paused", "not attached to a line item"),
        (Status::Active, false, false) => ("paused", "Paused", "no active line item"),
    };
    PixelStatus { mark, label, reason }
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
            ["No events for 3 hours (usually about 60). Check that the tag is still on the page."]
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
            ["No events yet, 11 minutes after it was created. Add the tag to your page and open the page once."]
        );
        assert!(never(90 * 24 * 60 + 23 * 60)[0].starts_with("No events yet, 90 days after it was created."));
        assert_eq!(
            texts(|_, links, _| links.line_items.clear()),
            ["Not attached to an active line item: 240 events in the last 12 hours could not be credited."]
        );
        assert_eq!(texts(|_, _, health| health.warned = 335), [""; 0]);
        assert!(texts(|_, _, health| health.warned = 336)[0].starts_with("5% of events in the last 14 days"));
    }
}
