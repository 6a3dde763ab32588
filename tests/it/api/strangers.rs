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

/// Objects of two advertisers. Each of the other's clashes with something that the first one wants.
struct Neighbours {
    api: Api,
    /// The token of an editor of the first.
    bob: String,
    own: i64,
    other: i64,
}

impl Neighbours {
    async fn start() -> Self {
        let api = Api::start().await;
        let (own, other) = (api.advertiser("Own").await, api.advertiser("Other").await);
        api.post("/publisher", json!({"publisher": {"name": "Daily News", "code": "news"}})).await;
        for advertiser in [own, other] {
            let path = |service: &str| format!("/{service}?advertiser_id={advertiser}");
            let code = |code: &str| format!("{code}{advertiser}");
            let post = async |service: &str, object: Value| {
                api.post(&path(service), json!({ service: object })).await["id"].as_i64().unwrap()
            };
            let pixel = post("pixel", json!({"name": "Sale", "code": code("px")})).await;
            let line_item =
                post("line-item", json!({"name": "Autumn", "code": code("li"), "pixels": [{"id": pixel}]})).await;
            post("campaign", json!({"name": "Search", "code": code("ca"), "line_item_id": line_item})).await;
            post("segment", json!({"short_name": "Buyers", "code": code("se")})).await;
            for tracker in ["imptracker", "clicktracker"] {
                let object =
                    json!({"name": "Banner", "code": code("tr"), "line_item_id": line_item, "publisher_id": 1});
                post(tracker, object).await;
            }
            api.put(&format!("/advertiser?id={advertiser}"), json!({"advertiser": {"code": code("ad")}})).await;
        }
        api.user("bob", Role::Editor, Some(AdvertiserId(own))).await;
        let bob = api.sign_in("bob").await;
        Neighbours { api, bob, own, other }
    }

    /// The status and the error of what Bob sends.
    async fn refused(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let (status, answer) = self.api.send(method, path, Some(&self.bob), Some(&body.to_string())).await;
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{method} {path}: {answer}"));
        (status, error.to_owned())
    }
}

#[tokio::test]
async fn errors_name_no_object_that_the_caller_may_not_see() {
    let all = Neighbours::start().await;
    // Ids 1 and 2 of every kind are the own one and the other's; the other's code ends in 2.
    assert_eq!((all.own, all.other), (1, 2));
    let taken =
        |code: &str, what: &str| (409, format!("code {code:?} is already used by another {what}; choose another"));
    for (method, path, body, expected) in [
        ("PUT", "/advertiser?id=1", json!({"advertiser": {"code": "ad2"}}), taken("ad2", "advertiser")),
        (
            "POST",
            "/segment?advertiser_id=1",
            json!({"segment": {"short_name": "x", "code": "se2"}}),
            taken("se2", "segment"),
        ),
        ("PUT", "/segment?id=1", json!({"segment": {"code": "SE2"}}), taken("SE2", "segment")),
    ] {
        assert_eq!(all.refused(method, path, &body).await, expected, "{method} {path}");
    }
    // Each body names an object of the other advertiser, and then one that does not exist: the answers are alike.
    for (method, path, body) in [
        ("POST", "/line-item?advertiser_id=1", json!({"line-item": {"name": "x", "pixels": [{"id": 2}]}})),
        ("PUT", "/line-item?id=1", json!({"line-item": {"pixels": [{"id": 1}, {"id": 2}]}})),
        ("POST", "/campaign?advertiser_id=1", json!({"campaign": {"name": "x", "line_item_id": 2}})),
        ("PUT", "/campaign?id=1", json!({"campaign": {"line_item_id": 2}})),
        (
            "POST",
            "/imptracker?advertiser_id=1",
            json!({"imptracker": {"name": "x", "publisher": {"id": 1}, "line_item": {"id": 2}}}),
        ),
        ("PUT", "/imptracker?id=1", json!({"imptracker": {"line_item_id": 2}})),
        ("PUT", "/clicktracker?id=2", json!({"clicktracker": {"line_item_id": 2}})),
        ("PUT", "/advertiser?id=1", json!({"advertiser": {"default_pixel_id": 2}})),
        ("PUT", "/segment?id=1", json!({"segment": {"advertiser_id": 2}})),
        ("POST", "/segment", json!({"segment": {"short_name": "x", "advertiser_id": 2}})),
        ("POST", "/pixel", json!({"pixel": {"name": "x", "advertiser_id": 2}})),
        ("PUT", "/pixel?id=2", json!({"pixel": {"name": "x"}})),
        ("PUT", "/pixel?code=px2", json!({"pixel": {"name": "x"}})),
        ("DELETE", "/line-item?id=2", json!({})),
        ("DELETE", "/segment?code=se2", json!({})),
        ("GET", "/campaign?id=2", json!({})),
        ("GET", "/pixel?advertiser_code=ad2", json!({})),
    ] {
        let nobodys = |text: &str| text.replace("=2", "=77").replace(": 2}", ": 77}").replace(":2}", ":77}");
        let nobodys = |text: &str| nobodys(text).replace("px2", "px77").replace("se2", "se77").replace("ad2", "ad77");
        let unknown: Value = serde_json::from_str(&nobodys(&body.to_string())).unwrap();
        let path_of_none = if body == unknown { nobodys(path) } else { path.to_owned() };
        let (status, error) = all.refused(method, path, &body).await;
        let none = all.refused(method, &path_of_none, &unknown).await;
        assert!(none.1.contains("77"), "{method} {path} {unknown}: {}", none.1);
        assert_eq!((status, error.replace("px2", "px77").replace('2', "77")), (none.0, none.1), "{method} {path}");
    }
}

