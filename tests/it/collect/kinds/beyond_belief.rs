//! A value beyond the pixel's largest believable value: on every way in it is logged, warned of, and not counted.

use pixeld::domain::{Conversion, Micros, Pixel};
use serde_json::{Value, json};

use super::sales::{WAYS, beacon, event, sale};
use crate::collect::endpoints::server::sent;
use crate::harness::{Shop, TestApp, open_database};
use crate::import::{import, shop as closed_shop};

/// A value and currency, and whether it counts. The advertiser's currency is USD, and the bound 100.
const VALUES: &[(&str, &str, bool)] = &[
    ("100", "USD", true),
    ("100", "", true),
    ("100.000001", "USD", false),
    ("100.000001", "", false),
    ("100.0000004", "", true),
    ("999999999999.999999", "usd", false),
    ("100.000001", "EUR", true),
];

async fn bounded(app: &TestApp) -> Shop {
    app.shop_with(|pixel| pixel.max_value = Some(Micros(100 * Micros::UNIT))).await
}

/// The last fire, judged.
async fn judged(app: &TestApp) -> Conversion {
    app.judged().await;
    app.store.recent_fires(&app.reader(), pixeld::domain::PixelId(1), 1).await.unwrap().remove(0)
}

fn check(conversion: &Conversion, (value, currency, counts): (&str, &str, bool), way: &str) {
    let sent = Micros::parse_rounded(value).unwrap();
    assert_eq!(conversion.fire.value, Some(sent), "{way}: the log keeps {value} {currency}");
    let said: Vec<_> = conversion.fire.warnings.iter().map(|w| (w.parameter.as_str(), w.rule.as_str())).collect();
    if counts {
        assert_eq!((conversion.value, said), (Some(sent), vec![]), "{way} {value} {currency}");
    } else {
        let warned = vec![("value", "over_max_value")];
        assert_eq!((conversion.value, conversion.currency, said), (None, None, warned), "{way} {value} {currency}");
    }
}

#[tokio::test]
async fn a_value_that_nobody_believes_does_not_count_whatever_way_it_came() {
    let app = TestApp::start().await;
    let shop = bounded(&app).await;
    for case @ (value, currency, _) in VALUES {
        for way in WAYS {
            app.wait_minutes(1);
            sale(&app, &shop, way, &[("value", value), ("currency", currency)]).await;
            check(&judged(&app).await, *case, &format!("{way:?}"));
        }
        let members = format!("\"value\":{value},\"currency\":\"{currency}\"");
        app.wait_minutes(1);
        beacon(&app, &shop, &members).await;
        check(&judged(&app).await, *case, "beacon");
        app.wait_minutes(1);
        event(&app, &shop, &members).await.unwrap();
        check(&judged(&app).await, *case, "server");
    }
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[tokio::test]
async fn an_adjustment_beyond_the_bound_says_so() {
    let app = TestApp::start().await;
    let shop = bounded(&app).await;
    event(&app, &shop, r#""value":50,"order_id":"A1""#).await.unwrap();
    for (value, result) in [
        (json!(100), json!({"index": 0, "result": "matched", "conversions": 1, "effects": {"restated": 1}})),
        (
            json!("100.000001"),
            json!({"index": 0, "result": "over_max_value", "conversions": 0, "effects": {"over_max_value": 1}}),
        ),
    ] {
        let restated = json!({"order_id": "A1", "type": "restate", "value": value});
        let (status, answer) = sent(&app, "/adjustments", &json!({ "adjustments": [restated] })).await;
        assert_eq!((status, &answer["results"]), (200, &json!([result])), "{answer}");
    }
    let current = judged(&app).await.current_value();
    assert_eq!(current.value, Some(Micros(100 * Micros::UNIT)));
}

#[tokio::test]
async fn an_import_is_bound_too() {
    let directory = tempfile::TempDir::new().unwrap();
    closed_shop(directory.path()).await;
    let app = TestApp::start_on(directory.path()).await;
    let bound = |pixel: &mut Pixel| {
        pixel.max_value = Some(Micros(100 * Micros::UNIT));
        Ok(())
    };
    app.store.update::<Pixel, _>(&app.editor(), 1, bound).await.unwrap();
    app.stop();
    let line = |(place, (value, currency, _)): (usize, &(&str, &str, bool))| {
        let currency = if currency.is_empty() { Value::Null } else { json!(currency) };
        let at = format!("2026-09-03T10:{place:02}:00Z");
        json!({"kind": "fire", "at": at, "pixel_id": 1, "value": value, "currency": currency, "order_id": place})
            .to_string()
            + "\n"
    };
    let said = import(directory.path(), &[], &VALUES.iter().enumerate().map(line).collect::<String>());
    assert!(said.well, "{}", said.err);
    let conn = open_database(directory.path());
    for (place, (value, currency, counts)) in VALUES.iter().enumerate() {
        let sql = "SELECT value, max_value FROM conversions WHERE order_id = ?1";
        let found = conn.query_row(sql, [place.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let sent = Micros::parse_rounded(value).unwrap().0;
        let wanted = if *counts { (Some(sent), None) } else { (None, Some(100 * Micros::UNIT)) };
        assert_eq!(found, wanted, "{value} {currency}");
    }
}
