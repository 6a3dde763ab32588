//! The services of line items, campaigns and trackers.

use serde_json::{Value, json};

use super::{NOW, goes_around, made, one};
use crate::api::Api;

#[tokio::test]
async fn line_items_hold_pixels_with_their_revenues() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let (sale, lead) = (api.pixel(advertiser, "Sale").await, api.pixel(advertiser, "Lead").await);
    api.put(&format!("/pixel?id={lead}"), json!({"pixel": {"trigger_type": "hybrid"}})).await;
    let item = json!({
        "name": "Autumn",
        "start_date": "2026-10-01 00:00:00",
        "end_date": "2026-12-31 23:59:59",
        "revenue_type": "cpa",
        "revenue_value": "2.5",
        "currency": "EUR",
        "pixels": [{"id": sale, "state": "active", "post_click_revenue": "30.000000", "post_view_revenue": 1.5, "name": "x", "trigger_type": "view"}],
    });
    let path = format!("/line-item?advertiser_id={advertiser}");
    let created = api.post(&path, json!({ "line_item": item })).await;
    let mut expected = json!({
        "id": 1,
        "advertiser_id": 1,
        "code": null,
        "name": "Autumn",
        "state": "active",
        "start_date": "2026-10-01 00:00:00",
        "end_date": "2026-12-31 23:59:59",
        "revenue_type": "cpa",
        "revenue_value": 2.5,
        "currency": "EUR",
        "pixels": [
            {"id": sale, "name": "Sale", "trigger_type": "click", "state": "active", "post_click_revenue": 30, "post_view_revenue": 1.5},
        ],
        "campaigns": null,
        "created_on": NOW,
        "last_modified": NOW,
    });
    assert_eq!(created, made("line-item", json!(1), expected.clone()));
    goes_around(&api, "line-item", "line-item", 1).await;

    let more =
        json!({"line-item": {"pixels": [{"id": sale, "state": "inactive"}, {"id": lead, "post_view_revenue": 2}]}});
    let merged = api.put("/line-item?id=1&append=true", more.clone()).await;
    expected["pixels"] = json!([
        {"id": sale, "name": "Sale", "trigger_type": "click", "state": "inactive", "post_click_revenue": 30, "post_view_revenue": 1.5},
        {"id": lead, "name": "Lead", "trigger_type": "hybrid", "state": "active", "post_click_revenue": null, "post_view_revenue": 2},
    ]);
    assert_eq!(merged["line-item"], expected);
    let replaced = api.put("/line-item?id=1", more).await["line-item"]["pixels"].take();
    assert_eq!(replaced[0]["post_click_revenue"], Value::Null, "without append the whole array is replaced");
    assert_eq!(
        api.get("/pixel?id=1").await["pixel"]["line_items"],
        json!([{"id": 1, "name": "Autumn", "state": "active"}])
    );

    for (change, status, text) in [
        (json!({"pixels": [{"id": 99}]}), 400, "pixels[0].id names pixel 99, which does not exist"),
        (json!({"pixels": [{"state": "active"}]}), 400, "pixels[0].id must be an id, and is null"),
        (
            json!({"pixels": [{"id": sale}, {"id": sale}]}),
            400,
            "pixels[1].id must name each pixel once, and names 1 again",
        ),
        (
            json!({"pixels": [{"id": sale, "post_view_revenue": "much"}]}),
            400,
            "pixels[0].post_view_revenue must be a plain decimal number such as 10 or 10.50: no sign, currency symbol or thousands mark, and is \"much\"",
        ),
        (
            json!({"end_date": "2026-09-01 00:00:00"}),
            400,
            "end_date must not be before start_date, and is 2026-09-01 00:00:00",
        ),
        (
            json!({"start_date": "October"}),
            400,
            "start_date must be a date and time such as 2026-10-01 12:00:00 (UTC), and is \"October\"",
        ),
    ] {
        let refused = api.refused("PUT", "/line-item?id=1", Some(json!({ "line-item": change }))).await;
        assert_eq!((refused.0, refused.2.as_str()), (status, text));
    }
    api.put("/line-item?id=1", json!({"line-item": {"pixels": null}})).await;
    api.delete(&format!("/pixel?id={sale}")).await;
    assert_eq!(api.get("/line-item").await["line-items"][0]["pixels"], Value::Null);
}

