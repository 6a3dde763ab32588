//! The published examples of the pixel service, literally: the same bodies and addresses, with only host and ids changed.

use serde_json::{Value, json};

use super::Api;

const PIXEL_FILE: &str = r#"
{
    "pixel": {
        "min_minutes_per_conv": 120,
        "name": "ProStarr Post View Pixel 2",
        "piggyback_pixels": [
            {
                "pixel_type": "img",
                "url": "https://www.testing.com"
            }
        ],
        "post_view_expire_mins": 3600,
        "post_view_value": 1,
        "state": "active",
        "trigger_type": "view"
    }
}
"#;

const CATEGORY_FILE: &str = r#"
{
    "pixel": 
        {"pixel_conversion_event_id": 3
        }
}
"#;

/// As curl sends a file with `-d`: without its line breaks.
fn sent(file: &str) -> String {
    file.replace('\n', "")
}

/// The objects of the examples: advertisers 1 and 2, and pixel 1 of advertiser 2 on a line item with a campaign.
async fn prepared() -> Api {
    let api = Api::start().await;
    api.advertiser("Other").await;
    api.advertiser("ProStarr").await;
    let (status, _) = api.send("POST", "/pixel?advertiser_id=2", Some(&api.token), Some(&sent(PIXEL_FILE))).await;
    assert_eq!(status, 200);
    api.post("/line-item?advertiser_id=2", json!({"line-item": {"name": "Line Item", "pixels": [{"id": 1}]}})).await;
    api.post("/campaign?advertiser_id=2", json!({"campaign": {"name": "Campaign", "line_item_id": 1}})).await;
    api
}

fn pixel() -> Value {
    json!({
        "id": 1,
        "advertiser_id": 2,
        "code": null,
        "name": "ProStarr Post View Pixel 2",
        "state": "active",
        "trigger_type": "view",
        "min_minutes_per_conv": 120,
        "post_click_expire_mins": null,
        "post_view_expire_mins": 3600,
        "post_click_value": null,
        "post_view_value": 1,
        "piggyback_pixels": [{"pixel_type": "img", "url": "https://www.testing.com"}],
        "pixel_conversion_event_id": null,
        "pixel_conversion_event": null,
        "campaigns": [{"id": "1"}],
        "line_items": [{"id": 1, "name": "Line Item", "state": "active"}],
        "count_each_order_once": false,
        "max_value": null,
        "member_id": 1,
        "created_on": "2026-10-01 12:00:00",
        "last_modified": "2026-10-01 12:00:00",
    })
}

#[tokio::test]
async fn add_a_conversion_pixel_for_advertiser_2() {
    let api = Api::start().await;
    api.advertiser("Other").await;
    api.advertiser("ProStarr").await;
    let answer = api.send("POST", "/pixel?advertiser_id=2", Some(&api.token), Some(&sent(PIXEL_FILE))).await;
    let mut pixel = pixel();
    (pixel["campaigns"], pixel["line_items"]) = (Value::Null, Value::Null);
    let expected = json!({
        "status": "OK",
        "id": 1,
        "count": 1,
        "start_element": 0,
        "num_elements": 100,
        "pixel": pixel,
        "dbg_info": {"output_term": "pixel"},
    });
    assert_eq!(answer, (200, expected));
}

#[tokio::test]
async fn view_a_conversion_pixel_of_advertiser_2() {
    let api = prepared().await;
    let answer = api.get("/pixel?id=1&advertiser_id=2").await;
    let expected = json!({
        "status": "OK",
        "count": 1,
        "start_element": 0,
        "num_elements": 100,
        "pixel": pixel(),
        "pixels": [pixel()],
        "dbg_info": {"output_term": "pixel"},
    });
    assert_eq!(answer, expected);
    assert_eq!(
        api.refused("GET", "/pixel?id=1&advertiser_id=1", None).await,
        (404, "SYNTAX".into(), "pixel 1 not found".into())
    );
}

