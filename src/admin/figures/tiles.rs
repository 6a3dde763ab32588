//! The figures of one object in the scope, as four tiles.

use super::amount::Amount;
use super::columns::{Figure, RowFigures};
use super::sums::{ByCurrency, figures_of};
use crate::admin::scope::PageScope;
use crate::admin::text::format::{grouped, plural};
use crate::domain::{Currency, Reader};
use crate::store::{FiguresOf, Store, StoreError};

pub struct Tiles {
    /// "Last 30 days"
    pub title: String,
    /// The time zone of the days.
    pub zone: String,
    pub imps: String,
    /// "6,120 clicks · 0.48% CTR"
    pub clicks: String,
    pub conversions: String,
    /// "214 click · 96 view"; empty without conversions.
    pub split: String,
    /// With the payout.
    pub value: Money,
    /// With CPA and ROAS.
    pub cost: Money,
}

/// An amount in the currency that has most rows of it, and what is below.
#[derive(Default)]
pub struct Money {
    pub figure: String,
    pub currency: String,
    pub rest: String,
}

impl Tiles {
    /// # Errors
    /// Database faults.
    pub async fn load(
        store: &Store,
        by: &Reader,
        scope: &PageScope,
        of: FiguresOf,
        id: i64,
    ) -> Result<Self, StoreError> {
        let figures = figures_of(store, by, scope, of, Some(id)).await?.remove(&id).unwrap_or_default();
        Ok(Tiles { title: scope.label(), zone: scope.zone().to_owned(), ..Tiles::of(&figures) })
    }

    fn of(figures: &ByCurrency) -> Self {
        let mut all = RowFigures::default();
        let rows: Vec<_> = figures.iter().map(|(currency, row)| (*currency, *row)).collect();
        rows.iter().for_each(|(_, row)| all.add(row));
        let text = |figure: Figure| figure.of(&all).map_or_else(|| "–".to_owned(), Amount::text);
        let of = &all.figures;
        let clicks = if of.clicks == 0 { "No clicks".to_owned() } else { plural(of.clicks, "click") };
        Tiles {
            title: String::new(),
            zone: String::new(),
            imps: text(Figure::Imps),
            clicks: match Figure::Ctr.of(&all) {
                Some(rate) => format!("{clicks} · {} CTR", rate.text()),
                None => clicks,
            },
            conversions: text(Figure::Conversions),
            split: match of.conversions() {
                0 => String::new(),
                _ => format!("{} click · {} view", grouped(of.post_click), grouped(of.post_view)),
            },
            value: Money::of(&rows, Figure::Value, |currency, row| {
                let payout = Figure::Payout.of(row);
                payout.map(|payout| format!("{} {currency} payout", payout.text())).into_iter().collect()
            }),
            cost: Money::of(&rows, Figure::Cost, |_, row| {
                let word = |figure: Figure| figure.of(row).map(|amount| format!("{} {}", figure.name(), amount.text()));
                [Figure::Cpa, Figure::Roas].into_iter().filter_map(word).collect()
            }),
        }
    }
}

impl Money {
    /// The largest amount as the figure. The others follow with their currency, then what `more` says of the first.
    fn of(
        rows: &[(Currency, RowFigures)],
        figure: Figure,
        more: impl Fn(Currency, &RowFigures) -> Vec<String>,
    ) -> Self {
        let mut amounts: Vec<_> =
            rows.iter().filter_map(|(currency, row)| Some((*currency, figure.of(row)?, row))).collect();
        amounts.sort_by_key(|(_, amount, _)| std::cmp::Reverse(amount.rank()));
        let Some(((currency, amount, row), others)) = amounts.split_first() else {
            let rest = rows.iter().flat_map(|(currency, row)| more(*currency, row));
            return Money { figure: "–".to_owned(), rest: rest.collect::<Vec<_>>().join(" · "), ..Money::default() };
        };
        let others = others.iter().map(|(currency, amount, _)| format!("{} {currency}", amount.text()));
        Money {
            figure: amount.text(),
            currency: currency.to_string(),
            rest: more(*currency, row).into_iter().chain(others).collect::<Vec<_>>().join(" · "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TotalMicros;
    use crate::store::Figures;

    #[test]
    fn tiles_show_the_largest_amount_and_name_the_others() {
        let units = |units: i128| TotalMicros(units * 1_000_000);
        let eur = Figures {
            imps: 1_000,
            clicks: 20,
            post_click: 3,
            post_view: 1,
            value: units(500),
            payout: units(8),
            cost: units(100),
            costs: 20,
            ..Figures::default()
        };
        let gbp = Figures { value: units(70), ..Figures::default() };
        let tiles = Tiles::of(&ByCurrency::from([
            (Currency::parse("EUR").unwrap(), RowFigures::of(eur, eur.value)),
            (Currency::parse("GBP").unwrap(), RowFigures::of(gbp, units(0))),
        ]));
        assert_eq!((tiles.imps.as_str(), tiles.clicks.as_str()), ("1,000", "20 clicks · 2.00% CTR"));
        assert_eq!((tiles.conversions.as_str(), tiles.split.as_str()), ("4", "3 click · 1 view"));
        assert_eq!((tiles.value.figure.as_str(), tiles.value.currency.as_str()), ("500.00", "EUR"));
        assert_eq!(tiles.value.rest, "8.00 EUR payout · 70.00 GBP");
        assert_eq!(tiles.cost.rest, "CPA 25.00 · ROAS 5.00");
        let none = Tiles::of(&ByCurrency::new());
        assert_eq!((none.imps.as_str(), none.clicks.as_str(), none.split.as_str()), ("–", "No clicks", ""));
        assert_eq!((none.cost.figure.as_str(), none.cost.rest.as_str()), ("–", ""));
    }
}
