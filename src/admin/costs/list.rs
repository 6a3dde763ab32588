//! The list of costs by day, with the sums of what it shows.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::range::CostRange;
use super::rows::{day_words, days_words, profile_words};
use super::{PATH, SECTION};
use crate::admin::choices::Choice;
use crate::admin::lists::paging;
use crate::admin::lists::paging::{PAGE, Pager};
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::session::Asked;
use crate::admin::text::format::{grouped, number};
use crate::domain::{Campaign, Cost, LineItem, LineItemId, Publisher, Reader};
use crate::store::{CostSumQuery, Dimension, ListQuery, Scalar, Store, StoreError, SumFilter, Test};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/costs/list.html")]
struct CostsPage {
    page: Page,
    count: String,
    from: String,
    to: String,
    /// "1 Nov – 30 Nov 2026"
    days: String,
    advertisers: Vec<Choice>,
    totals: Vec<TotalRow>,
    rows: Vec<CostRow>,
    pager: Pager,
    /// The address of the same as CSV.
    csv: String,
    /// The query of links to forms for the same advertiser; empty if it is none.
    of_advertiser: String,
}

/// The sum of one currency.
struct TotalRow {
    currency: String,
    amount: String,
    views: String,
    clicks: String,
}

pub struct CostRow {
    pub day: String,
    pub line_item: LineItemId,
    pub line_item_name: String,
    /// The campaign or placement; empty if it is of the whole line item.
    pub of: String,
    pub origin: String,
    pub label: String,
    pub amount: String,
    pub currency: String,
    pub views: String,
    pub clicks: String,
}

/// `GET /admin/costs`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let range = CostRange::read(store, &session, &query).await?;
    let list = ListQuery { num_elements: PAGE, ..range.query() };
    let from = |start_element| store.costs(by, ListQuery { start_element, ..list.clone() });
    let (costs, start) = paging::page(&query, &session.odd, from).await?;
    let rows = rows(store, by, &costs.items).await?;
    let count = grouped(costs.count);
    Ok(html(&CostsPage {
        page: session.page(SECTION, "Costs").with_tab(format!("Costs ({count})")),
        from: range.first.to_string(),
        to: range.last.to_string(),
        days: days_words(Some(range.first), Some(range.last)),
        totals: totals(store, by, &range).await?,
        pager: Pager::new(PATH, &query, (start, rows.len(), costs.count), None),
        csv: paging::address("/admin/costs.csv", &query, &[("start", "")]),
        of_advertiser: range.advertiser.map(|id| format!("?advertiser_id={id}")).unwrap_or_default(),
        advertisers: range.advertisers,
        rows,
        count,
    }))
}

async fn totals(store: &Store, by: &Reader, range: &CostRange) -> Result<Vec<TotalRow>, StoreError> {
    let filters = range.advertiser.map(|id| (SumFilter::Id(Dimension::Advertiser), Test::In(vec![Scalar::Int(id.0)])));
    let query = CostSumQuery {
        first: range.first,
        last: range.last,
        by_day: false,
        by: Vec::new(),
        filters: filters.into_iter().collect(),
    };
    let count = |count: u64| if count > 0 { grouped(count) } else { String::new() };
    let row = |sum: crate::store::CostSum| TotalRow {
        currency: sum.currency.to_string(),
        amount: number(&sum.amount.to_money()),
        views: count(sum.imps),
        clicks: count(sum.clicks),
    };
    Ok(store.cost_sums(by, query).await?.into_iter().map(row).collect())
}

/// The rows of costs with the names of their objects.
pub async fn rows(store: &Store, by: &Reader, costs: &[Cost]) -> Result<Vec<CostRow>, StoreError> {
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
        of: of.join(" · "),
        origin: format!("{origin}{account}").trim_start_matches(" · ").to_owned(),
        label: figure.label.clone(),
        amount: number(&figure.amount.to_money()),
        currency: figure.currency.to_string(),
        views: figure.imps.map(grouped).unwrap_or_default(),
        clicks: figure.clicks.map(grouped).unwrap_or_default(),
    }
}

fn name(names: &HashMap<i64, String>, id: i64, noun: &str) -> String {
    names.get(&id).cloned().unwrap_or_else(|| format!("{noun} {id}"))
}
