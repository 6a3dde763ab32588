//! Moments in UTC milliseconds, and spans in whole minutes.

use std::fmt;

/// A moment: milliseconds since 1970-01-01 00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    /// A quarter of an hour, in milliseconds.
    pub const QUARTER: i64 = 900_000;
    /// In milliseconds.
    pub const HOUR: i64 = 3_600_000;
    /// In milliseconds.
    pub const DAY: i64 = 24 * Self::HOUR;

    /// The moment `ms` milliseconds later (earlier if negative), within the range.
    pub fn plus(self, ms: i64) -> Self {
        Millis(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative if `earlier` is later.
    pub fn since(self, earlier: Millis) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The start of its quarter of an hour. The hours and days of every zone begin with one.
    pub fn quarter(self) -> Self {
        Millis(self.0.div_euclid(Self::QUARTER) * Self::QUARTER)
    }

    /// The start of its UTC hour.
    pub fn hour(self) -> Self {
        Millis(self.0.div_euclid(Self::HOUR) * Self::HOUR)
    }

    /// The start of its UTC day.
    pub fn day(self) -> Self {
        Millis(self.0.div_euclid(Self::DAY) * Self::DAY)
    }

    /// For calendar arithmetic. A moment outside the years -9999 to 9999 becomes 1970.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// RFC 3339 with milliseconds: `2026-10-01T12:00:00.000Z`.
    pub fn rfc3339(self) -> String {
        self.timestamp().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// Reads the published API's `YYYY-MM-DD HH:MM:SS` (UTC), or `YYYY-MM-DD` as that day's start.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = match text.len() {
            10 => jiff::civil::Date::strptime("%Y-%m-%d", text).ok()?.at(0, 0, 0, 0),
            _ => jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?,
        };
        let zoned = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Millis(zoned.timestamp().as_millisecond()))
    }
}

impl From<jiff::Timestamp> for Millis {
    fn from(at: jiff::Timestamp) -> Self {
        Millis(at.as_millisecond())
    }
}

/// The published API's form: `YYYY-MM-DD HH:MM:SS`, UTC.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp().strftime("%Y-%m-%d %H:%M:%S"))
    }
}

/// A span in whole minutes, such as a window or a repeat rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minutes(pub u32);

impl Minutes {
    pub fn as_millis(self) -> i64 {
        i64::from(self.0) * 60_000
    }
}

/// In the largest unit that divides it: `14 days`, `1 hour`, `90 minutes`.
impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self.0 {
            m if m > 0 && m % 1440 == 0 => (m / 1440, "day"),
            m if m > 0 && m % 60 == 0 => (m / 60, "hour"),
            m => (m, "minute"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_parses_back_from_its_text() {
        let at = Millis::parse("2018-07-25 18:39:30");
        assert_eq!(at.map(|at| at.to_string()).as_deref(), Some("2018-07-25 18:39:30"));
        assert_eq!(Millis::parse("2018-07-25"), Millis::parse("2018-07-25 00:00:00"));
        for bad in ["", "2018-13-01", "yesterday", "2018-07-25T18:39:30", "2018-07-25 18:39:30 "] {
            assert_eq!(Millis::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn quarters_hours_and_days_are_rounded_down_even_before_1970() {
        assert_eq!(Millis(-1).quarter(), Millis(-Millis::QUARTER));
        assert_eq!(Millis(-1).hour(), Millis(-Millis::HOUR));
        assert_eq!(Millis(Millis::DAY + 5).day(), Millis(Millis::DAY));
    }

    #[test]
    fn minutes_have_the_largest_whole_unit() {
        let texts: Vec<String> = [0, 1, 60, 90, 1440, 20160].map(|m| Minutes(m).to_string()).into();
        assert_eq!(texts, ["0 minutes", "1 minute", "1 hour", "90 minutes", "1 day", "14 days"]);
    }
}
