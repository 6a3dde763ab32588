//! `/conversion`: every judged fire, whatever its outcome, newest first; and why one was judged as it was. Ours:
//! the published API has none. Nothing here can be changed.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::explanation;
use crate::api::call::Call;
use crate::api::envelope::Answer;
use crate::api::error::ApiError;
use crate::api::json::{amount, currency, moment};
use crate::api::limits::Limits;
use crate::api::list::Reading;
use crate::api::service;
use crate::domain::{
    AdvertiserId, Conversion, Field, LineItemId, Outcome, OutcomeKind, PixelId, Reader, Reason, Seq, fields,
};
use crate::judge::explain;
use crate::store::{ConversionQuery, Filter, ListQuery, Scalar, StoreError, Test};
use crate::web::State;

const SINGULAR: &str = "conversion";
const PLURAL: &str = "conversions";

/// What a filter by datetime means by a moment: all of its second.
const SECOND: i64 = 1_000;

/// For the API's description.
pub(super) const DESCRIBED: service::Described = service::Described {
    path: SINGULAR,
    what: "conversion",
    singular: SINGULAR,
    plural: PLURAL,
    fields: fields::CONVERSION,
    methods: &["GET"],
    is_one: false,
    post_lists: false,
};

/// Adds its addresses.
pub(super) fn routes(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/conversion").to(handle));
    routes.service(web::resource("/conversion/meta").to(handle_meta));
    routes.service(web::resource("/conversion/{id}/explain").to(handle_explain));
}

async fn handle(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, SINGULAR);
    let outcome = answer(&mut call, payload).await;
    call.finish(outcome)
}

async fn handle_meta(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, SINGULAR);
    let outcome = service::meta(&mut call, payload, fields::CONVERSION).await;
    call.finish(outcome)
}

async fn handle_explain(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let id = request.match_info().get("id").unwrap_or("").to_owned();
    let mut call = Call::new(request, state, limits, SINGULAR);
    let outcome = explained(&mut call, payload, &id).await;
    call.finish(outcome)
}

/// Only GET, by who may read.
async fn begin(call: &mut Call, payload: web::Payload) -> Result<Reader, ApiError> {
    call.authenticate().await?;
    let by = call.reader()?;
    call.read_body(payload).await?;
    if *call.method() != Method::GET {
        return Err(call.wrong_method("GET: conversions are what the log says, and cannot be changed"));
    }
    Ok(by)
}

async fn explained(call: &mut Call, payload: web::Payload, id: &str) -> Result<Answer, ApiError> {
    let by = begin(call, payload).await?;
    let seq: Seq =
        id.parse().map_err(|rule| ApiError::Syntax(format!("the id of the conversion {rule}, and is {id:?}")))?;
    let explained = explain(call.store(), &by, seq).await?;
    Ok(Answer::new("explanation", explanation::to_json(&explained)))
}

async fn answer(call: &mut Call, payload: web::Payload) -> Result<Answer, ApiError> {
    let by = begin(call, payload).await?;
    let reading = Reading::new(fields::CONVERSION, &call.params);
    let (warnings, paging, list) = (reading.warnings(), reading.paging()?, reading.query()?);
    let (query, ids) = narrowed(list)?;
    let (found, count) = match ids {
        None => {
            let page = call.store().conversions(&by, query).await?;
            (page.items, page.count)
        }
        Some(ids) => {
            let found = by_id(call, &by, ids).await?;
            let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
            (found, count)
        }
    };
    let mut conversions: Vec<_> = found.iter().map(to_json).collect();
    Reading::new(fields::CONVERSION, &call.params).select(&mut conversions);
    warnings.into_iter().for_each(|warning| call.warn(warning));
    if let Some(id) = call.params.single("id") {
        let one = conversions.pop().ok_or_else(|| StoreError::not_found("conversion", id))?;
        return Ok(Answer::new(SINGULAR, one).counted(1, paging));
    }
    Ok(Answer::new(PLURAL, conversions.into()).counted(count, paging))
}

/// Those of the named ones that there are and that the caller sees.
async fn by_id(call: &Call, by: &Reader, ids: Vec<Seq>) -> Result<Vec<Conversion>, ApiError> {
    let mut found = Vec::new();
    for id in ids {
        match call.store().conversion(by, id).await {
            Ok(conversion) => found.push(conversion),
            Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// The conditions as the store takes them, or the ids that were named.
fn narrowed(list: ListQuery) -> Result<(ConversionQuery, Option<Vec<Seq>>), ApiError> {
    let ListQuery { filters, search, sort: _, start_element, num_elements } = list;
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
        narrow(&mut query, &filter)?;
    }
    Ok((query, None))
}

fn narrow(query: &mut ConversionQuery, Filter { field, test }: &Filter) -> Result<(), ApiError> {
    let refused = || refuse(field);
    match (field.name, test) {
        ("datetime", Test::Min(Scalar::Int(at))) => query.from = Some(crate::domain::Millis(*at)),
        ("datetime", Test::Max(Scalar::Int(at))) => {
            query.to = Some(crate::domain::Millis(*at).plus(SECOND));
        }
        (name, Test::In(values)) => match (name, values.as_slice()) {
            ("advertiser_id", [Scalar::Int(id)]) => query.advertiser = Some(AdvertiserId(*id)),
            ("pixel_id", [Scalar::Int(id)]) => query.pixel = Some(PixelId(*id)),
            ("line_item_id", [Scalar::Int(id)]) => query.line_item = Some(LineItemId(*id)),
            ("order_id", [Scalar::Text(order)]) => query.order_id = Some(order.clone()),
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

fn to_json(conversion: &Conversion) -> Value {
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
        "order_id": fire.order_id,
        "value": amount(fire.value),
        "currency": currency(fire.currency),
        "adjusted": conversion.adjusted.is_some(),
        "retracted": standing.retracted,
        "adjusted_value": amount(standing.value),
        "adjusted_currency": currency(standing.currency),
        "external_data": fire.other,
        "event_id": fire.event_id,
        "tag": fire.tag.as_str(),
        // As in reports: digits, and as a text since they outrun what JavaScript counts exactly.
        "user_id": conversion.visitor_id.map(|id| id.0.to_string()),
        "line_item_id": credit.map(|credit| credit.line_item_id.0),
        "campaign_id": credit.and_then(|credit| credit.campaign_id).map(|id| id.0),
        "publisher_id": credit.map(|credit| credit.publisher_id.0),
        "creative_id": credit.and_then(|credit| credit.creative_id),
        "imp_time": credit.map(|credit| moment(credit.exposure_at)),
        "exposure_id": credit.map(|credit| credit.exposure.0),
        "exposure_kind": if let Outcome::Attributed(kind) = outcome { Some(kind.as_str()) } else { None },
        "static_value": amount(credit.and_then(|credit| credit.static_value)),
        "static_currency": credit.map(|credit| credit.static_currency.as_str()),
    })
}
