//! A visitor's page, and the ways to it.

use pixeld::domain::{Fire, LineItem, Micros, Pixel, Role, Segment};

use crate::admin::Browser;
use crate::harness::{Shop, TestApp};
use crate::judge::segments::load;
use crate::judge::{HOUR, MIN, click, convert, fire, show, view};

const VISITOR: &str = "/admin/visitors/0000000000000007";

/// Visitor 7 is in a segment of all for an hour and in the shop's own, saw and clicked its ad, and bought.
async fn prepared(app: &TestApp) -> Shop {
    let shop = app.shop().await;
    let mut cart = Segment::new("Cart <b>");
    (cart.expire_minutes, cart.code) = (Some(60), Some("cart".into()));
    app.store.create(&app.editor(), cart).await.unwrap();
    let mut buyers = Segment::new("Buyers");
    buyers.advertiser_id = Some(shop.advertiser.id);
    app.store.create(&app.editor(), buyers).await.unwrap();
    load(app, 7, 0, "1:3,2").await;
    show(&app.store, view(shop.line_item.id, 7, 0)).await;
    show(&app.store, click(shop.line_item.id, 7, MIN)).await;
    let bought = Fire { order_id: Some("A-1".into()), value: Some(Micros(30_000_000)), ..fire(shop.pixel.id, 7, HOUR) };
    convert(app, bought).await;
    shop
}

#[actix_web::test]
async fn a_visitors_page_tells_its_segments_exposures_and_conversions() {
    let app = TestApp::start().await;
    prepared(&app).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let page = browser.get(VISITOR).await;
    let text = page.text();
    for said in [
        "Visitor 0000000000000007",
        "In reports 7",
        "Cart &#60;b&#62; cart just now 1 Oct 13:00 UTC 1 h left 3",
        "Buyers – none just now 30 Mar 2027 12:00 UTC 180 d left – none",
        "1 Oct 12:01 UTC Ad click Autumn sale Daily News just now Ad view Autumn sale Daily News",
        "1 Oct 13:00 UTC Credited: click Purchase A-1 Autumn sale 30.00",
        "/membership?visitor_id=0000000000000007",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for link in ["/admin/segments/1", "/admin/segments/2", "/admin/line-items/1", "/admin/conversions/"] {
        assert!(page.has(&format!("href=\"{link}")), "{link}");
    }
    assert!(!text.contains("older ones are not shown") && !text.contains("You see what concerns"), "{text}");
    assert!(!page.has("<b>Cart") && !page.has("Cart <b>"), "names are never HTML");

    app.wait_minutes(60);
    let text = browser.get(VISITOR).await.text();
    assert!(!text.contains("Cart") && text.contains("179 d 23 h left"), "its hour is over: {text}");
    let stranger = browser.get("/admin/visitors/7f").await;
    assert_eq!(stranger.status, 200);
    assert!(stranger.is_empty(), "{}", stranger.text());
    for (visitor, status) in [("7", 200), ("0", 404), ("optout", 404), ("ffffffffffffffff", 404), ("1/edit", 404)] {
        assert_eq!(browser.get(&format!("/admin/visitors/{visitor}")).await.status, status, "{visitor}");
    }
}

#[actix_web::test]
async fn the_page_shows_the_latest_rows_and_says_that_there_are_more() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    for minute in 0..21 {
        show(&app.store, view(shop.line_item.id, 7, minute * MIN)).await;
        convert(&app, fire(shop.pixel.id, 7, HOUR + minute * MIN)).await;
    }
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let page = browser.get(VISITOR).await;
    let text = page.text();
    assert_eq!(text.matches("older ones are not shown").count(), 2, "{text}");
    assert_eq!((page.body.matches(">Ad view<").count(), page.body.matches("Credited: view").count()), (20, 20));
    assert!(text.contains("1 Oct 12:01 UTC") && !text.contains("just now") && text.contains("1 Oct 13:01 UTC"));
    assert!(text.contains("In no segment now."), "{text}");
}

