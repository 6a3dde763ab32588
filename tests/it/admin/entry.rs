//! First run, sign in, sign out.

use pixeld::domain::{Pixel, Role};
use pixeld::store::ListQuery;

use super::{Browser, PASSWORD, pixel_fields};
use crate::harness::TestApp;

#[actix_web::test]
async fn a_fresh_server_is_set_up_only_with_its_code() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app);
    assert_eq!(browser.get("/").await.location(), "/admin");
    assert_eq!(browser.get("/admin/pixels?a=b").await.location(), "/admin/sign-in?next=%2Fadmin%2Fpixels%3Fa%3Db");
    assert_eq!(browser.get("/admin/sign-in").await.location(), "/admin/setup");

    let code = app.auth.setup_code().unwrap();
    let form = |code, password| {
        [("code", code), ("member_name", "Northlight <Media>"), ("username", "mira"), ("password", password)]
    };
    let wrong = browser.post("/admin/setup", &form("AAAA-AAAA-AAAA-AAAA", PASSWORD)).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("This is not the code in the terminal."), "{}", wrong.body);
    assert_eq!((wrong.typed("username").as_str(), wrong.typed("member_name").as_str()), ("mira", "Northlight <Media>"));
    assert!(!wrong.has(PASSWORD), "a password is never shown again");

    let short = browser.post("/admin/setup", &form(&code, "short")).await;
    assert_eq!(short.status, 422);
    assert!(short.text().contains("Password must have 12 to 64 characters, and has 5."), "{}", short.text());

    let made = browser.post("/admin/setup", &form(&code, PASSWORD)).await;
    assert_eq!((made.status, made.location()), (303, "/admin"));
    let overview = browser.get("/admin").await;
    assert_eq!(overview.status, 200);
    assert!(overview.has("Northlight &#60;Media&#62;") && overview.text().contains("mira Admin"));

    let stranger = Browser::new(&app);
    assert_eq!(stranger.get("/admin/setup").await.location(), "/admin/sign-in");
    assert_eq!(stranger.post("/admin/setup", &form(&code, PASSWORD)).await.location(), "/admin/sign-in");
}

#[actix_web::test]
async fn the_session_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let app = TestApp::start_with(|given| given.trusted_proxies = Some("127.0.0.1".to_owned())).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let sign_in = [("user", "ADMIN"), ("password", PASSWORD), ("next", "/admin/pixels")];
    let plain = browser.post("/admin/sign-in", &sign_in).await;
    let cookie = plain.header("set-cookie");
    assert!(cookie.starts_with("pixeld_session=") && cookie.len() > 60, "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{cookie}");
    assert_eq!(plain.location(), "/admin/pixels");
    let https = [("x-forwarded-proto", "https")];
    let secure = browser.post_with("/admin/sign-in", &sign_in, &https).await;
    let cookies: Vec<_> = secure.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    for (cookie, name, site) in [(cookies[0], "session", "Lax"), (cookies[1], "browser", "Strict")] {
        assert!(cookie.starts_with(&format!("__Host-pixeld_{name}=")), "{cookie}");
        for part in ["; HttpOnly", "; Secure", "; Path=/", &format!("; SameSite={site}")] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    let secret = cookies[0].split(['=', ';']).nth(1).unwrap();
    let asked = async |name: &str| {
        let cookie = format!("{name}={secret}");
        app.get("/admin", &[("cookie", &cookie), ("x-forwarded-proto", "https")]).await.status().as_u16()
    };
    assert_eq!((asked("__Host-pixeld_session").await, asked("pixeld_session").await), (200, 303), "nobody plants one");
}

#[actix_web::test]
async fn a_sign_in_leads_to_our_own_pages_alone() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for next in [
        "//evil.example",
        "https://evil.example/admin",
        "/admin/../../x\\",
        "/\\evil.example",
        "javascript:alert(1)",
        "/admin/../clktr?id=2",
        "/admin/%2e%2e/clktr?id=2",
    ] {
        let seen = browser.post("/admin/sign-in", &[("user", "viewer"), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(seen.location(), "/admin", "{next}");
    }
    let page = browser.get("/admin/sign-in?next=%22%3E%3Cscript%3E").await;
    assert_eq!(page.typed("next"), "/admin");
}

#[actix_web::test]
async fn wrong_passwords_are_reported_and_slowed_down() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let wrong = [("user", "viewer"), ("password", "a wrong password")];
    for user in ["viewer", "nobody"] {
        let seen = browser.post("/admin/sign-in", &[("user", user), ("password", "a wrong password")]).await;
        assert_eq!((seen.status, seen.typed("user").as_str()), (401, user));
        assert!(seen.text().contains("Wrong username or password."));
    }
    for _ in 0..4 {
        assert_eq!(browser.post("/admin/sign-in", &wrong).await.status, 401);
    }
    let slowed = browser.post("/admin/sign-in", &[("user", "viewer"), ("password", PASSWORD)]).await;
    assert_eq!((slowed.status, slowed.header("retry-after")), (429, "15"));
    assert!(slowed.text().contains("Too many wrong passwords. Try again in 15 seconds."), "{}", slowed.text());
    app.wait_minutes(1);
    assert_eq!(browser.post("/admin/sign-in", &[("user", "viewer"), ("password", PASSWORD)]).await.status, 303);
}

