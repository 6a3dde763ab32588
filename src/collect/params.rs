//! Turns raw parameters into typed values by the rules of `spec/collection.md`. Pure. A parameter that breaks its rule
//! is set aside or cut with a warning; nothing here can lose a fire.

use std::borrow::Cow;
use std::str::FromStr;

use super::query::Raw;
use super::rejection::Rejection;
use super::warnings::{Rule, Warnings, cut};
use crate::domain::{CampaignId, Currency, Micros, ParseMoneyError, TagForm};
use crate::tag::Parameter;

/// The longest `order_id`, in characters.
pub const MAX_ORDER_ID: usize = 36;
/// The longest `other`, in characters.
pub const MAX_OTHER: usize = 20;
/// The longest `event_id`, in characters.
pub const MAX_EVENT_ID: usize = 64;
/// The largest `ancost`: 999999.999999.
pub const MAX_ANCOST: Micros = Micros(1_000_000 * Micros::UNIT - 1);

/// What a conversion pixel's request says.
#[derive(Debug, Default)]
pub struct FireParams<'a> {
    /// `test=1`.
    pub test: bool,
    /// At most [`MAX_ORDER_ID`] characters.
    pub order_id: Option<Cow<'a, str>>,
    /// The dynamic value, with its text as it came.
    pub value: Option<(Micros, Cow<'a, str>)>,
    /// The currency that was named.
    pub currency: Option<Currency>,
    /// At most [`MAX_OTHER`] characters.
    pub other: Option<Cow<'a, str>>,
    /// At most [`MAX_EVENT_ID`] characters.
    pub event_id: Option<Cow<'a, str>>,
    /// Where to go on to, if that is allowed; not blank.
    pub redir: Option<Cow<'a, str>>,
    /// Parameters that broke their rule.
    pub warnings: Warnings,
}

/// What a tracker's request says.
#[derive(Debug, Default)]
pub struct ExposureParams<'a> {
    /// `test=1`.
    pub test: bool,
    /// The media cost, at most [`MAX_ANCOST`].
    pub ancost: Option<Micros>,
    /// The campaign.
    pub campaign_id: Option<CampaignId>,
    /// The creative, 1 or more.
    pub creative_id: Option<i64>,
    /// Where to go on to, if that is allowed; not blank.
    pub redir: Option<Cow<'a, str>>,
    /// Parameters that broke their rule.
    pub warnings: Warnings,
}

/// By which tag a request came: `t=1` is a script, all else an image.
pub fn tag_kind(raw: &Raw<'_>) -> TagForm {
    if raw.t.as_deref() == Some("1") { TagForm::Script } else { TagForm::Image }
}

/// Reads the id of the pixel or tracker that is meant.
///
/// # Errors
/// Why there is none: without it there is nothing to log a fire or an exposure for.
pub fn id_of<T: FromStr>(raw: &Raw<'_>) -> Result<T, Rejection> {
    let id = raw.id.as_deref().filter(|id| !id.is_empty()).ok_or(Rejection::MissingId)?;
    id.parse().map_err(|_| Rejection::BadId)
}

