//! An event whose browser sent no cookie: its page and the API say so first, with the cause and what mends it.

use pixeld::domain::Role;
use serde_json::{Value, json};

use super::Browser;
use crate::api::Api;
use crate::harness::{Shop, TestApp};

/// An event and what is said about its cookie.
struct Case {
    page: &'static str,
    headers: &'static [(&'static str, &'static str)],
    sent: Value,
    cause: Value,
    /// What the page says first, and a part of the reasons.
    says: [&'static str; 2],
}

const NO_COOKIE: &str = "Not credited: this browser sent no cookie.";

fn cases() -> [Case; 6] {
    let case = |page, headers, sent, cause, says| Case { page, headers, sent, cause, says };
    [
        case(
            "http://localhost:3000/thanks",
            &[],
            json!(false),
            json!("other_site"),
            [NO_COOKIE, "the page is on localhost, the tag on 127.0.0.1"],
        ),
        case(
            "https://shop.example/thanks",
            &[],
            json!(false),
            json!("other_site"),
            [NO_COOKIE, "the page is on shop.example, the tag on 127.0.0.1"],
        ),
        case(
            "http://127.0.0.1:3000/thanks",
            &[],
            json!(false),
            json!("first_visit"),
            [NO_COOKIE, "It is a first visit, or the browser keeps no cookies."],
        ),
        case("", &[], json!(false), json!("unknown_page"), [NO_COOKIE, "It did not name the page."]),
        case(
            "https://shop.example/thanks",
            &[("cookie", "pxid=000000000000002a")],
            json!(true),
            Value::Null,
            ["Not credited: this visitor saw and clicked no ad.", "The visitor is known"],
        ),
        case(
            "https://shop.example/thanks",
            &[("sec-gpc", "1")],
            Value::Null,
            json!("private"),
            ["Not credited: the visitor is unknown.", "The browser opted out or gave no consent"],
        ),
    ]
}

async fn prepared() -> (Api, Shop) {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for Case { page, headers, .. } in cases() {
        let mut headers = headers.to_vec();
        if !page.is_empty() {
            headers.push(("referer", page));
        }
        headers.push(("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"));
        assert_eq!(app.get(&format!("/px?id={}&t=2", shop.pixel.id), &headers).await.status(), 200);
    }
    app.judged().await;
    (Api::on(app).await, shop)
}

#[actix_web::test]
async fn an_event_without_a_cookie_says_so_first_with_cause_and_remedy() {
    let (api, _) = prepared().await;
    let browser = Browser::of(&api.app, Role::Admin, None).await;
    let list = api.get("/conversion").await;
    let ids: Vec<i64> =
        list["conversions"].as_array().unwrap().iter().rev().map(|one| one["id"].as_i64().unwrap()).collect();
    for (id, Case { page, headers, sent, cause, says }) in ids.into_iter().zip(cases()) {
        let case = format!("{page} {headers:?}");
        let answer = api.get(&format!("/conversion/{id}/explain")).await;
        let cookie = &answer["explanation"]["cookie"];
        assert_eq!((&cookie["sent"], &cookie["cause"]), (&sent, &cause), "{case}: {cookie}");
        let seen = browser.get(&format!("/admin/conversions/{id}")).await;
        assert_eq!(seen.texts(r#"class="verdict-say""#), [says[0]], "{case}");
        assert!(seen.text().contains(says[1]), "{case}: {}", seen.text());
        let first = &seen.texts(r#"class="checks""#)[0];
        let is_first =
            first.trim_start().starts_with("This browser sent no cookie, so pixeld cannot tell what it saw before");
        assert_eq!(is_first, sent == json!(false), "{case}: {first}");
        assert!(!seen.text().contains("first request of this visitor"), "{case}");
        let sentence = cookie["sentence"].as_str().unwrap();
        match sent == json!(false) {
            true => {
                assert!(sentence.starts_with("This browser sent no cookie. So pixeld cannot tell"), "{sentence}");
                assert!(cookie["remedy"].as_str().unwrap().contains("click ID"), "{cookie}");
                assert_eq!(cookie["tag_host"], "127.0.0.1");
            }
            false => assert_eq!((&cookie["remedy"], &cookie["page_host"]), (&Value::Null, &Value::Null), "{cookie}"),
        }
    }
}

#[actix_web::test]
async fn an_event_that_no_browser_sent_has_no_cookie_to_speak_of() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let mut sent = crate::judge::fire(shop.pixel.id, 7, 0);
    sent.tag = pixeld::domain::TagKind::Server;
    let id = crate::judge::convert(&app, sent).await;
    let api = Api::on(app).await;
    let answer = api.get(&format!("/conversion/{}/explain", id.fire.seq)).await;
    assert_eq!(answer["explanation"]["cookie"], Value::Null);
}
