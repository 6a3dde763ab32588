//! Turns raw parameters into typed values. Pure. A parameter that breaks its rule is set aside or cut, with a warning;
//! nothing here can lose a fire.

pub mod arrival;
pub mod body;
pub mod click_ids;
pub mod find;
pub mod gdpr;
pub mod landing;
pub mod multipart;
pub mod object;
mod placeholders;
pub mod segment_ops;
#[cfg(test)]
mod tests;
pub mod values;
pub mod wanted;

use std::borrow::Cow;

use self::values::{Longer, SentCurrency};
use super::problems::warnings::{Rule, Warnings};
use super::query::Raw;
use super::visitor::consent::{Consent, Needed};
use crate::domain::{CampaignId, ClickIdValue, Micros, TagForm};

/// The longest `order_id`, in characters.
pub const MAX_ORDER_ID: usize = 255;
/// The longest `other`, in characters.
pub const MAX_OTHER: usize = 20;
/// The longest `event_id`, in characters.
pub const MAX_EVENT_ID: usize = 255;
/// Parameters that a shop fills in for each sale or ad, perhaps with a `#`. Others are rightly empty at times.
const FILLED_IN: &[&str] =
    &["order_id", "value", "other", "event_id", "content_ids", "num_items", "ancost", "campaign_id", "creative_id"];
/// The largest `ancost`: 999999.999999.
pub const MAX_ANCOST: Micros = Micros(1_000_000 * Micros::UNIT - 1);

/// The parameters of a conversion pixel's request.
#[derive(Debug, Default)]
pub struct FireParams<'a> {
    pub test: bool,
    /// At most [`MAX_ORDER_ID`] characters.
    pub order_id: Option<Cow<'a, str>>,
    /// The dynamic value, with its text.
    pub value: Option<(Micros, Cow<'a, str>)>,
    pub currency: SentCurrency,
    /// At most [`MAX_OTHER`] characters.
    pub other: Option<Cow<'a, str>>,
    /// At most [`MAX_EVENT_ID`] characters.
    pub event_id: Option<Cow<'a, str>>,
    pub content_ids: Vec<String>,
    pub num_items: Option<u32>,
    /// An exposure's token, unread.
    pub sspdata: Option<Cow<'a, str>>,
    pub consent: Consent,
    /// The URL to go on to, if the advertiser allows it; not blank.
    pub redir: Option<Cow<'a, str>>,
    /// The page's address.
    pub page_url: Option<Cow<'a, str>>,
    pub click_ids: Vec<ClickIdValue>,
    pub warnings: Warnings,
}

/// The parameters of a tracker's request.
#[derive(Debug, Default)]
pub struct ExposureParams<'a> {
    pub test: bool,
    /// The media cost, at most [`MAX_ANCOST`].
    pub ancost: Option<Micros>,
    pub campaign_id: Option<CampaignId>,
    /// 1 or more.
    pub creative_id: Option<i64>,
    /// The token of the impression that was clicked, unread.
    pub imp: Option<Cow<'a, str>>,
    pub consent: Consent,
    /// The URL to go on to, if the advertiser allows it; not blank.
    pub redir: Option<Cow<'a, str>>,
    pub warnings: Warnings,
}

/// The parameters of a segment pixel's request, without its segments.
#[derive(Debug, Default)]
pub struct LoadParams<'a> {
    pub test: bool,
    /// The value for all segments that the request adds without a value of their own.
    pub value: Option<i32>,
    pub consent: Consent,
    /// The URL to go on to, if the advertiser allows it; not blank.
    pub redir: Option<Cow<'a, str>>,
    /// The page's address.
    pub page_url: Option<Cow<'a, str>>,
    pub warnings: Warnings,
}

/// The form of the tag: `t=1` is a script, everything else an image.
pub fn tag_form(raw: &Raw<'_>) -> TagForm {
    if raw.t.as_deref() == Some("1") { TagForm::Script } else { TagForm::Image }
}

pub fn fire<'a>(raw: &mut Raw<'a>, needed: Needed<'_>) -> FireParams<'a> {
    let mut warnings = of_address(raw);
    let w = &mut warnings;
    let test = values::switch("test", raw.test.take(), w);
    let order_id = values::order_id("order_id", raw.order_id.take(), MAX_ORDER_ID, w);
    let mut of_currency = Warnings::default();
    let currency = values::currency("currency", raw.currency.take(), &mut of_currency);
    let value = values::value("value", raw.value.take(), currency, w);
    w.append(of_currency);
    FireParams {
        test,
        order_id,
        value,
        currency,
        other: values::text("other", raw.other.take(), MAX_OTHER, Longer::IsCut, w),
        event_id: values::identity("event_id", raw.event_id.take(), MAX_EVENT_ID, w),
        content_ids: values::list("content_ids", raw.content_ids.take(), w),
        num_items: values::whole_number("num_items", raw.num_items.take(), w),
        sspdata: values::filled_in("sspdata", raw.sspdata.take(), w),
        consent: gdpr::consent(raw, needed, w),
        redir: values::url("redir", raw.redir.take(), w),
        page_url: values::page("page_url", raw.page_url.take(), w),
        click_ids: click_ids::read(raw.click_ids.drain(..), w),
        warnings,
    }
}

pub fn exposure<'a>(raw: &mut Raw<'a>, needed: Needed<'_>) -> ExposureParams<'a> {
    let mut warnings = of_address(raw);
    let w = &mut warnings;
    ExposureParams {
        test: values::switch("test", raw.test.take(), w),
        ancost: values::money("ancost", raw.ancost.take(), MAX_ANCOST, w).map(|(ancost, _)| ancost),
        campaign_id: values::id("campaign_id", raw.campaign_id.take(), w).map(CampaignId),
        creative_id: values::id("creative_id", raw.creative_id.take(), w),
        imp: values::filled_in("imp", raw.imp.take(), w),
        consent: gdpr::consent(raw, needed, w),
        redir: values::url("redir", raw.redir.take(), w),
        warnings,
    }
}

pub fn segment_load<'a>(raw: &mut Raw<'a>, needed: Needed<'_>) -> LoadParams<'a> {
    let mut warnings = of_address(raw);
    let w = &mut warnings;
    LoadParams {
        test: values::switch("test", raw.test.take(), w),
        value: segment_ops::segment_value("value", raw.value.take(), w),
        consent: gdpr::consent(raw, needed, w),
        redir: values::url("redir", raw.redir.take(), w),
        page_url: values::page("page_url", raw.page_url.take(), w),
        warnings,
    }
}

/// The warnings about the address as a whole.
fn of_address(raw: &Raw<'_>) -> Warnings {
    let mut warnings = Warnings::default();
    for (name, value) in &raw.repeated {
        warnings.add_once(name, value, Rule::Repeated);
    }
    if let Some(name) = raw.empty_at_end.filter(|name| FILLED_IN.contains(name)) {
        warnings.add(name, "", Rule::CutByHash);
    }
    warnings
}
