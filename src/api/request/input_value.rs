//! One value of a body, read as the type that its field wants. Reading is lenient where clients differ (numbers as texts,
//! null for nothing), and exact: an amount is read from its digits, never through a float. All rules beyond a single
//! value are the domain's.

use std::collections::HashMap;
use std::hash::Hash;

use serde_json::{Map, Value};

use crate::domain::{Currency, Day, FieldError, Micros, Millis, WrittenTime, plain_decimal};

/// A value with its field's published name.
pub(in crate::api) struct InputValue<'a> {
    /// The field, with the index in an array: `piggyback_pixels[1].url`.
    path: String,
    value: &'a Value,
    /// Whether an array is merged with the existing one instead of replacing it.
    append: bool,
}

/// The most elements of an array in a body. Each is compared with those before it.
const MAX_ELEMENTS: usize = 5_000;

/// A value, or the rule that it breaks.
pub(in crate::api) type Read<T> = Result<T, FieldError>;

impl<'a> InputValue<'a> {
    pub(in crate::api) fn new(field: &str, value: &'a Value, append: bool) -> Self {
        InputValue { path: field.to_owned(), value, append }
    }

    pub(in crate::api) fn field(&self) -> &str {
        &self.path
    }

    /// The error of a value that breaks a rule. `rule` completes `must be ...`.
    pub(in crate::api) fn refuse<T>(&self, rule: &str) -> Read<T> {
        let mut value = self.value.to_string();
        if let Some((cut, _)) = value.char_indices().nth(60) {
            value.truncate(cut);
            value.push_str("...");
        }
        Err(FieldError { field: self.path.clone(), message: format!("must be {rule}, and is {value}") })
    }

    /// The error of a field that cannot be set.
    pub(in crate::api) fn unknown<T>(&self) -> Read<T> {
        Err(FieldError { field: self.path.clone(), message: "cannot be set".to_owned() })
    }

