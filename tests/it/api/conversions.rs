//! `/conversion`: judged fires in the API, narrowed and paged, and the explanation of one.

use pixeld::domain::{Exposure, Fire, Micros, PublisherId, Role};
use serde_json::{Value, json};

use super::Api;
use crate::admin::Browser;
use crate::harness::{START, Shop, TestApp};
use crate::judge::{DAY, HOUR, click, convert, fire, show, view};

/// A click and a purchase an hour later (2), another visitor's view only (4, of the click visitor's shop), and a
/// stranger's fire (5).
async fn prepared() -> (Api, Shop) {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (pixel, item) = (shop.pixel.id, shop.line_item.id);
    show(&app.store, click(item, 7, 0)).await;
    let bought = Fire { order_id: Some("A-1".into()), value: Some(Micros(30_000_000)), ..fire(pixel, 7, HOUR) };
    convert(&app, bought).await;
    show(&app.store, view(item, 8, 0)).await;
    convert(&app, fire(pixel, 8, 2 * HOUR)).await;
    convert(&app, fire(pixel, 9, 3 * HOUR)).await;
    (Api::on(app).await, shop)
}

fn reasons(answer: &Value) -> Vec<&str> {
    let conversions = answer["conversions"].as_array().unwrap_or_else(|| panic!("{answer}"));
    conversions.iter().map(|one| one["reason"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn conversions_are_listed_newest_first_and_narrowed() {
    let (api, shop) = prepared().await;
    for (query, found) in [
        ("", vec!["no_exposure", "post_view", "post_click"]),
        ("pixel_id=1", vec!["no_exposure", "post_view", "post_click"]),
        ("pixel_id=99", vec![]),
        ("advertiser_id=1&outcome=attributed", vec!["post_view", "post_click"]),
        ("line_item_id=1", vec!["post_view", "post_click"]),
        ("reason=post_click", vec!["post_click"]),
        ("order_id=A-1", vec!["post_click"]),
        ("min_datetime=2026-10-01+14:00:00", vec!["no_exposure", "post_view"]),
        ("max_datetime=2026-10-01%2014:00:00", vec!["post_view", "post_click"]),
        ("max_datetime=2026-10-01T14:00:00.900Z", vec!["post_view", "post_click"]),
        ("min_datetime=2026-10-01T16:00:00%2B02:00", vec!["no_exposure", "post_view"]),
        ("start_element=1&num_elements=1", vec!["post_view"]),
    ] {
        let answer = api.get(&format!("/conversion?{query}")).await;
        assert_eq!(reasons(&answer), found, "{query}: {answer}");
    }
    let page = api.get("/conversion?start_element=1&num_elements=1&fields=id,reason").await;
    let id = page["conversions"][0]["id"].clone();
    assert_eq!(
        page,
        json!({
            "status": "OK",
            "conversions": [{"id": id, "reason": "post_view"}],
            "count": 3, "start_element": 1, "num_elements": 1,
            "dbg_info": {"output_term": "conversions"},
        })
    );
    let one = api.get("/conversion?order_id=A-1").await["conversions"][0]["id"].clone();
    let answer = api.get(&format!("/conversion?id={one}")).await;
    assert_eq!(
        answer,
        json!({
            "status": "OK",
            "conversion": {
                "id": one, "datetime": "2026-10-01 13:00:00", "received_on": "2026-10-01 13:00:00",
                "pixel_id": shop.pixel.id.0, "advertiser_id": 1,
                "outcome": "attributed", "reason": "post_click", "duplicate_of": null, "taken": [],
                "order_id": "A-1", "order_id_full": "A-1", "value": 30, "currency": null,
                "adjusted": false, "retracted": false, "adjusted_value": 30, "adjusted_currency": null, "external_data": null, "event_id": null, "click_ids": [],
                "tag": "image", "user_id": "7",
                "line_item_id": 1, "campaign_id": null, "publisher_id": 1, "source_id": null, "creative_id": null,
                "imp_time": "2026-10-01 12:00:00", "exposure_id": answer["conversion"]["exposure_id"],
                "exposure_kind": "click", "static_value": null, "static_currency": "USD", "click_ids": [],
            },
            "count": 1, "start_element": 0, "num_elements": 100,
            "dbg_info": {"output_term": "conversion"},
        })
    );
    assert_eq!(reasons(&api.get(&format!("/conversion?id={one},999")).await), ["post_click"]);
    let names: Vec<_> = api.get("/conversion/meta").await["fields"].as_array().unwrap().clone();
    assert_eq!(names.len(), answer["conversion"].as_object().unwrap().len());
    for field in names {
        assert!(answer["conversion"].get(field["name"].as_str().unwrap()).is_some(), "{field}");
        assert_eq!((&field["sort_by"], &field["read_only"]), (&json!(false), &json!(true)));
    }
}

#[tokio::test]
async fn impossible_queries_of_conversions_are_refused() {
    let (api, _) = prepared().await;
    for (method, path, status, text) in [
        ("GET", "/conversion?id=999", 404, "conversion 999 not found"),
        ("GET", "/conversion/999/explain", 404, "conversion 999 not found"),
        ("GET", "/conversion/x/explain", 400, "the id of the conversion is not a whole number"),
        ("GET", "/conversion?reason=luck", 400, "reason must be one of post_click"),
        ("GET", "/conversion?pixel_id=1,2", 400, "conversions are filtered by one pixel_id"),
        ("GET", "/conversion?not_pixel_id=1", 400, "conversions are filtered by one pixel_id"),
        ("GET", "/conversion?datetime=2026-10-01", 400, "min_datetime and max_datetime"),
        ("GET", "/conversion?sort=datetime", 400, "sort names \"datetime\", which this service cannot sort by"),
        ("GET", "/conversion?search=A", 400, "conversions cannot be searched"),
        ("POST", "/conversion", 400, "conversion does not take POST; it takes GET"),
        ("DELETE", "/conversion?id=2", 400, "conversion does not take DELETE; it takes GET"),
    ] {
        let body = (method == "POST").then(|| json!({"conversion": {}}));
        let (got, error_id, error) = api.refused(method, path, body).await;
        assert_eq!((got, error_id.as_str()), (status, "SYNTAX"), "{path}: {error}");
        assert!(error.contains(text), "{path}: {error}");
    }
    let other = api.advertiser("Hats").await;
    api.user("hat", Role::Viewer, Some(pixeld::domain::AdvertiserId(other))).await;
    let token = api.sign_in("hat").await;
    let (_, list) = api.send("GET", "/conversion", Some(&token), None).await;
    assert_eq!((&list["count"], &list["conversions"]), (&json!(0), &json!([])));
    let one = api.get("/conversion?order_id=A-1").await["conversions"][0]["id"].clone();
    assert_eq!(api.send("GET", &format!("/conversion/{one}/explain"), Some(&token), None).await.0, 404);
}

#[tokio::test]
async fn a_conversion_is_explained_step_by_step() {
    let (api, shop) = prepared().await;
    let bought = &api.get("/conversion?order_id=A-1").await["conversions"][0]["id"].clone();
    let answer = api.get(&format!("/conversion/{bought}/explain")).await;
    assert_eq!(answer["dbg_info"]["output_term"], "explanation");
    let explanation = &answer["explanation"];
    assert_eq!(
        (&explanation["outcome"], &explanation["reason"], &explanation["conversion_id"]),
        (&json!("attributed"), &json!("post_click"), bought)
    );
    let steps: Vec<_> = explanation["steps"].as_array().unwrap().iter().map(|step| &step["name"]).collect();
    let all = ["flags", "event", "order", "pixel", "line_items", "visitor", "exposures", "repeat", "credit"];
    assert_eq!(steps, all);
    assert_eq!(explanation["steps"][0]["decided"], Value::Null);
    assert_eq!(
        explanation["steps"][8],
        json!({
            "name": "credit", "decided": "post_click",
            "sentence": format!("A post-click conversion, credited to click {} on line item 1.",
                explanation["touches"][0]["exposure_id"]),
        })
    );
    let mut touch = explanation["touches"][0].clone();
    assert!(touch["exposure_id"].take().is_u64());
    assert_eq!(
        touch,
        json!({
            "exposure_id": null, "kind": "click", "datetime": "2026-10-01 12:00:00",
            "line_item_id": 1, "campaign_id": null, "publisher_id": 1, "source_id": null, "creative_id": null,
            "arrival": null, "verdict": "chosen", "eligible": true,
            "sentence": "A click 1 hour before, within the window of 90 days. Credited.",
            "age_seconds": 3600, "window_mins": 129_600,
            "counted_from": "2026-10-01 12:00:00", "counted_age_seconds": 3600,
            "token_uses": {"fires": 0, "attributed": 0, "visitors": 0},
        })
    );
    assert_eq!(explanation["pixel"]["min_minutes_per_conv"], Value::Null);
    assert_eq!(explanation["pixel"]["trigger_type"], "hybrid");
    assert_eq!([&explanation["pixel"]["max_value"], &explanation["pixel"]["max_value_currency"]], [&Value::Null; 2]);
    assert_eq!(explanation["line_items"], json!([{"id": shop.line_item.id.0, "active": true}]));

    // A repeat, seven days on: the exposures are weighed all the same, and the step that decided comes last.
    convert(&api.app, fire(shop.pixel.id, 7, 7 * DAY)).await;
    let list = api.get("/conversion?reason=repeat").await;
    let answer = api.get(&format!("/conversion/{}/explain", list["conversions"][0]["id"])).await;
    let steps = answer["explanation"]["steps"].as_array().unwrap();
    assert_eq!(
        (&steps.last().unwrap()["name"], &steps.last().unwrap()["decided"]),
        (&json!("repeat"), &json!("repeat"))
    );
    assert_eq!(answer["explanation"]["touches"][0]["verdict"], "would_be_chosen");
}

#[tokio::test]
async fn an_explanation_says_which_value_was_not_believed() {
    let (api, shop) = prepared().await;
    api.put(&format!("/pixel?id={}", shop.pixel.id), json!({"pixel": {"max_value": 20.5}})).await;
    let sent = pixeld::domain::Fire {
        order_id: Some("B-1".into()),
        value: Some(pixeld::domain::Micros(21_000_000)),
        ..fire(shop.pixel.id, 9, 0)
    };
    convert(&api.app, sent).await;
    let conversion = &api.get("/conversion?order_id=B-1").await["conversions"][0];
    assert_eq!((&conversion["value"], &conversion["currency"]), (&Value::Null, &Value::Null));
    let answer = api.get(&format!("/conversion/{}/explain", conversion["id"])).await;
    assert_eq!(
        answer["explanation"]["steps"][0],
        json!({
            "name": "value", "decided": null,
            "sentence": "The value 21.00 is larger than the largest believable value of the pixel, 20.50 USD, so the \
                fire counts without it.",
        })
    );
    let settings = &answer["explanation"]["pixel"];
    assert_eq!((&settings["max_value"], &settings["max_value_currency"]), (&json!(20.5), &json!("USD")));
}

#[tokio::test]
async fn an_adjusted_conversion_shows_its_current_value_and_its_adjustments() {
    let (api, shop) = prepared().await;
    let of = pixeld::domain::ConversionName::OrderId("A-1".into());
    let value = pixeld::domain::Micros(25_500_000);
    let restate = pixeld::domain::ConversionChange::Restate {
        value: Some(value),
        currency: pixeld::domain::Currency::parse("EUR"),
    };
    let mut said = crate::judge::adjustment(shop.advertiser.id, of.clone(), restate);
    said.reason_code = Some("partly returned".into());
    let retract = crate::judge::adjustment(shop.advertiser.id, of, pixeld::domain::ConversionChange::Retract);
    for said in [said, retract] {
        api.app.store.append(pixeld::store::LogRow::Adjustment(Box::new(said))).await.unwrap();
    }
    api.app.judged().await;
    let conversion = &api.get("/conversion?order_id=A-1").await["conversions"][0];
    let fields = ["value", "currency", "adjusted", "retracted", "adjusted_value", "adjusted_currency", "reason"];
    assert_eq!(
        fields.map(|field| conversion[field].clone()),
        [json!(30), Value::Null, json!(true), json!(true), json!(25.5), json!("EUR"), json!("post_click")]
    );
    let answer = api.get(&format!("/conversion/{}/explain", conversion["id"])).await;
    let mut adjustments = answer["explanation"]["adjustments"].clone();
    for adjustment in adjustments.as_array_mut().unwrap() {
        assert!(adjustment["adjustment_id"].take().is_u64());
    }
    assert_eq!(
        adjustments,
        json!([{
            "adjustment_id": null, "datetime": "2026-10-01 12:00:00", "received_on": "2026-10-01 12:00:00",
            "type": "restate", "value": 25.5, "currency": "EUR", "effect": "restated",
            "reason_code": "partly returned", "source": "shop", "sentence": "It was restated to 25.50 EUR.",
        }, {
            "adjustment_id": null, "datetime": "2026-10-01 12:00:00", "received_on": "2026-10-01 12:00:00",
            "type": "retract", "value": null, "currency": null, "effect": "retracted",
            "reason_code": null, "source": "shop", "sentence": "It was retracted, and counts no more.",
        }])
    );
}

#[tokio::test]
async fn an_unknown_publisher_is_missing_everywhere() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    // As an import logs a click that does not say where the ad ran.
    let clicked = Exposure { publisher_id: PublisherId::NONE, ..click(shop.line_item.id, 7, 0) };
    show(&app.store, clicked).await;
    let conversion = convert(&app, fire(shop.pixel.id, 7, HOUR)).await;
    app.clock.set(START.plus(2 * HOUR));
    let id = conversion.fire.seq.0;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let page = browser.get(&format!("/admin/conversions/{id}")).await.text();
    assert!(page.contains("Credited to a click, 1 hour earlier.") && !page.contains("Placement 0"), "{page}");
    let api = Api::on(app).await;
    assert_eq!(api.get(&format!("/conversion?id={id}")).await["conversion"]["publisher_id"], Value::Null);
    let explained = api.get(&format!("/conversion/{id}/explain")).await;
    assert_eq!(explained["explanation"]["touches"][0]["publisher_id"], Value::Null, "{explained}");
    for report in ["attributed_conversions", "advertiser_analytics", "network_analytics"] {
        let columns = ["line_item_id", "publisher_id", "publisher_name"];
        for (format, row) in [
            ("csv", "line_item_id,publisher_id,publisher_name\r\n1,,\r\n"),
            ("json", r#"[{"line_item_id":1,"publisher_id":null,"publisher_name":null}]"#),
        ] {
            let asked =
                json!({"report_type": report, "columns": columns, "report_interval": "today", "format": format});
            let file = super::reports::rows(&api, asked).await;
            assert_eq!(file.replace(['\n', '\r'], ""), row.replace("\r\n", ""), "{report} {format}");
        }
    }
}
