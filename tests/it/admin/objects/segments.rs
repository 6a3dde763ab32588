//! Segments: made, their tags, changed, deleted; for one advertiser or for all.

use pixeld::domain::{PiggybackKind, Role, Segment, Status};

use super::{beside, changed, chosen, rows};
use crate::admin::Browser;
use crate::harness::TestApp;

const FIELDS: [(&str, &str); 9] = [
    ("short_name", "Put something into the cart"),
    ("description", "Of the shop"),
    ("code", "cart"),
    ("advertiser_id", ""),
    ("expire_minutes", "30"),
    ("expire_minutes_unit", "days"),
    ("piggyback_type", "img"),
    ("piggyback_url", ""),
    ("state", "active"),
];

async fn stored(app: &TestApp, id: i64) -> Segment {
    app.store.get(&app.reader(), id).await.unwrap()
}

#[actix_web::test]
async fn a_segment_is_made_by_its_form_and_its_tag_is_taken() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    assert!(browser.get("/admin/segments").await.is_empty());
    assert!(chosen(&browser.get("/admin/segments/new").await, "default"), "180 days unless said otherwise");
    let made = browser.submit("/admin/segments/new", &FIELDS).await;
    assert_eq!((made.status, made.location()), (303, "/admin/segments/1"));
    let segment = stored(&app, 1).await;
    assert_eq!((segment.code.as_deref(), segment.advertiser_id), (Some("cart"), None));
    assert_eq!((segment.expire_minutes, segment.state), (Some(43_200), Status::Active));
    assert!(segment.piggyback_pixels.is_empty(), "an emptied row is left out");
    let page = browser.get("/admin/segments/1").await;
    for said in ["Visitors stay 30 days", "Advertiser All advertisers", "Code cart", "Of the shop"] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
    let tag = app.url("/seg?add=1&#38;t=2");
    assert!(page.has(&format!("&#60;img src=&#34;{tag}&#34;")), "{}", page.body);
    assert!(page.has("/seg?remove=1&#38;t=2"));
    let loaded = app.get("/seg?add=1&t=2", &[]).await;
    assert_eq!((loaded.status().as_u16(), loaded.headers()["x-pixeld"].to_str().unwrap()), (200, "ok"));
    app.get("/seg?add=1&t=2&test=1", &[]).await;
    app.judged().await;
    let page = browser.get("/admin/segments/1").await.text();
    assert!(page.contains("Members 1 Visits added, last 30 days 1 Visitors stay"), "{page}");
    assert!(page.contains("1 Oct 1 1 1 30 Sep 0 0 0"), "{page}");
    assert!(page.contains("0 members 29 days ago, 1 now."), "{page}");
    let asked = browser.submit("/admin/segments/1/delete", &[]).await.text();
    assert!(asked.contains("1 member is removed"), "{asked}");
    let test = browser.get("/admin/segments/1?chosen=yes&secure=on&test=on").await;
    assert!(test.has("&#34;https://") && test.has("&#38;test=1"));
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_the_input_stays() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let change = [
        ("short_name", ""),
        ("code", "a b"),
        ("expire_minutes", "a week"),
        ("piggyback_type", "js"),
        ("piggyback_url", "a.example/<b>"),
    ];
    let seen = browser.submit("/admin/segments/new", &changed(&FIELDS, &change)).await;
    assert_eq!(seen.status, 422);
    assert_eq!(beside(&seen, "short_name"), "Name is missing.");
    assert_eq!(beside(&seen, "code"), "Code may hold only letters, digits, _ and -, not \"a b\".");
    assert!(beside(&seen, "expire_minutes").starts_with("The time that visitors stay must be a whole number"));
    assert!(
        beside(&seen, "piggyback_url_1")
            .starts_with("Extra pixel 1 must be a whole address such as https://shop.example, not")
    );
    for (name, value) in [("code", "a b"), ("expire_minutes", "a week"), ("piggyback_url", "a.example/<b>")] {
        assert_eq!(seen.typed(name), value);
    }
    let row = browser.submit("/admin/segments/new", &changed(&FIELDS, &[("do", "add-row")])).await;
    assert!(row.status == 200 && row.has(r#"id="piggyback_url_2""#) && row.typed("code") == "cart");
    browser.submit("/admin/segments/new", &FIELDS).await;
    let clash = browser.submit("/admin/segments/new", &changed(&FIELDS, &[("code", "CART")])).await;
    assert_eq!(beside(&clash, "code"), "Code \"CART\" is already used by another segment. Choose another one.");
}

#[actix_web::test]
async fn a_change_keeps_what_it_leaves_out_and_tags_follow_the_piggybacks() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let own = changed(&FIELDS, &[("advertiser_id", "1"), ("expire_minutes", ""), ("expire_minutes_unit", "none")]);
    assert_eq!(browser.submit("/admin/segments/new", &own).await.status, 303);
    assert_eq!(
        (stored(&app, 1).await.advertiser_id, stored(&app, 1).await.expire_minutes),
        (Some(shop.advertiser.id), Some(0))
    );
    let edit = browser.get("/admin/segments/1/edit").await;
    assert!(chosen(&edit, "none") && edit.has(r#"name="advertiser_id""#));
    let change = [
        ("expire_minutes_unit", "default"),
        ("piggyback_type", "js"),
        ("piggyback_url", "https://a.example/t.js"),
        ("state", "inactive"),
    ];
    assert_eq!(browser.submit("/admin/segments/1/edit", &changed(&own, &change)).await.location(), "/admin/segments/1");
    let segment = stored(&app, 1).await;
    assert_eq!((segment.advertiser_id, segment.expire_minutes), (Some(shop.advertiser.id), None));
    assert_eq!(segment.piggyback_pixels[0].kind, PiggybackKind::Script);
    let page = browser.get("/admin/segments/1").await;
    assert!(page.has("add-script") && !page.has("add-image"), "an image would leave the script out");
    assert!(
        page.text().contains("It is inactive") && page.text().contains("Visitors stay 180 days"),
        "{}",
        page.text()
    );
    assert_eq!(rows(&browser.get("/admin/segments?state=inactive&sort=short_name.desc").await).len(), 1);
    assert!(browser.get("/admin/advertisers/1").await.text().contains("Segments Groups of visitors 1"));
    let asked = browser.submit("/admin/segments/1/delete", &[]).await;
    assert!(asked.asks(), "{}", asked.text());
    assert_eq!(browser.submit("/admin/segments/1/delete", &[("confirmed", "yes")]).await.location(), "/admin/segments");
    assert_eq!(browser.get("/admin/segments/1").await.status, 404);
}

#[actix_web::test]
async fn a_limited_user_sees_shared_segments_and_changes_its_own() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.store.create(&app.editor(), Segment::new("Everybody")).await.unwrap();
    let browser = Browser::of(&app, Role::Editor, Some(shop.advertiser.id)).await;
    let form = browser.get("/admin/segments/new").await;
    assert!(!form.text().contains("All advertisers"), "{}", form.text());
    assert_eq!(browser.submit("/admin/segments/new", &FIELDS).await.status, 403);
    assert_eq!(browser.submit("/admin/segments/new", &changed(&FIELDS, &[("advertiser_id", "1")])).await.status, 303);
    assert_eq!(rows(&browser.get("/admin/segments").await), ["Everybody", "Put something into the cart"]);
    assert!(
        !browser.get("/admin/segments/1").await.has("/edit\"") && browser.get("/admin/segments/2").await.has("/edit\"")
    );
    for (path, status) in [("/admin/segments/1/edit", 403), ("/admin/segments/2/edit", 200)] {
        assert_eq!(browser.get(path).await.status, status, "{path}");
    }
    assert_eq!(browser.submit("/admin/segments/1/edit", &FIELDS).await.status, 403);
    assert_eq!(browser.submit("/admin/segments/1/delete", &[("confirmed", "yes")]).await.status, 403);
}

#[actix_web::test]
async fn a_segment_changes_its_advertiser_by_the_form_of_one_who_sees_all() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let other = app.advertiser("Other").await.id;
    let own = Segment { advertiser_id: Some(shop.advertiser.id), ..Segment::new("Buyers") };
    let id = app.store.create(&app.editor(), own).await.unwrap().id.0;
    let edit = format!("/admin/segments/{id}/edit");
    let limited = Browser::of(&app, Role::Editor, Some(shop.advertiser.id)).await;
    let all = Browser::of(&app, Role::Editor, None).await;
    assert!(!limited.get(&edit).await.has(r#"name="advertiser_id""#));
    // A form without the field keeps the advertiser.
    let without: Vec<_> = FIELDS.into_iter().filter(|(name, _)| *name != "advertiser_id").collect();
    for browser in [&limited, &all] {
        assert_eq!(browser.submit(&edit, &without).await.status, 303);
        assert_eq!(stored(&app, id).await.advertiser_id, Some(shop.advertiser.id));
    }
    let (own, other) = (shop.advertiser.id.to_string(), other.to_string());
    for (advertiser, status) in [("", 403), (other.as_str(), 404), (own.as_str(), 303)] {
        assert_eq!(limited.submit(&edit, &changed(&FIELDS, &[("advertiser_id", advertiser)])).await.status, status);
        assert_eq!(stored(&app, id).await.advertiser_id, Some(shop.advertiser.id), "{advertiser}");
    }
    for advertiser in ["", other.as_str(), "", own.as_str()] {
        assert_eq!(all.submit(&edit, &changed(&FIELDS, &[("advertiser_id", advertiser)])).await.status, 303);
        assert_eq!(stored(&app, id).await.advertiser_id.map_or_else(String::new, |id| id.to_string()), advertiser);
        assert_eq!(
            limited.get(&edit).await.status,
            if advertiser.is_empty() {
                403
            } else if advertiser == own {
                200
            } else {
                404
            }
        );
    }
}
