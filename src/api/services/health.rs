//! `/pixel/{id}/health`: how a pixel does, and which values its fires usually have. The published API has no such service.

use serde_json::{Value, json};

use crate::api::envelope::Answer;
use crate::api::error::ApiError;
use crate::api::json::{amount, moment_or_null};
use crate::api::request::call::Call;
use crate::domain::{Advertiser, Pixel, PixelId};
use crate::store::{PixelHealth, ValueHistory};

pub(super) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let id = call.request.match_info().get("id").unwrap_or("");
    let id: PixelId =
        id.parse().map_err(|rule| ApiError::Syntax(format!("the id of the pixel {rule}, and is {id:?}")))?;
    let pixel: Pixel = call.store().get(&by, id.0).await?;
    let Advertiser { default_currency, .. } = call.store().get(&by, pixel.advertiser_id.0).await?;
    let health = call.store().pixel_health(&by, vec![id]).await?.remove(&id).unwrap_or_default();
    let history = call.store().value_history(&by, id, default_currency).await?;
    Ok(Answer::new("health", to_json(&pixel, &health, default_currency.as_str(), history.as_ref())))
}

fn to_json(pixel: &Pixel, health: &PixelHealth, currency: &str, history: Option<&ValueHistory>) -> Value {
    json!({
        "pixel_id": pixel.id.0,
        "loads_12h": health.loads_12h,
        "last_load": moment_or_null(health.last_load),
        "conversions_7d": health.conversions_7d,
        "loads_14d": health.loads(),
        "warned_14d": health.warned,
        "max_value": amount(pixel.max_value),
        "currency": currency,
        "values": history.map(|history| values(pixel, history)),
    })
}

fn values(pixel: &Pixel, history: &ValueHistory) -> Value {
    json!({
        "count": history.values,
        "usual": amount(Some(history.usual)),
        "proposed_max_value": amount(history.proposal.filter(|_| pixel.max_value.is_none())),
        "beyond": history.beyond,
        "largest": amount(history.largest.map(|(_, value)| value)),
        "largest_conversion_id": history.largest.map(|(seq, _)| seq.0),
    })
}
