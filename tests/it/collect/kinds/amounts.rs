//! Amounts: plain decimals, computed ones with many decimals, and JSON numbers in any notation.

use pixeld::domain::Micros;
use serde_json::{Value, json};

use super::sales::{WAYS, beacon, event, rules, sale};
use crate::api::Api;
use crate::collect::endpoints::server::sent;
use crate::collect::{exposure, visit};
use crate::harness::{TestApp, open_database};
use crate::import::{import, shop as closed_shop};

const LARGEST: i64 = 999_999_999_999_999_999;

/// A text, its value in millionths or the rule that it breaks.
const TEXTS: &[(&str, Result<i64, &str>)] = &[
    ("10", Ok(10_000_000)),
    ("10.50", Ok(10_500_000)),
    ("0", Ok(0)),
    (".50", Ok(500_000)),
    ("49.", Ok(49_000_000)),
    ("007", Ok(7_000_000)),
    ("59.970000000000006", Ok(59_970_000)),
    ("0.30000000000000004", Ok(300_000)),
    ("1.0049999999999999", Ok(1_005_000)),
    ("1.1234565", Ok(1_123_457)),
    ("1.12345649999", Ok(1_123_456)),
    ("0.0000005", Ok(1)),
    ("0.0000004999", Ok(0)),
    ("999999999999.999999", Ok(LARGEST)),
    ("999999999999.9999994", Ok(LARGEST)),
    ("999999999999.9999995", Err("too_large")),
    ("1000000000000", Err("too_large")),
    ("123456789012345678901234567890123456789012345678", Err("too_large")),
    (".", Err("not_a_plain_decimal")),
    ("1e3", Err("not_a_plain_decimal")),
    ("4.99e1", Err("not_a_plain_decimal")),
    ("$10", Err("not_a_plain_decimal")),
    ("10 EUR", Err("not_a_plain_decimal")),
    ("10,00", Err("not_a_plain_decimal")),
    ("1.000,00", Err("not_a_plain_decimal")),
    ("1 000", Err("not_a_plain_decimal")),
    ("+5", Err("not_a_plain_decimal")),
    ("-5", Err("not_a_plain_decimal")),
    ("0x10", Err("not_a_plain_decimal")),
    ("1.2.3", Err("not_a_plain_decimal")),
    ("١٠", Err("not_a_plain_decimal")),
    ("Infinity", Err("not_a_plain_decimal")),
];

/// A JSON number, its value or the rule that it breaks.
const NUMBERS: &[(&str, Result<i64, &str>)] = &[
    ("49.9", Ok(49_900_000)),
    ("4.99e1", Ok(49_900_000)),
    ("1E2", Ok(100_000_000)),
    ("1e+2", Ok(100_000_000)),
    ("5e-7", Ok(1)),
    ("4e-7", Ok(0)),
    ("0.1e1", Ok(1_000_000)),
    ("10.0", Ok(10_000_000)),
    ("59.970000000000006", Ok(59_970_000)),
    ("-0.0", Ok(0)),
    ("0e999999999", Ok(0)),
    ("1e-999999999", Ok(0)),
    ("9.99999999999999999e11", Ok(LARGEST)),
    ("1e12", Err("too_large")),
    ("1e30", Err("too_large")),
    ("1e999999999", Err("too_large")),
    ("1e99999999999999999999", Err("too_large")),
    ("-5", Err("not_a_plain_decimal")),
    ("-1e-1", Err("not_a_plain_decimal")),
];

#[tokio::test]
async fn a_text_is_an_amount_on_every_way_in() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (text, expected) in TEXTS {
        for way in WAYS {
            let (_, fire) = sale(&app, &shop, way, &[("value", text), ("order_id", "A1")]).await;
            let rules = rules(&fire, way.name("value"));
            assert_eq!(fire.value.map(|value| value.0), expected.ok(), "{way:?} {text}");
            assert_eq!(rules, expected.err().into_iter().collect::<Vec<_>>(), "{way:?} {text}");
        }
        let members = format!("\"value\":{text:?}");
        match (event(&app, &shop, &members).await, expected) {
            (Ok(fire), Ok(value)) => assert_eq!(fire.value, Some(Micros(*value)), "{text}"),
            (Err(reason), Err(_)) => assert!(reason.starts_with("value "), "{text}: {reason}"),
            (result, _) => panic!("{text}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn a_json_number_is_an_amount_in_any_notation() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (number, expected) in NUMBERS {
        let members = format!("\"value\":{number}");
        let (_, fire) = beacon(&app, &shop, &members).await;
        assert_eq!(fire.value.map(|value| value.0), expected.ok(), "{number}");
        assert_eq!(rules(&fire, "value"), expected.err().into_iter().collect::<Vec<_>>(), "{number}");
        match (event(&app, &shop, &members).await, expected) {
            (Ok(fire), Ok(value)) => assert_eq!(fire.value, Some(Micros(*value)), "{number}"),
            (Err(reason), Err(_)) => assert!(reason.starts_with("value "), "{number}: {reason}"),
            (result, _) => panic!("{number}: {result:?}"),
        }
        let value: Value = serde_json::from_str(number).unwrap();
        let restated = json!({ "order_id": "A1", "type": "restate", "value": value });
        let (_, answer) = sent(&app, "/adjustments", &json!({ "adjustments": [restated] })).await;
        assert_eq!(answer["accepted"] == 1, expected.is_ok(), "{number}: {answer}");
        if let Ok(value) = expected {
            let conn = open_database(app.data_dir());
            let last = "SELECT value FROM adjustments ORDER BY seq DESC LIMIT 1";
            assert_eq!(conn.query_row(last, [], |row| row.get::<_, i64>(0)).unwrap(), *value, "{number}");
        }
    }
}

/// Numbers that are names keep their digits; numbers that count may have any notation.
#[tokio::test]
async fn other_numbers_keep_their_meaning() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let members = r#""order_id":1003,"other":7.50,"event_id":10,"num_items":2.0,"test":1.0,"content_ids":[1,2.50]"#;
    let (_, fire) = beacon(&app, &shop, members).await;
    assert_eq!((fire.order_id.as_deref(), fire.other.as_deref()), (Some("1003"), Some("7.50")));
    assert_eq!((fire.event_id.as_deref(), fire.details.num_items, fire.flags.test), (Some("10"), Some(2), true));
    assert_eq!(fire.details.content_ids, ["1", "2.50"]);
    assert_eq!(fire.warnings, []);
    let taken = event(&app, &shop, members).await.unwrap();
    assert_eq!((taken.order_id, taken.other, taken.details.num_items), (fire.order_id, fire.other, Some(2)));
    // The first of two members of one name counts, with a warning.
    let twice = r#""value":10,"order_id":"A1","value":20,"order_id":"A2""#;
    let (_, fire) = beacon(&app, &shop, twice).await;
    assert_eq!((fire.value, fire.order_id.as_deref()), (Some(Micros(10_000_000)), Some("A1")));
    assert_eq!(rules(&fire, "value"), ["repeated"]);
    let taken = event(&app, &shop, twice).await.unwrap();
    assert_eq!((taken.value, taken.order_id.as_deref()), (Some(Micros(10_000_000)), Some("A1")));
}

