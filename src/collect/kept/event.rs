//! An event of a server, or a line of an import, as the log keeps it: a JSON object of the fields that pixeld knows.

use serde_json::{Map, Value};

use super::addresses::{length_of, may_hold_email, page, private_page};
use super::names::{self, Nature};
use super::{KeptByChoice, MAX_UNKNOWN, MAX_UNKNOWN_NAME, MAX_UNKNOWN_VALUE, beginning};
use crate::auth::TOKEN_LENGTH;
use crate::collect::params::body;
use crate::collect::visitor::OPTED_OUT;
use crate::domain::{AdParameter, VisitorId};

/// Fields that an event's text never has: `ip` has a column of its own, and an import's visitor may be an e-mail address.
const NEVER: &[&str] = &["ip", "visitor"];
/// Known fields that may be lists.
const LISTS: &[&str] = &["content_ids"];

/// The fields that one kind of event may have.
pub type KnownFields<'k> = &'k [&'k [&'k str]];

/// Whether the event may have such a field. Ad platforms' parameters may be in every one.
pub fn is_known(name: &str, known: KnownFields<'_>) -> bool {
    known.iter().any(|names| names.contains(&name)) || AdParameter::of(name).is_some()
}

/// Whether the log never keeps the field with the event's text.
pub fn is_secret(name: &str) -> bool {
    NEVER.contains(&name)
}

/// The event's text for the log.
pub fn kept(fields: &Map<String, Value>, known: KnownFields<'_>, private: bool, choice: KeptByChoice) -> String {
    let mut unknown = 0;
    let mut kept = Map::new();
    for (name, value) in fields {
        if is_secret(name) {
            continue;
        }
        if is_known(name, known) {
            if let Some(value) = of_known(name, value, private, choice) {
                kept.insert(name.clone(), value);
            }
        } else if choice.unknown_values && !private && unknown < MAX_UNKNOWN && name.len() <= MAX_UNKNOWN_NAME {
            unknown += 1;
            let text = body::plain(name, value).unwrap_or_default();
            kept.insert(name.clone(), beginning(&text, MAX_UNKNOWN_VALUE).into());
        }
    }
    Value::Object(kept).to_string()
}

fn of_known(name: &str, value: &Value, private: bool, choice: KeptByChoice) -> Option<Value> {
    let nature = names::of_field(name)?;
    match (nature, value) {
        (Nature::NamesVisitor, _) if private => None,
        (Nature::Ad(_), _) if private => Some(Value::Null),
        (_, Value::Null | Value::Bool(_)) => Some(value.clone()),
        (_, Value::Array(list)) if LISTS.contains(&name) => {
            let plain = list.iter().filter(|item| !matches!(item, Value::Array(_) | Value::Object(_)));
            let kept = plain.filter(|item| !private || item.as_str().is_none_or(|text| !may_hold_email(text)));
            Some(Value::Array(kept.cloned().collect()))
        }
        // No field is an object or another list, so nobody knows what is in it.
        (_, Value::Array(_)) => Some("a list".into()),
        (_, Value::Object(_)) => Some("an object".into()),
        (_, Value::Number(_)) => Some(match wrong_name(name, &value.to_string()) {
            Some(said) => said.into(),
            None => value.clone(),
        }),
        (_, Value::String(text)) => Some(of_text(name, nature, text, private, choice)),
    }
}

fn of_text(name: &str, nature: Nature, text: &str, private: bool, choice: KeptByChoice) -> Value {
    match nature {
        Nature::Address if private => private_page(text).into(),
        Nature::Address => page(text, choice.page_query).into(),
        Nature::Ad(parameter) => beginning(text, parameter.longest()).into(),
        Nature::NamesVisitor => wrong_name(name, text).map_or_else(|| text.into(), Into::into),
        Nature::Plain if private && may_hold_email(text) => Value::Null,
        Nature::Plain => text.into(),
    }
}

