//! The list of costs by day, with the sums of what it shows.

use std::collections::{BTreeMap, HashMap};

use actix_web::web;
use askama::Template;

use super::rows::{day_words, profile_words};
use super::shown::{LINE_ITEM, ShownCosts};
use super::{PATH, SECTION};
use crate::admin::choices::Choice;
use crate::admin::figures::{Choices, Pick};
use crate::admin::lists::paging;
use crate::admin::lists::paging::Pager;
use crate::admin::scope::PageScope;
use crate::admin::shell::form::Form;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{grouped, number, plural};
use crate::domain::{Campaign, Cost, Currency, LineItem, LineItemId, Publisher, Reader, TotalMicros};
use crate::store::{CostSum, ListQuery, Store, StoreError};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/costs/list.html")]
struct CostsPage {
    page: Page,
    scope: PageScope,
    count: String,
    /// Whether the list has a filter that leaves costs out.
    is_filtered: bool,
    line_items: Vec<Choice>,
    /// What the form of the filter keeps of the address.
    kept: Vec<(String, String)>,
    totals: Vec<TotalRow>,
    rows: Vec<CostRow>,
    pager: Pager,
    size: usize,
    sizes: Vec<Pick>,
    /// The address of the same as CSV.
    csv: String,
    /// The query of links to forms for the same advertiser; empty if it is none.
    of_advertiser: String,
}

/// The sum of one currency.
struct TotalRow {
    currency: Currency,
    /// "214 costs".
    count: String,
    amount: String,
    /// "Previous 30 days: 38,120.00"; empty if nothing is compared.
    before: String,
    views: String,
    clicks: String,
}

struct CostRow {
    day: String,
    line_item: LineItemId,
    line_item_name: String,
    /// The campaign or placement; empty if it is of the whole line item, or if the file calls it so, too.
    of: String,
    origin: String,
    label: String,
    amount: String,
    currency: Currency,
    views: String,
    clicks: String,
}

/// `GET /admin/costs`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let shown = ShownCosts::read(store, &session, &query).await?;
    let mut choices = Choices::new(&query, SECTION, &[], session.remembered_lists(), &session.odd);
    let size = choices.size();
    let (costs, start, count) = costs(store, by, &query, &shown, &mut choices, size).await?;
    let rows = rows(store, by, &costs).await?;
    let page = CostsPage {
        page: session.page(SECTION, "Costs").with_tab(format!("Costs ({})", grouped(count))),
        count: grouped(count),
        is_filtered: shown.line_item.is_some(),
        totals: totals(store, by, &shown).await?,
        kept: choices.kept(&[LINE_ITEM, "start"]),
        pager: Pager::sized(PATH, &query, (start, rows.len(), usize::try_from(count).unwrap_or(usize::MAX)), size),
        size,
        sizes: choices.sizes(PATH, size),
        csv: csv_address(&shown),
        of_advertiser: shown.scope.advertiser_id().map(|id| format!("?advertiser_id={id}")).unwrap_or_default(),
        line_items: shown.line_items,
        scope: shown.scope,
        rows,
    };
    Ok(choices.remember(page.scope.remember(html(&page)), session.is_secure()))
}

/// The costs of the page, the place of the first one, and how many there are.
async fn costs(
    store: &Store,
    by: &Reader,
    query: &Form,
    shown: &ShownCosts,
    choices: &mut Choices<'_>,
    size: usize,
) -> Result<(Vec<Cost>, usize, u64), StoreError> {
    let asked = query.text("start").parse().unwrap_or(0);
    let num_elements = u32::try_from(size).map_err(StoreError::fault)?;
    let list = |start_element| ListQuery { start_element, num_elements, ..shown.list() };
    let mut page = store.costs(by, list(asked)).await?;
    let start = choices.start(size, usize::try_from(page.count).map_err(StoreError::fault)?);
    let first = u32::try_from(start).map_err(StoreError::fault)?;
    if first != asked {
        page = store.costs(by, list(first)).await?;
    }
    Ok((page.items, start, page.count))
}

