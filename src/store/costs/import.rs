//! Takes the costs of a run. It checks them, adds up those of one campaign and day, and replaces what earlier runs
//! said. All of a run is one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, params};

use super::cover::Cover;
use super::rows;
use crate::domain::{
    Caller, CampaignId, Checks, CostKey, CostRun, CostRunId, Currency, Day, Editor, FieldError, ImportedCosts,
    LineItemId, MAX_COST_COUNT, MAX_COSTS_AT_ONCE, Micros, Millis, NewCost, Scope,
};
use crate::store::db::columns;
use crate::store::db::columns::Column;
use crate::store::db::list::find;
use crate::store::definitions::audit_note;
use crate::store::definitions::rules::{own_line_item, publisher_exists};
use crate::store::{Store, StoreError, Tx};

/// The most broken rules that an error names.
const MOST_FAULTS: usize = 100;

impl Store {
    /// Takes the costs of a run, all or none. Several of one day and campaign are added up. They replace those of
    /// earlier runs of the same advertiser and profile. Day and account must be the same, and so must line item,
    /// campaign and publisher, or the label.
    ///
    /// # Errors
    /// The rules that they break. In a list, the fields begin with `costs[3].`, and the others of a run do not.
    pub async fn import_costs(&self, by: &Editor, costs: ImportedCosts) -> Result<CostRun, StoreError> {
        let who = by.caller().clone();
        self.write(move |tx| import(tx, &who, &costs)).await
    }
}

fn import(tx: &mut Tx<'_>, who: &Caller, costs: &ImportedCosts) -> Result<CostRun, StoreError> {
    let days = ready(tx.conn, who.scope, tx.now, costs)?;
    let row: [Column<'_>; 9] = [
        ("how", &costs.how),
        ("advertiser_id", &costs.advertiser_id),
        ("profile", &costs.profile),
        ("file_name", &costs.file_name),
        ("file_hash", &costs.file_hash),
        ("rows", &0),
        ("replaced", &0),
        ("made_by", &who.name),
        ("made_at", &tx.now),
    ];
    let run = CostRunId(columns::insert(tx.conn, "cost_runs", &row)?);
    let (mut count, mut replaced) = (0, 0);
    for (day, figures) in &days {
        replaced += replace(tx, run, costs, *day, figures)?;
        count += figures.len();
        figures.iter().try_for_each(|cost| rows::insert(tx, run, costs.advertiser_id, &costs.profile, cost))?;
    }
    let count = i64::try_from(count).map_err(StoreError::fault)?;
    columns::update(tx.conn, "cost_runs", run.0, &[("rows", &count), ("replaced", &replaced)])?;
    audit_note::note(tx, who, "cost_runs", run.0, None)?;
    find(tx.conn, who.scope, run.0)
}

/// Marks the costs that the run replaces on one day. Returns how many.
fn replace(
    tx: &Tx<'_>,
    run: CostRunId,
    costs: &ImportedCosts,
    day: Day,
    figures: &[NewCost],
) -> Result<i64, StoreError> {
    let cover = Cover::of(figures);
    let mut mark = tx
        .conn
        .prepare_cached("UPDATE costs SET state = 'replaced', replaced_by = ?2, last_modified = ?3 WHERE id = ?1")?;
    let mut replaced = 0;
    for earlier in rows::live_of_day(tx.conn, costs.advertiser_id, day)? {
        if earlier.profile == costs.profile && cover.replaces(&earlier.figure) {
            mark.execute(params![earlier.id, run, tx.now])?;
            replaced += 1;
        }
    }
    Ok(replaced)
}

/// The costs of a run by day, checked and added up.
pub(super) fn ready(
    conn: &Connection,
    scope: Scope,
    now: Millis,
    costs: &ImportedCosts,
) -> Result<BTreeMap<Day, Vec<NewCost>>, StoreError> {
    let advertiser = costs.advertiser_id;
    if scope.advertiser().is_some_and(|own| own != advertiser) {
        return Err(StoreError::not_found("advertiser", advertiser));
    }
    let zone: Option<String> = conn
        .prepare_cached("SELECT timezone FROM advertisers WHERE id = ?1")?
        .query_row([advertiser], |row| row.get(0))
        .optional()?;
    let zone = zone.ok_or_else(|| StoreError::not_found("advertiser", advertiser))?;
    let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
    let today = Day(zone.to_datetime(now.timestamp()).date());
    check(costs, today)?;
    check_objects(conn, scope, costs)?;
    add_up(&costs.costs)
}

