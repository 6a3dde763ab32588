//! One event of `/conversions`: a fire that the advertiser's server reports, at its own time. Imports share its
//! readers.

use std::sync::Arc;

use super::RequestContext;
use super::answer::EventError;
use super::fields::{Fields, strictly};
use crate::collect::endpoints::invoca::MAX_REFERENCE_ID;
use crate::collect::endpoints::visit::{MAX_REFERER, MAX_USER_AGENT};
use crate::collect::params::{MAX_EVENT_ID, MAX_ORDER_ID, MAX_OTHER, values};
use crate::collect::problems::warnings::{Rule, Warnings, cut};
use crate::collect::query::{MAX_QUERY, Raw};
use crate::collect::visitor::OPTED_OUT;
use crate::collect::visitor::consent;
use crate::collect::visitor::consent::{Consent, Needed};
use crate::collect::visitor::redact;
use crate::domain::{Fire, FireDetails, Flags, MAX_REASON_CODE, Millis, Pixel, Seq, TagKind, VisitorId};
use crate::store::LogRow;

/// The fields of fires, besides [`FIELDS_OF_ALL`].
pub const FIELDS: &[&str] = &[
    "pixel_id",
    "pixel_code",
    "order_id",
    "value",
    "currency",
    "other",
    "event_id",
    "content_ids",
    "num_items",
    "reason_code",
    "reference_id",
    "parent_reference_id",
    "hashed_email",
    "sspdata",
];

/// The fields of fires and of imported exposures.
pub const FIELDS_OF_ALL: &[&str] =
    &["visitor_id", "advertiser_id", "test", "gdpr", "gdpr_consent", "us_privacy", "gpp", "page_url", "user_agent"];

/// # Errors
/// The first field that breaks its rule.
pub fn read(fields: &Fields<'_>, context: &RequestContext<'_>) -> Result<LogRow, EventError> {
    let pixel = pixel(fields, context)?;
    let at = fields.time(context.now)?;
    let visitor = VisitorRef::of(fields, context)?;
    let fire = fire(fields, context, FireBasics { pixel, at, visitor, tag: TagKind::Server, secret: &[] })?;
    Ok(LogRow::Fire(Box::new(fire)))
}

/// The pixel. An event must name one.
pub fn pixel(fields: &Fields<'_>, context: &RequestContext<'_>) -> Result<Arc<Pixel>, EventError> {
    fields.pixel(context)?.ok_or_else(|| EventError::field("pixel_id", "is missing"))
}

/// The parts of a fire that the caller knows before it reads the other fields.
pub struct FireBasics<'a> {
    pub pixel: Arc<Pixel>,
    pub at: Millis,
    pub visitor: VisitorRef,
    pub tag: TagKind,
    /// Fields that the log does not keep with the event's text.
    pub secret: &'a [&'a str],
}

/// # Errors
/// The first field that breaks its rule.
pub fn fire(fields: &Fields<'_>, context: &RequestContext<'_>, basics: FireBasics<'_>) -> Result<Fire, EventError> {
    let FireBasics { pixel, at, visitor, tag, secret } = basics;
    let advertiser = context.catalog.advertiser(pixel.advertiser_id);
    let consent = consent(fields, context.needed)?;
    // The visitor is read even without consent: a mistake there refuses the event.
    let visitor = if consent.refused { VisitorRef::default() } else { visitor };
    let currency = fields.read("currency", values::currency)?;
    Ok(Fire {
        at,
        received: context.now,
        pixel_id: pixel.id,
        visitor_id: visitor.visitor_id,
        flags: Flags { test: fields.read("test", values::zero_or_one)?, ..Flags::default() },
        tag,
        order_id: fields.short_text("order_id", MAX_ORDER_ID)?,
        value: fields.read("value", values::value)?.map(|(value, _)| value),
        currency: currency.or(advertiser.as_deref().map(|advertiser| advertiser.default_currency)),
        other: fields.short_text("other", MAX_OTHER)?,
        event_id: fields.short_text("event_id", MAX_EVENT_ID)?,
        exposure: visitor.exposure,
        details: FireDetails {
            segments: Vec::new(),
            content_ids: fields.read("content_ids", values::list)?,
            num_items: fields.read("num_items", values::whole_number)?,
            reason_code: fields.short_text("reason_code", MAX_REASON_CODE)?,
            reference_id: fields.short_text("reference_id", MAX_REFERENCE_ID)?,
            parent_reference_id: fields.short_text("parent_reference_id", MAX_REFERENCE_ID)?,
            hashed_email: visitor.hashed_email,
            consent: consent.signals,
        },
        warnings: Vec::new(),
        query: kept(fields, consent.refused, secret),
        referer: page(fields),
        user_agent: user_agent(fields),
        ip: None,
    })
}

