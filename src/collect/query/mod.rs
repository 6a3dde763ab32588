//! Reads a tracking request's query string, or a form in its body: fast, total (it refuses no text), and forgiving
//! where pages get things wrong. It knows names only; `params` knows the rules of the values.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Write;

use crate::domain::{AdParameter, trim, trim_cow};

pub use crate::web::query::MAX_QUERY;

/// The parameter whose every value may decide, not the first alone.
const EVERY_VALUE: &str = "gdpr";

macro_rules! names {
    ($($name:ident),+ $(,)?) => {
        /// The parameters that some endpoint knows, percent-decoded and trimmed.
        #[derive(Debug, Default, PartialEq, Eq)]
        pub struct Raw<'a> {
            $(#[doc = concat!("`", stringify!($name), "=`")] pub $name: Option<Cow<'a, str>>,)+
            /// The names that came more than once, each with the first value that was not taken; `gdpr` with all.
            pub repeated: Vec<(&'static str, Cow<'a, str>)>,
            /// The parameter that ends an address without a value: a `#` may have cut it.
            pub empty_at_end: Option<&'static str>,
            /// Click ids, by any spelling of their names: of each the first, and the last of the later ones.
            pub click_ids: Vec<(&'a str, Cow<'a, str>)>,
        }

        impl<'a> Raw<'a> {
            /// Takes a parameter if its name is known; only then is its value decoded. The first value is kept.
            fn take_with(&mut self, name: &str, value: impl FnOnce() -> Cow<'a, str>) {
                let (name, slot) = match name {
                    $(stringify!($name) => (stringify!($name), &mut self.$name),)+
                    _ => return self.take_click_id(name, value),
                };
                if slot.is_none() {
                    *slot = Some(trim_cow(value()));
                } else if name == EVERY_VALUE || self.repeated.iter().all(|(known, _)| *known != name) {
                    // Once for each name: the warnings must not outgrow the query.
                    self.repeated.push((name, trim_cow(value())));
                }
            }

            /// The known name, if the parameter came without a value.
            fn empty(&self, name: &str) -> Option<&'static str> {
                let (name, value) = match name {
                    $(stringify!($name) => (stringify!($name), &self.$name),)+
                    _ => return None,
                };
                value.as_deref().is_some_and(str::is_empty).then_some(name)
            }
        }
    };
}

impl<'a> Raw<'a> {
    fn take_click_id(&mut self, name: &str, value: impl FnOnce() -> Cow<'a, str>) {
        let Some(AdParameter::ClickId(id)) = AdParameter::of(name) else { return };
        let value = trim_cow(value());
        match self.click_ids.iter_mut().filter(|(other, _)| *other == id.name).nth(1) {
            // Two for each name: they must not outgrow the query.
            Some((_, last)) => *last = value,
            None => self.click_ids.push((id.name, value)),
        }
    }
}

names! {
    id, t, order_id, value, other, event_id, currency, test, redir,
    code, member, advertiser_id,
    seg, add, remove, seg_code, add_code, remove_code,
    content_ids, num_items, sspdata,
    ancost, campaign_id, creative_id, imp,
    gdpr, gdpr_consent, us_privacy, gpp, page_url,
}

/// Reads a query string (without its `?`).
///
/// - Of a repeated name it takes the first value and notes the second.
/// - It decodes `%41`, and `+` except in `redir`. It leaves broken escapes as they are. Bytes that are not UTF-8 become
///   U+FFFD, and stay escapes in `redir`.
/// - A `redir` that is not encoded keeps its own escapes. If it has a query of its own, it takes everything after it.
/// - `&amp;` means `&`: some pages escape twice, or write it in a script.
pub fn parse(query: &str) -> Raw<'_> {
    let mut raw = Raw::default();
    add(&mut raw, query);
    let last = query.rsplit('&').next().unwrap_or("");
    if let Some((_, value)) = last.split_once('=')
        && skip_blanks(value).is_empty()
    {
        raw.empty_at_end = raw.empty(&name(last));
    }
    raw
}

/// Reads a body. It replaces no parameter that is there already.
pub fn add<'a>(raw: &mut Raw<'a>, query: &'a str) {
    raw.empty_at_end = None;
    let mut rest = query;
    while !rest.is_empty() {
        let (part, mut after) = split_at(rest, b'&').unwrap_or((rest, ""));
        let (name, value) = split_at(part, b'=').unwrap_or((part, ""));
        let name = &*decoded_name(name);
        if name != "redir" {
            raw.take_with(name, || decode(value, Plus::IsSpace));
        } else if takes_the_rest(value) {
            after = "";
            raw.take_with(name, || Cow::Borrowed(rest.split_once('=').map_or("", |(_, all)| skip_blanks(all))));
        } else if keeps_its_escapes(value) {
            raw.take_with(name, || Cow::Borrowed(skip_blanks(value)));
        } else {
            raw.take_with(name, || decode_url(value));
        }
        rest = after;
    }
}

