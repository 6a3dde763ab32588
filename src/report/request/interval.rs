//! Spans of time by their published names, in the report's time zone. Spans of days, weeks and months reach to the end
//! of the running day, so they include the last minute.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::Between;
use crate::domain::{Days, Grain, Millis};

/// A named span.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    /// The published name.
    pub name: &'static str,
    /// The span in words.
    pub about: &'static str,
    between: fn(Millis, &TimeZone) -> Option<Between>,
}

/// All of them.
pub const INTERVALS: &[Interval] = &[
    Interval { name: "current_hour", about: "The running hour.", between: |now, zone| latest_hours(0, now, zone) },
    Interval {
        name: "last_hour",
        about: "The hour before the running one.",
        between: |now, zone| {
            let (from, _) = latest_hours(1, now, zone)?;
            Some((from, Grain::Hour.begin(now, zone)))
        },
    },
    Interval { name: "today", about: "The running day.", between: |now, zone| latest_days(1, now, zone) },
    Interval {
        name: "yesterday",
        about: "The day before.",
        between: |now, zone| Some((latest_days(2, now, zone)?.0, latest_days(1, now, zone)?.0)),
    },
    Interval {
        name: "last_48_hours",
        about: "The running hour and the 47 before.",
        between: |now, zone| latest_hours(47, now, zone),
    },
    Interval {
        name: "last_2_days",
        about: "Today and the day before.",
        between: |now, zone| latest_days(2, now, zone),
    },
    Interval {
        name: "last_7_days",
        about: "Today and the 6 days before.",
        between: |now, zone| latest_days(7, now, zone),
    },
    Interval {
        name: "last_14_days",
        about: "Today and the 13 days before.",
        between: |now, zone| latest_days(14, now, zone),
    },
    Interval {
        name: "last_30_days",
        about: "Today and the 29 days before.",
        between: |now, zone| latest_days(30, now, zone),
    },
    Interval {
        name: "month_to_date",
        about: "The running month, with today.",
        between: |now, zone| to_date(today(now, zone).first_of_month(), now, zone),
    },
    Interval {
        name: "month_to_yesterday",
        about: "The running month, without today.",
        between: |now, zone| Some((Grain::Month.begin(now, zone), Grain::Day.begin(now, zone))),
    },
    Interval {
        name: "quarter_to_date",
        about: "The running quarter, with today.",
        between: |now, zone| {
            let today = today(now, zone);
            to_date(Date::new(today.year(), (today.month() - 1) / 3 * 3 + 1, 1).ok()?, now, zone)
        },
    },
    Interval {
        name: "last_month",
        about: "The month before the running one.",
        between: |now, zone| {
            let this = Grain::Month.begin(now, zone);
            Some((Grain::Month.begin(this.plus(-1), zone), this))
        },
    },
    Interval {
        name: "lifetime",
        about: "All there is.",
        between: |now, zone| to_date(Date::new(1970, 1, 1).ok()?, now, zone),
    },
];

impl Interval {
    /// The interval of this name.
    pub fn find(name: &str) -> Option<&'static Interval> {
        INTERVALS.iter().find(|interval| interval.name == name)
    }

    /// Its first moment, and the first after it.
    pub(in crate::report) fn between(&self, now: Millis, zone: &TimeZone) -> Option<Between> {
        (self.between)(now, zone)
    }
}

/// The running hour and so many before it.
fn latest_hours(before: usize, now: Millis, zone: &TimeZone) -> Option<Between> {
    let running = Grain::Hour.begin(now, zone);
    let from = (0..before).fold(running, |hour, _| Grain::Hour.begin(hour.plus(-1), zone));
    Some((from, Grain::Hour.next(running, zone)?))
}

/// Today and the days before it, so many in all.
fn latest_days(count: u16, now: Millis, zone: &TimeZone) -> Option<Between> {
    Days::latest(count, now, zone.clone()).between()
}

/// From a day to the end of today.
fn to_date(first: Date, now: Millis, zone: &TimeZone) -> Option<Between> {
    Days { first, last: today(now, zone), zone: zone.clone() }.between()
}

fn today(now: Millis, zone: &TimeZone) -> Date {
    zone.to_datetime(now.timestamp()).date()
}

