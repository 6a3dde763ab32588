//! Times, amounts and numbers as text for people. No code reads these texts back.

use jiff::tz::TimeZone;

use crate::domain::{Currency, Millis, TotalMicros};
use crate::web::attention::words::group;
pub use crate::web::attention::words::{grouped, percent, plural, roughly};

/// A moment for `c::time`. The text is in UTC, and so names the zone; the script writes it in the viewer's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, for the `datetime` attribute.
    pub iso: String,
    /// `40 s ago`, `6 min ago`, `21 Nov 14:20 UTC`.
    pub text: String,
    /// To the second, for a hover: `21 Nov 2026, 14:20:07 UTC`.
    pub exact: String,
    /// Whether the text has seconds.
    pub seconds: bool,
    /// Whether the text is in the zone that the page names. The script leaves it as it is.
    pub is_zoned: bool,
}

impl Moment {
    /// How long ago within the hour, else to the minute: `21 Nov 14:20 UTC`.
    pub fn new(at: Millis, now: Millis) -> Self {
        let age = now.since(at);
        let mut moment = Moment::format(at, now, "%H:%M");
        if (0..HOUR).contains(&age) {
            moment.text = ago(at, now);
        }
        moment
    }

    /// To the second: `21 Nov 14:20:07 UTC`.
    pub fn exact(at: Millis, now: Millis) -> Self {
        Moment { seconds: true, ..Moment::format(at, now, "%H:%M:%S") }
    }

    fn format(at: Millis, now: Millis, clock: &str) -> Self {
        let (then, today) = (at.timestamp(), now.timestamp());
        let year = |moment: jiff::Timestamp| moment.strftime("%Y").to_string();
        let day = if year(then) == year(today) { "%-d %b" } else { "%-d %b %Y" };
        Moment {
            iso: then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            text: then.strftime(&format!("{day} {clock} UTC")).to_string(),
            exact: then.strftime("%-d %b %Y, %H:%M:%S UTC").to_string(),
            seconds: false,
            is_zoned: false,
        }
    }

    /// In the zone that the page names: `Today 14:20`, `Yesterday 23:52`, `21 Nov 14:20`.
    pub fn in_zone(at: Millis, now: Millis, zone: &TimeZone) -> Self {
        let (then, today) = (zone.to_datetime(at.timestamp()), zone.to_datetime(now.timestamp()));
        let clock = then.strftime("%H:%M");
        let text = match then.date().until(today.date()).map(|span| span.get_days()) {
            Ok(0) => format!("Today {clock}"),
            Ok(1) => format!("Yesterday {clock}"),
            _ if then.year() == today.year() => format!("{} {clock}", then.strftime("%-d %b")),
            _ => format!("{} {clock}", then.strftime("%-d %b %Y")),
        };
        let exact = format!("{}, {}", then.strftime("%-d %b %Y, %H:%M:%S"), zone.iana_name().unwrap_or("UTC"));
        Moment { text, exact, is_zoned: true, ..Moment::format(at, now, "%H:%M") }
    }
}

/// One hour, in milliseconds.
const HOUR: i64 = 3_600_000;

/// `just now`, `40 s ago`, `6 min ago`, `3 h ago`, `2 days ago`: rounds down to one unit.
pub fn ago(at: Millis, now: Millis) -> String {
    let seconds = now.since(at).max(0) / 1000;
    match seconds {
        0..5 => "just now".to_owned(),
        5..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} ago", plural((seconds / 86_400).unsigned_abs(), "day")),
    }
}

