//! Line items: created with their pixels, changed, described, deleted.

use pixeld::domain::{Campaign, Currency, LineItem, Micros, Millis, Pixel, PixelId, Role, Status};

use super::{beside, changed, rows};
use crate::admin::Browser;
use crate::harness::TestApp;

const FIELDS: [(&str, &str); 13] = [
    ("advertiser_id", "1"),
    ("name", "Wheels autumn sale"),
    ("code", "wheels-q4"),
    ("currency", ""),
    ("start_date", "2026-10-01"),
    ("end_date", "2026-12-31"),
    ("revenue_type", "cpa"),
    ("revenue_value", "15"),
    ("state", "active"),
    ("pixel", "1"),
    ("post_click_revenue", "15.5"),
    ("post_view_revenue", ""),
    ("pixel_state", "active"),
];

/// A row of the pixels.
fn row<'a>(pixel: &'a str, click: &'a str, view: &'a str, state: &'a str) -> [(&'a str, &'a str); 4] {
    [("pixel", pixel), ("post_click_revenue", click), ("post_view_revenue", view), ("pixel_state", state)]
}

async fn shop_with_pixels(app: &TestApp) -> Browser {
    let advertiser = app.advertiser("Northlight Bikes").await;
    for name in ["Purchase", "Sign-up"] {
        let mut pixel = Pixel::new(advertiser.id, name);
        pixel.post_view_value = Some(Micros(4_000_000));
        app.store.create(&app.editor(), pixel).await.unwrap();
    }
    Browser::of(app, Role::Editor, None).await
}

async fn stored(app: &TestApp, id: i64) -> LineItem {
    app.store.get(&app.reader(), id).await.unwrap()
}

