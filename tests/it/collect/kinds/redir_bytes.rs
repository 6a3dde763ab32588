//! A URL within a URL stays bytes: escapes that are not UTF-8, `+`, and what was encoded twice.

use pixeld::domain::{Advertiser, RedirectHosts, Role};
use pixeld::store::ClickTracker;
use serde_json::json;

use super::sales::encoded;
use crate::admin::Browser;
use crate::api::Api;
use crate::collect::endpoints::server::sent;
use crate::collect::{exposure, fire, header, visit};
use crate::harness::{Shop, TestApp};

/// URLs that pixeld leads to as they were typed.
const URLS: &[&str] = &[
    "https://shop.example/r%E9els",
    "https://shop.example/r%e9els%ff%FE",
    "https://shop.example/%C3%A9t%C3",
    "https://shop.example/a+b?c=d+e",
    "https://shop.example/?q=a%2Bb",
    "https://shop.example/?q=a%26b&c=%3D",
    "https://shop.example/?u=https%3A%2F%2Fx.example%2F%3Fa%3D1%2526b",
    "https://shop.example/a%2Fb%20c",
    "https://shop.example/100%?x=%zz",
    "https://shop.example/?o=%E9&id=${NOBODY}",
    "https://shop.example/#r%E9els",
];

async fn shop(app: &TestApp) -> Shop {
    let shop = app.shop().await;
    let allow = |advertiser: &mut Advertiser| {
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".to_owned()]);
        Ok(())
    };
    app.store.update(&app.editor(), shop.advertiser.id.0, allow).await.unwrap();
    shop
}

/// The URL as `encodeURIComponent` writes it: escapes are encoded once more.
fn component(url: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    url.bytes().fold(String::new(), |text, byte| {
        if plain(byte) { text + &char::from(byte).to_string() } else { text + &format!("%{byte:02X}") }
    })
}

/// The URL with its own escapes left as they are: careless, but common.
fn half_encoded(url: &str) -> String {
    url.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F").replace('&', "%26").replace('#', "%23")
}

async fn leads_to(app: &TestApp, shop: &Shop, redir: &str, expected: &str) {
    for path in [
        format!("/px?id={}&t=2", shop.pixel.id),
        format!("/clktr?id={}", shop.click.id),
        format!("/imptr?id={}&t=2", shop.impression.id),
    ] {
        let answer = visit(app, &format!("{path}&redir={redir}"), &[]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "location").as_str()), (302, expected), "{path} {redir}");
        assert_eq!(header(&answer, "x-pixeld"), "ok", "{path} {redir}");
    }
    let program = visit(app, &format!("/px?id={}&t=1&redir={redir}", shop.pixel.id), &[]).await.text().await.unwrap();
    let literal = expected.replace('&', "\\u0026");
    assert!(program.contains(&format!("i(\"{literal}\");")), "{redir}: {program}");
}

#[tokio::test]
async fn a_redir_leads_to_the_bytes_that_were_sent() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    for url in URLS {
        leads_to(&app, &shop, &encoded(url), url).await;
        leads_to(&app, &shop, &component(url), url).await;
        // An address ends at the `#`.
        if !url.contains('#') {
            leads_to(&app, &shop, url, url).await;
        }
    }
    // The escapes were decoded with the rest: bytes that are no UTF-8 stay escapes all the same.
    for (redir, expected) in [
        ("https%3A%2F%2Fshop.example%2Fr%E9els", "https://shop.example/r%E9els"),
        ("https%3A%2F%2Fshop.example%2Fr%C3%A9els", "https://shop.example/r%C3%A9els"),
        ("https%3a%2f%2fshop.example%2fr%e9els%3fa%3d%ff", "https://shop.example/r%E9els?a=%FF"),
        ("https%3A//shop.example/r%E9els", "https://shop.example/r%E9els"),
        (&half_encoded("https://shop.example/?a=b+c&d=%E9"), "https://shop.example/?a=b+c&d=%E9"),
        ("https%3A%2F%2Fshop.example%2F%3Fa%3D%252526", "https://shop.example/?a=%2526"),
    ] {
        leads_to(&app, &shop, redir, expected).await;
    }
}

