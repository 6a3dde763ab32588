//! Every wrong request to the service of sources, with the whole answer.

use serde_json::{Value, json};

use super::sources::shops;
use crate::api::{Api, refusal};

#[tokio::test]
async fn wrong_sources_are_refused() {
    let api = Api::start().await;
    shops(&api).await;
    let good = json!({"name": "Ads", "line_item_id": 1, "match": {"click_id": ["gclid"]}});
    let (long, many): (String, Vec<String>) = ("é".repeat(256), (0..51).map(|n| n.to_string()).collect());
    let names: serde_json::Map<String, Value> = (0..11).map(|n| (format!("p{n}"), json!("*"))).collect();
    let host = "must be a host such as pinterest.com, which includes those below it, and is";
    for (change, status, error_id, error) in [
        (json!({"name": null}), 400, "SYNTAX", "name is required".to_owned()),
        (json!({"name": long}), 400, "SYNTAX", "name must be at most 255 characters, and has 256".to_owned()),
        (
            json!({"code": "x".repeat(101)}),
            400,
            "SYNTAX",
            "code must be at most 100 characters, and has 101".to_owned(),
        ),
        (json!({"state": "on"}), 400, "SYNTAX", "state must be one of active, inactive, and is \"on\"".to_owned()),
        (
            json!({"position": 0}),
            400,
            "SYNTAX",
            "position must be a whole number from 1 to 1000000, and is 0".to_owned(),
        ),
        (
            json!({"position": 1_000_001}),
            400,
            "SYNTAX",
            "position must be a whole number from 1 to 1000000, and is 1000001".to_owned(),
        ),
        (
            json!({"position": -1}),
            400,
            "SYNTAX",
            "position must be a whole number from 1 to 1000000, and is -1".to_owned(),
        ),
        (
            json!({"position": "first"}),
            400,
            "SYNTAX",
            "position must be a whole number from 1 to 1000000, and is \"first\"".to_owned(),
        ),
        (
            json!({"position": [1]}),
            400,
            "SYNTAX",
            "position must be a whole number from 1 to 1000000, and is [1]".to_owned(),
        ),
        (json!({"match": null}), 400, "SYNTAX", "match is required".to_owned()),
        (
            json!({"match": {}}),
            400,
            "SYNTAX",
            "match must hold at least one condition: click_id, a parameter such as utm_source, or referrer_host"
                .to_owned(),
        ),
        (
            json!({"match": {"utm_source": null}}),
            400,
            "SYNTAX",
            "match must hold at least one condition: click_id, a parameter such as utm_source, or referrer_host"
                .to_owned(),
        ),
        (json!({"match": "gclid"}), 400, "SYNTAX", "match must be an object, and is \"gclid\"".to_owned()),
        (
            json!({"match": [{"click_id": "gclid"}]}),
            400,
            "SYNTAX",
            "match must be an object, and is [{\"click_id\":\"gclid\"}]".to_owned(),
        ),
        (
            json!({"match": {"click_id": []}}),
            400,
            "SYNTAX",
            "match.click_id must have at least one value; * is any value".to_owned(),
        ),
        (
            json!({"match": {"click_id": ["glcid"]}}),
            400,
            "SYNTAX",
            "match.click_id[0] must be a click ID such as gclid, or a platform such as Google Ads, and is \"glcid\""
                .to_owned(),
        ),
        (
            json!({"match": {"click_id": ["*"]}}),
            400,
            "SYNTAX",
            "match.click_id[0] must be a click ID such as gclid, or a platform such as Google Ads, and is \"*\""
                .to_owned(),
        ),
        (
            json!({"match": {"click_id": {"in": "gclid"}}}),
            400,
            "SYNTAX",
            "match.click_id must be a text, and is {\"in\":\"gclid\"}".to_owned(),
        ),
        (
            json!({"match": {"gclid": "*"}}),
            400,
            "SYNTAX",
            "match.gclid names gclid, which is a click ID: put it into click_id".to_owned(),
        ),
        (
            json!({"match": {"utm_source": [["a"]]}}),
            400,
            "SYNTAX",
            "match.utm_source[0] must be a text, and is [\"a\"]".to_owned(),
        ),
        (
            json!({"match": {"utm_source": [null]}}),
            400,
            "SYNTAX",
            "match.utm_source[0] must be a text, and is null".to_owned(),
        ),
        (
            json!({"match": {"utm_source": true}}),
            400,
            "SYNTAX",
            "match.utm_source must be a text, and is true".to_owned(),
        ),
        (
            json!({"match": {"utm_source": ["a", " "]}}),
            400,
            "SYNTAX",
            "match.utm_source[1] must not be blank; * is any value".to_owned(),
        ),
        (
            json!({"match": {"utm_source": "a,b"}}),
            400,
            "SYNTAX",
            "match.utm_source[0] must not hold a comma: give each value by itself, or write * in place of the comma"
                .to_owned(),
        ),
        (
            json!({"match": {"utm_source": "a\u{1}b"}}),
            400,
            "SYNTAX",
            "match.utm_source[0] must not hold control characters".to_owned(),
        ),
        (
            json!({"match": {"utm_source": long}}),
            400,
            "SYNTAX",
            "match.utm_source[0] must be at most 255 characters, and has 256".to_owned(),
        ),
        (
            json!({"match": {"utm_source": many}}),
            400,
            "SYNTAX",
            "match must hold at most 50 values, and holds 51; use * for several, or make two sources".to_owned(),
        ),
        (json!({"match": names}), 400, "SYNTAX", "match must name at most 10 parameters, and names 11".to_owned()),
        (
            json!({"match": {"a b": "x"}}),
            400,
            "SYNTAX",
            "match.a b must name a parameter by 1 to 64 letters, digits, _, - and ., and names \"a b\"".to_owned(),
        ),
        (
            json!({"match": {"<script>": "x"}}),
            400,
            "SYNTAX",
            "match.<script> must name a parameter by 1 to 64 letters, digits, _, - and ., and names \"<script>\""
                .to_owned(),
        ),
        (
            json!({"match": {"": "x"}}),
            400,
            "SYNTAX",
            "match. must name a parameter by 1 to 64 letters, digits, _, - and ., and names \"\"".to_owned(),
        ),
        (
            json!({"match": {"ref": "a", "REF": "b"}}),
            400,
            "SYNTAX",
            "match.ref is there twice; give all its values at once".to_owned(),
        ),
        (json!({"match": {"referrer_host": "com"}}), 400, "SYNTAX", format!("match.referrer_host[0] {host} \"com\"")),
        (json!({"match": {"referrer_host": "*"}}), 400, "SYNTAX", format!("match.referrer_host[0] {host} \"*\"")),
        (
            json!({"match": {"referrer_host": "https://a.example/"}}),
            400,
            "SYNTAX",
            format!("match.referrer_host[0] {host} \"https://a.example/\""),
        ),
        (
            json!({"campaign_by": "utm campaign"}),
            400,
            "SYNTAX",
            "campaign_by must name a parameter by 1 to 64 letters, digits, _, - and ., and names \"utm campaign\""
                .to_owned(),
        ),
        (
            json!({"campaign_by": "gclid"}),
            400,
            "SYNTAX",
            "campaign_by names gclid, which is a click ID: put it into click_id".to_owned(),
        ),
        (
            json!({"makes_campaigns": true}),
            400,
            "SYNTAX",
            "makes_campaigns needs campaign_by: the parameter with the campaign's code".to_owned(),
        ),
        (
            json!({"makes_campaigns": "perhaps"}),
            400,
            "SYNTAX",
            "makes_campaigns must be true or false, and is \"perhaps\"".to_owned(),
        ),
        (json!({"line_item_id": null}), 400, "SYNTAX", "line_item_id is required".to_owned()),
        (
            json!({"line_item_id": 99}),
            400,
            "SYNTAX",
            "line_item_id names line item 99, which does not exist".to_owned(),
        ),
        (
            json!({"line_item_id": 3}),
            409,
            "INTEGRITY",
            "line_item_id names line item 3, which does not belong to advertiser 1".to_owned(),
        ),
        (json!({"publisher_id": 9}), 400, "SYNTAX", "publisher_id names publisher 9, which does not exist".to_owned()),
        (json!({"campaign_id": 9}), 400, "SYNTAX", "campaign_id names campaign 9, which does not exist".to_owned()),
        (
            json!({"campaign_id": 2}),
            409,
            "INTEGRITY",
            "campaign_id names campaign 2, which does not belong to line item 1".to_owned(),
        ),
        (
            json!({"line_item_id": 2, "campaign_id": 1}),
            409,
            "INTEGRITY",
            "campaign_id names campaign 1, which does not belong to line item 2".to_owned(),
        ),
        (
            json!({"advertiser_id": 9}),
            400,
            "SYNTAX",
            "the request names advertiser 1 and advertiser 9; which is meant?".to_owned(),
        ),
    ] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (got, answer) = api.call("POST", "/source?advertiser_id=1", Some(json!({ "source": body }))).await;
        assert_eq!((got, &answer), (status, &refusal("source", "POST", error_id, &error)), "{change}");
    }
    assert_eq!(api.get("/source").await["count"], 0);
    for (path, body, error) in [
        ("/source?advertiser_id=1", "{", ""),
        ("/source", "{\"source\":{\"name\":\"a\"}}", "advertiser_id is required"),
        ("/source?advertiser_id=1", "{\"source\":{}}", "name is required"),
    ] {
        let (status, answer) = api.send("POST", path, Some(&api.token), Some(body)).await;
        assert!(status == 400 && answer["error"].as_str().unwrap().starts_with(error), "{body}: {answer}");
    }
    api.post("/source?advertiser_id=1", json!({ "source": good })).await;
    let moved = api.refused("PUT", "/source?id=1", Some(json!({"source": {"advertiser_id": 2}}))).await;
    assert_eq!(moved, (400, "SYNTAX".to_owned(), "advertiser_id cannot change".to_owned()));
    // A text that is no UTF-8 does not stop the server, and is refused as no JSON.
    let body = reqwest::Body::from(b"{\"source\":{\"name\":\"\xff\"}}".to_vec());
    let request = api.app.client.put(api.app.url("/source?id=1")).header("Authorization", &api.token).body(body);
    assert_eq!(request.send().await.unwrap().status(), 400);
}
