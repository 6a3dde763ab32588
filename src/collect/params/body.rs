//! Reads the `POST` of a page's script: a form in either encoding, or a JSON object of any content type
//! (`navigator.sendBeacon` sends `text/plain`). Each becomes a query string, so the rest of the code is the same for
//! all.

use std::borrow::Cow;
use std::fmt::Write;

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, web};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde_json::Value;

use super::multipart;
use super::object::Object;
use crate::collect::answer::Failure;
use crate::collect::answer::refusal::Refusal;
use crate::collect::problems::rejection::Rejection;
use crate::domain::{AdParameter, plain_decimal};
use crate::web::body::BodyError;

/// The longest body that is taken, in bytes. A longer one gets `413`.
pub const MAX_BODY: usize = 256 * 1024;

/// The parameters that are 0 or 1 in a query string, and may be false or true in JSON.
const SWITCHES: &[&str] = &["t", "test", "gdpr"];
/// The parameters that are numbers. In JSON their notation says nothing; other numbers are names, and keep their text.
const NUMBERS: &[&str] = &[
    "id",
    "t",
    "member",
    "test",
    "gdpr",
    "seg",
    "add",
    "remove",
    "value",
    "num_items",
    "ancost",
    "campaign_id",
    "creative_id",
    "pixel_id",
    "advertiser_id",
    "tracker_id",
    "line_item_id",
    "publisher_id",
];
/// The parameters with commas in a query string that may be lists in JSON.
const LISTS: &[&str] = &["seg", "add", "remove", "seg_code", "add_code", "remove_code"];

/// # Errors
/// The body is longer than [`MAX_BODY`], comes too slowly, stops half-way, or cannot be decoded; or there is no room for
/// it now.
pub async fn read(request: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, Refusal> {
    let refusal = |error| match error {
        BodyError::TooLong => Rejection::BodyTooLong.into(),
        BodyError::Incomplete => Rejection::BodyIncomplete.into(),
        BodyError::UnknownEncoding => Rejection::UnknownEncoding.into(),
        BodyError::Damaged => Rejection::BadBody.into(),
        BodyError::Utf16 => Rejection::BodyUtf16.into(),
        BodyError::NoRoom => Failure::Overloaded.into(),
    };
    crate::web::body::read(request, payload, MAX_BODY).await.map_err(refusal)
}

/// The body's parameters, as a query string.
///
/// # Errors
/// It is neither a form nor a JSON object.
pub fn parameters(headers: &HeaderMap, body: &[u8]) -> Result<String, Rejection> {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let kind = content_type.to_ascii_lowercase();
    if kind.starts_with(b"multipart/") {
        let fields = multipart::fields(content_type, body).ok_or(Rejection::BadBody)?;
        return Ok(query_of(fields));
    }
    let body = body.trim_ascii();
    if body.starts_with(b"{") || kind.starts_with(b"application/json") && !body.is_empty() {
        return of_json(body);
    }
    Ok(String::from_utf8_lossy(body).into_owned())
}

fn of_json(body: &[u8]) -> Result<String, Rejection> {
    let Ok(Object { fields, repeated }) = serde_json::from_slice(body) else { return Err(Rejection::BadBody) };
    let pairs = fields.iter().chain(repeated.iter().map(|(name, value)| (name, value)));
    let pairs = pairs.map(|(name, value)| (name.as_str(), value));
    let texts = |(name, value): (_, _)| texts_of_ad(name, value).map(move |text| (name, text.into_owned()));
    Ok(query_of(pairs.flat_map(texts)))
}

/// Names with their values as a query string.
pub fn query_of(fields: impl IntoIterator<Item = (impl AsRef<[u8]>, impl AsRef<[u8]>)>) -> String {
    let mut query = String::new();
    for (name, value) in fields {
        let and = if query.is_empty() { "" } else { "&" };
        let encoded = |bytes| percent_encode(bytes, NON_ALPHANUMERIC);
        // Writing to a text cannot fail.
        let _ = write!(query, "{and}{}={}", encoded(name.as_ref()), encoded(value.as_ref()));
    }
    query
}

/// The texts of a value: one, or of a list those of its items.
pub fn texts<'v>(name: &'v str, value: &'v Value) -> impl Iterator<Item = Cow<'v, str>> {
    let items = if let Value::Array(list) = value { list.as_slice() } else { std::slice::from_ref(value) };
    items.iter().filter_map(move |item| plain(name, item))
}

/// The most values of an ad platform's parameter that a list may give.
const MOST_VALUES: usize = 100;

/// The same; only a list under an ad platform's name is several values.
fn texts_of_ad<'v>(name: &'v str, value: &'v Value) -> impl Iterator<Item = Cow<'v, str>> {
    let (one, several) = match AdParameter::of(name) {
        Some(_) => (None, Some(texts(name, value).take(MOST_VALUES))),
        None => (plain(name, value), None),
    };
    one.into_iter().chain(several.into_iter().flatten())
}

/// A JSON value as its query string would have it. Money never becomes a float.
pub fn plain<'v>(name: &str, value: &'v Value) -> Option<Cow<'v, str>> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(set) if SWITCHES.contains(&name) => if *set { "1" } else { "0" }.into(),
        Value::String(text) => text.into(),
        Value::Number(number) if NUMBERS.contains(&name) => without_notation(number.as_str()),
        // Product ids may hold commas, so their list stays JSON. Segment ids and codes hold none.
        Value::Array(list) if LISTS.contains(&name) => {
            let texts: Vec<_> = list.iter().filter_map(|value| plain(name, value)).collect();
            texts.join(",").into()
        }
        // Other values break the rule of their name. The warning shows them as they came.
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string().into(),
    })
}

