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
use super::{DAYS, EXPOSURES, SEED};
use crate::domain::{CampaignId, CostRunId, CostWay, Day, Editor, ImportedCosts, LineItemId, Millis, NewCost};
use crate::store::{Store, StoreError};

/// Imports the costs of all brands, in proportion to the exposures, as the order values are. Returns the runs.
pub(super) async fn import(
    store: &Store,
    by: &Editor,
    definitions: &Definitions,
    exposures: u32,
    now: Millis,
) -> Result<Vec<CostRunId>, StoreError> {
    let mut random = Random::new(SEED);
    let mut runs = Vec::new();
    for (brand, ids) in BRANDS.iter().zip(&definitions.brands) {
        let zone = TimeZone::get(brand.zone).map_err(StoreError::fault)?;
        let today = zone.to_datetime(now.timestamp()).date();
        for (link, campaigns) in &ids.linked {
            let Some((line_item, spend)) = brand.links.get(*link).and_then(|link| paid(link, ids)) else { continue };
            let budget = spend.budget * i64::from(exposures) / i64::from(EXPOSURES);
            let campaigns = Campaigns { line_item, all: campaigns, budget, click: spend.click };
            for (month, costs) in months(brand, ids, today, &campaigns, &mut random) {
                let mut run = ImportedCosts::new(CostWay::Import, ids.advertiser, costs);
                run.profile = spend.profile.to_owned();
                run.file_name = Some(format!("{}-{month}.csv", spend.profile.replace('_', "-")));
                runs.push(store.import_costs(by, run).await?.id);
            }
        }
    }
    Ok(runs)
}

/// The campaigns of a link, and what they cost.
struct Campaigns<'a> {
    line_item: LineItemId,
    /// With their codes.
    all: &'a [(CampaignId, &'static str)],
    /// Cents, for each campaign and day.
    budget: i64,
    /// Cents, for each click.
    click: i64,
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
    campaigns: &Campaigns<'_>,
    random: &mut Random,
) -> BTreeMap<String, Vec<NewCost>> {
    let mut months: BTreeMap<String, Vec<NewCost>> = BTreeMap::new();
    for day in today.saturating_sub(DAYS.days()).series(1.day()).take_while(|day| *day < today) {
        let of_month = months.entry(day.strftime("%Y-%m").to_string()).or_default();
        for (campaign, code) in campaigns.all {
            let cents = campaigns.budget * random.between(72, 128) / 100;
            let mut cost = NewCost::new(Day(day), campaigns.line_item, ids.currency, super::plan::money(cents));
            cost.key.campaign_id = Some(*campaign);
            cost.account = format!("{} {}", brand.name, ids.currency);
            cost.label = code.replace('-', " ");
            let clicks = (cents / campaigns.click).unsigned_abs();
            cost.clicks = Some(clicks);
            cost.imps = Some(clicks * random.between(34, 71).unsigned_abs());
            of_month.push(cost);
        }
    }
    months
}
