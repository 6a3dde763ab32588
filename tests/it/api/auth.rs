//! Signing in to the API, where a request carries its token, and how long the token lives.

use pixeld::auth::{Auth, Origin};
use pixeld::domain::{ApiToken, Caller, Role, Status};
use serde_json::{Value, json};

use super::{Api, PASSWORD, opened, refusal};
use crate::harness::TestApp;

fn credentials(username: &str, password: &str) -> String {
    json!({"auth": {"username": username, "password": password}}).to_string()
}

#[tokio::test]
async fn a_sign_in_answers_the_token_in_the_body_and_as_a_cookie() {
    let api = Api::start().await;
    let response = api.raw("POST", "/auth", None, Some(&credentials("ann", PASSWORD))).await;
    assert_eq!(response.status(), 200);
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    let body = opened(&response.text().await.unwrap());
    let token = body["token"].as_str().unwrap().to_owned();
    assert_eq!(body, json!({"status": "OK", "token": token, "dbg_info": {"output_term": "token"}}));
    assert_eq!(cookie, format!("pixeld_token={token}; HttpOnly; SameSite=Strict; Path=/"));
    assert_eq!((token.len(), token.bytes().all(|digit| digit.is_ascii_hexdigit())), (64, true));
    let headers = [
        ("Authorization", token.clone()),
        ("Authorization", format!("Bearer {token}")),
        ("Authorization", format!("bearer {token}")),
        ("Cookie", format!("other=1; pixeld_token={token}")),
    ];
    for (name, value) in headers {
        let answer = api.app.get("/member", &[(name, &value)]).await;
        assert_eq!(answer.status(), 200, "{name}: {value}");
    }
    let both = [("Authorization", "junk"), ("Cookie", &format!("pixeld_token={token}"))];
    assert_eq!(api.app.get("/member", &both).await.status(), 401, "the header is what counts");
}

#[tokio::test]
async fn the_cookie_is_secure_behind_a_proxy_that_speaks_https() {
    let app = TestApp::start_with(|given| given.trusted_proxies = Some("127.0.0.1".to_owned())).await;
    let api = Api::on(app).await;
    let request = api.app.client.post(api.app.url("/auth")).header("X-Forwarded-Proto", "https");
    let response = request.body(credentials("ann", PASSWORD)).send().await.unwrap();
    assert!(response.headers()["set-cookie"].to_str().unwrap().contains("; Secure"));
}

#[tokio::test]
async fn without_a_good_token_every_service_answers_noauth() {
    let api = Api::start().await;
    let none = "no token was sent; get one by POST /auth and send it as Authorization header or cookie";
    for service in ["pixel", "advertiser", "line-item", "user", "member", "segment", "imptracker"] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let answer = api.send(method, &format!("/{service}"), None, None).await;
            assert_eq!(answer, (401, refusal(service, method, "NOAUTH", none)));
        }
        let meta = api.send("GET", &format!("/{service}/meta"), None, None).await;
        assert_eq!(meta, (401, refusal(service, "GET", "NOAUTH", none)));
    }
    for junk in ["junk", "", "Bearer ", "Basic YW5uOnNlY3JldA==", &"0".repeat(64)] {
        let answer = api.send("GET", "/pixel", Some(junk), None).await;
        let unknown = "the token is unknown; sign in again";
        assert_eq!(answer, (401, refusal("pixel", "GET", "NOAUTH", unknown)), "{junk:?}");
    }
}

#[tokio::test]
async fn wrong_sign_ins_all_get_the_same_answer() {
    let api = Api::start().await;
    let wrong = (401, refusal("auth", "POST", "NOAUTH", "the user name or the password is wrong"));
    for (username, password) in [("ann", "wrong horse"), ("nobody", PASSWORD), ("", "")] {
        let answer = api.send("POST", "/auth", None, Some(&credentials(username, password))).await;
        assert_eq!(answer, wrong, "{username}");
    }
}

