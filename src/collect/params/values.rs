//! Turns one parameter's text into a value: texts, money, numbers, lists. A text that breaks its rule is cut or set
//! aside, with a warning.

use std::borrow::Cow;

use serde_json::Value;

pub use super::placeholders::is_placeholder;
use super::placeholders::{is_only_a_placeholder, is_unfilled};
use crate::collect::problems::warnings::{Rule, Warnings, cut};
use crate::domain::{Currency, Micros, PUBLISHED_ORDER_ID, ParseMoneyError, trim};

/// The most texts of a list.
pub const MAX_LIST: usize = 100;
/// The longest text of a list, in characters.
pub const MAX_LISTED: usize = 100;

/// The treatment of a text that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Longer {
    IsCut,
    /// Cutting could make two different texts equal.
    IsSetAside,
}

/// An empty parameter means the same as a missing one.
pub fn non_empty(raw: Option<Cow<'_, str>>) -> Option<Cow<'_, str>> {
    raw.filter(|text| !text.is_empty())
}

/// The words for yes and for no, in any case.
const YES: [&str; 4] = ["1", "true", "yes", "on"];
const NO: [&str; 4] = ["0", "false", "no", "off"];

/// What a word says: yes, no, or nothing that is known. An empty one says no.
pub fn yes_or_no(text: &str) -> Option<bool> {
    let text = text.trim();
    let says = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if says(YES) {
        return Some(true);
    }
    (text.is_empty() || says(NO)).then_some(false)
}

/// A switch; one that is missing, or says neither yes nor no, is off.
pub fn switch(name: &'static str, raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> bool {
    let Some(text) = raw else { return false };
    let set = yes_or_no(&text);
    if set.is_none() {
        warnings.add(name, &text, if is_placeholder(&text) { Rule::Placeholder } else { Rule::NotZeroOrOne });
    }
    set == Some(true)
}

/// A parameter that is compared; none, with a warning, if nothing was filled in.
pub fn filled_in<'a>(name: &'static str, raw: Option<Cow<'a, str>>, warnings: &mut Warnings) -> Option<Cow<'a, str>> {
    let text = non_empty(raw)?;
    if is_unfilled(name, &text) {
        warnings.add(name, &text, Rule::Placeholder);
        return None;
    }
    Some(text)
}

/// A text that is compared: whole, of at most `most` characters, and no placeholder.
pub fn identity<'a>(
    name: &'static str,
    raw: Option<Cow<'a, str>>,
    most: usize,
    warnings: &mut Warnings,
) -> Option<Cow<'a, str>> {
    text(name, filled_in(name, raw, warnings), most, Longer::IsSetAside, warnings)
}

/// An order id, whole.
pub fn order_id<'a>(
    name: &'static str,
    raw: Option<Cow<'a, str>>,
    most: usize,
    warnings: &mut Warnings,
) -> Option<Cow<'a, str>> {
    let id = identity(name, raw, most, warnings);
    check_published(name, id.as_deref(), warnings);
    id
}

/// Warns of an order id that published columns cut.
pub fn check_published(name: &'static str, id: Option<&str>, warnings: &mut Warnings) {
    if let Some(id) = id.filter(|id| cut(id, PUBLISHED_ORDER_ID).len() < id.len()) {
        warnings.add(name, id, Rule::LongerThanPublished);
    }
}

/// A text of at most `most` characters, without control characters.
pub fn text<'a>(
    name: &str,
    raw: Option<Cow<'a, str>>,
    most: usize,
    longer: Longer,
    warnings: &mut Warnings,
) -> Option<Cow<'a, str>> {
    let mut text = non_empty(raw)?;
    if is_only_a_placeholder(&text) {
        warnings.add(name, &text, Rule::Placeholder);
        return None;
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        warnings.add(name, &text, Rule::NotUtf8);
    }
    if text.contains(char::is_control) {
        warnings.add(name, &text, Rule::ControlCharacters);
        text = Cow::Owned(text.replace(char::is_control, ""));
    }
    let kept = cut(&text, most).len();
    if kept < text.len() {
        if longer == Longer::IsSetAside {
            warnings.add(name, &text, Rule::TooLong);
            return None;
        }
        warnings.add(name, &text, Rule::Cut);
        text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..kept]),
            Cow::Owned(mut text) => {
                text.truncate(kept);
                Cow::Owned(text)
            }
        };
    }
    non_empty(Some(text))
}

/// A URL to go on to, as it came. A placeholder that was not filled in leads nowhere.
pub fn url<'a>(name: &'static str, raw: Option<Cow<'a, str>>, warnings: &mut Warnings) -> Option<Cow<'a, str>> {
    let text = non_empty(raw)?;
    if is_placeholder(&text) {
        warnings.add(name, &text, Rule::Placeholder);
        return None;
    }
    Some(text)
}

/// A page's address as a browser shows it: absolute, over http or https.
pub fn page<'a>(name: &'static str, raw: Option<Cow<'a, str>>, warnings: &mut Warnings) -> Option<Cow<'a, str>> {
    let text = url(name, raw, warnings)?;
    let after = |scheme: &str| {
        let has_scheme = text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        text.get(scheme.len()..).filter(|_| has_scheme)
    };
    let host = after("https://").or_else(|| after("http://")).and_then(|rest| rest.split(['/', '?', '#']).next());
    let is_host = |host: &str| !host.is_empty() && !host.contains(['@', ' ', '"', '<', '>', '\\']);
    if host.is_none_or(|host| !is_host(host)) || text.contains(char::is_control) {
        warnings.add(name, &text, Rule::NotAPage);
        return None;
    }
    Some(text)
}

