//! The last step: it ticks what has come, names the usual mistakes, and plays a test sale that ends at its explanation.

use pixeld::domain::{Campaign, Pixel, Role};
use serde_json::{Value, json};

use super::{SHOP, all, start, start_with};
use crate::admin::objects::changed;
use crate::admin::{Browser, Seen};
use crate::harness::TestApp;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const BOT: &str = "Googlebot/2.1 (+http://www.google.com/bot.html)";
const WAITING: &str = "/admin/tracking/1/first-sale";

/// A person's browser in the shop, with its cookie of pixeld once it has one.
#[derive(Default)]
struct Person {
    cookie: Option<String>,
}

impl Person {
    async fn ask(&mut self, app: &TestApp, path: &str) {
        let mut headers = vec![("user-agent", FIREFOX), ("referer", "https://shop.example/thanks")];
        headers.extend(self.cookie.as_deref().map(|cookie| ("cookie", cookie)));
        let answer = app.get(path, &headers).await;
        assert!(answer.status().as_u16() < 400, "{path}: {}", answer.status());
        let set =
            answer.headers().get("set-cookie").map(|set| set.to_str().unwrap().split(';').next().unwrap().to_owned());
        self.cookie = set.or(self.cookie.take());
        app.judged().await;
        app.wait_minutes(1);
    }
}

