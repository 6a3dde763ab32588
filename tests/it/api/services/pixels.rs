//! The service of pixels: whole objects put back, amounts to the last digit, ignored fields.

use serde_json::{Value, json};

use super::{NOW, goes_around};
use crate::api::{Api, refusal};

#[tokio::test]
async fn pixels_are_put_back_whole_and_reset_by_null() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let pixel = json!({
        "name": "Sale",
        "code": 4711,
        "trigger_type": "hybrid",
        "min_minutes_per_conv": "0",
        "post_click_expire_mins": 20160.0,
        "post_view_expire_mins": "1440",
        "post_click_value": "30.000000",
        "post_view_value": 0.1,
        "pixel_conversion_event_id": "7",
        "count_each_order_once": 1,
        "max_value": "5000.000001",
        "piggyback_pixels": [{"pixel_type": "js", "url": "https://a.example/a.js"}],
    });
    let body = format!("/pixel?advertiser_id={advertiser}");
    let mut answer = api.post(&body, json!({ "pixel": pixel })).await;
    let script = "pixel 1 has a script piggyback, which an image tag cannot fire; \
        export it as a script tag, or take the script piggybacks off";
    assert_eq!(answer["dbg_info"]["warnings"], json!([script]));
    let created = answer["pixel"].take();
    let mut expected = json!({
        "id": 1,
        "advertiser_id": 1,
        "code": "4711",
        "name": "Sale",
        "state": "active",
        "trigger_type": "hybrid",
        "min_minutes_per_conv": 0,
        "post_click_expire_mins": 20160,
        "post_view_expire_mins": 1440,
        "post_click_value": 30,
        "post_view_value": 0.1,
        "piggyback_pixels": [{"pixel_type": "js", "url": "https://a.example/a.js"}],
        "pixel_conversion_event_id": 7,
        "pixel_conversion_event": {"id": 7, "name": "Purchase"},
        "campaigns": null,
        "line_items": null,
        "count_each_order_once": true,
        "max_value": 5000.000001,
        "member_id": 1,
        "created_on": NOW,
        "last_modified": NOW,
    });
    assert_eq!(created, expected);
    goes_around(&api, "pixel", "pixel", 1).await;
    api.app.wait_minutes(1);
    let more = json!({"pixel": {"piggyback_pixels": [{"pixel_type": "img", "url": "https://a.example/b.gif"}]}});
    let merged = api.put("/pixel?id=1&append=true", more).await["pixel"].take();
    expected["last_modified"] = json!("2026-10-01 12:01:00");
    expected["piggyback_pixels"] = json!([
        {"pixel_type": "js", "url": "https://a.example/a.js"},
        {"pixel_type": "img", "url": "https://a.example/b.gif"},
    ]);
    assert_eq!(merged, expected);
    let nulls: Value = created
        .as_object()
        .unwrap()
        .keys()
        .map(|key| (key.clone(), Value::Null))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let refused = api.refused("PUT", "/pixel?id=1", Some(json!({ "pixel": nulls }))).await;
    assert_eq!(refused.0, 400, "{}", refused.2);
    let mut nulls = nulls;
    for required in ["id", "advertiser_id", "name"] {
        nulls.as_object_mut().unwrap().remove(required);
    }
    let reset = api.put("/pixel?id=1", json!({ "pixel": nulls })).await["pixel"].take();
    let defaults = api.post(&body, json!({"pixel": {"name": "Sale"}})).await["pixel"].take();
    for (name, value) in defaults.as_object().unwrap() {
        if name != "id" && name != "created_on" {
            assert_eq!(&reset[name], value, "{name}");
        }
    }
}

