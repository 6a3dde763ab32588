//! Live events: the latest of the log, what comes after it, in whose sight; and tags tried out.

mod stream;

use std::time::Duration;

use pixeld::domain::{
    Adjustment, ConversionChange, ConversionName, ExposureKind, Flags, Pixel, Rejected, Role, Segment, SegmentAction,
    SegmentLoad, SegmentOp, Seq, TagKind, VisitorId, Warning,
};
use pixeld::store::LogRow;

use crate::admin::Browser;
use crate::harness::{START, Shop, TestApp};
use crate::judge::{exposure, fire, show};

const PATIENCE: Duration = Duration::from_secs(20);

async fn log(app: &TestApp, row: LogRow) -> Seq {
    app.store.append(row).await.unwrap()
}

async fn buy(app: &TestApp, shop: &Shop, order: &str, flags: Flags) -> Seq {
    let mut bought = fire(shop.pixel.id, 7, 3_000);
    (bought.order_id, bought.flags) = (Some(order.to_owned()), flags);
    bought.query = format!("id=1&order_id={order}&x=<img src=x onerror=alert(1)>");
    bought.warnings =
        vec![Warning { parameter: "value".into(), raw: "<b>".into(), rule: "not_a_plain_decimal".into() }];
    log(app, LogRow::Fire(Box::new(bought))).await
}

async fn reject(app: &TestApp, reason: &str, query: &str) {
    reject_sent(app, "GET", "/px", reason, "", query).await;
}

async fn reject_sent(app: &TestApp, method: &str, path: &str, reason: &str, message: &str, query: &str) {
    let rejected = Rejected {
        at: START.plus(5_000),
        method: method.into(),
        path: path.into(),
        reason: reason.into(),
        message: message.into(),
        query: query.into(),
        referer: None,
        ip: None,
    };
    app.store.reject(rejected).await.unwrap();
}

/// One row of every kind.
async fn every_kind(app: &TestApp) -> Shop {
    let shop = app.shop().await;
    for (kind, after) in [(ExposureKind::Impression, 1_000), (ExposureKind::Click, 2_000)] {
        show(&app.store, exposure(kind, shop.line_item.id, 7, after)).await;
    }
    buy(app, &shop, "A-1", Flags::default()).await;
    let segment = app.store.create(&app.editor(), Segment::new("Cart users")).await.unwrap();
    let op = SegmentOp { segment_id: segment.id, action: SegmentAction::Add { value: None } };
    let load = SegmentLoad {
        at: START.plus(4_000),
        visitor_id: Some(VisitorId(7)),
        flags: Flags::default(),
        tag: TagKind::Image,
        segments: vec![op],
        warnings: Vec::new(),
        query: "add=1".into(),
        referer: None,
        user_agent: None,
        ip: None,
    };
    log(app, LogRow::SegmentLoad(Box::new(load))).await;
    reject(app, "unknown_pixel", "id=99&test=1").await;
    let adjustment = Adjustment {
        at: START,
        received: START.plus(6_000),
        advertiser_id: shop.advertiser.id,
        pixel_id: None,
        of: ConversionName::OrderId("A-1".into()),
        change: ConversionChange::Retract,
        reason_code: Some("returned".into()),
        source: "shop server".into(),
    };
    log(app, LogRow::Adjustment(Box::new(adjustment))).await;
    app.judged().await;
    shop
}