#[actix_web::test]
async fn a_line_item_is_created_with_its_pixels_and_stored_as_entered() {
    let app = TestApp::start().await;
    let browser = shop_with_pixels(&app).await;
    assert!(browser.get("/admin/line-items").await.is_empty());
    let form = browser.get("/admin/line-items/new").await;
    assert!(form.text().contains("A group of ads of Northlight Bikes"), "with one advertiser there is no question");
    assert!(form.has(r#"data-post-view="4.00""#), "a pixel's own value stands by");
    let pixels: Vec<_> =
        [row("2", "", "0.80", "inactive"), row("", "9", "9", "active"), row("1", "15.5", "", "active")].concat();
    let made = browser.submit("/admin/line-items/new", &changed(&FIELDS, &pixels)).await;
    assert_eq!((made.status, made.location()), (303, "/admin/line-items/1"));
    let line_item = stored(&app, 1).await;
    assert_eq!((line_item.code.as_deref(), line_item.currency), (Some("wheels-q4"), None));
    assert_eq!(line_item.start_date, Millis::parse("2026-10-01 00:00:00").ok());
    assert_eq!(line_item.end_date, Millis::parse("2026-12-31 23:59:59").ok());
    assert_eq!((line_item.revenue_type.as_deref(), line_item.revenue_value), (Some("cpa"), Some(Micros(15_000_000))));
    let entries: Vec<_> =
        line_item.pixels.iter().map(|e| (e.pixel_id, e.state, e.post_click_revenue, e.post_view_revenue)).collect();
    assert_eq!(
        entries,
        [
            (PixelId(2), Status::Inactive, None, Some(Micros(800_000))),
            (PixelId(1), Status::Active, Some(Micros(15_500_000)), None),
        ],
        "a row without a pixel is left out"
    );
    let page = browser.get("/admin/line-items/1").await;
    let text = page.text();
    for term in ["1 Oct – 31 Dec 2026", "15.00 USD cpa", "clicks only", "15.50 / 4.00 by the pixel USD"] {
        assert!(text.contains(term), "{term}: {text}");
    }
    assert!(text.contains("Next: create an ad") && text.contains("No trackers yet."), "{text}");
}

#[actix_web::test]
async fn a_form_asks_for_the_advertiser_when_there_are_several() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    assert!(browser.get("/admin/line-items/new").await.is_empty());
    app.shop().await;
    app.advertiser("Kessel Coffee").await;
    let asked = browser.get("/admin/line-items/new").await;
    assert!(asked.text().contains("You can attach this advertiser's pixels.") && !asked.has(r#"name="name""#));
    let form = browser.get("/admin/line-items/new?advertiser_id=2").await;
    assert!(form.text().contains("Kessel Coffee has no pixel yet."), "{}", form.text());
    assert_eq!(browser.get("/admin/line-items/new?advertiser_id=9").await.status, 404);

    let stolen = browser.submit("/admin/line-items/new", &changed(&FIELDS, &[("advertiser_id", "2")])).await;
    assert_eq!(stolen.status, 422);
    assert!(
        stolen.text().contains("Pixel 1 names pixel 1, which does not belong to advertiser 2."),
        "{}",
        stolen.text()
    );
    let without =
        changed(&FIELDS, &[&[("advertiser_id", "2"), ("anyway", "yes")][..], &row("", "", "", "active")].concat());
    assert_eq!(browser.submit("/admin/line-items/new", &without).await.status, 303);
}

#[actix_web::test]
async fn errors_appear_beside_their_row_and_the_input_stays() {
    let app = TestApp::start().await;
    let browser = shop_with_pixels(&app).await;
    let change = [
        &[
            ("name", ""),
            ("currency", "€"),
            ("end_date", "2026-09-01"),
            ("revenue_value", "1.500,00"),
            ("revenue_type", "<b>"),
        ][..],
        &row("1", "-2", "", "active"),
        &row("", "", "", "active"),
        &row("1", "", "3.5", "inactive"),
        &row("x", "", "", "active"),
    ];
    let seen = browser.submit("/admin/line-items/new", &changed(&FIELDS, &change.concat())).await;
    assert_eq!(seen.status, 422);
    assert_eq!(beside(&seen, "name"), "Name is missing.");
    assert_eq!(beside(&seen, "currency"), "Currency must be a code such as EUR.");
    assert!(
        beside(&seen, "post_click_revenue_1")
            .starts_with("Payout after a click of pixel 1 must be a number such as 12.50")
    );
    assert_eq!(beside(&seen, "pixel_2"), "Pixel 2 is chosen twice.");
    assert_eq!(beside(&seen, "pixel_3"), "Pixel 3 must be one of the choices.");
    assert!(beside(&seen, "revenue_value").starts_with("The price must be a number such as 12.50"));
    assert_eq!(beside(&seen, "end_date"), "The last day is before the first day.");
    for (name, value) in [("currency", "€"), ("end_date", "2026-09-01"), ("revenue_type", "<b>"), ("code", "wheels-q4")]
    {
        assert_eq!(seen.typed(name), value);
    }
    assert!(seen.has(r#"name="post_click_revenue" inputmode="decimal" value="-2""#));
    assert!(seen.has(r#"name="post_view_revenue" inputmode="decimal" value="3.5""#));
    assert_eq!(app.store.list::<LineItem>(&app.reader(), Default::default()).await.unwrap().count, 0);
}

#[actix_web::test]
async fn at_most_20_pixels_and_without_the_script_a_button_adds_a_row() {
    let app = TestApp::start().await;
    let browser = shop_with_pixels(&app).await;
    for n in 3..=21 {
        let pixel = Pixel::new(pixeld::domain::AdvertiserId(1), format!("Pixel {n}"));
        app.store.create(&app.editor(), pixel).await.unwrap();
    }
    let ids: Vec<String> = (1..=21).map(|id| id.to_string()).collect();
    let all: Vec<_> = ids.iter().flat_map(|id| row(id, "", "", "active")).collect();
    let many = browser.submit("/admin/line-items/new", &changed(&FIELDS, &all)).await;
    assert_eq!(many.status, 422);
    assert_eq!(beside(&many, "pixels"), "Pixels can be 20 at most.");
    assert_eq!(browser.submit("/admin/line-items/new", &changed(&FIELDS, &all[..80])).await.status, 303);

    let more = browser.submit("/admin/line-items/new", &changed(&FIELDS, &[("name", "Half"), ("do", "add-row")])).await;
    assert_eq!((more.status, more.typed("name").as_str()), (200, "Half"));
    assert!(more.has(r#"id="pixel_2""#) && !more.has(r#"id="pixel_3""#) && more.errors() == 0);
}

#[actix_web::test]
async fn a_change_keeps_the_fields_that_the_form_lacks() {
    let app = TestApp::start().await;
    let browser = shop_with_pixels(&app).await;
    browser.submit("/admin/line-items/new", &FIELDS).await;
    let set = |line_item: &mut LineItem| {
        line_item.start_date = Millis::parse("2026-10-01 06:30:00").ok();
        Ok(())
    };
    app.store.update(&app.editor(), 1, set).await.unwrap();
    let edit = browser.get("/admin/line-items/1/edit").await;
    assert_eq!((edit.typed("start_date").as_str(), edit.typed("post_click_revenue").as_str()), ("2026-10-01", "15.50"));
    let change = [&[("name", "Sale"), ("currency", "EUR"), ("advertiser_id", "9")][..], &row("", "15.5", "", "active")];
    let saved = browser.submit("/admin/line-items/1/edit", &changed(&FIELDS, &change.concat())).await;
    assert_eq!((saved.status, saved.location()), (303, "/admin/line-items/1"));
    let line_item = stored(&app, 1).await;
    assert_eq!((line_item.name.as_str(), line_item.advertiser_id.0), ("Sale", 1));
    assert_eq!(line_item.currency, Currency::parse("EUR"));
    assert_eq!(line_item.start_date, Millis::parse("2026-10-01 06:30:00").ok(), "the time of day stays");
    assert!(line_item.pixels.is_empty(), "“none” takes a pixel off");
    let page = browser.get("/admin/line-items/1").await;
    assert!(page.text().contains("No pixel is attached.") && page.text().contains("Past conversions stay"));
    assert_eq!(browser.get("/admin/line-items/2/edit").await.status, 404);
}

#[actix_web::test]
async fn its_page_adds_up_the_last_30_days() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.post_click_value = Some(Micros(12_500_000))).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let figures = async |path: &str| {
        let page = browser.get(path).await.text();
        page.split_once("Last 30 days Days in UTC.").unwrap().1.split(" Pixels ").next().unwrap().trim().to_owned()
    };
    let path = format!("/admin/line-items/{}", shop.line_item.id);
    assert_eq!(figures(&path).await, "Impressions – No clicks Conversions – Order value – Cost –", "nothing yet");
    for _ in 0..3 {
        app.get(&format!("/imptr?id={}&t=2&campaign_id=7", shop.impression.id), &[]).await;
    }
    let clicked = app.get(&format!("/clktr?id={}", shop.click.id), &[]).await;
    let cookie = clicked.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    for order in ["A1", "A2"] {
        app.get(&format!("/px?id={}&t=2&order_id={order}", shop.pixel.id), &[("cookie", &cookie)]).await;
    }
    app.get(&format!("/imptr?id={}&t=2&test=1", shop.impression.id), &[]).await;
    app.judged().await;
    let funnel =
        "Impressions 3 1 click · 33.33% CTR Conversions 1 1 click · 0 view Order value – 12.50 USD payout Cost –";
    assert!(figures(&path).await.ends_with(funnel), "one per visitor; tests are left out");
    let publisher = browser.get(&format!("/admin/publishers/{}", shop.publisher.id)).await.text();
    assert!(publisher.contains(funnel), "{publisher}");
    app.wait_minutes(31 * 24 * 60);
    let browser = Browser::of(&app, Role::Editor, None).await;
    let later = browser.get(&path).await.text();
    assert!(later.contains("Impressions – No clicks"), "{later}");
}

#[actix_web::test]
async fn a_deletion_names_the_objects_that_prevent_it() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let campaign = Campaign::new(shop.advertiser.id, shop.line_item.id, "Search ads");
    app.store.create(&app.editor(), campaign).await.unwrap();
    let browser = Browser::of(&app, Role::Editor, None).await;
    let asked = browser.submit("/admin/line-items/1/delete", &[]).await;
    assert_eq!(asked.status, 200);
    for said in [
        "“Autumn sale” is still in use",
        "Search ads, campaign 1",
        "Banner 300x250, tracker 1 for ad views",
        "Banner 300x250, tracker 2 for ad clicks",
        "You can also deactivate it instead.",
    ] {
        assert!(asked.text().contains(said), "{said}: {}", asked.text());
    }
    assert!(!asked.has(r#"name="confirmed""#), "there is nothing to confirm");
    let forced = browser.submit("/admin/line-items/1/delete", &[("confirmed", "yes")]).await;
    assert!(forced.status == 409 && forced.text().contains("Line item 1 is used by campaign 1 (Search ads)"));
    for path in ["/admin/campaigns/1/delete", "/admin/trackers/1/delete", "/admin/trackers/2/delete"] {
        assert_eq!(browser.submit(path, &[("confirmed", "yes")]).await.status, 303, "{path}");
    }
    let asked = browser.submit("/admin/line-items/1/delete", &[]).await;
    assert!(asked.asks() && asked.text().contains("Its ads get no more credit for the events of 1 pixel"));
    assert_eq!(
        browser.submit("/admin/line-items/1/delete", &[("confirmed", "yes")]).await.location(),
        "/admin/line-items"
    );
    assert!(browser.get("/admin/line-items").await.text().contains("“Autumn sale” deleted."));
    assert_eq!(browser.get("/admin/line-items/1").await.status, 404);
}

#[actix_web::test]
async fn the_list_is_filtered_by_advertiser_and_state_and_sorted_by_the_first_day() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let other = app.advertiser("Kessel Coffee").await;
    for (name, start, state) in
        [("Beans", "2026-03-01", Status::Active), ("Autumn beans", "2026-01-01", Status::Inactive)]
    {
        let mut line_item = LineItem::new(other.id, name);
        (line_item.start_date, line_item.state) = (Millis::parse(start).ok(), state);
        app.store.create(&app.editor(), line_item).await.unwrap();
    }
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let names = async |query: &str| rows(&browser.get(&format!("/admin/line-items{query}")).await);
    assert_eq!(names("").await, ["Autumn beans", "Autumn sale", "Beans"]);
    assert_eq!(names(&format!("?advertiser_id={}", shop.advertiser.id)).await, ["Autumn sale"]);
    assert_eq!(names("?advertiser_id=all&state=inactive").await, ["Autumn beans"]);
    assert_eq!(names("?search=autumn&sort=name.desc").await, ["Autumn sale", "Autumn beans"]);
    assert_eq!(names("?sort=start_date.desc").await, ["Beans", "Autumn beans", "Autumn sale"]);
}
