//! `/conversion`: every judged fire, newest first, and the explanation of its outcome. Nothing here can be changed. The
//! published API has no such service.

use serde_json::{Value, json};

use super::explanation;
use crate::api::envelope::Answer;
use crate::api::error::ApiError;
use crate::api::json::{amount, currency, moment};
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::page;
use crate::domain::{
    AdvertiserId, Conversion, Field, GoodClickId, LineItemId, Millis, Outcome, OutcomeKind, PUBLISHED_ORDER_ID,
    PixelId, Reason, Seq, Taken, cut, fields,
};
use crate::judge::explain;
use crate::store::{ConversionQuery, Filter, ListQuery, Page, Scalar, Test};

/// A filter by datetime names a second, and means all of it. In milliseconds.
const SECOND: i64 = 1_000;

pub(in crate::api) const INFO: ServiceInfo = ServiceInfo {
    methods: &["GET"],
    takes: "GET: conversions are what the log says, and cannot be changed",
    ..ServiceInfo::new("conversion", "conversions", fields::CONVERSION)
};

/// `/conversion/{id}/explain`.
pub(in crate::api) async fn answer_explanation(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let id = call.request.match_info().get("id").unwrap_or("");
    let seq: Seq =
        id.parse().map_err(|rule| ApiError::Syntax(format!("the id of the conversion {rule}, and is {id:?}")))?;
    let explained = explain(call.store(), &by, seq).await?;
    Ok(Answer::new("explanation", explanation::to_json(&explained, &call.tag_site())))
}

pub(in crate::api) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let (query, paging) = page::asked_for(call, fields::CONVERSION)?;
    let (query, ids) = conditions(query, call.params.whole("order_id"))?;
    let Page { items, count } = match ids {
        None => call.store().conversions(&by, query).await?,
        Some(ids) => {
            let items = call.store().conversions_at(&by, ids).await?;
            let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
            Page { items, count }
        }
    };
    let click_ids = call.store().click_ids_of(&by, &items).await?;
    let objects = items.iter().zip(&click_ids).map(|(item, ids)| to_json(item, ids)).collect();
    page::answer(call, &INFO, objects, count, paging)
}

/// The conditions as the store takes them, and the ids if the request names conversions. `order` is an order id, which
/// may hold commas.
fn conditions(list: ListQuery, order: Option<&str>) -> Result<(ConversionQuery, Option<Vec<Seq>>), ApiError> {
    let ListQuery { filters, search, start_element, num_elements, .. } = list;
    if search.is_some() {
        return Err(ApiError::Syntax("conversions cannot be searched; filter by order_id or id".to_owned()));
    }
    let mut query = ConversionQuery { start_element, num_elements, ..ConversionQuery::default() };
    let by_id = filters.iter().find(|filter| filter.field.name == "id");
    if let Some(Filter { test: Test::In(ids), .. }) = by_id {
        if filters.len() > 1 {
            return Err(ApiError::Syntax("id names conversions by itself; leave out the other filters".to_owned()));
        }
        if ids.len() > 100 {
            return Err(ApiError::Syntax(format!("id takes at most 100 conversions, and has {}", ids.len())));
        }
        let ids = ids.iter().filter_map(|id| if let Scalar::Int(id) = id { Some(Seq(*id)) } else { None });
        return Ok((query, Some(ids.collect())));
    }
    for filter in filters {
        narrow(&mut query, &filter, order)?;
    }
    Ok((query, None))
}

