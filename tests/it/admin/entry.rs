//! First run, sign in, sign out: who gets in, and who does not.

use pixeld::domain::Role;

use super::{Browser, PASSWORD};
use crate::harness::TestApp;

#[actix_web::test]
async fn a_fresh_server_is_set_up_by_who_holds_its_code_and_by_nobody_else() {
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
    assert!(wrong.text().contains("This is not the code that was printed when the server started."), "{}", wrong.body);
    assert_eq!((wrong.typed("username").as_str(), wrong.typed("member_name").as_str()), ("mira", "Northlight <Media>"));
    assert!(!wrong.has(PASSWORD), "a password is never shown again");

    let short = browser.post("/admin/setup", &form(&code, "short")).await;
    assert_eq!(short.status, 422);
    assert!(short.text().contains("Password must have 10 to 64 characters, and has 5."), "{}", short.text());

    let made = browser.post("/admin/setup", &form(&code, PASSWORD)).await;
    assert_eq!((made.status, made.location()), (303, "/admin"));
    let overview = browser.get("/admin").await;
    assert_eq!(overview.status, 200);
    assert!(overview.has("Northlight &#60;Media&#62;") && overview.text().contains("mira admin Sign out"));

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
    let secure = browser.post_with("/admin/sign-in", &sign_in, &[("x-forwarded-proto", "https")]).await;
    assert!(secure.header("set-cookie").contains("; Secure"), "{}", secure.header("set-cookie"));
}

#[actix_web::test]
async fn a_sign_in_leads_to_our_own_pages_alone() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for next in
        ["//evil.example", "https://evil.example/admin", "/admin/../../x\\", "/\\evil.example", "javascript:alert(1)"]
    {
        let seen = browser.post("/admin/sign-in", &[("user", "viewer"), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(seen.location(), "/admin", "{next}");
    }
    let page = browser.get("/admin/sign-in?next=%22%3E%3Cscript%3E").await;
    assert_eq!(page.typed("next"), "/admin");
}

#[actix_web::test]
async fn wrong_passwords_are_told_and_slowed_down() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let wrong = [("user", "viewer"), ("password", "a wrong password")];
    for user in ["viewer", "nobody"] {
        let seen = browser.post("/admin/sign-in", &[("user", user), ("password", "a wrong password")]).await;
        assert_eq!((seen.status, seen.typed("user").as_str()), (401, user));
        assert!(seen.text().contains("User and password do not match."));
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
    assert!(seen.text().contains("sees no pages"), "{}", seen.text());
}