/// A number in plain digits; a whole one without decimals.
fn without_notation(literal: &str) -> Cow<'_, str> {
    let plain = plain_decimal(literal);
    let whole = plain.split_once('.').filter(|(_, decimals)| decimals.bytes().all(|digit| digit == b'0'));
    match whole.map(|(whole, _)| whole.len()) {
        Some(length) => Cow::Owned(plain.chars().take(length).collect()),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::collect::query::{self, parse};
    use crate::domain::trim;

    fn of(kind: &'static str, body: &str) -> Result<String, Rejection> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        parameters(&headers, body.as_bytes())
    }

    #[test]
    fn forms_and_objects_become_query_strings() {
        let form = "application/x-www-form-urlencoded;charset=UTF-8";
        for (kind, body, query) in [
            (form, "id=1&order_id=A+1", "id=1&order_id=A+1"),
            (form, "", ""),
            ("", "id=1", "id=1"),
            ("application/json", "", ""),
            ("text/plain;charset=UTF-8", r#" {"id": 1, "order_id": "A 1"} "#, "id=1&order%5Fid=A%201"),
            ("application/json", r#"{"value":10.50,"test":true,"t":false,"other":null}"#, "value=10%2E50&test=1&t=0"),
            ("application/json", r#"{"value":12345678901.123456}"#, "value=12345678901%2E123456"),
            (
                "application/json",
                r#"{"seg":[1,"2:5"],"content_ids":["a,b",2]}"#,
                "seg=1%2C2%3A5&content%5Fids=%5B%22a%2Cb%22%2C2%5D",
            ),
            ("application/json", r#"{"value":1e3,"order_id":1e3}"#, "value=1000&order%5Fid=1e%2B3"),
            (
                "application/json",
                r#"{"id":8371.0,"value":4.99e1,"order_id":1003.0}"#,
                "id=8371&value=49%2E9&order%5Fid=1003%2E0",
            ),
            ("application/json", r#"{"value":1,"other":"x","value":2}"#, "value=1&other=x&value=2"),
            ("application/json", r#"{"value":true,"event_id":[1,2]}"#, "value=true&event%5Fid=%5B1%2C2%5D"),
            ("application/json", r#"{"other":{"a":1}}"#, "other=%7B%22a%22%3A1%7D"),
            (
                "multipart/form-data; boundary=X",
                "--X\r\nContent-Disposition: form-data; name=\"order_id\"\r\n\r\n A&1\r\n--X--\r\n",
                "order%5Fid=%20A%261",
            ),
        ] {
            assert_eq!(of(kind, body).as_deref(), Ok(query), "{kind} {body}");
        }
    }

    #[test]
    fn other_bodies_are_refused() {
        for (kind, body) in [
            ("application/json", "[1]"),
            ("application/json", "id=1"),
            ("text/plain", "{"),
            ("text/plain", r#"{"id":1} x"#),
            ("multipart/form-data; boundary=x", "--x"),
            ("multipart/form-data", "id=1"),
        ] {
            assert_eq!(of(kind, body), Err(Rejection::BadBody), "{kind} {body}");
        }
        let deep = format!(r#"{{"id":{}}}"#, "[".repeat(200_000));
        assert_eq!(of("application/json", &deep), Err(Rejection::BadBody));
    }

    proptest! {
        #[test]
        fn a_text_comes_through_json_as_it_is(text in any::<String>()) {
            let body = serde_json::json!({ "id": 1, "order_id": text, "redir": text }).to_string();
            let query = of("text/plain", &body).unwrap();
            let raw = parse(&query);
            prop_assert_eq!(raw.order_id.as_deref(), Some(trim(&text)));
            prop_assert_eq!(raw.redir.as_deref(), Some(trim(&text)));
        }

        #[test]
        fn no_body_is_too_odd(kind in prop::sample::select(vec!["application/json", "text/plain", ""]), body in "\\PC{0,60}|\\{(\"[a-z_]{0,9}\":(\\PC{0,9}|[0-9\\[\\]{}\",]{0,9}),?){0,4}\\}") {
            if let Ok(query) = of(kind, &body) {
                query::add(&mut parse("id=1"), &query);
            }
        }
    }
}
