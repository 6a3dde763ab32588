//! What must hold of every parser of public input, whatever bytes it gets: for the fuzz targets in `fuzz/`, and for the
//! property tests below. `PROPTEST_CASES` sets how many cases the latter try.

use std::borrow::Cow;

use url::Url;

use super::consent::{self, Needed};
use super::import::Lines;
use super::onward::{self, Onward};
use super::params::{self, values};
use super::query::{self, Raw};
use super::warnings::Warnings;
use super::{body, macros, multipart, private, script, tcf};
use crate::auth::ExposureTokens;
use crate::domain::{Advertiser, Caller, LineItemId, Micros, Millis, PixelId, RedirectHosts, TrackerId};
use crate::store::{Catalog, LogRow, Places};

const NEEDED: Needed<'static> = Needed { purposes: &[1, 24], vendor: Some(8) };

/// A query string, and all that is read from it.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    parameters(query::parse(&text), text.len());
    let kept = private::parameters(&text);
    assert!(kept.len() <= text.len());
    assert_eq!(private::parameters(&kept), kept, "what is left names nobody");
    assert!(query::pairs(&text).count() <= text.len());
}

/// What a page's script sends, under the content type before the first zero byte.
pub fn body(bytes: &[u8]) {
    use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
    let (kind, sent) = split(bytes);
    let mut headers = HeaderMap::new();
    if let Ok(kind) = HeaderValue::from_bytes(kind) {
        headers.insert(CONTENT_TYPE, kind);
    }
    if let Ok(text) = body::parameters(&headers, sent) {
        let mut raw = query::parse("id=1");
        query::add(&mut raw, &text);
        parameters(raw, text.len() + 4);
    }
}

/// A form with files, under the boundary before the first zero byte: its fields are parts of it, and none runs over.
pub fn form(bytes: &[u8]) {
    let (boundary, sent) = split(bytes);
    let kind = [b"multipart/form-data; boundary=", boundary].concat();
    let Some(fields) = multipart::fields(&kind, sent) else { return };
    if !boundary.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
        return;
    }
    let length: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(length + fields.len() * boundary.len() <= sent.len());
    let delimiter = [b"\r\n--", boundary].concat();
    assert!(fields.iter().all(|(_, value)| !value.windows(delimiter.len()).any(|part| part == delimiter)));
    // Once more, written as browsers write it.
    let mut again = Vec::new();
    for (name, value) in &fields {
        again.extend([b"--", boundary, b"\r\nContent-Disposition: form-data; name=\"", name, b"\"\r\n\r\n"].concat());
        again.extend([value, &b"\r\n"[..]].concat());
    }
    again.extend([b"--", boundary, b"--\r\n"].concat());
    assert_eq!(multipart::fields(&kind, &again), Some(fields));
}

fn parameters(mut raw: Raw<'_>, length: usize) {
    // A byte that is no UTF-8 becomes a sign of three.
    for value in [&raw.id, &raw.order_id, &raw.redir, &raw.seg, &raw.sspdata].into_iter().flatten() {
        assert!(value.len() <= 3 * length);
    }
    let fire = params::fire(&mut raw, NEEDED);
    let within = |text: &Option<Cow<'_, str>>, most: usize| {
        text.as_ref().is_none_or(|text| (1..=most).contains(&text.chars().count()) && !text.contains(char::is_control))
    };
    assert!(within(&fire.order_id, params::MAX_ORDER_ID));
    assert!(within(&fire.other, params::MAX_OTHER));
    assert!(within(&fire.event_id, params::MAX_EVENT_ID));
    assert!(fire.value.is_none_or(|(value, _)| (Micros(0)..=Micros::MAX).contains(&value)));
    assert!(fire.content_ids.len() <= values::MAX_LIST);
    assert!(fire.content_ids.iter().all(|id| (1..=values::MAX_LISTED).contains(&id.chars().count())));
    let warnings = fire.warnings.into_vec();
    assert!(warnings.len() <= 40 && warnings.iter().all(|warning| warning.raw.chars().count() <= 200));
}

/// A `redir`: wherever it leads, the advertiser allows it.
pub fn redirect(bytes: &[u8]) {
    let (value, redir) = split(bytes);
    let (value, redir) = (String::from_utf8_lossy(value), String::from_utf8_lossy(redir));
    let mut advertiser = Advertiser::new("Shop");
    advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".to_owned(), "*.cdn.example".to_owned()]);
    let filled = |name: &str| (name == "ORDER_ID").then(|| value.clone());
    if let Some(url) = onward::allowed(&redir, Some(&advertiser), &[], filled) {
        let host = url.host_str().unwrap_or("");
        assert!(host == "shop.example" || host.ends_with(".cdn.example"), "{url} from {redir:?}");
        assert!(matches!(url.scheme(), "http" | "https"));
        header_safe(url.as_str());
    }
    assert_eq!(onward::allowed(&redir, Some(&Advertiser::new("Shop")), &[], filled), None, "an empty list means none");
}

