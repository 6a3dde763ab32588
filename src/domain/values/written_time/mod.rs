//! The one reader of times that people and programs write. It takes a text that has one meaning, and says of any other
//! why it has none.

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::time::Millis;

/// How much of a text an error quotes, in characters.
const MAX_QUOTED: usize = 60;
/// The span of numbers since 1970: the years 2000 to 2099, in seconds. In each unit the span is another, so the size
/// of a number tells its unit.
const SECONDS: std::ops::Range<i128> = 946_684_800..4_102_444_800;
/// The units of numbers: how many powers of ten a second has.
const UNITS: [i32; 4] = [0, 3, 6, 9];

/// A time as its writer gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenTime {
    /// A day without a time of day.
    Day(Date),
    /// A time without a zone.
    Local(DateTime),
    /// A time with its offset, or a number since 1970.
    Moment(Millis),
}

/// A text that is no time. Its message completes `must be a time such as ..., and ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeError {
    text: String,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Unreadable,
    /// `01/10/2026`
    NoOrder,
    /// `20261001`
    NoNumber,
    /// `2026-02-30`, `24:00`
    NoSuchTime,
    /// `2026-10-01` where a time of day is needed.
    DayAlone,
    /// `2026-10-01 12:00:00` where a day is needed.
    NoDay,
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is {:?}", self.text)?;
        f.write_str(match self.why {
            Why::Unreadable => "",
            Why::NoOrder => ", where year, month and day cannot be told apart: write them as 2026-10-01",
            Why::NoNumber => {
                ", which as seconds, milliseconds, microseconds or nanoseconds since 1970 is outside the years 2000 to 2099: \
                 write a date as 2026-10-01"
            }
            Why::NoSuchTime => ", and the calendar or the clock has no such time",
            Why::DayAlone => ", which lacks the time of day",
            Why::NoDay => ", which is more than a day",
        })
    }
}

impl std::error::Error for TimeError {}

impl TimeError {
    fn new(text: &str, why: Why) -> Self {
        let end = text.char_indices().nth(MAX_QUOTED).map_or(text.len(), |(at, _)| at);
        TimeError { text: text.get(..end).unwrap_or_default().to_owned(), why }
    }
}

impl Millis {
    /// Reads a time in any form that has one meaning, in UTC if it has no zone. A day is its start.
    ///
    /// # Errors
    /// As [`WrittenTime::read`].
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        WrittenTime::read(text).map(WrittenTime::in_utc)
    }
}

impl WrittenTime {
    /// Reads a text: a day, ISO 8601 with or without a zone, an e-mail's or HTTP's date, or a number since 1970.
    ///
    /// # Errors
    /// The text has no meaning, or more than one.
    pub fn read(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        let why = match text.as_bytes() {
            [first, ..] if first.is_ascii_digit() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
                match number(text) {
                    Some(moment) => return Ok(moment),
                    None if text.bytes().filter(|b| *b == b'.').count() > 1 => Why::NoOrder,
                    None => Why::NoNumber,
                }
            }
            [a, b, c, d, b'-', ..] if [a, b, c, d].into_iter().all(u8::is_ascii_digit) => match iso(text) {
                Some(time) => return Ok(time),
                None if is_impossible(text) => Why::NoSuchTime,
                None => Why::Unreadable,
            },
            [b'0'..=b'9', mark @ (b'/' | b'.' | b'-'), ..]
            | [b'0'..=b'9', b'0'..=b'9', mark @ (b'/' | b'.' | b'-'), ..]
                if text.bytes().filter(|b| b == mark).count() > 1 =>
            {
                Why::NoOrder
            }
            _ if text.contains(":60") => Why::NoSuchTime,
            _ => match rfc2822::DateTimeParser::new().parse_timestamp(text) {
                Ok(at) => return Ok(WrittenTime::Moment(at.into())),
                Err(_) => Why::Unreadable,
            },
        };
        Err(TimeError::new(text, why))
    }

    /// Reads the digits of a number since 1970, also with an exponent.
    ///
    /// # Errors
    /// The number is outside the years 2000 to 2099 in each unit.
    pub fn of_number(literal: &str) -> Result<Self, TimeError> {
        number(literal).ok_or_else(|| TimeError::new(literal, Why::NoNumber))
    }

    /// Reads a time that says when something happened: a day alone does not.
    ///
    /// # Errors
    /// As [`WrittenTime::read`], or the time of day is missing.
    pub fn read_moment(text: &str) -> Result<Millis, TimeError> {
        match Self::read(text)? {
            WrittenTime::Day(_) => Err(TimeError::new(text, Why::DayAlone)),
            time => Ok(time.in_utc()),
        }
    }

    /// Reads a day.
    ///
    /// # Errors
    /// As [`WrittenTime::read`], or there is a time of day.
    pub fn read_day(text: &str) -> Result<Date, TimeError> {
        match Self::read(text)? {
            WrittenTime::Day(day) => Ok(day),
            WrittenTime::Local(_) | WrittenTime::Moment(_) => Err(TimeError::new(text, Why::NoDay)),
        }
    }

    /// The moment, in UTC if it has no zone. A day is its start.
    pub fn in_utc(self) -> Millis {
        self.in_zone(&TimeZone::UTC)
    }

    /// The moment, in this zone if it has none of its own. A day is its start. Of a time that comes twice it is the first;
    /// a time that the clocks skip is the moment in which they do.
    pub fn in_zone(self, zone: &TimeZone) -> Millis {
        let local = match self {
            WrittenTime::Moment(at) => return at,
            WrittenTime::Local(local) => local,
            WrittenTime::Day(day) => day.into(),
        };
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let is_skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        // Dates at the end of the year 9999 may leave the range.
        let Ok(later) = ambiguous.compatible() else { return Millis(jiff::Timestamp::MAX.as_millisecond()) };
        if !is_skipped {
            return later.into();
        }
        let after = later.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(later);
        zone.preceding(after).next().map_or(later, |change| change.timestamp()).into()
    }
}

