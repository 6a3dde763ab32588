//! One event of `/adjustments`: what the advertiser's server says later about conversions, by order, event, reference or
//! number.

use std::time::Duration;

use serde_json::Value;

use super::RequestContext;
use super::answer::EventError;
use super::fields::{Fields, strictly};
use crate::collect::endpoints::invoca::MAX_REFERENCE_ID;
use crate::collect::params::{MAX_EVENT_ID, MAX_ORDER_ID, values};
use crate::collect::problems::warnings::Warnings;
use crate::domain::{Adjustment, AdvertiserId, ConversionChange, ConversionName, MAX_REASON_CODE, PixelId};
use crate::store::{LogRow, Store, StoreError};

/// The fields that are known.
pub const FIELDS: &[&str] = &[
    "order_id",
    "event_id",
    "reference_id",
    "conversion_id",
    "type",
    "value",
    "currency",
    "pixel_id",
    "pixel_code",
    "advertiser_id",
    "event_time",
    "reason_code",
];

/// How long to wait for the judge to reach the end of the log.
const PATIENCE: Duration = Duration::from_secs(5);

/// For each event that names no pixel or advertiser: the one advertiser whose conversions have its name, if the caller
/// sees several advertisers.
///
/// # Errors
/// The store's; [`StoreError::Overloaded`] if the judge is far behind.
pub async fn owners(
    store: &Store,
    events: &[Value],
    context: &RequestContext<'_>,
) -> Result<Vec<Option<AdvertiserId>>, StoreError> {
    let known = context.by.scope().advertiser().or_else(|| context.catalog.only_advertiser());
    if known.is_some() {
        return Ok(vec![known; events.len()]);
    }
    let name_without_owner = |event: &Value| {
        let fields = Fields::of(event).ok()?;
        let owner_fields = ["pixel_id", "pixel_code", "advertiser_id"];
        let has_owner = owner_fields.into_iter().any(|field| fields.get(field).is_some());
        if has_owner { None } else { name(&fields).ok() }
    };
    let names: Vec<_> = events.iter().map(name_without_owner).collect();
    let wanted: Vec<_> = names.iter().flatten().cloned().collect();
    if wanted.is_empty() {
        return Ok(vec![None; events.len()]);
    }
    // The judge must have judged all earlier rows first: the search for owners sees judged conversions only.
    store.caught_up(PATIENCE).await?;
    let mut owners = store.who_owns(&context.by, wanted).await?.into_iter();
    Ok(names.into_iter().map(|name| name.and_then(|_| owners.next().flatten())).collect())
}

/// `owner` is the advertiser of an event that names neither pixel nor advertiser.
///
/// # Errors
/// The first field that breaks its rule.
pub fn read(
    fields: &Fields<'_>,
    owner: Option<AdvertiserId>,
    context: &RequestContext<'_>,
) -> Result<LogRow, EventError> {
    let of = name(fields)?;
    let (advertiser_id, pixel_id) = advertiser_and_pixel(fields, owner, context)?;
    let adjustment = Adjustment {
        at: fields.time(context.now)?,
        received: context.now,
        advertiser_id,
        pixel_id,
        of,
        change: change(fields)?,
        reason_code: fields.short_text("reason_code", MAX_REASON_CODE)?,
        source: context.by.name().to_owned(),
    };
    Ok(LogRow::Adjustment(Box::new(adjustment)))
}

/// Exactly one name.
fn name(fields: &Fields<'_>) -> Result<ConversionName, EventError> {
    let w = &mut Warnings::default();
    let names = [
        fields.identity("order_id", MAX_ORDER_ID, w)?.map(ConversionName::OrderId),
        fields.identity("event_id", MAX_EVENT_ID, w)?.map(ConversionName::EventId),
        fields.identity("reference_id", MAX_REFERENCE_ID, w)?.map(ConversionName::ReferenceId),
        fields.id("conversion_id")?.map(ConversionName::ConversionId),
    ];
    // Without its name an adjustment means nothing.
    strictly((), w)?;
    let mut names = names.into_iter().flatten();
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(name),
        (None, _) => Err(EventError::field(
            "order_id",
            "is missing: name the conversion by order_id, event_id, reference_id or conversion_id",
        )),
        (Some(_), Some(_)) => Err(EventError::field(
            "order_id",
            "is one name too many: give one of order_id, event_id, reference_id and conversion_id",
        )),
    }
}

/// Those that the event names, else the owner.
fn advertiser_and_pixel(
    fields: &Fields<'_>,
    owner: Option<AdvertiserId>,
    context: &RequestContext<'_>,
) -> Result<(AdvertiserId, Option<PixelId>), EventError> {
    if let Some(pixel) = fields.pixel(context)? {
        return Ok((pixel.advertiser_id, Some(pixel.id)));
    }
    let advertiser = fields.advertiser(context)?.or(owner).ok_or_else(|| {
        let reason = "is missing: of several advertisers none, or more than one, has such a conversion; say which is meant, \
                      or give pixel_id";
        EventError::field("advertiser_id", reason)
    })?;
    Ok((advertiser, None))
}

fn change(fields: &Fields<'_>) -> Result<ConversionChange, EventError> {
    let currency = fields.read("currency", values::currency)?;
    let value = fields.read("value", |name, raw, warnings| values::value(name, raw, currency, warnings))?;
    let (value, currency) = (value.map(|(value, _)| value), currency.or(None));
    match (fields.get("type").as_deref(), value) {
        (Some("retract"), None) => Ok(ConversionChange::Retract),
        (Some("retract"), Some(_)) => Err(EventError::field("value", "belongs to the type restate")),
        (Some("restate"), Some(_)) => Ok(ConversionChange::Restate { value, currency }),
        (Some("restate"), None) => Err(EventError::field("value", "is missing: what is the conversion worth now?")),
        (None | Some(_), _) => Err(EventError::field("type", "must be retract or restate")),
    }
}
