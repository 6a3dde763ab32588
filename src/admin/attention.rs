//! Which pixels need somebody, and whether the server itself does, said in words, each with what to do
//! (`spec/admin.md`, *Overview*). Pure.

use super::wording::{bytes, grouped, plural};
use crate::attribution::words::span;
use crate::domain::{Millis, Pixel, State};
use crate::store::{PixelHealth, PixelLinks, Trouble};
use crate::web::health::Health;

/// A new pixel may take this long until its tag is on a page.
const FIRST_LOAD_MS: i64 = 10 * 60_000;
/// From so many loads on that usually come in such a time, silence is no chance: within hours, or over a day.
const MISSED_WITHIN_HOURS: u64 = 40;
const MISSED_OVER_A_DAY: u64 = 10;
/// From this share of loads with warnings on, in percent, and this many loads.
const MANY_WARNINGS_PERCENT: u64 = 5;
const FEW_LOADS: u64 = 20;
/// Days before today that say what is usual.
const USUAL_DAYS: i64 = 13;

/// Less room than this on the disk is told as trouble, in bytes.
pub const LITTLE_ROOM: u64 = 2 << 30;
/// More rows than this in the queue mean that the disk does not keep up.
pub const MANY_WAITING: usize = 4_096;

/// What to do when the writer's thread has ended.
pub const STOPPED: &str = "Restart the server; the reason stands in its log.";

/// Something that is wrong with the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Whether requests are not taken because of it.
    pub danger: bool,
    /// What is wrong, and what to do.
    pub text: String,
}

impl Alarm {
    /// The kind of notice it is shown in.
    pub fn kind(&self) -> &'static str {
        if self.danger { "danger" } else { "warning" }
    }
}

/// All that is wrong with the server: the worst alone where nothing can be written, else what may come to that.
pub fn alarms(health: &Health, now: Millis) -> Vec<Alarm> {
    let danger = |text| vec![Alarm { danger: true, text }];
    if !health.writes {
        return danger(format!("The writer has stopped, and no tracking request is taken. {STOPPED}"));
    }
    if let Some(trouble) = &health.trouble {
        return danger(cannot_write(trouble, now));
    }
    let slow = (health.waiting > MANY_WAITING).then(|| {
        let waiting = u64::try_from(health.waiting).unwrap_or(u64::MAX);
        format!("{} wait: the disk is too slow for what comes in.", plural(waiting, "row"))
    });
    let full = health.disk_left.filter(|left| *left < LITTLE_ROOM).map(|left| {
        format!("{} are left on the disk of the database. Make room: once it is full nothing is taken.", bytes(left))
    });
    slow.into_iter().chain(full).map(|text| Alarm { danger: false, text }).collect()
}

/// Since when nothing can be written, why, and what to do.
pub fn cannot_write(trouble: &Trouble, now: Millis) -> String {
    format!(
        "Nothing has been written for {}: {}. Tracking requests are answered 503 meanwhile. Make room on the disk, or \
         give the server its directory back; it goes on by itself.",
        span(now.since(trouble.since)),
        trouble.cause
    )
}

/// Something that is wrong with a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether conversions are being lost.
    pub danger: bool,
    /// What is wrong, and what to do.
    pub text: String,
    /// What the button says.
    pub action: &'static str,
    /// Where it leads.
    pub address: String,
}

impl Problem {
    /// The kind of notice it is shown in.
    pub fn kind(&self) -> &'static str {
        if self.danger { "danger" } else { "warning" }
    }
}

/// All that is wrong with a pixel, the worst first. One that is switched off needs nobody.
pub fn problems(pixel: &Pixel, links: &PixelLinks, health: &PixelHealth, now: Millis) -> Vec<Problem> {
    if pixel.state == State::Inactive {
        return Vec::new();
    }
    [silent(pixel, health, now), never(pixel, health, now), paused(pixel, links, health), warned(pixel, health)]
        .into_iter()
        .flatten()
        .collect()
}

fn silent(pixel: &Pixel, health: &PixelHealth, now: Millis) -> Option<Problem> {
    let quiet = now.since(health.last_load?);
    let days = usual_days(pixel, now);
    let usual: u64 = health.loads_by_day.iter().rev().skip(1).take(usize::try_from(days).ok()?).sum();
    let missed = u128::from(usual) * u128::from(quiet.max(0).unsigned_abs())
        / (u128::from(days.unsigned_abs()) * u128::from(Millis::DAY.unsigned_abs()));
    let missed = u64::try_from(missed).unwrap_or(u64::MAX);
    let hours = missed >= MISSED_WITHIN_HOURS && quiet >= 2 * Millis::HOUR;
    let day = missed >= MISSED_OVER_A_DAY && quiet >= Millis::DAY;
    (hours || day).then(|| Problem {
        danger: true,
        text: format!(
            "No load for {}; in such a time it usually has about {}. Look whether the tag is still on its page.",
            span(quiet),
            grouped(missed)
        ),
        action: "Check the tag",
        address: format!("/admin/pixels/{}", pixel.id),
    })
}

/// Full days before today in which the pixel was there, 1 to 13.
fn usual_days(pixel: &Pixel, now: Millis) -> i64 {
    (now.day().since(pixel.created_on.day()) / Millis::DAY).clamp(1, USUAL_DAYS)
}

