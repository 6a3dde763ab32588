//! Spans of time by their published names, in the report's time zone. Spans of days, weeks and months reach to the end
//! of the running day, so they include the last minute.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan, Zoned};

use crate::domain::Millis;

/// A named span.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    /// The published name.
    pub name: &'static str,
    /// The span in words.
    pub about: &'static str,
    ends: fn(&Zoned) -> Result<(Zoned, Zoned), jiff::Error>,
}

/// All of them.
pub const INTERVALS: &[Interval] = &[
    Interval { name: "current_hour", about: "The running hour.", ends: |now| hours(now, 0, 1) },
    Interval { name: "last_hour", about: "The hour before the running one.", ends: |now| hours(now, 1, 0) },
    Interval { name: "today", about: "The running day.", ends: |now| days(now, 0, 1) },
    Interval { name: "yesterday", about: "The day before.", ends: |now| days(now, 1, 0) },
    Interval { name: "last_48_hours", about: "The running hour and the 47 before.", ends: |now| hours(now, 47, 1) },
    Interval { name: "last_2_days", about: "Today and the day before.", ends: |now| days(now, 1, 1) },
    Interval { name: "last_7_days", about: "Today and the 6 days before.", ends: |now| days(now, 6, 1) },
    Interval { name: "last_14_days", about: "Today and the 13 days before.", ends: |now| days(now, 13, 1) },
    Interval { name: "last_30_days", about: "Today and the 29 days before.", ends: |now| days(now, 29, 1) },
    Interval {
        name: "month_to_date",
        about: "The running month, with today.",
        ends: |now| Ok((first_of_month(now)?, days(now, 0, 1)?.1)),
    },
    Interval {
        name: "month_to_yesterday",
        about: "The running month, without today.",
        ends: |now| Ok((first_of_month(now)?, now.start_of_day()?)),
    },
    Interval {
        name: "quarter_to_date",
        about: "The running quarter, with today.",
        ends: |now| {
            let first = Date::new(now.year(), (now.month() - 1) / 3 * 3 + 1, 1)?;
            Ok((first.to_zoned(now.time_zone().clone())?, days(now, 0, 1)?.1))
        },
    },
    Interval {
        name: "last_month",
        about: "The month before the running one.",
        ends: |now| {
            let this = first_of_month(now)?;
            Ok((this.checked_sub(1.month())?, this))
        },
    },
    Interval {
        name: "lifetime",
        about: "All there is.",
        ends: |now| Ok((Date::new(1970, 1, 1)?.to_zoned(now.time_zone().clone())?, days(now, 0, 1)?.1)),
    },
];

impl Interval {
    /// The interval of this name.
    pub fn find(name: &str) -> Option<&'static Interval> {
        INTERVALS.iter().find(|interval| interval.name == name)
    }

    /// Its first moment, and the first after it.
    pub(in crate::report) fn between(&self, now: Millis, zone: &TimeZone) -> Option<(Millis, Millis)> {
        let (from, to) = (self.ends)(&now.timestamp().to_zoned(zone.clone())).ok()?;
        Some((from.timestamp().into(), to.timestamp().into()))
    }
}

/// From the start of the hour so many hours back, to that of the hour so many hours on.
fn hours(now: &Zoned, back: i64, on: i64) -> Result<(Zoned, Zoned), jiff::Error> {
    // By elapsed time from the hour's own start: where clocks change, hours still follow one another.
    let into = Span::new().minutes(now.minute()).seconds(now.second()).nanoseconds(now.subsec_nanosecond());
    let hour = now.checked_sub(into)?;
    Ok((hour.checked_sub(back.hours())?, hour.checked_add(on.hours())?))
}

/// From the start of the day so many days back, to that of the day so many days on.
fn days(now: &Zoned, back: i64, on: i64) -> Result<(Zoned, Zoned), jiff::Error> {
    let day = |offset: i64| now.date().checked_add(offset.days())?.to_zoned(now.time_zone().clone());
    Ok((day(-back)?, day(on)?))
}

fn first_of_month(now: &Zoned) -> Result<Zoned, jiff::Error> {
    now.date().first_of_month().to_zoned(now.time_zone().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::WrittenTime;

    fn moment(text: &str, zone: &TimeZone) -> Millis {
        WrittenTime::read(text).unwrap().in_zone(zone)
    }

    fn spans(now: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let now = moment(now, &zone);
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
        let now = moment("2026-10-25 12:00:00", &zone);
        let (from, to) = Interval::find("today").unwrap().between(now, &zone).unwrap();
        assert_eq!(to.since(from), 25 * Millis::HOUR);
        // The second of the two hours from 2 to 3 o'clock.
        let now = from.plus(3 * Millis::HOUR + 30 * 60_000);
        let (from_hour, to_hour) = Interval::find("last_hour").unwrap().between(now, &zone).unwrap();
        assert_eq!((from_hour, to_hour), (from.plus(2 * Millis::HOUR), from.plus(3 * Millis::HOUR)));
    }

    #[test]
    fn the_turn_of_the_year() {
        let spans = spans("2027-01-01 00:00:00", "Asia/Tokyo");
        assert!(spans.contains("last_month: 2026-12-01 00:00 - 2027-01-01 00:00"), "{spans}");
        assert!(spans.contains("quarter_to_date: 2027-01-01 00:00 - 2027-01-02 00:00"), "{spans}");
        assert!(spans.contains("month_to_yesterday: 2027-01-01 00:00 - 2027-01-01 00:00"), "{spans}");
    }
}
