//! `/audit`: every change with its author and the values before and after, and never a secret.

use pixeld::domain::{ApiToken, Caller, Role};
use serde_json::{Value, json};

use super::{Api, PASSWORD};

/// `action object_type object_id by user_name`, newest first.
fn said(answer: &Value) -> Vec<String> {
    let entries = answer["audits"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let one = |entry: &Value| {
        let (action, object, id) = (text(entry, "action"), text(entry, "object_type"), &entry["object_id"]);
        format!("{action} {object} {id} by {}", text(entry, "user_name"))
    };
    entries.iter().map(one).collect()
}

#[tokio::test]
async fn changes_of_definitions_are_noted_with_before_and_after() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shoes").await;
    let pixel = api.pixel(advertiser, "Purchase").await;
    api.app.wait_minutes(1);
    let piggybacks = json!([{"pixel_type": "img", "url": "https://a.example/"}]);
    let change = json!({"pixel": {"post_click_value": "2.5", "piggyback_pixels": piggybacks}});
    api.put(&format!("/pixel?id={pixel}"), change.clone()).await;
    // Nothing but the stamp: not noted.
    api.app.wait_minutes(1);
    api.put(&format!("/pixel?id={pixel}"), change).await;
    let line_item = json!({"line-item": {"name": "Sale", "pixels": [{"id": pixel, "post_click_revenue": 3}]}});
    let line_item = api.post(&format!("/line-item?advertiser_id={advertiser}"), line_item).await["id"].clone();

    let of_pixel = api.get(&format!("/audit?object_type=pixel&object_id={pixel}")).await;
    assert_eq!(said(&of_pixel), ["changed pixel 1 by ann", "created pixel 1 by ann"]);
    let changed = of_pixel["audits"][0].clone();
    let before = json!({
        "id": 1, "advertiser_id": 1, "code": null, "name": "Purchase", "state": "active", "trigger_type": "click",
        "min_minutes_per_conv": null, "post_click_expire_mins": null, "post_view_expire_mins": null,
        "post_click_value": null, "post_view_value": null, "pixel_conversion_event_id": null,
        "count_each_order_once": false, "max_value": null, "created_on": "2026-10-01 12:00:00", "last_modified": "2026-10-01 12:00:00",
        "piggyback_pixels": [],
    });
    let mut after = before.clone();
    (after["post_click_value"], after["piggyback_pixels"]) = (json!(2.5), piggybacks);
    after["last_modified"] = json!("2026-10-01 12:01:00");
    assert_eq!(
        changed,
        json!({
            "id": changed["id"], "created_on": "2026-10-01 12:01:00", "user_id": 1, "token_id": null, "user_name": "ann",
            "action": "changed", "object_type": "pixel", "object_id": 1, "object_name": "Purchase",
            "before": before, "after": after,
        })
    );
    assert_eq!(of_pixel["audits"][1]["before"], Value::Null);
    assert_eq!(api.get(&format!("/audit?id={}", changed["id"])).await["audit"], changed);
    let of_item = api.get("/audit?object_type=line-item&fields=after").await;
    assert_eq!(
        of_item["audits"][0]["after"]["pixels"],
        json!([{"id": 1, "state": "active", "post_click_revenue": 3, "post_view_revenue": null}])
    );

    // A refused change leaves no entry; each object deleted with an advertiser has its own.
    assert_eq!(api.refused("DELETE", &format!("/pixel?id={pixel}"), None).await.0, 409);
    let last = api.get("/audit?num_elements=1").await["audits"][0]["id"].clone();
    api.delete(&format!("/advertiser?id={advertiser}")).await;
    let gone = api.get(&format!("/audit?min_id={}&not_id={last}&sort=object_type", last)).await;
    assert_eq!(
        said(&gone),
        [
            "deleted advertiser 1 by ann".to_owned(),
            format!("deleted line-item {line_item} by ann"),
            "deleted pixel 1 by ann".to_owned()
        ]
    );
    assert!(gone["audits"].as_array().unwrap().iter().all(|entry| entry["after"].is_null()));
}