#[tokio::test]
async fn the_cost_of_an_ad_is_read_the_same_way() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (text, cost) in [
        ("0.0012345678", Some(1_235)),
        (".5", Some(500_000)),
        ("2.", Some(2_000_000)),
        ("999999.9999994", Some(999_999_999_999)),
        ("999999.9999995", None),
        ("1e3", None),
        ("-1", None),
    ] {
        for path in ["imptr", "clktr"] {
            let id = if path == "imptr" { shop.impression.id } else { shop.click.id };
            visit(&app, &format!("/{path}?id={id}&ancost={text}"), &[]).await;
            let logged = exposure(&app).await.row;
            assert_eq!(logged.ancost.map(|cost| cost.0), cost, "{path} {text}");
            assert_eq!(logged.warnings.len(), usize::from(cost.is_none()), "{path} {text}");
        }
    }
}

#[tokio::test]
async fn an_import_reads_both() {
    let directory = tempfile::TempDir::new().unwrap();
    closed_shop(directory.path()).await;
    let texts = TEXTS.iter().map(|(text, expected)| (format!("{text:?}"), expected));
    let cases: Vec<_> =
        texts.chain(NUMBERS.iter().map(|(number, expected)| ((*number).to_owned(), expected))).collect();
    let line = |(place, (value, _)): (usize, &(String, _))| {
        let order = format!("\"order_id\":\"A{place}\"");
        format!("{{\"kind\":\"fire\",\"at\":\"2026-09-03T10:00:00Z\",\"pixel_id\":1,{order},\"value\":{value}}}\n")
    };
    let mut lines: String = cases.iter().enumerate().map(line).collect();
    lines += "{\"kind\":\"click\",\"at\":\"2026-09-03T10:00:00Z\",\"line_item_id\":1,\"ancost\":1.0000005e0}\n";
    let said = import(directory.path(), &[], &lines);
    assert!(said.well, "{}", said.err);
    let conn = open_database(directory.path());
    for (place, (value, expected)) in cases.iter().enumerate() {
        let found = conn.query_row("SELECT value FROM fires WHERE order_id = ?1", [format!("A{place}")], |row| {
            row.get::<_, Option<i64>>(0)
        });
        match expected {
            Ok(micros) => assert_eq!(found.unwrap(), Some(*micros), "{value}"),
            Err(_) => assert!(found.is_err(), "{value} is refused"),
        }
    }
    let cost: i64 = conn.query_row("SELECT ancost FROM exposures", [], |row| row.get(0)).unwrap();
    assert_eq!(cost, 1_000_001);
}

#[tokio::test]
async fn the_api_takes_numbers_in_any_notation_and_at_most_six_decimals() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let pixel = api.pixel(advertiser, "Purchase").await;
    let path = format!("/pixel?id={pixel}&advertiser_id={advertiser}");
    let body = |number: &str| {
        let value: Value = serde_json::from_str(number).unwrap();
        json!({ "pixel": { "post_click_value": value } })
    };
    for (number, shown) in [("4.99e1", 49.9), ("1E2", 100.0), ("0.1e1", 1.0), ("5e-6", 0.000005), ("10.0", 10.0)] {
        api.put(&path, body(number)).await;
        let read = api.get(&path).await;
        let value = read["pixel"]["post_click_value"].to_string();
        assert_eq!(value.parse::<f64>().unwrap(), shown, "{number}");
    }
    for number in ["0.0000005", "1e12", "1e999999999", "-1", "\"1e3\"", "\"10,00\""] {
        let (status, id, text) = api.refused("PUT", &path, Some(body(number))).await;
        assert!(status >= 400 && text.contains("post_click_value"), "{number}: {status} {id} {text}");
    }
}
