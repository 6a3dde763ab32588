//! Every rule of every parameter, kept and broken, and properties over arbitrary input.

use proptest::prelude::*;

use super::*;
use crate::collect::query::parse;
use crate::domain::Currency;

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
        assert_eq!((params.order_id, params.value, params.currency), (None, None, SentCurrency::Absent), "{query}");
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
        ("1000000000000", "too_large"),
        ("999999999999.9999995", "too_large"),
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
    assert_eq!(fire(&mut parse("currency=eur"), NEEDED).currency.or(None), Currency::parse("EUR"));
    let default = Some(Currency::USD);
    for (query, raw) in [("currency=%E2%82%AC", "€"), ("currency=XYZ", "XYZ"), ("currency=EURO", "EURO")] {
        let params = fire(&mut parse(query), NEEDED);
        assert_eq!(params.currency.or(default), None, "no other currency steps in");
        assert_eq!(texts_of(params.warnings), warning("currency", raw, "not_a_currency"));
    }
    for query in ["currency=", "currency=%20", "currency", ""] {
        let params = fire(&mut parse(query), NEEDED);
        assert_eq!((params.currency.or(default), texts_of(params.warnings)), (default, vec![]));
    }
}

#[test]
fn a_currency_that_is_not_understood_takes_its_value_aside() {
    let params = fire(&mut parse("value=150000&currency=RMB&num_items=x"), NEEDED);
    assert_eq!((params.value, params.currency.or(Some(Currency::USD))), (None, None));
    let warnings: Vec<_> =
        texts_of(params.warnings).into_iter().map(|(name, _, rule)| format!("{name} {rule}")).collect();
    assert_eq!(warnings, ["value currency_not_understood", "currency not_a_currency", "num_items not_a_whole_number"]);
    let params = fire(&mut parse("value=15.5&currency=eur&num_items=x"), NEEDED);
    assert_eq!(
        (params.value.map(|(value, _)| value), params.currency.or(None)),
        (Some(Micros(15_500_000)), Currency::parse("EUR"))
    );
}

#[test]
fn test_is_yes_or_no() {
    let of = |word: &str| {
        let query = format!("test={word}");
        let params = fire(&mut parse(&query), NEEDED);
        (params.test, texts_of(params.warnings))
    };
    for yes in ["1", "true", "yes", "on", "TRUE", "Yes", "oN", "1%20"] {
        assert_eq!(of(yes), (true, vec![]), "{yes}");
    }
    for no in ["0", "false", "no", "off", "False", "NO", "", "%20"] {
        assert_eq!(of(no), (false, vec![]), "{no}");
    }
    for other in ["2", "y", "ja", "true!", "11"] {
        assert_eq!(of(other), (false, warning("test", other, "not_0_or_1")), "{other}");
    }
    assert_eq!(of("[TEST]"), (false, warning("test", "[TEST]", "placeholder_not_filled_in")));
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
    fn a_word_is_read_in_any_case(word in "(1|true|yes|on|0|false|no|off|\\PC{0,6})", capitals in any::<u32>()) {
        let flip = |(place, sign): (usize, char)| if capitals >> (place % 32) & 1 == 1 { sign.to_ascii_uppercase() } else { sign };
        let other: String = word.char_indices().map(flip).collect();
        prop_assert_eq!(values::yes_or_no(&other), values::yes_or_no(&word));
        let known = ["1", "true", "yes", "on", "0", "false", "no", "off", ""];
        let lower = word.trim().to_ascii_lowercase();
        prop_assert_eq!(values::yes_or_no(&word), known.iter().position(|known| *known == lower).map(|place| place < 4));
    }

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
