//! Every rule of every parameter, kept and broken, and properties over arbitrary input.

use proptest::prelude::*;

use super::*;
use crate::collect::query::parse;

const NEEDED: Needed<'static> = Needed { purposes: &[1], vendor: None };

fn texts_of(warnings: Warnings) -> Vec<(String, String, String)> {
    warnings.into_vec().into_iter().map(|w| (w.parameter, w.raw, w.rule)).collect()
}

fn warning(parameter: &str, raw: &str, rule: &str) -> Vec<(String, String, String)> {
    vec![(parameter.to_owned(), raw.to_owned(), rule.to_owned())]
}

#[test]
fn a_fire_without_parameters_has_none_and_no_warning() {
    for query in ["", "id=1&t=2", "order_id=&value=&other=&event_id=&currency=&test=&redir="] {
        let params = fire(&mut parse(query), NEEDED);
        assert!(!params.test, "{query}");
        assert_eq!((params.order_id, params.value, params.currency), (None, None, None), "{query}");
        assert_eq!((params.other, params.event_id, params.redir), (None, None, None), "{query}");
        assert_eq!(texts_of(params.warnings), [], "{query}");
    }
}

#[test]
fn only_one_is_a_script() {
    let kinds = ["t=1", "t=2", "", "t=", "t=3", "t=01"].map(|query| tag_form(&parse(query)));
    assert_eq!(kinds.map(|kind| kind == TagForm::Script), [true, false, false, false, false, false]);
}

#[test]
fn values_are_plain_decimals_or_set_aside() {
    for (query, micros) in [("value=10", 10_000_000), ("value=10.50", 10_500_000), ("value=0", 0)] {
        let params = fire(&mut parse(query), NEEDED);
        assert_eq!(params.value.map(|(value, _)| value), Some(Micros(micros)), "{query}");
        assert_eq!(texts_of(params.warnings), [], "{query}");
    }
    for (text, rule) in [
        ("$10", "not_a_plain_decimal"),
        ("10,00", "not_a_plain_decimal"),
        ("1e3", "not_a_plain_decimal"),
        ("NaN", "not_a_plain_decimal"),
        ("-1", "not_a_plain_decimal"),
        ("1 0", "not_a_plain_decimal"),
        ("1.1234567", "too_many_decimals"),
        ("1000000000000.01", "too_large"),
        ("[REVENUE]", "placeholder_not_filled_in"),
    ] {
        let query = format!("value={text}&order_id=A1");
        let params = fire(&mut parse(&query), NEEDED);
        assert_eq!((params.value, params.order_id.as_deref()), (None, Some("A1")), "{text}");
        assert_eq!(texts_of(params.warnings), warning("value", text, rule), "{text}");
    }
}

#[test]
fn texts_too_long_are_cut_but_no_text_that_is_compared() {
    let length = |length: usize| "é".repeat(length);
    for (text, kept, rule) in [
        (length(36), true, None),
        (length(37), true, Some("longer_than_published")),
        (length(255), true, Some("longer_than_published")),
        (length(256), false, Some("too_long")),
    ] {
        let query = format!("order_id={text}");
        let params = fire(&mut parse(&query), NEEDED);
        assert_eq!(params.order_id.as_deref(), kept.then_some(text.as_str()));
        let cut = crate::domain::cut(&text, 200);
        assert_eq!(texts_of(params.warnings), rule.map_or(vec![], |rule| warning("order_id", cut, rule)));
    }

    let params = fire(&mut parse("other=%31234567890123456789012"), NEEDED);
    assert_eq!(params.other.as_deref(), Some("12345678901234567890"));
    assert_eq!(texts_of(params.warnings), warning("other", "1234567890123456789012", "cut_to_its_length"));

    let query = format!("event_id={}", "e".repeat(255));
    assert_eq!(fire(&mut parse(&query), NEEDED).event_id.map(|id| id.len()), Some(255));
    let query = format!("event_id={}", "e".repeat(8000));
    let params = fire(&mut parse(&query), NEEDED);
    assert_eq!(params.event_id, None);
    assert_eq!(texts_of(params.warnings), warning("event_id", &"e".repeat(200), "too_long"));
}

