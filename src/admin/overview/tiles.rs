//! The four figures on top of an overview: conversions, order value, cost and return, with their change and course.

use std::cmp::Ordering;

use super::sums::{Totals, amount, amounts, float};
use crate::admin::figures::Amount;
use crate::admin::scope::Category;
use crate::admin::text::format::{grouped, percent};
use crate::domain::{Currency, TotalMicros};
use crate::web::chart::sparkline;

/// A figure with its change.
pub struct Tile {
    pub name: &'static str,
    /// A dash if there is none.
    pub figure: String,
    pub unit: String,
    /// "+5%", "–2"; empty for none.
    pub change: String,
    /// `up` for better, `down` for worse, else `even`.
    pub trend: &'static str,
    /// The change in words, for those who hear it; empty if nothing is compared.
    pub compared: String,
    pub rest: String,
    /// SVG, safe to put into a page; empty for none.
    pub spark: String,
}

/// The sums that tiles show.
pub struct TileSums<'a> {
    pub now: &'a Totals,
    /// None if nothing is compared.
    pub before: Option<&'a Totals>,
    /// The columns of the chart that are over.
    pub course: &'a [Totals],
    /// "25 Sep – 24 Oct".
    pub before_days: &'a str,
}

pub fn tiles(sums: &TileSums<'_>, category: Category) -> Vec<Tile> {
    vec![conversions(sums, category), order_value(sums), cost(sums), roas(sums)]
}

/// The conversions of one kind. Unlike kinds are never added up: the largest is the figure.
fn conversions(sums: &TileSums<'_>, category: Category) -> Tile {
    let mut kinds = sums.now.kinds.clone();
    kinds.sort_by_key(|(_, kind)| std::cmp::Reverse(kind.conversions()));
    let (first, kind) = kinds.first().copied().unwrap_or_default();
    let noun = |category, count| Category::of_pixel(category).noun(count);
    let mut rest: Vec<String> = Vec::new();
    if kind.conversions() > 0 {
        rest.push(format!("{} click", grouped(kind.post_click)));
        rest.push(format!("{} view", grouped(kind.post_view)));
    }
    let others = kinds.iter().skip(1).map(|(category, kind)| (*category, kind.conversions()));
    rest.extend(others.map(|(category, count)| format!("{} {}", grouped(count), noun(category, count))));
    let is_mixed = category == Category::All && kinds.len() > 1;
    let before = sums.before.map(|before| before.of_kind(first).conversions());
    let course: Vec<f64> = sums.course.iter().map(|totals| count(totals.of_kind(first).conversions())).collect();
    let change = before.map(|before| Change::of_counts(kind.conversions(), before));
    Tile {
        figure: grouped(kind.conversions()),
        unit: if is_mixed { noun(first, kind.conversions()).to_owned() } else { String::new() },
        rest: rest.join(" · "),
        spark: spark("Conversions", "", &course),
        ..tile("Conversions", change, sums, true)
    }
}

fn order_value(sums: &TileSums<'_>) -> Tile {
    money(
        "Order value",
        sums,
        |totals| totals.values.largest_first(),
        |totals, currency| totals.values.of(currency),
        true,
    )
}

fn cost(sums: &TileSums<'_>) -> Tile {
    money("Cost", sums, |totals| totals.costs.largest_first(), |totals, currency| totals.costs.of(currency), false)
}

fn money(
    name: &'static str,
    sums: &TileSums<'_>,
    all: fn(&Totals) -> Vec<(Currency, TotalMicros)>,
    of: fn(&Totals, Currency) -> TotalMicros,
    is_good: bool,
) -> Tile {
    let amounts_now = all(sums.now);
    let Some(((currency, largest), others)) = amounts_now.split_first() else {
        return Tile { figure: "–".to_owned(), ..tile(name, None, sums, is_good) };
    };
    let change = sums.before.map(|before| Change::of_amounts(*largest, of(before, *currency)));
    let course: Vec<f64> = sums.course.iter().map(|totals| float(of(totals, *currency))).collect();
    Tile {
        figure: amount(*largest),
        unit: currency.to_string(),
        rest: amounts(others),
        spark: spark(name, if is_good { "" } else { "calm" }, &course),
        ..tile(name, change, sums, is_good)
    }
}