#[tokio::test]
async fn amounts_are_kept_to_the_last_digit() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let body = r#"{"pixel": {"name": "Sale", "post_click_value": 999999999999.123456, "post_view_value": 1e-6}}"#;
    let path = format!("/pixel?advertiser_id={advertiser}");
    let response = api.raw("POST", &path, Some(&api.token), Some(body)).await.text().await.unwrap();
    assert!(response.contains(r#""post_click_value":999999999999.123456,"post_view_value":0.000001,"#), "{response}");
}

#[tokio::test]
async fn a_largest_believable_value_is_an_amount_or_null() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let path = format!("/pixel?id={}", api.pixel(advertiser, "Sale").await);
    for (sent, kept) in [
        (json!(100), json!(100)),
        (json!("100.000001"), json!(100.000001)),
        (json!("0.50"), json!(0.5)),
        (json!(0), json!(0)),
        (json!("999999999999"), json!(999_999_999_999_i64)),
        (Value::Null, Value::Null),
    ] {
        let answer = api.put(&path, json!({"pixel": {"max_value": sent}})).await;
        assert_eq!((&answer["pixel"]["max_value"], &answer["dbg_info"]["warnings"]), (&kept, &Value::Null), "{sent}");
    }
    api.put(&path, json!({"pixel": {"max_value": 7}})).await;
    let plain = "must be a plain decimal number such as 10 or 10.50: no sign, currency symbol or thousands mark";
    for (sent, rule) in [
        (json!(-1), "must be 0 or more, and is -1".to_owned()),
        (json!("1.0000001"), "may have at most 6 decimals, and is \"1.0000001\"".to_owned()),
        (json!("10,00"), format!("{plain}, and is \"10,00\"")),
        (json!("$10"), format!("{plain}, and is \"$10\"")),
        (json!("1e3"), format!("{plain}, and is \"1e3\"")),
        (
            json!("1000000000000"),
            "is too large: it must be less than 1000000000000, and is \"1000000000000\"".to_owned(),
        ),
        (json!(true), "must be a plain decimal number such as 10 or 10.50, and is true".to_owned()),
        (json!([5]), "must be a plain decimal number such as 10 or 10.50, and is [5]".to_owned()),
        (json!({"amount": 5}), "must be a plain decimal number such as 10 or 10.50, and is {\"amount\":5}".to_owned()),
    ] {
        let answer = api.call("PUT", &path, Some(json!({"pixel": {"name": "Sold", "max_value": sent}}))).await;
        assert_eq!(answer, (400, refusal("pixel", "PUT", "SYNTAX", &format!("max_value {rule}"))), "{sent}");
    }
    let pixel = &api.get(&path).await["pixel"];
    assert_eq!((&pixel["max_value"], &pixel["name"]), (&json!(7), &json!("Sale")), "nothing of it was changed");
}

#[tokio::test]
async fn health_proposes_a_bound_from_history() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let pixel = api.pixel(advertiser, "Sale").await;
    let path = format!("/pixel/{pixel}/health");
    let none = json!({
        "pixel_id": pixel, "loads_12h": 0, "last_load": null, "conversions_7d": 0, "loads_14d": 0, "warned_14d": 0,
        "max_value": null, "currency": "USD", "values": null,
    });
    let health = async || {
        let mut health = api.get(&path).await["health"].take();
        let rules: Vec<_> = health["findings"].as_array().unwrap().iter().map(|one| one["rule"].clone()).collect();
        assert_eq!(rules, ["no_line_item"], "{health}");
        let more = ["uncredited_7d", "cookies_7d", "findings"].map(|key| health.as_object_mut().unwrap().remove(key));
        assert!(more.iter().all(Option::is_some), "{health}");
        health
    };
    assert_eq!(health().await, none);
    let mut last = 0;
    for units in (1..=59).chain([1_000_000]) {
        let value = Some(pixeld::domain::Micros(units * 1_000_000));
        let sent = pixeld::domain::Fire { value, ..crate::judge::fire(pixeld::domain::PixelId(pixel), 1, 0) };
        last = crate::judge::convert(&api.app, sent).await.fire.seq.0;
    }
    let mut some = none;
    (some["loads_12h"], some["loads_14d"], some["last_load"]) = (json!(60), json!(60), json!(NOW));
    some["values"] = json!({
        "count": 60, "usual": 59, "proposed_max_value": 1000, "beyond": 1, "largest": 1_000_000,
        "largest_conversion_id": last,
    });
    assert_eq!(health().await, some);
    api.put(&format!("/pixel?id={pixel}"), json!({"pixel": {"max_value": 700}})).await;
    (some["max_value"], some["values"]["proposed_max_value"]) = (json!(700), Value::Null);
    assert_eq!(health().await, some);
    for (method, path, status) in
        [("GET", "/pixel/99/health", 404), ("GET", "/pixel/x/health", 400), ("PUT", "/pixel/1/health", 400)]
    {
        assert_eq!(api.refused(method, path, None).await.0, status, "{method} {path}");
    }
    let other = api.advertiser("Other").await;
    api.user("guest", pixeld::domain::Role::Viewer, Some(pixeld::domain::AdvertiserId(other))).await;
    let token = api.sign_in("guest").await;
    assert_eq!(api.send("GET", &path, Some(&token), None).await.0, 404);
}

