//! One value of a report, and its text.

use jiff::tz::TimeZone;

use crate::domain::{Micros, Millis, TotalMicros, cut, offset_if_repeated};
use crate::report::definition::Kind;
use crate::store::Scalar;

/// A value of a report.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) enum Value {
    /// As the store has it.
    Stored(Scalar),
    /// Added up: a count, or an amount or a ratio in millionths.
    Figure(i128),
}

impl Value {
    pub(in crate::report) const NULL: Value = Value::Stored(Scalar::Null);
}

/// A cell: its text, and whether somebody outside may have written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// Whether it came from a tag or a form, and so may pretend to be a formula.
    pub foreign: bool,
    /// Whether it is a number to reckon with; an id that is too long for that is text.
    pub number: bool,
}

impl Cell {
    /// A text or a number of ours.
    pub fn ours(text: impl std::fmt::Display, number: bool) -> Self {
        Cell { text: text.to_string(), foreign: false, number }
    }

    /// A text that somebody outside may have written; empty for none.
    pub fn foreign(text: Option<&str>) -> Self {
        Cell { text: text.unwrap_or_default().to_owned(), foreign: true, number: false }
    }

    /// No value.
    pub fn none() -> Self {
        Cell { text: String::new(), foreign: false, number: false }
    }
}

/// Shows a value.
pub(in crate::report) fn show(kind: Kind, value: &Value, zone: &TimeZone) -> Cell {
    match value {
        Value::Stored(stored) => show_stored(kind, stored, zone),
        Value::Figure(figure) => {
            let is_in_millionths = matches!(kind, Kind::Amount | Kind::Ratio);
            let text = if is_in_millionths { TotalMicros(*figure).to_string() } else { figure.to_string() };
            Cell { text, foreign: false, number: true }
        }
    }
}

fn show_stored(kind: Kind, value: &Scalar, zone: &TimeZone) -> Cell {
    let ours = |text: String| Cell { text, foreign: false, number: false };
    let number = |text: String| Cell { text, foreign: false, number: true };
    match (kind, value) {
        (Kind::Moment(none), Scalar::Null) => ours(none.to_owned()),
        (_, Scalar::Null) => ours(String::new()),
        (Kind::Words(words), Scalar::Text(stored)) => {
            ours(words.iter().find(|(from, _)| from == stored).map_or("", |(_, shown)| *shown).to_owned())
        }
        (Kind::Beginning(most), Scalar::Text(text)) => {
            Cell { text: cut(text, most).to_owned(), foreign: true, number: false }
        }
        (_, Scalar::Text(text)) => Cell { text: text.clone(), foreign: true, number: false },
        (Kind::Amount | Kind::Ratio, Scalar::Int(micros)) => number(Micros(*micros).to_string()),
        (Kind::Month, Scalar::Int(at)) => ours(moment(*at, zone, "%Y-%m")),
        (Kind::Day, Scalar::Int(at)) => ours(moment(*at, zone, "%Y-%m-%d")),
        (Kind::UtcDay, Scalar::Int(at)) => ours(moment(*at, &TimeZone::UTC, "%Y-%m-%d")),
        (Kind::Hour, Scalar::Int(at)) => {
            ours(moment(*at, zone, "%Y-%m-%d %H:00") + &offset_if_repeated(Millis(*at), true, zone))
        }
        (Kind::Moment(_), Scalar::Int(at)) => {
            ours(moment(*at, zone, "%Y-%m-%d %H:%M:%S") + &offset_if_repeated(Millis(*at), false, zone))
        }
        (Kind::Int, Scalar::Int(value)) => number(value.to_string()),
        (Kind::LongId | Kind::Text | Kind::Beginning(_) | Kind::Words(_), Scalar::Int(value)) => {
            ours(value.to_string())
        }
    }
}

fn moment(at: i64, zone: &TimeZone, form: &str) -> String {
    Millis(at).timestamp().to_zoned(zone.clone()).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_all_their_digits() {
        for (kind, text) in [
            (Kind::Int, "20000000000000000001"),
            (Kind::Amount, "20000000000000.000001"),
            (Kind::Ratio, "20000000000000.000001"),
        ] {
            let cell = show(kind, &Value::Figure(20_000_000_000_000_000_001), &TimeZone::UTC);
            assert_eq!((cell.text.as_str(), cell.number), (text, true), "{kind:?}");
        }
    }

    #[test]
    fn moments_are_shown_in_the_zone() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = Value::Stored(Scalar::Int(Millis::parse("2026-11-01 03:30:15").unwrap().0));
        let shown = |kind| show(kind, &at, &zone).text;
        assert_eq!(shown(Kind::Month), "2026-10");
        assert_eq!(shown(Kind::Day), "2026-10-31");
        assert_eq!(shown(Kind::Hour), "2026-10-31 23:00");
        assert_eq!(shown(Kind::Moment("")), "2026-10-31 23:30:15");
    }

    #[test]
    fn what_clocks_show_twice_is_shown_with_its_offset() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let shown = |kind, at: &str| show(kind, &Value::Stored(Scalar::Int(Millis::parse(at).unwrap().0)), &zone).text;
        for (at, hour, moment) in [
            ("2026-11-01 04:59:59", "2026-11-01 00:00", "2026-11-01 00:59:59"),
            ("2026-11-01 05:30:00", "2026-11-01 01:00-04:00", "2026-11-01 01:30:00-04:00"),
            ("2026-11-01 06:30:00", "2026-11-01 01:00-05:00", "2026-11-01 01:30:00-05:00"),
            ("2026-11-01 07:00:00", "2026-11-01 02:00", "2026-11-01 02:00:00"),
        ] {
            assert_eq!((shown(Kind::Hour, at).as_str(), shown(Kind::Moment(""), at).as_str()), (hour, moment));
        }
    }

    #[test]
    fn nothing_is_empty_or_what_the_column_says() {
        assert_eq!(show(Kind::Amount, &Value::NULL, &TimeZone::UTC).text, "");
        assert_eq!(show(Kind::Moment("never"), &Value::NULL, &TimeZone::UTC).text, "never");
        assert_eq!(show(Kind::Amount, &Value::Stored(Scalar::Int(10_500_000)), &TimeZone::UTC).text, "10.5");
    }
}