/// The state of each tick, in order.
fn ticks(seen: &Seen) -> Vec<&str> {
    let (_, mark) = seen.body.split_once(r#"<svg class="wait-mark""#).expect("the mark");
    let rects = mark.split("</svg>").next().unwrap().split("<rect class=\"").skip(2);
    rects.map(|rect| rect.split('"').next().unwrap()).collect()
}

/// The titles of the mistakes.
fn mistakes(seen: &Seen) -> Vec<String> {
    let notices = seen.body.split(r#"<div class="notice warn"><h3>"#).skip(1);
    notices.map(|notice| notice.split('<').next().unwrap().to_owned()).collect()
}

/// The page once the first visit is ticked: the load of the site tag is noted after its answer.
async fn until_visited(browser: &Browser) -> Seen {
    for _ in 0..200 {
        let seen = browser.get(WAITING).await;
        if ticks(&seen)[0] == "on" {
            return seen;
        }
    }
    panic!("the visit is never ticked")
}

#[actix_web::test]
async fn four_ticks_come_one_after_the_other() {
    let (app, browser) = start_with(&["banners"]).await;
    let waiting = browser.get(WAITING).await;
    assert_eq!(ticks(&waiting), ["off"; 4]);
    assert!(waiting.has("data-poll=\"3000\"") && waiting.has(r#"<noscript><meta http-equiv="refresh" content="15">"#));
    app.get("/site.js?id=1", &[("user-agent", BOT), ("referer", "https://shop.example/")]).await;
    app.get("/site.js?id=1", &[("user-agent", FIREFOX), ("referer", "https://shop.example/")]).await;
    let seen = until_visited(&browser).await;
    assert_eq!(ticks(&seen), ["on", "off", "off", "off"]);
    assert!(seen.text().contains("shop.example, Firefox on Linux"), "{}", seen.text());

    let mut person = Person::default();
    person.ask(&app, "/clktr?id=1").await;
    let seen = browser.get(WAITING).await;
    assert_eq!(ticks(&seen), ["on", "on", "off", "off"]);
    assert!(seen.text().contains("Banners, partners, from shop.example/thanks"), "{}", seen.text());
    person.ask(&app, "/px?id=1&order_id=A1&value=49.90&currency=EUR").await;
    let seen = browser.get(WAITING).await;
    assert_eq!(ticks(&seen), ["on"; 4]);
    for said in [
        "Your first sale is credited",
        "49.90 EUR on shop.example/thanks",
        "To Banners, partners",
        "See why it is credited",
    ] {
        assert!(seen.text().contains(said), "{said}: {}", seen.text());
    }
    assert!(!seen.has("data-poll") && mistakes(&seen).is_empty(), "it waits no longer");
    let (_, rest) = seen.body.split_once(r#"<a class="button primary" href=""#).unwrap();
    let why = browser.get(rest.split('"').next().unwrap()).await.text();
    assert!(why.contains("Credited") && why.contains("Banners, partners"), "{why}");
    assert!(!browser.get("/admin").await.has("/admin/tracking/1/"), "the steps leave the overview");
}

#[actix_web::test]
async fn an_arrival_that_a_source_takes_is_the_first_ad_click() {
    let (app, browser) = start_with(&["google", "newsletter", "partner"]).await;
    let arrive = async |parameters: Value| {
        let body = json!({"id": 1, "page_url": "https://shop.example/tea", "parameters": parameters}).to_string();
        let request = app.client.post(app.url("/landing")).header("user-agent", FIREFOX).body(body);
        assert_eq!(request.send().await.unwrap().status(), 204);
        app.judged().await;
    };
    arrive(json!({"utm_source": "friends"})).await;
    assert_eq!(ticks(&browser.get(WAITING).await), ["off"; 4], "no source takes it");
    arrive(json!({"utm_medium": "email", "utm_campaign": "autumn"})).await;
    let seen = browser.get(WAITING).await;
    assert_eq!(ticks(&seen), ["off", "on", "off", "off"]);
    assert!(seen.text().contains("Newsletter, landed on shop.example/tea"), "{}", seen.text());
    arrive(json!({"ref": "pixeld-test"})).await;
    arrive(json!({"ref": "anna"})).await;
    let codes: Vec<_> = all::<Campaign>(&app).await.into_iter().filter_map(|campaign| campaign.code).collect();
    assert_eq!(codes, ["autumn", "anna"], "a sample link makes no campaign");
}

#[actix_web::test]
async fn tests_bots_and_other_shops_tick_nothing() {
    let (app, browser) = start_with(&["banners"]).await;
    browser.submit("/admin/tracking/new", &changed(&SHOP, &[("name", "Tea"), ("site", "tea.example")])).await;
    browser.submit("/admin/tracking/2/ads", &[("ads", "banners"), ("shop_system", "page")]).await;
    let mut person = Person::default();
    for path in ["/clktr?id=1&test=1", "/px?id=1&order_id=T1&test=1", "/clktr?id=3", "/px?id=2&order_id=B1"] {
        person.ask(&app, path).await;
    }
    for path in ["/clktr?id=1", "/px?id=1&order_id=B2"] {
        app.get(path, &[("user-agent", BOT)]).await;
    }
    app.judged().await;
    assert_eq!(ticks(&browser.get(WAITING).await), ["off"; 4]);
    assert_eq!(ticks(&browser.get("/admin/tracking/2/first-sale").await)[1..], ["on", "on", "on"]);
}

#[actix_web::test]
async fn the_usual_mistakes_are_named_as_they_happen() {
    for (path, has_cookie, wrong) in [
        ("/px?id=1&order_id=[ORDER_ID]&value=1", true, vec!["The page sent [ORDER_ID] as it is"]),
        ("/px?id=1&order_id=A1&value=[REVENUE]", true, vec!["The page sent [REVENUE] as it is"]),
        ("/px?id=1&value=49.90", true, vec!["The sale came without an order ID"]),
        ("/px?id=1&order_id=A1&value=49.90", false, vec!["This browser sent no cookie"]),
        ("/px?id=1&order_id=A1&value=49.90", true, vec!["No ad click came before the sale"]),
    ] {
        let (app, browser) = start_with(&["banners"]).await;
        let mut person = Person { cookie: has_cookie.then(|| "pxid=00000000000000a7".to_owned()) };
        person.ask(&app, path).await;
        let seen = browser.get(WAITING).await;
        let mistakes = mistakes(&seen);
        for title in &wrong {
            assert!(mistakes.iter().any(|mistake| mistake == title), "{path}: {mistakes:?}");
        }
        assert!(ticks(&seen).contains(&"trouble"), "{path}");
        assert!(seen.has(" with a problem\""), "{path}: {}", seen.text());
    }
}

#[actix_web::test]
async fn a_sale_that_repeats_or_earns_nothing_says_so() {
    let (app, browser) = start_with(&["banners"]).await;
    let mut person = Person::default();
    person.ask(&app, "/px?id=1&order_id=A1&value=1").await;
    person.ask(&app, "/px?id=1&order_id=A1&value=1").await;
    assert_eq!(mistakes(&browser.get(WAITING).await), ["The last sale was a repeat"]);
    person.ask(&app, "/clktr?id=1").await;
    person.ask(&app, "/px?id=1&order_id=A2&value=1").await;
    let seen = browser.get(WAITING).await;
    assert_eq!((ticks(&seen)[1..].to_vec(), mistakes(&seen)), (vec!["on"; 3], vec![]), "a good sale ends the mistakes");
}

#[actix_web::test]
async fn an_address_that_does_not_reach_the_shop_is_named_until_the_tag_has_loaded() {
    for (address, site, wrong) in [
        (None, "shop.example", Some("The tags load on this computer only")),
        (Some("http://10.1.2.3:8080"), "shop.example", Some("The tags load in your own network only")),
        (Some("http://px.shop.example"), "shop.example", Some("Browsers block these tags")),
        (Some("http://px.shop.example"), "http://shop.example", None),
        (Some("https://px.shop.example"), "shop.example", None),
        (None, "http://127.0.0.1:8000", None),
    ] {
        let app = TestApp::start_with(|given| given.public_url = address.map(str::to_owned)).await;
        let browser = Browser::of(&app, Role::Editor, None).await;
        browser.submit("/admin/tracking/new", &changed(&SHOP, &[("site", site)])).await;
        browser.submit("/admin/tracking/1/ads", &[("ads", "google"), ("shop_system", "page")]).await;
        let seen = browser.get(WAITING).await;
        assert_eq!(mistakes(&seen), wrong.into_iter().collect::<Vec<_>>(), "{address:?} for {site}");
        assert_eq!(ticks(&seen)[0], if wrong.is_some() { "trouble" } else { "off" });
        app.get("/px?id=1&order_id=A1", &[("user-agent", FIREFOX)]).await;
        app.judged().await;
        let after = mistakes(&browser.get(WAITING).await);
        assert!(!after.iter().any(|title| Some(title.as_str()) == wrong), "{after:?}");
    }
}

#[actix_web::test]
async fn a_test_sale_ends_at_the_explanation_of_what_a_real_one_would_get() {
    for (channel, name) in [("banners", "Banners, partners"), ("google", "Google Ads"), ("newsletter", "Newsletter")] {
        let (_app, browser) = start_with(&[channel]).await;
        let played = browser.submit("/admin/tracking/1/test-sale", &[]).await;
        assert_eq!(played.status, 303, "{channel}: {}", played.text());
        assert!(played.location().starts_with("/admin/conversions/"), "{channel}: {}", played.location());
        let seen = browser.get(played.location()).await;
        for said in
            ["A test. A real event would be credited to the ad click 1 second earlier.", name, "49.90 EUR", "TEST-"]
        {
            assert!(seen.text().contains(said), "{channel}: {said}: {}", seen.text());
        }
        assert_eq!(ticks(&browser.get(WAITING).await), ["off"; 4], "{channel}: a test is no sale");
    }
}

#[actix_web::test]
async fn a_test_sale_shows_what_stops_the_real_ones() {
    let (app, browser) = start_with(&["banners"]).await;
    let mut pixel = all::<Pixel>(&app).await.remove(0);
    pixel.state = pixeld::domain::Status::Inactive;
    let by = app.editor();
    app.store
        .update::<Pixel, _>(&by, pixel.id.0, move |stored| {
            stored.state = pixel.state;
            Ok(())
        })
        .await
        .unwrap();
    let played = browser.submit("/admin/tracking/1/test-sale", &[]).await;
    let seen = browser.get(played.location()).await.text();
    assert!(seen.contains("A test. A real event would not be credited, because the pixel is inactive."), "{seen}");
}

#[actix_web::test]
async fn a_test_sale_needs_a_kind_of_advertising() {
    let (_app, browser) = start().await;
    browser.submit("/admin/tracking/new", &SHOP).await;
    let played = browser.submit("/admin/tracking/1/test-sale", &[]).await;
    assert_eq!((played.status, played.location()), (303, "/admin/tracking/1/ads"));
    set_up_rest(&browser).await;
    assert!(browser.submit("/admin/tracking/1/test-sale", &[]).await.location().starts_with("/admin/conversions/"));
}

async fn set_up_rest(browser: &Browser) {
    browser.submit("/admin/tracking/1/ads", &[("ads", "google"), ("shop_system", "page")]).await;
}
