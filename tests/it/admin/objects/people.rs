//! Users, API tokens and one's own account.

use pixeld::domain::{AdvertiserId, Role, SessionKind, Status};

use super::{beside, changed, rows};
use crate::admin::{Browser, PASSWORD, Seen};
use crate::harness::TestApp;

const FIELDS: [(&str, &str); 5] = [
    ("username", "grace"),
    ("password", "a long enough one"),
    ("role", "editor"),
    ("advertiser_id", "1"),
    ("state", "active"),
];

async fn enters(app: &TestApp, user: &str, password: &str) -> Option<Browser> {
    let browser = Browser::new(app);
    let seen = browser.post("/admin/sign-in", &[("user", user), ("password", password)]).await;
    (seen.status == 303).then_some(browser)
}

#[actix_web::test]
async fn an_admin_creates_a_limited_user_and_the_user_signs_in() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    app.advertiser("Other").await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let form = admin.get("/admin/users/new").await;
    assert!(form.text().contains("Sees everything and changes nothing."), "each role is explained");
    let made = admin.submit("/admin/users/new", &FIELDS).await;
    assert_eq!((made.status, made.location()), (303, "/admin/users"));
    let list = admin.get("/admin/users").await;
    assert_eq!(rows(&list), ["admin", "grace"]);
    assert!(list.text().contains("grace Editor Shop") && list.text().contains("admin you Admin"), "{}", list.text());
    let signed_in = |list: &Seen| list.column("Last signed in");
    assert!(signed_in(&list)[0] != "never" && signed_in(&list)[1] == "never", "{:?}", signed_in(&list));
    let grace = enters(&app, "Grace", "a long enough one").await.expect("she may sign in");
    assert_eq!(rows(&grace.get("/admin/advertisers").await), ["Shop"]);
    grace.submit("/admin/sign-out", &[]).await;
    let list = admin.get("/admin/users").await;
    assert_ne!(signed_in(&list)[1], "never", "also after she signed out");
    assert!(list.has(r#"title=""#), "the exact time is on hover");
    assert_eq!(rows(&admin.get("/admin/users?role=editor").await), ["grace"]);
    assert_eq!(rows(&admin.get("/admin/users?search=ADM").await), ["admin"]);
    assert_eq!(rows(&admin.get("/admin/users?sort=username.desc").await), ["grace", "admin"]);
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_no_password_comes_back() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let fields = changed(&FIELDS, &[("username", ""), ("password", "short"), ("role", "admin")]);
    let seen = admin.submit("/admin/users/new", &fields).await;
    assert_eq!(seen.status, 422);
    assert_eq!(beside(&seen, "username"), "Username is missing.");
    assert_eq!(beside(&seen, "password"), "Password must have 12 to 64 characters, and has 5.");
    assert!(beside(&seen, "advertiser_id").starts_with("Access cannot limit an admin"));
    assert!(!seen.has("short"), "a password is never sent back");
    assert!(seen.has(r#"id="role-admin" name="role" value="admin" checked"#));
    let taken = admin.submit("/admin/users/new", &changed(&FIELDS, &[("username", "ADMIN")])).await;
    assert_eq!(beside(&taken, "username"), "Username \"ADMIN\" is already used. Choose another one.");
    assert_eq!(app.store.users(&admin_of_all()).await.unwrap().len(), 1);
}

fn admin_of_all() -> pixeld::domain::Admin {
    pixeld::domain::Caller::shell().admin().unwrap()
}

#[actix_web::test]
async fn a_user_is_changed_switched_off_and_given_a_new_password() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    admin.submit("/admin/users/new", &FIELDS).await;
    let grace = enters(&app, "grace", "a long enough one").await.unwrap();
    assert_eq!(grace.get("/admin/pixels/new").await.status, 200);
    let change = [("username", "hopper"), ("role", "viewer"), ("advertiser_id", "")];
    assert_eq!(admin.submit("/admin/users/2/edit", &changed(&FIELDS, &change)).await.location(), "/admin/users");
    let user = app.store.user(&admin_of_all(), pixeld::domain::UserId(2)).await.unwrap();
    assert_eq!((user.username.as_str(), user.role, user.advertiser_id), ("hopper", Role::Viewer, None));
    assert_eq!(grace.get("/admin/pixels/new").await.status, 403, "it applies at once");

    let short = admin.submit("/admin/users/2/password", &[("password", "short")]).await;
    assert_eq!(
        (short.status, beside(&short, "password").as_str()),
        (422, "Password must have 12 to 64 characters, and has 5.")
    );
    assert_eq!(admin.submit("/admin/users/2/password", &[("password", "another long one")]).await.status, 303);
    assert_eq!(grace.get("/admin").await.status, 303, "her sessions ended");
    assert!(enters(&app, "hopper", "a long enough one").await.is_none());
    let again = enters(&app, "hopper", "another long one").await.expect("the new password is good");
    let off = [("username", "hopper"), ("role", "viewer"), ("advertiser_id", ""), ("state", "inactive")];
    admin.submit("/admin/users/2/edit", &changed(&FIELDS, &off)).await;
    assert_eq!(again.get("/admin").await.status, 303);
    assert!(enters(&app, "hopper", "another long one").await.is_none());
    assert_eq!(admin.get("/admin/users/9/edit").await.status, 404);
    assert_eq!(admin.submit("/admin/users/9/password", &[("password", "another long one")]).await.status, 404);
}

#[actix_web::test]
async fn the_last_admin_stays_one() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let fields = [("username", "admin"), ("role", "viewer"), ("advertiser_id", ""), ("state", "active")];
    let last = admin.submit("/admin/users/1/edit", &fields).await;
    assert!(
        last.status == 422 && last.text().contains("is the last active admin; make somebody else an admin first"),
        "{}",
        last.text()
    );
    assert_eq!(admin.get("/admin/users").await.status, 200);
    let second =
        [("username", "two"), ("password", PASSWORD), ("role", "admin"), ("advertiser_id", ""), ("state", "active")];
    admin.submit("/admin/users/new", &second).await;
    assert_eq!(admin.submit("/admin/users/1/edit", &fields).await.location(), "/admin", "who is none sees no users");
    assert_eq!(admin.get("/admin/users").await.status, 403);
}

#[actix_web::test]
async fn a_token_is_shown_once_works_and_is_revoked() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    assert!(admin.get("/admin/tokens").await.is_empty());
    let bad = admin.submit("/admin/tokens/new", &[("name", ""), ("role", "admin"), ("advertiser_id", "1")]).await;
    assert_eq!((bad.status, beside(&bad, "name").as_str()), (422, "Name is missing."));
    assert!(beside(&bad, "advertiser_id").contains("cannot limit an admin"));
    let made =
        admin.submit("/admin/tokens/new", &[("name", "nightly"), ("role", "viewer"), ("advertiser_id", "1")]).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
    let (_, rest) = made.body.split_once(r#"<pre id="secret" tabindex="0">"#).unwrap();
    let secret = rest.split('<').next().unwrap();
    assert!(secret.len() == 64 && made.text().contains("It cannot be shown again."));
    let caller = app.auth.caller(SessionKind::Api, secret).await.unwrap();
    assert_eq!((caller.role, caller.scope.advertiser()), (Role::Viewer, Some(AdvertiserId(1))));
    assert_eq!(app.get("/advertiser", &[("authorization", secret)]).await.status(), 200, "the API takes it");
    let list = admin.get("/admin/tokens").await;
    assert!(list.text().contains("nightly Viewer Shop") && !list.has(secret), "{}", list.text());

    for (query, found) in
        [("search=IGHT", true), ("role=viewer", true), ("search=daily", false), ("role=editor", false)]
    {
        let seen = admin.get(&format!("/admin/tokens?{query}")).await;
        assert_eq!((seen.status, seen.has(">nightly<")), (200, found), "{query}");
        assert_eq!(seen.text().contains("No token matches."), !found, "{query}");
    }
    for name in ["nightly", "Nightly"] {
        let taken =
            admin.submit("/admin/tokens/new", &[("name", name), ("role", "viewer"), ("advertiser_id", "")]).await;
        assert_eq!(taken.status, 422, "{name}");
        assert!(
            beside(&taken, "name").ends_with("is already used by token 1. Choose another one."),
            "{}",
            taken.text()
        );
    }

    let asked = admin.submit("/admin/tokens/1/revoke", &[]).await;
    assert!(asked.status == 200 && asked.asks(), "{}", asked.text());
    assert!(app.auth.caller(SessionKind::Api, secret).await.is_ok());
    assert_eq!(admin.submit("/admin/tokens/1/revoke", &[("confirmed", "yes")]).await.location(), "/admin/tokens");
    assert!(app.auth.caller(SessionKind::Api, secret).await.is_err());
    assert_eq!(admin.submit("/admin/tokens/1/revoke", &[("confirmed", "yes")]).await.status, 404);
}

#[actix_web::test]
async fn only_admins_manage_users_and_tokens() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    for role in [Role::Editor, Role::Viewer] {
        let browser = Browser::of(&app, role, None).await;
        assert!(!browser.get("/admin").await.has("/admin/users"));
        for page in ["/admin/users", "/admin/users/new", "/admin/users/1/edit", "/admin/tokens", "/admin/tokens/new"] {
            assert_eq!(browser.get(page).await.status, 403, "{role} {page}");
        }
        for (page, fields) in [
            ("/admin/users/new", &FIELDS[..]),
            ("/admin/users/1/edit", &FIELDS[..]),
            ("/admin/users/1/password", &[("password", "another long one")]),
            ("/admin/tokens/new", &[("name", "x"), ("role", "admin")]),
            ("/admin/tokens/1/revoke", &[("confirmed", "yes")]),
        ] {
            assert_eq!(browser.submit(page, fields).await.status, 403, "{role} {page}");
        }
    }
    assert_eq!(app.store.users(&admin_of_all()).await.unwrap().len(), 3);
    assert_eq!(app.store.users(&admin_of_all()).await.unwrap()[0].state, Status::Active);
    assert!(admin.get("/admin").await.has(r#"href="/admin/users""#));
}

#[actix_web::test]
async fn ones_own_password_is_changed_with_the_current_one_and_ends_other_sessions() {
    let app = TestApp::start().await;
    let here = Browser::of(&app, Role::Viewer, None).await;
    let there = enters(&app, "viewer", PASSWORD).await.unwrap();
    let page = here.get("/admin/account").await;
    assert!(page.text().contains("Change password") && page.text().contains("changes nothing."));
    let change = async |current: &str, new: &str, again: &str| {
        let fields = [("current_password", current), ("password", new), ("password_again", again)];
        here.submit("/admin/account", &fields).await
    };
    let wrong = change("not the password", "another long one", "another long one").await;
    assert_eq!(
        (wrong.status, beside(&wrong, "current_password").as_str()),
        (422, "This is not your current password.")
    );
    let differ = change(PASSWORD, "another long one", "another long two").await;
    assert_eq!(beside(&differ, "password_again"), "The new passwords do not match.");
    let short = change(PASSWORD, "short", "short").await;
    assert_eq!(beside(&short, "password"), "New password must have 12 to 64 characters, and has 5.");
    assert!(!short.has(PASSWORD) && !short.has("\"short\""));
    assert_eq!(there.get("/admin").await.status, 200);
    let done = change(PASSWORD, "another long one", "another long one").await;
    assert_eq!((done.status, done.location()), (303, "/admin/account"));
    assert!(here.get("/admin/account").await.text().contains("Password changed."), "still signed in here");
    assert_eq!(there.get("/admin").await.status, 303, "signed out there");
    assert!(enters(&app, "viewer", PASSWORD).await.is_none());
    assert!(enters(&app, "viewer", "another long one").await.is_some());
    assert_eq!(Browser::new(&app).get("/admin/account").await.status, 303);
}

#[actix_web::test]
async fn users_see_and_end_their_sessions_and_admins_those_of_all() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let viewer = Browser::of(&app, Role::Viewer, None).await;
    let other = enters(&app, "viewer", PASSWORD).await.unwrap();
    let page = viewer.get("/admin/account").await;
    assert!(page.text().contains("Where you are signed in") && page.has("127.0.0.0"), "{}", page.text());
    assert_eq!(page.body.matches("this session").count(), 1);
    let end = |page: &crate::admin::Seen, prefix: &str| {
        let before = format!("action=\"{prefix}/");
        let parts = page.body.split(&before).skip(1);
        let id = parts.filter_map(|part| part.split('/').next()).find(|id| id.bytes().all(|b| b.is_ascii_digit()));
        format!("{prefix}/{}/end", id.unwrap())
    };
    let address = end(&page, "/admin/account/sessions");
    assert_eq!(admin.submit(&address, &[]).await.status, 404, "of another user");
    assert_eq!(viewer.submit(&address, &[]).await.status, 303);
    assert_eq!(other.get("/admin").await.status, 303);
    let other = enters(&app, "viewer", PASSWORD).await.unwrap();
    assert_eq!(viewer.submit("/admin/account/sessions/others/end", &[]).await.status, 303);
    assert_eq!((other.get("/admin").await.status, viewer.get("/admin").await.status), (303, 200));
    assert_eq!(viewer.get("/admin/users/1/sessions").await.status, 403);
    let page = admin.get("/admin/users/2/sessions").await;
    let address = end(&page, "/admin/users/2/sessions");
    assert_eq!(viewer.submit(&address, &[]).await.status, 403);
    assert_eq!(admin.submit(&address, &[]).await.status, 303);
    assert_eq!(viewer.get("/admin").await.status, 303);
    assert_eq!(admin.submit("/admin/users/1/sessions/all/end", &[]).await.status, 303);
    assert_eq!(admin.get("/admin").await.status, 303);
    let ended = app.store.audit(&pixeld::domain::Caller::shell().admin().unwrap(), Default::default()).await.unwrap();
    let ended = ended.items.iter().filter(|entry| entry.action == pixeld::domain::AuditAction::SessionEnded);
    assert_eq!(ended.map(|entry| entry.object_id).collect::<Vec<_>>(), [1, 2, 2, 2]);
}