/// A URL with macros: a value decides neither host nor port, and stays in its place.
pub fn macros(bytes: &[u8]) {
    let (value, template) = split(bytes);
    let (value, template) = (String::from_utf8_lossy(value), String::from_utf8_lossy(template));
    let filled = macros::url(&template, |name| (name == "ORDER_ID").then(|| value.clone()));
    if let (Some(filled), Ok(plain)) = (filled, Url::parse(&template)) {
        assert_eq!(filled.authority(), plain.authority());
        assert_eq!(filled.scheme(), plain.scheme());
        header_safe(filled.as_str());
    }
}

/// A program: whatever URL goes in, it stays a string in it.
pub fn script(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let urls: Vec<Url> = text.split('\0').filter_map(|url| Url::parse(url).ok()).collect();
    let onward = Onward { scripts: urls.clone(), images: urls, refused: false };
    let program = script::program(&onward) + &script::impression(TrackerId(1), &text);
    assert!(program.bytes().all(|b| b.is_ascii_graphic() || b == b' ' || b == b'\n'), "{program}");
    assert!(!program.contains(['<', '>', '\'']), "{program}");
    // Every quote of ours is paired, so that none came from a URL.
    assert_eq!(program.matches('"').count() % 2, 0, "{program}");
}

/// A token: none but ours is one.
pub fn token(bytes: &[u8]) {
    let Ok(tokens) = ExposureTokens::with_key(&[7; 32]) else { return };
    let text = String::from_utf8_lossy(bytes);
    if let Some(exposure) = tokens.read(&text) {
        assert_eq!(tokens.token(exposure), text, "only the fuzzer's own luck against 2^128 gets here");
    }
}

/// Consent signals and the TCF string among them.
pub fn consent(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = tcf::grants(&text, NEEDED.purposes, NEEDED.vendor);
    let mut raw = Raw { gdpr_consent: Some(Cow::Borrowed(&text)), gdpr: Some("1".into()), ..query::parse(&text) };
    let consent = consent::read(&mut raw, NEEDED, &mut Warnings::default());
    let signals = consent.signals.unwrap_or_default();
    assert!(signals.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~=&".contains(&b)), "{signals}");
}

/// A line of an import: it is taken or told what is wrong, and what is taken keeps its rules and is known again.
pub fn import_line(bytes: &[u8]) {
    let Ok(exposures) = ExposureTokens::with_key(&[7; 32]) else { return };
    let Ok(by) = Caller::shell().collector() else { return };
    let (catalog, places) = (Catalog::of_one_shop(), Places::of_one_shop());
    let Ok(lines) = Lines::with(&catalog, &exposures, NEEDED, places, &by) else { return };
    let now = Millis(1_790_856_000_000);
    let line = match lines.read(bytes, now) {
        Ok(line) => line,
        Err(wrong) => return assert!(!wrong.to_string().contains('\n')),
    };
    assert!(line.at <= now);
    assert!(lines.read(bytes, now).is_ok_and(|again| again.mark == line.mark));
    let within = |text: &Option<String>, most: usize| {
        text.as_ref().is_none_or(|text| (1..=most).contains(&text.chars().count()) && !text.contains(char::is_control))
    };
    match line.row {
        LogRow::Exposure(exposure) => {
            assert_eq!(exposure.line_item_id, LineItemId(1));
            assert!(exposure.ancost.is_none_or(|cost| (Micros(0)..=params::MAX_ANCOST).contains(&cost)));
            assert!(exposure.query.chars().count() <= query::MAX_QUERY);
        }
        LogRow::Fire(fire) => {
            assert_eq!((fire.pixel_id, fire.at, fire.received), (PixelId(1), line.at, now));
            assert!(within(&fire.order_id, params::MAX_ORDER_ID));
            assert!(within(&fire.other, params::MAX_OTHER));
            assert!(within(&fire.event_id, params::MAX_EVENT_ID));
            assert!(fire.value.is_none_or(|value| (Micros(0)..=Micros::MAX).contains(&value)));
            assert!(fire.details.content_ids.len() <= values::MAX_LIST);
            assert!(fire.query.chars().count() <= query::MAX_QUERY);
        }
        LogRow::SegmentLoad(_) | LogRow::Adjustment(_) => unreachable!("no line tells of these"),
    }
}

/// What stands before the first zero byte, and after it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(0);
    (bytes.get(..at).unwrap_or_default(), bytes.get(at..).unwrap_or_default().strip_prefix(b"\0").unwrap_or(bytes))
}

