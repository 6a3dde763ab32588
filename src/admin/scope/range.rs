//! The ranges of days that pages offer, and the days that each is compared with. Knows no address and no page.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::domain::{Days, Millis};

/// A range of days, as somebody chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    Today,
    Yesterday,
    /// Today and the days before it, so many in all.
    Latest(u16),
    /// From the first of the month to today.
    ThisMonth,
    LastMonth,
    /// Both days belong to it.
    Own {
        first: Date,
        last: Date,
    },
}

impl Range {
    /// What a page shows before anybody chose a range.
    pub const DEFAULT: Range = Range::Latest(30);

    /// The ranges with a name: the word in addresses, and the label.
    pub const NAMED: [(Range, &'static str, &'static str); 7] = [
        (Range::Today, "today", "Today"),
        (Range::Yesterday, "yesterday", "Yesterday"),
        (Range::Latest(7), "last_7_days", "Last 7 days"),
        (Range::Latest(30), "last_30_days", "Last 30 days"),
        (Range::Latest(90), "last_90_days", "Last 90 days"),
        (Range::ThisMonth, "month_to_date", "This month"),
        (Range::LastMonth, "last_month", "Last month"),
    ];

    /// The range with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known, _)| *known == word).map(|(range, ..)| *range)
    }

    /// Its word in addresses; none for own days.
    pub fn word(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(known, ..)| *known == self).map(|(_, word, _)| *word)
    }

    /// Its label; none for own days.
    pub fn label(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(known, ..)| *known == self).map(|(.., label)| *label)
    }

    pub fn days(self, now: Millis, zone: TimeZone) -> Days {
        let today = zone.to_datetime(now.timestamp()).date();
        let yesterday = today.saturating_sub(1.day());
        let (first, last) = match self {
            Range::Today => (today, today),
            Range::Yesterday => (yesterday, yesterday),
            Range::Latest(count) => return Days::latest(count, now, zone),
            Range::ThisMonth => (today.first_of_month(), today),
            Range::LastMonth => {
                let last = today.first_of_month().saturating_sub(1.day());
                (last.first_of_month(), last)
            }
            Range::Own { first, last } => (first, last),
        };
        Days { first, last, zone }
    }
}

/// The days that a range is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    /// As many days before them.
    #[default]
    Previous,
    /// As many days from the same date of the year before.
    LastYear,
    Off,
}

impl Comparison {
    /// All of them with their words in addresses.
    pub const WORDS: [(Comparison, &'static str); 3] =
        [(Comparison::Previous, "previous"), (Comparison::LastYear, "last_year"), (Comparison::Off, "off")];

    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(comparison, _)| *comparison)
    }

    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(known, _)| *known == self).map_or("", |(_, word)| *word)
    }

    /// What a page calls so many days of it.
    pub fn label(self, count: i64) -> String {
        match self {
            Comparison::Previous if count == 1 => "Previous day".to_owned(),
            Comparison::Previous => format!("Previous {count} days"),
            Comparison::LastYear if count == 1 => "Same day last year".to_owned(),
            Comparison::LastYear => "Same days last year".to_owned(),
            Comparison::Off => "Nothing".to_owned(),
        }
    }

    /// The days to compare with. The first of them compares with the first of `days`, and so on.
    pub fn before(self, days: &Days) -> Option<Days> {
        let count = count(days);
        let first = match self {
            Comparison::Previous => days.first.checked_sub(Span::new().days(count)).ok()?,
            Comparison::LastYear => days.first.checked_sub(1.year()).ok()?,
            Comparison::Off => return None,
        };
        let last = first.checked_add(Span::new().days(count - 1)).ok()?;
        Some(Days { first, last, zone: days.zone.clone() })
    }
}

