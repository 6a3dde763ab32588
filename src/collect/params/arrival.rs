//! Reads what a landing page's address carried: campaign parameters, click ids and a token of ours. Everything else in the
//! address is passed over.

use std::borrow::Cow;

use super::body;
use super::click_ids;
use super::object::Object;
use super::placeholders::is_unfilled;
use super::values::{self, Longer};
use crate::auth::{ExposureTokens, TOKEN_LENGTH};
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::collect::query;
use crate::domain::{AdParameter, AdvertiserId, Arrival, ClickIdValue, MAX_CAMPAIGN_VALUE, Seq, trim_cow};

/// The name of forged tokens in warnings: their parameters have any name.
const TOKEN: &str = "token";

/// A parameter of a landing page's address, decoded and trimmed.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// What an address carried.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// The name in lower case and the value, at most 255 characters. Each name stands once.
    pub parameters: Vec<(String, String)>,
    /// Each name stands once.
    pub click_ids: Vec<ClickIdValue>,
    /// The exposure that a token names.
    pub named: Option<Seq>,
}

impl Carried {
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty() && self.click_ids.is_empty() && self.named.is_none()
    }

    /// The arrival from a page of this host, which may by itself be a sign of an ad. One whose parameters all broke their rules is empty: it is kept for its
    /// warnings alone.
    pub fn into_arrival(self, advertiser_id: AdvertiserId, from: Option<String>, from_ad: bool) -> Arrival {
        let referrer_host = from.filter(|_| from_ad || !self.is_empty());
        let Carried { parameters, click_ids, named } = self;
        Arrival { advertiser_id, parameters, click_ids, referrer_host, named }
    }
}

/// The parameters in a text: a query string, or a JSON object whose values are texts or lists of them.
///
/// # Errors
/// It begins as an object, and is none.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, serde_json::Error> {
    let owned = |(name, value): Pair<'_>| (name.into_owned(), value.into_owned());
    if !text.starts_with('{') {
        return Ok(query::pairs(text.strip_prefix('?').unwrap_or(text)).map(owned).collect());
    }
    let Object { fields, repeated } = serde_json::from_str(text)?;
    let fields = fields.iter().chain(repeated.iter().map(|(name, value)| (name, value)));
    let texts = fields.flat_map(|(name, value)| body::texts(name, value).map(|text| (name.as_str().into(), text)));
    Ok(texts.map(|(name, text)| owned((trim_cow(name), trim_cow(text)))).collect())
}

/// Reads them. `own` are the names of parameters that this advertiser's sources ask for, in lower case.
pub fn read<'a>(pairs: &[Pair<'a>], own: &[String], tokens: &ExposureTokens, warnings: &mut Warnings) -> Carried {
    let mut carried = Carried::default();
    let mut ids: Vec<(&str, &str)> = Vec::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let token = tokens.read(value);
        if let Some(exposure) = token {
            carried.named.get_or_insert(exposure.seq);
            continue;
        }
        match wanted(name, own) {
            Some(Wanted::ClickId(name)) => ids.push((name, value)),
            Some(Wanted::Campaign(name)) => campaign(name, value, &mut carried.parameters, warnings),
            None if looks_like_a_token(value) => {
                warnings.add_once(TOKEN, &format!("{TOKEN_LENGTH} characters"), Rule::BadToken);
            }
            None => {}
        }
    }
    carried.click_ids = click_ids::read(ids, warnings);
    carried
}

/// A parameter that is kept, under its one name.
enum Wanted<'n> {
    ClickId(&'static str),
    Campaign(&'n str),
}

fn wanted<'n>(name: &str, own: &'n [String]) -> Option<Wanted<'n>> {
    match AdParameter::of(name) {
        Some(AdParameter::ClickId(id)) => Some(Wanted::ClickId(id.name)),
        Some(AdParameter::Campaign(name)) => Some(Wanted::Campaign(name)),
        None => own.iter().find(|own| own.eq_ignore_ascii_case(name)).map(|own| Wanted::Campaign(own)),
    }
}

/// Keeps the first good value of a campaign parameter.
fn campaign(name: &str, value: &str, kept: &mut Vec<(String, String)>, warnings: &mut Warnings) {
    if let Some((_, first)) = kept.iter().find(|(known, _)| known == name) {
        if first != value {
            warnings.add_once(name, value, Rule::Repeated);
        }
        return;
    }
    let mut own = Warnings::default();
    let text = if is_unfilled(name, value) {
        own.add(name, value, Rule::Placeholder);
        None
    } else {
        values::text(name, Some(Cow::Borrowed(value)), MAX_CAMPAIGN_VALUE, Longer::IsCut, &mut own)
    };
    warnings.merge_once(own);
    kept.extend(text.map(|text| (name.to_owned(), text.into_owned())));
}

/// Whether a value has the form of a token. Its first byte is the kind, so it begins with an `A`; keys and sums of other
/// programs seldom do.
fn looks_like_a_token(value: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    value.len() == TOKEN_LENGTH && value.starts_with('A') && value.bytes().all(is_sign)
}