/// The rules of the run and of each cost.
fn check(run: &ImportedCosts, today: Day) -> Result<(), StoreError> {
    let mut checks = Checks::new();
    checks.name("profile", &run.profile, 64);
    checks.text("file_name", run.file_name.as_deref().unwrap_or_default(), 255);
    checks.text("file_hash", run.file_hash.as_deref().unwrap_or_default(), 64);
    checks.require(!run.costs.is_empty(), "costs", || "must be one cost at least, and there is none".to_owned());
    let count = run.costs.len();
    checks.require(count <= 20 * MAX_COSTS_AT_ONCE, "costs", || {
        format!("must be at most {MAX_COSTS_AT_ONCE} by day and campaign, and are {count}: send fewer days at once")
    });
    checks.done()?;
    let mut broken = Vec::new();
    for (index, cost) in run.costs.iter().enumerate() {
        let path = if count == 1 { String::new() } else { format!("costs[{index}].") };
        let faults = cost.check(today, run.allow_negative).into_iter();
        broken.extend(
            faults.map(|FieldError { field, message }| FieldError { field: format!("{path}{field}"), message }),
        );
        if broken.len() >= MOST_FAULTS {
            break;
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(StoreError::Invalid(broken)) }
}

/// The objects that the costs name, each once.
fn check_objects(conn: &Connection, scope: Scope, run: &ImportedCosts) -> Result<(), StoreError> {
    let keys: HashSet<CostKey> = run.costs.iter().map(|cost| cost.key).collect();
    let line_items: BTreeSet<LineItemId> = keys.iter().map(|key| key.line_item_id).collect();
    line_items.into_iter().try_for_each(|id| own_line_item(conn, scope, id, run.advertiser_id))?;
    let publishers: BTreeSet<_> = keys.iter().filter_map(|key| key.publisher_id).collect();
    publishers.into_iter().try_for_each(|id| publisher_exists(conn, id))?;
    let campaigns: BTreeSet<_> = keys.iter().filter_map(|key| Some((key.campaign_id?, key.line_item_id))).collect();
    campaigns.into_iter().try_for_each(|(campaign, line_item)| own_campaign(conn, campaign, line_item))
}

/// Refuses a campaign of another line item. The caller may use the line item, so it may know of it.
fn own_campaign(conn: &Connection, campaign: CampaignId, line_item: LineItemId) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM campaigns WHERE id = ?1 AND line_item_id = ?2";
    if conn.prepare_cached(sql)?.exists((campaign, line_item))? {
        return Ok(());
    }
    Err(StoreError::invalid(
        "campaign_id",
        format!("names campaign {campaign}, which line item {line_item} does not have"),
    ))
}

/// Adds up the costs of one day, key, account, label and currency, in the order of their first ones.
fn add_up(costs: &[NewCost]) -> Result<BTreeMap<Day, Vec<NewCost>>, StoreError> {
    type Same<'a> = (Day, CostKey, &'a str, &'a str, Currency);
    let mut places: HashMap<Same<'_>, usize> = HashMap::new();
    let mut days: BTreeMap<Day, Vec<NewCost>> = BTreeMap::new();
    for cost in costs {
        let same = (cost.day, cost.key, cost.account.as_str(), cost.label.as_str(), cost.currency);
        let of_day = days.entry(cost.day).or_default();
        match places.get(&same).and_then(|place| of_day.get_mut(*place)) {
            Some(sum) => add(sum, cost)?,
            None => {
                places.insert(same, of_day.len());
                of_day.push(cost.clone());
            }
        }
    }
    let count = places.len();
    if count > MAX_COSTS_AT_ONCE {
        return Err(StoreError::Limit(format!(
            "costs are at most {MAX_COSTS_AT_ONCE} at once by day and campaign, and these are {count}; send fewer days at once"
        )));
    }
    Ok(days)
}

fn add(sum: &mut NewCost, cost: &NewCost) -> Result<(), StoreError> {
    let amount = sum.amount.0.checked_add(cost.amount.0).filter(|amount| amount.abs() <= Micros::MAX.0);
    let Some(amount) = amount else {
        return Err(StoreError::invalid(
            "amount",
            format!(
                "is too large: those of {} and line item {} add up to {} or more",
                cost.day,
                cost.key.line_item_id,
                Micros::MAX
            ),
        ));
    };
    sum.amount = Micros(amount);
    for (field, into, count) in [("imps", &mut sum.imps, cost.imps), ("clicks", &mut sum.clicks, cost.clicks)] {
        let Some(count) = count else { continue };
        let added = into.unwrap_or(0).saturating_add(count);
        if added > MAX_COST_COUNT {
            return Err(StoreError::invalid(field, format!("of {} add up to more than {MAX_COST_COUNT}", cost.day)));
        }
        *into = Some(added);
    }
    Ok(())
}
