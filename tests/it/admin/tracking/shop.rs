//! The first step and the third: the shop is saved as typed, and its snippets fit it.

use pixeld::domain::{Advertiser, Pixel, Role, TriggerType};
use pixeld::store::ClickTracker;

use super::{SHOP, all, set_up, setup, start, start_with};
use crate::admin::Browser;
use crate::admin::objects::{beside, changed};
use crate::harness::TestApp;

#[actix_web::test]
async fn the_shop_is_saved_as_typed_and_its_pixel_fits_what_it_counts() {
    let (app, browser) = start().await;
    let form = browser.get("/admin/tracking/new").await;
    assert_eq!(form.typed("default_currency"), "USD");
    let saved = browser.submit("/admin/tracking/new", &SHOP).await;
    assert_eq!((saved.status, saved.location()), (303, "/admin/tracking/1/ads"));
    let advertiser: Advertiser = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!(advertiser.name, "Green Tea Club");
    assert_eq!(
        (advertiser.default_currency.to_string(), advertiser.timezone),
        ("EUR".to_owned(), "Europe/Berlin".to_owned())
    );
    assert_eq!(advertiser.redirect_hosts.0, ["shop.example"], "links of ads may lead there");
    assert_eq!(setup(&app).await.site, "https://shop.example");
}

