//! Placements: they belong to all, and stay while trackers name them.

use pixeld::domain::{Publisher, Role, Status};

use super::{beside, rows};
use crate::admin::Browser;
use crate::harness::TestApp;

#[actix_web::test]
async fn a_publisher_is_made_changed_and_listed() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    assert!(browser.get("/admin/publishers").await.is_empty());
    let bad = browser.submit("/admin/publishers/new", &[("name", ""), ("code", "dn <b>"), ("state", "active")]).await;
    assert_eq!((bad.status, bad.typed("code").as_str()), (422, "dn <b>"));
    assert_eq!(beside(&bad, "name"), "Name is missing.");
    let fields = [("name", "Daily News"), ("code", "dn"), ("state", "active")];
    let made = browser.submit("/admin/publishers/new", &fields).await;
    assert_eq!((made.status, made.location()), (303, "/admin/publishers/1"));
    let clash = browser.submit("/admin/publishers/new", &fields).await;
    assert_eq!(beside(&clash, "code"), "Code \"dn\" is already used by another publisher. Choose another one.");
    assert_eq!(browser.get("/admin/publishers/1/edit").await.typed("name"), "Daily News");
    let saved =
        browser.submit("/admin/publishers/1/edit", &[("name", "Daily"), ("code", ""), ("state", "inactive")]).await;
    assert_eq!(saved.location(), "/admin/publishers/1");
    let publisher: Publisher = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!((publisher.name.as_str(), publisher.code, publisher.state), ("Daily", None, Status::Inactive));
    assert!(browser.get("/admin/publishers/1").await.text().contains("No trackers yet."));
    assert_eq!(rows(&browser.get("/admin/publishers?state=inactive").await), ["Daily"]);
    assert!(rows(&browser.get("/admin/publishers?state=active").await).is_empty());
}

#[actix_web::test]
async fn a_deletion_names_the_trackers_in_the_way() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let asked = browser.submit("/admin/publishers/1/delete", &[]).await;
    assert!(asked.text().contains("“Daily News” is still in use") && asked.has(r#"href="/admin/trackers/2""#));
    let forced = browser.submit("/admin/publishers/1/delete", &[("confirmed", "yes")]).await;
    assert!(forced.status == 409 && forced.text().contains("Placement 1 is used by tracker 1"), "{}", forced.text());
    for path in ["/admin/trackers/1/delete", "/admin/trackers/2/delete"] {
        assert_eq!(browser.submit(path, &[("confirmed", "yes")]).await.status, 303);
    }
    assert_eq!(browser.submit("/admin/publishers/1/delete", &[("confirmed", "yes")]).await.status, 303);
    assert_eq!(browser.get("/admin/publishers/1").await.status, 404);
}

#[actix_web::test]
async fn a_limited_user_sees_publishers_and_cannot_change_them() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Editor, Some(shop.advertiser.id)).await;
    for path in ["/admin/publishers", "/admin/publishers/1"] {
        let seen = browser.get(path).await;
        assert_eq!(seen.status, 200);
        for control in ["/admin/publishers/new\"", "/edit\"", "/delete\""] {
            assert!(!seen.has(control), "{path} offers {control}");
        }
    }
    assert_eq!(browser.get("/admin/publishers/new").await.status, 403);
    assert_eq!(browser.get("/admin/publishers/1/edit").await.status, 403);
    let fields = [("name", "Mine"), ("code", ""), ("state", "active")];
    for path in ["/admin/publishers/new", "/admin/publishers/1/edit", "/admin/publishers/1/delete"] {
        let posted = browser.submit(path, &fields).await;
        assert!(posted.status == 403 && posted.text().contains("limited to advertiser 1"), "{path}: {}", posted.text());
    }
}