    /// A text, or the digits of a number.
    pub(in crate::api) fn text(&self) -> Read<Option<String>> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            Value::Number(number) => Ok(Some(self.digits().unwrap_or_else(|| number.to_string()))),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => self.refuse("a text"),
        }
    }

    /// A text; null is the empty text, which the domain refuses where a text is required.
    pub(in crate::api) fn plain_text(&self) -> Read<String> {
        Ok(self.text()?.unwrap_or_default())
    }

    /// A number's digits, from a number or a text.
    fn digits(&self) -> Option<String> {
        match self.value {
            Value::Number(number) => Some(plain_decimal(number.as_str()).into_owned()),
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A whole number from `min` to `max`. `20160.0` is one.
    fn whole(&self, min: i64, max: i64) -> Read<Option<i64>> {
        if self.value.is_null() {
            return Ok(None);
        }
        let digits = self.digits().unwrap_or_default();
        let whole = match digits.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() && decimals.bytes().all(|digit| digit == b'0') => whole,
            _ => &digits,
        };
        match whole.parse() {
            Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
            _ => self.refuse(&format!("a whole number from {min} to {max}")),
        }
    }

    /// A whole number of 0 or more. The domain knows the field's maximum.
    pub(in crate::api) fn number(&self) -> Read<Option<u32>> {
        let number = self.whole(0, u32::MAX.into())?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    }

    /// The id of another object.
    pub(in crate::api) fn optional_id(&self) -> Read<Option<i64>> {
        match self.whole(1, i64::MAX) {
            Err(_) => self.refuse("an id"),
            read => read,
        }
    }

    /// The required id of another object.
    pub(in crate::api) fn id(&self) -> Read<i64> {
        match self.optional_id()? {
            Some(id) => Ok(id),
            None => self.refuse("an id"),
        }
    }

    pub(in crate::api) fn amount(&self) -> Read<Option<Micros>> {
        if self.value.is_null() {
            return Ok(None);
        }
        let digits = match self.digits() {
            Some(digits) if digits.starts_with('-') => return self.refuse("0 or more"),
            Some(digits) => digits,
            None => return self.refuse("a plain decimal number such as 10 or 10.50"),
        };
        // Some clients send many zeros at the end.
        let short = match digits.split_once('.') {
            Some((whole, decimals)) if decimals.len() > 6 => format!("{whole}.{:0<1}", decimals.trim_end_matches('0')),
            _ => digits,
        };
        Micros::parse(&short).map(Some).map_err(|error| FieldError {
            field: self.path.clone(),
            message: format!("{error}, and is {}", self.value),
        })
    }

    /// An amount that may be below zero.
    pub(in crate::api) fn signed_amount(&self) -> Read<Option<Micros>> {
        let Some(positive) = self.digits().and_then(|digits| Some(digits.strip_prefix('-')?.to_owned())) else {
            return self.amount();
        };
        let path = self.path.clone();
        let amount = InputValue { path, value: &Value::String(positive), append: false }.amount()?;
        Ok(amount.map(|amount| Micros(-amount.0)))
    }

    /// A day, without a time.
    pub(in crate::api) fn day(&self) -> Read<Day> {
        match self.value.as_str().and_then(Day::parse) {
            Some(day) => Ok(day),
            None => self.refuse("a day such as 2026-10-01"),
        }
    }

    /// A count of any length, up to this one.
    pub(in crate::api) fn count(&self, most: u64) -> Read<Option<u64>> {
        let number = self.whole(0, i64::try_from(most).unwrap_or(i64::MAX))?;
        Ok(number.map(i64::unsigned_abs))
    }

    /// True or false; null is false.
    pub(in crate::api) fn boolean(&self) -> Read<bool> {
        match self.value {
            Value::Null => Ok(false),
            Value::Bool(yes) => Ok(*yes),
            Value::String(text) if matches!(text.as_str(), "true" | "1") => Ok(true),
            Value::String(text) if matches!(text.as_str(), "false" | "0") => Ok(false),
            Value::Number(number) if number.as_str() == "1" => Ok(true),
            Value::Number(number) if number.as_str() == "0" => Ok(false),
            _ => self.refuse("true or false"),
        }
    }

    /// One of these words; null is the default.
    pub(in crate::api) fn word<T>(&self, words: &[&str], parse: fn(&str) -> Option<T>, default: T) -> Read<T> {
        match self.value {
            Value::Null => Ok(default),
            Value::String(text) => match parse(text) {
                Some(word) => Ok(word),
                None => self.refuse(&format!("one of {}", words.join(", "))),
            },
            _ => self.refuse(&format!("one of {}", words.join(", "))),
        }
    }

    /// A moment, to the second, as answers show it.
    pub(in crate::api) fn moment(&self) -> Read<Option<Millis>> {
        let time = match self.value {
            Value::Null => return Ok(None),
            Value::String(text) => WrittenTime::read(text),
            Value::Number(number) => WrittenTime::of_number(number.as_str()),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return self.refuse("a date and time such as 2026-10-01 12:00:00 (UTC)");
            }
        };
        time.map(|time| Some(time.in_utc().second())).map_err(|error| FieldError {
            field: self.path.clone(),
            message: format!("must be a date and time such as 2026-10-01 12:00:00 (UTC), and {error}"),
        })
    }

    pub(in crate::api) fn currency(&self) -> Read<Option<Currency>> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(text) if Currency::parse(text).is_some() => Ok(Currency::parse(text)),
            _ => self.refuse("an ISO 4217 code such as USD"),
        }
    }

    /// The elements of an array, at most [`MAX_ELEMENTS`]; null is the empty array.
    pub(in crate::api) fn elements(&self) -> Read<Vec<InputValue<'a>>> {
        match self.value {
            Value::Null => Ok(Vec::new()),
            Value::Array(values) if values.len() > MAX_ELEMENTS => {
                self.refuse(&format!("an array of at most {MAX_ELEMENTS} elements"))
            }
            Value::Array(values) => Ok(values
                .iter()
                .enumerate()
                .map(|(index, value)| InputValue {
                    path: format!("{}[{index}]", self.path),
                    value,
                    append: self.append,
                })
                .collect()),
            _ => self.refuse("an array"),
        }
    }

    pub(in crate::api) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    pub(in crate::api) fn is_array(&self) -> bool {
        self.value.is_array()
    }

    pub(in crate::api) fn object(&self) -> Read<Members<'a>> {
        match self.value {
            Value::Object(members) => Ok(Members { path: self.path.clone(), members }),
            _ => self.refuse("an object"),
        }
    }

    /// Replaces the elements of an array, or merges into them: a new element takes the place of the existing one with the
    /// same key.
    pub(in crate::api) fn put<T, K: Eq + Hash>(&self, into: &mut Vec<T>, elements: Vec<T>, key: impl Fn(&T) -> K) {
        if !self.append {
            *into = elements;
            return;
        }
        let mut places = HashMap::new();
        for (place, existing) in into.iter().enumerate() {
            places.entry(key(existing)).or_insert(place);
        }
        for element in elements {
            let place = *places.entry(key(&element)).or_insert(into.len());
            match into.get_mut(place) {
                Some(existing) => *existing = element,
                None => into.push(element),
            }
        }
    }

    /// Whether an array is merged with the existing one.
    pub(in crate::api) fn is_append(&self) -> bool {
        self.append
    }
}

