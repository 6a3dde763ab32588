//! Every service: create, read, change, delete, with whole bodies; whole objects put back; arrays merged.

use serde_json::{Value, json};

use super::Api;

const NOW: &str = "2026-10-01 12:00:00";

/// What a POST answers, or a PUT with the id as text.
fn made(key: &str, id: Value, object: Value) -> Value {
    json!({
        "status": "OK",
        key: object,
        "count": 1,
        "start_element": 0,
        "num_elements": 100,
        "id": id,
        "dbg_info": {"output_term": key},
    })
}

/// What a GET of one id answers.
fn one(key: &str, object: Value) -> Value {
    let mut answer = made(key, Value::Null, object);
    answer.as_object_mut().unwrap().remove("id");
    answer
}

/// Reads an object by id and puts the whole answer back as it came: nothing but `last_modified` may change.
async fn goes_around(api: &Api, path: &str, key: &str, id: i64) {
    let read = api.get(&format!("/{path}?id={id}")).await;
    for body in [json!({ key: read[key] }), read.clone(), json!({ "response": read })] {
        let (status, answer) = api.call("PUT", &format!("/{path}?id={id}"), Some(body)).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer[key], read[key], "{path}");
    }
}

#[tokio::test]
async fn advertisers() {
    let api = Api::start().await;
    let created = api.post("/advertiser", json!({"advertiser": {"name": "ProStarr"}})).await;
    let mut shop = json!({
        "id": 1,
        "code": null,
        "name": "ProStarr",
        "state": "active",
        "default_currency": "USD",
        "timezone": "UTC",
        "redirect_hosts": [],
        "allow_any_redirect": false,
        "default_pixel_id": null,
        "created_on": NOW,
        "last_modified": NOW,
    });
    assert_eq!(created, made("advertiser", json!(1), shop.clone()));
    let pixel = api.pixel(1, "Sale").await;
    let change = json!({
        "code": "ps",
        "default_currency": "eur",
        "timezone": "Europe/Berlin",
        "redirect_hosts": ["shop.example"],
        "default_pixel_id": pixel.to_string(),
    });
    let changed = api.put("/advertiser?id=1", json!({ "advertiser": change })).await;
    for (name, value) in change.as_object().unwrap() {
        shop[name] = value.clone();
    }
    (shop["default_currency"], shop["default_pixel_id"]) = (json!("EUR"), json!(pixel));
    assert_eq!(changed, made("advertiser", json!("1"), shop.clone()));
    goes_around(&api, "advertiser", "advertiser", 1).await;
    let more = json!({"advertiser": {"redirect_hosts": ["*.shop.example", "shop.example"]}});
    let merged = api.put("/advertiser?id=1&append=true", more).await;
    assert_eq!(merged["advertiser"]["redirect_hosts"], json!(["shop.example", "*.shop.example"]));
    let nulls = json!({"advertiser": {"code": null, "redirect_hosts": null, "timezone": null, "default_currency": null, "default_pixel_id": null}});
    let reset = api.put("/advertiser?code=ps", nulls).await["advertiser"].take();
    assert_eq!(
        json!([reset["code"], reset["redirect_hosts"], reset["timezone"], reset["default_currency"]]),
        json!([null, [], "UTC", "USD"])
    );
    for (change, text) in [
        (
            json!({"timezone": "Mars/Base"}),
            "timezone must be an IANA time zone such as Europe/Berlin, and is \"Mars/Base\"",
        ),
        (json!({"default_currency": "EURO"}), "default_currency must be an ISO 4217 code such as USD, and is \"EURO\""),
        (json!({"redirect_hosts": "shop.example"}), "redirect_hosts must be an array, and is \"shop.example\""),
        (
            json!({"redirect_hosts": ["https://x"]}),
            "redirect_hosts[0] must be a host such as shop.example or *.shop.example, and is \"https://x\"",
        ),
        (json!({"default_pixel_id": 99}), "default_pixel_id must be a pixel of this advertiser, and is 99"),
        (json!({"allow_any_redirect": "perhaps"}), "allow_any_redirect must be true or false, and is \"perhaps\""),
    ] {
        let refused = api.refused("PUT", "/advertiser?id=1", Some(json!({ "advertiser": change }))).await;
        assert_eq!(refused, (400, "SYNTAX".to_owned(), text.to_owned()));
    }
}

#[tokio::test]
async fn deleting_an_advertiser_tells_what_went_with_it() {
    let api = Api::start().await;
    let shop = api.app.shop().await;
    let id = shop.advertiser.id.0;
    api.pixel(id, "Second").await;
    api.user("bob", pixeld::domain::Role::Viewer, Some(shop.advertiser.id)).await;
    assert_eq!(
        api.delete(&format!("/advertiser?id={id}")).await,
        json!({
            "status": "OK",
            "count": 1,
            "dbg_info": {
                "output_term": "not_found",
                "warnings": ["deleted 2 trackers", "deleted 1 line item", "deleted 2 pixels", "deleted 1 user"],
            },
        })
    );
    assert_eq!(api.get("/pixel").await["count"], 0);
}