/// A length of time in two units at most, for tables: `7 d 18 h`, `9 h 20 min`, `40 s`, `0.8 s`.
pub fn short_span(ms: i64) -> String {
    let ms = ms.unsigned_abs();
    let seconds = ms / 1000;
    let two = |large: u64, name: &str, small: u64, unit: &str| match small {
        0 => format!("{large} {name}"),
        _ => format!("{large} {name} {small} {unit}"),
    };
    match seconds {
        0 if ms == 0 => "0 s".to_owned(),
        0 => format!("0.{} s", (ms / 100).max(1)),
        1..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// The UTC days from one moment to another: `1 Oct – 31 Dec 2026`, `from 1 Oct 2026`, `until 31 Dec 2026`; empty without
/// either.
pub fn days(from: Option<Millis>, to: Option<Millis>) -> String {
    let day = |at: Millis| at.timestamp().strftime("%-d %b %Y").to_string();
    match (from, to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("from {}", day(from)),
        (None, Some(to)) => format!("until {}", day(to)),
        (Some(from), Some(to)) => {
            let (first, last) = (day(from), day(to));
            let year = last.rsplit(' ').next().unwrap_or_default();
            format!("{} – {last}", first.strip_suffix(year).map_or(first.as_str(), str::trim_end))
        }
    }
}

/// A number's text with commas between thousands: `-1204.5` becomes `–1,204.5`.
pub fn number(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("–", rest));
    match rest.split_once('.') {
        Some((whole, decimals)) => format!("{sign}{}.{decimals}", group(whole)),
        None => format!("{sign}{}", group(rest)),
    }
}

/// `812 KiB`, `41 MiB`, `53 GiB`: rounds down.
pub fn bytes(size: u64) -> String {
    match size {
        0..0x10_0000 => format!("{} KiB", size >> 10),
        0x10_0000..0x4000_0000 => format!("{} MiB", size >> 20),
        _ => format!("{} GiB", grouped(size >> 30)),
    }
}

/// An amount with its currency: `1,204.50 EUR`.
pub fn money(amount: impl Into<TotalMicros>, currency: Currency) -> String {
    format!("{} {currency}", number(&amount.into().to_money()))
}

/// Amounts of several currencies side by side: `3,870.40 EUR and 12.00 USD`.
pub fn moneys(amounts: &[(Currency, TotalMicros)]) -> String {
    and(&amounts.iter().map(|(currency, amount)| money(*amount, *currency)).collect::<Vec<_>>())
}

/// `a`, `a and b`, `a, b and c`.
pub fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Micros;

    fn at(text: &str) -> Millis {
        Millis::parse(text).unwrap()
    }

    #[test]
    fn moments_name_a_year_other_than_this_one() {
        let now = at("2026-11-23 06:40:00");
        let moment = Moment::new(at("2026-11-03 09:05:07"), now);
        assert_eq!((moment.text.as_str(), moment.exact.as_str()), ("3 Nov 09:05 UTC", "3 Nov 2026, 09:05:07 UTC"));
        assert_eq!(Moment::exact(at("2025-11-03 09:05:07"), now).text, "3 Nov 2025 09:05:07 UTC");
        assert_eq!(Moment::new(now, now).iso, "2026-11-23T06:40:00Z");
        assert_eq!(Moment::new(at("2026-11-23 06:33:10"), now).text, "6 min ago");
    }

    #[test]
    fn lengths_of_time_are_rough() {
        const MINUTE: i64 = 60_000;
        let lengths = [340, 19_999, 90_000, 11 * MINUTE, 200 * MINUTE, 29 * 60 * MINUTE, (90 * 24 + 23) * 60 * MINUTE];
        assert_eq!(
            lengths.map(roughly),
            ["1 second", "19 seconds", "1 minute 30 seconds", "11 minutes", "3 hours", "1 day 5 hours", "90 days"]
        );
    }

    #[test]
    fn ages_have_one_unit() {
        let now = at("2026-11-23 06:40:00");
        let texts = [-5, 0, 10, 61, 7_199, 86_400, 200_000].map(|seconds| ago(now.plus(-seconds * 1000), now));
        assert_eq!(texts, ["just now", "just now", "10 s ago", "1 min ago", "1 h ago", "1 day ago", "2 days ago"]);
    }

    #[test]
    fn short_spans_have_two_units() {
        let spans = [0, 40, 820, 40_000, 3_599_000, 33_600_000, 33_000_000_000].map(short_span);
        assert_eq!(spans, ["0 s", "0.1 s", "0.8 s", "40 s", "59 min 59 s", "9 h 20 min", "381 d 22 h"]);
    }

    #[test]
    fn days_say_the_year_once() {
        let at = |day: &str| Some(at(&format!("{day} 12:00:00")));
        assert_eq!(days(at("2026-10-01"), at("2026-12-31")), "1 Oct – 31 Dec 2026");
        assert_eq!(days(at("2026-12-01"), at("2027-01-31")), "1 Dec 2026 – 31 Jan 2027");
        assert_eq!(days(at("2026-10-01"), None), "from 1 Oct 2026");
        assert_eq!((days(None, at("2026-12-31")).as_str(), days(None, None).as_str()), ("until 31 Dec 2026", ""));
    }

    #[test]
    fn percent_are_rounded_half_up() {
        let percents =
            [(1, 200), (1, 201), (2, 3), (34, 284), (u64::MAX, u64::MAX)].map(|(part, all)| percent(part, all));
        assert_eq!(percents, [Some(1), Some(0), Some(67), Some(12), Some(100)]);
        assert_eq!(percent(1, 0), None);
    }

    #[test]
    fn numbers_and_amounts_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((plural(1, "pixel"), plural(1_204, "pixel")), ("1 pixel".into(), "1,204 pixels".into()));
        assert_eq!(money(Micros(-1_234_500_000), Currency::USD), "–1,234.50 USD");
        let euro = Currency::parse("EUR").unwrap();
        assert_eq!(
            moneys(&[(euro, TotalMicros(3_000_000)), (Currency::USD, TotalMicros(1))]),
            "3.00 EUR and 0.000001 USD"
        );
    }
}