/// The members of an object in a body.
pub(in crate::api) struct Members<'a> {
    path: String,
    members: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    pub(in crate::api) fn get(&self, name: &str) -> Option<InputValue<'a>> {
        let value = self.members.get(name)?;
        Some(InputValue { path: format!("{}.{name}", self.path), value, append: false })
    }

    pub(in crate::api) fn all(&self) -> impl Iterator<Item = (&'a str, InputValue<'a>)> {
        let member = |(name, value)| {
            let path = format!("{}.{name}", self.path);
            (String::as_str(name), InputValue { path, value, append: false })
        };
        self.members.iter().map(member)
    }

    /// A member; null if the object has none of this name.
    pub(in crate::api) fn get_or_null(&self, name: &str) -> InputValue<'a> {
        const NULL: &Value = &Value::Null;
        self.get(name).unwrap_or_else(|| InputValue {
            path: format!("{}.{name}", self.path),
            value: NULL,
            append: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(json: &str, read: impl Fn(&InputValue<'_>) -> Read<T>) -> Result<T, String> {
        let value = serde_json::from_str(json).unwrap();
        read(&InputValue::new("f", &value, false)).map_err(|error| error.to_string())
    }

    #[test]
    fn amounts_are_exact_however_they_are_written() {
        let amount = |json| read(json, |value| value.amount()).map(|amount| amount.map(|amount| amount.0));
        for (json, micros) in [
            ("30", 30_000_000),
            ("\"30.000000\"", 30_000_000),
            ("0.1", 100_000),
            ("999999999999.123456", 999_999_999_999_123_456),
            ("\"0.10000000000\"", 100_000),
            ("1e-05", 10),
            ("1.5E2", 150_000_000),
            ("1.25e1", 12_500_000),
            ("12.5e-1", 1_250_000),
            ("0.0", 0),
        ] {
            assert_eq!(amount(json), Ok(Some(micros)), "{json}");
        }
        assert_eq!(amount("null"), Ok(None));
        assert_eq!(amount("-1"), Err("f must be 0 or more, and is -1".to_owned()));
        assert_eq!(amount("1.0000001"), Err("f may have at most 6 decimals, and is 1.0000001".to_owned()));
        for json in ["1000000000000", "1e99", "1e999999999", "5e400"] {
            assert!(amount(json).is_err_and(|error| error.contains("is too large")), "{json}");
        }
        for json in ["\"\"", "\"$10\"", "\"1e3\"", "true", "[]"] {
            assert!(amount(json).is_err_and(|error| error.contains("plain decimal")), "{json}");
        }
    }

    #[test]
    fn whole_numbers_may_be_texts_and_have_empty_decimals() {
        let number = |json| read(json, |value| value.number());
        for json in ["120", "\"120\"", "120.0", "\"120.00\"", "1.2e2"] {
            assert_eq!(number(json), Ok(Some(120)), "{json}");
        }
        assert_eq!(number("null"), Ok(None));
        for json in ["-1", "1.5", "\"\"", "\"x\"", "true", "{}", "4294967296"] {
            assert!(number(json).is_err(), "{json}");
        }
        assert_eq!(read("\"x\"", |value| value.id()), Err("f must be an id, and is \"x\"".to_owned()));
        assert_eq!(read("null", |value| value.id()), Err("f must be an id, and is null".to_owned()));
    }

    #[test]
    fn long_values_are_cut_in_messages() {
        let long = format!("[\"{}\"]", "é".repeat(100));
        let refused = read(&long, |value| value.text()).unwrap_err();
        assert_eq!(refused, format!("f must be a text, and is [\"{}...", "é".repeat(58)));
    }

    #[test]
    fn arrays_replace_or_merge() {
        let put = |append: bool| {
            let value = Value::Null;
            let mut there = vec![(1, 'a'), (2, 'b')];
            InputValue::new("f", &value, append).put(&mut there, vec![(2, 'x'), (3, 'c')], |one| one.0);
            there
        };
        assert_eq!(put(false), [(2, 'x'), (3, 'c')]);
        assert_eq!(put(true), [(1, 'a'), (2, 'x'), (3, 'c')]);
    }
}
