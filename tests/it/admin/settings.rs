//! The page of settings, which is for admins, and the sample data of the first run.

use pixeld::domain::{PixelId, Role};
use pixeld::store::LogRow;

use super::{Browser, PASSWORD};
use crate::harness::TestApp;
use crate::judge::fire;

#[actix_web::test]
async fn the_page_tells_how_the_server_is_set_and_fares() {
    let app = TestApp::start_with(|given| given.cookie_days = Some("30".to_owned())).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let seen = browser.get("/admin/settings").await;
    let text = seen.text();
    for said in [
        "kept for 30 days after the last visit. cookie-days",
        concat!("Running for 0 s Version ", env!("CARGO_PKG_VERSION")),
        "Saving Up to date No event waits",
        "Attribution Up to date 0 events",
        "--cookie-days PIXELD_COOKIE_DAYS How many days the visitor cookie pxid lives after each request, from 1 to 400. 30 flag",
        "truncated default",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
    assert!(text.contains(&app.data_dir().display().to_string()));
}

#[actix_web::test]
async fn the_organisation_is_renamed_by_admins_alone() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let saved = admin.submit("/admin/settings", &[("name", " Northlight <b>")]).await;
    assert_eq!((saved.status, saved.location()), (303, "/admin/settings"));
    let seen = admin.get("/admin/settings").await;
    assert!(seen.text().contains("The organisation is now called “Northlight &#60;b&#62;”."), "{}", seen.text());
    assert_eq!(app.store.member().await.unwrap().name, "Northlight <b>");
    let refused = admin.submit("/admin/settings", &[("name", " ")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Name is missing"), "{}", refused.text());
    let editor = Browser::of(&app, Role::Editor, None).await;
    assert_eq!(editor.get("/admin/settings").await.status, 403);
    assert_eq!(editor.submit("/admin/settings", &[("name", "Mine")]).await.status, 403);
    assert!(!editor.get("/admin").await.has("/admin/settings"));
}

#[actix_web::test]
async fn sample_data_go_into_a_fresh_database_alone() {
    let app = TestApp::start().await;
    app.store.append(LogRow::Fire(Box::new(fire(PixelId(9), 1, 0)))).await.unwrap();
    let browser = Browser::new(&app);
    let code = app.auth.setup_code().unwrap();
    let form =
        [("code", code.as_str()), ("member_name", "M"), ("username", "mira"), ("password", PASSWORD), ("sample", "on")];
    let made = browser.post("/admin/setup", &form).await;
    assert_eq!((made.status, made.location()), (303, "/admin/sample-data"));
    let mut seen = browser.get("/admin/sample-data").await;
    while seen.header("refresh") == "1" {
        seen = browser.get("/admin/sample-data").await;
    }
    assert!(seen.text().contains("Loading stopped: there is something in the log already."), "{}", seen.text());
    let other = TestApp::start().await;
    let nobody_asked = Browser::of(&other, Role::Admin, None).await.get("/admin/sample-data").await;
    assert_eq!(nobody_asked.location(), "/admin");
}
