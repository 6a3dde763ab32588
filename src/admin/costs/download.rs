//! The list of costs as CSV, in pieces, so that a long list takes no memory.

use std::collections::HashMap;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::{StreamExt, stream};

use super::range::CostRange;
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::Asked;
use crate::domain::{Campaign, Cost, LineItem, Publisher, Reader};
use crate::report::defused;
use crate::store::{ListQuery, Store, StoreError};
use crate::web::AppState;

/// The rows of one piece.
const PIECE: u32 = 1_000;

const HEADER: &str = "day,advertiser_id,line_item_id,line_item_name,campaign_id,campaign_name,publisher_id,publisher_name,\
    profile,account,label,amount,currency,imps,clicks\r\n";

/// `GET /admin/costs.csv`
pub async fn csv(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let range = CostRange::read(&state.store, &session, &query).await?;
    let (store, by) = (state.store.clone(), *session.reader());
    let list = ListQuery { num_elements: PIECE, ..range.query() };
    let name = format!("attachment; filename=\"costs_{}_{}.csv\"", range.first, range.last);
    let header = stream::iter([Ok::<_, StoreError>(Bytes::from_static(HEADER.as_bytes()))]);
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
    let mut text = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let named = |names: &HashMap<i64, String>, id: Option<i64>| {
        id.and_then(|id| names.get(&id)).map(|name| defused(name).into_owned()).unwrap_or_default()
    };
    for Cost { advertiser_id, profile, figure, .. } in &costs {
        let (campaign, publisher) = (figure.key.campaign_id.map(|id| id.0), figure.key.publisher_id.map(|id| id.0));
        let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
        let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let row = [
            figure.day.to_string(),
            advertiser_id.to_string(),
            figure.key.line_item_id.to_string(),
            named(&line_items, Some(figure.key.line_item_id.0)),
            number(campaign),
            named(&campaigns, campaign),
            number(publisher),
            named(&publishers, publisher),
            defused(profile).into_owned(),
            defused(&figure.account).into_owned(),
            defused(&figure.label).into_owned(),
            figure.amount.to_string(),
            figure.currency.to_string(),
            count(figure.imps),
            count(figure.clicks),
        ];
        text.write_record(&row).map_err(StoreError::fault)?;
    }
    let count = u32::try_from(costs.len()).map_err(StoreError::fault)?;
    Ok((Bytes::from(text.into_inner().map_err(StoreError::fault)?), count))
}
