//! `/conversions` and `/adjustments`: the token they need, and requests that are refused as a whole.

mod adjustments;
mod events;
mod notes;
mod results;

use pixeld::auth::Secret;
use pixeld::domain::{AdvertiserId, ApiToken, Caller, PixelId, Role, Seq};
use reqwest::Response;
use serde_json::{Value, json};

use crate::collect::header;
use crate::harness::TestApp;

pub async fn token(app: &TestApp, role: Role, advertiser: Option<AdvertiserId>) -> String {
    let by = Caller::shell().admin().unwrap();
    let name = format!("shop {}", app.store.tokens(&by).await.unwrap().len());
    let (secret, _): (Secret, _) = app.auth.create_token(&by, ApiToken::new(name, role, advertiser)).await.unwrap();
    secret.expose().to_owned()
}

/// The name of the token that was made last.
async fn latest(app: &TestApp) -> String {
    let tokens = app.store.tokens(&Caller::shell().admin().unwrap()).await.unwrap();
    tokens.into_iter().max_by_key(|token| token.id).unwrap().name
}

async fn post(app: &TestApp, path: &str, token: &str, body: impl Into<reqwest::Body>) -> Response {
    let request = app.client.post(app.url(path)).header("authorization", format!("Bearer {token}"));
    request.body(body).send().await.unwrap()
}

/// Sends it as a collector for all advertisers; the status and the answer.
pub async fn sent(app: &TestApp, path: &str, body: &Value) -> (u16, Value) {
    sent_text(app, path, body.to_string()).await
}

/// The same, as it is written.
pub async fn sent_text(app: &TestApp, path: &str, body: String) -> (u16, Value) {
    let token = token(app, Role::Collector, None).await;
    status_and_body(post(app, path, &token, body).await).await
}

async fn status_and_body(response: Response) -> (u16, Value) {
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "pragma"), "no-cache");
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn sending_needs_a_token_with_the_right_role() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let other = app.advertiser("Other").await.id;
    let event = |id: PixelId| json!({"events": [{"pixel_id": id.0}]}).to_string();
    for path in ["/conversions", "/adjustments"] {
        let response = app.client.post(app.url(path)).body("{}").send().await.unwrap();
        assert_eq!(header(&response, "www-authenticate"), "Bearer");
        let expected = json!({"error": "no_token", "reason": "send an API token: Authorization: Bearer TOKEN"});
        assert_eq!(status_and_body(response).await, (401, expected));
        let (status, answer) = status_and_body(post(&app, path, "guessed", "{}").await).await;
        assert_eq!((status, &answer["error"]), (401, &json!("bad_token")));
        let viewer = token(&app, Role::Viewer, None).await;
        let expected = json!({"error": "denied", "reason": "the role viewer may not send conversions"});
        assert_eq!(status_and_body(post(&app, path, &viewer, "{}").await).await, (403, expected));
        // Each is kept without its body, which the server did not read.
        let kept = app.store.latest_rejected(&app.reader(), 3).await.unwrap();
        let kept: Vec<_> =
            kept.iter().map(|row| (row.path.as_str(), row.reason.as_str(), row.query.as_str())).collect();
        assert_eq!(kept, [(path, "denied", ""), (path, "bad_api_token", ""), (path, "no_token", "")]);
    }
    for (role, advertiser) in [
        (Role::Admin, None),
        (Role::Editor, None),
        (Role::Editor, Some(shop.advertiser.id)),
        (Role::Collector, Some(shop.advertiser.id)),
    ] {
        let token = token(&app, role, advertiser).await;
        assert_eq!(post(&app, "/conversions", &token, event(shop.pixel.id)).await.status(), 200, "{role}");
    }
    // The token alone is as good as with its scheme.
    let bare = token(&app, Role::Collector, None).await;
    let request = app.client.post(app.url("/conversions")).header("authorization", bare);
    assert_eq!(request.body(event(shop.pixel.id)).send().await.unwrap().status(), 200);
    // Another advertiser's pixel is unknown.
    let foreign = token(&app, Role::Collector, Some(other)).await;
    let (status, answer) = status_and_body(post(&app, "/conversions", &foreign, event(shop.pixel.id)).await).await;
    let rejected = json!([{"index": 0, "field": "pixel_id", "reason": "names no pixel"}]);
    assert_eq!((status, &answer["rejected"]), (422, &rejected));
}

#[tokio::test]
async fn a_body_without_a_list_of_events_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let token = token(&app, Role::Collector, None).await;
    let before = app.store.logged();
    let many = json!({"events": vec![json!({"pixel_id": id}); 1001]}).to_string();
    let long = format!(r#"{{"events": [], "x": "{}"}}"#, "y".repeat(256 * 1024));
    for (body, status, error) in [
        ("", 400, "not_json"),
        ("{", 400, "not_json"),
        ("[]", 400, "not_json"),
        ("{}", 400, "no_list"),
        (r#"{"events": {}}"#, 400, "no_list"),
        (&many, 400, "too_many"),
        (&long, 413, "body_too_long"),
    ] {
        let (answered, answer) = status_and_body(post(&app, "/conversions", &token, body.to_owned()).await).await;
        assert_eq!((answered, &answer["error"]), (status, &json!(error)), "{answer}");
        let kept = app.store.latest_rejected(&app.reader(), 1).await.unwrap().remove(0);
        // Values may name anybody, so the names at the top are all that is kept.
        let read = match body {
            "{}" => "{}",
            _ if matches!(error, "no_list" | "too_many") => r#"{"events":null}"#,
            _ => "",
        };
        assert_eq!((kept.reason.as_str(), kept.query.as_str()), (error, read));
        assert_eq!(json!(kept.message), answer["reason"], "{error}");
        assert_eq!((kept.path.as_str(), kept.ip.as_deref()), ("/conversions", Some("127.0.0.0")));
    }
    assert_eq!(app.store.logged(), before);
    let most = json!({"events": vec![json!({"pixel_id": id}); 1000]}).to_string();
    let answer = status_and_body(post(&app, "/conversions", &token, most).await).await;
    assert_eq!(answer, (200, json!({"accepted": 1000, "rejected": []})));
    assert_eq!(app.store.logged(), Seq(before.0 + 1000));
}

#[tokio::test]
async fn events_that_cannot_be_logged_are_not_taken_in_part() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let token = token(&app, Role::Collector, None).await;
    // The token's first use is noted before the writer stops.
    let body = json!({"events": [{"pixel_id": id}, {"pixel_id": id}]}).to_string();
    assert_eq!(post(&app, "/conversions", &token, body.clone()).await.status(), 200);
    let before = app.store.logged();
    app.store.stop();
    let response = post(&app, "/conversions", &token, body).await;
    assert_eq!(header(&response, "retry-after"), "30");
    let expected = json!({"error": "unavailable", "reason": "nothing was taken; send the whole request again"});
    assert_eq!(status_and_body(response).await, (503, expected));
    assert_eq!(app.store.logged(), before);
}
