//! The columns of an overview's chart: the days of its range, or the hours of a single day.

use jiff::tz::TimeZone;

use crate::admin::scope::PageScope;
use crate::domain::{Days, Grain, Millis};

/// Spans of time side by side.
pub struct Spans {
    /// When each begins, and the end of the last.
    pub begins: Vec<Millis>,
    /// "17 Nov", "10:00".
    pub labels: Vec<String>,
    /// The day of each, as addresses have it.
    pub days: Vec<String>,
    pub by_hour: bool,
    /// Whether the last is not over.
    pub is_running: bool,
}

impl Spans {
    pub fn of(scope: &PageScope, now: Millis) -> Self {
        let (days, zone) = (&scope.days, &scope.days.zone);
        let by_hour = scope.count() == 1;
        let until = if by_hour && scope.is_running() { now.plus(1) } else { scope.between().1 };
        let mut begins = if by_hour { hours(days, until) } else { self::days(days) };
        // The running hour holds what claims to come later today, as reports of the day do.
        if let Some(end) = begins.last_mut() {
            *end = scope.between().1;
        }
        let format = if by_hour { "%H:00" } else { "%-d %b" };
        let text = |format: &str| {
            let begins = begins.get(..begins.len().saturating_sub(1)).unwrap_or_default();
            begins.iter().map(|at| zone.to_datetime(at.timestamp()).strftime(format).to_string()).collect::<Vec<_>>()
        };
        let (labels, dates) = (text(format), text("%Y-%m-%d"));
        Spans { labels, days: dates, by_hour, is_running: scope.is_running(), begins }
    }

    /// As many spans of the days to compare with.
    pub fn before(&self, before: &Days) -> Vec<Millis> {
        let Some((_, end)) = before.between() else { return Vec::new() };
        let mut begins = if self.by_hour { hours(before, end) } else { days(before) };
        begins.truncate(self.begins.len());
        begins
    }

    pub fn count(&self) -> usize {
        self.labels.len()
    }
}

fn days(days: &Days) -> Vec<Millis> {
    let end = days.between().map(|(_, end)| end);
    days.each().map(|(begin, _)| begin).chain(end).collect()
}

/// The hours of a day that begin before a moment.
fn hours(days: &Days, until: Millis) -> Vec<Millis> {
    let zone: &TimeZone = &days.zone;
    let Some((from, end)) = days.between() else { return Vec::new() };
    let mut begins = vec![from];
    while let Some(at) = begins.last().copied().filter(|at| *at < until.min(end)) {
        match Grain::Hour.next(at, zone) {
            Some(next) if next > at => begins.push(next.min(end)),
            _ => break,
        }
    }
    begins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(zone: &str, day: &str) -> Days {
        let day = day.parse().unwrap();
        Days { first: day, last: day, zone: TimeZone::get(zone).unwrap() }
    }

    #[test]
    fn a_day_has_its_hours() {
        let count = |zone: &str, date: &str| {
            let days = day(zone, date);
            let begins = hours(&days, days.between().unwrap().1);
            assert_eq!((begins[0], *begins.last().unwrap()), days.between().unwrap(), "{zone} {date}");
            begins.len() - 1
        };
        assert_eq!(count("UTC", "2026-10-01"), 24);
        assert_eq!((count("Europe/Berlin", "2026-10-25"), count("Europe/Berlin", "2026-03-29")), (25, 23));
        assert_eq!(count("Asia/Kolkata", "2026-10-01"), 24);
        // Half an hour is shown twice.
        assert_eq!(count("Australia/Lord_Howe", "2026-04-05"), 25);
    }

    #[test]
    fn hours_to_come_are_left_out() {
        let begins = hours(&day("Europe/Berlin", "2026-10-01"), Millis::parse("2026-10-01 10:30:00").unwrap());
        assert_eq!(begins.len() - 1, 13, "from 00:00 to the hour that began at 12:00");
        let begins = hours(&day("UTC", "2026-10-01"), Millis::parse("2026-10-01 00:00:00").unwrap().plus(1));
        assert_eq!(begins.len() - 1, 1);
    }

    #[test]
    fn days_end_where_the_next_begin() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let begins = days(&Days { first: "2026-10-24".parse().unwrap(), last: "2026-10-26".parse().unwrap(), zone });
        let hours: Vec<i64> = begins.windows(2).map(|two| two[1].since(two[0]) / Millis::HOUR).collect();
        assert_eq!(hours, [24, 25, 24]);
    }
}
