//! What became of adjustments: in the answer of `/adjustments`, and in `/adjustment` with near misses.

use pixeld::domain::{Fire, Role};
use pixeld::store::AdjustmentQuery;
use serde_json::{Value, json};

use super::{post, sent, token};
use crate::api::Api;
use crate::harness::{Shop, TestApp};
use crate::judge::{self, convert, fire};

/// A sale by its names; empty ones are left out.
async fn sale(app: &TestApp, shop: &Shop, visitor: i64, order: &str, event: &str) -> i64 {
    let name = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    let sale = Fire { order_id: name(order), event_id: name(event), ..fire(shop.pixel.id, visitor, 0) };
    convert(app, sale).await.fire.seq.0
}

#[tokio::test]
async fn the_answer_says_what_became_of_each_adjustment() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    judge::show(&app.store, judge::click(shop.line_item.id, 1, -judge::HOUR)).await;
    sale(&app, &shop, 1, "A1", "e1").await;
    sale(&app, &shop, 1, "two", "e2").await;
    sale(&app, &shop, 1, "two", "e3").await;
    let one = |result: &str, conversions: u32, effects: Value| match effects {
        Value::Null => json!({"result": result, "conversions": conversions}),
        effects => json!({"result": result, "conversions": conversions, "effects": effects}),
    };
    for (adjustment, expected) in [
        (json!({"order_id": "a1", "type": "retract"}), one("unmatched", 0, Value::Null)),
        (json!({"event_id": "e9", "type": "retract"}), one("unmatched", 0, Value::Null)),
        (json!({"reference_id": "R1", "type": "retract"}), one("unmatched", 0, Value::Null)),
        (json!({"order_id": "A1", "type": "restate", "value": 5}), one("matched", 1, json!({"restated": 1}))),
        (json!({"order_id": "A1", "type": "retract"}), one("matched", 1, json!({"retracted": 1}))),
        (json!({"event_id": "e1", "type": "retract"}), one("already_retracted", 0, json!({"already_retracted": 1}))),
        (json!({"order_id": "two", "type": "restate", "value": 7}), one("matched", 2, json!({"restated": 2}))),
        (json!({"event_id": "e2", "type": "retract"}), one("matched", 1, json!({"retracted": 1}))),
        (
            json!({"order_id": "two", "type": "retract"}),
            one("matched", 1, json!({"already_retracted": 1, "retracted": 1})),
        ),
    ] {
        let (status, answer) = sent(&app, "/adjustments", &adjustment).await;
        let mut expected = expected;
        expected["index"] = json!(0);
        assert_eq!((status, &answer["results"]), (200, &json!([expected])), "{adjustment}");
    }
    // Of a list each has its index; refused ones have no result.
    let body = json!({"adjustments": [
        {"order_id": "A1", "type": "refund"}, {"order_id": "A1", "type": "retract"}, {"order_id": "x", "type": "retract"},
    ]});
    let (_, answer) = sent(&app, "/adjustments", &body).await;
    let results: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|one| (&one["index"], &one["result"])).collect();
    assert_eq!(results, [(&json!(1), &json!("already_retracted")), (&json!(2), &json!("unmatched"))]);
}