fn roas(sums: &TileSums<'_>) -> Tile {
    let returns = sums.now.returns();
    let Some(((currency, first), others)) = returns.split_first() else {
        return Tile { figure: "–".to_owned(), ..tile("ROAS", None, sums, true) };
    };
    let change = sums.before.and_then(|before| before.roas(*currency));
    let change = change.map(|before| Change::of_amounts(TotalMicros(*first), TotalMicros(before)));
    let course: Vec<f64> =
        sums.course.iter().map(|totals| float(TotalMicros(totals.roas(*currency).unwrap_or(0)))).collect();
    let other = |(currency, value): &(Currency, i128)| format!("{} {currency}", Amount::Ratio(*value).text());
    let others: Vec<_> = others.iter().map(other).collect();
    Tile {
        figure: Amount::Ratio(*first).text(),
        unit: currency.to_string(),
        rest: others.join(" · "),
        spark: spark("ROAS", "calm", &course),
        ..tile("ROAS", change, sums, true)
    }
}

fn tile(name: &'static str, change: Option<Change>, sums: &TileSums<'_>, is_good: bool) -> Tile {
    let compared = match &change {
        None => String::new(),
        Some(Change { text, .. }) if text.is_empty() => format!("Nothing to compare with in {}", sums.before_days),
        Some(_) => format!("compared with {}", sums.before_days),
    };
    let trend = match change.as_ref().map(|change| change.direction) {
        Some(Ordering::Greater) if is_good => "up",
        Some(Ordering::Less) if is_good => "down",
        _ => "even",
    };
    let change = change.map(|change| change.text).unwrap_or_default();
    Tile {
        name,
        figure: String::new(),
        unit: String::new(),
        change,
        trend,
        compared,
        rest: String::new(),
        spark: String::new(),
    }
}

fn spark(name: &str, class: &str, course: &[f64]) -> String {
    if course.len() < 2 { String::new() } else { sparkline(&format!("{name} day by day"), class, course) }
}

/// Exact up to four thousand million; a drawing shows no difference beyond.
pub fn count(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// A change in words; empty if there was nothing before.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    text: String,
    direction: Ordering,
}

impl Change {
    /// By number while numbers are small, else in percent.
    fn of_counts(now: u64, before: u64) -> Self {
        let direction = now.cmp(&before);
        let difference = now.abs_diff(before);
        let text = match percent(difference, before) {
            None => String::new(),
            Some(share) if before >= 100 => in_percent(direction, share),
            Some(_) if difference == 0 => "±0".to_owned(),
            Some(_) => format!("{}{}", sign(direction), grouped(difference)),
        };
        Change { text, direction }
    }

    fn of_amounts(TotalMicros(now): TotalMicros, TotalMicros(before): TotalMicros) -> Self {
        let direction = now.cmp(&before);
        let unsigned = |amount: i128| u64::try_from(amount.unsigned_abs()).unwrap_or(u64::MAX);
        let text = match percent(unsigned(now.saturating_sub(before)), unsigned(before)).filter(|_| before > 0) {
            None => String::new(),
            Some(share) => in_percent(direction, share),
        };
        Change { text, direction }
    }
}

/// A share beyond this says only that there was next to nothing before.
const LARGEST_SHARE: u64 = 999;

fn in_percent(direction: Ordering, share: u64) -> String {
    match share {
        0 => "±0%".to_owned(),
        share if share > LARGEST_SHARE => format!(">{LARGEST_SHARE}%"),
        share => format!("{}{share}%", sign(direction)),
    }
}

fn sign(direction: Ordering) -> &'static str {
    if direction == Ordering::Less { "–" } else { "+" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_its_direction_and_size() {
        let counts = |now, before| Change::of_counts(now, before).text;
        assert_eq!([counts(43, 37), counts(37, 43), counts(5, 5), counts(5, 0)], ["+6", "–6", "±0", ""]);
        assert_eq!([counts(318, 284), counts(960, 1_000), counts(1_001, 1_000)], ["+12%", "–4%", "±0%"]);
        let amounts = |now, before| Change::of_amounts(TotalMicros(now), TotalMicros(before)).text;
        assert_eq!(
            [
                amounts(111, 100),
                amounts(90, 100),
                amounts(100, 100),
                amounts(1_099, 100),
                amounts(1_100, 100),
                amounts(5, 0)
            ],
            ["+11%", "–10%", "±0%", "+999%", ">999%", ""]
        );
    }
}