/// The event as it came, without secret fields; of a private visitor, without all fields that name one.
pub fn kept(fields: &Fields<'_>, refused: bool, secret: &[&str]) -> String {
    let names = if refused { redact::NAMES } else { &[] };
    cut(&fields.text(&[names, secret].concat()), MAX_QUERY).to_owned()
}

/// The page it was on.
pub fn page(fields: &Fields<'_>) -> Option<String> {
    fields.get("page_url").map(|page| cut(&page, MAX_REFERER).to_owned())
}

pub fn user_agent(fields: &Fields<'_>) -> Option<String> {
    fields.get("user_agent").map(|agent| cut(&agent, MAX_USER_AGENT).to_owned())
}

/// The visitor who converted, in any of the ways that an event may name one.
#[derive(Default)]
pub struct VisitorRef {
    pub visitor_id: Option<VisitorId>,
    pub exposure: Option<Seq>,
    pub hashed_email: Option<String>,
}

impl VisitorRef {
    pub fn of(fields: &Fields<'_>, context: &RequestContext<'_>) -> Result<Self, EventError> {
        let exposures = context.exposures;
        Ok(VisitorRef {
            visitor_id: Self::visitor_id(fields)?,
            exposure: one(fields, "sspdata", Rule::BadToken.says(), |token| exposures.read(token))?
                .map(|exposure| exposure.seq),
            hashed_email: one(fields, "hashed_email", "must be a SHA-256 as 64 hexadecimal digits", |text| {
                let is_hash = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
                is_hash.then(|| text.to_ascii_lowercase())
            })?,
        })
    }

    /// The visitor, by the number in the cookie; none if the cookie says that the visitor has opted out.
    pub fn visitor_id(fields: &Fields<'_>) -> Result<Option<VisitorId>, EventError> {
        if Self::is_opted_out(fields) {
            return Ok(None);
        }
        one(fields, "visitor_id", "must be the value of the cookie pxid", VisitorId::from_hex)
    }

    /// Whether the cookie says that the visitor has opted out.
    fn is_opted_out(fields: &Fields<'_>) -> bool {
        fields.get("visitor_id").is_some_and(|cookie| cookie.trim().eq_ignore_ascii_case(OPTED_OUT))
    }
}

/// A field that is either good or wrong.
fn one<T>(
    fields: &Fields<'_>,
    name: &'static str,
    rule: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, EventError> {
    let Some(text) = fields.get(name) else { return Ok(None) };
    read(&text).map(Some).ok_or_else(|| EventError::field(name, rule))
}

/// Whether pixeld may know the visitor, by the event's own fields. It may not know one who has opted out.
pub fn consent(fields: &Fields<'_>, needed: Needed<'_>) -> Result<Consent, EventError> {
    let mut raw = Raw {
        gdpr: fields.get("gdpr"),
        gdpr_consent: fields.get("gdpr_consent"),
        us_privacy: fields.get("us_privacy"),
        gpp: fields.get("gpp"),
        ..Raw::default()
    };
    let mut warnings = Warnings::default();
    let consent = consent::read(&mut raw, needed, &mut warnings);
    strictly(Consent { refused: consent.refused || VisitorRef::is_opted_out(fields), ..consent }, &warnings)
}
