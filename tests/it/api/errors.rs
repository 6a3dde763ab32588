//! Every error of the table, with its status and whole body; wrong methods, unknown paths, malformed JSON.

use serde_json::json;

use super::{Api, refusal};

#[tokio::test]
async fn unknown_ids_and_paths_are_not_found() {
    let api = Api::start().await;
    for (path, text) in [
        ("/pixel?id=4", "pixel 4 not found"),
        ("/pixel?code=nope", "pixel with code \"nope\" not found"),
        ("/pixel?advertiser_code=nope", "advertiser with code \"nope\" not found"),
        ("/line-item?id=4", "line item 4 not found"),
        ("/user?id=9", "user 9 not found"),
        ("/pixel/bogus", "/pixel/bogus not found: there is no such service here"),
        ("/deal", "/deal not found: there is no such service here"),
    ] {
        let (status, answer) = api.call("GET", path, None).await;
        let service = answer["service"].as_str().unwrap().to_owned();
        assert_eq!((status, answer), (404, refusal(&service, "GET", "SYNTAX", text)), "{path}");
    }
    for method in ["PUT", "DELETE"] {
        let body = (method == "PUT").then(|| json!({"pixel": {"name": "x"}}));
        let answer = api.call(method, "/pixel?id=4", body).await;
        assert_eq!(answer, (404, refusal("pixel", method, "SYNTAX", "pixel 4 not found")));
    }
    assert_eq!(api.get("/pixel?id=4,5").await["pixels"], json!([]), "a list of ids is a list, even an empty one");
}

#[tokio::test]
async fn a_wrong_method_is_a_bad_request_and_never_405() {
    let api = Api::start().await;
    for method in ["PATCH", "OPTIONS", "PURGE"] {
        let text = format!("pixel does not take {method}; it takes GET, POST, PUT and DELETE");
        assert_eq!(api.call(method, "/pixel", None).await, (400, refusal("pixel", method, "SYNTAX", &text)));
    }
    let text = "pixel does not take POST; it takes GET";
    assert_eq!(api.call("POST", "/pixel/meta", None).await, (400, refusal("pixel", "POST", "SYNTAX", text)));
    let text = "member does not take DELETE; it takes GET and PUT";
    assert_eq!(api.call("DELETE", "/member", None).await, (400, refusal("member", "DELETE", "SYNTAX", text)));
    let text = "user does not take DELETE; it takes GET, POST and PUT; a user is deactivated, not deleted";
    assert_eq!(api.call("DELETE", "/user?id=1", None).await, (400, refusal("user", "DELETE", "SYNTAX", text)));
}

