//! Adds up rows of figures: conversions, order value, cost, and the order value that ROAS divides by cost. Currencies are
//! never added up.

use std::collections::BTreeMap;

use crate::admin::figures::{Amount, Paid, ratio};
use crate::admin::text::format::grouped;
use crate::domain::{ConversionEvent, Currency, Micros, TotalMicros};
use crate::store::FiguresRow;

/// Amounts by currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts(BTreeMap<Currency, TotalMicros>);

impl Amounts {
    fn add(&mut self, currency: Currency, amount: TotalMicros) {
        if amount.0 != 0 {
            *self.0.entry(currency).or_default() += amount;
        }
    }

    pub fn of(&self, currency: Currency) -> TotalMicros {
        self.0.get(&currency).copied().unwrap_or_default()
    }

    /// The amounts that are not zero, the largest first.
    pub fn largest_first(&self) -> Vec<(Currency, TotalMicros)> {
        let mut amounts: Vec<_> =
            self.0.iter().filter(|(_, sum)| sum.0 != 0).map(|(code, sum)| (*code, *sum)).collect();
        amounts.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.0));
        amounts
    }
}

/// The sums of some rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub post_click: u64,
    pub post_view: u64,
    pub unattributed: u64,
    /// Credited conversions by the category of their pixel.
    pub kinds: Vec<(Option<ConversionEvent>, Kind)>,
    pub values: Amounts,
    pub costs: Amounts,
    /// The order value of line items that have a cost in the same currency.
    pub paid_values: Amounts,
}

/// The conversions of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    pub post_click: u64,
    pub post_view: u64,
}

impl Kind {
    pub fn conversions(self) -> u64 {
        self.post_click.saturating_add(self.post_view)
    }
}

impl Totals {
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a FiguresRow>, paid: &Paid) -> Self {
        let mut totals = Totals::default();
        rows.into_iter().for_each(|row| totals.add(row, paid));
        totals
    }

    pub fn add(&mut self, row: &FiguresRow, paid: &Paid) {
        let FiguresRow { key, currency, figures } = row;
        self.post_click += figures.post_click;
        self.post_view += figures.post_view;
        self.unattributed += figures.unattributed;
        if figures.conversions() > 0 {
            let at = self.kinds.iter().position(|(category, _)| *category == key.category).unwrap_or_else(|| {
                self.kinds.push((key.category, Kind::default()));
                self.kinds.len() - 1
            });
            if let Some((_, kind)) = self.kinds.get_mut(at) {
                kind.post_click += figures.post_click;
                kind.post_view += figures.post_view;
            }
        }
        self.values.add(*currency, figures.value);
        self.paid_values.add(*currency, paid.value(row));
        self.costs.add(*currency, figures.cost);
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        *self == Totals::default()
    }

    pub fn conversions(&self) -> u64 {
        self.post_click.saturating_add(self.post_view)
    }

    pub fn of_kind(&self, category: Option<ConversionEvent>) -> Kind {
        self.kinds.iter().find(|(known, _)| *known == category).map(|(_, kind)| *kind).unwrap_or_default()
    }

    /// Order value divided by cost, in hundredths; none without a cost.
    pub fn roas(&self, currency: Currency) -> Option<i128> {
        ratio(self.paid_values.of(currency).0, self.costs.of(currency).0)
    }

    /// The returns by currency, in the order of the order value that earned them.
    pub fn returns(&self) -> Vec<(Currency, i128)> {
        let mut costs = self.costs.largest_first();
        costs.sort_by_key(|(currency, _)| std::cmp::Reverse(self.paid_values.of(*currency).0));
        costs.into_iter().filter_map(|(currency, _)| Some((currency, self.roas(currency)?))).collect()
    }
}

/// An amount to read at a glance: whole units from a thousand on, else two decimals.
pub fn amount(sum: TotalMicros) -> String {
    let (unit, size) = (i128::from(Micros::UNIT), sum.0.saturating_abs());
    if size < 1_000 * unit {
        return Amount::Money(sum).text();
    }
    let whole = size.saturating_add(unit / 2) / unit;
    format!("{}{}", if sum.0 < 0 { "–" } else { "" }, grouped(u64::try_from(whole).unwrap_or(u64::MAX)))
}

/// `15,718 USD · 7,095 GBP`.
pub fn amounts(sums: &[(Currency, TotalMicros)]) -> String {
    let texts: Vec<_> = sums.iter().map(|(currency, sum)| format!("{} {currency}", amount(*sum))).collect();
    texts.join(" · ")
}

/// For a drawing, which needs no more digits.
pub fn float(sum: TotalMicros) -> f64 {
    sum.to_string().parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_kept_by_currency_and_the_largest_comes_first() {
        let (eur, usd) = (Currency::parse("EUR").unwrap(), Currency::USD);
        let totals = |values: &[(Currency, i128)]| {
            let mut amounts = Amounts::default();
            values.iter().for_each(|(currency, units)| amounts.add(*currency, TotalMicros(units * 1_000_000)));
            amounts
        };
        let values = totals(&[(usd, 50), (eur, 300), (eur, 5_007), (usd, 0)]);
        assert_eq!(amounts(&values.largest_first()), "5,307 EUR · 50.00 USD");
        let totals = Totals {
            costs: totals(&[(eur, 100), (usd, 100)]),
            paid_values: totals(&[(eur, 300), (usd, 50)]),
            values,
            ..Totals::default()
        };
        assert_eq!(totals.returns(), [(eur, 300), (usd, 50)]);
        assert!(!totals.is_empty() && Totals { values: Amounts::default(), ..Totals::default() }.is_empty());
    }

    #[test]
    fn amounts_are_short() {
        let texts = [0, 4_990_000, 12_345_678, 999_994_999, 999_999_999, 1_204_500_000, -3_000_000, -2_500_000_000]
            .map(|micros| amount(TotalMicros(micros)));
        assert_eq!(texts, ["0.00", "4.99", "12.35", "999.99", "1,000.00", "1,205", "–3.00", "–2,500"]);
        assert_eq!(amount(TotalMicros(i128::MAX)), "18,446,744,073,709,551,615");
    }
}
