//! Days as people write them, with or without a time of day: `2026-11-03`, `03/11/2026`, `3.11.2026`, `Nov 3, 2026`.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use super::months;
use crate::domain::trim;

/// The order of day and month where both are numbers and the year comes last. With points the day is always first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOrder {
    DayFirst,
    MonthFirst,
}

impl DayOrder {
    pub const BOTH: [DayOrder; 2] = [DayOrder::DayFirst, DayOrder::MonthFirst];

    /// For forms and what is remembered.
    pub fn key(self) -> &'static str {
        match self {
            DayOrder::DayFirst => "day",
            DayOrder::MonthFirst => "month",
        }
    }

    pub fn of_key(key: &str) -> Option<Self> {
        Self::BOTH.into_iter().find(|order| order.key() == key)
    }
}

/// A day, with the time of day if the text has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenDay {
    pub day: Date,
    pub time: Option<Time>,
    /// The zone that the text names itself.
    pub offset: Option<Offset>,
}

impl WrittenDay {
    /// Reads a day in this order; none if it is none, or if the calendar has no such day.
    pub fn read(text: &str, order: DayOrder) -> Option<Self> {
        let text = without_weekday(trim(text));
        let (day, rest) = numeric(text, order).or_else(|| named(text))?;
        let (time, offset) = time(trim(rest.strip_prefix(['T', 't', ',']).unwrap_or(rest)))?;
        Some(WrittenDay { day, time, offset })
    }
}

fn without_weekday(text: &str) -> &str {
    match text.split_once([' ', ',']) {
        Some((word, rest)) if months::is_weekday(word) => rest.trim_start_matches([' ', ',']),
        _ => text,
    }
}

/// `2026-11-03`, `20261103`, `03/11/2026`, `3.11.26`, and what comes after it.
fn numeric(text: &str, order: DayOrder) -> Option<(Date, &str)> {
    let (first, rest) = digits(text);
    if let (8, Ok(_)) = (first.len(), first.parse::<u32>()) {
        let (year, day) = first.split_at(4);
        let (month, day) = day.split_at(2);
        return Some((date(year, month, day)?, rest));
    }
    let mark = rest.chars().next().filter(|mark| matches!(mark, '-' | '/' | '.'))?;
    let (second, rest) = digits(after(rest, mark)?);
    let (third, rest) = digits(after(rest, mark)?);
    if first.len() == 4 {
        return Some((date(first, second, third)?, rest));
    }
    if third.len() != 4 && third.len() != 2 {
        return None;
    }
    let (day, month) = match order {
        DayOrder::MonthFirst if mark != '.' => (second, first),
        DayOrder::DayFirst | DayOrder::MonthFirst => (first, second),
    };
    Some((date(third, month, day)?, rest))
}

/// What follows the mark and a blank, as in `3. 11. 2026`.
fn after(text: &str, mark: char) -> Option<&str> {
    let rest = text.strip_prefix(mark)?;
    Some(if mark == '.' { rest.trim_start() } else { rest })
}

/// `Nov 3, 2026`, `3 Nov 2026`, `3. November 2026`, `03-Nov-2026`, and what comes after it.
fn named(text: &str) -> Option<(Date, &str)> {
    let mut rest = text;
    let mut parts = [""; 3];
    for part in &mut parts {
        rest = rest.trim_start_matches([' ', ',', '-', '.', '\u{a0}']);
        let end = rest.find([' ', ',', '-', '.', '\u{a0}']).unwrap_or(rest.len());
        (*part, rest) = rest.split_at(end);
    }
    let [first, second, year] = parts;
    let (month, day) = match months::number(first) {
        Some(month) => (month, second),
        None => (months::number(second)?, first),
    };
    let day = ["st", "nd", "rd", "th"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
    let month = month.to_string();
    (year.len() == 4).then(|| date(year, &month, day))?.map(|date| (date, rest))
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let is_number =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !(is_number(year, 4) && is_number(month, 2) && is_number(day, 2)) {
        return None;
    }
    let century = if year.len() == 2 { 2000 } else { 0 };
    Date::new(century + year.parse::<i16>().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len()))
}

/// `14:05`, `2:05:09 PM`, `00:00:00.000 +01:00`, `12:00Z`; an empty text has no time.
fn time(text: &str) -> Option<(Option<Time>, Option<Offset>)> {
    if text.is_empty() {
        return Some((None, None));
    }
    let end = text.find(|sign: char| !(sign.is_ascii_digit() || matches!(sign, ':' | '.'))).unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let mut parts = clock.split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let second: i8 = match parts.next() {
        Some(second) => second.split('.').next()?.parse().ok()?,
        None => 0,
    };
    let rest = trim(rest);
    let is_half = |half: &str| rest.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(half));
    let (hour, rest) = match (hour, is_half("am"), is_half("pm")) {
        (12, true, _) => (0, rest.get(2..)?),
        (hour, true, _) => (hour, rest.get(2..)?),
        (hour @ 1..12, _, true) => (hour + 12, rest.get(2..)?),
        // Magento writes `14:11:12 PM`.
        (hour, _, true) => (hour, rest.get(2..)?),
        (hour, false, false) => (hour, rest),
    };
    let time = Time::new(hour, minute, second, 0).ok().filter(|_| parts.next().is_none())?;
    Some((Some(time), offset(trim(rest))?))
}

/// `Z`, `UTC`, `+01:00`, `+0100`; an empty text names no zone.
fn offset(text: &str) -> Option<Option<Offset>> {
    if text.is_empty() {
        return Some(None);
    }
    if ["z", "utc", "gmt"].iter().any(|utc| text.eq_ignore_ascii_case(utc)) {
        return Some(Some(Offset::UTC));
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text.get(1..)?.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2).filter(|_| digits.len() == 4)?;
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
    Some(Some(Offset::from_seconds(sign * seconds).ok()?))
}
