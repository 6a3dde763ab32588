//! The last step: says what the import adds and replaces, and does it.

use std::collections::BTreeMap;

use actix_web::web;
use askama::Template;

use super::campaigns::{CampaignSum, ready};
use super::choices::{LEFT_OUT, plain_name};
use super::reading::{Found, Reading, gone};
use super::upload::{KIND, header_key};
use crate::admin::costs::SECTION;
use crate::admin::costs::rows::{amounts, day_words, days_words};
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, sentence};
use crate::admin::shell::page::{Answer, Page, html, html_again, see_other};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::{Moment, plural};
use crate::domain::{CostKey, CostRun, CostWay, Day, ImportedCosts, LineItem, LineItemId, Micros, NewCost};
use crate::store::{CostName, CostPreview, ListQuery, ReplacedCost, Scalar, StoreError, Test};
use crate::tables::costs::{CostFigure, Origin};
use crate::web::AppState;

/// The replaced figures that the page lists.
const LISTED: usize = 50;
/// The broken rules of the store that the page lists.
const LISTED_FAULTS: usize = 5;

#[derive(Template)]
#[template(path = "admin/costs/check.html")]
struct CheckPage {
    page: Page,
    key: String,
    file_name: String,
    advertiser: String,
    /// "214 rows".
    rows: String,
    days: String,
    totals: String,
    line_items: Vec<LineItemSum>,
    /// Figures that change.
    replaced: Vec<ReplacedRow>,
    /// Replaced figures that the page does not list; empty if there is none.
    more_replaced: String,
    /// Figures that stay the same.
    same: String,
    /// Costs of other kinds for the same days; empty if there is none.
    beside: String,
    /// Campaigns and rows that are left out; empty if there is none.
    left_out: Vec<String>,
    /// The run that brought this very file before.
    before: Option<BeforeRow>,
    errors: Errors,
}

struct LineItemSum {
    id: LineItemId,
    name: String,
    rows: String,
    cost: String,
}

struct ReplacedRow {
    day: String,
    line_item: String,
    old: String,
    new: String,
}

struct BeforeRow {
    at: Moment,
    by: String,
}

/// What an import brings.
struct Import {
    costs: ImportedCosts,
    /// The rows of the file in it.
    rows: u64,
    by_line_item: BTreeMap<LineItemId, CampaignSum>,
    left_out: Vec<String>,
}

/// `GET /admin/costs/import/{key}/check`
pub async fn show(state: web::Data<AppState>, session: Session, key: web::Path<String>) -> Answer {
    let Some(found) = Found::load(&state, &session, &key).await? else { return Ok(gone(&session)) };
    let Some(reading) = ready(&found).await? else { return Ok(see_other(found.address(""))) };
    let Some(import) = import(&found, &reading) else { return Ok(see_other(found.address("campaigns"))) };
    Ok(html(&page(&state, &session, &found, import, Errors::default()).await?))
}

/// `POST /admin/costs/import/{key}/check`
pub async fn run(state: web::Data<AppState>, posted: Posted, key: web::Path<String>) -> Answer {
    let session = posted.session;
    let editor = session.editor()?;
    let Some(found) = Found::load(&state, &session, &key).await? else { return Ok(gone(&session)) };
    let Some(reading) = ready(&found).await? else { return Ok(see_other(found.address(""))) };
    let Some(import) = import(&found, &reading) else { return Ok(see_other(found.address("campaigns"))) };
    // A form that is sent twice imports once.
    if !state.uploads.remove(session.secret(), &found.key, session.now) {
        return Ok(gone(&session));
    }
    let rows = plural(import.rows, "row");
    if let Err(error) = state.store.import_costs(&editor, import.costs.clone()).await {
        state.uploads.put_back(&found.key, found.upload.clone(), session.now);
        return match error {
            // The page asks the store once more, and says why it refuses.
            StoreError::Invalid(_) | StoreError::Integrity(_) | StoreError::Limit(_) => {
                Ok(html_again(&page(&state, &session, &found, import, Errors::default()).await?))
            }
            error => Err(error.into()),
        };
    }
    remember(&state, &session, &found, &reading).await?;
    let text = format!("{rows} imported from {}.", found.upload.file.name);
    Ok(session.go_with("/admin/costs/imports", &Flash::new(FlashKind::Good, text)))
}

async fn remember(state: &AppState, session: &Session, found: &Found, reading: &Reading) -> Result<(), PageError> {
    let editor = session.editor()?;
    let (advertiser, choices) = (found.advertiser.id, &found.choices);
    let header = header_key(&reading.layout);
    state.store.remember_table(&editor, advertiser, KIND, header, choices.to_remember()).await?;
    let names = choices.targets.iter().map(|(name, to)| (name.clone(), to.parse().ok())).collect();
    Ok(state.store.remember_cost_names(&editor, advertiser, reading.profile.clone(), names).await?)
}

/// What the file brings with the choices made; none if a campaign has no target yet.
fn import(found: &Found, reading: &Reading) -> Option<Import> {
    let (mut costs, mut rows, mut out) = (Vec::new(), 0, 0);
    let mut by_line_item: BTreeMap<LineItemId, CampaignSum> = BTreeMap::new();
    for (origin, figure) in &reading.table.figures {
        let name = CostName { account: origin.account.clone(), name: origin.name.clone() };
        let line_item_id: LineItemId = match found.choices.targets.get(&name).map(String::as_str)? {
            LEFT_OUT => {
                out += figure.rows;
                continue;
            }
            id => id.parse().ok()?,
        };
        let cost = cost_of(found, line_item_id, origin, *figure);
        rows += figure.rows;
        let sum = by_line_item.entry(line_item_id).or_default();
        sum.rows += figure.rows;
        *sum.totals.entry(cost.currency).or_default() += cost.amount.into();
        costs.push(cost);
    }
    let file = &found.upload.file;
    let costs = ImportedCosts {
        profile: reading.profile.clone(),
        file_name: Some(file.name.clone()),
        file_hash: Some(file.hash.clone()),
        allow_negative: found.choices.negative == "take",
        ..ImportedCosts::new(CostWay::Import, found.advertiser.id, costs)
    };
    Some(Import { costs, rows, by_line_item, left_out: left_out(found, reading, out) })
}