#[tokio::test]
async fn near_misses_are_found_and_are_the_advertisers_own() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop().await, app.advertiser("Other").await);
    let stored = [
        ("#1003", "", "1003"),
        ("2003", "", "#2003"),
        ("003003", "", "3003"),
        ("4003", "", "0004003"),
        ("a-5003", "", "A-5003"),
        ("B-6003", "", "b-6003 "),
        ("7003-1", "", "7003"),
        ("8003", "", "8003-2"),
        ("", "tx-1", "TX-1"),
        ("", "9003", "9003"),
        ("SHOP-11003", "", "11004"),
        ("12003", "", "120031"),
    ];
    let mut seqs = Vec::new();
    for (visitor, (order, event, _)) in (1..).zip(&stored) {
        seqs.push(sale(&app, &shop, visitor, order, event).await);
    }
    let collector = token(&app, Role::Collector, None).await;
    for (_, _, name) in &stored {
        let body = json!({"order_id": name, "type": "retract", "advertiser_id": shop.advertiser.id.0}).to_string();
        assert_eq!(post(&app, "/adjustments", &collector, body).await.status(), 200);
        let body = json!({"order_id": name, "type": "retract", "advertiser_id": other.id.0}).to_string();
        assert_eq!(post(&app, "/adjustments", &collector, body).await.status(), 200);
    }
    let api = Api::on(app).await;
    let answer = api.get(&format!("/adjustment?has_effect=false&advertiser_id={}", shop.advertiser.id)).await;
    let list = answer["adjustments"].as_array().unwrap();
    assert_eq!(list.len(), stored.len());
    for (index, ((order, event, name), found)) in stored.iter().zip(list.iter().rev()).enumerate() {
        assert_eq!((found["order_id"].as_str().unwrap().trim(), &found["result"]), (name.trim(), &json!("unmatched")));
        let near: Vec<_> = found["near_misses"].as_array().unwrap().iter().map(|miss| &miss["conversion_id"]).collect();
        let expected = json!(seqs[index]);
        let expected = if index < 10 { vec![&expected] } else { vec![] };
        assert_eq!(near, expected, "{name}: {order} {event}");
    }
    let theirs = api.get(&format!("/adjustment?advertiser_id={}", other.id)).await;
    for found in theirs["adjustments"].as_array().unwrap() {
        assert_eq!(found["near_misses"], json!([]), "{found}");
    }
    api.user("guest", Role::Viewer, Some(other.id)).await;
    let guest = api.sign_in("guest").await;
    let (status, own) = api.send("GET", "/adjustment", Some(&guest), None).await;
    assert_eq!((status, &own["count"]), (200, &json!(stored.len())));
    let foreign = list[0]["id"].clone();
    let (status, _) = api.send("GET", &format!("/adjustment?id={foreign}"), Some(&guest), None).await;
    assert_eq!(status, 404);
    let query = AdjustmentQuery { num_elements: 1, ..AdjustmentQuery::default() };
    let page = api.app.store.adjustments(&api.app.reader(), query).await.unwrap();
    assert_eq!((page.count, page.items.len()), (2 * stored.len() as u64, 1));
}

#[tokio::test]
async fn an_adjustment_is_read_with_all_its_fields() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let sold = sale(&app, &shop, 1, "A1", "e1").await;
    let body = json!({
        "order_id": "A1", "type": "restate", "value": 7.5, "currency": "EUR", "reason_code": "part",
        "pixel_id": shop.pixel.id.0,
    });
    assert_eq!(sent(&app, "/adjustments", &body).await.0, 200);
    let api = Api::on(app).await;
    let list = api.get("/adjustment?has_effect=true").await;
    let id = list["adjustments"][0]["id"].clone();
    assert_eq!(list["count"], 1);
    let one = api.get(&format!("/adjustment?id={id}")).await;
    let expected = json!({
        "id": id, "datetime": "2026-10-01 12:00:00", "received_on": "2026-10-01 12:00:00",
        "advertiser_id": shop.advertiser.id.0, "pixel_id": shop.pixel.id.0,
        "order_id": "A1", "event_id": null, "reference_id": null, "conversion_id": null,
        "type": "restate", "value": 7.5, "currency": "EUR", "reason_code": "part", "source": "shop 0",
        "result": "matched", "has_effect": true, "conversions": 1, "effects": {"restated": 1},
        "conversion_ids": [sold], "near_misses": [],
    });
    assert_eq!(one["adjustment"], expected);
    assert_eq!(api.get("/adjustment?has_effect=false").await["count"], 0);
    for (method, path) in [("POST", "/adjustment"), ("GET", "/adjustment?search=x"), ("GET", "/adjustment?id=1,2")] {
        let body = (method == "POST").then(|| json!({}));
        assert_eq!(api.call(method, path, body).await.0, 400, "{method} {path}");
    }
}