fn csv_address(shown: &ShownCosts) -> String {
    let pairs = shown.pairs();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    paging::address("/admin/costs.csv", &Form::default(), &pairs)
}

/// The sums by currency, with those of the days to compare with.
async fn totals(store: &Store, by: &Reader, shown: &ShownCosts) -> Result<Vec<TotalRow>, StoreError> {
    let scope = &shown.scope;
    let (label, before): (String, BTreeMap<Currency, TotalMicros>) = match scope.cost_days_before() {
        Some(days) => {
            let sums = store.cost_sums(by, shown.sums(&days)).await?;
            (scope.comparison_label(&days), sums.into_iter().map(|sum| (sum.currency, sum.amount)).collect())
        }
        None => (String::new(), BTreeMap::new()),
    };
    let count = |count: u64| if count > 0 { grouped(count) } else { String::new() };
    let row = |sum: CostSum| TotalRow {
        currency: sum.currency,
        count: plural(sum.costs, "cost"),
        amount: number(&sum.amount.to_money()),
        before: match label.as_str() {
            "" => String::new(),
            label => {
                let before = before.get(&sum.currency).map_or_else(|| "–".to_owned(), |sum| number(&sum.to_money()));
                format!("{label}: {before}")
            }
        },
        views: count(sum.imps),
        clicks: count(sum.clicks),
    };
    Ok(store.cost_sums(by, shown.sums(&scope.days)).await?.into_iter().map(row).collect())
}

/// The rows of costs with the names of their objects.
async fn rows(store: &Store, by: &Reader, costs: &[Cost]) -> Result<Vec<CostRow>, StoreError> {
    let keys = || costs.iter().map(|cost| cost.figure.key);
    let line_items = store.names::<LineItem>(by, keys().map(|key| key.line_item_id.0).collect()).await?;
    let campaigns = store.names::<Campaign>(by, keys().filter_map(|key| Some(key.campaign_id?.0)).collect()).await?;
    let publishers = store.names::<Publisher>(by, keys().filter_map(|key| Some(key.publisher_id?.0)).collect()).await?;
    Ok(costs.iter().map(|cost| row(cost, &line_items, &campaigns, &publishers)).collect())
}

fn row(
    cost: &Cost,
    line_items: &HashMap<i64, String>,
    campaigns: &HashMap<i64, String>,
    publishers: &HashMap<i64, String>,
) -> CostRow {
    let figure = &cost.figure;
    let id = figure.key.line_item_id;
    let campaign = figure.key.campaign_id.map(|id| name(campaigns, id.0, "campaign"));
    let publisher = figure.key.publisher_id.map(|id| name(publishers, id.0, "placement"));
    let of: Vec<String> = campaign.into_iter().chain(publisher).collect();
    let origin = match cost.profile.as_str() {
        "plain" if figure.label.is_empty() => String::new(),
        profile => profile_words(profile).to_owned(),
    };
    let account = if figure.account.is_empty() { String::new() } else { format!(" · {}", figure.account) };
    CostRow {
        day: day_words(figure.day),
        line_item: id,
        line_item_name: name(line_items, id.0, "line item"),
        of: Some(of.join(" · ")).filter(|of| *of != figure.label).unwrap_or_default(),
        origin: format!("{origin}{account}").trim_start_matches(" · ").to_owned(),
        label: figure.label.clone(),
        amount: number(&figure.amount.to_money()),
        currency: figure.currency,
        views: figure.imps.map(grouped).unwrap_or_default(),
        clicks: figure.clicks.map(grouped).unwrap_or_default(),
    }
}

fn name(names: &HashMap<i64, String>, id: i64, noun: &str) -> String {
    names.get(&id).cloned().unwrap_or_else(|| format!("{noun} {id}"))
}
