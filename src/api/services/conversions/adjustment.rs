//! `/adjustment`: what the advertiser's servers and users corrected later, newest first, with what became of it. Nothing
//! here can be changed. The published API has no such service.

use serde_json::{Map, Value, json};

use crate::api::envelope::Answer;
use crate::api::error::ApiError;
use crate::api::json::{amount, currency, moment};
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::page;
use crate::domain::{AdvertiserId, ConversionChange, ConversionName, Seq, fields};
use crate::store::{AdjustmentEffects, AdjustmentQuery, Filter, ListQuery, NearMiss, Page, Scalar, Test};

pub(in crate::api) const INFO: ServiceInfo = ServiceInfo {
    methods: &["GET"],
    takes: "GET: send adjustments to POST /adjustments; here they are only read",
    ..ServiceInfo::new("adjustment", "adjustments", fields::ADJUSTMENT)
};

pub(in crate::api) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let (list, paging) = page::asked_for(call, fields::ADJUSTMENT)?;
    let Page { items, count } = call.store().adjustments(&by, query(list)?).await?;
    let misses = call.store().near_misses(&by, &items).await?;
    let objects = items.iter().zip(&misses).map(|(item, misses)| to_json(item, misses)).collect();
    page::answer(call, &INFO, objects, count, paging)
}

fn query(list: ListQuery) -> Result<AdjustmentQuery, ApiError> {
    let ListQuery { filters, search, start_element, num_elements, .. } = list;
    if search.is_some() {
        return Err(ApiError::Syntax(
            "adjustments cannot be searched; filter by has_effect or advertiser_id".to_owned(),
        ));
    }
    let mut query = AdjustmentQuery { start_element, num_elements, ..AdjustmentQuery::default() };
    for Filter { field, test } in filters {
        let value = match &test {
            Test::In(values) => match values.as_slice() {
                [Scalar::Int(value)] => Some(*value),
                _ => None,
            },
            _ => None,
        };
        match (field.name, value) {
            ("id", Some(id)) => query.seq = Some(Seq(id)),
            ("advertiser_id", Some(id)) => query.advertiser = Some(AdvertiserId(id)),
            ("has_effect", Some(has_effect)) => query.has_effect = Some(has_effect != 0),
            (name, _) => {
                let text = format!("adjustments are filtered by one {name}, as {name}=..., and by no other form of it");
                return Err(ApiError::Syntax(text));
            }
        }
    }
    Ok(query)
}

fn to_json(item: &AdjustmentEffects, misses: &[NearMiss]) -> Value {
    let adjustment = &item.adjustment;
    let (kind, value, code) = match adjustment.change {
        ConversionChange::Retract => ("retract", None, None),
        ConversionChange::Restate { value, currency } => ("restate", value, currency),
    };
    let (field, name) = adjustment.of.field();
    let name_of = |wanted| (field == wanted).then_some(&*name);
    let number = match adjustment.of {
        ConversionName::ConversionId(seq) => Some(seq.0),
        _ => None,
    };
    let counts = item.counts();
    let effects: Map<_, _> = counts.iter().map(|(effect, count)| (effect.as_str().to_owned(), count.into())).collect();
    json!({
        "id": adjustment.seq.0,
        "datetime": moment(adjustment.at),
        "received_on": moment(adjustment.received),
        "advertiser_id": adjustment.advertiser_id.0,
        "pixel_id": adjustment.pixel_id.map(|id| id.0),
        "order_id": name_of("order_id"),
        "event_id": name_of("event_id"),
        "reference_id": name_of("reference_id"),
        "conversion_id": number,
        "type": kind,
        "value": amount(value),
        "currency": currency(code),
        "reason_code": adjustment.reason_code,
        "source": adjustment.source,
        "result": item.result(),
        "has_effect": item.judged.then(|| counts.changed() > 0),
        "conversions": counts.changed(),
        "effects": effects,
        "conversion_ids": item.effects.iter().map(|(seq, _)| seq.0).collect::<Vec<_>>(),
        "near_misses": misses.iter().map(near_miss).collect::<Vec<_>>(),
    })
}

fn near_miss(miss: &NearMiss) -> Value {
    let (field, name) = miss.name.field();
    json!({ "conversion_id": miss.seq.0, "datetime": moment(miss.at), field: name })
}
