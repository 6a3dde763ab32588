//! The rules about pixels.

use super::Found;
use super::facts::PixelFacts;
use super::words::{grouped, percent, plural, roughly};
use crate::attribution::CookieCause;
use crate::domain::{Millis, Pixel, Status};
use crate::store::PixelHealth;

/// How long it may take until a new pixel's tag is on a page, in milliseconds.
const FIRST_LOAD_MS: i64 = 10 * 60_000;
/// Silence is a problem once this many loads are missing: within hours, and over a day.
const MISSED_WITHIN_HOURS: u64 = 40;
const MISSED_OVER_A_DAY: u64 = 10;
/// Warnings are a problem from this share of loads, in percent, and from this many loads.
const MANY_WARNINGS_PERCENT: u64 = 5;
const FEW_LOADS: u64 = 20;
/// A pixel that credits nothing is a problem from this many events of a week.
const UNCREDITED: u64 = 3;
/// Events without a cookie are a problem from this share of a week's events, in percent, and from this many events.
const MANY_COOKIES_PERCENT: u64 = 50;
const FEW_BROWSERS: u64 = 10;

pub(super) fn silent(facts: &PixelFacts) -> Found {
    let PixelFacts { pixel, health, now, .. } = facts;
    let quiet = now.since(health.last_load.filter(|_| is_on(pixel))?);
    // The loads of the days before today are the usual number.
    let days = health.days_before.max(1);
    let usual: u64 = health.loads_by_day.iter().rev().skip(1).take(days.into()).sum();
    let missed = u128::from(usual) * u128::from(quiet.max(0).unsigned_abs())
        / (u128::from(days) * u128::from(Millis::DAY.unsigned_abs()));
    let missed = u64::try_from(missed).unwrap_or(u64::MAX);
    let hours = missed >= MISSED_WITHIN_HOURS && quiet >= 2 * Millis::HOUR;
    let day = missed >= MISSED_OVER_A_DAY && quiet >= Millis::DAY;
    (hours || day).then(|| {
        let text = format!(
            "No events for {} (usually about {}). Check that the tag is still on the page.",
            roughly(quiet),
            grouped(missed)
        );
        (text, "Check the tag", page(pixel))
    })
}

/// Whether it has never loaded, more than ten minutes after its creation.
pub fn is_overdue(pixel: &Pixel, health: &PixelHealth, now: Millis) -> bool {
    is_on(pixel) && health.last_load.is_none() && now.since(pixel.created_on) > FIRST_LOAD_MS
}

pub(super) fn never(facts: &PixelFacts) -> Found {
    let PixelFacts { pixel, health, now, .. } = facts;
    is_overdue(pixel, health, *now).then(|| {
        let age = roughly(now.since(pixel.created_on));
        let text =
            format!("No events yet, {age} after it was created. Add the tag to your page and open the page once.");
        (text, "Copy tag", format!("/admin/export?id={}", pixel.id))
    })
}

pub(super) fn paused(facts: &PixelFacts) -> Found {
    let PixelFacts { pixel, links, health, .. } = facts;
    (is_on(pixel) && !links.is_running()).then(|| {
        let text = match health.loads_12h {
            0 => "Not attached to an active line item, so its events cannot be credited.".to_owned(),
            loads => format!(
                "Not attached to an active line item: {} in the last 12 hours could not be credited.",
                plural(loads, "event")
            ),
        };
        let (advertiser, pixel) = (pixel.advertiser_id, pixel.id);
        match links.line_items.first() {
            Some((id, ..)) => (text, "Open line item", format!("/admin/line-items/{id}")),
            None => {
                let new = format!("/admin/line-items/new?advertiser_id={advertiser}&pixel={pixel}");
                (text, "Create line item", new)
            }
        }
    })
}

/// Nothing was credited for a week although ads report to its line items. Where none does, the line item says so.
pub(super) fn none_credited(facts: &PixelFacts) -> Found {
    let PixelFacts { pixel, links, health, lacks_ads, .. } = facts;
    let events = health.week.unattributed;
    let is_asked = is_on(pixel) && links.is_running() && !lacks_ads;
    (is_asked && events >= UNCREDITED && health.conversions_7d == 0).then(|| {
        let text = format!("{} in 7 days, none credited. Open one to see why.", plural(events, "event"));
        (text, "View events", format!("/admin/conversions?pixel={}", pixel.id))
    })
}

/// Whether so many events of the week came without a cookie that the cause is worth looking up.
pub(super) fn lacks_cookies(health: &PixelHealth) -> bool {
    health.week.browsers >= FEW_BROWSERS && is_many(health.week.without_cookie, health.week.browsers)
}

fn is_many(part: u64, whole: u64) -> bool {
    part * 100 >= whole * MANY_COOKIES_PERCENT
}

/// Where page and tag are one site, first visits alone come without a cookie, and nothing is wrong.
pub(super) fn no_cookie(facts: &PixelFacts) -> Found {
    let PixelFacts { pixel, health, cookie, .. } = facts;
    let missing = &cookie.filter(|_| is_on(pixel) && lacks_cookies(health))?.missing;
    let share = percent(health.week.without_cookie, health.week.browsers)?;
    let why = match missing.cause {
        CookieCause::FirstVisit | CookieCause::UnknownPage => return None,
        CookieCause::OtherSite | CookieCause::OtherSiteInTrial => "Browsers block cookies from another site",
        CookieCause::OtherSiteByHttp => "Browsers send no cookie to another site by http",
    };
    let text = format!(
        "{share}% of events in 7 days came without a cookie. {why}: the page is on {}, the tag on {}.",
        missing.page_host, missing.tag_host
    );
    Some((text, "See how to fix it", format!("/admin/pixels/{}#cookies", pixel.id)))
}

pub(super) fn private(facts: &PixelFacts) -> Found {
    let PixelFacts { pixel, health, .. } = facts;
    let week = &health.week;
    (is_on(pixel) && week.browsers >= FEW_BROWSERS && is_many(week.private, week.browsers)).then(|| {
        let share = percent(week.private, week.browsers).unwrap_or(0);
        let text = format!(
            "{share}% of events in 7 days came from visitors who opted out or gave no consent. Check the consent values of the \
             tag."
        );
        (text, "View events", format!("/admin/conversions?pixel={}&reason=no_visitor", pixel.id))
    })
}

pub(super) fn many_warnings(facts: &PixelFacts) -> Found {
    let PixelFacts { pixel, health, .. } = facts;
    let share = percent(health.warned, health.loads()).filter(|_| is_on(pixel))?;
    let are_many = health.warned * 100 >= health.loads() * MANY_WARNINGS_PERCENT;
    (health.loads() >= FEW_LOADS && are_many).then(|| {
        let text = format!(
            "{share}% of events in the last 14 days had an invalid value that was ignored. Open an event to see which one, \
             then fix the tag."
        );
        (text, "View events", format!("/admin/conversions?pixel={}", pixel.id))
    })
}

/// A pixel that is switched off has no problem.
fn is_on(pixel: &Pixel) -> bool {
    pixel.state == Status::Active
}

fn page(pixel: &Pixel) -> String {
    format!("/admin/pixels/{}", pixel.id)
}
