//! How the log stores what an arrival carried, and the click ids of fires: as JSON, null for nothing.

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::domain::{AdvertiserId, Arrival, ClickIdValue, Seq};
use crate::store::db::sql_types::get;

/// An arrival in the column `arrival`. What is empty is left out.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Stored {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    click_ids: Vec<(String, Option<String>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer_host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    named: Option<i64>,
}

/// The column `arrival`; the advertiser has a column of its own.
pub(in crate::store) fn arrival_to_text(arrival: &Arrival) -> Option<String> {
    let stored = Stored {
        parameters: arrival.parameters.clone(),
        click_ids: pairs(&arrival.click_ids),
        referrer_host: arrival.referrer_host.clone(),
        named: arrival.named.map(|seq| seq.0),
    };
    serde_json::to_string(&stored).ok()
}

/// The arrival in a row of `exposures`; none if a tracker or an import reported it.
pub(in crate::store) fn arrival(row: &Row<'_>) -> rusqlite::Result<Option<Box<Arrival>>> {
    let Some(advertiser_id) = get(row, "advertiser_id")? else { return Ok(None) };
    Ok(Some(Box::new(arrival_from_text(advertiser_id, get(row, "arrival")?))))
}

/// Reads [`arrival_to_text`].
pub(in crate::store) fn arrival_from_text(advertiser_id: AdvertiserId, text: Option<String>) -> Arrival {
    let stored: Stored = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Arrival {
        advertiser_id,
        parameters: stored.parameters,
        click_ids: values(stored.click_ids),
        referrer_host: stored.referrer_host,
        named: stored.named.map(Seq),
    }
}

/// Click ids as the log stores them: null for none.
pub(in crate::store) fn click_ids_to_text(ids: &[ClickIdValue]) -> Option<String> {
    if ids.is_empty() { None } else { serde_json::to_string(&pairs(ids)).ok() }
}

/// Reads [`click_ids_to_text`].
pub(in crate::store) fn click_ids_from_text(text: Option<String>) -> Vec<ClickIdValue> {
    text.and_then(|text| serde_json::from_str(&text).ok()).map(values).unwrap_or_default()
}

fn pairs(ids: &[ClickIdValue]) -> Vec<(String, Option<String>)> {
    ids.iter().map(|id| (id.name.clone(), id.value.clone())).collect()
}

fn values(pairs: Vec<(String, Option<String>)>) -> Vec<ClickIdValue> {
    pairs.into_iter().map(|(name, value)| ClickIdValue { name, value }).collect()
}
