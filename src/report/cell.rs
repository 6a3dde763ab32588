//! One value of a report as text.

use jiff::tz::TimeZone;

use super::definition::Kind;
use crate::domain::{Micros, Millis};
use crate::store::Scalar;

/// A cell: its text, and whether somebody outside may have written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The text.
    pub text: String,
    /// Whether it came from a tag or a form, and so may pretend to be a formula.
    pub foreign: bool,
    /// Whether it is a number to reckon with; an id that is too long for that is text.
    pub number: bool,
}

/// Shows a value.
pub(super) fn show(kind: Kind, value: &Scalar, zone: &TimeZone) -> Cell {
    let ours = |text: String| Cell { text, foreign: false, number: false };
    let number = |text: String| Cell { text, foreign: false, number: true };
    match (kind, value) {
        (Kind::Moment(none), Scalar::Null) => ours(none.to_owned()),
        (_, Scalar::Null) => ours(String::new()),
        (Kind::Words(words), Scalar::Text(stored)) => {
            ours(words.iter().find(|(from, _)| from == stored).map_or("", |(_, shown)| *shown).to_owned())
        }
        (_, Scalar::Text(text)) => Cell { text: text.clone(), foreign: true, number: false },
        (Kind::Amount | Kind::Ratio, Scalar::Int(micros)) => number(Micros(*micros).to_string()),
        (Kind::Month, Scalar::Int(at)) => ours(moment(*at, zone, "%Y-%m")),
        (Kind::Day, Scalar::Int(at)) => ours(moment(*at, zone, "%Y-%m-%d")),
        (Kind::UtcDay, Scalar::Int(at)) => ours(moment(*at, &TimeZone::UTC, "%Y-%m-%d")),
        (Kind::Hour, Scalar::Int(at)) => ours(moment(*at, zone, "%Y-%m-%d %H:00")),
        (Kind::Moment(_), Scalar::Int(at)) => ours(moment(*at, zone, "%Y-%m-%d %H:%M:%S")),
        (Kind::Int, Scalar::Int(value)) => number(value.to_string()),
        (Kind::LongId | Kind::Text | Kind::Words(_), Scalar::Int(value)) => ours(value.to_string()),
    }
}

fn moment(at: i64, zone: &TimeZone, form: &str) -> String {
    Millis(at).timestamp().to_zoned(zone.clone()).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_in_the_zone() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = Scalar::Int(Millis::parse("2026-11-01 03:30:15").unwrap().0);
        let shown = |kind| show(kind, &at, &zone).text;
        assert_eq!(shown(Kind::Month), "2026-10");
        assert_eq!(shown(Kind::Day), "2026-10-31");
        assert_eq!(shown(Kind::Hour), "2026-10-31 23:00");
        assert_eq!(shown(Kind::Moment("")), "2026-10-31 23:30:15");
    }

    #[test]
    fn nothing_is_empty_or_what_the_column_says() {
        assert_eq!(show(Kind::Amount, &Scalar::Null, &TimeZone::UTC).text, "");
        assert_eq!(show(Kind::Moment("never"), &Scalar::Null, &TimeZone::UTC).text, "never");
        assert_eq!(show(Kind::Amount, &Scalar::Int(10_500_000), &TimeZone::UTC).text, "10.5");
    }
}
