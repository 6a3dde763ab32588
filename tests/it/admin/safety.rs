//! The safety of the pages: headers, escapes, tokens in forms, roles, and nothing from elsewhere.

use pixeld::domain::{Advertiser, Pixel, Role};

use super::{Browser, pixel_fields};
use crate::harness::TestApp;

const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
                   connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Every page a signed-in user can ask for, on the harness's shop.
const PAGES: [&str; 12] = [
    "/admin",
    "/admin/pixels",
    "/admin/pixels/new",
    "/admin/pixels/1",
    "/admin/pixels/1/edit",
    "/admin/export?id=1",
    "/admin/conversions",
    "/admin/live",
    "/admin/settings",
    "/admin/live?test=on&pixel=1",
    "/admin/sign-in",
    "/admin/no/such/page",
];

#[actix_web::test]
async fn every_page_sends_a_strict_policy() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    for page in PAGES {
        let seen = browser.get(page).await;
        assert_eq!(seen.header("content-security-policy"), CSP, "{page}");
        assert_eq!(seen.header("x-content-type-options"), "nosniff", "{page}");
        assert_eq!(seen.header("referrer-policy"), "same-origin", "{page}");
        assert_eq!(seen.header("cache-control"), "no-store", "{page}");
        assert_eq!(seen.header("content-type"), "text/html; charset=utf-8", "{page}");
    }
    let elsewhere = browser.post_with("/admin/sign-in", &[], &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!((elsewhere.status, elsewhere.header("content-security-policy")), (403, CSP));
}

#[actix_web::test]
async fn no_page_needs_more_than_that() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    for page in PAGES {
        let body = browser.get(page).await.body;
        for forbidden in [" style=", "<style", "javascript:", " onclick", " onload", " onsubmit", "https://cdn"] {
            assert!(!body.contains(forbidden), "{page} holds {forbidden}");
        }
        for script in body.split("<script").skip(1) {
            assert!(script.starts_with(r#" type="module" src="/static/"#), "{page}: {}", &script[..60]);
        }
        for form in body.split("<form").skip(1).filter(|form| form.contains(r#"method="post""#)) {
            let form = form.split("</form>").next().unwrap();
            assert!(
                form.contains(r#"name="csrf""#) || form.contains("/admin/sign-in"),
                "{page}: a form without a token"
            );
        }
    }
}

#[actix_web::test]
async fn a_form_that_is_not_of_this_session_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let other = Browser::of(&app, Role::Editor, None).await.get("/admin").await.csrf();
    let own = browser.get("/admin").await.csrf();
    let forged = format!("0{own}");
    let with = |token| pixel_fields(&[("csrf", token)]);
    for token in ["", "x", other.as_str(), &own[..own.len() - 1], &forged] {
        let seen = browser.post("/admin/pixels/new", &with(token)).await;
        assert_eq!(seen.status, 403, "{token}");
        assert!(seen.text().contains("This form has expired"), "{}", seen.text());
    }
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        let seen = browser.post_with("/admin/pixels/new", &with(&own), &headers).await;
        assert_eq!(seen.status, 403, "{headers:?}");
        assert!(seen.text().contains("Nothing was changed"), "{}", seen.text());
    }
    assert_eq!(app.store.list::<Pixel>(&app.reader(), Default::default()).await.unwrap().count, 0);
    let origin = app.url("");
    let good = browser.post_with("/admin/pixels/new", &with(&own), &[("origin", &origin)]).await;
    assert_eq!((good.status, good.location()), (303, "/admin/pixels/1"));
}

#[actix_web::test]
async fn behind_a_proxy_that_renames_the_host_the_public_address_counts() {
    let app = TestApp::start_with(|given| given.public_url = Some("https://px.shop.example".to_owned())).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let token = browser.get("/admin").await.csrf();
    let headers = [("origin", "https://px.shop.example")];
    let seen = browser.post_with("/admin/sign-out", &[("csrf", &token)], &headers).await;
    assert_eq!(seen.status, 303);
}

#[actix_web::test]
async fn hostile_names_stay_text() {
    const NAME: &str = r#""><script>alert(1)</script><img src=x onerror=alert(2)>'"#;
    let app = TestApp::start().await;
    let mut hostile = Advertiser::new(NAME);
    hostile.code = Some(NAME.to_owned());
    app.store.create(&app.editor(), hostile).await.unwrap();
    let browser = Browser::of(&app, Role::Admin, None).await;
    let made = browser.submit("/admin/pixels/new", &pixel_fields(&[("name", NAME), ("code", NAME)])).await;
    assert_eq!(made.status, 303);
    for page in [
        made.location(),
        "/admin",
        "/admin/pixels",
        "/admin/pixels/1/edit",
        "/admin/export?id=1",
        "/admin/conversions?pixel=1",
    ] {
        let body = browser.get(page).await.body;
        assert!(body.contains("script&#62;alert(1)"), "{page} shows the name");
        assert!(!body.contains("<script>") && !body.contains("<img src=x"), "{page}");
    }
    let text = browser.get("/admin/export.txt?id=1").await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(text.header("content-disposition"), r#"attachment; filename="tags.txt""#);
    let search = browser.get("/admin/pixels?search=%22%3E%3Cscript%3Ealert(3)").await;
    assert!(!search.has("<script>alert(3)") && search.typed("search").contains("<script>alert(3)"));
}

#[actix_web::test]
async fn a_message_cannot_be_put_on_a_page_by_others() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let made = browser.submit("/admin/pixels/new", &pixel_fields(&[])).await;
    let cookie =
        made.headers.get_all("set-cookie").iter().find(|c| c.to_str().unwrap().starts_with("pixeld_flash=")).unwrap();
    assert!(cookie.to_str().unwrap().contains("HttpOnly"));
    let first = browser.get(made.location()).await;
    assert!(first.text().contains("Pixel “Purchase” created."), "{}", first.text());
    let again = browser.get(made.location()).await;
    assert!(!again.text().contains("Pixel “Purchase” created."), "it is shown once");
    let forged = app.get("/admin/sign-in", &[("cookie", "pixeld_flash=00.good.53656e64")]).await;
    assert!(!forged.text().await.unwrap().contains("Send"));
}

#[actix_web::test]
async fn files_may_be_kept_for_ever_under_their_version_and_no_other() {
    let app = TestApp::start().await;
    let page = Browser::new(&app).get("/admin/setup").await.body;
    let address = page.split(r#"rel="stylesheet" href=""#).nth(1).unwrap().split('"').next().unwrap();
    let file = app.get(address, &[("accept-encoding", "br")]).await;
    assert_eq!(file.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(file.headers()["content-type"], "text/css; charset=utf-8");
    assert_eq!(file.headers()["content-encoding"], "br");
    let tag = file.headers()["etag"].to_str().unwrap().to_owned();
    assert!(tag.starts_with("W/\""));
    let same = app.get(address, &[("if-none-match", &tag)]).await;
    assert_eq!((same.status().as_u16(), same.text().await.unwrap().as_str()), (304, ""));
    let other = app.get("/static/0/pixeld.css", &[]).await;
    assert_eq!(other.headers()["cache-control"], "public, no-cache");
    for missing in ["/static/0/../Cargo.toml", "/static/0/nope.css", "/static/0/", "/static"] {
        assert_eq!(app.get(missing, &[]).await.status(), 404, "{missing}");
    }
}