#[tokio::test]
async fn bytes_open_no_way_out() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    for redir in [
        "https%3A%2F%2Fevil.example%2F%E9",
        "https%3A%2F%2Fshop.example%E9.evil.example%2F",
        "https%3A%2F%2Fshop.example%E9%2F",
        "https%3A%2F%2F%E9shop.example%2F",
        "https://evil.example/%2F%2Fshop.example/",
        "%E9https%3A%2F%2Fshop.example%2F",
    ] {
        let answer = visit(&app, &format!("/px?id={}&t=2&redir={redir}", shop.pixel.id), &[]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "location").as_str()), (200, ""), "{redir}");
        assert_eq!(header(&answer, "x-pixeld"), "warning=redir", "{redir}");
    }
    for (redir, expected) in [
        ("https%3A%2F%2Fshop.example%2F%E9%0D%0ASet-Cookie%3A%20a%3Db", "https://shop.example/%E9Set-Cookie:%20a=b"),
        ("https://shop.example%5C@evil.example/%E9", "https://shop.example/@evil.example/%E9"),
        ("https://shop.example%2F@evil.example/", "https://shop.example/@evil.example/"),
        ("https://shop.example/%0D%0ASet-Cookie:%20a", "https://shop.example/%0D%0ASet-Cookie:%20a"),
        ("https%3A%2F%2Fshop.example%2F%E9%00%01x", "https://shop.example/%E9%00%01x"),
    ] {
        let answer = visit(&app, &format!("/px?id={}&t=2&redir={redir}", shop.pixel.id), &[]).await;
        assert_eq!(header(&answer, "location"), expected, "{redir}");
        assert!(!header(&answer, "set-cookie").contains("a=b"), "{redir}");
    }
}

#[actix_web::test]
async fn a_landing_page_is_kept_as_typed() {
    const LANDING: &str = "https://shop.example/r%E9els?q=a+b%2Bc%26d&e=%2526&c=${CAMPAIGN_ID}";
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let (line_item, publisher) = (shop.line_item.id.to_string(), shop.publisher.id.to_string());
    let fields = [
        ("name", "By form"),
        ("code", ""),
        ("state", "active"),
        ("line_item_id", line_item.as_str()),
        ("publisher_id", publisher.as_str()),
        ("kind", "clicktracker"),
        ("click_url", LANDING),
    ];
    assert_eq!(browser.submit("/admin/trackers/new", &fields).await.status, 303);
    let api = Api::on(app).await;
    let path = format!("/clicktracker?id={}&advertiser_id={}", shop.click.id, shop.advertiser.id);
    api.put(&path, json!({ "clicktracker": { "click_url": LANDING } })).await;
    let by_form = shop.click.id.0 + 1;
    for id in [shop.click.id.0, by_form] {
        let kept: ClickTracker = api.app.store.get(&api.app.reader(), id).await.unwrap();
        assert_eq!(kept.0.click_url.as_deref(), Some(LANDING));
        let answer = visit(&api.app, &format!("/clktr?id={id}&campaign_id=7"), &[]).await;
        let expected = LANDING.replace("${CAMPAIGN_ID}", "7");
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (302, expected));
        assert_eq!(exposure(&api.app).await.row.warnings, []);
    }
}

#[tokio::test]
async fn a_page_is_kept_with_its_bytes() {
    let app = TestApp::start_with(|given| given.keep_page_query = Some("on".to_owned())).await;
    let shop = app.shop().await;
    let page = "https://shop.example/r%E9els?a=b+c%2526";
    visit(&app, &format!("/px?id={}", shop.pixel.id), &[("referer", page)]).await;
    assert_eq!(fire(&app).await.referer.as_deref(), Some(page));
    let event = json!({ "pixel_id": shop.pixel.id.0, "page_url": page });
    assert_eq!(sent(&app, "/conversions", &json!({ "events": [event] })).await.0, 200);
    assert_eq!(fire(&app).await.referer.as_deref(), Some(page));
    // A header may hold bytes that are no UTF-8.
    let raw = reqwest::header::HeaderValue::from_bytes(b"https://shop.example/r\xe9els").unwrap();
    let request = app.client.get(app.url(&format!("/px?id={}", shop.pixel.id))).header("referer", raw);
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(fire(&app).await.referer.as_deref(), Some("https://shop.example/r%E9els"));
}
