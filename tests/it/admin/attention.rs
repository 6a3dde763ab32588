//! What needs attention, as the pages and the API say it, from real requests.

use pixeld::domain::{Currency, LineItem, LineItemPixel, Micros, Pixel, Role, Status};
use serde_json::json;

use super::{Browser, Seen};
use crate::api::Api;
use crate::harness::{Shop, TestApp};
use crate::judge::{click, convert, fire, show};

/// The titles of what the overview lists, each with its sentences.
fn listed(seen: &Seen) -> Vec<String> {
    let (_, list) = seen.body.split_once("Needs attention").map_or(("", ""), |split| split);
    let items = list.split("<li").skip(1).map(|item| item.split("</li>").next().unwrap_or(""));
    let text = |html: &str| {
        let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        parts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    items.map(text).collect()
}

async fn adless(app: &TestApp) -> (Pixel, LineItem) {
    let advertiser = app.advertiser("Tallyboard").await;
    let pixel = app.store.create(&app.editor(), Pixel::new(advertiser.id, "Paid plan")).await.unwrap();
    let mut line_item = LineItem::new(advertiser.id, "All ads");
    line_item.pixels = vec![LineItemPixel {
        pixel_id: pixel.id,
        state: Status::Active,
        post_click_revenue: None,
        post_view_revenue: None,
    }];
    let line_item = app.store.create(&app.editor(), line_item).await.unwrap();
    (pixel, line_item)
}

#[actix_web::test]
async fn sales_without_an_ad_are_named_with_one_button() {
    let app = TestApp::start().await;
    let (pixel, line_item) = adless(&app).await;
    for visitor in 1..=5 {
        convert(&app, fire(pixel.id, visitor, 0)).await;
    }
    let browser = Browser::of(&app, Role::Editor, None).await;
    let says = "5 events in 7 days, none credited: no ad reports to this line item yet.";
    let overview = browser.get("/admin").await;
    let found = listed(&overview);
    assert!(
        found.iter().any(|item| item.starts_with("All ads · line item of Tallyboard") && item.contains(says)),
        "{found:?}"
    );
    assert!(overview.has("/admin/ads/new?line_item_id=1"), "{}", overview.body);
    assert!(browser.get("/admin/line-items/1").await.text().contains(says));
    let fields =
        [("name", "Spring"), ("line_item_id", "1"), ("placement", "News"), ("click_url", "https://shop.example/")];
    browser.submit("/admin/ads/new", &fields).await;
    let found = listed(&browser.get("/admin").await);
    let says = "5 events in 7 days, none credited. Open one to see why.";
    assert!(found.iter().any(|item| item.contains(says)), "now ads report, and the pixel says it: {found:?}");
    assert!(!found.iter().any(|item| item.contains("line item of")), "{found:?}");
    show(&app.store, click(line_item.id, 6, -60_000)).await;
    convert(&app, fire(pixel.id, 6, 0)).await;
    assert!(!listed(&browser.get("/admin").await).iter().any(|item| item.contains("none credited")));
}

#[actix_web::test]
async fn a_tracker_that_never_reported_is_named_until_one_of_its_ad_does() {
    let app = TestApp::start().await;
    let Shop { click: tracker, .. } = app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    app.wait_minutes(3 * 24 * 60);
    let browser_later = Browser::of(&app, Role::Editor, None).await;
    let found = listed(&browser_later.get("/admin").await);
    let named: Vec<_> = found.iter().filter(|item| item.contains("tracker of")).collect();
    assert_eq!(named.len(), 1, "one for the ad: {found:?}");
    assert!(named[0].contains("No click yet, 3 days after it was created. Is its link in the ad?"), "{named:?}");
    let page = browser_later.get(&format!("/admin/trackers/{}", tracker.id)).await;
    assert!(
        page.text().contains("Last click never") && page.text().contains("No click yet, 3 days"),
        "{}",
        page.text()
    );
    drop(browser);
    app.get("/imptr?id=1", &[]).await;
    app.judged().await;
    let found = listed(&browser_later.get("/admin").await);
    assert!(!found.iter().any(|item| item.contains("tracker of")), "the view tracker of the ad reports: {found:?}");
    assert!(browser_later.get("/admin/trackers/1").await.text().contains("Ad views so far 1"));
}

#[actix_web::test]
async fn events_without_a_cookie_are_counted_by_cause_on_the_page_and_by_the_api() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let path = format!("/px?id={}&t=2", shop.pixel.id);
    let agent = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0");
    for _ in 0..9 {
        app.get(&path, &[("referer", "https://shop.example/thanks"), agent]).await;
    }
    app.get(&path, &[("referer", "https://shop.example/thanks"), ("cookie", "pxid=000000000000002a"), agent]).await;
    app.get(&path, &[("referer", "https://shop.example/thanks"), ("sec-gpc", "1"), agent]).await;
    app.get(&format!("{path}&test=1"), &[("referer", "https://shop.example/thanks"), agent]).await;
    app.judged().await;
    let api = Api::on(app).await;
    let health = &api.get(&format!("/pixel/{}/health", shop.pixel.id)).await["health"];
    let cookies = &health["cookies_7d"];
    assert_eq!(
        [&cookies["from_browsers"], &cookies["without_cookie"], &cookies["private"], &cookies["cause"]],
        [&json!(11), &json!(9), &json!(1), &json!("other_site")],
        "{health}"
    );
    assert_eq!((&cookies["page_host"], &cookies["tag_host"]), (&json!("shop.example"), &json!("127.0.0.1")));
    let rules: Vec<_> =
        health["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["none_credited", "no_cookie"], "{health}");
    let browser = Browser::of(&api.app, Role::Editor, None).await;
    let says = "82% of events in 7 days came without a cookie. Browsers block cookies from another site: the page is on \
        shop.example, the tag on 127.0.0.1.";
    let page = browser.get("/admin/pixels/1").await.text();
    for words in [says, "82% of 11 events", "9% of 11 events", "Open the page on 127.0.0.1, too"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(browser.get("/admin").await.text().contains(says));
}

#[actix_web::test]
async fn an_address_that_visitors_cannot_reach_is_named_to_admins() {
    let app = TestApp::start().await;
    app.shop().await;
    let says = "which works on this computer only. Visitors cannot reach it.";
    for (role, named) in [(Role::Admin, true), (Role::Editor, false)] {
        let seen = Browser::of(&app, role, None).await.get("/admin").await;
        assert_eq!(seen.text().contains(says), named, "{role}: {}", seen.text());
    }
    let app = TestApp::start_with(|settings| settings.public_url = Some("https://px.shop.example".into())).await;
    app.shop().await;
    let seen = Browser::of(&app, Role::Admin, None).await.get("/admin").await;
    assert!(!seen.text().contains("Tags load from"), "{}", seen.text());
}

#[actix_web::test]
async fn a_currency_that_no_event_has_is_named() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for visitor in 1..=10 {
        let mut sale = fire(shop.pixel.id, visitor, 0);
        (sale.value, sale.currency) = (Some(Micros(1_000_000)), Currency::parse("EUR"));
        convert(&app, sale).await;
    }
    let browser = Browser::of(&app, Role::Editor, None).await;
    let says = "None of 10 order values in 7 days is in USD, the currency of this advertiser. Most are in EUR.";
    assert!(browser.get("/admin").await.text().contains(says));
    let mut sale = fire(shop.pixel.id, 11, 0);
    (sale.value, sale.currency) = (Some(Micros(1_000_000)), Some(Currency::USD));
    convert(&app, sale).await;
    assert!(!browser.get("/admin").await.text().contains("order values in 7 days"));
}
