//! The limits of requests a minute, and what every answer tells of them.

use serde_json::{Value, json};

use crate::api::{Api, PASSWORD};
use crate::harness::TestApp;

async fn few() -> Api {
    let app = TestApp::start_with(|given| {
        given.api_reads_per_minute = Some("4".to_owned());
        given.api_writes_per_minute = Some("2".to_owned());
    });
    let app = app.await;
    let auth = pixeld::auth::Auth::start(app.store.clone()).unwrap();
    let by = pixeld::domain::Caller::shell().admin().unwrap();
    for name in ["ann", "bob"] {
        let user = pixeld::domain::User::new(name, pixeld::domain::Role::Admin);
        auth.create_user(&by, user, PASSWORD).await.unwrap();
    }
    Api { app, token: String::new() }
}

async fn token(api: &Api, name: &str) -> String {
    let body = json!({"auth": {"username": name, "password": PASSWORD}}).to_string();
    let answer: Value = api.raw("POST", "/auth", None, Some(&body)).await.json().await.unwrap();
    answer["response"]["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn over_the_limit_is_429_with_retry_after_until_time_has_passed() {
    let api = few().await;
    let (ann, bob) = (token(&api, "ann").await, token(&api, "bob").await);
    for used in 1..=4 {
        let response = api.raw("GET", "/member", Some(&ann), None).await;
        assert_eq!(response.status(), 200);
        let headers = response.headers();
        assert_eq!(
            (&headers["x-ratelimit-read"], &headers["x-ratelimit-write"]),
            (&"4".parse().unwrap(), &"2".parse().unwrap())
        );
        let answer: Value = response.json().await.unwrap();
        let info = &answer["response"]["dbg_info"];
        assert_eq!((&info["reads"], &info["read_limit"], &info["writes"]), (&json!(used), &json!(4), &json!(0)));
    }
    let response = api.raw("GET", "/member", Some(&ann), None).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "15"));
    let answer: Value = response.json().await.unwrap();
    assert_eq!(
        answer,
        json!({"response": {
            "error_id": "SYSTEM",
            "error": "more than 4 reads a minute; try again in 15 seconds",
            "error_description": null,
            "error_code": "RATE_EXCEEDED",
            "service": "member",
            "method": "GET",
            "dbg_info": {
                "output_term": "not_found",
                "version": env!("CARGO_PKG_VERSION"),
                "warnings": [],
                "time": 0,
                "reads": 4,
                "read_limit": 4,
                "read_limit_seconds": 60,
                "writes": 0,
                "write_limit": 2,
                "write_limit_seconds": 60,
            },
        }})
    );
    assert_eq!(api.raw("GET", "/member", Some(&bob), None).await.status(), 200, "each user has a limit of its own");
    assert_eq!(api.raw("GET", "/member", None, None).await.status(), 401);
    api.app.clock.set(api.app.clock.now().plus(15_000));
    assert_eq!(api.raw("GET", "/member", Some(&ann), None).await.status(), 200);
    assert_eq!(api.raw("GET", "/member", Some(&ann), None).await.status(), 429);
}

#[tokio::test]
async fn writes_have_a_limit_of_their_own() {
    let api = few().await;
    let ann = token(&api, "ann").await;
    let body = json!({"publisher": {"name": "Daily News"}}).to_string();
    for _ in 0..2 {
        assert_eq!(api.raw("POST", "/publisher", Some(&ann), Some(&body)).await.status(), 200);
    }
    let answer = api.raw("POST", "/publisher", Some(&ann), Some(&body)).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, "30"));
    let answer: Value = api.raw("GET", "/publisher", Some(&ann), None).await.json().await.unwrap();
    let response = &answer["response"];
    assert_eq!((&response["count"], &response["dbg_info"]["writes"]), (&json!(2), &json!(2)));
    api.app.clock.set(api.app.clock.now().plus(30_000));
    let answer: Value = api.raw("GET", "/publisher", Some(&ann), None).await.json().await.unwrap();
    assert_eq!(answer["response"]["dbg_info"]["writes"], 1, "half of it has come back");
}

#[tokio::test]
async fn a_token_is_counted_by_itself_and_not_by_its_name() {
    let api = few().await;
    let by = pixeld::domain::Caller::shell().admin().unwrap();
    let token = pixeld::domain::ApiToken::new("ann", pixeld::domain::Role::Viewer, None);
    for _ in 0..2 {
        let (secret, made) = api.app.auth.create_token(&by, token.clone()).await.unwrap();
        for status in [200, 200, 200, 200, 429] {
            assert_eq!(api.raw("GET", "/member", Some(secret.expose()), None).await.status(), status);
        }
        // The next token of this name begins at zero.
        api.app.store.revoke_token(&by, made.id).await.unwrap();
    }
    let ann = self::token(&api, "ann").await;
    assert_eq!(api.raw("GET", "/member", Some(&ann), None).await.status(), 200, "nor does a user share its limit");
}