/// The seed shows this list as the answer to a POST of a pixel that names no advertiser.
#[tokio::test]
async fn view_conversion_pixels_for_all_advertisers() {
    let api = prepared().await;
    let second = api.pixel(1, "Sample Pixel 1").await;
    let (status, answer) = api.send("POST", "/pixel", Some(&api.token), Some(&sent(PIXEL_FILE))).await;
    assert_eq!((status, &answer["status"], &answer["count"]), (200, &json!("OK"), &json!(2)));
    assert_eq!((&answer["pixels"][0], &answer["pixels"][1]["id"]), (&pixel(), &json!(second)));
    assert_eq!(
        answer["dbg_info"],
        json!({
            "output_term": "pixels",
            "warnings": [
                "nothing was created: name an advertiser_id to create a pixel; without one, POST lists what there is"
            ],
        })
    );
    let mut by_get = api.get("/pixel").await;
    by_get["dbg_info"] = answer["dbg_info"].clone();
    assert_eq!(by_get, answer, "and a GET answers the same list");
}

#[tokio::test]
async fn add_a_conversion_event_category_to_a_pixel() {
    let api = prepared().await;
    api.app.wait_minutes(5);
    let path = "/pixel?id=1&advertiser_id=2";
    let answer = api.send("PUT", path, Some(&api.token), Some(&sent(CATEGORY_FILE))).await;
    let mut pixel = pixel();
    pixel["pixel_conversion_event_id"] = json!(3);
    pixel["pixel_conversion_event"] = json!({"id": 3, "name": "ItemView"});
    pixel["last_modified"] = json!("2026-10-01 12:05:00");
    let expected = json!({
        "status": "OK",
        "id": "1",
        "count": 1,
        "start_element": 0,
        "num_elements": 100,
        "pixel": pixel,
        "dbg_info": {"output_term": "pixel"},
    });
    assert_eq!(answer, (200, expected));
}

/// The addresses of the seed's table, each once.
#[tokio::test]
async fn every_address_of_the_table_answers() {
    let api = prepared().await;
    api.put("/advertiser?id=2", json!({"advertiser": {"code": "ADVERTISER_CODE"}})).await;
    let created = api.post("/pixel?advertiser_code=ADVERTISER_CODE", json!({"pixel": {"name": "Second"}})).await;
    assert_eq!(created["pixel"]["advertiser_id"], 2);
    api.put("/pixel?advertiser_code=ADVERTISER_CODE&id=2", json!({"pixel": {"code": "PIXEL_CODE"}})).await;
    for (path, ids) in [
        ("/pixel", vec![1, 2]),
        ("/pixel?id=1,2,789", vec![1, 2]),
        ("/pixel?id=2,789", vec![2]),
        ("/pixel?advertiser_id=2", vec![1, 2]),
        ("/pixel?advertiser_id=1", vec![]),
        ("/pixel?advertiser_code=ADVERTISER_CODE", vec![1, 2]),
    ] {
        let answer = api.get(path).await;
        let found: Vec<_> = answer["pixels"].as_array().unwrap().iter().map(|pixel| pixel["id"].clone()).collect();
        assert_eq!((json!(found), &answer["count"]), (json!(ids), &json!(ids.len())), "{path}");
        assert!(answer.get("pixel").is_none(), "{path}");
    }
    for path in ["/pixel?advertiser_id=2&id=2", "/pixel?advertiser_code=ADVERTISER_CODE&code=PIXEL_CODE"] {
        let answer = api.get(path).await;
        assert_eq!((&answer["pixel"]["id"], &answer["pixels"][0]["id"]), (&json!(2), &json!(2)), "{path}");
    }
    let path = "/pixel?advertiser_code=ADVERTISER_CODE&code=PIXEL_CODE";
    let changed = api.put(path, json!({"pixel": {"state": "inactive"}})).await;
    assert_eq!((&changed["id"], &changed["pixel"]["state"]), (&json!("2"), &json!("inactive")));
    let meta = api.get("/pixel/meta").await;
    assert_eq!(meta["fields"][0]["name"], "id");
    assert_eq!(
        api.delete("/pixel?advertiser_id=2&id=2").await,
        json!({"status": "OK", "count": 1, "dbg_info": {"output_term": "not_found"}})
    );
    assert_eq!(
        api.refused("DELETE", "/pixel?advertiser_id=2&id=1", None).await,
        (409, "INTEGRITY".into(), "pixel 1 is used by line item 1 (Line Item); remove it from there first".into())
    );
}