#[tokio::test]
async fn read_only_and_unknown_fields_are_ignored_with_a_warning() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let pixel =
        json!({"id": 99, "name": "Sale", "created_on": "2001-01-01 00:00:00", "line_items": [], "colour": "red"});
    let path = format!("/pixel?advertiser_id={advertiser}");
    let created = api.post(&path, json!({"pixel": pixel, "extra": 1})).await;
    assert_eq!((&created["id"], &created["pixel"]["created_on"]), (&json!(1), &json!(NOW)));
    assert_eq!(
        created["dbg_info"]["warnings"],
        json!([
            "unknown key \"extra\" beside \"pixel\" was ignored",
            "created_on is read-only and was ignored",
            "line_items is read-only and was ignored",
            "unknown field \"colour\" was ignored",
            "id is given by the server and was ignored",
        ])
    );
    let by_body = api.put("/pixel", json!({"pixel": {"id": "1", "name": "Sold"}})).await;
    assert_eq!((&by_body["id"], &by_body["pixel"]["name"]), (&json!("1"), &json!("Sold")));
}

#[tokio::test]
async fn of_what_comes_more_than_once_the_last_counts_with_a_warning() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    api.pixel(advertiser, "Sale").await;
    let sent = |method: &'static str, path: &'static str, body: Option<&'static str>| {
        let (api, token) = (&api, Some(api.token.as_str()));
        async move { api.send(method, path, token, body).await }
    };
    let body = r#"{"pixel": {"name": "A", "name": "B", "state": "inactive"}}"#;
    let (status, put) = sent("PUT", "/pixel?id=1", Some(body)).await;
    assert_eq!((status, &put["pixel"]["name"], &put["pixel"]["state"]), (200, &json!("B"), &json!("inactive")));
    assert_eq!(
        put["dbg_info"]["warnings"],
        json!(["\"pixel.name\" came more than once in the body; the last one counts"])
    );
    let (_, list) = sent("GET", "/pixel?search=none&search=B&id=1&id=2", None).await;
    assert_eq!((&list["count"], &list["pixels"][0]["name"]), (&json!(1), &json!("B")));
    assert_eq!(list["dbg_info"]["warnings"], json!(["\"search\" came more than once; the last one counts"]));
    // Each service says so, whether it takes the rest or not.
    for service in
        ["advertiser", "publisher", "line-item", "campaign", "source", "segment", "imptracker", "user", "report"]
    {
        let body = r#"{"x": [{}, {"name": 1.5, "name": {"a": null}}]}"#;
        let (_, refused) = api.send("POST", &format!("/{service}"), Some(&api.token), Some(body)).await;
        let warnings = refused["dbg_info"]["warnings"].as_array().unwrap();
        let expected = json!("\"x[1].name\" came more than once in the body; the last one counts");
        assert!(warnings.contains(&expected), "{service}: {refused}");
    }
}