fn cost_of(found: &Found, line_item: LineItemId, origin: &Origin, figure: CostFigure) -> NewCost {
    let account = if origin.account.is_empty() { &found.choices.account } else { &origin.account };
    // The store refuses an amount beyond its bound.
    let amount = Micros(i64::try_from(figure.amount.0).unwrap_or(i64::MAX));
    NewCost {
        account: plain_name(account),
        label: plain_name(&origin.name),
        imps: figure.views,
        clicks: figure.clicks,
        ..NewCost::new(Day(origin.day), line_item, origin.currency, amount)
    }
}

fn left_out(found: &Found, reading: &Reading, of_campaigns: u64) -> Vec<String> {
    let table = &reading.table;
    let negative = if found.choices.negative == "leave" { table.negative_count } else { 0 };
    [
        (of_campaigns, "of campaigns that you leave out"),
        (table.problem_count, "with errors"),
        (negative, "with a cost below zero"),
        (table.empty, "without a cost"),
        (table.skipped_count, "of totals or notes"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, of)| format!("{} {of}", plural(count, "row")))
    .collect()
}

/// What the store would do. A refusal goes to the errors.
async fn preview(
    state: &AppState,
    session: &Session,
    costs: ImportedCosts,
    errors: &mut Errors,
) -> Result<CostPreview, PageError> {
    match state.store.preview_costs(&session.editor()?, costs).await {
        Ok(preview) => return Ok(preview),
        Err(StoreError::Invalid(fields)) => {
            for field in fields.iter().take(LISTED_FAULTS) {
                errors.add("", sentence(&field.to_string()));
            }
        }
        Err(StoreError::Integrity(text) | StoreError::Limit(text)) => errors.add("", sentence(&text)),
        Err(error) => return Err(error.into()),
    }
    Ok(CostPreview::default())
}

async fn page(
    state: &AppState,
    session: &Session,
    found: &Found,
    import: Import,
    mut errors: Errors,
) -> Result<CheckPage, PageError> {
    let preview = preview(state, session, import.costs, &mut errors).await?;
    let line_items: Vec<i64> = import
        .by_line_item
        .keys()
        .chain(preview.replaced.iter().map(|one| &one.key.line_item_id))
        .map(|id| id.0)
        .collect();
    let names = state.store.names::<LineItem>(session.reader(), line_items).await?;
    let name = |id: LineItemId| names.get(&id.0).cloned().unwrap_or_else(|| format!("line item {id}"));
    let changed: Vec<&ReplacedCost> = preview.replaced.iter().filter(|replaced| !replaced.is_same()).collect();
    let (same, more) = (preview.replaced.len() - changed.len(), changed.len().saturating_sub(LISTED));
    Ok(CheckPage {
        page: session.page(SECTION, "Import costs: check"),
        key: found.key.clone(),
        file_name: found.upload.file.name.clone(),
        advertiser: found.advertiser.name.clone(),
        rows: plural(import.rows, "row"),
        days: days_words(preview.first_day, preview.last_day),
        totals: amounts(&preview.totals),
        line_items: line_item_sums(&import.by_line_item, name),
        replaced: changed.iter().take(LISTED).map(|one| replaced_row(one, name)).collect(),
        more_replaced: if more > 0 { plural(more as u64, "more figure") } else { String::new() },
        same: if same > 0 { plural(same as u64, "figure") } else { String::new() },
        beside: if preview.beside > 0 { plural(preview.beside as u64, "other cost") } else { String::new() },
        left_out: import.left_out,
        before: before(state, session, found).await?,
        errors,
    })
}

fn line_item_sums(sums: &BTreeMap<LineItemId, CampaignSum>, name: impl Fn(LineItemId) -> String) -> Vec<LineItemSum> {
    let row = |(id, sum): (&LineItemId, &CampaignSum)| LineItemSum {
        id: *id,
        name: name(*id),
        rows: plural(sum.rows, "row"),
        cost: amounts(&sum.totals),
    };
    let mut rows: Vec<_> = sums.iter().map(row).collect();
    rows.sort_by_cached_key(|row| row.name.to_lowercase());
    rows
}

fn replaced_row(replaced: &ReplacedCost, name: impl Fn(LineItemId) -> String) -> ReplacedRow {
    let CostKey { line_item_id, .. } = replaced.key;
    ReplacedRow {
        day: day_words(replaced.day),
        line_item: name(line_item_id),
        old: amounts(&replaced.old),
        new: amounts(&replaced.new),
    }
}

/// The newest run of the same bytes that still counts.
async fn before(state: &AppState, session: &Session, found: &Found) -> Result<Option<BeforeRow>, StoreError> {
    let query = ListQuery::default()
        .with_id::<CostRun>("advertiser_id", found.advertiser.id.0)
        .with::<CostRun>("file_hash", Test::In(vec![Scalar::Text(found.upload.file.hash.clone())]));
    let runs = state.store.cost_runs(session.reader(), query).await?.items;
    let newest = runs.into_iter().filter(|run| run.undone_at.is_none()).max_by_key(|run| run.made_at);
    Ok(newest.map(|run| BeforeRow { at: Moment::new(run.made_at, session.now), by: run.made_by }))
}
