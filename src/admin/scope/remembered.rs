//! What a browser remembers of the scope from page to page, as the value of a cookie. It is no secret and gives no right:
//! a page checks it as it checks an address.

use actix_web::cookie::{Cookie, SameSite};
use jiff::civil::Date;

use super::range::{Comparison, Range};
use crate::admin::shell::session::SCOPE;
use crate::domain::AdvertiserId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// None for all.
    pub advertiser: Option<AdvertiserId>,
    pub range: Range,
    pub comparison: Comparison,
}

impl Default for Remembered {
    fn default() -> Self {
        Remembered { advertiser: None, range: Range::DEFAULT, comparison: Comparison::default() }
    }
}

impl Remembered {
    /// Reads a cookie's value; none unless `value` wrote it.
    pub fn parse(value: &str) -> Option<Self> {
        let mut parts = value.split('.');
        let (advertiser, range, comparison) = (parts.next()?, parts.next()?, parts.next()?);
        let remembered = Remembered {
            advertiser: Some(advertiser.parse::<i64>().ok()?).filter(|id| *id != 0).map(AdvertiserId),
            range: match range.split_once('_').and_then(|(first, last)| Some((day(first)?, day(last)?))) {
                Some((first, last)) if first <= last => Range::Own { first, last },
                _ => Range::parse(range)?,
            },
            comparison: Comparison::parse(comparison)?,
        };
        Some(remembered).filter(|remembered| remembered.value() == value)
    }

    /// `7.last_30_days.previous`, `0.2026-10-25_2026-11-23.off`.
    pub fn value(self) -> String {
        let range = match (self.range, self.range.word()) {
            (Range::Own { first, last }, _) => format!("{first}_{last}"),
            (_, word) => word.unwrap_or_default().to_owned(),
        };
        format!("{}.{range}.{}", self.advertiser.map_or(0, |id| id.0), self.comparison.word())
    }

    /// The cookie that keeps it until the browser ends.
    pub fn cookie(self, secure: bool) -> Cookie<'static> {
        SCOPE.build(self.value(), secure).same_site(SameSite::Lax).finish()
    }
}

/// A day as addresses have it: `2026-11-23`.
pub fn day(text: &str) -> Option<Date> {
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_back() {
        let own = Range::Own { first: day("2026-10-25").unwrap(), last: day("2026-11-23").unwrap() };
        for range in Range::NAMED.map(|(range, ..)| range).into_iter().chain([own]) {
            for (advertiser, (comparison, _)) in [None, Some(AdvertiserId(7))].into_iter().zip(Comparison::WORDS) {
                let remembered = Remembered { advertiser, range, comparison };
                assert_eq!(Remembered::parse(&remembered.value()), Some(remembered), "{}", remembered.value());
            }
        }
        assert_eq!(Remembered::default().value(), "0.last_30_days.previous");
    }

    #[test]
    fn anything_else_is_not() {
        for value in [
            "",
            ".",
            "..",
            "0.last_30_days",
            "x.last_30_days.previous",
            "07.last_30_days.previous",
            "+7.last_30_days.previous",
            "0.last_31_days.previous",
            "0.last_30_days.on",
            "0.last_30_days.previous.",
            "0.last_30_days.previous ",
            "0.2026-11-23_2026-10-25.off",
            "0.2026-11-31_2026-12-01.off",
            "0.2026-10-25T00:00_2026-11-23.off",
            "99999999999999999999.today.off",
            "0.today.off\"><b>",
        ] {
            assert_eq!(Remembered::parse(value), None, "{value}");
        }
    }

    #[test]
    fn a_day_has_ten_signs() {
        assert!(day("2026-11-23").is_some());
        for text in ["", "2026-11-31", "2026-1-1", "20261123", "2026-11-23T00:00", "2026-11-2x", "+02026-11-2"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
