//! Every service: create, read, change, delete, with whole bodies; whole objects put back; arrays merged.

mod costs;
mod line_items;
mod pixels;
mod sources;
mod wrong_sources;

use pixeld::domain::{AdvertiserId, Role};
use serde_json::{Value, json};

use crate::api::Api;

const NOW: &str = "2026-10-01 12:00:00";

/// The answer of a POST, or of a PUT with the id as text.
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

/// The answer of a GET of one id.
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
async fn the_deletion_of_an_advertiser_lists_the_deleted_objects() {
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
async fn meta_lists_the_fields() {
    let api = Api::start().await;
    for (path, fields) in [
        ("pixel", 21),
        ("advertiser", 11),
        ("publisher", 6),
        ("line-item", 14),
        ("campaign", 8),
        ("segment", 13),
        ("imptracker", 13),
        ("clicktracker", 14),
        ("source", 14),
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

#[tokio::test]
async fn a_segment_goes_to_another_advertiser_or_to_all_and_back() {
    let api = Api::start().await;
    let (own, other) = (api.advertiser("Own").await, api.advertiser("Other").await);
    api.post("/segment", json!({"segment": {"short_name": "Buyers", "code": "buyers", "advertiser_id": own}})).await;
    api.user("eve", Role::Editor, Some(AdvertiserId(own))).await;
    let eve = api.sign_in("eve").await;
    let seen_by_eve = async || api.send("GET", "/segment?id=1", Some(&eve), None).await.0;
    let put_by_eve = async |advertiser: Value| {
        let body = json!({"segment": {"advertiser_id": advertiser, "description": "Mine"}}).to_string();
        let (status, answer) = api.send("PUT", "/segment?id=1", Some(&eve), Some(&body)).await;
        (status, answer["error_id"].as_str().unwrap_or("OK").to_owned())
    };
    // Users limited to one advertiser neither release a segment, nor give it away, nor take one.
    assert_eq!(put_by_eve(json!(own)).await, (200, "OK".to_owned()));
    assert_eq!(put_by_eve(Value::Null).await, (403, "UNAUTH".to_owned()));
    assert_eq!(put_by_eve(json!(other)).await, (404, "SYNTAX".to_owned()));
    for (advertiser, seen, put) in [
        (Value::Null, 200, (403, "UNAUTH")),
        (json!(other), 404, (404, "SYNTAX")),
        (Value::Null, 200, (403, "UNAUTH")),
        (json!(own), 200, (200, "OK")),
    ] {
        let answer = api.put("/segment?id=1", json!({"segment": {"advertiser_id": advertiser}})).await;
        assert_eq!(answer["segment"]["advertiser_id"], advertiser);
        assert_eq!(api.get("/segment?id=1").await["segment"]["advertiser_id"], advertiser);
        assert_eq!(seen_by_eve().await, seen, "{advertiser}");
        assert_eq!(put_by_eve(json!(own)).await, (put.0, put.1.to_owned()), "{advertiser}");
    }
    let unknown = api.refused("PUT", "/segment?id=1", Some(json!({"segment": {"advertiser_id": 99}}))).await;
    assert_eq!((unknown.0, unknown.1.as_str()), (404, "SYNTAX"));
    // Codes are unique among the segments of all advertisers, so a move cannot make two of one code.
    let twin = json!({"segment": {"short_name": "x", "code": "Buyers", "advertiser_id": other}});
    assert_eq!(api.refused("POST", "/segment", Some(twin)).await.0, 409);
    // Each move is in the audit log.
    let entries = api.get("/audit?num_elements=100").await["audits"].take();
    let moves: Vec<_> = entries
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["before"]["advertiser_id"] != entry["after"]["advertiser_id"])
        .filter(|entry| entry["action"] == "changed")
        .map(|entry| json!([entry["before"]["advertiser_id"], entry["after"]["advertiser_id"]]))
        .collect();
    assert_eq!(json!(moves), json!([[null, own], [other, null], [null, other], [own, null]]));
}