/// An amount of money, with its text: as it came, if it is written as people write money.
pub fn money<'a>(
    name: &'static str,
    raw: Option<Cow<'a, str>>,
    most: Micros,
    warnings: &mut Warnings,
) -> Option<(Micros, Cow<'a, str>)> {
    let text = non_empty(raw)?;
    let rule = match Micros::parse_rounded(&text) {
        Ok(amount) if amount <= most => {
            let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let is_usual = decimals <= 6 && !text.starts_with('.') && !text.ends_with('.');
            return Some((amount, if is_usual { text } else { Cow::Owned(amount.to_string()) }));
        }
        Ok(_) | Err(ParseMoneyError::TooLarge) => Rule::TooLarge,
        Err(ParseMoneyError::NotPlain | ParseMoneyError::TooManyDecimals) if is_placeholder(&text) => Rule::Placeholder,
        Err(ParseMoneyError::NotPlain | ParseMoneyError::TooManyDecimals) => Rule::NotAPlainDecimal,
    };
    warnings.add(name, &text, rule);
    None
}

/// A dynamic value, with its text as [`money`] has it. A currency that was not understood takes it aside: in another
/// currency it would be another amount.
pub fn value<'a>(
    name: &'static str,
    raw: Option<Cow<'a, str>>,
    currency: SentCurrency,
    warnings: &mut Warnings,
) -> Option<(Micros, Cow<'a, str>)> {
    let (value, text) = money(name, raw, Micros::MAX, warnings)?;
    if currency == SentCurrency::NotUnderstood {
        warnings.add(name, &text, Rule::CurrencyNotUnderstood);
        return None;
    }
    Some((value, text))
}

/// The currency that a request names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SentCurrency {
    #[default]
    Absent,
    Known(Currency),
    NotUnderstood,
}

impl SentCurrency {
    /// The default steps in for an absent one only.
    pub fn or(self, default: Option<Currency>) -> Option<Currency> {
        match self {
            SentCurrency::Absent => default,
            SentCurrency::Known(currency) => Some(currency),
            SentCurrency::NotUnderstood => None,
        }
    }
}

/// An ISO 4217 code.
pub fn currency(name: &'static str, raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> SentCurrency {
    let Some(text) = raw.filter(|text| !text.trim().is_empty()) else { return SentCurrency::Absent };
    if let Some(currency) = Currency::parse(text.trim()) {
        return SentCurrency::Known(currency);
    }
    warnings.add(name, &text, if is_placeholder(&text) { Rule::Placeholder } else { Rule::NotACurrency });
    SentCurrency::NotUnderstood
}

/// A whole number from 1 up.
pub fn id(name: &'static str, raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> Option<i64> {
    let text = non_empty(raw)?;
    let id = text.parse::<crate::domain::CampaignId>().ok().map(|id| id.0);
    if id.is_none() {
        warnings.add(name, &text, if is_placeholder(&text) { Rule::Placeholder } else { Rule::NotAnId });
    }
    id
}

/// A whole number from 0 to 4294967295.
pub fn whole_number(name: &'static str, raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> Option<u32> {
    let text = non_empty(raw)?;
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    let number = Some(&text).filter(|_| plain).and_then(|text| text.parse().ok());
    if number.is_none() {
        warnings.add(name, &text, if is_placeholder(&text) { Rule::Placeholder } else { Rule::NotAWholeNumber });
    }
    number
}

/// Texts separated by commas, or a JSON array of texts and numbers.
pub fn list(name: &'static str, raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> Vec<String> {
    let Some(raw) = non_empty(raw) else { return Vec::new() };
    if is_only_a_placeholder(&raw) {
        warnings.add(name, &raw, Rule::Placeholder);
        return Vec::new();
    }
    if !raw.starts_with('[') {
        return listed(name, raw.split(',').map(Cow::Borrowed), warnings);
    }
    let plain = |value: &Value| match value {
        Value::String(text) => Some(Cow::Owned(text.clone())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let values = serde_json::from_str::<Vec<Value>>(&raw).ok();
    match values.and_then(|values| values.iter().map(plain).collect::<Option<Vec<_>>>()) {
        Some(texts) => listed(name, texts.into_iter(), warnings),
        None => {
            warnings.add(name, &raw, if is_placeholder(&raw) { Rule::Placeholder } else { Rule::NotAList });
            Vec::new()
        }
    }
}

/// The texts of a list, each checked by itself.
pub fn listed<'t>(
    name: &'static str,
    texts: impl Iterator<Item = Cow<'t, str>>,
    warnings: &mut Warnings,
) -> Vec<String> {
    let mut kept = Vec::new();
    for text in texts {
        let trimmed = trim(&text);
        if trimmed.is_empty() {
            continue;
        }
        if kept.len() == MAX_LIST {
            warnings.add_once(name, trimmed, Rule::TooMany);
            break;
        }
        // A list may break a rule a hundred times. It gets one warning for each rule.
        let mut own = Warnings::default();
        if let Some(text) = self::text(name, Some(Cow::Borrowed(trimmed)), MAX_LISTED, Longer::IsSetAside, &mut own) {
            kept.push(text.into_owned());
        }
        warnings.merge_once(own);
    }
    kept
}
