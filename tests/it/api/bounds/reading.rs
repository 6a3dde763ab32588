//! What is read of a request, and for whom: nothing before the route is known and the caller may use it, and never more
//! than the bounds in `docs/rules/limits.md`.
//!
//! Each route gets the worst query and the worst body. The answer says how far the reading went: a refusal of the caller
//! or the method comes before any refusal of the query, and that one before any of the body.

use pixeld::domain::Role;
use serde_json::{Value, json};

use crate::api::{Api, PASSWORD, refusal};

/// As many different names as an address of 64 KiB holds.
fn names() -> String {
    (0..11_000).map(|n| format!("{n:x}")).collect::<Vec<_>>().join("&")
}

/// An object of nearly 1 MiB, with this many different names.
fn object(names: usize) -> String {
    let names: Vec<_> = (0..names).map(|n| format!("\"{n:x}\":1")).collect();
    format!("{{{}}}", names.join(","))
}

/// Every path of the description with its methods.
async fn routes(api: &Api) -> Vec<(String, Vec<String>)> {
    let document: Value = api.raw("GET", "/openapi.json", None, None).await.json().await.unwrap();
    let methods = |item: &Value| item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
    let paths = document["paths"].as_object().unwrap().iter();
    paths.map(|(path, item)| (path.replace("{id}", "1"), methods(item))).collect()
}

#[tokio::test]
async fn no_query_is_read_before_the_caller_may_use_the_route() {
    let api = Api::start().await;
    let mut tokens = vec![("nobody", None), ("a stranger", Some("1234".to_owned()))];
    for role in [Role::Collector, Role::Viewer, Role::Admin] {
        api.user(role.as_str(), role, None).await;
        tokens.push((role.as_str(), Some(api.sign_in(role.as_str()).await)));
    }
    let query = names();
    let routes = routes(&api).await;
    assert!(routes.len() > 30, "{routes:?}");
    for (path, methods) in routes.iter().filter(|(path, _)| !["/auth", "/openapi.json"].contains(&path.as_str())) {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            for (name, token) in &tokens {
                let answer = api.raw(method, &format!("{path}?{query}"), token.as_deref(), None).await;
                let status = answer.status().as_u16();
                let viewer_may = method == "GET" && path != "/audit"
                    || ["/report POST", "/user PUT", "/session DELETE"].contains(&format!("{path} {method}").as_str());
                let expected = match *name {
                    "nobody" | "a stranger" => 401,
                    "collector" => 403,
                    _ if !methods.iter().any(|known| known == method) => 400,
                    "viewer" if !viewer_may => 403,
                    _ => 414,
                };
                assert_eq!(status, expected, "{method} {path} by {name}");
            }
        }
    }
    let unknown = api.raw("GET", &format!("/deal?{query}"), None, None).await;
    assert_eq!(unknown.status(), 404);
    let body = json!({"auth": {"username": "viewer", "password": PASSWORD}}).to_string();
    assert_eq!(api.raw("POST", &format!("/auth?{query}"), None, Some(&body)).await.status(), 200);
}

#[tokio::test]
async fn no_body_is_read_before_the_caller_may_send_it() {
    let api = Api::start().await;
    api.user("bob", Role::Viewer, None).await;
    let bob = api.sign_in("bob").await;
    let body = object(90_000);
    let denied = "the role viewer may not change anything";
    for (method, status, error_id, text) in [
        ("GET", 400, "SYNTAX", "the body has 90000 fields; at most 5000 are taken"),
        ("POST", 403, "UNAUTH", denied),
        ("PUT", 403, "UNAUTH", denied),
        ("DELETE", 403, "UNAUTH", denied),
    ] {
        let (answered, answer) = api.send(method, "/pixel?id=9", Some(&bob), Some(&body)).await;
        assert_eq!((answered, answer), (status, refusal("pixel", method, error_id, text)), "{method}");
    }
}

#[tokio::test]
async fn a_request_has_at_most_so_many_parts() {
    let api = Api::start().await;
    let many = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    let parameters = "the request has more than 200 parameters; send fewer";
    let length = "the query string has 8193 bytes; at most 8192 are taken";
    for (path, body, status, text) in [
        (format!("/pixel?{}", many(201)), None, 400, parameters),
        (format!("/pixel?{}", "id=1&".repeat(201)), None, 400, parameters),
        (format!("/pixel?{}", "a".repeat(8 * 1024 + 1)), None, 414, length),
        ("/pixel".to_owned(), Some(object(201)), 400, parameters),
        (format!("/pixel?{}", many(100)), Some(object(101)), 400, parameters),
        ("/pixel".to_owned(), Some(json!({"id": vec![1; 201]}).to_string()), 400, parameters),
        ("/pixel".to_owned(), Some(object(5_001)), 400, "the body has 5001 fields; at most 5000 are taken"),
    ] {
        let answer = api.send("GET", &path, Some(&api.token), body.as_deref()).await;
        assert_eq!(answer, (status, refusal("pixel", "GET", "SYNTAX", text)), "{}", &path[..path.len().min(40)]);
    }
    let nested = json!({"pixel": {"name": "x", "a": [serde_json::from_str::<Value>(&object(5_000)).unwrap()]}});
    let text = "the body has 5003 fields; at most 5000 are taken";
    assert_eq!(api.call("POST", "/pixel", Some(nested)).await, (400, refusal("pixel", "POST", "SYNTAX", text)));
}

#[tokio::test]
async fn an_answer_has_at_most_so_many_warnings() {
    let api = Api::start().await;
    let warnings = async |method: &str, path: &str, body: Option<Value>| {
        let body = body.map(|body| body.to_string());
        let answer: Value = api.raw(method, path, Some(&api.token), body.as_deref()).await.json().await.unwrap();
        let warnings = answer["response"]["dbg_info"]["warnings"].as_array().unwrap().clone();
        assert_eq!(warnings.len(), 21, "{answer}");
        warnings[20].as_str().unwrap().to_owned()
    };
    let many = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    assert_eq!(warnings("GET", &format!("/pixel?{}", many(200)), None).await, "and 180 more");
    let mut publisher: Value = serde_json::from_str(&object(100)).unwrap();
    publisher["name"] = "Daily News".into();
    assert_eq!(warnings("POST", "/publisher", Some(json!({"publisher": publisher}))).await, "and 80 more");
}
