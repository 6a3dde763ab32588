//! The rights of each role on objects; names are never HTML.

use pixeld::domain::{ApiToken, Caller, Campaign, Role, Segment, Source, SourceTemplate, User};

use super::rows;
use crate::admin::Browser;
use crate::harness::TestApp;

const KINDS: [&str; 7] = ["advertisers", "line-items", "campaigns", "publishers", "trackers", "segments", "sources"];

/// One object of each kind.
async fn one_of_each(app: &TestApp) {
    let shop = app.shop().await;
    let campaign = Campaign::new(shop.advertiser.id, shop.line_item.id, "Search ads");
    app.store.create(&app.editor(), campaign).await.unwrap();
    let mut segment = Segment::new("Cart");
    segment.advertiser_id = Some(shop.advertiser.id);
    app.store.create(&app.editor(), segment).await.unwrap();
    let mut source = Source::new(shop.advertiser.id, shop.line_item.id, "Google Ads");
    source.condition = SourceTemplate::of("google").unwrap().condition();
    app.store.create(&app.editor(), source).await.unwrap();
}

#[actix_web::test]
async fn a_viewer_sees_everything_and_changes_nothing() {
    let app = TestApp::start().await;
    one_of_each(&app).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for kind in KINDS {
        for page in [format!("/admin/{kind}"), format!("/admin/{kind}/1")] {
            let seen = browser.get(&page).await;
            assert_eq!(seen.status, 200, "{page}");
            for control in ["/new\"", "/new?", "/edit\"", "/delete\"", "/admin/users"] {
                assert!(!seen.has(control), "{page} offers {control}");
            }
        }
        for page in [format!("/admin/{kind}/new"), format!("/admin/{kind}/1/edit")] {
            assert_eq!(browser.get(&page).await.status, 403, "{page}");
            let posted = browser.submit(&page, &[("name", "Mine"), ("state", "active")]).await;
            assert!(posted.status == 403 && posted.text().contains("Not allowed"), "{page}: {}", posted.text());
        }
        let deleted = browser.submit(&format!("/admin/{kind}/1/delete"), &[("confirmed", "yes")]).await;
        assert_eq!(deleted.status, 403, "{kind}");
        assert_eq!(browser.get(&format!("/admin/{kind}/1")).await.status, 200);
    }
}

#[actix_web::test]
async fn a_limited_user_sees_and_changes_only_its_objects() {
    let app = TestApp::start().await;
    one_of_each(&app).await;
    let own = app.advertiser("Own").await;
    let browser = Browser::of(&app, Role::Editor, Some(own.id)).await;
    assert_eq!(rows(&browser.get("/admin/advertisers").await), ["Own"]);
    assert!(!browser.get("/admin/advertisers").await.has("/admin/advertisers/new"));
    for kind in ["line-items", "campaigns", "trackers", "segments", "sources"] {
        assert!(rows(&browser.get(&format!("/admin/{kind}")).await).is_empty(), "{kind}");
    }
    for kind in ["advertisers", "line-items", "campaigns", "trackers", "segments", "sources"] {
        for page in [format!("/admin/{kind}/1"), format!("/admin/{kind}/1/edit")] {
            assert_eq!(browser.get(&page).await.status, 404, "{page}");
        }
        assert_eq!(browser.submit(&format!("/admin/{kind}/1/edit"), &[("name", "Mine")]).await.status, 404, "{kind}");
        let deleted = browser.submit(&format!("/admin/{kind}/1/delete"), &[("confirmed", "yes")]).await;
        assert_eq!(deleted.status, 404, "{kind}");
    }
    assert_eq!(browser.get("/admin/advertisers/new").await.status, 403);
    let another = [("name", "Another"), ("default_currency", "EUR"), ("timezone", "UTC"), ("state", "active")];
    assert_eq!(browser.submit("/admin/advertisers/new", &another).await.status, 403);
    let stolen = [("advertiser_id", "1"), ("name", "Mine"), ("state", "active")];
    assert_eq!(browser.submit("/admin/line-items/new", &stolen).await.status, 404);
    let under =
        browser.submit("/admin/campaigns/new", &[("name", "Mine"), ("line_item_id", "1"), ("state", "active")]).await;
    assert!(under.status == 422 && !under.text().contains("Autumn sale"), "{}", under.text());
    let mine = [("advertiser_id", "2"), ("name", "Mine"), ("state", "active"), ("anyway", "yes")];
    assert_eq!(browser.submit("/admin/line-items/new", &mine).await.location(), "/admin/line-items/2");
    assert_eq!(rows(&browser.get("/admin/line-items").await), ["Mine"]);
    let renamed = browser.submit(&format!("/admin/advertisers/{}/edit", own.id), &another).await;
    assert_eq!(renamed.status, 303, "its own advertiser it may change");
}

