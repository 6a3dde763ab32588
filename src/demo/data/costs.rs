//! What the campaigns on ad platforms cost: one import for each platform and month, up to yesterday, through the store's own
//! verb.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::brand::{Brand, LinkAd, Spend};
use super::brands::BRANDS;
use super::definitions::{BrandIds, Definitions};
use super::random::Random;
use super::{DAYS, SEED};
use crate::domain::{CampaignId, CostRunId, CostWay, Day, Editor, ImportedCosts, LineItemId, Millis, NewCost};
use crate::store::{Store, StoreError};

/// Imports the costs of all brands. Returns the runs.
pub(super) async fn import(
    store: &Store,
    by: &Editor,
    definitions: &Definitions,
    now: Millis,
) -> Result<Vec<CostRunId>, StoreError> {
    let mut random = Random::new(SEED);
    let mut runs = Vec::new();
    for (brand, ids) in BRANDS.iter().zip(&definitions.brands) {
        let zone = TimeZone::get(brand.zone).map_err(StoreError::fault)?;
        let today = zone.to_datetime(now.timestamp()).date();
        for (link, campaigns) in &ids.linked {
            let Some((line_item, spend)) = brand.links.get(*link).and_then(|link| paid(link, ids)) else { continue };
            for (month, costs) in months(brand, ids, today, (line_item, spend, campaigns), &mut random) {
                let mut run = ImportedCosts::new(CostWay::Import, ids.advertiser, costs);
                run.profile = spend.profile.to_owned();
                run.file_name = Some(format!("{}-{month}.csv", spend.profile.replace('_', "-")));
                runs.push(store.import_costs(by, run).await?.id);
            }
        }
    }
    Ok(runs)
}

/// The line item of a link that costs something.
fn paid<'a>(link: &'a LinkAd, ids: &BrandIds) -> Option<(LineItemId, &'a Spend)> {
    let source = link.source.as_ref()?;
    Some((*ids.lines.get(source.line)?, source.spend.as_ref()?))
}

/// The costs by month, from the beginning of the history to yesterday.
fn months(
    brand: &Brand,
    ids: &BrandIds,
    today: Date,
    (line_item, spend, campaigns): (LineItemId, &Spend, &[(CampaignId, &str)]),
    random: &mut Random,
) -> BTreeMap<String, Vec<NewCost>> {
    let mut months: BTreeMap<String, Vec<NewCost>> = BTreeMap::new();
    for day in today.saturating_sub(DAYS.days()).series(1.day()).take_while(|day| *day < today) {
        let of_month = months.entry(day.strftime("%Y-%m").to_string()).or_default();
        for (campaign, code) in campaigns {
            let cents = spend.budget * random.between(72, 128) / 100;
            let mut cost = NewCost::new(Day(day), line_item, ids.currency, super::plan::money(cents));
            cost.key.campaign_id = Some(*campaign);
            cost.account = format!("{} {}", brand.name, ids.currency);
            cost.label = code.replace('-', " ");
            let clicks = (cents / spend.click).unsigned_abs();
            cost.clicks = Some(clicks);
            cost.imps = Some(clicks * random.between(34, 71).unsigned_abs());
            of_month.push(cost);
        }
    }
    months
}
