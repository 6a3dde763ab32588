//! An ad by one form: its two trackers and its placement, made at once or not at all.

use pixeld::domain::{Publisher, Role, Tracker, TrackerKind};

use super::{beside, changed, chosen};
use crate::admin::Browser;
use crate::harness::TestApp;

const FIELDS: [(&str, &str); 4] = [
    ("name", "Spring banner"),
    ("line_item_id", "1"),
    ("placement", "Trail News"),
    ("click_url", "https://shop.example/spring"),
];

async fn counts(app: &TestApp) -> (u64, u64) {
    let trackers = app.store.list::<Tracker>(&app.reader(), Default::default()).await.unwrap().count;
    (trackers, app.store.list::<Publisher>(&app.reader(), Default::default()).await.unwrap().count)
}

#[actix_web::test]
async fn one_form_creates_both_trackers_and_the_placement_and_shows_link_and_tag() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    assert!(browser.get("/admin/ads/new").await.has("/admin/line-items/new?return_to=%2Fadmin%2Fads%2Fnew"));
    let shop = app.shop().await;
    let form = browser.get("/admin/ads/new").await;
    assert!(chosen(&form, "1") && form.has(r#"<option value="Daily News"></option>"#), "{}", form.body);
    let made = browser.submit("/admin/ads/new", &FIELDS).await;
    assert_eq!((made.status, made.location()), (303, "/admin/ads/3"));
    let click: Tracker = app.store.get(&app.reader(), 3).await.unwrap();
    let view: Tracker = app.store.get(&app.reader(), 4).await.unwrap();
    assert_eq!([click.kind, view.kind], [TrackerKind::Click, TrackerKind::Impression]);
    for tracker in [&click, &view] {
        assert_eq!(
            (tracker.name.as_str(), tracker.line_item_id, tracker.publisher_id.0),
            ("Spring banner", shop.line_item.id, 2)
        );
        assert_eq!(tracker.advertiser_id, shop.advertiser.id);
    }
    assert_eq!(click.click_url.as_deref(), Some("https://shop.example/spring"));
    let page = browser.get("/admin/ads/3").await;
    assert!(page.has("/clktr?id=3") && page.has("/imptr?id=4") && page.has(r#"data-copy="link""#), "{}", page.body);
    for words in ["Safari and Firefox keep views apart", "Last click: never", "An ad on Trail News"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert_eq!(browser.get("/admin/ads/4").await.status, 404, "a view tracker is no ad");
}

#[actix_web::test]
async fn the_same_form_sent_twice_makes_one_ad() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let first = browser.submit("/admin/ads/new", &FIELDS).await;
    let again = browser.submit("/admin/ads/new", &FIELDS).await;
    assert_eq!((again.status, again.location()), (303, first.location()));
    assert_eq!(counts(&app).await, (4, 2));
    for other in [("name", "Autumn banner"), ("click_url", "https://shop.example/autumn"), ("placement", "daily news")]
    {
        browser.submit("/admin/ads/new", &changed(&FIELDS, &[other])).await;
    }
    assert_eq!(counts(&app).await, (10, 2), "an existing placement is found whatever its capitals");
    app.wait_minutes(2);
    browser.submit("/admin/ads/new", &FIELDS).await;
    assert_eq!(counts(&app).await, (12, 2), "later it is another one");
}

#[actix_web::test]
async fn errors_stand_beside_their_fields_and_nothing_is_half_made() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    for (change, field, error) in [
        (("name", " "), "name", "Name is missing."),
        (("line_item_id", "9"), "line_item_id", "Line item is missing."),
        (("placement", ""), "placement", "Placement is missing."),
        (("click_url", ""), "click_url", "Landing page is missing."),
        (
            ("click_url", "shop.example"),
            "click_url",
            "Landing page must be a whole address such as https://shop.example",
        ),
        (("click_url", "javascript:alert(1)"), "click_url", "Landing page must be a whole address"),
    ] {
        let seen = browser.submit("/admin/ads/new", &changed(&FIELDS, &[change])).await;
        assert_eq!(seen.status, 422, "{change:?}");
        assert!(beside(&seen, field).starts_with(error), "{change:?}: {}", beside(&seen, field));
        for (name, text) in FIELDS.iter().filter(|(name, _)| *name != change.0 && *name != "line_item_id") {
            assert_eq!(seen.typed(name), *text, "{change:?}");
        }
    }
    let limited = Browser::of(&app, Role::Editor, Some(shop.advertiser.id)).await;
    let seen = limited.submit("/admin/ads/new", &FIELDS).await;
    assert_eq!(seen.status, 422);
    assert!(
        beside(&seen, "placement").starts_with("Placement must be an existing one"),
        "{}",
        beside(&seen, "placement")
    );
    assert_eq!(counts(&app).await, (2, 1));
    let seen = limited.submit("/admin/ads/new", &changed(&FIELDS, &[("placement", "Daily News")])).await;
    assert_eq!(seen.status, 303, "{}", seen.text());
    assert_eq!(Browser::of(&app, Role::Viewer, None).await.get("/admin/ads/new").await.status, 403);
}
