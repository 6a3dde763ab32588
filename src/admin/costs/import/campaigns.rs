//! The second step: which line item each campaign of the file belongs to. Proposes what was chosen before, then equal
//! names.

use std::collections::{BTreeMap, HashMap};

use actix_web::web;
use askama::Template;

use super::choices::{LEFT_OUT, plain_name};
use super::questions::open_questions;
use super::reading::{Found, Reading, gone};
use crate::admin::choices;
use crate::admin::choices::{Choice, choice};
use crate::admin::costs::SECTION;
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Form};
use crate::admin::shell::page::{Answer, Page, html, html_again, see_other};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::{grouped, moneys, plural};
use crate::domain::{Currency, Editor, LineItem, LineItemId, TotalMicros, cut};
use crate::store::{CostName, ListQuery, StoreError};
use crate::tables::costs::CostTable;
use crate::web::AppState;

/// The most campaigns of one file.
const MOST_CAMPAIGNS: usize = 1_000;
/// Above this many options in all, the page has one list for all fields instead of a select in each row.
const MOST_OPTIONS: usize = 20_000;
/// The target that creates a line item.
const NEW: &str = "new";

#[derive(Template)]
#[template(path = "admin/costs/campaigns.html")]
struct CampaignsPage {
    page: Page,
    key: String,
    file_name: String,
    has_accounts: bool,
    rows: Vec<CampaignRow>,
    /// The line items to type, if there are too many for selects.
    shared: Vec<Choice>,
    errors: Errors,
}

/// A campaign of the file.
struct CampaignRow {
    id: String,
    name: String,
    account: String,
    rows: String,
    cost: String,
    /// Empty if the page has one list for all.
    options: Vec<Choice>,
    /// The text of the search field that the page has in their place.
    typed: String,
    error: String,
}

/// What the rows of a campaign or a line item add up to.
#[derive(Default)]
pub struct CampaignSum {
    pub rows: u64,
    pub totals: BTreeMap<Currency, TotalMicros>,
}

/// `GET /admin/costs/import/{key}/campaigns`
pub async fn show(state: web::Data<AppState>, session: Session, key: web::Path<String>) -> Answer {
    let Some(found) = Found::load(&state, &session, &key).await? else { return Ok(gone(&session)) };
    let Some(reading) = ready(&found).await? else { return Ok(see_other(found.address(""))) };
    let line_items = line_items(&state, &session, &found).await?;
    let sums = sums(&reading.table);
    let targets = propose(&state, &session, &found, &reading, &sums, &line_items).await?;
    Ok(html(&page(&session, &found, &sums, &line_items, &targets, Errors::default())))
}

/// `POST /admin/costs/import/{key}/campaigns`
pub async fn choose(state: web::Data<AppState>, posted: Posted, key: web::Path<String>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let Some(mut found) = Found::load(&state, &session, &key).await? else { return Ok(gone(&session)) };
    let Some(reading) = ready(&found).await? else { return Ok(see_other(found.address(""))) };
    let line_items = line_items(&state, &session, &found).await?;
    let sums = sums(&reading.table);
    let (mut targets, mut errors) = chosen(&form, &sums, &line_items);
    if sums.len() > MOST_CAMPAIGNS {
        errors.add(
            "",
            format!("The file has more than {} campaigns. Export fewer at a time.", grouped(MOST_CAMPAIGNS as u64)),
        );
    }
    if !errors.is_empty() {
        return Ok(html_again(&page(&session, &found, &sums, &line_items, &targets, errors)));
    }
    let created = create_new(&state, &editor, &found, &mut targets, &mut errors).await?;
    found.choices.targets = targets.clone();
    found.keep(&state, &session);
    if !errors.is_empty() {
        let line_items = self::line_items(&state, &session, &found).await?;
        return Ok(html_again(&page(&session, &found, &sums, &line_items, &targets, errors)));
    }
    let address = found.address("check");
    Ok(match created {
        0 => see_other(address),
        created => {
            session.go_with(address, &Flash::new(FlashKind::Good, format!("{} created.", plural(created, "line item"))))
        }
    })
}

