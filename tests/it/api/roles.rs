//! The rights of each role, and the view of a user limited to one advertiser.

use pixeld::domain::{AdvertiserId, ApiToken, Caller, Role};
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

/// Which advertiser a caller is limited to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    None,
    Own,
    Other,
}

/// Other objects that a limited user sees only of its advertiser.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Nothing,
    User,
    Token,
}

/// A secret of such a caller: of a session that it signed in to, or of a long-lived token.
async fn secret(api: &Api, name: &str, role: Role, advertiser: Option<AdvertiserId>, by_token: bool) -> String {
    if by_token {
        let shell = Caller::shell().admin().unwrap();
        let token = ApiToken::new(name, role, advertiser);
        return api.app.auth.create_token(&shell, token).await.unwrap().0.expose().to_owned();
    }
    api.user(name, role, advertiser).await;
    api.sign_in(name).await
}

#[tokio::test]
async fn only_unlimited_callers_delete_an_advertiser_and_only_admins_its_users_and_tokens() {
    use Bound::{Nothing, Token, User};
    use Limit::Own;
    use Role::{Admin, Collector, Editor, Viewer};
    let api = Api::start().await;
    let other = AdvertiserId(api.advertiser("Other").await);
    let shell = Caller::shell().admin().unwrap();
    const DELETED: (u16, &str, &str) = (200, "", "");
    const VIEWS: (u16, &str, &str) = (403, "UNAUTH", "the role viewer may not change anything");
    const LIMITED: (u16, &str, &str) =
        (403, "UNAUTH", "you are limited to advertiser {id}, and may not delete an advertiser");
    const BOUND: (u16, &str, &str) =
        (403, "UNAUTH", "the role editor may not delete an advertiser that users or tokens are limited to");
    const UNKNOWN: (u16, &str, &str) = (404, "SYNTAX", "advertiser {id} not found");
    let mut number = 0;
    for (role, limit, bound, (status, error_id, error)) in [
        (Admin, Limit::None, Nothing, DELETED),
        (Admin, Limit::None, User, DELETED),
        (Admin, Limit::None, Token, DELETED),
        (Editor, Limit::None, Nothing, DELETED),
        (Editor, Limit::None, User, BOUND),
        (Editor, Limit::None, Token, BOUND),
        (Editor, Own, Nothing, LIMITED),
        (Editor, Own, User, LIMITED),
        (Editor, Own, Token, LIMITED),
        (Editor, Limit::Other, Nothing, UNKNOWN),
        (Editor, Limit::Other, User, UNKNOWN),
        (Viewer, Limit::None, Nothing, VIEWS),
        (Viewer, Own, User, VIEWS),
        (Collector, Limit::None, Nothing, (403, "UNAUTH", "the role collector may not read")),
        (Collector, Own, Token, (403, "UNAUTH", "the role collector may not read")),
    ] {
        for by_token in [false, true] {
            let what = format!("{role} {limit:?} {bound:?} by token {by_token}");
            number += 1;
            let id = api.advertiser(&format!("Shop {number}")).await;
            let name = format!("bound {number}");
            match bound {
                Nothing => {}
                User => drop(api.user(&name, Viewer, Some(AdvertiserId(id))).await),
                Token => drop(secret(&api, &name, Viewer, Some(AdvertiserId(id)), true).await),
            }
            let limited = match limit {
                Limit::None => None,
                Own => Some(AdvertiserId(id)),
                Limit::Other => Some(other),
            };
            let secret = secret(&api, &format!("caller {number}"), role, limited, by_token).await;
            let count = async || {
                let users = api.app.store.users(&shell).await.unwrap().len();
                (users, api.app.store.tokens(&shell).await.unwrap().len())
            };
            let before = count().await;
            let path = format!("/advertiser?id={id}");
            let answer = as_user(&api, &secret, "DELETE", &path, None).await;
            let gone = match (status, bound) {
                (200, User) => (1, 0),
                (200, Token) => (0, 1),
                _ => (0, 0),
            };
            let mut expected = json!({
                "error_id": error_id,
                "error": error.replace("{id}", &id.to_string()),
                "error_description": null,
                "error_code": null,
                "service": "advertiser",
                "method": "DELETE",
                "dbg_info": {"output_term": "not_found"},
            });
            if status == 200 {
                expected = json!({"status": "OK", "count": 1, "dbg_info": {"output_term": "not_found"}});
                if bound != Nothing {
                    let kind = if bound == User { "user" } else { "token" };
                    expected["dbg_info"]["warnings"] = json!([format!("deleted 1 {kind}")]);
                }
            }
            assert_eq!(answer, (status, expected), "{what}");
            let left = api.call("GET", &path, None).await.0;
            assert_eq!(left, if status == 200 { 404 } else { 200 }, "{what}");
            assert_eq!(count().await, (before.0 - gone.0, before.1 - gone.1), "{what}");
        }
    }
}
