//! Hours, days and months as the clocks of a time zone show them. All pages and reports take their spans of time from
//! here, so that a day has one figure everywhere.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, ToSpan};

use crate::domain::Millis;

/// The minutes at which clocks change.
const QUARTER_MINUTES: [i8; 4] = [0, 15, 30, 45];

/// A span of time of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Where clocks show an hour twice, these are two hours.
    Hour,
    Day,
    Month,
}

impl Grain {
    /// The begin of the hour, day or month that a moment belongs to.
    pub fn begin(self, at: Millis, zone: &TimeZone) -> Millis {
        let local = zone.to_datetime(at.timestamp());
        let begin = match self {
            Grain::Hour => return hour(at, local, zone),
            Grain::Day => day_begin(local.date(), zone),
            Grain::Month => day_begin(local.date().first_of_month(), zone),
        };
        begin.unwrap_or(at)
    }

    /// The begin of the next one. None at the end of the calendar.
    pub fn next(self, at: Millis, zone: &TimeZone) -> Option<Millis> {
        let date = zone.to_datetime(at.timestamp()).date();
        let next = match self {
            Grain::Hour => {
                let begin = self.begin(at, zone);
                let quarters = (1..=4).map(|quarters| self.begin(begin.plus(quarters * Millis::QUARTER), zone));
                return quarters.into_iter().find(|next| *next > begin);
            }
            Grain::Day => date.checked_add(1.day()).ok()?,
            Grain::Month => date.first_of_month().checked_add(1.month()).ok()?,
        };
        day_begin(next, zone)
    }
}

/// Clocks may change within an hour, by half an hour on Lord Howe Island. Then the change begins another.
fn hour(at: Millis, local: DateTime, zone: &TimeZone) -> Millis {
    let into = (i64::from(local.minute()) * 60 + i64::from(local.second())) * 1_000 + i64::from(local.millisecond());
    let begin = at.plus(-into);
    let offset = |at: Millis| zone.to_offset(at.timestamp());
    if offset(begin) == offset(at) {
        return begin;
    }
    zone.preceding(at.plus(1).timestamp()).next().map_or(begin, |change| begin.max(change.timestamp().into()))
}

/// The first moment of a day. None beyond the end of the calendar.
pub fn day_begin(day: Date, zone: &TimeZone) -> Option<Millis> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp().into())
}

/// The offset of a moment, such as `+02:00`, if clocks show the same date and time twice, or the same hour if asked for
/// hours; otherwise empty. The date and time alone would not say which of the two is meant.
pub fn offset_if_repeated(at: Millis, hour: bool, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at.timestamp());
    let is_repeated =
        |local: DateTime| matches!(zone.to_ambiguous_timestamp(local).offset(), AmbiguousOffset::Fold { .. });
    let repeated = match hour {
        true => QUARTER_MINUTES.iter().any(|minute| is_repeated(local.date().at(local.hour(), *minute, 0, 0))),
        false => is_repeated(local),
    };
    if repeated { at.timestamp().to_zoned(zone.clone()).strftime("%:z").to_string() } else { String::new() }
}

/// Days of a zone, in a row.
#[derive(Clone, Debug)]
pub struct Days {
    pub first: Date,
    /// It belongs to them.
    pub last: Date,
    pub zone: TimeZone,
}

impl Days {
    /// Today and the days before it, so many in all: what *7 days* and *30 days* mean, everywhere.
    pub fn latest(count: u16, now: Millis, zone: TimeZone) -> Self {
        let today = zone.to_datetime(now.timestamp()).date();
        let before = Span::new().days(i64::from(count.saturating_sub(1)));
        Days { first: today.saturating_sub(before), last: today, zone }
    }

    /// Their first moment, and the first after them. None at the end of the calendar.
    pub fn between(&self) -> Option<(Millis, Millis)> {
        let after = self.last.checked_add(1.day()).ok()?;
        Some((day_begin(self.first, &self.zone)?, day_begin(after, &self.zone)?))
    }

