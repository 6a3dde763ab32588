//! A calendar day without a zone: the day of a cost, as the advertiser's calendar shows it.

use std::fmt;

use jiff::civil::Date;

/// A day of the calendar, from year 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl Day {
    /// Reads `2026-10-01` and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 10
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if plain { text.parse().ok().map(Day) } else { None }
    }
}

/// As `2026-10-01`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_ten_characters() {
        for text in ["2026-10-01", "2024-02-29", "0000-01-01", "9999-12-31"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "", "2026-1-01", "2026-10-1", "20261001", "2025-02-29", "2026-13-01", "2026-10-01 ", "2026-10-01T00:00",
            "-26-10-010", "+026-10-01", "01.10.2026", "2026/10/01", "２０26-10", "today",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
