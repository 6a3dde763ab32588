//! What a form lacks is created on the way, and the user comes back to the form with all that was typed.

use pixeld::domain::{LineItem, Pixel, Role};

use super::{beside, chosen};
use crate::admin::{Browser, Seen, pixel_fields};
use crate::harness::TestApp;

/// The hidden address that a form leads back to.
fn return_to(seen: &Seen) -> String {
    seen.typed("return_to")
}

#[actix_web::test]
async fn a_placement_made_on_the_way_is_chosen_in_the_trackers_form() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let typed = [
        ("kind", "clicktracker"),
        ("name", "News & more"),
        ("line_item_id", "1"),
        ("publisher_id", ""),
        ("click_url", "https://shop.example/?a=b"),
        ("code", ""),
        ("state", "active"),
        ("do", "make-placement"),
    ];
    let away = browser.submit("/admin/trackers/new", &typed).await;
    assert_eq!(away.status, 303);
    assert!(away.location().starts_with("/admin/publishers/new?return_to="), "{}", away.location());
    let form = browser.get(away.location()).await;
    let back = return_to(&form);
    let failed =
        browser.submit("/admin/publishers/new", &[("name", ""), ("state", "active"), ("return_to", &back)]).await;
    assert_eq!((failed.status, return_to(&failed)), (422, back.clone()), "an error keeps the way back");
    let made = browser
        .submit("/admin/publishers/new", &[("name", "Gazette"), ("state", "active"), ("return_to", &back)])
        .await;
    assert!(made.location().starts_with("/admin/trackers/new?"), "{}", made.location());
    let again = browser.get(made.location()).await;
    assert_eq!(
        (again.typed("name").as_str(), again.typed("click_url").as_str()),
        ("News & more", "https://shop.example/?a=b")
    );
    assert!(again.has(r#"value="clicktracker" checked"#), "{}", again.body);
    assert!(again.has(r#"<option value="2" selected>Gazette</option>"#), "{}", again.body);
    assert!(again.text().contains("Placement “Gazette” created."), "{}", again.text());
}

#[actix_web::test]
async fn a_detour_may_lead_through_two_forms() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let away = browser
        .submit(
            "/admin/ads/new",
            &[("name", "Spring"), ("line_item_id", ""), ("placement", "News"), ("do", "make-line-item")],
        )
        .await;
    let line_item = browser.get(away.location()).await;
    let back = return_to(&line_item);
    let fields = [
        ("advertiser_id", "1"),
        ("name", "Spring sale"),
        ("state", "active"),
        ("return_to", back.as_str()),
        ("do", "make-pixel"),
    ];
    let away = browser.submit("/admin/line-items/new", &fields).await;
    let pixel = browser.get(away.location()).await;
    assert!(chosen(&pixel, "1"), "the pixel belongs to the line item's advertiser");
    let back = return_to(&pixel);
    let made = browser.submit("/admin/pixels/new", &pixel_fields(&[("name", "Sign-up"), ("return_to", &back)])).await;
    let line_item = browser.get(made.location()).await;
    assert_eq!(line_item.typed("name"), "Spring sale");
    assert!(
        line_item.has(r#"<option value="2" data-post-click="12.50" data-post-view="" selected>"#),
        "{}",
        line_item.body
    );
    let back = return_to(&line_item);
    let fields = [
        ("advertiser_id", "1"),
        ("name", "Spring sale"),
        ("state", "active"),
        ("pixel", "2"),
        ("post_click_revenue", ""),
        ("post_view_revenue", ""),
        ("pixel_state", "active"),
        ("return_to", back.as_str()),
    ];
    let made = browser.submit("/admin/line-items/new", &fields).await;
    let ad = browser.get(made.location()).await;
    assert_eq!((ad.typed("name").as_str(), ad.typed("placement").as_str()), ("Spring", "News"));
    assert!(chosen(&ad, "2"), "{}", ad.body);
}

#[actix_web::test]
async fn a_line_item_made_from_a_pixels_page_has_the_pixel_and_leads_back() {
    let app = TestApp::start().await;
    let advertiser = app.advertiser("Shop").await;
    for name in ["Purchase", "Sign-up"] {
        app.store.create(&app.editor(), Pixel::new(advertiser.id, name)).await.unwrap();
    }
    let browser = Browser::of(&app, Role::Editor, None).await;
    let page = browser.get("/admin/pixels/2").await;
    let link = "/admin/line-items/new?advertiser_id=1&amp;pixel=2&amp;return_to=%2Fadmin%2Fpixels%2F2";
    assert!(page.has(link), "{}", page.body);
    let form = browser.get(&link.replace("&amp;", "&")).await;
    assert!(chosen(&form, "2"), "{}", form.body);
    let fields = [
        ("advertiser_id", "1"),
        ("name", "All ads"),
        ("state", "active"),
        ("pixel", "2"),
        ("post_click_revenue", ""),
        ("post_view_revenue", ""),
        ("pixel_state", "active"),
        ("return_to", "/admin/pixels/2"),
    ];
    assert_eq!(browser.submit("/admin/line-items/new", &fields).await.location(), "/admin/pixels/2");
}

#[actix_web::test]
async fn a_line_item_without_pixels_asks_first() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let fields = |more: &'static [(&str, &str)]| -> Vec<(&str, &str)> {
        [("advertiser_id", "1"), ("name", "Later"), ("state", "active")].iter().chain(more).copied().collect()
    };
    let asked = browser.submit("/admin/line-items/new", &fields(&[])).await;
    assert_eq!(asked.status, 422);
    assert_eq!(beside(&asked, "pixels"), "No pixel is attached: nothing will be credited. Create anyway?");
    assert!(asked.has(r#"name="anyway" value="yes""#) && asked.typed("name") == "Later", "{}", asked.body);
    assert_eq!(app.store.list::<LineItem>(&app.reader(), Default::default()).await.unwrap().count, 1);
    let made = browser.submit("/admin/line-items/new", &fields(&[("anyway", "yes")])).await;
    assert_eq!((made.status, made.location()), (303, "/admin/line-items/2"));
    let odd = browser.submit("/admin/line-items/new", &fields(&[("name", "")])).await;
    assert_eq!(odd.status, 422);
}

#[actix_web::test]
async fn no_form_leads_to_another_site() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    for to in [
        "https://evil.example/",
        "//evil.example",
        "/admin/../px?id=1",
        "/\\evil.example",
        "/admin/sign-out",
        "javascript:1",
    ] {
        let escaped: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        for form in ["publishers", "line-items", "trackers", "ads", "advertisers"] {
            let seen = browser.get(&format!("/admin/{form}/new?return_to={escaped}")).await;
            let leads = format!(r#"href="{to}""#);
            assert!(!seen.has(r#"name="return_to""#) && !seen.has(&leads), "{form} {to}: {}", seen.body);
        }
        let name = format!("Place {to}");
        let made =
            browser.submit("/admin/publishers/new", &[("name", &name), ("state", "active"), ("return_to", to)]).await;
        assert!(made.location().starts_with("/admin/publishers/"), "{to}: {}", made.location());
    }
}