/// What is kept in place of a value that is no name of a visitor: people put an e-mail address there by mistake.
pub fn wrong_name(field: &str, text: &str) -> Option<String> {
    let text = text.trim();
    let (is_good, what) = match field {
        "hashed_email" => (is_sha256(text), "a SHA-256"),
        "visitor_id" => {
            let is_good = text.eq_ignore_ascii_case(OPTED_OUT) || VisitorId::from_hex(text).is_some();
            (is_good, "the value of the cookie pxid")
        }
        "sspdata" | "imp" => (text.len() <= TOKEN_LENGTH && !may_hold_email(text), "a token"),
        _ => return None,
    };
    (!is_good && !text.is_empty()).then(|| format!("{}, not {what}", length_of(text)))
}

/// Whether it is a SHA-256 in hexadecimal digits.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::IpStorage;

    #[test]
    fn only_known_fields_are_kept() {
        let choice = KeptByChoice { unknown_values: false, page_query: false, ip: IpStorage::Truncated };
        let known: KnownFields<'_> = &[
            &["order_id", "hashed_email", "visitor_id", "sspdata", "content_ids", "page_url", "user_agent"],
            &["ip", "value"],
        ];
        let hash = "ab".repeat(32);
        for (event, kept_of_known, kept_of_private) in [
            (
                json!({"order_id": "A1", "value": 1.5}),
                json!({"order_id": "A1", "value": 1.5}),
                json!({"order_id": "A1", "value": 1.5}),
            ),
            (json!({"email": "a@b.example", "user_data": {"em": "x"}}), json!({}), json!({})),
            (json!({"ip": "203.0.113.77", "user_agent": "a"}), json!({"user_agent": "a"}), json!({})),
            (json!({"hashed_email": hash}), json!({"hashed_email": hash}), json!({})),
            (
                json!({"hashed_email": "plain@example.com"}),
                json!({"hashed_email": "17 characters, not a SHA-256"}),
                json!({}),
            ),
            (json!({"hashed_email": 49_123_456}), json!({"hashed_email": "8 characters, not a SHA-256"}), json!({})),
            (json!({"hashed_email": ["a@b.example"]}), json!({"hashed_email": "a list"}), json!({})),
            (
                json!({"visitor_id": "a@b.example"}),
                json!({"visitor_id": "11 characters, not the value of the cookie pxid"}),
                json!({}),
            ),
            (json!({"visitor_id": "2a", "sspdata": "AAAA"}), json!({"visitor_id": "2a", "sspdata": "AAAA"}), json!({})),
            (json!({"sspdata": "a@b.example"}), json!({"sspdata": "11 characters, not a token"}), json!({})),
            (json!({"order_id": "a@b.example"}), json!({"order_id": "a@b.example"}), json!({"order_id": null})),
            (
                json!({"order_id": {"email": "a@b.example"}}),
                json!({"order_id": "an object"}),
                json!({"order_id": "an object"}),
            ),
            (
                json!({"content_ids": ["x", "a@b.example", ["y"]]}),
                json!({"content_ids": ["x", "a@b.example"]}),
                json!({"content_ids": ["x"]}),
            ),
            (
                json!({"page_url": "https://a.example/x?e=1#f"}),
                json!({"page_url": "https://a.example/x"}),
                json!({"page_url": "https://a.example/x"}),
            ),
            (
                json!({"gclid": "Cj0", "UTM_Source": "google"}),
                json!({"gclid": "Cj0", "UTM_Source": "google"}),
                json!({"gclid": null, "UTM_Source": null}),
            ),
        ] {
            let Value::Object(fields) = &event else { continue };
            let both = [false, true].map(|private| kept(fields, known, private, choice));
            assert_eq!(both, [kept_of_known.to_string(), kept_of_private.to_string()], "{event}");
            let all = KeptByChoice { unknown_values: true, ..choice };
            assert_eq!(kept(fields, known, true, all), kept_of_private.to_string(), "{event}");
        }
        let all = KeptByChoice { unknown_values: true, ..choice };
        let unknown = json!({"colour": "red", "size": 7, "of": {"a": 1}, "pad": "y".repeat(500)});
        let expected = json!({"colour": "red", "size": "7", "of": "{\"a\":1}", "pad": "y".repeat(200)});
        assert_eq!(kept(unknown.as_object().unwrap(), known, false, all), expected.to_string());
    }
}
