//! The list of costs as CSV, in pieces, so that a long list takes no memory.

use std::collections::HashMap;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::{StreamExt, stream};

use super::shown::ShownCosts;
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::Asked;
use crate::domain::{Campaign, Cost, LineItem, Publisher, Reader};
use crate::report::{Cell, LineFormat, Lines};
use crate::store::{ListQuery, Store, StoreError};
use crate::web::AppState;

/// The rows of one piece.
const PIECE: u32 = 1_000;

const COLUMNS: [&str; 15] = [
    "day",
    "advertiser_id",
    "line_item_id",
    "line_item_name",
    "campaign_id",
    "campaign_name",
    "publisher_id",
    "publisher_name",
    "profile",
    "account",
    "label",
    "amount",
    "currency",
    "imps",
    "clicks",
];

/// `GET /admin/costs.csv`
pub async fn csv(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let shown = ShownCosts::read(&state.store, &session, &query).await?;
    let (store, by) = (state.store.clone(), *session.reader());
    let list = ListQuery { num_elements: PIECE, ..shown.list() };
    let days = &shown.scope.days;
    let name = format!("attachment; filename=\"costs_{}_{}.csv\"", days.first, days.last);
    let head = Lines::new(LineFormat::Csv, &COLUMNS).map_err(StoreError::fault)?.head();
    let header = stream::iter([Ok::<_, StoreError>(Bytes::from(head))]);
    let rows = stream::unfold(Some(list), move |list| {
        let (store, by) = (store.clone(), by);
        async move { piece(&store, &by, list?).await }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, name))
        .streaming(header.chain(rows)))
}

/// The rows of a piece, and the query for the next one.
async fn piece(store: &Store, by: &Reader, list: ListQuery) -> Option<(Result<Bytes, StoreError>, Option<ListQuery>)> {
    match lines(store, by, &list).await {
        Ok((_, 0)) => None,
        Ok((text, count)) => {
            let next = ListQuery { start_element: list.start_element.saturating_add(count), ..list };
            Some((Ok(text), Some(next)))
        }
        Err(error) => Some((Err(error), None)),
    }
}

async fn lines(store: &Store, by: &Reader, list: &ListQuery) -> Result<(Bytes, u32), StoreError> {
    let costs = store.costs(by, list.clone()).await?.items;
    let keys = || costs.iter().map(|cost| cost.figure.key);
    let line_items = store.names::<LineItem>(by, keys().map(|key| key.line_item_id.0).collect()).await?;
    let campaigns = store.names::<Campaign>(by, keys().filter_map(|key| Some(key.campaign_id?.0)).collect()).await?;
    let publishers = store.names::<Publisher>(by, keys().filter_map(|key| Some(key.publisher_id?.0)).collect()).await?;
    let names = Names { line_items, campaigns, publishers };
    let rows: Vec<Vec<Cell>> = costs.iter().map(|cost| names.cells(cost)).collect();
    let text =
        Lines::new(LineFormat::Csv, &COLUMNS).and_then(|mut lines| lines.rows(&rows)).map_err(StoreError::fault)?;
    let count = u32::try_from(costs.len()).map_err(StoreError::fault)?;
    Ok((Bytes::from(text), count))
}

/// The names of the objects that costs belong to.
struct Names {
    line_items: HashMap<i64, String>,
    campaigns: HashMap<i64, String>,
    publishers: HashMap<i64, String>,
}

impl Names {
    fn cells(&self, Cost { advertiser_id, profile, figure, .. }: &Cost) -> Vec<Cell> {
        let line_item = figure.key.line_item_id.0;
        let (campaign, publisher) = (figure.key.campaign_id.map(|id| id.0), figure.key.publisher_id.map(|id| id.0));
        let number = |id: Option<i64>| id.map_or_else(Cell::none, |id| Cell::ours(id, true));
        let count = |count: Option<u64>| count.map_or_else(Cell::none, |count| Cell::ours(count, true));
        let name = |names: &HashMap<i64, String>, id: Option<i64>| {
            Cell::foreign(id.and_then(|id| names.get(&id)).map(String::as_str))
        };
        vec![
            Cell::ours(figure.day, false),
            Cell::ours(advertiser_id, true),
            Cell::ours(line_item, true),
            name(&self.line_items, Some(line_item)),
            number(campaign),
            name(&self.campaigns, campaign),
            number(publisher),
            name(&self.publishers, publisher),
            Cell::foreign(Some(profile)),
            Cell::foreign(Some(&figure.account)),
            Cell::foreign(Some(&figure.label)),
            Cell::ours(figure.amount, true),
            Cell::ours(figure.currency, false),
            count(figure.imps),
            count(figure.clicks),
        ]
    }
}