#[tokio::test]
async fn malformed_sign_ins_are_refused_with_the_expected_shape() {
    let api = Api::start().await;
    let wanted = r#"auth.username is required: send {"auth": {"username": "...", "password": "..."}}"#;
    for (body, error) in [
        ("", wanted),
        ("{}", wanted),
        ("[]", wanted),
        ("username=ann&password=x", "the body is not valid JSON: expected value at line 1 column 1"),
        (r#"{"auth": {"username": 5}}"#, "auth.username must be a text, and is 5"),
    ] {
        let answer = api.send("POST", "/auth", None, Some(body)).await;
        assert_eq!(answer, (400, refusal("auth", "POST", "SYNTAX", error)), "{body}");
    }
    for method in ["GET", "PUT", "DELETE"] {
        let error = format!("auth does not take {method}; it takes POST");
        assert_eq!(api.send(method, "/auth", None, None).await, (400, refusal("auth", method, "SYNTAX", &error)));
    }
}

#[tokio::test]
async fn guessing_is_throttled_with_retry_after() {
    let api = Api::start().await;
    for _ in 0..5 {
        api.send("POST", "/auth", None, Some(&credentials("Ann", "wrong horse"))).await;
    }
    let response = api.raw("POST", "/auth", None, Some(&credentials("ann", PASSWORD))).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "15"));
    let body = opened(&response.text().await.unwrap());
    let mut expected = refusal("auth", "POST", "SYSTEM", "too many failed sign-ins; try again in 15 seconds");
    expected["error_code"] = json!("RATE_EXCEEDED");
    assert_eq!(body, expected);
    assert_eq!(api.call("GET", "/member", None).await.0, 200, "who is signed in stays so");
    api.app.wait_minutes(1);
    api.sign_in("ann").await;
}

#[tokio::test]
async fn a_token_lives_two_hours_after_its_last_use_and_a_day_at_most() {
    let api = Api::start().await;
    let expired = refusal("member", "GET", "NOAUTH_EXPIRED", "the token has expired; sign in again");
    let idle = api.sign_in("ann").await;
    for _ in 0..12 {
        api.app.wait_minutes(120);
        assert_eq!(api.call("GET", "/member", None).await.0, 200);
    }
    assert_eq!(api.send("GET", "/member", Some(&idle), None).await, (401, expired.clone()));
    api.app.wait_minutes(1);
    assert_eq!(api.call("GET", "/member", None).await, (401, expired));
}

#[tokio::test]
async fn an_inactive_user_is_out_at_once() {
    let api = Api::start().await;
    let bob = api.user("bob", Role::Editor, None).await;
    let token = api.sign_in("bob").await;
    let by = Caller::shell().admin().unwrap();
    let off = |user: &mut pixeld::domain::User| {
        user.state = Status::Inactive;
        Ok(())
    };
    api.app.store.update_user(&by, bob.id, off).await.unwrap();
    let text = "this account is inactive; ask an admin to activate it";
    let answer = api.send("GET", "/member", Some(&token), None).await;
    assert_eq!(answer, (401, refusal("member", "GET", "NOAUTH_DISABLED", text)));
    let answer = api.send("POST", "/auth", None, Some(&credentials("bob", PASSWORD))).await;
    assert_eq!(answer, (401, refusal("auth", "POST", "NOAUTH_DISABLED", text)));
}

#[tokio::test]
async fn a_long_lived_token_works_in_the_same_header() {
    let api = Api::start().await;
    let auth = Auth::start(api.app.store.clone()).unwrap();
    let by = Caller::shell().admin().unwrap();
    let (secret, token) = auth.create_token(&by, ApiToken::new("warehouse", Role::Viewer, None)).await.unwrap();
    api.app.wait_minutes(60 * 24 * 400);
    let (status, answer) = api.send("GET", "/user?current", Some(secret.expose()), None).await;
    assert_eq!((status, &answer["user"]["username"], &answer["user"]["id"]), (200, &json!("warehouse"), &Value::Null));
    api.app.store.revoke_token(&by, token.id).await.unwrap();
    assert_eq!(api.send("GET", "/member", Some(secret.expose()), None).await.0, 401);
}

#[tokio::test]
async fn a_browser_session_is_no_api_token() {
    let api = Api::start().await;
    let auth = Auth::start(api.app.store.clone()).unwrap();
    let kind = pixeld::domain::SessionKind::Browser;
    let (secret, _) = auth.sign_in(kind, "ann", PASSWORD, &Origin::default()).await.unwrap();
    assert_eq!(api.send("GET", "/member", Some(secret.expose()), None).await.0, 401);
}
