//! Who may use the flow: editors; those who are limited to an advertiser only their own; viewers look.

use pixeld::domain::{Advertiser, AdvertiserId, LineItem, Role};

use super::{SHOP, all, set_up, setup, start, start_with};
use crate::admin::Browser;
use crate::admin::objects::changed;

/// What the flow posts, after the first step.
const POSTS: [(&str, &[(&str, &str)]); 4] =
    [("shop", &SHOP), ("ads", &[("ads", "meta"), ("shop_system", "page")]), ("test-sale", &[]), ("hide", &[])];

#[actix_web::test]
async fn a_viewer_looks_at_the_snippets_and_the_progress_alone() {
    let (app, _editor) = start_with(&["google"]).await;
    let viewer = Browser::of(&app, Role::Viewer, None).await;
    for (step, status) in [("shop", 403), ("ads", 403), ("snippets", 200), ("first-sale", 200)] {
        assert_eq!(viewer.get(&format!("/admin/tracking/1/{step}")).await.status, status, "{step}");
    }
    assert_eq!(viewer.get("/admin/tracking/new").await.status, 403);
    assert_eq!(viewer.submit("/admin/tracking/new", &SHOP).await.status, 403);
    for (step, fields) in POSTS {
        assert_eq!(viewer.submit(&format!("/admin/tracking/1/{step}"), fields).await.status, 403, "{step}");
    }
    let waiting = viewer.get("/admin/tracking/1/first-sale").await;
    assert!(!waiting.has("<button class=\"button primary\">Play a test sale"), "{}", waiting.text());
    assert_eq!((all::<Advertiser>(&app).await.len(), all::<LineItem>(&app).await.len()), (1, 1));
    assert!(!setup(&app).await.is_hidden);
}

#[actix_web::test]
async fn who_is_limited_to_an_advertiser_sets_up_that_one_only() {
    let (app, editor) = start_with(&["google"]).await;
    editor.submit("/admin/tracking/new", &changed(&SHOP, &[("name", "Tea"), ("site", "tea.example")])).await;
    let own = Browser::of(&app, Role::Editor, Some(AdvertiserId(1))).await;
    assert_eq!(own.get("/admin/tracking/new").await.status, 403);
    assert_eq!(own.submit("/admin/tracking/new", &changed(&SHOP, &[("site", "x.example")])).await.status, 403);
    for step in ["shop", "ads", "snippets", "first-sale"] {
        assert_eq!(own.get(&format!("/admin/tracking/1/{step}")).await.status, 200, "{step}");
        assert_eq!(own.get(&format!("/admin/tracking/2/{step}")).await.status, 404, "{step} of another");
    }
    for (step, fields) in POSTS {
        assert_eq!(own.submit(&format!("/admin/tracking/2/{step}"), fields).await.status, 404, "{step} of another");
        let done = own.submit(&format!("/admin/tracking/1/{step}"), fields).await;
        assert_eq!(done.status, 303, "{step}: {}", done.text());
    }
    let line_items = all::<LineItem>(&app).await;
    assert!(line_items.iter().all(|line_item| line_item.advertiser_id == AdvertiserId(1)), "{line_items:?}");
    assert_eq!(line_items.len(), 2, "Google and Meta");
}

#[actix_web::test]
async fn strangers_and_forms_of_other_sites_come_to_nothing() {
    let (app, browser) = start().await;
    set_up(&browser, &["google"]).await;
    let stranger = Browser::new(&app);
    for step in ["shop", "ads", "snippets", "first-sale"] {
        assert!(stranger.get(&format!("/admin/tracking/1/{step}")).await.location().starts_with("/admin/sign-in"));
    }
    for (step, fields) in POSTS {
        let path = format!("/admin/tracking/1/{step}");
        assert!(stranger.post(&path, fields).await.location().starts_with("/admin/sign-in"), "{step}");
        assert_eq!(browser.post(&path, fields).await.status, 403, "{step} without a token");
    }
    for path in ["/admin/tracking/9/ads", "/admin/tracking/0/shop", "/admin/tracking/x/ads", "/admin/tracking/1/more"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let by_hand = app.advertiser("By hand").await;
    assert_eq!(browser.get(&format!("/admin/tracking/{}/ads", by_hand.id)).await.status, 404, "it has no set-up");
}