#[test]
fn texts_lose_what_would_break_files_made_of_them() {
    let params = fire(&mut parse("order_id=A%0D%0A1%00&other=x%0Ay&event_id=%E9"), NEEDED);
    assert_eq!((params.order_id.as_deref(), params.other.as_deref()), (Some("A1"), Some("xy")));
    assert_eq!(params.event_id.as_deref(), Some("\u{fffd}"));
    let rules: Vec<_> = texts_of(params.warnings).into_iter().map(|(parameter, _, rule)| (parameter, rule)).collect();
    let expected = [("order_id", "control_characters"), ("other", "control_characters"), ("event_id", "not_utf8")];
    assert_eq!(rules, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn placeholders_left_in_are_no_values() {
    // Taken as values they would make every fire a duplicate of the first.
    let query = "order_id=[ORDER_ID]&value=[REVENUE]&currency=%5BCURRENCY%5D&other=[EXTERNAL_DATA]&event_id=[EVENT_ID]";
    let params = fire(&mut parse(query), NEEDED);
    assert_eq!((params.order_id, params.event_id, params.other), (None, None, None));
    let warnings = texts_of(params.warnings);
    assert_eq!(warnings.len(), 5);
    assert!(warnings.iter().all(|(.., rule)| rule == "placeholder_not_filled_in"), "{warnings:?}");
}

#[test]
fn currencies_are_codes_of_iso_4217() {
    assert_eq!(fire(&mut parse("currency=eur"), NEEDED).currency, Currency::parse("EUR"));
    for (query, raw) in [("currency=%E2%82%AC", "€"), ("currency=XYZ", "XYZ"), ("currency=EURO", "EURO")] {
        let params = fire(&mut parse(query), NEEDED);
        assert_eq!(params.currency, None);
        assert_eq!(texts_of(params.warnings), warning("currency", raw, "not_a_currency"));
    }
}

#[test]
fn test_is_one_or_zero() {
    let tests = ["test=1", "test=0", "test=", "x=1"].map(|query| fire(&mut parse(query), NEEDED));
    assert_eq!(tests.each_ref().map(|params| params.test), [true, false, false, false]);
    let params = fire(&mut parse("test=true"), NEEDED);
    assert_eq!((params.test, texts_of(params.warnings)), (false, warning("test", "true", "not_0_or_1")));
}

#[test]
fn a_repeated_parameter_is_a_warning() {
    let params = fire(&mut parse("value=1&value=2"), NEEDED);
    assert_eq!(params.value.map(|(value, _)| value), Some(Micros(1_000_000)));
    assert_eq!(texts_of(params.warnings), warning("value", "2", "repeated"));
}

#[test]
fn a_trackers_parameters_have_their_own_rules() {
    let params = exposure(&mut parse("ancost=999999.999999&campaign_id=7&creative_id=8&redir=x&test=1"), NEEDED);
    assert_eq!((params.ancost, params.campaign_id), (Some(MAX_ANCOST), Some(CampaignId(7))));
    assert_eq!((params.creative_id, params.redir.as_deref(), params.test), (Some(8), Some("x"), true));
    assert_eq!(texts_of(params.warnings), []);
    let params = exposure(&mut parse("ancost=1000000&campaign_id=x&creative_id=-8"), NEEDED);
    assert_eq!((params.ancost, params.campaign_id, params.creative_id), (None, None, None));
    let rules: Vec<_> = texts_of(params.warnings).into_iter().map(|(.., rule)| rule).collect();
    assert_eq!(rules, ["too_large", "not_an_id", "not_an_id"]);
}

proptest! {
    #[test]
    fn every_request_is_a_fire(query in "((order_id|value|other|event_id|currency|test|redir|t|id)=(\\PC{0,80}|[%0-9a-fA-F]{0,60})&?){0,8}") {
        let params = fire(&mut parse(&query), NEEDED);
        prop_assert!(params.order_id.is_none_or(|text| (1..=MAX_ORDER_ID).contains(&text.chars().count())));
        prop_assert!(params.other.is_none_or(|text| (1..=MAX_OTHER).contains(&text.chars().count())));
        prop_assert!(params.event_id.is_none_or(|text| (1..=MAX_EVENT_ID).contains(&text.chars().count())));
        prop_assert!(params.value.is_none_or(|(value, _)| (0..=Micros::MAX.0).contains(&value.0)));
        for warning in params.warnings.into_vec() {
            prop_assert!(warning.raw.chars().count() <= 200);
        }
        let _ = exposure(&mut parse(&query), NEEDED);
    }
}
