//! How many members a segment has, and `/membership`: the segments that a visitor is in.

use pixeld::domain::{AdvertiserId, Role};
use serde_json::{Value, json};

use super::Api;
use crate::judge::MIN;
use crate::judge::segments::load;

/// Visitors 7 and 8 in a segment that lasts an hour (1) and 7, with a value, in one that another advertiser has (2).
async fn prepared() -> Api {
    let api = Api::start().await;
    let shoes = api.advertiser("Shoes").await;
    let hour = json!({"segment": {"short_name": "Cart", "code": "cart", "expire_minutes": 60}});
    api.post("/segment", hour).await;
    let own = json!({"segment": {"short_name": "Buyers", "advertiser_id": shoes}});
    api.post("/segment", own).await;
    load(&api.app, 7, 0, "1,2:5").await;
    load(&api.app, 8, 0, "1").await;
    api
}

fn members(answer: &Value) -> Vec<&Value> {
    let segments = answer["segments"].as_array().unwrap_or_else(|| panic!("{answer}"));
    segments.iter().map(|segment| &segment["members"]).collect()
}

#[tokio::test]
async fn segments_say_how_many_are_in_them_now() {
    let api = prepared().await;
    assert_eq!(members(&api.get("/segment").await), [2, 1]);
    assert_eq!(api.get("/segment?id=1").await["segment"]["members"], 2);
    assert_eq!(api.get("/segment?code=cart&fields=id,members").await["segment"], json!({"id": 1, "members": 2}));
    assert_eq!(api.get("/segment?id=1&fields=id").await["segment"], json!({"id": 1}));

    // It is counted, not set; and what cannot be sorted by says so.
    let put = api.put("/segment?id=1&fields=id", json!({"segment": {"members": 9, "description": "Of today"}})).await;
    assert_eq!((&put["segment"]["members"], &put["segment"]["description"]), (&json!(2), &json!("Of today")));
    assert_eq!(put["dbg_info"]["warnings"], json!(["members is read-only and was ignored"]));
    let (status, error_id, error) = api.refused("GET", "/segment?sort=members", None).await;
    assert_eq!((status, error_id.as_str()), (400, "SYNTAX"));
    assert!(error.contains("sort names \"members\", which this service cannot sort by"), "{error}");

    api.app.wait_minutes(60);
    assert_eq!(members(&api.get("/segment").await), [0, 1], "no operation took them out");
}

#[tokio::test]
async fn a_visitors_segments_are_found_by_either_form_of_its_number() {
    let api = prepared().await;
    let both = json!([
        {
            "visitor_id": "0000000000000007", "user_id": "7", "segment_id": 1, "code": "cart", "short_name": "Cart",
            "value": null, "added_at": "2026-10-01 12:00:00", "expires_at": "2026-10-01 13:00:00",
        },
        {
            "visitor_id": "0000000000000007", "user_id": "7", "segment_id": 2, "code": null, "short_name": "Buyers",
            "value": 5, "added_at": "2026-10-01 12:00:00", "expires_at": "2027-03-30 12:00:00",
        },
    ]);
    for query in ["visitor_id=0000000000000007", "visitor_id=7", "user_id=7"] {
        assert_eq!(
            api.get(&format!("/membership?{query}")).await,
            json!({
                "status": "OK", "memberships": both, "count": 2, "start_element": 0, "num_elements": 100,
                "dbg_info": {"output_term": "memberships"},
            }),
            "{query}"
        );
    }
    let in_body =
        api.call("GET", "/membership", Some(json!({"user_id": 7, "start_element": 1, "fields": "value"}))).await;
    assert_eq!((&in_body.1["memberships"], &in_body.1["count"]), (&json!([{"value": 5}]), &json!(2)));

    load(&api.app, 7, 30 * MIN, "-2").await;
    assert_eq!(api.get("/membership?visitor_id=7&fields=segment_id").await["memberships"], json!([{"segment_id": 1}]));
    api.app.wait_minutes(60);
    let unknown = api.get("/membership?visitor_id=7f00000000000001&bogus=1").await;
    for gone in [&api.get("/membership?visitor_id=7").await, &unknown] {
        assert_eq!((&gone["memberships"], &gone["count"]), (&json!([]), &json!(0)));
    }
    assert_eq!(unknown["dbg_info"]["warnings"], json!(["unknown parameter \"bogus\" was ignored; it filters nothing"]));

    let meta = api.get("/membership/meta").await["fields"].clone();
    let fields: Vec<_> = meta.as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
    let object = both[0].as_object().unwrap();
    assert_eq!(fields.len(), object.len());
    assert!(fields.iter().all(|name| object.contains_key(*name)), "{fields:?}");
}

