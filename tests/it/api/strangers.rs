//! What other sites, and callers limited to one advertiser, can reach: requests by the cookie alone, and what errors tell
//! of the objects of others.

use pixeld::domain::{AdvertiserId, Role};
use serde_json::{Value, json};

use super::{Api, refusal};

#[tokio::test]
async fn with_the_cookie_alone_no_other_site_changes_anything() {
    let api = Api::start().await;
    let host = api.app.url("").trim_start_matches("http://").trim_end_matches('/').to_owned();
    let own = format!("http://{host}");
    let text = "another site sent this request; with the cookie alone, only pages of this server may change anything. \
                Programs send the token in the Authorization header";
    for (method, by_cookie, header, allowed) in [
        ("POST", true, None, true),
        ("POST", true, Some(("Sec-Fetch-Site", "same-origin")), true),
        ("POST", true, Some(("Sec-Fetch-Site", "none")), true),
        ("POST", true, Some(("Sec-Fetch-Site", "same-site")), false),
        ("POST", true, Some(("Sec-Fetch-Site", "cross-site")), false),
        ("POST", true, Some(("Origin", own.as_str())), true),
        ("POST", true, Some(("Origin", "https://evil.example")), false),
        ("POST", true, Some(("Origin", "null")), false),
        ("PUT", true, Some(("Sec-Fetch-Site", "same-site")), false),
        ("DELETE", true, Some(("Origin", "https://evil.example")), false),
        ("GET", true, Some(("Sec-Fetch-Site", "cross-site")), true),
        ("POST", false, Some(("Sec-Fetch-Site", "cross-site")), true),
        ("POST", false, Some(("Origin", "https://evil.example")), true),
    ] {
        let body = json!({"publisher": {"name": "Daily News"}}).to_string();
        let mut request = api.app.client.request(method.parse().unwrap(), api.app.url("/publisher"));
        if method != "GET" {
            request = request.header("Content-Type", "text/plain").body(body);
        }
        request = match by_cookie {
            true => request.header("Cookie", format!("pixeld_token={}", api.token)),
            false => request.header("Authorization", &api.token),
        };
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let said = super::opened(&answer.text().await.unwrap());
        if allowed {
            assert_eq!(status, 200, "{method} {by_cookie} {header:?}: {said}");
        } else {
            let mut expected = refusal("publisher", method, "UNAUTH", text);
            expected["dbg_info"] = said["dbg_info"].clone();
            assert_eq!((status, said), (403, expected), "{method} {header:?}");
        }
    }
}

#[tokio::test]
async fn errors_name_no_object_that_the_caller_may_not_see() {
    let api = Api::start().await;
    let (own, other) = (api.advertiser("Own").await, api.advertiser("Other").await);
    let segment = json!({"segment": {"short_name": "Buyers", "code": "buy"}});
    api.post(&format!("/segment?advertiser_id={other}"), segment.clone()).await;
    api.put(&format!("/advertiser?id={other}"), json!({"advertiser": {"code": "oth"}})).await;
    api.user("bob", Role::Editor, Some(AdvertiserId(own))).await;
    let bob = api.sign_in("bob").await;
    for (method, path, body, text) in [
        (
            "POST",
            format!("/segment?advertiser_id={own}"),
            segment,
            "code \"buy\" is already used by another segment; choose another",
        ),
        (
            "PUT",
            format!("/advertiser?id={own}"),
            json!({"advertiser": {"code": "oth"}}),
            "code \"oth\" is already used by another advertiser; choose another",
        ),
    ] {
        let (status, answer) = api.send(method, &path, Some(&bob), Some(&body.to_string())).await;
        assert_eq!((status, answer["error"].as_str()), (409, Some(text)), "{method} {path}: {answer}");
    }
}

#[tokio::test]
async fn lists_in_objects_have_a_bound() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let hosts = |count: usize| (0..count).map(|n| format!("h{n}.example")).collect::<Vec<_>>();
    let path = format!("/advertiser?id={advertiser}");
    api.put(&path, json!({"advertiser": {"redirect_hosts": hosts(1_000)}})).await;
    let (status, error_id, text) =
        api.refused("PUT", &path, Some(json!({"advertiser": {"redirect_hosts": hosts(1_001)}}))).await;
    let expected =
        "redirect_hosts must be at most 1000, and are 1001; leave some out, or name a domain as *.shop.example";
    assert_eq!((status, error_id.as_str(), text.as_str()), (400, "SYNTAX", expected));
    let (status, _, text) =
        api.refused("PUT", &path, Some(json!({"advertiser": {"redirect_hosts": hosts(60_000)}}))).await;
    assert_eq!(status, 400);
    assert!(text.starts_with("redirect_hosts must be an array of at most 5000 elements"), "{text}");
    let scripts = |count: usize| {
        let one = |n| json!({"pixel_type": "js", "url": format!("https://p{n}.example/a.js")});
        (0..count).map(one).collect::<Vec<Value>>()
    };
    let pixel = api.pixel(advertiser, "Sale").await;
    let path = format!("/pixel?id={pixel}");
    api.put(&path, json!({"pixel": {"piggyback_pixels": scripts(20)}})).await;
    let (status, _, text) = api.refused("PUT", &path, Some(json!({"pixel": {"piggyback_pixels": scripts(21)}}))).await;
    assert_eq!((status, text.as_str()), (400, "piggyback_pixels must be at most 20, and are 21; leave some out"));
}
