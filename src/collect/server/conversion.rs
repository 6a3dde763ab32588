//! One event of `/conversions`: a fire that the advertiser's server reports, at its own time. Imports share its
//! readers.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use super::RequestContext;
use super::answer::EventError;
use super::fields::{Fields, strictly};
use crate::collect::endpoints::invoca::MAX_REFERENCE_ID;
use crate::collect::endpoints::visit::{MAX_REFERER, MAX_USER_AGENT};
use crate::collect::kept::event::{self, KnownFields};
use crate::collect::kept::{KeptByChoice, addresses, private};
use crate::collect::params::{MAX_EVENT_ID, MAX_ORDER_ID, MAX_OTHER, click_ids, gdpr, values};
use crate::collect::problems::warnings::{Rule, Warnings, cut};
use crate::collect::query::{MAX_QUERY, Raw};
use crate::collect::visitor::OPTED_OUT;
use crate::collect::visitor::consent::{Consent, Needed};
use crate::config::IpStorage;
use crate::domain::{Fire, FireDetails, Flags, MAX_REASON_CODE, Millis, Pixel, Seq, TagKind, VisitorId, Warning};
use crate::store::LogRow;
use crate::web::client::Client;

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
pub const FIELDS_OF_ALL: &[&str] = &[
    "visitor_id",
    "advertiser_id",
    "test",
    "gdpr",
    "gdpr_consent",
    "us_privacy",
    "gpp",
    "page_url",
    "user_agent",
    "ip",
];

/// Every field of an event.
pub const KNOWN: KnownFields<'static> = &[FIELDS, FIELDS_OF_ALL, &["event_time"]];

/// # Errors
/// The first field that breaks its rule.
pub fn read(fields: &Fields<'_>, context: &RequestContext<'_>) -> Result<LogRow, EventError> {
    let pixel = pixel(fields, context)?;
    let at = fields.time(context.now)?;
    let mut warnings = Warnings::default();
    let visitor = VisitorRef::of(fields, context, &mut warnings)?;
    let basics = FireBasics { pixel, at, visitor, tag: TagKind::Server, bot: false, known: KNOWN, warnings };
    let fire = fire(fields, context, basics)?;
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
    pub bot: bool,
    /// The fields that the event may have.
    pub known: KnownFields<'a>,
    pub warnings: Warnings,
}

/// # Errors
/// The first field that breaks its rule.
pub fn fire(fields: &Fields<'_>, context: &RequestContext<'_>, basics: FireBasics<'_>) -> Result<Fire, EventError> {
    let FireBasics { pixel, at, visitor, tag, bot, known, mut warnings } = basics;
    let advertiser = context.catalog.advertiser(pixel.advertiser_id);
    let consent = consent(fields, context.needed)?;
    // The visitor is read even without consent: a mistake there refuses the event.
    let visitor = if consent.refused { VisitorRef::default() } else { visitor };
    let currency = fields.read("currency", values::currency)?;
    let w = &mut warnings;
    let order_id = fields.identity("order_id", MAX_ORDER_ID, w)?;
    values::check_published("order_id", order_id.as_deref(), w);
    let event_id = fields.identity("event_id", MAX_EVENT_ID, w)?;
    let details = FireDetails { hashed_email: visitor.hashed_email, consent: consent.signals, ..details(fields, w)? };
    let ip = ip(fields, context.choice.ip, w).filter(|_| !consent.refused);
    let referer = page(fields, consent.refused, context.choice, w);
    let mut fire = Fire {
        at,
        received: context.now,
        pixel_id: pixel.id,
        visitor_id: visitor.visitor_id,
        flags: Flags { test: fields.read("test", values::switch)?, bot, ..Flags::default() },
        tag,
        order_id,
        value: fields
            .read("value", |name, raw, warnings| values::value(name, raw, currency, warnings))?
            .map(|(value, _)| value),
        currency: currency.or(advertiser.as_deref().map(|advertiser| advertiser.default_currency)),
        other: fields.short_text("other", MAX_OTHER)?,
        event_id,
        exposure: visitor.exposure,
        details,
        warnings: kept_warnings(fields, known, warnings, consent.refused),
        query: kept(fields, known, consent.refused, context.choice),
        referer,
        user_agent: user_agent(fields, consent.refused),
        ip,
    };
    if consent.refused {
        private::without_names(&mut fire);
    }
    Ok(fire)
}

/// The details that do not depend on the visitor.
fn details(fields: &Fields<'_>, warnings: &mut Warnings) -> Result<FireDetails, EventError> {
    Ok(FireDetails {
        reference_id: fields.identity("reference_id", MAX_REFERENCE_ID, warnings)?,
        parent_reference_id: fields.identity("parent_reference_id", MAX_REFERENCE_ID, warnings)?,
        content_ids: fields.read("content_ids", values::list)?,
        num_items: fields.read("num_items", values::whole_number)?,
        reason_code: fields.short_text("reason_code", MAX_REASON_CODE)?,
        click_ids: click_ids::read(fields.click_ids(), warnings),
        ..FireDetails::default()
    })
}