#[tokio::test]
async fn malformed_bodies_are_refused_with_their_error() {
    let api = Api::start().await;
    let wanted = r#"the body must be a JSON object with "pixel" inside"#;
    for (body, text) in [
        ("{bad", "the body is not valid JSON: key must be a string at line 1 column 2"),
        ("name=x", "the body is not valid JSON: expected ident at line 1 column 2"),
        ("", wanted),
        ("[]", wanted),
        ("5", wanted),
        (r#"{"name": "x"}"#, wanted),
        (r#"{"pixels": []}"#, wanted),
        (r#"{"pixel": 5}"#, "pixel must be an object"),
        (r#"{"pixel": [{"name": "x"}]}"#, "pixel must be an object"),
    ] {
        let answer = api.send("POST", "/pixel?advertiser_id=1", Some(&api.token), Some(body)).await;
        assert_eq!(answer, (400, refusal("pixel", "POST", "SYNTAX", text)), "{body}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let (status, answer) = api.send("POST", "/pixel", Some(&api.token), Some(&deep)).await;
    assert_eq!((status, answer["error_id"].as_str()), (400, Some("SYNTAX")));
    let answer = api.send("GET", "/pixel", Some(&api.token), Some("[1]")).await;
    let text = "the body of a GET or DELETE must be a JSON object of parameters";
    assert_eq!(answer, (400, refusal("pixel", "GET", "SYNTAX", text)));
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_refused_in_the_envelope() {
    let api = Api::start().await;
    let id = api.advertiser("Shop").await;
    let body = |name: String| json!({"advertiser": {"name": name}}).to_string();
    for length in [1024 * 1024, 2 * 1024 * 1024] {
        let over = body("x".repeat(length));
        let answer = api.send("PUT", &format!("/advertiser?id={id}"), Some(&api.token), Some(&over)).await;
        let text = "the body is too large: at most 1048576 bytes are taken";
        assert_eq!(answer, (400, refusal("advertiser", "PUT", "SYNTAX", text)));
    }
    let empty = body(String::new()).len();
    let (_, answer) = {
        let fits = body("x".repeat(1024 * 1024 - empty));
        api.send("PUT", &format!("/advertiser?id={id}"), Some(&api.token), Some(&fits)).await
    };
    assert_eq!(answer["error"], "name must be at most 255 characters, and has 1048550");
}

#[tokio::test]
async fn fields_that_break_their_rules_are_named_together() {
    let api = Api::start().await;
    let id = api.advertiser("Shop").await;
    let post = format!("/pixel?advertiser_id={id}");
    for (pixel, text) in [
        (json!({}), "name is required"),
        (json!({"name": null}), "name is required"),
        (json!({"name": " "}), "name is required and must not be blank"),
        (json!({"name": ["x"]}), r#"name must be a text, and is ["x"]"#),
        (
            json!({"name": "x", "state": "on", "trigger_type": "both", "min_minutes_per_conv": "often"}),
            "state must be one of active, inactive, and is \"on\"; \
             trigger_type must be one of view, click, hybrid, and is \"both\"; \
             min_minutes_per_conv must be a whole number from 0 to 4294967295, and is \"often\"",
        ),
        (
            json!({"name": "x", "min_minutes_per_conv": 32768, "post_view_expire_mins": 43201, "post_click_expire_mins": 129_601}),
            "min_minutes_per_conv must be from 0 to 32767 minutes (22 days), and is 32768; \
             post_click_expire_mins must be from 0 to 129600 minutes (90 days), and is 129601; \
             post_view_expire_mins must be from 0 to 43200 minutes (30 days), and is 43201",
        ),
        (json!({"name": "x", "post_view_value": -1}), "post_view_value must be 0 or more, and is -1"),
        (
            json!({"name": "x", "post_view_value": "1.0000001"}),
            "post_view_value may have at most 6 decimals, and is \"1.0000001\"",
        ),
        (
            json!({"name": "x", "pixel_conversion_event_id": 1}),
            "pixel_conversion_event_id must be null or from 2 (LandingPage) to 8 (Lead), and is 1",
        ),
        (
            json!({"name": "x", "piggyback_pixels": [{"pixel_type": "gif", "url": "https://a.example/"}]}),
            "piggyback_pixels[0].pixel_type must be one of js, img, and is \"gif\"",
        ),
        (
            json!({"name": "x", "piggyback_pixels": [{"pixel_type": "js", "url": "javascript:alert(1)"}]}),
            "piggyback_pixels[0].url must be an absolute http or https URL, and is \"javascript:alert(1)\"",
        ),
        (
            json!({"name": "x", "piggyback_pixels": [{"url": "https://a.example/"}]}),
            "piggyback_pixels[0].pixel_type must be one of js, img, and is null",
        ),
    ] {
        let answer = api.call("POST", &post, Some(json!({"pixel": pixel}))).await;
        assert_eq!(answer, (400, refusal("pixel", "POST", "SYNTAX", text)), "{pixel}");
    }
    assert_eq!(api.get("/pixel").await["count"], 0, "nothing of it was created");
}

#[tokio::test]
async fn addresses_that_do_not_fit_together_are_refused() {
    let api = Api::start().await;
    let (one, other) = (api.advertiser("One").await, api.advertiser("Other").await);
    let pixel = api.pixel(one, "Pixel").await;
    let body = || Some(json!({"pixel": {"name": "x"}}));
    for (method, path, body, status, text) in [
        ("PUT", "/pixel".to_owned(), body(), 400, "id is required: which object is meant?".to_owned()),
        ("DELETE", "/pixel".to_owned(), None, 400, "id is required: which object is meant?".to_owned()),
        ("DELETE", "/pixel?id=1,2".to_owned(), None, 400, "id must name exactly one object by its number".to_owned()),
        ("PUT", "/pixel?id=x".to_owned(), body(), 400, "id must name exactly one object by its number".to_owned()),
        (
            "PUT",
            format!("/pixel?id={pixel}"),
            Some(json!({"pixel": {"id": pixel + 1}})),
            400,
            format!("id is {pixel} in the query and {} in the body; which is meant?", pixel + 1),
        ),
        (
            "POST",
            format!("/pixel?advertiser_id={one}"),
            Some(json!({"pixel": {"name": "x", "advertiser_id": other}})),
            400,
            format!("the request names advertiser {one} and advertiser {other}; which is meant?"),
        ),
        ("POST", "/pixel?advertiser_id=99".to_owned(), body(), 404, "advertiser 99 not found".to_owned()),
        ("PUT", format!("/pixel?id={pixel}&advertiser_id={other}"), body(), 404, format!("pixel {pixel} not found")),
        (
            "PUT",
            format!("/pixel?id={pixel}"),
            Some(json!({"pixel": {"advertiser_id": other}})),
            400,
            "advertiser_id cannot change".to_owned(),
        ),
    ] {
        let answer = api.call(method, &path, body).await;
        assert_eq!(answer, (status, refusal("pixel", method, "SYNTAX", &text)), "{method} {path}");
    }
}

#[tokio::test]
async fn inconsistent_changes_are_refused_as_integrity() {
    let api = Api::start().await;
    let (one, other) = (api.advertiser("One").await, api.advertiser("Other").await);
    let body = json!({"pixel": {"name": "Pixel", "code": "sale"}});
    api.post(&format!("/pixel?advertiser_id={one}"), body.clone()).await;
    api.post(&format!("/pixel?advertiser_id={other}"), body.clone()).await;
    let again = api.call("POST", &format!("/pixel?advertiser_id={one}"), Some(body)).await;
    let text = "code \"sale\" is already used by pixel 1; choose another";
    assert_eq!(again, (409, refusal("pixel", "POST", "INTEGRITY", text)));
    let foreign = json!({"line-item": {"name": "Item", "pixels": [{"id": 2}]}});
    let refused = api.call("POST", &format!("/line-item?advertiser_id={one}"), Some(foreign)).await;
    let text = format!("pixels[0].id names pixel 2, which does not belong to advertiser {one}");
    assert_eq!(refused, (409, refusal("line-item", "POST", "INTEGRITY", &text)));
    assert_eq!(
        api.refused("PUT", "/pixel?code=sale", Some(json!({"pixel": {}}))).await,
        (400, "SYNTAX".into(), "code names more than one object; name the advertiser_id too".into())
    );
    assert_eq!(api.get("/pixel?code=sale").await["count"], 2, "both are listed");
}

#[tokio::test]
async fn more_than_twenty_pixels_on_a_line_item_is_limit() {
    let api = Api::start().await;
    let advertiser = api.advertiser("One").await;
    let mut pixels = Vec::new();
    for n in 0..21 {
        pixels.push(json!({"id": api.pixel(advertiser, &format!("Pixel {n}")).await}));
    }
    let path = format!("/line-item?advertiser_id={advertiser}");
    let refused = api.call("POST", &path, Some(json!({"line-item": {"name": "Item", "pixels": pixels}}))).await;
    let text = "pixels may hold at most 20 pixels per line item, and holds 21";
    assert_eq!(refused, (409, refusal("line-item", "POST", "LIMIT", text)));
    pixels.pop();
    api.post(&path, json!({"line-item": {"name": "Item", "pixels": pixels}})).await;
    let path = "/line-item?id=1&append=true";
    let refused = api.call("PUT", path, Some(json!({"line-item": {"pixels": [{"id": 21}]}}))).await;
    assert_eq!(refused, (409, refusal("line-item", "PUT", "LIMIT", text)));
}

#[tokio::test]
async fn a_body_may_begin_with_a_byte_order_mark_under_any_content_type() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let report = r#"{"report": {"report_type": "pixel_fired", "columns": ["pixel_id"]}}"#;
    let auth = format!(r#"{{"auth": {{"username": "ann", "password": "{}"}}}}"#, super::PASSWORD);
    let bodies = [
        ("POST", "/auth".to_owned(), auth.as_str()),
        ("POST", format!("/pixel?advertiser_id={advertiser}"), r#"{"pixel": {"name": "Sale"}}"#),
        ("PUT", "/pixel?id=1".to_owned(), r#"{"pixel": {"name": "Sold"}}"#),
        ("GET", "/pixel".to_owned(), r#"{"id": 1}"#),
        ("POST", "/report".to_owned(), report),
        ("DELETE", "/pixel".to_owned(), r#"{"id": 1}"#),
    ];
    let send = async |method: &str, path: &str, kind: Option<&str>, body: Vec<u8>| {
        let request = api.app.client.request(method.parse().unwrap(), api.app.url(path));
        let request = kind.into_iter().fold(request, |request, kind| request.header("content-type", kind));
        let response = request.header("authorization", &api.token).body(body).send().await.unwrap();
        (response.status().as_u16(), super::opened(&response.text().await.unwrap()))
    };
    for kind in [None, Some("application/json; charset=utf-8"), Some("text/plain"), Some("TEXT/JSON"), Some("x")] {
        for (method, path, body) in &bodies {
            // Each round deletes what it made.
            let path = path.replace("id=1", &format!("id={}", latest_pixel(&api).await));
            let body = body.replace("\"id\": 1", &format!("\"id\": {}", latest_pixel(&api).await));
            let (status, answer) = send(method, &path, kind, format!("\u{feff}{body}").into_bytes()).await;
            assert_eq!((status, &answer["status"]), (200, &json!("OK")), "{kind:?} {method} {path}: {answer}");
        }
    }
    for (method, path, body) in bodies {
        for (mark, bytes) in [(0xfeff, u16::to_le_bytes as fn(u16) -> [u8; 2]), (0xfeff, u16::to_be_bytes)] {
            for with_mark in [true, false] {
                let units = with_mark.then_some(mark).into_iter().chain(body.encode_utf16());
                let (status, answer) = send(method, &path, None, units.flat_map(bytes).collect()).await;
                let expected = (415, &json!("SYNTAX"), &json!("the body cannot be read: it is UTF-16; send UTF-8"));
                assert_eq!((status, &answer["error_id"], &answer["error"]), expected, "{method} {path}: {answer}");
            }
        }
    }
    // A mark alone is no body.
    let (status, answer) = send("GET", "/pixel", None, b"\xef\xbb\xbf".to_vec()).await;
    assert_eq!(status, 200, "{answer}");
}

async fn latest_pixel(api: &Api) -> i64 {
    let pixels = api.get("/pixel?sort=id.desc&num_elements=1").await;
    pixels["pixels"][0]["id"].as_i64().unwrap_or(1)
}
