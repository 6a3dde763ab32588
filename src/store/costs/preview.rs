//! Says what a run would replace, before it does.

use std::collections::{BTreeMap, HashSet};

use super::cover::Cover;
use super::import::ready;
use super::rows;
use crate::domain::{Cost, CostKey, Currency, Day, Editor, ImportedCosts, LineItemId, NewCost, TotalMicros};
use crate::store::{Store, StoreError};

/// What a run would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostPreview {
    /// How many costs it would write, after those of one day and campaign were added up.
    pub rows: usize,
    /// What they add up to.
    pub totals: BTreeMap<Currency, TotalMicros>,
    pub first_day: Option<Day>,
    pub last_day: Option<Day>,
    /// The figures that it would replace, by day, line item, campaign and publisher.
    pub replaced: Vec<ReplacedCost>,
    /// How many costs of other profiles or accounts have a day and line item of these. They stay, and are added to them.
    pub beside: usize,
}

/// The figures of a day and its objects that would be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedCost {
    pub day: Day,
    pub key: CostKey,
    /// What would no longer count.
    pub old: BTreeMap<Currency, TotalMicros>,
    /// What the run says instead. Empty if its campaign now belongs to another line item.
    pub new: BTreeMap<Currency, TotalMicros>,
}

impl ReplacedCost {
    /// Whether the same would be there again.
    pub fn is_same(&self) -> bool {
        self.old == self.new
    }
}

impl Store {
    /// What [`Store::import_costs`] would do. It writes nothing.
    ///
    /// # Errors
    /// Those of the import.
    pub async fn preview_costs(&self, by: &Editor, costs: ImportedCosts) -> Result<CostPreview, StoreError> {
        let (scope, now) = (by.scope(), self.clock().now());
        self.read(move |conn| {
            let days = ready(conn, scope, now, &costs)?;
            let mut preview = CostPreview {
                first_day: days.keys().next().copied(),
                last_day: days.keys().next_back().copied(),
                ..CostPreview::default()
            };
            for (day, figures) in &days {
                preview.rows += figures.len();
                figures.iter().for_each(|cost| add(&mut preview.totals, cost));
                let (cover, line_items) = (Cover::of(figures), line_items(figures));
                let live = rows::live_of_day(conn, costs.advertiser_id, *day)?.into_iter();
                let (old, other): (Vec<_>, Vec<_>) =
                    live.partition(|cost| cost.profile == costs.profile && cover.replaces(&cost.figure));
                preview.replaced.extend(replaced(*day, figures, &old));
                let is_beside = |cost: &&Cost| line_items.contains(&cost.figure.key.line_item_id);
                preview.beside += other.iter().filter(is_beside).count();
            }
            Ok(preview)
        })
        .await
    }
}

fn line_items(figures: &[NewCost]) -> HashSet<LineItemId> {
    figures.iter().map(|cost| cost.key.line_item_id).collect()
}

/// The costs of one day that these figures replace, by their objects.
fn replaced(day: Day, figures: &[NewCost], costs: &[Cost]) -> Vec<ReplacedCost> {
    let mut old: BTreeMap<CostKey, BTreeMap<Currency, TotalMicros>> = BTreeMap::new();
    costs.iter().for_each(|cost| add(old.entry(cost.figure.key).or_default(), &cost.figure));
    let with_new = old.into_iter().map(|(key, old)| {
        let mut new = BTreeMap::new();
        figures.iter().filter(|cost| cost.key == key).for_each(|cost| add(&mut new, cost));
        ReplacedCost { day, key, old, new }
    });
    with_new.collect()
}

fn add(sums: &mut BTreeMap<Currency, TotalMicros>, cost: &NewCost) {
    *sums.entry(cost.currency).or_default() += cost.amount.into();
}
