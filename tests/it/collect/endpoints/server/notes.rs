//! What the answers of `/conversions` and `/adjustments` name beside their errors: fields that pixeld does not know.

use serde_json::{Value, json};

use super::sent;
use crate::collect::fire;
use crate::harness::TestApp;

#[tokio::test]
async fn ignored_fields_are_named() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let meta = json!({
        "pixel_id": id, "event_name": "Purchase", "event_time": 1_790_856_000, "event_id": "e1",
        "user_data": {"em": ["x"]}, "custom_data": {"value": 49.9, "currency": "EUR"}, "action_source": "website",
    });
    let many: Value = (0..30).map(|number| (format!("{}{number}", "x".repeat(200)), json!(1))).collect();
    let mut many = many;
    many["pixel_id"] = json!(id);
    let named = |index: usize, fields: &[&str]| json!({"index": index, "fields": fields});
    for (body, accepted, ignored) in [
        (json!({"events": [{"pixel_id": id}]}), 1, json!(null)),
        (json!({"events": [meta]}), 1, json!([named(0, &["event_name", "user_data", "custom_data", "action_source"])])),
        (
            json!({"events": [{"pixel_id": id}, {"pixel_id": id, "name": "purchase", "params": {"value": 1}}]}),
            2,
            json!([named(1, &["name", "params"])]),
        ),
        (json!({"events": [{"pixel_id": id, "seg": [1, 2], "add": "1"}]}), 1, json!([named(0, &["seg", "add"])])),
        (json!({"events": [{"pixel_id": id, "seg": null, "x": ""}]}), 1, json!(null)),
        (json!({"events": [{"event_name": "Purchase"}]}), 0, json!([named(0, &["event_name"])])),
        (
            json!({"client_id": "1.2", "events": [{"pixel_id": id}], "timestamp_micros": 1}),
            1,
            json!([{"fields": ["client_id", "timestamp_micros"]}]),
        ),
    ] {
        let (_, answer) = sent(&app, "/conversions", &body).await;
        assert_eq!((&answer["accepted"], &answer["ignored"]), (&json!(accepted), &ignored), "{body}");
    }
    let mut events = vec![many];
    events.extend(vec![json!({"pixel_id": id, "x": 1}); 150]);
    let (_, answer) = sent(&app, "/conversions", &json!({ "events": events })).await;
    let ignored = answer["ignored"].as_array().unwrap();
    let names = ignored[0]["fields"].as_array().unwrap();
    assert_eq!((ignored.len(), names.len()), (100, 20), "an answer stays short");
    assert_eq!(names[0].as_str().unwrap(), "x".repeat(100));

    let body = json!({"adjustments": [{"order_id": "A1", "type": "retract", "amount": 5}], "shop": 7});
    let (status, answer) = sent(&app, "/adjustments", &body).await;
    assert_eq!((status, &answer["ignored"]), (200, &json!([{"fields": ["shop"]}, named(0, &["amount"])])));
    let (_, answer) = sent(&app, "/adjustments", &json!({"order_id": "A1", "type": "retract", "note": "x"})).await;
    assert_eq!(answer["ignored"], json!([named(0, &["note"])]));
}

#[tokio::test]
async fn warnings_of_events_that_were_taken_are_named() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let long = "x".repeat(37);
    let events = json!({"events": [
        {"pixel_id": id, "event_id": "{{ order.id }}"}, {"pixel_id": id}, {"pixel_id": id, "order_id": long},
    ]});
    let (status, answer) = sent(&app, "/conversions", &events).await;
    let warnings = json!([
        {"index": 0, "field": "event_id", "rule": "placeholder_not_filled_in"},
        {"index": 2, "field": "order_id", "rule": "longer_than_published"},
    ]);
    assert_eq!((status, &answer["accepted"], &answer["warnings"]), (200, &json!(3), &warnings));
}

#[tokio::test]
async fn the_cookie_of_a_visitor_who_opted_out_is_taken_and_not_kept() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    for cookie in ["optout", "OPTOUT", " OptOut "] {
        let event = json!({
            "pixel_id": id, "visitor_id": cookie, "hashed_email": "ab".repeat(32), "order_id": "A1",
        });
        let (status, answer) = sent(&app, "/conversions", &json!({"events": [event]})).await;
        assert_eq!((status, answer), (200, json!({"accepted": 1, "rejected": []})), "{cookie}");
        let logged = fire(&app).await;
        assert_eq!((logged.visitor_id, logged.exposure, &logged.details.hashed_email), (None, None, &None), "{cookie}");
        assert_eq!(logged.query, json!({"pixel_id": id, "order_id": "A1"}).to_string());
    }
    let (status, _) = sent(&app, "/conversions", &json!({"events": [{"pixel_id": id, "visitor_id": "opted"}]})).await;
    assert_eq!(status, 422);
}