#[actix_web::test]
async fn a_session_ends_by_sign_out_by_time_and_by_deactivation() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let left = browser.submit("/admin/sign-out", &[]).await;
    assert_eq!((left.status, left.location()), (303, "/admin/sign-in"));
    assert!(
        left.header("set-cookie").starts_with("pixeld_session=; ") && left.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!(browser.get("/admin").await.location(), "/admin/sign-in?next=%2Fadmin");

    browser.post("/admin/sign-in", &[("user", "viewer"), ("password", PASSWORD)]).await;
    assert_eq!(browser.get("/admin").await.status, 200);
    app.wait_minutes(12 * 60 + 1);
    assert_eq!(browser.get("/admin").await.status, 303);
}

#[actix_web::test]
async fn an_account_for_scripts_sees_no_pages() {
    let app = TestApp::start().await;
    Browser::of(&app, Role::Admin, None).await;
    let by = pixeld::domain::Caller::shell().admin().unwrap();
    app.auth.create_user(&by, pixeld::domain::User::new("shop", Role::Collector), PASSWORD).await.unwrap();
    let seen = Browser::new(&app).post("/admin/sign-in", &[("user", "shop"), ("password", PASSWORD)]).await;
    assert_eq!((seen.status, seen.header("set-cookie")), (403, ""));
    assert!(seen.text().contains("can only send data through the API"), "{}", seen.text());
}

#[actix_web::test]
async fn a_form_that_comes_after_the_session_ended_waits_behind_the_sign_in() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let fields =
        pixel_fields(&[("csrf", "of a session that is no more"), ("name", "Sale <1>"), ("password", "hidden")]);
    app.wait_minutes(60 * 24 * 30);
    let path = "/admin/pixels/new?a=b";
    let from_here = [("sec-fetch-site", "same-origin")];
    let asked = browser.post_with(path, &fields, &from_here).await;
    assert_eq!(asked.status, 401);
    assert!(
        asked.text().contains("You were signed out. Sign in to continue. Nothing you typed is lost."),
        "{}",
        asked.text()
    );
    assert!(!asked.has("password=hidden") && !asked.has("no more"), "{}", asked.body);
    let (next, kept) = (asked.typed("next"), asked.typed("kept"));
    assert_eq!(next, path);
    let wrong = [("user", "admin"), ("password", "wrong"), ("next", next.as_str()), ("kept", kept.as_str())];
    let wrong = browser.post_with("/admin/sign-in", &wrong, &from_here).await;
    assert_eq!((wrong.status, wrong.typed("kept")), (401, kept.clone()), "a wrong password loses nothing");
    let right = [("user", "admin"), ("password", PASSWORD), ("next", next.as_str()), ("kept", kept.as_str())];
    let back = browser.post_with("/admin/sign-in", &right, &from_here).await;
    assert!(back.status == 200 && back.text().contains("Welcome back, admin"), "{} {}", back.status, back.text());
    assert!(back.has(r#"action="/admin/pixels/new?a=b""#), "{}", back.body);
    assert_eq!(
        app.store.list::<Pixel>(&app.reader(), ListQuery::default()).await.unwrap().count,
        0,
        "nothing is sent yet"
    );
    let (csrf, kept) = (back.csrf(), url::form_urlencoded::parse(kept.as_bytes()));
    let kept: Vec<(String, String)> = kept.into_owned().collect();
    for (name, value) in &kept {
        assert_eq!(&back.typed(name), value, "{name}");
    }
    let sent: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let sent: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(sent).collect();
    assert_eq!(browser.post_with(path, &sent, &from_here).await.location(), "/admin/pixels/1");
    assert!(browser.get("/admin/pixels/1").await.has("Sale &#60;1&#62;"));

    // A form from an unknown page is neither kept nor sent on.
    let stranger = Browser::new(&app);
    assert_eq!(stranger.post(path, &fields).await.location(), "/admin/sign-in?next=%2Fadmin");
    let elsewhere = stranger.post_with(path, &fields, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(elsewhere.status, 403);
    let out = stranger.post_with("/admin/sign-out", &[], &from_here).await;
    assert_eq!(out.location(), "/admin/sign-in?next=%2Fadmin");
    let evil = [("user", "admin"), ("password", PASSWORD), ("next", "https://evil.example/"), ("kept", "a=b")];
    let evil = stranger.post_with("/admin/sign-in", &evil, &from_here).await;
    assert!(evil.has(r#"action="/admin""#) && !evil.has("evil.example"), "{}", evil.body);
}

#[actix_web::test]
async fn pages_without_a_session_have_the_theme_of_the_browser() {
    let app = TestApp::start().await;
    Browser::of(&app, Role::Admin, None).await;
    let browser = Browser::new(&app);
    let form = pixel_fields(&[("name", "Sale")]);
    let wrong = [("user", "admin"), ("password", "wrong")];
    for (theme, attribute) in [("dark", r#" data-theme="dark""#), ("light", r#" data-theme="light""#), ("odd", "")] {
        let cookie = format!("pixeld_theme={theme}");
        let from = |site| [("sec-fetch-site", site), ("cookie", cookie.as_str())];
        for (what, status, seen) in [
            ("sign-in", 200, browser.get_with("/admin/sign-in", &from("none")).await),
            ("a wrong password", 401, browser.post_with("/admin/sign-in", &wrong, &from("same-origin")).await),
            ("the session ended", 401, browser.post_with("/admin/pixels/new", &form, &from("same-origin")).await),
            ("from elsewhere", 403, browser.post_with("/admin/pixels/new", &form, &from("cross-site")).await),
            ("no page", 404, browser.get_with("/admin/no/such/page", &from("none")).await),
        ] {
            assert_eq!(seen.status, status, "{what}: {}", seen.text());
            assert!(seen.has(&format!(r#"<html lang="en"{attribute}>"#)), "{what}, {theme}: {}", seen.body);
        }
    }
}