/// Reads `YYYY-MM-DD HH:MM:SS`, or `YYYY-MM-DD` as that day's start, in the time zone.
pub(in crate::report) fn moment(text: &str, zone: &TimeZone) -> Option<Millis> {
    let moment: DateTime = match text.len() {
        10 => Date::strptime("%Y-%m-%d", text).ok()?.into(),
        _ => DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?,
    };
    Some(moment.to_zoned(zone.clone()).ok()?.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(now: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let now = moment(now, &zone).unwrap();
        let show = |at: Millis| at.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let spans = INTERVALS.iter().map(|interval| {
            let (from, to) = interval.between(now, &zone).unwrap();
            format!("{}: {} - {}", interval.name, show(from), show(to))
        });
        spans.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn intervals_by_name() {
        insta::assert_snapshot!(spans("2026-11-23 09:41:07", "UTC"), @r"
        current_hour: 2026-11-23 09:00 - 2026-11-23 10:00
        last_hour: 2026-11-23 08:00 - 2026-11-23 09:00
        today: 2026-11-23 00:00 - 2026-11-24 00:00
        yesterday: 2026-11-22 00:00 - 2026-11-23 00:00
        last_48_hours: 2026-11-21 10:00 - 2026-11-23 10:00
        last_2_days: 2026-11-22 00:00 - 2026-11-24 00:00
        last_7_days: 2026-11-17 00:00 - 2026-11-24 00:00
        last_14_days: 2026-11-10 00:00 - 2026-11-24 00:00
        last_30_days: 2026-10-25 00:00 - 2026-11-24 00:00
        month_to_date: 2026-11-01 00:00 - 2026-11-24 00:00
        month_to_yesterday: 2026-11-01 00:00 - 2026-11-23 00:00
        quarter_to_date: 2026-10-01 00:00 - 2026-11-24 00:00
        last_month: 2026-10-01 00:00 - 2026-11-01 00:00
        lifetime: 1970-01-01 00:00 - 2026-11-24 00:00
        ");
    }

    #[test]
    fn a_day_of_a_changing_clock_is_as_long_as_it_is() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now = moment("2026-10-25 12:00:00", &zone).unwrap();
        let (from, to) = Interval::find("today").unwrap().between(now, &zone).unwrap();
        assert_eq!(to.since(from), 25 * Millis::HOUR);
        // The second of the two hours from 2 to 3 o'clock.
        let now = from.plus(3 * Millis::HOUR + 30 * 60_000);
        let (from_hour, to_hour) = Interval::find("last_hour").unwrap().between(now, &zone).unwrap();
        assert_eq!((from_hour, to_hour), (from.plus(2 * Millis::HOUR), from.plus(3 * Millis::HOUR)));
    }

    #[test]
    fn hours_begin_as_the_clocks_of_the_zone_show_them() {
        let hour = |name: &str, now: &str, zone: &str| {
            let zone = TimeZone::get(zone).unwrap();
            let (from, to) = Interval::find(name).unwrap().between(Millis::parse(now).unwrap(), &zone).unwrap();
            format!("{from} - {to}")
        };
        for (name, now, zone, expected) in [
            ("current_hour", "2026-10-01 12:29:59", "Asia/Kolkata", "2026-10-01 11:30:00 - 2026-10-01 12:30:00"),
            ("last_hour", "2026-10-01 12:00:00", "Asia/Kathmandu", "2026-10-01 10:15:00 - 2026-10-01 11:15:00"),
            // At 15:00 UTC the clocks went back by half an hour.
            ("current_hour", "2026-04-04 15:10:00", "Australia/Lord_Howe", "2026-04-04 15:00:00 - 2026-04-04 15:30:00"),
            ("last_hour", "2026-04-04 15:10:00", "Australia/Lord_Howe", "2026-04-04 14:00:00 - 2026-04-04 15:00:00"),
        ] {
            assert_eq!(hour(name, now, zone), expected, "{name} at {now}");
        }
    }

    #[test]
    fn the_turn_of_the_year() {
        let spans = spans("2027-01-01 00:00:00", "Asia/Tokyo");
        assert!(spans.contains("last_month: 2026-12-01 00:00 - 2027-01-01 00:00"), "{spans}");
        assert!(spans.contains("quarter_to_date: 2027-01-01 00:00 - 2027-01-02 00:00"), "{spans}");
        assert!(spans.contains("month_to_yesterday: 2027-01-01 00:00 - 2027-01-01 00:00"), "{spans}");
    }
}
