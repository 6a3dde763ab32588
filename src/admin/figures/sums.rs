//! The figures of the scope by object, with the media cost that people and files brought.

use std::collections::BTreeMap;

use crate::admin::scope::{Category, PageScope};
use crate::domain::{Day, Reader};
use crate::store::{
    ByCurrency, CostSumQuery, Counting, Dimension, FiguresOf, FiguresQuery, Scalar, Store, StoreError, SumFilter, Test,
};

/// The figures of all objects of a kind that the scope shows, or of one of them. The id 0 means none.
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
    let query = FiguresQuery {
        between: scope.between(),
        advertiser: scope.advertiser_id(),
        counting: match scope.category {
            Category::All => Counting::All,
            Category::Of(event) => Counting::Of(event),
            Category::Without => Counting::Without,
        },
        only: only.map(|id| (of, id)).into_iter().collect(),
        by: vec![of],
    };
    let mut figures = store.figures(by, query).await?.first();
    add_media_cost(store, by, scope, of, only, &mut figures).await?;
    Ok(figures)
}

/// Adds the cost by day to that of views and clicks. A tracker, a source and a pixel have none.
async fn add_media_cost(
    store: &Store,
    by: &Reader,
    scope: &PageScope,
    of: FiguresOf,
    only: Option<i64>,
    figures: &mut BTreeMap<i64, ByCurrency>,
) -> Result<(), StoreError> {
    let dimension = match of {
        FiguresOf::Advertiser => Dimension::Advertiser,
        FiguresOf::LineItem => Dimension::LineItem,
        FiguresOf::Campaign => Dimension::Campaign,
        FiguresOf::Publisher => Dimension::Publisher,
        FiguresOf::Tracker | FiguresOf::Source | FiguresOf::Pixel => return Ok(()),
    };
    let is = |dimension: Dimension, id: i64| (SumFilter::Id(dimension), Test::In(vec![Scalar::Int(id)]));
    let advertiser = scope.advertiser_id().map(|id| is(Dimension::Advertiser, id.0));
    let query = CostSumQuery {
        first: Day(scope.days.first),
        last: Day(scope.days.last),
        by_day: false,
        by: vec![dimension],
        filters: advertiser.into_iter().chain(only.map(|id| is(dimension, id))).collect(),
    };
    for sum in store.cost_sums(by, query).await? {
        let id = sum.ids.first().copied().unwrap_or_default();
        let of = figures.entry(id).or_default().entry(sum.currency).or_default();
        of.cost += sum.amount;
        of.costs += sum.costs;
    }
    Ok(())
}
