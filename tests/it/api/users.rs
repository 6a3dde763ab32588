//! `/user` and `/member`: the caller itself, and the rights to change users.

use pixeld::domain::Role;
use serde_json::{Value, json};

use super::{Api, PASSWORD};

fn ann() -> Value {
    json!({
        "id": 1,
        "username": "ann",
        "role": "admin",
        "advertiser_id": null,
        "state": "active",
        "created_on": "2026-10-01 12:00:00",
        "last_modified": "2026-10-01 12:00:00",
    })
}

fn one(user: Value) -> Value {
    json!({
        "status": "OK",
        "user": user,
        "count": 1,
        "start_element": 0,
        "num_elements": 100,
        "dbg_info": {"output_term": "user"},
    })
}

#[tokio::test]
async fn the_caller_is_described() {
    let api = Api::start().await;
    assert_eq!(api.get("/user?current").await, one(ann()));
    assert_eq!(api.get("/user?id=1").await, one(ann()));
    api.user("bob", Role::Viewer, None).await;
    let list = api.get("/user?sort=username.desc&fields=username").await;
    assert_eq!((&list["users"], &list["count"]), (&json!([{"username": "bob"}, {"username": "ann"}]), &json!(2)));
    let found = api.get("/user?search=bo&role=viewer").await;
    assert_eq!(found["users"][0]["username"], "bob");
    // Users have no code, so the parameter names none of them.
    let all = api.get("/user?code=bob").await;
    assert_eq!((all["users"].as_array().map(Vec::len), &all["count"]), (Some(2), &json!(2)));

    let bob = api.sign_in("bob").await;
    let (_, own) = api.send("GET", "/user", Some(&bob), None).await;
    assert_eq!((&own["users"][0]["username"], &own["count"]), (&json!("bob"), &json!(1)));
    assert_eq!(api.send("GET", "/user?id=2", Some(&bob), None).await.1["user"]["username"], "bob");
    assert_eq!(api.send("GET", "/user?id=1", Some(&bob), None).await.0, 404);
    assert_eq!(api.get("/user/meta").await["fields"][1]["name"], "username");
}

#[tokio::test]
async fn an_admin_makes_and_changes_users() {
    let api = Api::start().await;
    let new = json!({"user": {"username": "bob", "password": PASSWORD, "role": "editor", "colour": "red"}});
    let created = api.post("/user", new.clone()).await;
    let mut bob = ann();
    (bob["id"], bob["username"], bob["role"]) = (json!(2), json!("bob"), json!("editor"));
    let mut expected = one(bob.clone());
    expected["id"] = json!(2);
    expected["dbg_info"]["warnings"] = json!(["unknown field \"colour\" was ignored"]);
    assert_eq!(created, expected);
    api.sign_in("bob").await;

    for (user, status, text) in [
        (json!({}), 400, "username is required; password is required"),
        (new["user"].clone(), 409, "username \"bob\" is already used; choose another"),
        (json!({"username": "eve", "password": "short"}), 400, "password must have 12 to 64 characters, and has 5"),
        (
            json!({"username": "eve", "password": PASSWORD, "role": "king"}),
            400,
            "role must be one of admin, editor, viewer, collector, and is \"king\"",
        ),
        (
            json!({"username": "eve", "password": PASSWORD, "role": "admin", "advertiser_id": 1}),
            400,
            "advertiser_id cannot limit an admin; choose editor, viewer or collector",
        ),
        (json!({"username": "eve", "password": PASSWORD, "advertiser_id": 7}), 404, "advertiser 7 not found"),
    ] {
        let refused = api.refused("POST", "/user", Some(json!({"user": user}))).await;
        assert_eq!((refused.0, refused.2.as_str()), (status, text), "{user}");
    }

    let token = api.sign_in("bob").await;
    let changed = api.put("/user?id=2", json!({"user": {"role": "viewer", "password": "another password"}})).await;
    assert_eq!((&changed["id"], &changed["user"]["role"]), (&json!("2"), &json!("viewer")));
    assert_eq!(api.send("GET", "/member", Some(&token), None).await.0, 401, "a new password ends the sessions");
    let refused = api.refused("PUT", "/user?id=1", Some(json!({"user": {"state": "inactive"}}))).await;
    let text = "\"ann\" is the last active admin; make somebody else an admin first";
    assert_eq!(refused, (409, "INTEGRITY".to_owned(), text.to_owned()));
}