    /// The first moment of each, and the first after it.
    pub fn each(&self) -> impl Iterator<Item = (Millis, Millis)> {
        let days = self.first.series(1.day()).take_while(|day| *day <= self.last);
        days.map_while(|day| Days { first: day, last: day, zone: self.zone.clone() }.between())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    /// The hours from the first moment to before the second: when each begins, and how clocks show it.
    fn hours(name: &str, from: &str, to: &str) -> Vec<String> {
        let (zone, to) = (zone(name), Millis::parse(to).unwrap());
        let mut hours = Vec::new();
        let mut at = Millis::parse(from).unwrap();
        while at < to {
            assert_eq!(Grain::Hour.begin(at, &zone), at);
            let shown = at.timestamp().to_zoned(zone.clone()).strftime("%H:00").to_string();
            let shown = format!("{} {shown}{}", &at.to_string()[11..16], offset_if_repeated(at, true, &zone));
            hours.push(shown);
            at = Grain::Hour.next(at, &zone).unwrap();
        }
        hours
    }

    #[test]
    fn the_repeated_hour_is_two_hours_and_the_skipped_one_none() {
        for (name, from, to, expected) in [
            (
                "Europe/Berlin",
                "2026-10-24 23:00:00",
                "2026-10-25 03:00:00",
                vec!["23:00 01:00", "00:00 02:00+02:00", "01:00 02:00+01:00", "02:00 03:00"],
            ),
            (
                "Europe/Berlin",
                "2026-03-29 00:00:00",
                "2026-03-29 03:00:00",
                vec!["00:00 01:00", "01:00 03:00", "02:00 04:00"],
            ),
            (
                "America/New_York",
                "2026-11-01 04:00:00",
                "2026-11-01 08:00:00",
                vec!["04:00 00:00", "05:00 01:00-04:00", "06:00 01:00-05:00", "07:00 02:00"],
            ),
            // Half an hour is shown twice, and half an hour is left out.
            (
                "Australia/Lord_Howe",
                "2026-04-04 13:00:00",
                "2026-04-04 17:00:00",
                vec!["13:00 00:00", "14:00 01:00+11:00", "15:00 01:00+10:30", "15:30 02:00", "16:30 03:00"],
            ),
            (
                "Australia/Lord_Howe",
                "2026-10-03 14:30:00",
                "2026-10-03 17:00:00",
                vec!["14:30 01:00", "15:30 02:00", "16:00 03:00"],
            ),
            ("Asia/Kathmandu", "2026-10-01 00:15:00", "2026-10-01 02:00:00", vec!["00:15 06:00", "01:15 07:00"]),
            (
                "Pacific/Chatham",
                "2026-04-04 13:15:00",
                "2026-04-04 16:00:00",
                vec!["13:15 03:00+13:45", "14:00 02:00+12:45", "14:15 03:00+12:45", "15:15 04:00"],
            ),
        ] {
            assert_eq!(hours(name, from, to), expected, "{name} from {from}");
        }
    }

    #[test]
    fn a_moment_that_clocks_show_twice_has_its_offset() {
        let zone = zone("Europe/Berlin");
        let offset = |at: &str| offset_if_repeated(Millis::parse(at).unwrap(), false, &zone);
        assert_eq!(offset("2026-10-24 23:59:59"), "");
        assert_eq!(offset("2026-10-25 00:00:00"), "+02:00");
        assert_eq!(offset("2026-10-25 01:59:59"), "+01:00");
        assert_eq!(offset("2026-10-25 02:00:00"), "");
        assert_eq!(offset_if_repeated(Millis(0), true, &TimeZone::UTC), "");
    }

    #[test]
    fn the_latest_days_end_with_today() {
        let days = |count, now: &str, name| {
            let days = Days::latest(count, Millis::parse(now).unwrap(), zone(name));
            let (from, to) = days.between().unwrap();
            format!("{} to {}: {from} to {to}", days.first, days.last)
        };
        assert_eq!(
            days(7, "2026-10-01 23:59:59", "UTC"),
            "2026-09-25 to 2026-10-01: 2026-09-25 00:00:00 to 2026-10-02 00:00:00"
        );
        assert_eq!(
            days(1, "2026-10-01 10:00:00", "Pacific/Kiritimati"),
            "2026-10-02 to 2026-10-02: 2026-10-01 10:00:00 to 2026-10-02 10:00:00"
        );
        // A day of 25 hours.
        assert_eq!(
            days(1, "2026-10-25 12:00:00", "Europe/Berlin"),
            "2026-10-25 to 2026-10-25: 2026-10-24 22:00:00 to 2026-10-25 23:00:00"
        );
    }

    #[test]
    fn every_zone_of_today_goes_by_quarter_hours() {
        let from = Millis::parse("2026-01-01").unwrap();
        for name in jiff::tz::db().available() {
            let zone = zone(name.as_str());
            for day in 0..366 {
                let at = from.plus(day * Millis::DAY);
                for grain in [Grain::Hour, Grain::Day] {
                    let begin = grain.begin(at, &zone);
                    assert_eq!(begin, begin.quarter(), "{name} {grain:?} of {at}");
                }
            }
        }
    }
}