/// A URL that ends no header and no attribute it stands in.
fn header_safe(url: &str) {
    assert!(url.bytes().all(|b| (0x21..0x7f).contains(&b)), "{url}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bytes that come near to what the parsers look for.
    fn near() -> impl Strategy<Value = Vec<u8>> {
        let pieces = prop::sample::select(vec![
            "id=",
            "order_id=",
            "value=",
            "redir=",
            "seg=",
            "seg_code=",
            "content_ids=",
            "sspdata=",
            "gdpr=1",
            "gdpr_consent=",
            "&",
            "&amp;",
            "=",
            "%",
            "%00",
            "%2",
            "%41",
            "%ff",
            "%E2%80%A8",
            "+",
            ",",
            ":",
            ";",
            "#",
            "?",
            "/",
            "//",
            "\\",
            "@",
            ".",
            "..",
            "http://",
            "https://",
            "HTTPS:",
            "javascript:",
            "shop.example",
            "evil.example",
            "a.cdn.example",
            "cdn.example",
            "[::1]",
            "127.1",
            "${ORDER_ID}",
            "${",
            "}",
            "{",
            "[",
            "]",
            "\"",
            "'",
            "<",
            ">",
            "</script>",
            "\u{2028}",
            "\u{fffd}",
            "é",
            "\0",
            "\r\n",
            " ",
            "application/json",
            "text/plain",
            "{\"id\":1,",
            "\"value\":",
            "[1,\"2\"]",
            "null",
            "true",
            "1e400",
            "-1",
            "10.50",
            "$10",
            "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA",
            "AgAAAAAAILMBoPdV8gAQRfEcisxOzfb2hLASmUrl",
            "AAAAAAAAAAAAAAAA",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec());
        let piece = prop_oneof![4 => pieces, 1 => prop::collection::vec(any::<u8>(), 0..20)];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn queries(bytes in near()) { query(&bytes); }
        #[test]
        fn bodies(bytes in near()) { body(&bytes); }
        #[test]
        fn forms(bytes in parts()) { form(&bytes); }
        #[test]
        fn redirects(bytes in near()) { redirect(&bytes); }
        #[test]
        fn macros_in_urls(bytes in near()) { macros(&bytes); }
        #[test]
        fn scripts(bytes in near()) { script(&bytes); }
        #[test]
        fn tokens(bytes in near()) { token(&bytes); }
        #[test]
        fn consents(bytes in near()) { consent(&bytes); }
        #[test]
        fn lines_of_imports(bytes in lines()) { import_line(&bytes); }
    }

    /// Pieces of a form, most of them in their right order.
    fn parts() -> impl Strategy<Value = Vec<u8>> {
        let pieces = prop::sample::select(vec![
            "--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1\r\n",
            "--x\r\ncontent-disposition:form-data;name=a; filename=b\r\nContent-Type: a/b\r\n\r\n1\r\n",
            "--x\r\n",
            "\r\n--x",
            "--x--",
            "\r\n",
            "Content-Disposition: form-data; ",
            "name=\"",
            "\"",
            "\\",
            ";",
            "=",
            ":",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec());
        let piece = prop_oneof![9 => pieces, 1 => prop::collection::vec(any::<u8>(), 0..9)];
        let whole =
            prop::collection::vec(piece, 0..12).prop_map(|pieces| [b"x\0", &*pieces.concat(), b"--x--"].concat());
        prop_oneof![9 => whole, 1 => near()]
    }

    /// Objects with the fields of lines, most of them nearly right.
    fn lines() -> impl Strategy<Value = Vec<u8>> {
        let name = prop::sample::select(vec![
            "kind",
            "at",
            "id",
            "visitor",
            "visitor_id",
            "advertiser_id",
            "test",
            "gdpr",
            "gdpr_consent",
            "pixel_id",
            "pixel_code",
            "order_id",
            "value",
            "currency",
            "other",
            "event_id",
            "content_ids",
            "num_items",
            "sspdata",
            "hashed_email",
            "line_item_id",
            "line_item_code",
            "tracker_id",
            "tracker_code",
            "publisher_id",
            "publisher_code",
            "campaign_id",
            "ancost",
            "page_url",
            "colour",
        ]);
        let value = prop_oneof![
            4 => prop::sample::select(vec![
                "\"fire\"", "\"click\"", "\"impression\"", "\"2026-09-01T08:00:00Z\"", "1788343200", "1", "0", "10.50",
                "1e400", "-1", "null", "true", "[1,\"a\"]", "{}", "\"\"", "\"buy\"", "\"autumn\"", "\"2a\"", "\"EUR\"",
            ]).prop_map(str::to_owned),
            1 => any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        ];
        let right = prop::sample::select(vec![
            r#""kind":"fire","at":1788343200,"pixel_id":1"#,
            r#""kind":"click","at":1788343200,"line_item_id":1"#,
            r#""x":1"#,
        ]);
        let fields = prop::collection::vec((name, value), 0..9);
        let whole = (right, fields).prop_map(|(right, fields)| {
            let more: String = fields.iter().map(|(name, value)| format!(",\"{name}\":{value}")).collect();
            format!("{{{right}{more}}}").into_bytes()
        });
        prop_oneof![9 => whole, 1 => near()]
    }
}
