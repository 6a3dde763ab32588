//! One event of `/adjustments`: what the advertiser's server says later of conversions, by their order, event or reference.

use std::time::Duration;

use serde_json::Value;

use super::Asked;
use super::answer::Refused;
use super::fields::Fields;
use crate::collect::invoca::MAX_REFERENCE_ID;
use crate::collect::params::{MAX_EVENT_ID, MAX_ORDER_ID, values};
use crate::domain::{Adjustment, AdvertiserId, ConversionName, Correction, MAX_REASON_CODE, PixelId, Seq};
use crate::store::{LogRow, Store, StoreError};

/// How long the judge may take to come to the end of the log.
const PATIENCE: Duration = Duration::from_secs(5);

/// For each event the one advertiser whose conversions bear the name it gives, where it does not say whose they are and
/// that is not plain from who asks.
///
/// # Errors
/// The store's; it is overloaded where the judge is far behind.
pub async fn owners(
    store: &Store,
    events: &[Value],
    asked: &Asked<'_>,
) -> Result<Vec<Option<AdvertiserId>>, StoreError> {
    let known = asked.by.scope().advertiser().or_else(|| asked.catalog.only_advertiser());
    if known.is_some() {
        return Ok(vec![known; events.len()]);
    }
    let unsaid = |event: &Value| {
        let fields = Fields::of(event).ok()?;
        let said = ["pixel_id", "pixel_code", "advertiser_id"].into_iter().any(|field| fields.get(field).is_some());
        if said { None } else { name(&fields).ok() }
    };
    let names: Vec<_> = events.iter().map(unsaid).collect();
    let asked_for: Vec<_> = names.iter().flatten().cloned().collect();
    if asked_for.is_empty() {
        return Ok(vec![None; events.len()]);
    }
    // Whose it is follows from what is judged: what was answered before must be, or the answer would be chance.
    store.caught_up(PATIENCE).await?;
    let mut found = store.who_owns(&asked.by, asked_for).await?.into_iter();
    Ok(names.into_iter().map(|name| name.and_then(|_| found.next().flatten())).collect())
}

/// Reads it. `owner` is whose conversions are meant where it does not say.
///
/// # Errors
/// The first field that breaks its rule.
pub fn read(fields: &Fields<'_>, owner: Option<AdvertiserId>, asked: &Asked<'_>) -> Result<LogRow, Refused> {
    let of = name(fields)?;
    let (advertiser_id, pixel_id) = whose(fields, owner, asked)?;
    let adjustment = Adjustment {
        seq: Seq(0),
        at: fields.time(asked.now)?,
        received: asked.now,
        advertiser_id,
        pixel_id,
        of,
        correction: correction(fields)?,
        reason_code: fields.short_text("reason_code", MAX_REASON_CODE)?,
        source: asked.by.name().to_owned(),
    };
    Ok(LogRow::Adjustment(Box::new(adjustment)))
}

/// Exactly one name.
fn name(fields: &Fields<'_>) -> Result<ConversionName, Refused> {
    let names = [
        fields.short_text("order_id", MAX_ORDER_ID)?.map(ConversionName::OrderId),
        fields.short_text("event_id", MAX_EVENT_ID)?.map(ConversionName::EventId),
        fields.short_text("reference_id", MAX_REFERENCE_ID)?.map(ConversionName::ReferenceId),
    ];
    let mut given = names.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(name), None) => Ok(name),
        (None, _) => {
            Err(Refused::field("order_id", "is missing: name the conversion by order_id, event_id or reference_id"))
        }
        (Some(_), Some(_)) => {
            Err(Refused::field("order_id", "is one name too many: give one of order_id, event_id and reference_id"))
        }
    }
}

/// Whose conversions: those of the pixel or advertiser that is named, else the owner's.
fn whose(
    fields: &Fields<'_>,
    owner: Option<AdvertiserId>,
    asked: &Asked<'_>,
) -> Result<(AdvertiserId, Option<PixelId>), Refused> {
    if let Some(pixel) = fields.pixel(asked)? {
        return Ok((pixel.advertiser_id, Some(pixel.id)));
    }
    let advertiser = fields.advertiser(asked)?.or(owner).ok_or_else(|| {
        let reason = "is missing: of several advertisers none, or more than one, has such a conversion; say which is meant, \
                      or give pixel_id";
        Refused::field("advertiser_id", reason)
    })?;
    Ok((advertiser, None))
}

fn correction(fields: &Fields<'_>) -> Result<Correction, Refused> {
    let value = fields.read("value", values::value)?.map(|(value, _)| value);
    let currency = fields.read("currency", values::currency)?;
    match (fields.get("type").as_deref(), value) {
        (Some("retract"), None) => Ok(Correction::Retract),
        (Some("retract"), Some(_)) => Err(Refused::field("value", "belongs to the type restate")),
        (Some("restate"), Some(value)) => Ok(Correction::Restate { value, currency }),
        (Some("restate"), None) => Err(Refused::field("value", "is missing: what is the conversion worth now?")),
        (None | Some(_), _) => Err(Refused::field("type", "must be retract or restate")),
    }
}