/// A number since 1970, by its size in seconds, milliseconds, microseconds or nanoseconds. Digits below a millisecond
/// are dropped.
fn number(literal: &str) -> Option<WrittenTime> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let decimals = decimals.get(..20).unwrap_or(decimals);
    let all: i128 = format!("{whole}{decimals}").parse().ok()?;
    if whole.is_empty() || decimals.is_empty() || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let exponent = exponent.parse::<i32>().ok().filter(|exponent| (-40..=40).contains(exponent))?;
    let power = exponent - i32::try_from(decimals.len()).ok()?;
    let unit = UNITS.into_iter().find(|unit| times_ten(all, power - unit).is_some_and(|s| SECONDS.contains(&s)))?;
    let millis = times_ten(all, power - unit + 3)?;
    Some(WrittenTime::Moment(Millis(i64::try_from(millis).ok()?)))
}

/// The number times ten to this power, rounded down.
fn times_ten(number: i128, power: i32) -> Option<i128> {
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    if power < 0 { Some(number.div_euclid(factor)) } else { number.checked_mul(factor) }
}

/// `2026-10-01`, `2026-10-01 12:00`, `2026-10-01T12:00:00.123+02:00`, `2026-10-01 12:00:00 UTC` and what lies between.
fn iso(text: &str) -> Option<WrittenTime> {
    if is_impossible(text) {
        return None;
    }
    let (text, is_utc) = without_utc(text);
    let mut text = short_fraction(text);
    if let Some((time, offset)) = text.rsplit_once(' ').filter(|(time, _)| time.len() > 10) {
        text = match offset.as_bytes() {
            [b'+' | b'-', ..] => format!("{time}{offset}"),
            // In a query string a plus sign is a blank.
            [_, _, b':', _, _] => format!("{time}+{offset}"),
            _ => return None,
        };
    }
    let pieces = Pieces::parse(&text).ok()?;
    let offset = pieces.to_numeric_offset();
    if is_utc && offset.is_some_and(|offset| offset.seconds() != 0) {
        return None;
    }
    let Some(time) = pieces.time() else {
        return if is_utc { None } else { Some(WrittenTime::Day(pieces.date())) };
    };
    let local = pieces.date().to_datetime(time);
    match (offset, pieces.time_zone_annotation()) {
        (Some(offset), _) => Some(WrittenTime::Moment(offset.to_timestamp(local).ok()?.into())),
        (None, Some(_)) => None,
        (None, None) if is_utc => Some(WrittenTime::Moment(WrittenTime::Local(local).in_utc())),
        (None, None) => Some(WrittenTime::Local(local)),
    }
}

/// The text without a word for UTC at its end, and whether there was one.
fn without_utc(text: &str) -> (&str, bool) {
    let word = |(_, word): &(&str, &str)| ["UTC", "GMT", "Z"].into_iter().any(|utc| word.eq_ignore_ascii_case(utc));
    text.rsplit_once(' ').filter(word).map_or((text, false), |(time, _)| (time.trim_end(), true))
}

/// The text with at most nine decimals.
fn short_fraction(text: &str) -> String {
    let Some((time, rest)) = text.split_once(['.', ',']) else { return text.to_owned() };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (decimals, offset) = rest.split_at(end);
    format!("{time}.{}{offset}", decimals.get(..9).unwrap_or(decimals))
}

/// Whether a text in ISO's form names a time that does not exist, such as February 30, 24:00 or a leap second.
fn is_impossible(text: &str) -> bool {
    let number = |at: usize| text.get(at..at + 2).and_then(|digits| digits.parse::<i8>().ok());
    let year = text.get(..4).and_then(|digits| digits.parse::<i16>().ok());
    let date = year.zip(number(5)).zip(number(8));
    date.is_some_and(|((year, month), day)| Date::new(year, month, day).is_err())
        || [(11, 23), (14, 59), (17, 59)].into_iter().any(|(at, most)| number(at).is_some_and(|n| n > most))
}
