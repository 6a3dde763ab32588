//! The figures of the scope, and those of each object. The overview and the lists ask in this one way, so they agree.

use std::collections::{BTreeMap, HashSet};

use super::columns::RowFigures;
use crate::admin::scope::{Category, PageScope};
use crate::domain::{Currency, Day, Reader, TotalMicros};
use crate::store::{Counting, Figures, FiguresOf, FiguresQuery, FiguresRow, Store, StoreError};

/// The figures of an object by currency.
pub type ByCurrency = BTreeMap<Currency, RowFigures>;

/// Asks for the figures of the scope: its advertiser, its days in one span, the conversions that it counts.
pub fn query_for(scope: &PageScope) -> FiguresQuery {
    let (from, to) = scope.between();
    FiguresQuery {
        advertiser: scope.advertiser_id(),
        counting: match scope.category {
            Category::All => Counting::All,
            Category::Of(event) => Counting::Of(event),
            Category::Without => Counting::Without,
        },
        begins: vec![from, to],
        days: Some((Day(scope.days.first), Day(scope.days.last))),
        ..FiguresQuery::default()
    }
}

/// The line items that have a cost, by its currency. A return on cost leaves all others out.
pub struct Paid(HashSet<(i64, Currency)>);

impl Paid {
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a FiguresRow>) -> Self {
        let mut costs: BTreeMap<(i64, Currency), TotalMicros> = BTreeMap::new();
        for row in rows.into_iter().filter(|row| row.figures.costs > 0) {
            *costs.entry(key(row)).or_default() += row.figures.cost;
        }
        Paid(costs.into_iter().filter(|(_, cost)| cost.0 > 0).map(|(key, _)| key).collect())
    }

    /// The order value that a cost stands against.
    pub fn value(&self, row: &FiguresRow) -> TotalMicros {
        if self.0.contains(&key(row)) { row.figures.value } else { TotalMicros::default() }
    }
}

fn key(row: &FiguresRow) -> (i64, Currency) {
    (row.key.id(FiguresOf::LineItem).unwrap_or_default(), row.currency)
}

/// The figures of all objects of a kind that the scope shows, or of one of them. The id 0 means none. The cost of days
/// belongs to no tracker, source and pixel.
///
/// # Errors
/// Database faults.
pub async fn figures_of(
    store: &Store,
    by: &Reader,
    scope: &PageScope,
    of: FiguresOf,
    only: Option<i64>,
) -> Result<BTreeMap<i64, ByCurrency>, StoreError> {
    let only = only.map(|id| (of, id)).into_iter().collect();
    let rows = store.figures(by, FiguresQuery { only, by: vec![of, FiguresOf::LineItem], ..query_for(scope) }).await?;
    let paid = Paid::of(&rows);
    let mut objects: BTreeMap<i64, BTreeMap<Currency, (Figures, TotalMicros)>> = BTreeMap::new();
    for row in &rows {
        let object = objects.entry(row.key.id(of).unwrap_or_default()).or_default();
        let (figures, paid_value) = object.entry(row.currency).or_default();
        figures.add(&row.figures);
        *paid_value += paid.value(row);
    }
    let row = |(currency, (figures, paid_value))| (currency, RowFigures::of(figures, paid_value));
    Ok(objects.into_iter().map(|(id, of)| (id, of.into_iter().map(row).collect())).collect())
}