#[tokio::test]
async fn users_tokens_and_the_member_are_noted_without_secrets() {
    let api = Api::start().await;
    let user = json!({"user": {"username": "bob", "password": PASSWORD, "role": "editor"}});
    let bob = api.post("/user", user).await["id"].clone();
    api.put(&format!("/user?id={bob}"), json!({"user": {"role": "viewer"}})).await;
    api.put(&format!("/user?id={bob}"), json!({"user": {"password": "quite another"}})).await;
    api.put("/member", json!({"member": {"name": "ACME"}})).await;
    let shell = Caller::shell().admin().unwrap();
    let token = ApiToken::new("nightly", Role::Viewer, None);
    let (_, token) = api.app.auth.create_token(&shell, token).await.unwrap();
    api.app.store.revoke_token(&shell, token.id).await.unwrap();

    let log = api.get("/audit").await;
    assert_eq!(
        said(&log),
        [
            "deleted token 1 by shell",
            "created token 1 by shell",
            "created member 1 by ann",
            "password_set user 2 by ann",
            "changed user 2 by ann",
            "created user 2 by ann",
            "created user 1 by shell",
        ]
    );
    assert_eq!(log["audits"][4]["before"]["role"], "editor");
    assert_eq!(log["audits"][4]["after"]["role"], "viewer");
    let text = log.to_string();
    assert!(!text.contains("hash") && !text.contains("argon2") && !text.contains(PASSWORD), "{text}");
}

#[tokio::test]
async fn a_token_differs_from_an_earlier_token_and_from_a_user_of_its_name() {
    let api = Api::start().await;
    let shell = Caller::shell().admin().unwrap();
    let new = |name: &str| Some(json!({"publisher": {"name": name}}).to_string());
    for name in ["First", "Second"] {
        let token = ApiToken::new("ann", Role::Editor, None);
        let (secret, token) = api.app.auth.create_token(&shell, token).await.unwrap();
        assert_eq!(api.send("POST", "/publisher", Some(secret.expose()), new(name).as_deref()).await.0, 200);
        api.app.store.revoke_token(&shell, token.id).await.unwrap();
    }
    assert_eq!(api.send("POST", "/publisher", Some(&api.token), new("Third").as_deref()).await.0, 200);
    let log = api.get("/audit?object_type=publisher&sort=id").await;
    let who = |entry: &Value| [&entry["user_name"], &entry["user_id"], &entry["token_id"]].map(Value::clone);
    let authors: Vec<_> = log["audits"].as_array().unwrap().iter().map(who).collect();
    assert_eq!(
        authors,
        [
            [json!("ann"), Value::Null, json!(1)],
            [json!("ann"), Value::Null, json!(2)],
            [json!("ann"), json!(1), Value::Null],
        ]
    );
    assert_eq!(api.get("/audit?token_id=2").await["count"], 1);
}

#[tokio::test]
async fn only_admins_read_the_audit_log_and_no_role_changes_it() {
    let api = Api::start().await;
    api.user("eve", Role::Editor, None).await;
    let eve = api.sign_in("eve").await;
    for path in ["/audit", "/audit?id=1"] {
        let (status, answer) = api.send("GET", path, Some(&eve), None).await;
        assert_eq!((status, &answer["error_id"]), (403, &json!("UNAUTH")), "{path}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        let (status, error_id, error) = api.refused(method, "/audit?id=1", None).await;
        assert_eq!((status, error_id.as_str()), (400, "SYNTAX"));
        assert!(error.contains("the audit log cannot be changed"), "{error}");
    }
    let (status, error_id, error) = api.refused("GET", "/audit?id=999", None).await;
    assert_eq!((status, error_id.as_str(), error.as_str()), (404, "SYNTAX", "audit entry 999 not found"));
    assert_eq!(api.get("/audit/meta").await["fields"][5]["values"][0], "created");
}
