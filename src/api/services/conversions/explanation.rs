//! Why a fire was judged as it was, as JSON: the steps and the exposures under their stable names, each with the
//! sentence that the admin page shows. It decides nothing.

use serde_json::{Map, Value, json};

use crate::api::json::{amount, click_ids, currency, moment};
use crate::attribution::words;
use crate::attribution::{Cookie, Step, WeighedTouch};
use crate::domain::{AppliedAdjustment, Arrival, ConversionChange, LineItemRules, PixelRules, TokenUses};
use crate::judge::Explained;
use crate::store::JudgedArrivalRow;

/// The explanation as clients see it. `tag_site` is the address that tags load from.
pub(super) fn to_json(explained: &Explained, tag_site: &str) -> Value {
    let Explained { conversion, pixel, line_items, judgement, adjustments, token_uses, arrivals } = explained;
    let touch = |line: &WeighedTouch| touch(line, token_uses.get(&line.touch.seq), arrivals.get(&line.touch.since()));
    let reason = conversion.outcome.reason();
    json!({
        "conversion_id": conversion.fire.seq.0,
        "datetime": moment(conversion.fire.at),
        "outcome": conversion.outcome.kind().as_str(),
        "reason": reason.as_str(),
        "sentence": words::reason(reason),
        "cookie": Cookie::of(conversion, tag_site).map(|found| cookie(&found, conversion.fire.exposure.is_some())),
        "click_ids": click_ids(&conversion.fire.details.click_ids),
        "steps": judgement.explanation.steps.iter().map(step).collect::<Vec<_>>(),
        "touches": judgement.explanation.touches.iter().map(touch).collect::<Vec<_>>(),
        "adjustments": adjustments.iter().map(adjustment).collect::<Vec<_>>(),
        "pixel": settings(pixel),
        "line_items": line_items.iter().map(line_item).collect::<Vec<_>>(),
    })
}

/// What the fire says about the browser's cookie. `has_token` says that a click ID names the ad in its place.
fn cookie(cookie: &Cookie, has_token: bool) -> Value {
    match cookie {
        Cookie::Sent => json!({
            "sent": true, "cause": null, "page_host": null, "tag_host": null, "remedy": null,
            "sentence": "The browser sent a cookie, so what it saw before is known.",
        }),
        Cookie::Private => json!({
            "sent": null, "cause": "private", "page_host": null, "tag_host": null, "remedy": null,
            "sentence": "The browser opted out, sent a signal such as Global Privacy Control, or gave no consent. So pixeld \
                must not know it.",
        }),
        Cookie::Missing(missing) => json!({
            "sent": false,
            "cause": missing.cause.as_str(),
            "page_host": (!missing.page_host.is_empty()).then_some(&missing.page_host),
            "tag_host": missing.tag_host,
            "remedy": (!has_token).then(|| missing.remedy()),
            "sentence": match has_token {
                true => "This browser sent no cookie. The click ID names the ad in its place.".to_owned(),
                false => format!("This browser sent no cookie. {}", missing.why()),
            },
        }),
    }
}

fn step(step: &Step) -> Value {
    json!({
        "name": step.as_str(),
        "sentence": words::step(step),
        "decided": step.outcome().map(|outcome| outcome.reason().as_str()),
    })
}

/// `token_uses` is none for an exposure that is too old to be looked up.
fn touch(weighed: &WeighedTouch, token_uses: Option<&TokenUses>, arrival: Option<&JudgedArrivalRow>) -> Value {
    let uses =
        |uses: &TokenUses| json!({ "fires": uses.fires, "attributed": uses.attributed, "visitors": uses.visitors });
    let touch = &weighed.touch;
    json!({
        "exposure_id": touch.seq.0,
        "kind": touch.kind.as_str(),
        "datetime": moment(touch.at),
        "line_item_id": touch.line_item_id.0,
        "campaign_id": touch.campaign_id.map(|id| id.0),
        "publisher_id": touch.publisher_id.known().map(|id| id.0),
        "source_id": touch.source_id.map(|id| id.0),
        "creative_id": touch.creative_id,
        "arrival": arrival.map(|row| arrival_json(row, touch.adopted_by.is_some())),
        "verdict": weighed.verdict.as_str(),
        "eligible": weighed.verdict.is_eligible(),
        "sentence": words::touch(weighed),
        "age_seconds": weighed.age_ms.div_euclid(1_000),
        "window_mins": weighed.window.0,
        "counted_from": moment(weighed.counted_from),
        "counted_age_seconds": weighed.counted_age_ms.div_euclid(1_000),
        "token_uses": token_uses.map(uses),
    })
}

/// The arrival that an exposure is, or whose token brought it to the visitor.
fn arrival_json(row: &JudgedArrivalRow, by_token: bool) -> Value {
    let Arrival { parameters, click_ids, referrer_host, .. } = &row.arrival;
    let parameters: Map<_, _> = parameters.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let click_ids: Map<_, _> = click_ids.iter().map(|id| (id.name.clone(), id.value.clone().into())).collect();
    let source = row.source.as_ref().filter(|_| !by_token).map(|(_, name)| name.as_str());
    json!({
        "arrival_id": row.seq.0,
        "datetime": moment(row.at),
        "by_token": by_token,
        "source_name": source,
        "parameters": parameters,
        "click_ids": click_ids,
        "referrer_host": referrer_host,
        "sentence": match source {
            Some(source) => format!("The visitor {}.", words::arrived(source, &row.arrival)),
            None => words::BY_TOKEN.to_owned(),
        },
    })
}

/// A later adjustment of the conversion.
fn adjustment(applied: &AppliedAdjustment) -> Value {
    let (kind, value, code) = match applied.change {
        ConversionChange::Retract => ("retract", None, None),
        ConversionChange::Restate { value, currency } => ("restate", value, currency),
    };
    json!({
        "adjustment_id": applied.seq.0,
        "datetime": moment(applied.at),
        "received_on": moment(applied.received),
        "type": kind,
        "value": amount(value),
        "currency": currency(code),
        "effect": applied.effect.as_str(),
        "reason_code": applied.reason_code,
        "source": applied.source,
        "sentence": words::adjustment(applied),
    })
}

/// The pixel's settings that were in force.
fn settings(pixel: &PixelRules) -> Value {
    json!({
        "id": pixel.pixel_id.0,
        "active": pixel.active,
        "trigger_type": pixel.trigger_type.as_str(),
        "min_minutes_per_conv": pixel.repeat.min_minutes_per_conv(),
        "post_click_expire_mins": pixel.click_window.0,
        "post_view_expire_mins": pixel.view_window.0,
        "count_each_order_once": pixel.count_each_order_once,
        "post_click_value": amount(pixel.post_click_value),
        "post_view_value": amount(pixel.post_view_value),
        "max_value": amount(pixel.max_value.map(|max| max.amount)),
        "max_value_currency": currency(pixel.max_value.map(|max| max.currency)),
    })
}

/// A line item that held the pixel, as it was in force.
fn line_item(line_item: &LineItemRules) -> Value {
    json!({ "id": line_item.line_item_id.0, "active": line_item.active })
}
