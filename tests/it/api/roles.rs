//! What each role may do, and what a user limited to one advertiser sees.

use pixeld::domain::{AdvertiserId, Role};
use serde_json::{Value, json};

use super::Api;

async fn as_user(api: &Api, token: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let body = body.map(|body| body.to_string());
    api.send(method, path, Some(token), body.as_deref()).await
}

#[tokio::test]
async fn roles_hold_on_every_service() {
    let api = Api::start().await;
    let advertiser = api.advertiser("Shop").await;
    let pixel = api.pixel(advertiser, "Sale").await;
    let mut tokens = Vec::new();
    for role in [Role::Editor, Role::Viewer, Role::Collector] {
        api.user(role.as_str(), role, None).await;
        tokens.push(api.sign_in(role.as_str()).await);
    }
    let put = format!("/pixel?id={pixel}");
    let change = || Some(json!({"pixel": {"name": "Sold"}}));
    for (token, read, write) in [(&tokens[0], 200, 200), (&tokens[1], 200, 403), (&tokens[2], 403, 403)] {
        for path in ["/pixel", "/pixel/meta", "/advertiser", "/user?current", "/member", "/member/meta"] {
            assert_eq!(as_user(&api, token, "GET", path, None).await.0, read, "{path}");
        }
        assert_eq!(as_user(&api, token, "PUT", &put, change()).await.0, write);
        let new = json!({"publisher": {"name": "Daily News"}});
        assert_eq!(as_user(&api, token, "POST", "/publisher", Some(new)).await.0, write);
        let user = json!({"user": {"username": "eve", "password": "a good password", "role": "admin"}});
        assert_eq!(as_user(&api, token, "POST", "/user", Some(user)).await.0, 403);
        assert_eq!(as_user(&api, token, "PUT", "/member", Some(json!({"member": {"name": "Mine"}}))).await.0, 403);
    }
    let (_, denied) = as_user(&api, &tokens[1], "DELETE", &put, None).await;
    assert_eq!(
        denied,
        json!({
            "error_id": "UNAUTH",
            "error": "the role viewer may not change anything",
            "error_description": null,
            "error_code": null,
            "service": "pixel",
            "method": "DELETE",
            "dbg_info": {"output_term": "not_found"},
        })
    );
    let (_, denied) = as_user(&api, &tokens[2], "GET", "/pixel", None).await;
    assert_eq!(denied["error"], "the role collector may not read");
}

#[tokio::test]
async fn a_user_limited_to_one_advertiser_sees_no_other() {
    let api = Api::start().await;
    let (own, other) = (api.advertiser("Own").await, api.advertiser("Other").await);
    let (own_pixel, other_pixel) = (api.pixel(own, "Own sale").await, api.pixel(other, "Other sale").await);
    api.user("bob", Role::Editor, Some(AdvertiserId(own))).await;
    let bob = api.sign_in("bob").await;
    let get = async |path: &str| as_user(&api, &bob, "GET", path, None).await;

    let (_, pixels) = get("/pixel").await;
    assert_eq!((&pixels["count"], &pixels["pixels"][0]["id"]), (&json!(1), &json!(own_pixel)));
    let (_, advertisers) = get("/advertiser").await;
    assert_eq!((&advertisers["count"], &advertisers["advertisers"][0]["id"]), (&json!(1), &json!(own)));
    let (status, unknown) = get(&format!("/pixel?id={other_pixel}")).await;
    assert_eq!((status, &unknown["error"]), (404, &json!(format!("pixel {other_pixel} not found"))));

    let change = || Some(json!({"pixel": {"name": "Mine now"}}));
    let path = format!("/pixel?id={other_pixel}");
    for (method, body) in [("PUT", change()), ("DELETE", None)] {
        assert_eq!(as_user(&api, &bob, method, &path, body).await.0, 404, "{method}");
    }
    let path = format!("/pixel?advertiser_id={other}");
    let (status, answer) = as_user(&api, &bob, "POST", &path, change()).await;
    assert_eq!((status, &answer["error"]), (404, &json!(format!("advertiser {other} not found"))));
    let (status, _) = as_user(&api, &bob, "PUT", &format!("/pixel?id={own_pixel}"), change()).await;
    assert_eq!(status, 200);

    let new = json!({"advertiser": {"name": "Third"}});
    let (status, answer) = as_user(&api, &bob, "POST", "/advertiser", Some(new)).await;
    assert_eq!((status, &answer["error_id"]), (403, &json!("UNAUTH")));
    let new = json!({"segment": {"short_name": "Everybody's"}});
    let (status, answer) = as_user(&api, &bob, "POST", "/segment", Some(new)).await;
    let text = format!("you are limited to advertiser {own}, and may not change a segment that belongs to all");
    assert_eq!((status, &answer["error"]), (403, &json!(text)));
}