fn narrow(query: &mut ConversionQuery, Filter { field, test }: &Filter, order: Option<&str>) -> Result<(), ApiError> {
    let refused = || refuse(field);
    match (field.name, test) {
        ("datetime", Test::Min(Scalar::Int(at))) => query.from = Some(Millis(*at)),
        ("datetime", Test::Max(Scalar::Int(at))) => {
            query.to = Some(Millis(*at).second().plus(SECOND));
        }
        (name, Test::In(values)) => match (name, values.as_slice()) {
            ("advertiser_id", [Scalar::Int(id)]) => query.advertiser = Some(AdvertiserId(*id)),
            ("pixel_id", [Scalar::Int(id)]) => query.pixel = Some(PixelId(*id)),
            ("line_item_id", [Scalar::Int(id)]) => query.line_item = Some(LineItemId(*id)),
            ("order_id", _) => query.order_id = Some(order.ok_or_else(refused)?.to_owned()),
            ("retracted", [Scalar::Int(yes)]) => query.retracted = Some(*yes != 0),
            ("outcome", [Scalar::Text(word)]) => query.outcome = Some(OutcomeKind::parse(word).ok_or_else(refused)?),
            ("reason", [Scalar::Text(word)]) => query.reason = Some(Reason::parse(word).ok_or_else(refused)?),
            _ => return Err(refused()),
        },
        _ => return Err(refused()),
    }
    Ok(())
}

fn refuse(field: &Field) -> ApiError {
    ApiError::Syntax(match field.name {
        "datetime" => "conversions are filtered by min_datetime and max_datetime".to_owned(),
        name => format!("conversions are filtered by one {name}, as {name}=..., and by no other form of it"),
    })
}

fn to_json(conversion: &Conversion, click_ids: &[GoodClickId]) -> Value {
    let Conversion { fire, credit, outcome, .. } = conversion;
    let (credit, standing) = (credit.as_ref(), conversion.current_value());
    json!({
        "id": fire.seq.0,
        "datetime": moment(fire.at),
        "received_on": moment(fire.received),
        "pixel_id": fire.pixel_id.0,
        "advertiser_id": conversion.advertiser_id.0,
        "outcome": outcome.kind().as_str(),
        "reason": outcome.reason().as_str(),
        "duplicate_of": conversion.duplicate_of.map(|seq| seq.0),
        "order_id": conversion.order_id.as_deref().map(|id| cut(id, PUBLISHED_ORDER_ID)),
        "order_id_full": conversion.order_id,
        "value": amount(conversion.value),
        "currency": currency(conversion.currency),
        "taken": conversion.taken.iter().map(taken).collect::<Vec<_>>(),
        "adjusted": conversion.adjusted.is_some(),
        "retracted": standing.retracted,
        "adjusted_value": amount(standing.value),
        "adjusted_currency": currency(standing.currency),
        "external_data": fire.other,
        "event_id": fire.event_id,
        "tag": fire.tag.as_str(),
        // Digits as a text, as in reports: JavaScript cannot hold the number exactly.
        "user_id": conversion.visitor_id.map(|id| id.0.to_string()),
        "line_item_id": credit.map(|credit| credit.line_item_id.0),
        "campaign_id": credit.and_then(|credit| credit.campaign_id).map(|id| id.0),
        "publisher_id": credit.and_then(|credit| credit.publisher_id.known()).map(|id| id.0),
        "source_id": credit.and_then(|credit| credit.source_id).map(|id| id.0),
        "creative_id": credit.and_then(|credit| credit.creative_id),
        "imp_time": credit.map(|credit| moment(credit.exposure_at)),
        "exposure_id": credit.map(|credit| credit.exposure.0),
        "exposure_kind": if let Outcome::Attributed(kind) = outcome { Some(kind.as_str()) } else { None },
        "static_value": amount(credit.and_then(|credit| credit.static_value)),
        "static_currency": credit.map(|credit| credit.static_currency.as_str()),
        "click_ids": click_ids.iter().map(click_id).collect::<Vec<_>>(),
    })
}

fn click_id(id: &GoodClickId) -> Value {
    json!({
        "name": id.name,
        "value": id.value,
        "first_seen": id.first_seen.map(moment),
        "arrival_id": id.arrival.map(|seq| seq.0),
        "from_event": id.is_own,
    })
}

fn taken(taken: &Taken) -> Value {
    json!({ "field": taken.field.as_str(), "from_id": taken.from.0 })
}