/// The parameters of a text as they came, empty ones too. A `redir` that takes the rest is one of them.
pub fn parts(query: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(query).filter(|query| !query.is_empty());
    std::iter::from_fn(move || {
        let all = rest?;
        let Some((part, after)) = split_at(all, b'&') else { return rest.take() };
        let value = || split_at(part, b'=').map_or("", |(_, value)| value);
        if part.contains('?') && takes_the_rest(value()) && name(part) == "redir" {
            return rest.take();
        }
        rest = Some(after);
        Some(part)
    })
}

/// A parameter's name, decoded.
pub fn name(part: &str) -> Cow<'_, str> {
    decoded_name(split_at(part, b'=').map_or(part, |(name, _)| name))
}

/// As `split_once`. It is quicker where the sign comes soon, as in parameters.
fn split_at(text: &str, sign: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == sign)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn decoded_name(name: &str) -> Cow<'_, str> {
    // Nearly all names are written so, and nothing in them is to be decoded or trimmed.
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Cow::Borrowed(name);
    }
    match decode(name, Plus::IsSpace) {
        Cow::Borrowed(name) => Cow::Borrowed(plain_name(name)),
        Cow::Owned(name) => Cow::Owned(plain_name(&name).to_owned()),
    }
}

/// A decoded name without what a page may have left before it.
fn plain_name(name: &str) -> &str {
    let name = trim(name);
    name.strip_prefix("amp;").map_or(name, trim)
}

/// Every parameter of a text, decoded, in its order, unknown ones too: for Invoca's addresses, whose names have
/// brackets.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (_, value) = part.split_once('=').unwrap_or((part, ""));
        (name(part), trim_cow(decode(value, Plus::IsSpace)))
    })
}

/// Whether a `redir` is unencoded and has a query of its own, so that the rest belongs to its URL. A `redir` without a
/// `?` ends at the `&`, and the next parameter is the tag's.
fn takes_the_rest(value: &str) -> bool {
    value.contains('?') && is_plain_url(value)
}

/// What follows the encoded blanks at its beginning.
fn skip_blanks(mut value: &str) -> &str {
    const BLANKS: [&str; 6] = ["%20", "+", "%09", "%0a", "%0A", "%C2%A0"];
    while let Some(rest) = BLANKS.iter().find_map(|blank| value.strip_prefix(blank)) {
        value = rest;
    }
    value
}

/// Whether a `redir` is unencoded, so that its escapes belong to its URL. Some encoders leave the `://`, and none leaves
/// a query or a macro: where one of these is encoded, all is. A host needs no escapes.
fn keeps_its_escapes(value: &str) -> bool {
    let host = skip_blanks(value).split('/').nth(2).unwrap_or("");
    is_plain_url(value)
        && !host.contains('%')
        && !["%3F", "%3f", "%7B", "%7b"].iter().any(|encoded| value.contains(encoded))
}

fn is_plain_url(value: &str) -> bool {
    let url = skip_blanks(value);
    let begins = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    begins("http://") || begins("https://")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Plus {
    IsSpace,
    IsPlus,
}

fn decode(text: &str, plus: Plus) -> Cow<'_, str> {
    match decoded(text, plus) {
        None => Cow::Borrowed(text),
        Some(bytes) => Cow::Owned(
            String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()),
        ),
    }
}

/// A URL that was encoded once more. In a URL a `+` is a `+`, and no encoder leaves a space in one.
fn decode_url(text: &str) -> Cow<'_, str> {
    match decoded(text, Plus::IsPlus) {
        None => Cow::Borrowed(text),
        Some(bytes) => Cow::Owned(url_text(&bytes)),
    }
}

/// The bytes of a URL as text. Bytes that are not UTF-8 become escapes, which mean the same in a URL.
pub fn url_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The bytes; none if there is nothing to decode.
fn decoded(text: &str, plus: Plus) -> Option<Vec<u8>> {
    if !text.bytes().any(|b| b == b'%' || (b == b'+' && plus == Plus::IsSpace)) {
        return None;
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        decoded.push(match (byte, after) {
            (b'%', [high, low, beyond @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = beyond;
                    high << 4 | low
                }
                _ => b'%',
            },
            (b'+', _) if plus == Plus::IsSpace => b' ',
            (byte, _) => *byte,
        });
    }
    Some(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
