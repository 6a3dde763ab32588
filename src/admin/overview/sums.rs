//! Adds up cells: conversions, order value, cost, and the order value that ROAS divides by cost. Currencies are never added up.

use std::collections::{BTreeMap, HashSet};

use crate::admin::text::format::{grouped, number};
use crate::domain::{ConversionEvent, Currency, LineItemId, Micros, TotalMicros};
use crate::store::{Cell, CellKey};

/// Amounts by currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts(BTreeMap<Currency, TotalMicros>);

impl Amounts {
    fn add(&mut self, currency: Currency, amount: TotalMicros) {
        *self.0.entry(currency).or_default() += amount;
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

/// The line items that have a cost, by its currency. A return on cost leaves all others out.
pub struct Paid(HashSet<(LineItemId, Currency)>);

impl Paid {
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a (CellKey, Cell)>) -> Self {
        let costs = cells.into_iter().flat_map(|(key, cell)| cell.costs.iter().map(|cost| (key.line_item, cost)));
        Paid(costs.filter(|(_, (_, sum))| sum.0 > 0).map(|(id, (currency, _))| (id, *currency)).collect())
    }
}

/// The sums of some cells.
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
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a (CellKey, Cell)>, paid: &Paid) -> Self {
        let mut totals = Totals::default();
        cells.into_iter().for_each(|(key, cell)| totals.add(key, cell, paid));
        totals
    }

    pub fn add(&mut self, key: &CellKey, cell: &Cell, paid: &Paid) {
        self.post_click += cell.post_click;
        self.post_view += cell.post_view;
        self.unattributed += cell.unattributed;
        if cell.post_click + cell.post_view > 0 {
            let at = self.kinds.iter().position(|(category, _)| *category == key.category).unwrap_or_else(|| {
                self.kinds.push((key.category, Kind::default()));
                self.kinds.len() - 1
            });
            if let Some((_, kind)) = self.kinds.get_mut(at) {
                kind.post_click += cell.post_click;
                kind.post_view += cell.post_view;
            }
        }
        for (currency, value) in &cell.values {
            self.values.add(*currency, *value);
            if paid.0.contains(&(key.line_item, *currency)) {
                self.paid_values.add(*currency, *value);
            }
        }
        for (currency, cost) in &cell.costs {
            self.costs.add(*currency, *cost);
        }
    }

    pub fn conversions(&self) -> u64 {
        self.post_click.saturating_add(self.post_view)
    }

    pub fn of_kind(&self, category: Option<ConversionEvent>) -> Kind {
        self.kinds.iter().find(|(known, _)| *known == category).map(|(_, kind)| *kind).unwrap_or_default()
    }

    /// Order value divided by cost, in hundredths; none without a cost.
    pub fn roas(&self, currency: Currency) -> Option<i128> {
        ratio(self.paid_values.of(currency), self.costs.of(currency))
    }

    /// The returns by currency, in the order of the order value that earned them.
    pub fn returns(&self) -> Vec<(Currency, i128)> {
        let mut costs = self.costs.largest_first();
        costs.sort_by_key(|(currency, _)| std::cmp::Reverse(self.paid_values.of(*currency).0));
        costs.into_iter().filter_map(|(currency, _)| Some((currency, self.roas(currency)?))).collect()
    }
}

/// One amount divided by another, in hundredths, rounded half up; none if the other is not above zero.
fn ratio(part: TotalMicros, whole: TotalMicros) -> Option<i128> {
    let whole = Some(whole.0).filter(|whole| *whole > 0)?;
    part.0.checked_mul(100)?.checked_add(whole / 2)?.checked_div_euclid(whole)
}

/// An amount divided by a count; none if there is nothing to divide.
pub fn per(amount: TotalMicros, count: u64) -> Option<TotalMicros> {
    let count = Some(i128::from(count)).filter(|count| *count > 0 && amount.0 != 0)?;
    amount.0.checked_add(count / 2)?.checked_div_euclid(count).map(TotalMicros)
}

/// Hundredths as a figure: `7.32`, `1,204.50`.
pub fn hundredths(value: i128) -> String {
    let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    number(&format!("{sign}{}.{:02}", value / 100, value % 100))
}

/// An amount to read at a glance: whole units from a thousand on, else two decimals.
pub fn amount(sum: TotalMicros) -> String {
    let (unit, size) = (i128::from(Micros::UNIT), sum.0.saturating_abs());
    if size < 1_000 * unit {
        return hundredths(sum.0.saturating_add(unit / 200).div_euclid(unit / 100));
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
    use crate::domain::{AdvertiserId, PublisherId, SourceId};

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn cell(line_item: i64, values: &[(&str, i128)], costs: &[(&str, i128)]) -> (CellKey, Cell) {
        let key = CellKey {
            span: Some(0),
            is_late: false,
            advertiser: AdvertiserId(1),
            line_item: LineItemId(line_item),
            publisher: PublisherId(1),
            source: Some(SourceId(0)),
            category: ConversionEvent::new(7),
        };
        let sums = |list: &[(&str, i128)]| {
            list.iter().map(|(code, units)| (currency(code), TotalMicros(units * 1_000_000))).collect()
        };
        (key, Cell { post_click: 1, values: sums(values), costs: sums(costs), ..Cell::default() })
    }

    #[test]
    fn a_return_leaves_line_items_without_a_cost_out() {
        let cells = [
            cell(1, &[("EUR", 300)], &[("EUR", 100)]),
            cell(2, &[("EUR", 5_000)], &[]),
            cell(3, &[("USD", 50), ("EUR", 7)], &[("USD", 100)]),
        ];
        let totals = Totals::of(&cells, &Paid::of(&cells));
        assert_eq!(amounts(&totals.values.largest_first()), "5,307 EUR · 50.00 USD");
        assert_eq!(totals.returns(), [(currency("EUR"), 300), (currency("USD"), 50)]);
        assert_eq!(totals.conversions(), 3);
        assert_eq!(totals.of_kind(ConversionEvent::new(7)).conversions(), 3);
        assert_eq!(totals.of_kind(None).conversions(), 0);
    }

    #[test]
    fn amounts_are_short() {
        let texts = [0, 4_990_000, 12_345_678, 999_994_999, 999_999_999, 1_204_500_000, -3_000_000, -2_500_000_000]
            .map(|micros| amount(TotalMicros(micros)));
        assert_eq!(texts, ["0.00", "4.99", "12.35", "999.99", "1,000.00", "1,205", "–3.00", "–2,500"]);
        assert_eq!(amount(TotalMicros(i128::MAX)), "18,446,744,073,709,551,615");
        assert_eq!(
            (hundredths(732), hundredths(5), hundredths(120_450)),
            ("7.32".into(), "0.05".into(), "1,204.50".into())
        );
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert_eq!(ratio(TotalMicros(5), TotalMicros(0)), None);
        assert_eq!(ratio(TotalMicros(i128::MAX), TotalMicros(1)), None);
        assert_eq!(ratio(TotalMicros(2_000_000), TotalMicros(3_000_000)), Some(67));
        assert_eq!((per(TotalMicros(10), 0), per(TotalMicros(0), 3)), (None, None));
        assert_eq!(per(TotalMicros(10_000_000), 3), Some(TotalMicros(3_333_333)));
    }
}
