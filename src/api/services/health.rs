//! `/pixel/{id}/health`: how a pixel does, and which values its fires usually have. The published API has no such service.

use serde_json::{Value, json};

use crate::api::envelope::Answer;
use crate::api::error::ApiError;
use crate::api::json::{amount, moment_or_null};
use crate::api::request::call::Call;
use crate::attribution::MissingCookie;
use crate::domain::{Advertiser, Pixel, PixelId};
use crate::store::{PixelHealth, PixelWeek, ValueHistory};
use crate::web::attention;
use crate::web::attention::{CookieFacts, Finding};

pub(super) async fn answer(call: &mut Call) -> Result<Answer, ApiError> {
    let by = call.reader()?;
    let id = call.request.match_info().get("id").unwrap_or("");
    let id: PixelId =
        id.parse().map_err(|rule| ApiError::Syntax(format!("the id of the pixel {rule}, and is {id:?}")))?;
    let pixel: Pixel = call.store().get(&by, id.0).await?;
    let Advertiser { default_currency, .. } = call.store().get(&by, pixel.advertiser_id.0).await?;
    let health = call.store().pixel_health(&by, vec![id]).await?.remove(&id).unwrap_or_default();
    let links = call.store().pixel_links(&by, vec![id]).await?.remove(&id).unwrap_or_default();
    let (now, site) = (call.state.clock.now(), call.tag_site());
    let (findings, cookie) = attention::load::pixel(call.store(), &by, &pixel, &links, &health, &site, now).await?;
    let history = call.store().value_history(&by, id, default_currency).await?;
    let mut json = to_json(&pixel, &health, default_currency.as_str(), history.as_ref());
    json["uncredited_7d"] = health.week.unattributed.into();
    json["cookies_7d"] = cookies(&health.week, cookie.as_ref());
    json["findings"] = findings.iter().map(finding).collect();
    Ok(Answer::new("health", json))
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

/// How many events of 7 days came without a cookie. The cause stands there only if they are many.
fn cookies(week: &PixelWeek, cookie: Option<&CookieFacts>) -> Value {
    let missing = cookie.map(|cookie| &cookie.missing);
    json!({
        "from_browsers": week.browsers,
        "without_cookie": week.without_cookie,
        "private": week.private,
        "cause": missing.map(|missing| missing.cause.as_str()),
        "page_host": missing.map(|missing| &missing.page_host).filter(|host| !host.is_empty()),
        "tag_host": missing.map(|missing| &missing.tag_host),
        "remedy": missing.map(MissingCookie::remedy),
    })
}

fn finding(finding: &Finding) -> Value {
    json!({ "rule": finding.rule, "loses_conversions": finding.danger, "text": finding.text })
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