#[tokio::test]
async fn publishers() {
    let api = Api::start().await;
    let created = api.post("/publisher", json!({"publisher": {"name": "Daily News", "code": "dn"}})).await;
    let paper = json!({
        "id": 1,
        "code": "dn",
        "name": "Daily News",
        "state": "active",
        "created_on": NOW,
        "last_modified": NOW,
    });
    assert_eq!(created, made("publisher", json!(1), paper.clone()));
    assert_eq!(api.get("/publisher?code=dn").await, one("publisher", paper.clone()));
    goes_around(&api, "publisher", "publisher", 1).await;
    let list = api.get("/publisher").await;
    assert_eq!((&list["publishers"], &list["count"]), (&json!([paper]), &json!(1)));
    api.put("/publisher?code=dn", json!({"publisher": {"state": "inactive"}})).await;
    assert_eq!(api.get("/publisher?state=inactive").await["count"], 1);
    api.delete("/publisher?code=dn").await;
    assert_eq!(api.refused("GET", "/publisher?id=1", None).await.2, "publisher 1 not found");
}

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
async fn line_items_hold_pixels_with_their_revenues() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let (sale, lead) = (api.pixel(advertiser, "Sale").await, api.pixel(advertiser, "Lead").await);
    let item = json!({
        "name": "Autumn",
        "start_date": "2026-10-01 00:00:00",
        "end_date": "2026-12-31 23:59:59",
        "revenue_type": "cpa",
        "revenue_value": "2.5",
        "currency": "EUR",
        "pixels": [{"id": sale, "state": "active", "post_click_revenue": "30.000000", "post_view_revenue": 1.5, "name": "x"}],
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
            {"id": sale, "name": "Sale", "state": "active", "post_click_revenue": 30, "post_view_revenue": 1.5},
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
        {"id": sale, "name": "Sale", "state": "inactive", "post_click_revenue": 30, "post_view_revenue": 1.5},
        {"id": lead, "name": "Lead", "state": "active", "post_click_revenue": null, "post_view_revenue": 2},
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
async fn campaigns() {
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
async fn segments() {
    let api = Api::start().await;
    let created = api.post("/segment", json!({"segment": {"short_name": "Buyers", "code": "Buyers_1"}})).await;
    let segment = json!({
        "id": 1,
        "code": "Buyers_1",
        "short_name": "Buyers",
        "description": null,
        "state": "active",
        "member_id": 1,
        "advertiser_id": null,
        "expire_minutes": null,
        "piggyback_pixels": null,
        "max_usersync_pixels": null,
        "members": 0,
        "created_on": NOW,
        "last_modified": NOW,
    });
    assert_eq!(created, made("segment", json!(1), segment.clone()));
    goes_around(&api, "segment", "segment", 1).await;
    let mut both = one("segment", segment.clone());
    both["segments"] = json!([segment]);
    assert_eq!(api.get("/segment?id=1").await, both);
    let refused =
        api.refused("POST", "/segment", Some(json!({"segment": {"short_name": "x", "code": "BUYERS_1"}}))).await;
    assert_eq!((refused.0, refused.1.as_str()), (409, "INTEGRITY"));
    for (change, text) in [
        (json!({"code": "a b"}), "code may hold only letters, digits, _ and -, and is \"a b\""),
        (json!({"short_name": null}), "short_name is required and must not be blank"),
        (json!({"advertiser_id": 1}), "advertiser_id cannot change"),
    ] {
        let refused = api.refused("PUT", "/segment?id=1", Some(json!({ "segment": change }))).await;
        assert_eq!((refused.0, refused.2.as_str()), (400, text));
    }
    let change = json!({"segment": {"expire_minutes": 0, "max_usersync_pixels": "3", "description": "Bought"}});
    let changed = api.put("/segment?id=1", change).await["segment"].take();
    assert_eq!(json!([changed["expire_minutes"], changed["max_usersync_pixels"]]), json!([0, 3]));
    api.delete("/segment?id=1").await;
}

#[tokio::test]
async fn trackers() {
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
        "publisher 1 is used by tracker 1 (Banner), 2 (Banner); delete or move them first"
    );
    api.delete("/imptracker?id=1").await;
    assert_eq!(api.get("/imptracker").await["imptrackers"], json!([]));
}

#[tokio::test]
async fn meta_lists_the_fields() {
    let api = Api::start().await;
    for (path, fields) in [
        ("pixel", 20),
        ("advertiser", 11),
        ("publisher", 6),
        ("line-item", 14),
        ("campaign", 8),
        ("segment", 13),
        ("imptracker", 13),
        ("clicktracker", 14),
        ("user", 9),
        ("member", 2),
    ] {
        let meta = api.get(&format!("/{path}/meta")).await;
        assert_eq!(meta["fields"].as_array().unwrap().len(), fields, "{path}");
        assert_eq!(meta["dbg_info"]["output_term"], "fields");
    }
    let fields = api.get("/publisher/meta").await["fields"].take();
    let row = |name: &str| {
        let mut row = fields.as_array().unwrap().iter().find(|field| field["name"] == name).unwrap().clone();
        let description = row.as_object_mut().unwrap().shift_remove("description");
        assert!(description.is_some_and(|text| text.is_string()), "{row}");
        row
    };
    assert_eq!(
        row("id"),
        json!({
            "name": "id",
            "type": "int",
            "sort_by": true,
            "filter_by": true,
            "read_only": true,
            "required_on": ["PUT"],
        })
    );
    assert_eq!(
        row("state"),
        json!({
            "name": "state",
            "type": "enum",
            "sort_by": true,
            "filter_by": true,
            "read_only": false,
            "required_on": [],
            "values": ["active", "inactive"],
        })
    );
}
