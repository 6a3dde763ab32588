//! What is read of a request to the pages, and for whom.

use pixeld::domain::{Pixel, Role};

use super::Browser;
use crate::harness::TestApp;

const LISTS: [&str; 15] = [
    "/admin/pixels",
    "/admin/line-items",
    "/admin/segments",
    "/admin/campaigns",
    "/admin/publishers",
    "/admin/trackers",
    "/admin/sources",
    "/admin/costs",
    "/admin/costs/imports",
    "/admin/advertisers",
    "/admin/conversions",
    "/admin/adjustments",
    "/admin/users",
    "/admin/audit",
    "/admin/reports",
];

#[actix_web::test]
async fn no_query_is_read_before_the_user_is_known() {
    let app = TestApp::start().await;
    app.shop().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let names = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    let long = "a".repeat(8 * 1024 + 1);
    for page in LISTS.iter().chain(&[
        "/admin/export",
        "/admin/live",
        "/admin/pixels/new",
        "/admin/visitors",
        "/admin/segments/1",
    ]) {
        for (query, status) in [(names(201), 400), (long.clone(), 414)] {
            let address = format!("{page}?{query}");
            let stranger = app.get(&address, &[]).await;
            let next = stranger.headers()["location"].to_str().unwrap();
            assert_eq!(stranger.status(), 303, "{page}");
            assert!(
                next.starts_with("/admin/sign-in?next=%2Fadmin") && next.len() < 8 * 1024,
                "{page}: {}",
                next.len()
            );
            assert_eq!(admin.get(&address).await.status, status, "{page}");
        }
        assert_ne!(admin.get(&format!("{page}?{}", names(200))).await.status, 400, "{page}");
    }
    assert_eq!(app.get(&format!("/admin/no/such/page?{long}"), &[]).await.status(), 404);
    assert_eq!(app.get(&format!("/admin/sign-in?{long}"), &[]).await.status(), 414);
}

#[actix_web::test]
async fn a_form_has_at_most_so_many_parts() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let editor = Browser::of(&app, Role::Editor, None).await;
    let id = shop.pixel.id.to_string();
    let ids = vec![id.as_str(); 1_001].join(",");
    let many: Vec<_> = (0..5_000).map(|n| format!("p{n}")).collect();
    let fields: Vec<_> = many.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(editor.submit("/admin/pixels/selected", &fields).await.status, 400);
    for (ids, status) in [(ids.as_str(), 400), (id.as_str(), 303)] {
        let seen =
            editor.submit("/admin/pixels/selected", &[("id", ids), ("do", "deactivate"), ("confirmed", "yes")]).await;
        assert_eq!(seen.status, status, "{}", seen.text());
        assert_eq!(seen.text().contains("at most 1000 pixels"), status == 400, "{}", seen.text());
    }
    let pixel: Pixel = app.store.get(&app.reader(), shop.pixel.id.0).await.unwrap();
    assert_eq!(pixel.state.to_string(), "inactive");
}