#[actix_web::test]
async fn a_limited_user_sees_only_its_own_rows_of_a_visitor() {
    let app = TestApp::start().await;
    let shop = prepared(&app).await;
    let hats = app.advertiser("Hats").await;
    let pixel = app.store.create(&app.editor(), Pixel::new(hats.id, "Hat sold")).await.unwrap();
    let mut item = LineItem::new(hats.id, "Hat ads");
    item.pixels = shop.line_item.pixels.clone();
    item.pixels[0].pixel_id = pixel.id;
    let item = app.store.create(&app.editor(), item).await.unwrap();
    show(&app.store, click(item.id, 7, 2 * MIN)).await;
    convert(&app, fire(pixel.id, 7, HOUR)).await;

    let of_hats = ["Hat ads", "Hat sold"];
    let of_shop = ["Buyers", "Autumn sale", "Purchase", "A-1"];
    for (own, visible, hidden) in [(hats.id, &of_hats[..], &of_shop[..]), (shop.advertiser.id, &of_shop, &of_hats)] {
        let browser = Browser::of(&app, Role::Viewer, Some(own)).await;
        let text = browser.get(VISITOR).await.text();
        assert!(text.contains("You see what concerns") && text.contains("Cart"), "{text}");
        assert!(visible.iter().all(|name| text.contains(name)), "{visible:?}: {text}");
        assert!(hidden.iter().all(|name| !text.contains(name)), "{hidden:?}: {text}");
    }
    let all = Browser::of(&app, Role::Viewer, None).await.get(VISITOR).await.text();
    assert!(of_shop.iter().chain(&of_hats).all(|name| all.contains(name)), "{all}");
}

#[actix_web::test]
async fn visitors_are_looked_up_by_number_and_linked_from_every_page() {
    let app = TestApp::start().await;
    let shop = prepared(&app).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    assert!(browser.get("/admin/segments").await.has(r#"href="/admin/visitors""#));
    let form = browser.get("/admin/visitors").await;
    assert!(form.status == 200 && !form.has("aria-invalid"), "{}", form.text());
    for (typed, leads) in
        [("7", VISITOR), ("+0000000000000007+", VISITOR), ("9223372036854775807", "/admin/visitors/7fffffffffffffff")]
    {
        let found = browser.get(&format!("/admin/visitors?visitor={typed}")).await;
        assert_eq!((found.status, found.location()), (303, leads), "{typed}");
    }
    for typed in ["", "optout", "9223372036854775808", "<b>"] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("visitor", typed).finish();
        let refused = browser.get(&format!("/admin/visitors?{query}")).await;
        assert_eq!((refused.status, refused.typed("visitor").as_str()), (200, typed), "{typed}");
        assert_eq!(
            super::beside(&refused, "visitor"),
            "Type a visitor ID: up to 16 of the characters 0–9 and a–f, or 17 to 19 digits. Or type a click ID with which a visitor came."
        );
    }

    let link = format!("href=\"{VISITOR}\"");
    let conversion = app.store.credited_of(&app.reader(), pixeld::domain::VisitorId(7), 1).await.unwrap().remove(0);
    let page = browser.get(&format!("/admin/conversions/{}", conversion.fire.seq)).await;
    assert_eq!(page.body.matches(&link).count(), 1, "beside its ads");
    assert_eq!(
        browser.get("/admin/live?kind=all").await.body.matches(&link).count(),
        4,
        "load, impression, click, fire"
    );
    let unnamed = convert(&app, Fire { visitor_id: None, ..fire(shop.pixel.id, 7, HOUR) }).await;
    let page = browser.get(&format!("/admin/conversions/{}", unnamed.fire.seq)).await;
    assert!(page.text().contains("Visitor unknown") && !page.has("/admin/visitors/"), "{}", page.text());
}

#[actix_web::test]
async fn the_page_of_visitors_needs_a_session() {
    let app = TestApp::start().await;
    Browser::of(&app, Role::Viewer, None).await;
    let stranger = Browser::new(&app);
    for path in ["/admin/visitors", VISITOR] {
        let sent = stranger.get(path).await;
        assert_eq!(sent.status, 303, "{path}");
        assert!(sent.location().starts_with("/admin/sign-in?next=%2Fadmin%2Fvisitors"), "{}", sent.location());
    }
}