/// Reads a conversion pixel's parameters.
pub fn fire(raw: Raw<'_>) -> FireParams<'_> {
    let mut warnings = repeated(&raw);
    let w = &mut warnings;
    FireParams {
        test: test(raw.test, w),
        order_id: text(Parameter::OrderId, raw.order_id, MAX_ORDER_ID, Longer::IsCut, w),
        value: value(raw.value, w),
        currency: currency(raw.currency, w),
        other: text(Parameter::Other, raw.other, MAX_OTHER, Longer::IsCut, w),
        event_id: text(Parameter::EventId, raw.event_id, MAX_EVENT_ID, Longer::IsSetAside, w),
        redir: given(raw.redir),
        warnings,
    }
}

/// Reads a tracker's parameters.
pub fn exposure(raw: Raw<'_>) -> ExposureParams<'_> {
    let mut warnings = repeated(&raw);
    let w = &mut warnings;
    ExposureParams {
        test: test(raw.test, w),
        ancost: ancost(raw.ancost, w),
        campaign_id: id("campaign_id", raw.campaign_id, w).map(CampaignId),
        creative_id: id("creative_id", raw.creative_id, w),
        redir: given(raw.redir),
        warnings,
    }
}

fn repeated(raw: &Raw<'_>) -> Warnings {
    let mut warnings = Warnings::default();
    for (name, value) in &raw.repeated {
        warnings.add(name, value, Rule::Repeated);
    }
    warnings
}

/// A parameter that is there but empty says as much as one that is not there.
fn given(raw: Option<Cow<'_, str>>) -> Option<Cow<'_, str>> {
    raw.filter(|text| !text.is_empty())
}

fn test(raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> bool {
    match given(raw).as_deref() {
        Some("1") => true,
        None | Some("0") => false,
        Some(other) => {
            warnings.add("test", other, Rule::NotZeroOrOne);
            false
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Longer {
    IsCut,
    IsSetAside,
}

fn text<'a>(
    parameter: Parameter,
    raw: Option<Cow<'a, str>>,
    most: usize,
    longer: Longer,
    warnings: &mut Warnings,
) -> Option<Cow<'a, str>> {
    let mut text = given(raw)?;
    let name = parameter.name();
    if text == parameter.placeholder() {
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
    given(Some(text))
}

fn money(parameter: Parameter, text: &str, most: Micros, warnings: &mut Warnings) -> Option<Micros> {
    let rule = match Micros::parse(text) {
        Ok(amount) if amount <= most => return Some(amount),
        Ok(_) | Err(ParseMoneyError::TooLarge) => Rule::TooLarge,
        Err(ParseMoneyError::TooManyDecimals) => Rule::TooManyDecimals,
        Err(ParseMoneyError::NotPlain) if text == parameter.placeholder() => Rule::Placeholder,
        Err(ParseMoneyError::NotPlain) => Rule::NotAPlainDecimal,
    };
    warnings.add(parameter.name(), text, rule);
    None
}

fn value<'a>(raw: Option<Cow<'a, str>>, warnings: &mut Warnings) -> Option<(Micros, Cow<'a, str>)> {
    let text = given(raw)?;
    money(Parameter::Value, &text, Micros::MAX, warnings).map(|amount| (amount, text))
}

fn ancost(raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> Option<Micros> {
    money(Parameter::Ancost, &given(raw)?, MAX_ANCOST, warnings)
}

fn currency(raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> Option<Currency> {
    let text = given(raw)?;
    let currency = Currency::parse(&text);
    if currency.is_none() {
        let placeholder = text == Parameter::Currency.placeholder();
        warnings.add("currency", &text, if placeholder { Rule::Placeholder } else { Rule::NotACurrency });
    }
    currency
}

fn id(name: &'static str, raw: Option<Cow<'_, str>>, warnings: &mut Warnings) -> Option<i64> {
    let text = given(raw)?;
    let id = text.parse::<CampaignId>().ok().map(|id| id.0);
    if id.is_none() {
        warnings.add(name, &text, Rule::NotAnId);
    }
    id
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::collect::query::parse;

    fn warned(warnings: Warnings) -> Vec<(String, String, String)> {
        warnings.into_vec().into_iter().map(|w| (w.parameter, w.raw, w.rule)).collect()
    }

    fn warning(parameter: &str, raw: &str, rule: &str) -> Vec<(String, String, String)> {
        vec![(parameter.to_owned(), raw.to_owned(), rule.to_owned())]
    }

    #[test]
    fn a_fire_without_parameters_has_none_and_no_warning() {
        for query in ["", "id=1&t=2", "order_id=&value=&other=&event_id=&currency=&test=&redir="] {
            let params = fire(parse(query));
            assert!(!params.test, "{query}");
            assert_eq!((params.order_id, params.value, params.currency), (None, None, None), "{query}");
            assert_eq!((params.other, params.event_id, params.redir), (None, None, None), "{query}");
            assert_eq!(warned(params.warnings), [], "{query}");
        }
    }

    #[test]
    fn ids_are_plain_numbers() {
        for (query, id) in [
            ("id=8371", Ok(CampaignId(8371))),
            ("id=%31", Ok(CampaignId(1))),
            ("", Err(Rejection::MissingId)),
            ("id=", Err(Rejection::MissingId)),
            ("id=0", Err(Rejection::BadId)),
            ("id=-1", Err(Rejection::BadId)),
            ("id=1'--", Err(Rejection::BadId)),
            ("id=9223372036854775808", Err(Rejection::BadId)),
        ] {
            assert_eq!(id_of(&parse(query)), id, "{query}");
        }
    }

    #[test]
    fn only_one_is_a_script() {
        let kinds = ["t=1", "t=2", "", "t=", "t=3", "t=01"].map(|query| tag_kind(&parse(query)));
        assert_eq!(kinds.map(|kind| kind == TagForm::Script), [true, false, false, false, false, false]);
    }

    #[test]
    fn values_are_plain_decimals_or_set_aside() {
        for (query, micros) in [("value=10", 10_000_000), ("value=10.50", 10_500_000), ("value=0", 0)] {
            let params = fire(parse(query));
            assert_eq!(params.value.map(|(value, _)| value), Some(Micros(micros)), "{query}");
            assert_eq!(warned(params.warnings), [], "{query}");
        }
        for (text, rule) in [
            ("$10", "not_a_plain_decimal"),
            ("10,00", "not_a_plain_decimal"),
            ("1e3", "not_a_plain_decimal"),
            ("NaN", "not_a_plain_decimal"),
            ("-1", "not_a_plain_decimal"),
            ("10 ", "not_a_plain_decimal"),
            ("1.1234567", "too_many_decimals"),
            ("1000000000000.01", "too_large"),
            ("[REVENUE]", "placeholder_not_filled_in"),
        ] {
            let query = format!("value={text}&order_id=A1");
            let params = fire(parse(&query));
            assert_eq!((params.value, params.order_id.as_deref()), (None, Some("A1")), "{text}");
            assert_eq!(warned(params.warnings), warning("value", text, rule), "{text}");
        }
    }

    #[test]
    fn texts_too_long_are_cut_but_an_event_id_is_set_aside() {
        let (at, over) = ("é".repeat(36), "é".repeat(37));
        let query = format!("order_id={at}");
        let params = fire(parse(&query));
        assert_eq!((params.order_id.as_deref(), warned(params.warnings)), (Some(at.as_str()), vec![]));
        let query = format!("order_id={over}");
        let params = fire(parse(&query));
        assert_eq!(params.order_id.as_deref(), Some(at.as_str()));
        assert_eq!(warned(params.warnings), warning("order_id", &over, "cut_to_its_length"));

        let params = fire(parse("other=%31234567890123456789012"));
        assert_eq!(params.other.as_deref(), Some("12345678901234567890"));
        assert_eq!(warned(params.warnings), warning("other", "1234567890123456789012", "cut_to_its_length"));

        let query = format!("event_id={}", "e".repeat(64));
        assert_eq!(fire(parse(&query)).event_id.map(|id| id.len()), Some(64));
        let query = format!("event_id={}", "e".repeat(8000));
        let params = fire(parse(&query));
        assert_eq!(params.event_id, None);
        assert_eq!(warned(params.warnings), warning("event_id", &"e".repeat(200), "too_long"));
    }

    #[test]
    fn texts_lose_what_would_break_files_made_of_them() {
        let params = fire(parse("order_id=A%0D%0A1%00&other=%0A&event_id=%E9"));
        assert_eq!((params.order_id.as_deref(), params.other), (Some("A1"), None));
        assert_eq!(params.event_id.as_deref(), Some("\u{fffd}"));
        let rules: Vec<_> = warned(params.warnings).into_iter().map(|(parameter, _, rule)| (parameter, rule)).collect();
        let expected = [("order_id", "control_characters"), ("other", "control_characters"), ("event_id", "not_utf8")];
        assert_eq!(rules, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn placeholders_left_in_are_no_values() {
        // Taken as they stand they would make every fire a duplicate of the first.
        let query =
            "order_id=[ORDER_ID]&value=[REVENUE]&currency=%5BCURRENCY%5D&other=[EXTERNAL_DATA]&event_id=[EVENT_ID]";
        let params = fire(parse(query));
        assert_eq!((params.order_id, params.event_id, params.other), (None, None, None));
        let warnings = warned(params.warnings);
        assert_eq!(warnings.len(), 5);
        assert!(warnings.iter().all(|(.., rule)| rule == "placeholder_not_filled_in"), "{warnings:?}");
    }

    #[test]
    fn currencies_are_three_letters() {
        assert_eq!(fire(parse("currency=eur")).currency, Currency::parse("EUR"));
        let params = fire(parse("currency=%E2%82%AC"));
        assert_eq!(params.currency, None);
        assert_eq!(warned(params.warnings), warning("currency", "€", "not_a_currency"));
    }

    #[test]
    fn test_is_one_or_zero() {
        let tests = ["test=1", "test=0", "test=", "x=1"].map(|query| fire(parse(query)));
        assert_eq!(tests.each_ref().map(|params| params.test), [true, false, false, false]);
        let params = fire(parse("test=true"));
        assert_eq!((params.test, warned(params.warnings)), (false, warning("test", "true", "not_0_or_1")));
    }

    #[test]
    fn a_repeated_parameter_is_told() {
        let params = fire(parse("value=1&value=2"));
        assert_eq!(params.value.map(|(value, _)| value), Some(Micros(1_000_000)));
        assert_eq!(warned(params.warnings), warning("value", "2", "repeated"));
    }

    #[test]
    fn a_trackers_parameters_have_their_own_rules() {
        let params = exposure(parse("ancost=999999.999999&campaign_id=7&creative_id=8&redir=x&test=1"));
        assert_eq!((params.ancost, params.campaign_id), (Some(MAX_ANCOST), Some(CampaignId(7))));
        assert_eq!((params.creative_id, params.redir.as_deref(), params.test), (Some(8), Some("x"), true));
        assert_eq!(warned(params.warnings), []);
        let params = exposure(parse("ancost=1000000&campaign_id=x&creative_id=-8"));
        assert_eq!((params.ancost, params.campaign_id, params.creative_id), (None, None, None));
        let rules: Vec<_> = warned(params.warnings).into_iter().map(|(.., rule)| rule).collect();
        assert_eq!(rules, ["too_large", "not_an_id", "not_an_id"]);
    }

    proptest! {
        #[test]
        fn every_request_is_a_fire(query in "((order_id|value|other|event_id|currency|test|redir|t|id)=(\\PC{0,80}|[%0-9a-fA-F]{0,60})&?){0,8}") {
            let params = fire(parse(&query));
            prop_assert!(params.order_id.is_none_or(|text| (1..=MAX_ORDER_ID).contains(&text.chars().count())));
            prop_assert!(params.other.is_none_or(|text| (1..=MAX_OTHER).contains(&text.chars().count())));
            prop_assert!(params.event_id.is_none_or(|text| (1..=MAX_EVENT_ID).contains(&text.chars().count())));
            prop_assert!(params.value.is_none_or(|(value, _)| (0..=Micros::MAX.0).contains(&value.0)));
            for warning in params.warnings.into_vec() {
                prop_assert!(warning.raw.chars().count() <= 200);
            }
            let _ = exposure(parse(&query));
        }
    }
}
