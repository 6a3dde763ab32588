//! Figures by hour, day or month of a time zone, for a drawing. A span without figures gets zeros. Too many points become
//! fewer of the next longer span. Pure.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::domain::{Grain, Millis};

/// With more points, neighbours would merge into one line.
const MOST: usize = 200;
/// The most months of a drawing: the latest ones.
const MOST_MONTHS: usize = 600;

/// Figures by span of time.
#[derive(Clone, Debug)]
pub(in crate::report) struct Points {
    zone: TimeZone,
    /// How long a span is.
    pub(in crate::report) grain: Grain,
    sums: BTreeMap<Millis, Vec<i128>>,
}

impl Points {
    /// None yet, in spans of this length.
    pub(in crate::report) fn new(zone: TimeZone, grain: Grain) -> Self {
        Points { zone, grain, sums: BTreeMap::new() }
    }

    /// Adds figures of a moment.
    pub(in crate::report) fn add(&mut self, at: Millis, figures: &[i128]) {
        let begin = self.grain.begin(at, &self.zone);
        let sums = self.sums.entry(begin).or_insert_with(|| vec![0; figures.len()]);
        for (sum, figure) in sums.iter_mut().zip(figures) {
            *sum += figure;
        }
    }

    /// Every span from the first moment to before the last, also those without figures. A time without beginning starts
    /// with the first span that has figures.
    pub(in crate::report) fn filled(self, (from, to): (Millis, Millis)) -> Points {
        let Some(first) = self.sums.keys().next().copied() else { return self };
        let from = if from.0 <= 0 { first } else { from.min(first) };
        let longer = match self.grain {
            Grain::Hour => Some(Grain::Day),
            Grain::Day => Some(Grain::Month),
            Grain::Month => None,
        };
        let most = if longer.is_some() { MOST } else { MOST_MONTHS };
        let mut filled = self.clone();
        let mut at = self.grain.begin(from, &self.zone);
        let width = self.sums.values().next().map_or(0, Vec::len);
        while at < to {
            filled.sums.entry(at).or_insert_with(|| vec![0; width]);
            if filled.sums.len() > most {
                let Some(longer) = longer else { break };
                let mut coarse = Points::new(self.zone, longer);
                self.sums.into_iter().for_each(|(at, figures)| coarse.add(at, &figures));
                return coarse.filled((from, to));
            }
            match self.grain.next(at, &self.zone) {
                Some(later) if later > at => at = later,
                _ => break,
            }
        }
        filled
    }

    /// The spans with their figures, in order of time.
    pub(in crate::report) fn into_rows(self) -> Vec<(Millis, Vec<i128>)> {
        self.sums.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis::parse(text).unwrap()
    }

    fn texts(points: Points) -> Vec<String> {
        points.into_rows().into_iter().map(|(at, figures)| format!("{at} {figures:?}")).collect()
    }

    #[test]
    fn spans_without_figures_are_there_with_zeros() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let mut points = Points::new(zone, Grain::Day);
        points.add(at("2026-10-24 23:30:00"), &[1, 10]);
        points.add(at("2026-10-25 22:59:59"), &[2, 20]);
        points.add(at("2026-10-27 12:00:00"), &[i64::MAX.into(), 5]);
        points.add(at("2026-10-27 13:00:00"), &[1, 5]);
        let filled = points.filled((at("2026-10-23 22:00:00"), at("2026-10-28 23:00:00")));
        assert_eq!(
            texts(filled),
            [
                "2026-10-23 22:00:00 [0, 0]",
                // The clocks went back on this day of 25 hours.
                "2026-10-24 22:00:00 [3, 30]",
                "2026-10-25 23:00:00 [0, 0]",
                "2026-10-26 23:00:00 [9223372036854775808, 10]",
                "2026-10-27 23:00:00 [0, 0]",
            ]
        );
    }

    #[test]
    fn too_many_hours_become_days_and_too_many_days_months() {
        let mut points = Points::new(TimeZone::UTC, Grain::Hour);
        points.add(at("2026-01-01 05:00:00"), &[1]);
        points.add(at("2026-01-01 06:00:00"), &[1]);
        let week = points.clone().filled((at("2026-01-01 00:00:00"), at("2026-01-08 00:00:00")));
        assert_eq!((week.grain, week.sums.len()), (Grain::Hour, 168));
        let month = points.clone().filled((at("2026-01-01 00:00:00"), at("2026-02-01 00:00:00")));
        assert_eq!((month.grain, month.sums.len()), (Grain::Day, 31));
        assert_eq!(texts(month)[0], "2026-01-01 00:00:00 [2]");
        let year = points.filled((at("2026-01-01 00:00:00"), at("2027-01-01 00:00:00")));
        assert_eq!((year.grain, year.sums.len()), (Grain::Month, 12));
    }

    #[test]
    fn a_time_without_beginning_begins_with_the_first_figures() {
        let mut points = Points::new(TimeZone::UTC, Grain::Day);
        points.add(at("2026-01-05 05:00:00"), &[1]);
        let filled = points.filled((Millis(0), at("2026-01-07 00:00:00")));
        assert_eq!(texts(filled), ["2026-01-05 00:00:00 [1]", "2026-01-06 00:00:00 [0]"]);
        let none = Points::new(TimeZone::UTC, Grain::Day).filled((Millis(0), at("2026-01-07 00:00:00")));
        assert_eq!(texts(none), [""; 0]);
    }
}
