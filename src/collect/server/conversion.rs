//! One event of `/conversions`: a fire that the advertiser's server reports, at its own time.

use super::Asked;
use super::answer::Refused;
use super::fields::{Fields, strictly};
use crate::collect::consent::{self, Consent, Needed};
use crate::collect::invoca::{MAX_REASON_CODE, MAX_REFERENCE_ID};
use crate::collect::params::{MAX_EVENT_ID, MAX_ORDER_ID, MAX_OTHER, values};
use crate::collect::query::{MAX_QUERY, Raw};
use crate::collect::visit::{MAX_REFERER, MAX_USER_AGENT};
use crate::collect::warnings::{Rule, Warnings, cut};
use crate::domain::{Fire, FireDetails, Flags, Seq, TagKind, VisitorId};
use crate::store::LogRow;

/// Reads it.
///
/// # Errors
/// The first field that breaks its rule.
pub fn read(fields: &Fields<'_>, asked: &Asked<'_>) -> Result<LogRow, Refused> {
    let pixel = fields.pixel(asked)?.ok_or_else(|| Refused::field("pixel_id", "is missing"))?;
    let advertiser = asked.state.store.catalog().advertiser(pixel.advertiser_id);
    let at = fields.time(asked.now)?;
    let consent = consent(fields, Needed::by(&asked.state.config))?;
    let who = Who::of(fields, asked)?;
    // All is checked in any case, so that a mistake is told whatever the visitor chose.
    let who = if consent.refused { Who::default() } else { who };
    let currency = fields.read("currency", values::currency)?;
    let kept = |text: &str, most| cut(text, most).to_owned();
    let fire = Fire {
        seq: Seq(0),
        at,
        received: asked.now,
        pixel_id: pixel.id,
        visitor_id: who.visitor_id,
        flags: Flags { test: fields.read("test", values::zero_or_one)?, ..Flags::default() },
        tag: TagKind::Server,
        order_id: fields.short_text("order_id", MAX_ORDER_ID)?,
        value: fields.read("value", values::value)?.map(|(value, _)| value),
        currency: currency.or(advertiser.as_deref().map(|advertiser| advertiser.default_currency)),
        other: fields.short_text("other", MAX_OTHER)?,
        event_id: fields.short_text("event_id", MAX_EVENT_ID)?,
        exposure: who.exposure,
        details: FireDetails {
            segments: Vec::new(),
            content_ids: fields.read("content_ids", values::list)?,
            num_items: fields.read("num_items", values::whole_number)?,
            reason_code: fields.short_text("reason_code", MAX_REASON_CODE)?,
            reference_id: fields.short_text("reference_id", MAX_REFERENCE_ID)?,
            parent_reference_id: fields.short_text("parent_reference_id", MAX_REFERENCE_ID)?,
            hashed_email: who.hashed_email,
            consent: consent.signals,
        },
        warnings: Vec::new(),
        query: kept(&fields.text(if consent.refused { Who::NAMES } else { &[] }), MAX_QUERY),
        referer: fields.get("page_url").map(|page| kept(&page, MAX_REFERER)),
        user_agent: fields.get("user_agent").map(|agent| kept(&agent, MAX_USER_AGENT)),
        ip: None,
    };
    Ok(LogRow::Fire(Box::new(fire)))
}

/// Who converted, in any of the ways an event may say it.
#[derive(Default)]
struct Who {
    visitor_id: Option<VisitorId>,
    exposure: Option<Seq>,
    hashed_email: Option<String>,
}

impl Who {
    /// The fields that say it.
    const NAMES: &'static [&'static str] = &["visitor_id", "sspdata", "hashed_email"];

    fn of(fields: &Fields<'_>, asked: &Asked<'_>) -> Result<Self, Refused> {
        let exposures = asked.state.auth.exposures();
        Ok(Who {
            visitor_id: one(fields, "visitor_id", "must be the value of the cookie pxid", VisitorId::from_hex)?,
            exposure: one(fields, "sspdata", Rule::BadToken.says(), |token| exposures.read(token))?
                .map(|named| named.seq),
            hashed_email: one(fields, "hashed_email", "must be a SHA-256 as 64 hexadecimal digits", |text| {
                let is_hash = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
                is_hash.then(|| text.to_ascii_lowercase())
            })?,
        })
    }
}

/// A field that is either good or wrong.
fn one<T>(
    fields: &Fields<'_>,
    name: &'static str,
    rule: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Refused> {
    let Some(text) = fields.get(name) else { return Ok(None) };
    read(&text).map(Some).ok_or_else(|| Refused::field(name, rule))
}

fn consent(fields: &Fields<'_>, needed: Needed<'_>) -> Result<Consent, Refused> {
    let mut raw = Raw {
        gdpr: fields.get("gdpr"),
        gdpr_consent: fields.get("gdpr_consent"),
        us_privacy: fields.get("us_privacy"),
        gpp: fields.get("gpp"),
        ..Raw::default()
    };
    let mut warnings = Warnings::default();
    let consent = consent::read(&mut raw, needed, &mut warnings);
    strictly(consent, &warnings)
}