/// The titles of the rows on a page.
fn titles(body: &str) -> Vec<&str> {
    body.split(r#"<span class="event-what"><b>"#).skip(1).map(|row| row.split('<').next().unwrap()).collect()
}

#[actix_web::test]
async fn the_page_shows_the_latest_of_every_kind_newest_first() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    assert!(browser.get("/admin/live").await.is_empty());
    every_kind(&app).await;
    let seen = browser.get("/admin/live?kind=all").await;
    assert_eq!(
        titles(&seen.body),
        ["Cancel order A-1", "Unknown pixel", "Add to Cart users", "Purchase", "Banner 300x250", "Banner 300x250"]
    );
    let text = seen.text();
    for part in
        ["order A-1 1 warning Credited: click", "“&#60;b&#62;”", "/px?id=99&#38;test=1", "shop server", "Autumn sale"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(seen.has(r#"href="/admin/conversions/"#) && !seen.has("<img src=x"));
}

#[actix_web::test]
async fn filters_let_through_a_kind_a_pixel_or_tests() {
    let app = TestApp::start().await;
    let shop = every_kind(&app).await;
    let other = app.store.create(&app.editor(), Pixel::new(shop.advertiser.id, "Newsletter")).await.unwrap();
    log(&app, LogRow::Fire(Box::new(fire(other.id, 8, 9_000)))).await;
    buy(&app, &shop, "T-1", Flags { test: true, ..Flags::default() }).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for (query, expected) in [
        ("kind=click", vec!["Banner 300x250"]),
        ("kind=segment_load", vec!["Add to Cart users"]),
        ("kind=adjustment", vec!["Cancel order A-1"]),
        ("kind=fire", vec!["Newsletter", "Purchase", "Purchase"]),
        ("kind=nonsense&pixel=nonsense", vec!["Newsletter", "Purchase", "Purchase"]),
        ("", vec!["Newsletter", "Purchase", "Purchase"]),
        ("kind=all", vec!["Newsletter", "Cancel order A-1"]),
        ("pixel=2", vec!["Newsletter"]),
        ("pixel=1&test=on", vec!["Purchase"]),
        ("test=on", vec!["Unknown pixel", "Purchase"]),
        ("kind=fire&pixel=77", vec![]),
    ] {
        let seen = browser.get(&format!("/admin/live?{query}")).await;
        let found = titles(&seen.body);
        assert_eq!(&found[..found.len().min(expected.len().max(1))], expected, "{query}");
    }
    assert!(browser.get("/admin/live?kind=fire&pixel=77").await.is_empty());
}

#[actix_web::test]
async fn rejected_requests_of_servers_show_method_path_and_answer() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let event = r#"{"pixel_id":99}"#;
    for (method, path, reason, message, query, said) in [
        (
            "POST",
            "/conversions",
            "refused_event",
            "pixel_id names no pixel",
            event,
            "POST /conversions {&#34;pixel_id&#34;:99} Reason refused_event",
        ),
        ("GET", "/conversions", "wrong_method", "", "a=1", "/conversions?a=1 Reason wrong_method"),
        ("POST", "/px", "bad_id", "", "id=x", "POST /px?id=x Reason bad_id"),
        ("", "/px", "bad_id", "", "id=x", "/px?id=x Reason bad_id"),
        ("DELETE", "/px", "wrong_method", "", "id=1", "DELETE /px?id=1 Reason wrong_method"),
        (
            "POST",
            "/adjustments",
            "bad_api_token",
            "the token is unknown",
            "",
            "the token is unknown · POST /adjustments",
        ),
    ] {
        reject_sent(&app, method, path, reason, message, query).await;
        let text = browser.get("/admin/live?kind=all").await.text();
        let said = said.replace("&#34;", "\"");
        assert!(text.contains(&said), "{said} in {text}");
    }
}

#[actix_web::test]
async fn rejected_requests_are_counted_by_reason_for_unlimited_users() {
    let app = TestApp::start().await;
    let shop = every_kind(&app).await;
    for _ in 0..1_200 {
        reject(&app, "bad_id", "id=x").await;
    }
    reject_sent(&app, "POST", "/conversions", "no_token", "", "").await;
    let sums = "Rejected in the past 24 hours: 1,202";
    let reasons = "The ID is not a number: 1,200 No API token: 1 Unknown pixel: 1";
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let seen = browser.get("/admin").await;
    assert!(seen.text().contains(&format!("{sums} {reasons} Show requests")), "{}", seen.text());
    assert!(seen.has(r#"href="/admin/live?kind=rejected""#));
    let text = browser.get("/admin/live?kind=rejected").await.text();
    assert!(text.contains(&format!("{sums} {reasons}")), "{text}");
    assert!(!browser.get("/admin/live").await.text().contains(sums));
    // Rejected requests belong to no advertiser, here as in the list.
    let insider = Browser::of(&app, Role::Viewer, Some(shop.advertiser.id)).await;
    for path in ["/admin", "/admin/live?kind=rejected"] {
        assert!(!insider.get(path).await.has("Rejected in the past"), "{path}");
    }
    app.wait_minutes(25 * 60);
    assert!(!browser.get("/admin").await.has("Rejected in the past"));
}

#[actix_web::test]
async fn a_tag_is_tried_out_on_the_page_itself() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    assert!(browser.get("/admin/live?test=on").await.text().contains("Choose a pixel."));
    let offered = browser.get("/admin/live?test=on&pixel=1&param=order_id").await;
    let address = format!("http://{}/px?id=1&#38;order_id=TEST-120000&#38;t=2&#38;test=1", app.address);
    assert!(offered.has(&format!(r#"href="{address}" target="_blank" rel="noreferrer""#)), "{}", offered.body);
    assert!(!offered.has("<img"), "nothing is loaded unasked");
    let loaded = browser.get("/admin/live?test=on&pixel=1&param=order_id&load=on").await;
    let tag = format!(
        r#"<img src="http://{}/px?id=1&order_id=TEST-120000&t=2&test=1" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />"#,
        app.address
    );
    assert!(loaded.has(&tag), "{}", loaded.body);
    let policy = loaded.header("content-security-policy");
    let own = format!("img-src 'self' http://{} data:;", app.address);
    assert!(policy.contains(&own) && policy.contains("script-src 'self';"), "{policy}");
    let script = browser.get("/admin/live?test=on&pixel=1&tag=script&load=on").await;
    let policy = script.header("content-security-policy");
    assert!(policy.contains(&format!("script-src 'self' http://{};", app.address)), "{policy}");
    assert!(script.has(&format!(
        r#"<script src="http://{}/px?id=1&order_id=TEST-120000&value=49.90&t=1&test=1" async referrerpolicy="no-referrer-when-downgrade"></script>"#,
        app.address
    )));
    assert!(
        browser
            .get("/admin/export?id=1")
            .await
            .has("/admin/live?test=on&#38;pixel=1&#38;tag=image&#38;load=on&#38;param=order_id&#38;param=value")
    );
}
