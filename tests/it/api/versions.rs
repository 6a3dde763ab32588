//! `If-Match`: a change that is based on what the client read.

use serde_json::{Value, json};

use super::{Api, PASSWORD, opened, refusal};

const CHANGED: &str = "it was changed since you read it, so If-Match does not hold; GET it again, and send your change \
    with its new ETag";

impl Api {
    /// Status, version and body of an answer.
    async fn versioned(&self, method: &str, path: &str, tag: &str, body: Option<&Value>) -> (u16, String, Value) {
        let mut request = self.app.client.request(method.parse().unwrap(), self.app.url(path));
        request = request.header("Authorization", &self.token);
        if !tag.is_empty() {
            request = request.header("If-Match", tag);
        }
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let tag = answer.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned()).unwrap_or_default();
        (answer.status().as_u16(), tag, opened(&answer.text().await.unwrap()))
    }
}

/// A service with the body of a new object, and the field that changes with two values.
fn cases() -> Vec<(&'static str, &'static str, Value, &'static str, [Value; 2])> {
    let names = || [json!("Annas"), json!("Berts")];
    vec![
        ("advertiser", "advertiser", json!({"name": "Other"}), "name", names()),
        ("pixel", "pixel", json!({"advertiser_id": 1, "name": "Sale"}), "name", names()),
        (
            "line-item",
            "line-item",
            json!({"advertiser_id": 1, "name": "All", "pixels": [{"id": 1, "post_click_revenue": 5}]}),
            "name",
            names(),
        ),
        ("campaign", "campaign", json!({"advertiser_id": 1, "line_item_id": 1, "name": "Spring"}), "name", names()),
        ("publisher", "publisher", json!({"name": "News"}), "name", names()),
        (
            "imptracker",
            "imptracker",
            json!({"advertiser_id": 1, "name": "Views", "line_item": {"id": 1}, "publisher": {"id": 1}}),
            "name",
            names(),
        ),
        (
            "source",
            "source",
            json!({"advertiser_id": 1, "name": "Ads", "line_item_id": 1, "match": {"click_id": "gclid"}}),
            "name",
            names(),
        ),
        ("segment", "segment", json!({"short_name": "Cart"}), "short_name", names()),
        (
            "cost",
            "cost",
            json!({"day": "2026-09-30", "line_item_id": 1, "amount": 5, "currency": "EUR"}),
            "amount",
            [json!(6), json!(7)],
        ),
        (
            "user",
            "user",
            json!({"username": "bob", "password": PASSWORD, "role": "viewer"}),
            "role",
            [json!("editor"), json!("admin")],
        ),
    ]
}

#[tokio::test]
async fn a_put_with_a_version_changes_only_what_the_client_read() {
    let api = Api::start().await;
    api.advertiser("Shop").await;
    for (service, key, new, field, [hers, his]) in cases() {
        let made = api.post(&format!("/{service}"), json!({ key: new })).await;
        let path = format!("/{service}?id={}", made["id"]);
        let (status, read, before) = api.versioned("GET", &path, "", None).await;
        assert!(status == 200 && read.starts_with('"') && read.len() == 18, "{path}: {read} {before}");
        let change = |value: &Value| json!({ key: { field: value } });

        let (status, next, answer) = api.versioned("PUT", &path, &read, Some(&change(&hers))).await;
        assert_eq!((status, &answer[key][field]), (200, &hers), "{path}: {answer}");
        assert_eq!(api.versioned("GET", &path, "", None).await.1, next, "{path}: PUT answers the version of GET");
        assert_ne!(next, read, "{path}");

        let (status, tag, answer) = api.versioned("PUT", &path, &read, Some(&change(&his))).await;
        assert_eq!((status, tag.as_str()), (412, ""), "{path}");
        assert_eq!(answer, refusal(service, "PUT", "INTEGRITY", CHANGED));
        assert_eq!(api.get(&path).await[key][field], hers, "{path}: nothing was changed");

        for (tag, status) in [(format!("\"x\", {next}"), 200), ("*".to_owned(), 200), (format!("W/{next}"), 412)] {
            assert_eq!(api.versioned("PUT", &path, &tag, Some(&change(&hers))).await.0, status, "{path} {tag}");
        }
        assert_eq!(api.versioned("PUT", &path, "", Some(&change(&his))).await.0, 200, "{path}: as without versions");
        assert_eq!(api.versioned("GET", &format!("/{service}"), "", None).await.1, "", "{path}: a list has none");
    }
}

#[tokio::test]
async fn a_precondition_that_cannot_be_read_is_refused() {
    let api = Api::start().await;
    api.advertiser("Shop").await;
    let text = "If-Match must hold the ETag of a GET in quotation marks, or *";
    for tag in ["abc", "\"abc", ",", " "] {
        let body = json!({"advertiser": {"name": "New"}});
        let (status, _, answer) = api.versioned("PUT", "/advertiser?id=1", tag, Some(&body)).await;
        assert_eq!((status, answer), (400, refusal("advertiser", "PUT", "SYNTAX", text)), "{tag:?}");
    }
    let body = json!({"member": {"name": "New"}});
    let (status, _, answer) = api.versioned("PUT", "/member", "*", Some(&body)).await;
    let text = "member does not take If-Match: its name is all that changes";
    assert_eq!((status, answer), (400, refusal("member", "PUT", "SYNTAX", text)));
    assert_ne!(api.get("/member").await["member"]["name"], "New");

    // A password stays, too, if the user changed meanwhile.
    let own = |password: &str| json!({"user": {"password": password, "current_password": PASSWORD}});
    let (status, _, answer) = api.versioned("PUT", "/user?current", "\"old\"", Some(&own("another horse"))).await;
    assert_eq!((status, answer), (412, refusal("user", "PUT", "INTEGRITY", CHANGED)));
    api.sign_in("ann").await;
}