/// How many days these are.
pub fn count(days: &Days) -> i64 {
    days.first.until(days.last).map_or(0, |span| i64::from(span.get_days())).max(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(days: &Days) -> String {
        let (from, to) = days.between().unwrap();
        format!("{} to {} ({from} - {to})", days.first, days.last)
    }

    fn days(range: Range, now: &str, zone: &str) -> String {
        text(&range.days(Millis::parse(now).unwrap(), TimeZone::get(zone).unwrap()))
    }

    #[test]
    fn each_range_has_its_days_in_every_zone() {
        for (word, now, zone, expected) in [
            (
                "today",
                "2026-10-01 10:00:00",
                "Pacific/Kiritimati",
                "2026-10-02 to 2026-10-02 (2026-10-01 10:00:00 - 2026-10-02 10:00:00)",
            ),
            (
                "today",
                "2026-10-01 11:59:59",
                "Etc/GMT+12",
                "2026-09-30 to 2026-09-30 (2026-09-30 12:00:00 - 2026-10-01 12:00:00)",
            ),
            // Days begin at half past 18 there, and at a quarter past.
            (
                "yesterday",
                "2027-01-01 18:29:59",
                "Asia/Kolkata",
                "2026-12-31 to 2026-12-31 (2026-12-30 18:30:00 - 2026-12-31 18:30:00)",
            ),
            (
                "yesterday",
                "2027-01-01 18:15:00",
                "Asia/Kathmandu",
                "2027-01-01 to 2027-01-01 (2026-12-31 18:15:00 - 2027-01-01 18:15:00)",
            ),
            // A day of 25 hours, and one of 23.
            (
                "today",
                "2026-10-25 22:59:59",
                "Europe/Berlin",
                "2026-10-25 to 2026-10-25 (2026-10-24 22:00:00 - 2026-10-25 23:00:00)",
            ),
            (
                "yesterday",
                "2026-03-30 10:00:00",
                "Europe/Berlin",
                "2026-03-29 to 2026-03-29 (2026-03-28 23:00:00 - 2026-03-29 22:00:00)",
            ),
            (
                "last_7_days",
                "2026-04-05 12:00:00",
                "Australia/Lord_Howe",
                "2026-03-30 to 2026-04-05 (2026-03-29 13:00:00 - 2026-04-05 13:30:00)",
            ),
            (
                "last_30_days",
                "2026-11-23 06:30:00",
                "Europe/Berlin",
                "2026-10-25 to 2026-11-23 (2026-10-24 22:00:00 - 2026-11-23 23:00:00)",
            ),
            (
                "last_90_days",
                "2027-01-15 00:00:00",
                "UTC",
                "2026-10-18 to 2027-01-15 (2026-10-18 00:00:00 - 2027-01-16 00:00:00)",
            ),
            (
                "month_to_date",
                "2026-12-31 23:30:00",
                "Europe/Berlin",
                "2027-01-01 to 2027-01-01 (2026-12-31 23:00:00 - 2027-01-01 23:00:00)",
            ),
            (
                "month_to_date",
                "2028-02-29 12:00:00",
                "UTC",
                "2028-02-01 to 2028-02-29 (2028-02-01 00:00:00 - 2028-03-01 00:00:00)",
            ),
            (
                "last_month",
                "2027-01-01 04:59:59",
                "America/New_York",
                "2026-11-01 to 2026-11-30 (2026-11-01 04:00:00 - 2026-12-01 05:00:00)",
            ),
            (
                "last_month",
                "2027-01-01 05:00:00",
                "America/New_York",
                "2026-12-01 to 2026-12-31 (2026-12-01 05:00:00 - 2027-01-01 05:00:00)",
            ),
            // There was no 30 December 2011 in Samoa.
            (
                "last_month",
                "2012-01-10 00:00:00",
                "Pacific/Apia",
                "2011-12-01 to 2011-12-31 (2011-12-01 10:00:00 - 2011-12-31 10:00:00)",
            ),
        ] {
            assert_eq!(days(Range::parse(word).unwrap(), now, zone), expected, "{word} in {zone} at {now}");
        }
    }

    #[test]
    fn each_word_leads_back_to_its_range() {
        for (range, word, label) in Range::NAMED {
            assert_eq!((Range::parse(word), range.word(), range.label()), (Some(range), Some(word), Some(label)));
        }
        for (comparison, word) in Comparison::WORDS {
            assert_eq!((Comparison::parse(word), comparison.word()), (Some(comparison), word));
        }
        assert_eq!((Range::parse("TODAY"), Range::parse(""), Comparison::parse("on")), (None, None, None));
    }

    #[test]
    fn a_range_is_compared_with_as_many_days() {
        let before = |comparison: Comparison, first: &str, last: &str| {
            let days = Days { first: first.parse().unwrap(), last: last.parse().unwrap(), zone: TimeZone::UTC };
            comparison.before(&days).map(|days| format!("{} to {}", days.first, days.last))
        };
        for (first, last, previous, last_year) in [
            ("2026-11-23", "2026-11-23", "2026-11-22 to 2026-11-22", "2025-11-23 to 2025-11-23"),
            ("2026-10-25", "2026-11-23", "2026-09-25 to 2026-10-24", "2025-10-25 to 2025-11-23"),
            ("2026-01-01", "2026-01-31", "2025-12-01 to 2025-12-31", "2025-01-01 to 2025-01-31"),
            ("2028-02-01", "2028-02-29", "2028-01-03 to 2028-01-31", "2027-02-01 to 2027-03-01"),
            ("2028-02-29", "2028-02-29", "2028-02-28 to 2028-02-28", "2027-02-28 to 2027-02-28"),
        ] {
            assert_eq!(before(Comparison::Previous, first, last).as_deref(), Some(previous));
            assert_eq!(before(Comparison::LastYear, first, last).as_deref(), Some(last_year));
            assert_eq!(before(Comparison::Off, first, last), None);
        }
        let earliest = Days { first: Date::MIN, last: Date::MIN, zone: TimeZone::UTC };
        assert!(Comparison::Previous.before(&earliest).is_none() && Comparison::LastYear.before(&earliest).is_none());
    }
}