/// Creates a line item for each campaign that asks for one, and returns how many.
async fn create_new(
    state: &AppState,
    editor: &Editor,
    found: &Found,
    targets: &mut BTreeMap<CostName, String>,
    errors: &mut Errors,
) -> Result<u64, StoreError> {
    let mut created = 0;
    for (at, (name, to)) in targets.iter_mut().enumerate().filter(|(_, (_, to))| to.as_str() == NEW) {
        let new = LineItem::new(found.advertiser.id, plain_name(&name.name));
        match state.store.create(editor, new).await {
            Ok(line_item) => {
                *to = line_item.id.to_string();
                created += 1;
            }
            Err(StoreError::Invalid(_) | StoreError::Integrity(_) | StoreError::Limit(_)) => {
                errors.add(&format!("to_{at}"), format!("A line item cannot be called “{}”. Choose one.", name.name));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(created)
}

/// The file, if the first step leaves nothing open.
pub async fn ready(found: &Found) -> Result<Option<Reading>, PageError> {
    let reading = found.read().await?.ok();
    Ok(reading.filter(|reading| open_questions(&found.choices, reading).is_empty()))
}

/// The line items of the advertiser.
async fn line_items(state: &AppState, session: &Session, found: &Found) -> Result<Vec<LineItem>, StoreError> {
    let query = ListQuery::default().with_id::<LineItem>("advertiser_id", found.advertiser.id.0);
    let by_name = |line_item: &LineItem| (line_item.name.to_lowercase(), line_item.id);
    let mut all = choices::every::<LineItem>(&state.store, session.reader(), query).await?;
    all.sort_by_cached_key(by_name);
    Ok(all)
}

fn sums(table: &CostTable) -> BTreeMap<CostName, CampaignSum> {
    let mut sums: BTreeMap<CostName, CampaignSum> = BTreeMap::new();
    for (origin, figure) in &table.figures {
        let name = CostName { account: origin.account.clone(), name: origin.name.clone() };
        let sum = sums.entry(name).or_default();
        sum.rows += figure.rows;
        *sum.totals.entry(origin.currency).or_default() += figure.amount;
    }
    sums
}

/// What the user chose here already, else what was chosen for an earlier file, else the line item of the same name or ID.
async fn propose(
    state: &AppState,
    session: &Session,
    found: &Found,
    reading: &Reading,
    sums: &BTreeMap<CostName, CampaignSum>,
    line_items: &[LineItem],
) -> Result<BTreeMap<CostName, String>, StoreError> {
    let by = session.reader();
    let remembered = state.store.cost_names(by, found.advertiser.id, reading.profile.clone()).await?;
    let ids: HashMap<String, LineItemId> = line_items.iter().map(|one| (one.id.to_string(), one.id)).collect();
    let names: HashMap<String, LineItemId> = line_items.iter().map(|one| (folded(&one.name), one.id)).collect();
    let propose = |name: &CostName| match (found.choices.targets.get(name), remembered.get(name)) {
        (Some(chosen), _) => chosen.clone(),
        (None, Some(None)) => LEFT_OUT.to_owned(),
        (None, Some(Some(id))) => id.to_string(),
        (None, None) => {
            let same = names.get(&folded(&name.name)).or_else(|| ids.get(&name.name));
            same.map(|id| id.to_string()).unwrap_or_default()
        }
    };
    Ok(sums.keys().map(|name| (name.clone(), propose(name))).collect())
}

/// Without regard to case and marks: `Brand_Search (EU)` is `brandsearcheu`.
fn folded(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What the form sends for each campaign.
fn chosen(
    form: &Form,
    sums: &BTreeMap<CostName, CampaignSum>,
    line_items: &[LineItem],
) -> (BTreeMap<CostName, String>, Errors) {
    let mut errors = Errors::default();
    let mut read = |(at, name): (usize, &CostName)| {
        let id = format!("to_{at}");
        let text = form.text(&id);
        let to = match text {
            LEFT_OUT | NEW => Some(text.to_owned()),
            text => line_items.iter().find(|one| named(one, text)).map(|one| one.id.to_string()),
        };
        if to.is_none() {
            errors.add(&id, format!("Choose a line item for “{}”, or leave it out.", name.name));
        }
        (name.clone(), to.unwrap_or_default())
    };
    let targets = sums.keys().enumerate().map(&mut read).collect();
    (targets, errors)
}

/// Whether a text names the line item: its ID, its name, or its name with the ID as the list writes it.
fn named(line_item: &LineItem, text: &str) -> bool {
    !text.is_empty() && (line_item.id.to_string() == text || line_item.name == text || label(line_item) == text)
}

fn label(line_item: &LineItem) -> String {
    format!("{} ({})", line_item.name, line_item.id)
}

fn page(
    session: &Session,
    found: &Found,
    sums: &BTreeMap<CostName, CampaignSum>,
    line_items: &[LineItem],
    targets: &BTreeMap<CostName, String>,
    errors: Errors,
) -> CampaignsPage {
    let is_shared = sums.len().min(MOST_CAMPAIGNS) * line_items.len() > MOST_OPTIONS;
    let row = |(at, (name, sum)): (usize, (&CostName, &CampaignSum))| {
        let id = format!("to_{at}");
        let chosen = targets.get(name).map_or("", String::as_str);
        let known = line_items.iter().find(|one| one.id.to_string() == chosen);
        let totals: Vec<_> = sum.totals.iter().map(|(currency, total)| (*currency, *total)).collect();
        CampaignRow {
            name: name.name.clone(),
            account: name.account.clone(),
            rows: grouped(sum.rows),
            cost: moneys(&totals),
            options: if is_shared { Vec::new() } else { options(name, line_items, chosen) },
            typed: known.map_or(chosen.to_owned(), label),
            error: errors.of(&id),
            id,
        }
    };
    CampaignsPage {
        page: session.page(SECTION, "Import costs: campaigns"),
        key: found.key.clone(),
        file_name: found.upload.file.name.clone(),
        has_accounts: sums.keys().any(|name| !name.account.is_empty()),
        rows: sums.iter().take(MOST_CAMPAIGNS).enumerate().map(row).collect(),
        shared: if is_shared { shared(line_items) } else { Vec::new() },
        errors,
    }
}

fn options(name: &CostName, line_items: &[LineItem], chosen: &str) -> Vec<Choice> {
    let fixed = [
        choice(String::new(), "Choose one".to_owned(), chosen.is_empty()),
        choice(NEW.to_owned(), format!("Create “{}”", cut(&name.name, 60)), chosen == NEW),
        choice(LEFT_OUT.to_owned(), "Leave out".to_owned(), chosen == LEFT_OUT),
    ];
    let option = |one: &LineItem| choice(one.id.to_string(), one.name.clone(), one.id.to_string() == chosen);
    let mut own: Vec<Choice> = line_items.iter().map(option).collect();
    choices::tell_apart(&mut own);
    fixed.into_iter().chain(own).collect()
}

fn shared(line_items: &[LineItem]) -> Vec<Choice> {
    let fixed = [(NEW, "Create a line item of this name"), (LEFT_OUT, "Leave out")];
    let fixed = fixed.map(|(id, name)| choice(id.to_owned(), name.to_owned(), false));
    let own = line_items.iter().map(|one| choice(label(one), String::new(), false));
    fixed.into_iter().chain(own).collect()
}