#[tokio::test]
async fn everybody_changes_their_own_password_with_the_current_one() {
    let api = Api::start().await;
    api.user("bob", Role::Viewer, None).await;
    let (here, there) = (api.sign_in("bob").await, api.sign_in("bob").await);
    let put = async |user: Value| {
        let body = json!({ "user": user }).to_string();
        api.send("PUT", "/user?current", Some(&here), Some(&body)).await
    };
    for (user, status, text) in [
        (json!({"password": "another password"}), 400, "current_password is required"),
        (
            json!({"password": "another password", "current_password": "wrong horse"}),
            401,
            "the user name or the password is wrong",
        ),
        (
            json!({"password": "short", "current_password": PASSWORD}),
            400,
            "password must have 12 to 64 characters, and has 5",
        ),
        (json!({"role": "admin"}), 403, "the role viewer may not manage users, tokens and settings"),
    ] {
        let (answered, answer) = put(user.clone()).await;
        assert_eq!((answered, answer["error"].as_str()), (status, Some(text)), "{user}");
    }
    let (_, mut whole) = api.send("GET", "/user?current", Some(&here), None).await;
    whole["user"]["password"] = json!("another password");
    whole["user"]["current_password"] = json!(PASSWORD);
    let (status, answer) = put(whole["user"].clone()).await;
    assert_eq!((status, &answer["user"]["username"]), (200, &json!("bob")), "{answer}");
    assert_eq!(api.send("GET", "/member", Some(&here), None).await.0, 200);
    assert_eq!(api.send("GET", "/member", Some(&there), None).await.0, 401, "the other sessions have ended");
}

#[tokio::test]
async fn the_member_is_named_by_an_admin() {
    let api = Api::start().await;
    let answer = |name: &str| {
        json!({
            "status": "OK",
            "member": {"id": 1, "name": name},
            "count": 1,
            "start_element": 0,
            "num_elements": 100,
            "dbg_info": {"output_term": "member"},
        })
    };
    assert_eq!(api.get("/member").await, answer(""));
    let mut renamed = answer("ACME");
    renamed["id"] = json!("1");
    assert_eq!(api.put("/member", json!({"member": {"name": "ACME"}})).await, renamed);
    assert_eq!(api.get("/member?id=1").await, answer("ACME"));
    let refused = api.refused("PUT", "/member", Some(json!({"member": {"name": ""}}))).await;
    assert_eq!(refused, (400, "SYNTAX".into(), "name is required and must not be blank".into()));
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_user_and_by_admins() {
    let api = Api::start().await;
    api.user("bob", Role::Viewer, None).await;
    let (here, there) = (api.sign_in("bob").await, api.sign_in("bob").await);
    let list = |answer: &Value| answer["sessions"].as_array().unwrap().clone();
    let (status, own) = api.send("GET", "/session", Some(&here), None).await;
    let own = list(&own);
    assert_eq!((status, own.len()), (200, 2));
    assert_eq!(own.iter().filter(|session| session["current"] == json!(true)).count(), 1);
    assert_eq!((&own[0]["kind"], &own[0]["ip"], &own[0]["user_id"]), (&json!("api"), &json!("127.0.0.0"), &json!(2)));
    let other = own.iter().find(|session| session["current"] == json!(false)).unwrap()["id"].clone();
    assert_eq!(api.send("DELETE", &format!("/session?id={other}"), None, None).await.0, 401);
    assert_eq!(api.call("DELETE", &format!("/session?id={other}"), None).await.0, 404, "of another user");
    assert_eq!(api.send("GET", "/session?user_id=1", Some(&here), None).await.0, 403);
    assert_eq!(api.send("DELETE", "/session?user_id=1&id=1", Some(&here), None).await.0, 403);
    assert_eq!(api.send("DELETE", &format!("/session?id={other}"), Some(&here), None).await.0, 200);
    assert_eq!(api.send("GET", "/member", Some(&there), None).await.0, 401);
    let (_, left) = api.call("GET", "/session?user_id=2", None).await;
    let left = list(&left);
    assert_eq!((left.len(), &left[0]["current"]), (1, &json!(false)));
    let last = left[0]["id"].clone();
    assert_eq!(api.call("DELETE", &format!("/session?user_id=2&id={last}"), None).await.0, 200);
    assert_eq!(api.send("GET", "/member", Some(&here), None).await.0, 401);
}
