//! The page of the audit log: changes and their authors, filtered by object, deed and user, a page at a time, without secrets.

use pixeld::domain::{Advertiser, ApiToken, Caller, Role};

use crate::admin::{Browser, PASSWORD, Seen, pixel_fields};
use crate::harness::TestApp;

/// "who did object" of each entry, in order.
fn said(seen: &Seen) -> Vec<String> {
    let cells = |row: &str| {
        let cell = |cell: &str| {
            let cell = cell.split("</td>").next().unwrap();
            let texts = cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
            texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        row.split("<td").skip(1).map(cell).collect::<Vec<_>>()
    };
    let rows = seen.body.split("<tr>").map(cells).filter(|cells| cells.len() == 5);
    rows.map(|cells| cells[1..4].join(" ")).collect()
}

#[actix_web::test]
async fn every_change_is_described_with_the_value_before_it() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    admin.submit("/admin/pixels/new", &pixel_fields(&[])).await;
    app.wait_minutes(1);
    let change = [("name", "Sale"), ("post_view_expire_mins_unit", "max"), ("count_each_order_once", "")];
    let mut fields = pixel_fields(&change);
    fields.retain(|(name, _)| *name != "count_each_order_once");
    assert_eq!(admin.submit("/admin/pixels/1/edit", &fields).await.status, 303);
    let seen = admin.get("/admin/audit").await;
    assert_eq!(
        said(&seen),
        [
            "admin Edited Sale pixel 1",
            "admin Created Purchase pixel 1",
            "command line Created admin user 1",
            "command line Created Shop advertiser 1"
        ]
    );
    let text = seen.text();
    assert!(
        text.contains(
            "Name, attribution window after a view and 1 more of pixel 1 Name: Purchase → Sale \
             Attribution window after a view: 1 day → 30 days (maximum) Count each order once: yes → no"
        ),
        "{text}"
    );
    assert!(text.contains("Payout for a click: 12.50") && text.contains("Category: Purchase"), "{text}");
    assert!(seen.has(r#"<a href="/admin/pixels/1">Sale</a>"#), "{}", seen.body);
    let pixel = admin.get("/admin/pixels/1").await;
    assert!(pixel.text().contains("just now by admin · All changes"), "{}", pixel.text());
    assert!(pixel.has("/admin/audit?object_type=pixel&amp;object_id=1"));

    admin.submit("/admin/pixels/1/delete", &[("confirmed", "yes")]).await;
    let gone = admin.get("/admin/audit?action=deleted").await;
    assert_eq!(said(&gone), ["admin Deleted Sale pixel 1"]);
    assert!(!gone.has(r#"href="/admin/pixels/1""#), "there is nothing to go to");
}

#[actix_web::test]
async fn it_is_filtered_by_object_deed_user_and_name() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    admin.submit("/admin/pixels/new", &pixel_fields(&[])).await;
    for (query, found) in [
        ("object_type=pixel", &["admin Created Purchase pixel 1"][..]),
        ("object_type=pixel&object_id=1", &["admin Created Purchase pixel 1"]),
        ("object_type=pixel&object_id=2", &[]),
        ("user_name=shell", &["command line Created admin user 1", "command line Created Shop advertiser 1"]),
        ("user_name=shell&object_type=user", &["command line Created admin user 1"]),
        ("search=sho", &["command line Created Shop advertiser 1"]),
        ("action=password_set", &[]),
        ("user_name=nobody&search=purch", &["admin Created Purchase pixel 1"]),
        ("action=odd&object_type=odd&object_id=x&search=purch", &["admin Created Purchase pixel 1"]),
    ] {
        let seen = admin.get(&format!("/admin/audit?{query}")).await;
        assert_eq!((seen.status, said(&seen)), (200, found.iter().map(|text| (*text).to_owned()).collect()), "{query}");
        assert_eq!(seen.text().contains("No change matches."), found.is_empty(), "{query}");
    }
    // The number of an object goes with its kind, and both go together.
    let linked = admin.get("/admin/audit?object_type=pixel&object_id=1&user_name=admin").await;
    assert!(linked.has(r#"aria-label="Show without Pixel 1""#), "{}", linked.body);
    assert!(linked.has(r#"href="/admin/audit?user_name=admin""#), "{}", linked.body);
    assert!(linked.has(r#"<input type="hidden" name="object_type" value="pixel">"#));
    assert!(!linked.has(r#"<select class="select" name="object_type""#));
}

#[actix_web::test]
async fn long_logs_are_paged_newest_first() {
    let app = TestApp::start().await;
    for n in 0..60 {
        app.store.create(&app.editor(), Advertiser::new(format!("Shop {n}"))).await.unwrap();
    }
    let admin = Browser::of(&app, Role::Admin, None).await;
    let first = admin.get("/admin/audit").await;
    assert_eq!((said(&first).len(), said(&first)[1].as_str()), (50, "command line Created Shop 59 advertiser 60"));
    assert!(first.text().contains("1–50 of 61") && first.has("/admin/audit?start=50"), "{}", first.text());
    let last = admin.get("/admin/audit?start=50").await;
    assert_eq!((said(&last).len(), said(&last)[10].as_str()), (11, "command line Created Shop 0 advertiser 1"));
}

#[actix_web::test]
async fn no_secret_is_shown_and_only_admins_look() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let shell = Caller::shell().admin().unwrap();
    let (secret, token) = app.auth.create_token(&shell, ApiToken::new("nightly", Role::Viewer, None)).await.unwrap();
    app.store.revoke_token(&shell, token.id).await.unwrap();
    let form = [("username", "bob"), ("password", "a long enough one"), ("role", "editor"), ("state", "active")];
    assert_eq!(admin.submit("/admin/users/new", &form).await.status, 303);
    assert_eq!(admin.submit("/admin/users/2/password", &[("password", "another long one")]).await.status, 303);
    let seen = admin.get("/admin/audit").await;
    assert_eq!(
        said(&seen),
        [
            "admin Password set bob user 2",
            "admin Created bob user 2",
            "command line Deleted nightly API token 1",
            "command line Created nightly API token 1",
            "command line Created admin user 1",
        ]
    );
    for word in [secret.expose(), "hash", "argon2", "long one", "long enough", PASSWORD] {
        assert!(!seen.has(word), "{word}");
    }
    for role in [Role::Editor, Role::Viewer] {
        let browser = Browser::of(&app, role, None).await;
        assert_eq!(browser.get("/admin/audit").await.status, 403, "{role}");
        assert!(!browser.get("/admin").await.has("/admin/audit"), "{role}");
    }
    assert_eq!(Browser::new(&app).get("/admin/audit").await.location(), "/admin/sign-in?next=%2Fadmin%2Faudit");
}

#[actix_web::test]
async fn the_page_of_a_pixel_names_the_user_who_changed_it() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let other = app.advertiser("Other").await;
    let own = Browser::of(&app, Role::Viewer, Some(shop.advertiser.id)).await;
    let seen = own.get("/admin/pixels/1").await;
    assert!(seen.text().contains("just now by command line") && !seen.has("/admin/audit"), "{}", seen.text());
    let stranger = Browser::of(&app, Role::Viewer, Some(other.id)).await;
    assert_eq!(stranger.get("/admin/pixels/1").await.status, 404);
}
