//! What the templates of a target know of a pixel and its options. Every text here is plain: no character of it can end a
//! string or an element.

use std::fmt::Write;

use super::{Parameter, TagHost};
use crate::domain::{AdvertiserId, Pixel, PixelId, TagForm};

/// A text to copy, with what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The place for it: "Thank-you page: custom pixel".
    pub title: &'static str,
    /// The code.
    pub text: String,
}

impl Snippet {
    pub(super) fn new(title: &'static str, text: impl ToString) -> Self {
        Snippet { title, text: text.to_string().trim_end().to_owned() }
    }
}

/// The snippets of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippets {
    /// The site tag, for every page of the site.
    pub every_page: Vec<Snippet>,
    /// The pixel, for the page or the place where the sale is known.
    pub sale: Vec<Snippet>,
    /// How a page fills in the placeholders.
    pub examples: Vec<Snippet>,
}

/// A pixel and its options, as templates read them.
pub(super) struct Data<'a> {
    pub pixel: &'a Pixel,
    /// The tag's URL without the parameters that the target fills in.
    pub url: String,
    /// The same with their placeholders, but without `redir`.
    pub full_url: String,
    /// The tag as HTML, with its placeholders.
    pub html: String,
    /// `https://px.shop.example`
    pub base: String,
    pub host: &'a TagHost,
    pub form: TagForm,
    pub parameters: &'a [Parameter],
    /// Whether the value comes without tax and shipping.
    pub net: bool,
    /// Whether the snippet asks for consent.
    pub consent: bool,
    /// Whether the site tag goes with it.
    pub site: bool,
    pub test: bool,
}

impl Data<'_> {
    pub(super) fn id(&self) -> PixelId {
        self.pixel.id
    }

    pub(super) fn advertiser(&self) -> AdvertiserId {
        self.pixel.advertiser_id
    }

    pub(super) fn script(&self) -> bool {
        self.form == TagForm::Script
    }

    /// Whether the snippet fills in this parameter.
    pub(super) fn fills(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name() == name)
    }

    /// Whether the snippet reads the articles of the order.
    pub(super) fn reads_items(&self) -> bool {
        self.fills("content_ids") || self.fills("num_items")
    }

    /// The URL of the site tag. That of a test reports arrivals as tests.
    pub(super) fn site_url(&self) -> String {
        let test = if self.test { "&test=1" } else { "" };
        format!("{}/site.js?id={}{test}", self.base, self.advertiser())
    }

    /// The site tag; `consent` is the value of its attribute `data-consent`, "" for none.
    pub(super) fn site_tag(&self, consent: &str) -> String {
        let consent = if consent.is_empty() { String::new() } else { format!(" data-consent=\"{consent}\"") };
        format!("<script async src=\"{}\"{consent}></script>", self.site_url().replace('&', "&amp;"))
    }

    /// The redirect URL's placeholder, which ends a URL.
    pub(super) fn redir(&self) -> &'static str {
        if self.fills("redir") { "&redir=[REDIRECT_URL]" } else { "" }
    }

    /// The first members of the object that a JavaScript call passes: `id: 1, test: 1`.
    pub(super) fn members(&self) -> String {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let wanted = pairs.filter(|(name, value)| name != "t" || (value == "1" && self.runs_extra_pixels()));
        let member = |(name, value): (std::borrow::Cow<'_, str>, _)| format!("{name}: {}", literal(value));
        wanted.map(member).collect::<Vec<_>>().join(", ")
    }

    /// Whether the page must run the answer, since it loads extra pixels.
    pub(super) fn runs_extra_pixels(&self) -> bool {
        !self.pixel.piggyback_pixels.is_empty()
    }

    /// The hosts that a shop's Content-Security-Policy must allow: ours and those of the piggybacks.
    pub(super) fn hosts(&self) -> Vec<String> {
        let urls = self.pixel.piggyback_pixels.iter().filter_map(|piggyback| url::Url::parse(&piggyback.url).ok());
        let mut hosts = vec![self.host.to_string()];
        for url in urls {
            let plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
            hosts.extend(url.host_str().filter(plain).map(str::to_owned));
        }
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }
}

/// A value as a literal of JavaScript and JSON: a number as it is, any other text with its odd characters escaped.
fn literal(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    if !text.is_empty() && text.len() < 16 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut literal = String::from("\"");
    for unit in text.encode_utf16() {
        let plain = u8::try_from(unit).ok().filter(|byte| byte.is_ascii_alphanumeric() || b" -_.,:".contains(byte));
        match plain {
            Some(byte) => literal.push(char::from(byte)),
            // Writing to a text cannot fail.
            None => {
                let _ = write!(literal, "\\u{unit:04x}");
            }
        }
    }
    literal.push('"');
    literal
}
