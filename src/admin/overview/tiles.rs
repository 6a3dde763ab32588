//! The figures on top of the overview: the conversions of today, 7 and 30 days, their change, and what they are worth.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::admin::text::format::{grouped, money, moneys, percent};
use crate::domain::{Currency, Millis, Reader, TotalMicros, day_begin};
use crate::store::{DayOutcomes, DayValues, Store, StoreError};

/// A figure with its change.
pub struct Tile {
    pub name: &'static str,
    pub figure: String,
    pub unit: &'static str,
    /// "+5%", "–2"; empty for none.
    pub change: String,
    pub trend: &'static str,
    /// The change in words, for those who hear it.
    pub compared: String,
    /// Order value and payout, if there are any.
    pub amounts: Vec<Amounts>,
}

/// The sums of several currencies, of which the largest is shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Amounts {
    pub name: &'static str,
    /// The largest.
    pub largest: String,
    /// How many others there are.
    pub others: usize,
    /// "12.00 USD and 3.00 GBP".
    pub rest: String,
}

/// Name, number of days up to today, and the comparison. Today is not over, so the comparison ends at the same time of
/// day.
const TILES: [(&str, usize, &str); 3] = [
    ("Today", 1, "yesterday at this time"),
    ("Last 7 days", 7, "the previous 7 days"),
    ("Last 30 days", 30, "the previous 30 days"),
];

/// `days` are the last 30 days of this zone.
pub async fn load(
    store: &Store,
    by: &Reader,
    days: &[DayOutcomes],
    zone: &TimeZone,
    now: Millis,
) -> Result<Vec<Tile>, StoreError> {
    let mut tiles = Vec::new();
    let today = now.timestamp().to_zoned(zone.clone()).date();
    for (name, count, than) in TILES {
        let before = match before(zone, today, now, count) {
            Some((from, to)) => store.attributed_between(by, from, to).await?,
            None => 0,
        };
        let latest = days.get(days.len().saturating_sub(count)..).unwrap_or_default();
        tiles.push(tile(name, latest, before, than));
    }
    Ok(tiles)
}

/// The period of as many days before these. It ends at this time of day, or with its last day if that comes first.
fn before(zone: &TimeZone, today: Date, now: Millis, days: usize) -> Option<(Millis, Millis)> {
    let days = i64::try_from(days).ok()?;
    let start = |back: i64| {
        let day = today.checked_sub(back.days()).ok()?;
        day_begin(day, zone)
    };
    let (from, last, end) = (start(2 * days - 1)?, start(days)?, start(days - 1)?);
    Some((from, last.plus(now.since(start(0)?)).min(end)))
}

fn tile(name: &'static str, days: &[DayOutcomes], before: u64, than: &str) -> Tile {
    let now = days.iter().map(|day| day.post_click + day.post_view).sum();
    let (change, trend, compared) = change(now, before, than);
    let worth = [
        amounts("Order value", sums(days, |day| &day.values)),
        amounts("Payout", sums(days, |day| &day.static_values)),
    ];
    Tile {
        name,
        figure: grouped(now),
        unit: if now == 1 { "conversion" } else { "conversions" },
        change,
        trend,
        compared,
        amounts: worth.into_iter().flatten().collect(),
    }
}

/// The change, its trend, and the same in words: by number while numbers are small, else in percent.
fn change(now: u64, before: u64, than: &str) -> (String, &'static str, String) {
    let (difference, sign, trend) = match now.cmp(&before) {
        std::cmp::Ordering::Equal => return (String::new(), "even", format!("Same as {than}")),
        std::cmp::Ordering::Greater => (now - before, "+", "up"),
        std::cmp::Ordering::Less => (before - now, "–", "down"),
    };
    let text = match percent(difference, before) {
        None => return (String::new(), "even", format!("No conversions {}", than.replacen("the ", "in the ", 1))),
        Some(share) if before >= 100 && share > 0 => format!("{sign}{}%", grouped(share)),
        Some(_) => format!("{sign}{}", grouped(difference)),
    };
    (text, trend, format!("compared with {than}"))
}

/// Sums of credited conversions by currency, without zeros.
fn sums(days: &[DayOutcomes], of: fn(&DayOutcomes) -> &BTreeMap<Currency, DayValues>) -> Vec<(Currency, TotalMicros)> {
    let mut sums: BTreeMap<Currency, TotalMicros> = BTreeMap::new();
    for (currency, values) in days.iter().flat_map(of) {
        let sum = sums.entry(*currency).or_default();
        *sum += values.post_click;
        *sum += values.post_view;
    }
    sums.into_iter().filter(|(_, sum)| sum.0 != 0).collect()
}

fn amounts(name: &'static str, mut sums: Vec<(Currency, TotalMicros)>) -> Option<Amounts> {
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.0));
    let ((currency, largest), others) = sums.split_first()?;
    Some(Amounts { name, largest: money(*largest, *currency), others: others.len(), rest: moneys(others) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_its_direction_and_size() {
        let text = |now, before| {
            let (change, trend, compared) = change(now, before, "the previous 7 days");
            format!("{trend}: {change} {compared}")
        };
        assert_eq!(text(43, 37), "up: +6 compared with the previous 7 days");
        assert_eq!(text(318, 284), "up: +12% compared with the previous 7 days");
        assert_eq!(text(960, 1_000), "down: –4% compared with the previous 7 days");
        assert_eq!(text(1_001, 1_000), "up: +1 compared with the previous 7 days");
        assert_eq!(text(5, 5), "even:  Same as the previous 7 days");
        assert_eq!(text(5, 0), "even:  No conversions in the previous 7 days");
        assert_eq!(change(5, 0, "yesterday at this time").2, "No conversions yesterday at this time");
    }

    #[test]
    fn the_largest_currency_comes_first_and_none_are_added_up() {
        let euro = Currency::parse("EUR").unwrap();
        let two = amounts("Payout", vec![(euro, TotalMicros(3_000_000)), (Currency::USD, TotalMicros(12_500_000))]);
        let expected =
            Amounts { name: "Payout", largest: "12.50 USD".to_owned(), others: 1, rest: "3.00 EUR".to_owned() };
        assert_eq!(two, Some(expected));
        assert_eq!(amounts("Payout", Vec::new()), None);
    }

    fn period(zone: &str, today: Date, now: &str, days: usize) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let (from, to) = before(&zone, today, Millis::parse(now).unwrap(), days).unwrap();
        format!("{from} - {to}")
    }

    #[test]
    fn today_is_compared_with_earlier_days_up_to_this_time_of_day() {
        let today = jiff::civil::date(2026, 11, 23);
        let now = "2026-11-23 06:30:00";
        assert_eq!(period("Europe/Berlin", today, now, 1), "2026-11-21 23:00:00 - 2026-11-22 06:30:00");
        assert_eq!(period("Europe/Berlin", today, now, 7), "2026-11-09 23:00:00 - 2026-11-16 06:30:00");
        // The clocks went back within these 30 days: the time of day stays, the hours do not.
        assert_eq!(period("Europe/Berlin", today, now, 30), "2026-09-24 22:00:00 - 2026-10-24 05:30:00");
        // The day the clocks went forward has 23 hours: a comparison never reaches into the next.
        let today = jiff::civil::date(2026, 3, 30);
        assert_eq!(
            period("Europe/Berlin", today, "2026-03-30 21:59:00", 1),
            "2026-03-28 23:00:00 - 2026-03-29 22:00:00"
        );
    }
}