#[tokio::test]
async fn no_other_site_signs_a_browser_in() {
    let api = Api::start().await;
    let body = json!({"auth": {"username": "ann", "password": super::PASSWORD}}).to_string();
    for (name, value, status) in [
        ("Sec-Fetch-Site", "cross-site", 403),
        ("Sec-Fetch-Site", "same-site", 403),
        ("Origin", "https://evil.example", 403),
        ("Sec-Fetch-Site", "same-origin", 200),
        ("X-Other", "1", 200),
    ] {
        let request = api.app.client.post(api.app.url("/auth")).header(name, value).body(body.clone());
        assert_eq!(request.send().await.unwrap().status(), status, "{name}: {value}");
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_names_the_host_and_the_scheme_of_tags() {
    for (trusted, headers, expected) in [
        (false, &[][..], "http://px.example/"),
        (false, &[("X-Forwarded-Host", "evil.example")], "http://px.example/"),
        (false, &[("Forwarded", "host=evil.example;proto=https")], "http://px.example/"),
        (false, &[("X-Forwarded-Proto", "https")], "http://px.example/"),
        (true, &[], "http://px.example/"),
        (true, &[("X-Forwarded-Host", "shop.example")], "http://shop.example/"),
        (true, &[("X-Forwarded-Host", "evil.example, shop.example")], "http://shop.example/"),
        (true, &[("X-Forwarded-Host", "shop.example"), ("X-Forwarded-Proto", "https")], "https://shop.example/"),
        (true, &[("Forwarded", "host=evil.example;proto=https")], "http://px.example/"),
    ] {
        let network = trusted.then(|| "127.0.0.1/32".to_owned());
        let api = Api::on(crate::harness::TestApp::start_with(|given| given.trusted_proxies = network).await).await;
        api.app.shop().await;
        let mut request = api.app.client.get(api.app.url("/imptracker?id=1")).header("Host", "px.example");
        request = request.header("Authorization", &api.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap().text().await.unwrap();
        assert!(answer.contains(expected), "{trusted} {headers:?}: {answer}");
        assert!(!answer.contains("evil.example"), "{trusted} {headers:?}: {answer}");
    }
}