#[tokio::test]
async fn impossible_queries_of_memberships_are_refused() {
    let api = prepared().await;
    let malformed = "must be a number from 1 to 7fffffffffffffff in hexadecimal digits, as in the cookie pxid";
    let one = "memberships are those of one visitor, as";
    for (method, query, text) in [
        ("GET", "", "visitor_id is required: whose segments? Or user_id".to_owned()),
        ("GET", "?segment_id=1", "visitor_id is required".to_owned()),
        ("GET", "?visitor_id=", format!("visitor_id {malformed}, and is \"\"")),
        ("GET", "?visitor_id=optout", format!("visitor_id {malformed}, and is \"optout\"")),
        ("GET", "?visitor_id=ffffffffffffffff", format!("visitor_id {malformed}, and is \"ffffffffffffffff\"")),
        ("GET", "?visitor_id=%3Cb%3E", format!("visitor_id {malformed}, and is \"<b>\"")),
        ("GET", "?visitor_id=null", format!("{one} visitor_id=..., and of no other form of it")),
        ("GET", "?visitor_id=7,8", format!("{one} visitor_id=...")),
        ("GET", "?visitor_id[0]=7&visitor_id[1]=8", format!("{one} visitor_id=...")),
        ("GET", "?not_visitor_id=7", format!("{one} visitor_id=...")),
        ("GET", "?like_user_id=7", format!("{one} user_id=...")),
        ("GET", "?user_id=0", "user_id must be a whole number from 1 to 9223372036854775807, and is \"0\"".to_owned()),
        ("GET", "?user_id=7f", "and is \"7f\"".to_owned()),
        ("GET", "?visitor_id=7&user_id=7", "a visitor is named once, by visitor_id or by user_id".to_owned()),
        ("GET", "?visitor_id=7&search=7", "memberships cannot be searched".to_owned()),
        ("GET", "?visitor_id=7&sort=value", "sort names \"value\", which this service cannot sort by".to_owned()),
        ("GET", "?visitor_id=7&start_element=x", "start_element must be a whole number".to_owned()),
        ("POST", "", "membership does not take POST; it takes GET: memberships are what tags make of them".to_owned()),
        ("PUT", "?visitor_id=7", "membership does not take PUT; it takes GET".to_owned()),
        ("DELETE", "?visitor_id=7", "membership does not take DELETE; it takes GET".to_owned()),
    ] {
        let body = (method == "POST").then(|| json!({"membership": {}}));
        let (status, error_id, error) = api.refused(method, &format!("/membership{query}"), body).await;
        assert_eq!((status, error_id.as_str()), (400, "SYNTAX"), "{method} {query}: {error}");
        assert!(error.contains(&text), "{method} {query}: {error}");
    }
    let (status, refused) = api.call("GET", "/membership?visitor_id=x", None).await;
    assert_eq!(
        (status, refused),
        (
            400,
            json!({
                "error_id": "SYNTAX", "error": format!("visitor_id {malformed}, and is \"x\""),
                "error_description": null, "error_code": null, "service": "membership", "method": "GET",
                "dbg_info": {"output_term": "not_found"},
            })
        )
    );
}

#[tokio::test]
async fn memberships_follow_the_roles_and_the_advertiser_of_the_caller() {
    let api = prepared().await;
    let hats = api.advertiser("Hats").await;
    let path = "/membership?visitor_id=7&fields=short_name";
    let (cart, buyers) = (json!({"short_name": "Cart"}), json!({"short_name": "Buyers"}));
    for (name, role, advertiser, visible) in [
        ("viewer", Role::Viewer, None, json!([cart, buyers])),
        ("editor", Role::Editor, None, json!([cart, buyers])),
        ("shoes", Role::Viewer, Some(1), json!([cart, buyers])),
        ("hats", Role::Viewer, Some(hats), json!([cart])),
    ] {
        api.user(name, role, advertiser.map(AdvertiserId)).await;
        let token = api.sign_in(name).await;
        let (status, answer) = api.send("GET", path, Some(&token), None).await;
        assert_eq!((status, &answer["memberships"]), (200, &visible), "{name}: {answer}");
        let (_, segments) = api.send("GET", "/segment", Some(&token), None).await;
        let sizes = if visible[1].is_null() { vec![2] } else { vec![2, 1] };
        assert_eq!(members(&segments), sizes, "{name}");
    }
    api.user("collector", Role::Collector, None).await;
    let token = api.sign_in("collector").await;
    for path in [path, "/membership/meta"] {
        let (status, denied) = api.send("GET", path, Some(&token), None).await;
        let said = (status, denied["error_id"].as_str(), denied["error"].as_str());
        assert_eq!(said, (403, Some("UNAUTH"), Some("the role collector may not read")), "{path}");
        let (status, refused) = api.send("GET", path, None, None).await;
        assert_eq!((status, &refused["error_id"]), (401, &json!("NOAUTH")), "{path}");
    }
}