/// The event's text for the log.
pub fn kept(fields: &Fields<'_>, known: KnownFields<'_>, refused: bool, choice: KeptByChoice) -> String {
    cut(&event::kept(fields.all(), known, refused, choice), MAX_QUERY).to_owned()
}

/// The visitor's address, as the setting says.
pub fn ip(fields: &Fields<'_>, storage: IpStorage, warnings: &mut Warnings) -> Option<String> {
    let text = fields.get("ip")?;
    match text.parse::<IpAddr>() {
        Ok(ip) => Client { ip: Some(ip.to_canonical()), https: false }.stored_ip(storage),
        Err(_) => {
            warnings.add("ip", &addresses::length_of(&text), Rule::NotAnAddress);
            None
        }
    }
}

/// The warnings for the log, with those about fields that came twice.
pub fn kept_warnings(fields: &Fields<'_>, known: KnownFields<'_>, warnings: Warnings, refused: bool) -> Vec<Warning> {
    let mut kept = warnings.into_vec();
    kept.extend(fields.repeated(known));
    private::warnings(&mut kept, refused);
    kept
}

/// The page it was on.
pub fn page(fields: &Fields<'_>, refused: bool, choice: KeptByChoice, warnings: &mut Warnings) -> Option<String> {
    let url = values::page("page_url", fields.get("page_url"), warnings)?;
    let page = if refused { addresses::private_page(&url) } else { addresses::page(&url, choice.page_query) };
    Some(cut(page, MAX_REFERER).to_owned())
}

/// The browser; none of a private visitor, whom it may name.
pub fn user_agent(fields: &Fields<'_>, refused: bool) -> Option<String> {
    fields.get("user_agent").filter(|_| !refused).map(|agent| cut(&agent, MAX_USER_AGENT).to_owned())
}

/// The visitor who converted, in any of the ways that an event may name one.
#[derive(Default)]
pub struct VisitorRef {
    pub visitor_id: Option<VisitorId>,
    pub exposure: Option<Seq>,
    pub hashed_email: Option<String>,
}

impl VisitorRef {
    pub fn of(fields: &Fields<'_>, context: &RequestContext<'_>, warnings: &mut Warnings) -> Result<Self, EventError> {
        let token = values::filled_in("sspdata", fields.get("sspdata"), warnings);
        let exposures = context.exposures;
        Ok(VisitorRef {
            visitor_id: Self::visitor_id(fields)?,
            exposure: one("sspdata", token, Rule::BadToken.says(), |token| exposures.read(token))?
                .map(|exposure| exposure.seq),
            hashed_email: one(
                "hashed_email",
                fields.get("hashed_email"),
                "must be a SHA-256 as 64 hexadecimal digits",
                |text| event::is_sha256(text).then(|| text.to_ascii_lowercase()),
            )?,
        })
    }

    /// The visitor, by the number in the cookie; none if the cookie says that the visitor has opted out.
    pub fn visitor_id(fields: &Fields<'_>) -> Result<Option<VisitorId>, EventError> {
        if Self::is_opted_out(fields) {
            return Ok(None);
        }
        const NAME: &str = "visitor_id";
        one(NAME, fields.get(NAME), "must be the value of the cookie pxid", VisitorId::from_hex)
    }

    /// Whether the cookie says that the visitor has opted out.
    fn is_opted_out(fields: &Fields<'_>) -> bool {
        fields.get("visitor_id").is_some_and(|cookie| cookie.trim().eq_ignore_ascii_case(OPTED_OUT))
    }
}

/// A field that is either good or wrong.
fn one<T>(
    name: &'static str,
    text: Option<Cow<'_, str>>,
    rule: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, EventError> {
    let Some(text) = text else { return Ok(None) };
    read(&text).map(Some).ok_or_else(|| EventError::field(name, rule))
}

/// Whether pixeld may know the visitor, by the event's own fields. It may not know one who has opted out.
pub fn consent(fields: &Fields<'_>, needed: Needed<'_>) -> Result<Consent, EventError> {
    let mut raw = Raw {
        gdpr: fields.get("gdpr"),
        gdpr_consent: fields.get("gdpr_consent"),
        us_privacy: fields.get("us_privacy"),
        gpp: fields.get("gpp"),
        repeated: fields.again("gdpr"),
        ..Raw::default()
    };
    let mut warnings = Warnings::default();
    let consent = gdpr::consent(&mut raw, needed, &mut warnings);
    strictly(Consent { refused: consent.refused || VisitorRef::is_opted_out(fields), ..consent }, &warnings)
}