/// Never loaded, more than ten minutes after it was made.
pub fn is_overdue(pixel: &Pixel, health: &PixelHealth, now: Millis) -> bool {
    pixel.state == State::Active && health.last_load.is_none() && now.since(pixel.created_on) > FIRST_LOAD_MS
}

fn never(pixel: &Pixel, health: &PixelHealth, now: Millis) -> Option<Problem> {
    is_overdue(pixel, health, now).then(|| Problem {
        danger: false,
        text: format!(
            "Never loaded, {} after it was made. Put its tag on the page, and load that page once.",
            span(now.since(pixel.created_on))
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

fn warned(pixel: &Pixel, health: &PixelHealth) -> Option<Problem> {
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

/// A pixel's status (`spec/reports.md`, *Health*): the badge's kind, its word, and the reason in words.
pub fn status(pixel: &Pixel, links: &PixelLinks) -> (&'static str, &'static str, &'static str) {
    match (pixel.state, links.is_running(), links.line_items.is_empty()) {
        (State::Inactive, ..) => ("inactive", "Inactive", "switched off"),
        (State::Active, true, _) => ("active", "Active", "on an active line item"),
        (State::Active, false, true) => ("paused", "Paused", "on no line item"),
        (State::Active, false, false) => ("paused", "Paused", "on no active line item"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AdvertiserId, LineItemId, PixelId};

    const NOW: Millis = Millis(20_000 * Millis::DAY + 12 * Millis::HOUR);

    fn told(change: impl FnOnce(&mut Pixel, &mut PixelLinks, &mut PixelHealth)) -> Vec<String> {
        let mut pixel = Pixel::new(AdvertiserId(1), "Sale");
        (pixel.id, pixel.created_on) = (PixelId(7), NOW.plus(-30 * Millis::DAY));
        let on = (LineItemId(3), "Autumn".to_owned(), State::Active, State::Active);
        let mut links = PixelLinks { line_items: vec![on], campaigns: Vec::new() };
        let last_load = Some(NOW.plus(-60_000));
        let mut health = PixelHealth { loads_12h: 240, last_load, loads_by_day: [480; 14], ..PixelHealth::default() };
        change(&mut pixel, &mut links, &mut health);
        problems(&pixel, &links, &health, NOW).into_iter().map(|problem| problem.text).collect()
    }

    #[test]
    fn a_busy_pixel_needs_nobody() {
        assert_eq!(told(|_, _, _| ()), [""; 0]);
        assert_eq!(told(|pixel, links, _| (pixel.state, links.line_items) = (State::Inactive, Vec::new())), [""; 0]);
    }

    #[test]
    fn silence_is_told_when_usually_many_come_in_such_a_time() {
        let quiet = |hours: i64, a_day: u64| {
            told(move |_, _, health| {
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
    fn a_young_pixel_is_measured_by_the_days_it_had() {
        let young = |loads_by_day| {
            told(move |pixel, _, health| {
                pixel.created_on = NOW.plus(-2 * Millis::DAY);
                (health.last_load, health.loads_by_day) = (Some(NOW.plus(-4 * Millis::HOUR)), loads_by_day);
            })
        };
        assert_eq!(young([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 240, 240, 5]).len(), 1);
    }

    #[test]
    fn a_server_that_cannot_write_says_why() {
        let told = |change: fn(&mut Health)| {
            let seq = crate::domain::Seq(9);
            let mut health = Health {
                database: 0,
                disk_left: Some(LITTLE_ROOM),
                waiting: MANY_WAITING,
                writes: true,
                trouble: None,
                logged: seq,
                judged: seq,
            };
            change(&mut health);
            alarms(&health, NOW)
                .into_iter()
                .map(|alarm| format!("{}: {}", alarm.kind(), alarm.text))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(|_| ()), [""; 0]);
        assert_eq!(
            told(|health| (health.disk_left, health.waiting) = (Some(5 << 20), 5_000)),
            [
                "warning: 5,000 rows wait: the disk is too slow for what comes in.",
                "warning: 5 MiB are left on the disk of the database. Make room: once it is full nothing is taken."
            ]
        );
        let full = Trouble { since: NOW.plus(-3 * 60_000), cause: "the disk is full".to_owned() };
        let said = cannot_write(&full, NOW);
        assert!(said.starts_with("Nothing has been written for 3 minutes: the disk is full. Tracking"), "{said}");
        assert!(told(|health| health.writes = false)[0].starts_with("danger: The writer has stopped"));
    }

    #[test]
    fn the_other_troubles_say_what_to_do() {
        let never = |minutes: i64| {
            told(move |pixel, _, health| {
                (pixel.created_on, *health) = (NOW.plus(-minutes * 60_000), PixelHealth::default());
            })
        };
        assert_eq!(never(10), [""; 0]);
        assert_eq!(
            never(11),
            ["Never loaded, 11 minutes after it was made. Put its tag on the page, and load that page once."]
        );
        assert_eq!(
            told(|_, links, _| links.line_items.clear()),
            [
                "On no active line item, so 240 loads of the past 12 hours stayed unattributed. Attach it to a line item."
            ]
        );
        assert_eq!(told(|_, _, health| health.warned = 335), [""; 0]);
        assert!(told(|_, _, health| health.warned = 336)[0].starts_with("5 % of its loads in 14 days"));
    }
}
