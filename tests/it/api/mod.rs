//! The management API against the real application: right and wrong requests with status and whole body.

mod audit;
mod auth;
mod bounds;
mod conversions;
mod errors;
mod lists;
mod memberships;
mod openapi;
mod published_examples;
pub mod report_sums;
pub mod reports;
mod roles;
mod services;
mod strangers;
mod users;
mod versions;

use std::collections::BTreeSet;

use pixeld::auth::Auth;
use pixeld::domain::{AdvertiserId, Caller, Role, User};
use serde_json::{Value, json};

use crate::harness::TestApp;

/// Every user's password in these tests.
pub const PASSWORD: &str = "correct horse";

/// The application with an admin signed in to its API.
pub struct Api {
    pub app: TestApp,
    pub token: String,
}

impl Api {
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        Self::on(app).await
    }

    pub async fn on(app: TestApp) -> Self {
        let mut api = Api { app, token: String::new() };
        api.user("ann", Role::Admin, None).await;
        api.token = api.sign_in("ann").await;
        api
    }

    pub async fn user(&self, name: &str, role: Role, advertiser: Option<AdvertiserId>) -> User {
        let auth = Auth::start(self.app.store.clone()).unwrap();
        let by = Caller::shell().admin().unwrap();
        let user = User { advertiser_id: advertiser, ..User::new(name, role) };
        auth.create_user(&by, user, PASSWORD).await.unwrap()
    }

    pub async fn sign_in(&self, name: &str) -> String {
        let body = json!({"auth": {"username": name, "password": PASSWORD}}).to_string();
        let (status, answer) = self.send("POST", "/auth", None, Some(&body)).await;
        assert_eq!(status, 200, "{answer}");
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Sends a request as curl does with `-d`: whatever the body, it is called a form.
    pub async fn raw(&self, method: &str, path: &str, token: Option<&str>, body: Option<&str>) -> reqwest::Response {
        let mut request = self.app.client.request(method.parse().unwrap(), self.app.url(path));
        if let Some(token) = token {
            request = request.header("Authorization", token);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body.to_owned());
        }
        request.send().await.unwrap()
    }

    /// The same, answered with the status and what is inside `response`, `dbg_info` checked and cut short.
    pub async fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<&str>) -> (u16, Value) {
        let response = self.raw(method, path, token, body).await;
        let status = response.status().as_u16();
        assert_eq!(response.headers()["content-type"], "application/json", "{method} {path}");
        assert_eq!(response.headers()["x-ratelimit-read"], "1000");
        assert_eq!(response.headers()["x-ratelimit-write"], "1000");
        let text = response.text().await.unwrap();
        (status, opened(&text))
    }

    /// As the admin.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| body.to_string());
        self.send(method, path, Some(&self.token), body.as_deref()).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.done("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.done("POST", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.done("PUT", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Value {
        self.done("DELETE", path, None).await
    }

    async fn done(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.call(method, path, body).await;
        assert_eq!((status, answer["status"].as_str()), (200, Some("OK")), "{method} {path}: {answer}");
        answer
    }

    /// The status, error_id and text of a refusal.
    pub async fn refused(&self, method: &str, path: &str, body: Option<Value>) -> (u16, String, String) {
        let (status, answer) = self.call(method, path, body).await;
        let text = |key: &str| answer[key].as_str().unwrap_or_else(|| panic!("{method} {path}: {answer}")).to_owned();
        (status, text("error_id"), text("error"))
    }

    /// Creates an advertiser and answers its id.
    pub async fn advertiser(&self, name: &str) -> i64 {
        self.post("/advertiser", json!({"advertiser": {"name": name}})).await["id"].as_i64().unwrap()
    }

    /// Creates a pixel and answers its id.
    pub async fn pixel(&self, advertiser: i64, name: &str) -> i64 {
        let path = format!("/pixel?advertiser_id={advertiser}");
        self.post(&path, json!({"pixel": {"name": name}})).await["id"].as_i64().unwrap()
    }
}

/// The inside of an envelope. Checks what every answer has in common, and leaves of `dbg_info` only what differs.
pub fn opened(text: &str) -> Value {
    let mut whole: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}"));
    assert_eq!(whole.as_object().unwrap().len(), 1, "{text}");
    let mut response = whole["response"].take();
    let info = response["dbg_info"].take();
    let names: BTreeSet<_> = info.as_object().unwrap().keys().map(String::as_str).collect();
    let numbers = ["time", "reads", "read_limit", "read_limit_seconds", "writes", "write_limit", "write_limit_seconds"];
    let all: BTreeSet<_> = numbers.into_iter().chain(["output_term", "version", "warnings"]).collect();
    assert_eq!(names, all);
    for name in numbers {
        assert!(info[name].is_u64(), "{name} in {info}");
    }
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    let term = info["output_term"].as_str().unwrap();
    assert!(term == "not_found" || !response[term].is_null(), "output_term {term} in {text}");
    if response["status"] == "OK" {
        assert!(["error", "error_id", "error_code"].iter().all(|key| response.get(key).is_none()), "{text}");
    } else {
        assert!(response["error"].is_string() && response["error_id"].is_string(), "{text}");
        assert!(response.get("status").is_none(), "{text}");
    }
    let mut kept = json!({"output_term": info["output_term"]});
    if info["warnings"] != json!([]) {
        kept["warnings"] = info["warnings"].clone();
    }
    response["dbg_info"] = kept;
    response
}

/// The whole answer of a refused request.
pub fn refusal(service: &str, method: &str, error_id: &str, error: &str) -> Value {
    json!({
        "error_id": error_id,
        "error": error,
        "error_description": null,
        "error_code": null,
        "service": service,
        "method": method,
        "dbg_info": {"output_term": "not_found"},
    })
}