#[actix_web::test]
async fn each_goal_has_a_pixel_of_its_own() {
    let (app, browser) = start().await;
    // Minutes between conversions (none: one per visitor), and whether an order counts once.
    let goals = [
        ("purchase", "Purchase", Some(0), true),
        ("lead", "Lead", Some(1_440), false),
        ("sign_up", "Sign-up", None, false),
        ("other", "Conversion", Some(0), false),
    ];
    for (goal, ..) in goals {
        let site = format!("{}.example", goal.replace('_', "-"));
        let fields = changed(&SHOP, &[("goal", goal), ("site", &site)]);
        assert_eq!(browser.submit("/admin/tracking/new", &fields).await.status, 303);
    }
    let pixels = all::<Pixel>(&app).await;
    for (pixel, (goal, name, repeat, by_order)) in pixels.iter().zip(goals) {
        let rules = (pixel.name.as_str(), pixel.min_minutes_per_conv, pixel.count_each_order_once);
        assert_eq!(rules, (name, repeat, by_order), "{goal}");
        let windows = (pixel.trigger_type, pixel.post_click_expire_mins, pixel.post_view_expire_mins);
        assert_eq!(windows, (TriggerType::Hybrid, Some(14 * 1_440), Some(1_440)), "{goal}");
    }
    assert_eq!(pixels.len(), goals.len());
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_nothing_is_created() {
    let (app, browser) = start().await;
    let wrong =
        [("name", " "), ("site", "my shop"), ("goal", "fame"), ("default_currency", "euro"), ("timezone", "Mars")];
    let seen = browser.submit("/admin/tracking/new", &wrong).await;
    assert_eq!((seen.status, seen.errors()), (422, 5), "{}", seen.text());
    assert_eq!(beside(&seen, "name"), "Name is missing.");
    assert_eq!(
        beside(&seen, "site"),
        "Address must be the address of a website such as shop.example, not \"my shop\"."
    );
    assert_eq!(beside(&seen, "goal"), "What you count must be one of the choices.");
    assert_eq!(beside(&seen, "default_currency"), "Currency must be a code such as EUR.");
    assert_eq!(beside(&seen, "timezone"), "“Mars” is not a time zone. Write one such as Europe/Berlin.");
    for (name, value) in [("site", "my shop"), ("default_currency", "euro"), ("timezone", "Mars")] {
        assert_eq!(seen.typed(name), value, "the form keeps its text");
    }
    let empty = browser.submit("/admin/tracking/new", &changed(&SHOP, &[("site", "")])).await;
    assert_eq!(beside(&empty, "site"), "Address is missing.");
    let hostile =
        browser.submit("/admin/tracking/new", &changed(&SHOP, &[("site", "<script>alert(1)</script>")])).await;
    assert!(hostile.status == 422 && !hostile.has("<script>alert"), "{}", hostile.body);
    assert_eq!(all::<Advertiser>(&app).await.len(), 0);
    assert_eq!(all::<Pixel>(&app).await.len(), 0);
}

#[actix_web::test]
async fn a_form_that_is_sent_twice_makes_one_shop() {
    let (app, browser) = start().await;
    for _ in 0..2 {
        let saved = browser.submit("/admin/tracking/new", &SHOP).await;
        assert_eq!((saved.status, saved.location()), (303, "/admin/tracking/1/ads"));
    }
    let other = browser.submit("/admin/tracking/new", &changed(&SHOP, &[("site", "tea.example")])).await;
    assert_eq!(other.location(), "/admin/tracking/2/ads", "another shop has a set-up of its own");
    assert_eq!((all::<Advertiser>(&app).await.len(), all::<Pixel>(&app).await.len()), (2, 2));
    let lead = browser.submit("/admin/tracking/new", &changed(&SHOP, &[("goal", "lead")])).await;
    assert_eq!(lead.location(), "/admin/tracking/3/ads", "what else it counts is no repeat");
}

#[actix_web::test]
async fn the_shop_can_be_changed_later() {
    let (app, browser) = start().await;
    set_up(&browser, &["google", "banners"]).await;
    let form = browser.get("/admin/tracking/1/shop").await;
    assert_eq!((form.typed("name").as_str(), form.typed("site").as_str()), ("Green Tea Club", "https://shop.example"));
    let change =
        changed(&SHOP, &[("name", "Black Tea Club"), ("site", "https://black.example/start"), ("timezone", "")]);
    let saved = browser.submit("/admin/tracking/1/shop", &change).await;
    assert_eq!((saved.status, saved.location()), (303, "/admin/tracking/1/ads"));
    let advertiser: Advertiser = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!((advertiser.name.as_str(), advertiser.timezone.as_str()), ("Black Tea Club", "Europe/Berlin"));
    assert_eq!(advertiser.redirect_hosts.0, ["shop.example", "black.example"]);
    assert_eq!(setup(&app).await.site, "https://black.example");
    let told = browser.get(saved.location()).await;
    assert!(told.text().contains("Saved. 1 ad leads to the new address now."), "{}", told.text());
    let leads_to = async || app.get("/clktr?id=1", &[]).await.headers()["location"].to_str().unwrap().to_owned();
    assert!(leads_to().await.starts_with("https://black.example/?px="));
    // What leads elsewhere by now stays as it is.
    let elsewhere = |tracker: &mut ClickTracker| {
        tracker.0.click_url = Some("https://black.example.org/sale".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), 1, elsewhere).await.unwrap();
    let back = changed(&SHOP, &[("name", "Black Tea Club"), ("timezone", "")]);
    browser.submit("/admin/tracking/1/shop", &back).await;
    assert_eq!(leads_to().await, "https://black.example.org/sale");
    browser.submit("/admin/tracking/1/shop", &change).await;
    let wrong = browser.submit("/admin/tracking/1/shop", &changed(&SHOP, &[("site", "ftp://shop.example")])).await;
    assert_eq!(
        beside(&wrong, "site"),
        "Address must be the address of a website such as shop.example, not \"ftp://shop.example\"."
    );
    assert_eq!(setup(&app).await.site, "https://black.example");
}

#[actix_web::test]
async fn a_set_up_is_taken_up_where_it_was_left() {
    let (app, browser) = start().await;
    let begin = browser.get("/admin").await;
    assert!(begin.has(r#"href="/admin/tracking/new""#), "{}", begin.text());
    browser.submit("/admin/tracking/new", &SHOP).await;
    let next = async || {
        let overview = browser.get("/admin").await;
        let (_, rest) = overview.body.split_once(r#"href="/admin/tracking/1/"#).expect("the step to go on with");
        rest.split('"').next().unwrap().to_owned()
    };
    assert_eq!(next().await, "ads");
    let early = browser.get("/admin/tracking/1/snippets").await;
    assert_eq!((early.status, early.location()), (303, "/admin/tracking/1/ads"), "there is nothing to paste yet");
    browser.submit("/admin/tracking/1/ads", &[("ads", "google"), ("shop_system", "page")]).await;
    assert_eq!(next().await, "snippets");
    app.get("/px?id=1&order_id=A1", &[]).await;
    app.judged().await;
    assert_eq!(next().await, "first-sale");
    for step in ["shop", "ads", "snippets", "first-sale"] {
        assert_eq!(browser.get(&format!("/admin/tracking/1/{step}")).await.status, 200, "{step}");
    }
    let hidden = browser.submit("/admin/tracking/1/hide", &[]).await;
    assert_eq!((hidden.status, hidden.location()), (303, "/admin"));
    assert!(!browser.get("/admin").await.has("/admin/tracking/1/"), "hidden steps stay hidden");
    assert_eq!(browser.get("/admin/tracking/1/first-sale").await.status, 200, "the page itself stays");
}

#[actix_web::test]
async fn the_snippets_name_the_public_address_and_the_pixel() {
    let (_app, browser) = start_with(&["google", "newsletter"]).await;
    let seen = browser.get("/admin/tracking/1/snippets").await;
    let text = seen.text();
    let [site, sale] = [r#"id="site-tag""#, r#"id="sale-tag""#].map(|id| seen.texts(id).join(""));
    assert!(site.contains("https://px.shop.example/site.js?id=1"), "{site}");
    assert!(
        sale.contains("https://px.shop.example/px?id=1&") || sale.contains("px.shop.example/px?id=1&#38;"),
        "{sale}"
    );
    for placeholder in ["[ORDER_ID]", "[REVENUE]"] {
        assert!(sale.contains(placeholder), "{placeholder}: {sale}");
    }
    for said in
        ["They load from px.shop.example . It is on the same site as your shop", "3. Where your ads run", "Google Ads"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!seen.has("notice bad"), "{text}");
}

#[actix_web::test]
async fn an_address_that_visitors_cannot_reach_is_named_beside_the_snippets() {
    for (address, said) in [
        (None, Some("This address works on this computer only Set the public address first.")),
        (Some("http://192.168.1.5"), Some("This address works in your own network only Set the public address first.")),
        (Some("http://px.shop.example"), Some("This address has no https")),
        (Some("https://px.shop.example"), None),
    ] {
        let app = TestApp::start_with(|given| given.public_url = address.map(str::to_owned)).await;
        let browser = Browser::of(&app, Role::Editor, None).await;
        set_up(&browser, &["google"]).await;
        let seen = browser.get("/admin/tracking/1/snippets").await;
        assert_eq!(seen.has("notice bad"), said.is_some(), "{address:?}: {}", seen.text());
        assert!(seen.text().contains(said.unwrap_or("")), "{address:?}: {}", seen.text());
    }
}
