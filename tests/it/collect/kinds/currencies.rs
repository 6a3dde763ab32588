//! Currencies: one that was not understood takes its value aside, and an empty one is absent.

use pixeld::domain::{Currency, Micros};
use serde_json::json;

use super::sales::{WAYS, Way, event, rules, sale};
use crate::collect::endpoints::server::sent;
use crate::harness::{TestApp, open_database};
use crate::import::{import, shop as closed_shop};

/// Not understood: withdrawn codes, other words, codes that name no money, placeholders.
const UNKNOWN: &[&str] = &[
    "RMB",
    "€",
    "$",
    "EURO",
    "euro",
    "US$",
    "DEM",
    "HRK",
    "BGN",
    "ANG",
    "XXX",
    "XTS",
    "BTC",
    "978",
    "E U R",
    "EUREUR",
    "[CURRENCY]",
    "{{currency}}",
    "0",
];

#[tokio::test]
async fn a_value_is_never_booked_in_another_currency() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for currency in UNKNOWN {
        for way in WAYS {
            let sent = [("value", "150000"), ("currency", currency), ("test", "1")];
            let (_, fire) = sale(&app, &shop, way, &sent).await;
            assert_eq!((fire.value, fire.currency, fire.flags.test), (None, None, true), "{way:?} {currency}");
            assert_eq!(rules(&fire, way.name("value")), ["currency_not_understood"], "{way:?} {currency}");
            let rules = rules(&fire, "currency");
            let placeholder = rules == ["placeholder_not_filled_in"];
            assert!(placeholder || rules == ["not_a_currency"], "{way:?} {currency}: {rules:?}");
        }
        let refused = event(&app, &shop, &format!("\"value\":150000,\"currency\":{}", json!(currency))).await;
        assert!(refused.unwrap_err().starts_with("currency "), "{currency}");
        let restated = json!({ "order_id": "A1", "type": "restate", "value": 150_000, "currency": currency });
        let (_, answer) = sent(&app, "/adjustments", &json!({ "adjustments": [restated] })).await;
        assert_eq!((&answer["accepted"], &answer["rejected"][0]["field"]), (&json!(0), &json!("currency")));
    }
}

#[tokio::test]
async fn an_empty_currency_is_absent() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (currency, code) in [("", None), (" ", None), ("eur", Some("EUR")), ("JPY", Some("JPY")), ("XCG", Some("XCG"))]
    {
        for way in WAYS {
            let (_, fire) = sale(&app, &shop, way, &[("value", "15"), ("currency", currency)]).await;
            // The advertiser's, and that of Invoca's older form.
            assert_eq!(fire.value, Some(Micros(15_000_000)), "{way:?} {currency}");
            assert_eq!(fire.currency, Currency::parse(code.unwrap_or("USD")), "{way:?} {currency}");
            assert_eq!(fire.warnings, [], "{way:?} {currency}");
        }
        let fire = event(&app, &shop, &format!("\"value\":15,\"currency\":{currency:?}")).await.unwrap();
        assert_eq!(fire.currency, Currency::parse(code.unwrap_or("USD")), "{currency}");
    }
}

#[tokio::test]
async fn an_import_refuses_what_it_does_not_understand() {
    let directory = tempfile::TempDir::new().unwrap();
    closed_shop(directory.path()).await;
    let line = |currency: &&str| {
        let at = "\"kind\":\"fire\",\"at\":\"2026-09-03T10:00:00Z\",\"pixel_id\":1";
        format!("{{{at},\"value\":15,\"currency\":{}}}\n", json!(currency))
    };
    let lines: String = UNKNOWN.iter().chain(&["eur"]).map(line).collect();
    let said = import(directory.path(), &[], &lines);
    assert_eq!(said.out.matches(": currency ").count(), UNKNOWN.len(), "{}", said.out);
    let conn = open_database(directory.path());
    let kept: (i64, String) =
        conn.query_row("SELECT count(*), max(currency) FROM fires", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(kept, (1, "EUR".to_owned()));
}

/// A neighbour that was not understood changes nothing else.
#[tokio::test]
async fn no_parameter_changes_the_meaning_of_another() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for way in [Way::Image, Way::Script, Way::Form, Way::Json, Way::Postback] {
        let sent = [
            ("value", "15"),
            ("currency", "EUR"),
            ("num_items", "two"),
            ("content_ids", "[broken"),
            ("order_id", "A1"),
            ("test", "maybe"),
        ];
        let (_, fire) = sale(&app, &shop, way, &sent).await;
        assert_eq!((fire.value, fire.currency), (Some(Micros(15_000_000)), Currency::parse("EUR")), "{way:?}");
        assert_eq!((fire.order_id.as_deref(), fire.flags.test), (Some("A1"), false), "{way:?}");
        assert_eq!((fire.details.num_items, fire.details.content_ids.len()), (None, 0), "{way:?}");
        assert_eq!(fire.warnings.len(), 3, "{way:?}");
    }
}
