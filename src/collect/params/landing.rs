//! Parts the text of a `POST /landing` into the fields of the report itself and the parameters of the landing page's
//! address. These stand among the fields, or all together in the field `parameters`.

use std::borrow::Cow;

use url::Url;

use super::arrival::{self, Pair};
use super::body;
use crate::collect::problems::rejection::Rejection;
use crate::collect::query;

/// The longest host that is kept.
const MAX_HOST: usize = 253;
/// The fields of the report. Every other name is a parameter of the address.
const FIELDS: &[&str] = &[
    "id",
    "code",
    "member",
    "advertiser_id",
    "page_url",
    "test",
    "gdpr",
    "gdpr_consent",
    "us_privacy",
    "gpp",
    "t",
    "cb",
    "cachebuster",
];

/// See the head of this file.
#[derive(Debug, Default)]
pub struct LandingText {
    /// The fields, as a query string.
    pub fields: String,
    /// The address's parameters, decoded and trimmed, in their order.
    pub address: Vec<Pair<'static>>,
    /// The page before; not blank.
    pub referrer: Option<String>,
    /// What the visitor's cookie holds, from the shop's server; not blank.
    pub visitor_id: Option<String>,
    /// All of it as one query string.
    pub for_log: String,
}

impl LandingText {
    /// # Errors
    /// `parameters` begins as a JSON object, and is none.
    pub fn of(text: &str) -> Result<Self, Rejection> {
        let mut landing = LandingText::default();
        for (part, (name, value)) in text.split('&').filter(|part| !part.is_empty()).zip(query::pairs(text)) {
            match &*name {
                "parameters" => {
                    let within = arrival::pairs(&value).map_err(|_| Rejection::BadBody)?;
                    landing.address.extend(within.into_iter().map(|(name, value)| (name.into(), value.into())));
                }
                "referrer" | "referer" => {
                    landing.referrer = landing.referrer.or(Some(value.into_owned())).filter(|url| !url.is_empty());
                }
                "visitor_id" => {
                    landing.visitor_id = landing.visitor_id.or(Some(value.into_owned())).filter(|id| !id.is_empty());
                }
                name if FIELDS.contains(&name) => {
                    landing.fields.push_str(if landing.fields.is_empty() { "" } else { "&" });
                    landing.fields.push_str(part);
                }
                _ => landing.address.push((Cow::Owned(name.into_owned()), Cow::Owned(value.into_owned()))),
            }
        }
        landing.for_log = landing.for_log();
        Ok(landing)
    }

    /// Of the page before, only the origin is kept: its path may say what somebody searched for.
    fn for_log(&self) -> String {
        let referrer = self.referrer.as_deref().map(|url| ("referrer", origin(url)));
        let visitor = self.visitor_id.as_deref().map(|id| ("visitor_id", id));
        let address = self.address.iter().map(|(name, value)| (&**name, &**value));
        let rest = body::query_of(referrer.into_iter().chain(visitor).chain(address));
        let and = if self.fields.is_empty() || rest.is_empty() { "" } else { "&" };
        format!("{}{and}{rest}", self.fields)
    }
}

/// A page's scheme and host.
pub fn origin(url: &str) -> &str {
    let begin = url.find("://").map_or(0, |at| at + "://".len());
    let end = url.get(begin..).and_then(|rest| rest.find(['/', '?', '#', '\\']));
    end.and_then(|end| url.get(..begin + end)).unwrap_or(url)
}

/// The host of an address, in lower case.
pub fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty() && host.len() <= MAX_HOST)?;
    Some(host.to_ascii_lowercase())
}