#[tokio::test]
pub async fn campaigns() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let path = format!("/campaign?advertiser_id={advertiser}");
    let refused = api.refused("POST", &path, Some(json!({"campaign": {"name": "Banner"}}))).await;
    assert_eq!(refused, (400, "SYNTAX".into(), "line_item_id is required".into()));
    api.post(&format!("/line-item?advertiser_id={advertiser}"), json!({"line-item": {"name": "Autumn"}})).await;
    let created = api.post(&path, json!({"campaign": {"name": "Banner", "code": "b", "line_item_id": 1}})).await;
    let campaign = json!({
        "id": 1,
        "code": "b",
        "name": "Banner",
        "advertiser_id": 1,
        "line_item_id": 1,
        "state": "active",
        "created_on": NOW,
        "last_modified": NOW,
    });
    assert_eq!(created, made("campaign", json!(1), campaign.clone()));
    goes_around(&api, "campaign", "campaign", 1).await;
    assert_eq!(api.get("/campaign?id=1").await, one("campaign", campaign));
    let item = api.get("/line-item?id=1").await;
    assert_eq!(item["line-item"]["campaigns"], json!([{"id": 1, "name": "Banner", "state": "active"}]));
    let refused = api.refused("DELETE", "/line-item?id=1", None).await;
    assert_eq!(refused.2, "line item 1 is used by campaign 1 (Banner); delete or move them first");
    let other = api.advertiser("Other").await;
    let body = Some(json!({"campaign": {"name": "Foreign", "line_item_id": 1}}));
    let refused = api.refused("POST", &format!("/campaign?advertiser_id={other}"), body).await;
    assert_eq!((refused.0, refused.1.as_str()), (409, "INTEGRITY"));
    api.delete("/campaign?id=1").await;
    api.delete("/line-item?id=1").await;
}

#[tokio::test]
pub async fn trackers() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    api.post(&format!("/line-item?advertiser_id={advertiser}"), json!({"line-item": {"name": "Autumn"}})).await;
    api.post("/publisher", json!({"publisher": {"name": "Daily News"}})).await;
    let host = api.app.address;
    let tracker = |id: i64, tag: String| {
        json!({
            "id": id,
            "code": null,
            "name": "Banner",
            "advertiser_id": 1,
            "state": "active",
            "publisher": {"id": 1, "name": "Daily News"},
            "line_item": {"id": 1, "name": "Autumn"},
            "tag": tag,
            "payment_rule": null,
            "created_on": NOW,
            "last_modified": NOW,
        })
    };
    let body = json!({"name": "Banner", "publisher": {"id": 1}, "line_item": {"id": "1"}});
    let created = api.post("/imptracker?advertiser_id=1", json!({ "imptracker": body })).await;
    let tag =
        format!(r#"<img src="http://{host}/imptr?id=1&cachebuster=[CACHEBUSTER]&t=2" width="1" height="1" alt="" />"#);
    assert_eq!(created, made("imptracker", json!(1), tracker(1, tag)));
    goes_around(&api, "imptracker", "imptracker", 1).await;

    let body = json!({"name": "Banner", "publisher_id": 1, "line_item_id": 1, "click_url": "https://shop.example/"});
    let created = api.post("/clicktracker?advertiser_id=1", json!({ "clicktracker": body })).await;
    let mut click = tracker(2, format!("http://{host}/clktr?id=2"));
    click["click_url"] = json!("https://shop.example/");
    assert_eq!(created, made("clicktracker", json!(2), click));
    goes_around(&api, "clicktracker", "clicktracker", 2).await;
    assert_eq!(api.refused("GET", "/imptracker?id=2", None).await.2, "impression tracker 2 not found");
    assert_eq!(api.get("/clicktracker?line_item_id=1&publisher_id=1").await["count"], 1);
    let cleared = api.put("/clicktracker?id=2", json!({"clicktracker": {"click_url": null}})).await;
    assert_eq!(cleared["clicktracker"]["tag"], format!("http://{host}/clktr?id=2&redir=[CLICK_URL]"));

    let post = async |tracker: Value| {
        api.refused("POST", "/imptracker?advertiser_id=1", Some(json!({ "imptracker": tracker }))).await.2
    };
    assert_eq!(post(json!({})).await, "name is required; publisher_id is required; line_item_id is required");
    assert_eq!(
        post(json!({"name": "x", "publisher": 1, "line_item": {"id": 1}})).await,
        "publisher must be an object with an id, and is 1"
    );
    assert_eq!(
        post(json!({"name": "x", "publisher": {"id": 1}, "publisher_id": 2, "line_item_id": 1})).await,
        "publisher.id is 1 and publisher_id is 2; which is meant?"
    );
    assert_eq!(
        post(json!({"name": "x", "publisher": {"id": 9}, "line_item": {"id": 1}})).await,
        "publisher_id names publisher 9, which does not exist"
    );
    assert_eq!(
        api.refused("DELETE", "/publisher?id=1", None).await.2,
        "publisher 1 is used by tracker 1 (Banner), tracker 2 (Banner); delete or move them first"
    );
    api.delete("/imptracker?id=1").await;
    assert_eq!(api.get("/imptracker").await["imptrackers"], json!([]));
}