#[actix_web::test]
async fn the_page_of_an_advertiser_offers_its_deletion_to_callers_who_may_delete_it() {
    let app = TestApp::start().await;
    let (other, own) = (app.advertiser("Other").await, app.advertiser("Own").await);
    let shell = Caller::shell().admin().unwrap();
    let admin = Browser::of(&app, Role::Admin, None).await;
    let editor = Browser::of(&app, Role::Editor, None).await;
    let viewer = Browser::of(&app, Role::Viewer, None).await;
    let limited = Browser::of(&app, Role::Editor, Some(own.id)).await;
    let stranger = Browser::of(&app, Role::Editor, Some(other.id)).await;
    let (free, user, token) =
        (app.advertiser("Free").await, app.advertiser("User").await, app.advertiser("Token").await);
    let bound = User { advertiser_id: Some(user.id), ..User::new("bound", Role::Viewer) };
    app.auth.create_user(&shell, bound, crate::admin::PASSWORD).await.unwrap();
    app.auth.create_token(&shell, ApiToken::new("bound", Role::Viewer, Some(token.id))).await.unwrap();
    let second = app.advertiser("Second").await;
    for (who, browser, advertiser, status) in [
        ("viewer", &viewer, &free, 403),
        ("limited editor", &limited, &own, 403),
        ("other limited editor", &stranger, &own, 404),
        ("editor", &editor, &own, 403),
        ("editor", &editor, &user, 403),
        ("editor", &editor, &token, 403),
        ("editor", &editor, &free, 303),
        ("admin", &admin, &second, 303),
        ("admin", &admin, &user, 303),
        ("admin", &admin, &token, 303),
    ] {
        let what = format!("{who}, {}", advertiser.name);
        let (page, kept) =
            (format!("/admin/advertisers/{}", advertiser.id), app.store.users(&shell).await.unwrap().len());
        let delete = format!("{page}/delete");
        let seen = browser.get(&page).await;
        assert_eq!(seen.has(&format!(r#"action="{delete}""#)), status == 303, "{what}");
        assert_eq!(browser.submit(&delete, &[]).await.status, if status == 303 { 200 } else { status }, "{what}");
        let typed = [("confirmed", "yes"), ("typed_name", advertiser.name.as_str())];
        let deleted = browser.submit(&delete, &typed).await;
        assert_eq!(deleted.status, status, "{what}: {}", deleted.text());
        assert_eq!(admin.get(&page).await.status, if status == 303 { 404 } else { 200 }, "{what}");
        if status != 303 {
            assert_eq!(app.store.users(&shell).await.unwrap().len(), kept, "{what}");
        }
    }
    assert_eq!(app.store.tokens(&shell).await.unwrap().len(), 0);
}

#[actix_web::test]
async fn names_are_never_html() {
    const HOSTILE: &str = "\"><script>alert(1)</script>'&";
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let make = async |path: &str, fields: &[(&str, &str)]| {
        let made = browser.submit(path, fields).await;
        assert_eq!(made.status, 303, "{path}: {}", made.text());
    };
    let named = [("name", HOSTILE), ("code", HOSTILE), ("state", "active")];
    let with = |more: &[(&'static str, &'static str)]| [&named[..], more].concat();
    make("/admin/advertisers/new", &with(&[("default_currency", "EUR"), ("timezone", "UTC")])).await;
    make("/admin/pixels/new", &crate::admin::pixel_fields(&[("name", HOSTILE), ("code", HOSTILE)])).await;
    let pixel = [("pixel", "1"), ("post_click_revenue", ""), ("post_view_revenue", ""), ("pixel_state", "active")];
    make("/admin/line-items/new", &[&with(&[("advertiser_id", "1"), ("revenue_type", "<b>")])[..], &pixel].concat())
        .await;
    make("/admin/campaigns/new", &with(&[("line_item_id", "1")])).await;
    make("/admin/publishers/new", &named).await;
    let tracker = [("line_item_id", "1"), ("publisher_id", "1")];
    make("/admin/trackers/new", &[&with(&tracker)[..], &[("kind", "imptracker")]].concat()).await;
    let click = [("kind", "clicktracker"), ("click_url", "https://a.example/?\"><script>alert(1)</script>")];
    make("/admin/trackers/new", &[&with(&tracker)[..], &click].concat()).await;
    let condition =
        [("parameter", "ref"), ("parameter_values", HOSTILE), ("campaign_by", "ref"), ("publisher_id", "1")];
    make("/admin/sources/new", &[&with(&[("advertiser_id", "1"), ("line_item_id", "1")])[..], &condition].concat())
        .await;
    make(
        "/admin/users/new",
        &[
            ("username", HOSTILE),
            ("password", "correct horse"),
            ("role", "viewer"),
            ("advertiser_id", "1"),
            ("state", "active"),
        ],
    )
    .await;
    let segment = [("short_name", HOSTILE), ("description", HOSTILE), ("advertiser_id", "1"), ("state", "active")];
    let kept = [
        ("expire_minutes_unit", "default"),
        ("piggyback_type", "js"),
        ("piggyback_url", "https://a.example/\"><script>"),
    ];
    make("/admin/segments/new", &[&segment[..], &kept].concat()).await;
    let token = [("name", HOSTILE), ("role", "viewer"), ("advertiser_id", "1")];
    assert_eq!(browser.submit("/admin/tokens/new", &token).await.status, 201);

    let mut pages =
        ["/admin/users", "/admin/tokens", "/admin/users/2/edit", "/admin/trackers/2"].map(str::to_owned).to_vec();
    for kind in KINDS {
        pages.extend(["", "/new", "/1", "/1/edit"].map(|page| format!("/admin/{kind}{page}")));
    }
    pages.extend([
        "/admin/trackers?line_item_id=1".to_owned(),
        "/admin/trackers?publisher_id=1&search=<script>".to_owned(),
    ]);
    for page in pages {
        let seen = browser.get(&page).await;
        assert_eq!(seen.status, 200, "{page}");
        assert!(!seen.has("<script>") && !seen.has("\"><script") && !seen.has("<b>\""), "{page}");
    }
    for kind in KINDS {
        let seen = browser.submit(&format!("/admin/{kind}/1/delete"), &[]).await;
        assert!(seen.status == 200 && seen.has("&#60;script&#62;") && !seen.has("<script>"), "{kind}");
    }
    let revoked = browser.submit("/admin/tokens/1/revoke", &[]).await;
    assert!(revoked.has("&#60;script&#62;") && !revoked.has("<script>"));
}
