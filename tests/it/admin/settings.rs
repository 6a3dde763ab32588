//! The page of settings, which is for admins: what changes there, for whom and when; and the sample data of the first run.

use pixeld::demo;
use pixeld::domain::{Advertiser, AdvertiserId, Caller, Pixel, PixelId, Role};
use pixeld::store::{ConversionQuery, ListQuery, LogRow};

use super::{Browser, PASSWORD};
use crate::harness::{TestApp, open_database};
use crate::judge::fire;

#[actix_web::test]
async fn the_page_tells_how_the_server_is_set_and_fares() {
    let app = TestApp::start_with(|given| given.cookie_days = Some("30".to_owned())).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let seen = browser.get("/admin/settings").await;
    let text = seen.text();
    for said in [
        concat!("Running for 0 s Version ", env!("CARGO_PKG_VERSION")),
        "Saving Up to date No event waits",
        "Attribution Up to date 0 events",
        "Fixed by the command line: --cookie-days.",
        "--cookie-days PIXELD_COOKIE_DAYS How many days the visitor cookie pxid lives after each request, from 1 to 400. 30 flag here",
        "truncated default here",
        "flag at a restart",
        &format!("Not set. Tags name the address in your browser now: {}", app.url("")),
        "This address works on this computer only.",
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
    assert!(text.contains(&app.data_dir().display().to_string()));
}

/// The settings of one form that differ from the defaults.
const CHANGES: &[(&str, &str)] = &[
    ("name", "Northlight"),
    ("public_url", "px.shop.example/"),
    ("cookie_days", "30"),
    ("ip_storage", "full"),
    ("honour_gpc", "off"),
    ("honour_dnt", "on"),
    ("tcf_purposes", "1, 7"),
    ("bots", "strict"),
    ("keep_page_query", "on"),
    ("events_per_minute", "5"),
];

/// What a tag, a page and the API make of [`CHANGES`].
async fn goes_by_changes(app: &TestApp, browser: &Browser, is_changed: bool) {
    let cookie = |answer: &reqwest::Response| {
        answer.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let agent = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0");
    let plain = app.get("/px?id=1&t=2", &[agent, ("referer", "https://shop.example/a?mail=1")]).await;
    let days = if is_changed { 30 } else { 90 };
    assert!(cookie(&plain).contains(&format!("Max-Age={}", days * 86_400)), "{}", cookie(&plain));
    let private = app.get("/px?id=1&t=2", &[agent, ("sec-gpc", "1")]).await;
    assert_eq!(cookie(&private).contains("pxid="), is_changed, "{}", cookie(&private));
    let curl = app.get("/px?id=1&t=2", &[("user-agent", "curl/8.0")]).await;
    assert_eq!(curl.status(), 200);
    let rows: Vec<(Option<String>, Option<String>, i64)> = {
        let conn = open_database(app.data_dir());
        let mut rows = conn.prepare("SELECT ip, referer, flags & 2 FROM fires ORDER BY seq DESC LIMIT 3").unwrap();
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect()
    };
    let (ip, page) = if is_changed {
        ("127.0.0.1", "https://shop.example/a?mail=1")
    } else {
        ("127.0.0.0", "https://shop.example/a")
    };
    assert_eq!((rows[2].0.as_deref(), rows[2].1.as_deref()), (Some(ip), Some(page)));
    assert_eq!(rows[0].2 != 0, is_changed, "curl is a bot by the strict rule alone");
    let export = browser.get("/admin/export?id=1").await;
    assert_eq!(export.has("https://px.shop.example/px?id=1"), is_changed, "{}", export.text());
}

#[actix_web::test]
async fn changes_are_in_force_at_once_for_every_face_and_outlive_a_restart() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    goes_by_changes(&app, &browser, false).await;
    let saved = browser.submit("/admin/settings", CHANGES).await;
    assert_eq!((saved.status, saved.location()), (303, "/admin/settings"), "{}", saved.text());
    let seen = browser.get("/admin/settings").await;
    let said = "Saved: organisation, public address, cookie lifetime, IP addresses of visitors, Global Privacy Control, \
                TCF purposes, bots, events per minute and addresses of pages.";
    assert!(seen.text().contains(said), "{}", seen.text());
    assert_eq!(
        (seen.typed("public_url"), seen.typed("tcf_purposes")),
        ("https://px.shop.example".into(), "1,7".into())
    );
    assert!(!seen.has("Not set.") && !seen.has("this computer only"));
    assert!(seen.text().contains("30 settings page here"), "{}", seen.text());
    goes_by_changes(&app, &browser, true).await;
    app.stop();

    let app = TestApp::start_on(directory.path()).await;
    assert_eq!(app.store.member().await.unwrap().name, "Northlight");
    let browser = Browser::new(&app);
    browser.sign_in("admin").await;
    goes_by_changes(&app, &browser, true).await;
    // Three loads were taken in this minute, and five from one address are allowed.
    let agent = [("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0")];
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let answer = app.get("/px?id=1&t=2", &agent).await;
        outcomes.push(answer.headers().get("x-pixeld").unwrap().to_str().unwrap().to_owned());
    }
    assert_eq!(outcomes, ["ok", "ok", "rejected=too_many"]);
    // Back to the defaults: the table has no row any more.
    let back = [("public_url", ""), ("cookie_days", "90"), ("ip_storage", "truncated"), ("honour_gpc", "on")];
    let rest = [("tcf_purposes", "1"), ("bots", "known"), ("keep_page_query", "off"), ("events_per_minute", "0")];
    let saved = browser.submit("/admin/settings", &[back, rest].concat()).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert_eq!(app.store.stored_settings_now().unwrap(), Default::default());
    goes_by_changes(&app, &browser, false).await;
}

#[actix_web::test]
async fn a_flag_or_the_file_wins_and_the_page_says_so() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("pixeld.toml");
    std::fs::write(&file, "bots = 'strict'").unwrap();
    let config = file.clone();
    let app = TestApp::start_with(|given| {
        given.cookie_days = Some("30".to_owned());
        given.honour_dnt = Some("off".to_owned());
        given.from_environment = vec!["honour_dnt"];
        given.config = Some(config);
    })
    .await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let seen = browser.get("/admin/settings").await;
    for (name, fixed) in [
        ("cookie_days", "Fixed by the command line: --cookie-days.".to_owned()),
        ("honour_dnt", "Fixed by PIXELD_HONOUR_DNT.".to_owned()),
        ("bots", format!("Fixed by the file {}.", file.display())),
    ] {
        assert!(seen.text().contains(&fixed), "{fixed} in {}", seen.text());
        let tag = seen.body.split_once(&format!(r#"name="{name}""#)).unwrap().1.split('>').next().unwrap();
        assert!(tag.contains("disabled"), "{name}: {tag}");
        assert!(!seen.has(&format!(r#"name="was_{name}""#)));
    }
    let form = [("cookie_days", "7"), ("honour_gpc", "off")];
    let refused = browser.submit("/admin/settings", &form).await;
    assert_eq!((refused.status, refused.errors()), (422, 1));
    assert!(refused.text().contains("Cookie lifetime is fixed by the command line: --cookie-days."));
    assert_eq!(app.store.stored_settings_now().unwrap(), Default::default(), "nothing of the form is taken");
}

#[actix_web::test]
async fn an_error_stands_beside_its_field_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let form = [
        ("name", "New <name>"),
        ("public_url", "https://px.shop.example/px"),
        ("cookie_days", "401"),
        ("tcf_purposes", "25"),
        ("bots", "none"),
        ("tcf_vendor_id", "42"),
    ];
    let refused = browser.submit("/admin/settings", &form).await;
    assert_eq!((refused.status, refused.errors()), (422, 4), "{}", refused.text());
    for (id, error) in [
        ("public_url-error", "Public address must end after the host: https://px.shop.example."),
        ("cookie_days-error", "Cookie lifetime must be a whole number from 1 to 400."),
        ("tcf_purposes-error", "TCF purposes must list numbers from 1 to 24, separated by commas."),
        ("bots-error", "Bots must be one of known, strict."),
    ] {
        assert_eq!(refused.texts(&format!(r#"id="{id}""#)), [error]);
    }
    for (name, typed) in form.into_iter().filter(|(name, _)| *name != "bots") {
        assert_eq!(refused.typed(name), typed, "{name}");
    }
    assert_eq!(app.store.stored_settings_now().unwrap(), Default::default());
    app.store.name_member(&pixeld::domain::Caller::shell().admin().unwrap(), "Northlight".into()).await.unwrap();
    let nameless = browser.submit("/admin/settings", &[("name", " "), ("cookie_days", "7")]).await;
    assert_eq!((nameless.status, nameless.texts(r#"id="name-error""#)), (422, vec!["Organisation is missing.".into()]));
    assert_eq!(nameless.typed("cookie_days"), "7");
    assert_eq!(app.store.stored_settings_now().unwrap(), Default::default(), "all of a form, or nothing");
}

#[actix_web::test]
async fn a_form_changes_only_what_its_user_touched() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    browser.submit("/admin/settings", &[("cookie_days", "7")]).await;
    // This form was opened before, and its user changed the other field.
    let stale = [("cookie_days", "90"), ("was_cookie_days", "90"), ("bots", "strict"), ("was_bots", "known")];
    assert_eq!(browser.submit("/admin/settings", &stale).await.status, 303);
    let stored = app.store.stored_settings_now().unwrap();
    let stored: Vec<_> = stored.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(stored, [("bots", "strict"), ("cookie_days", "7")]);
    let log = browser.get("/admin/audit?object_type=settings").await;
    assert_eq!(log.column("Fields"), ["Bots: known → strict", "Cookie lifetime: 90 → 7"]);
    let api = app.get("/audit?object_type=settings", &[]).await;
    assert_eq!(api.status(), 401);
}

#[actix_web::test]
async fn settings_are_for_admins_and_their_own_pages() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    for path in ["/admin/settings", "/admin/settings/public-address"] {
        let forged = admin.post(path, &[("csrf", "x"), ("public_url", "https://evil.example")]).await;
        assert_eq!(forged.status, 403, "{path}");
        for role in [Role::Editor, Role::Viewer] {
            let name = format!("{role}-{}", path.len());
            let user = pixeld::domain::User::new(&name, role);
            let by = pixeld::domain::Caller::shell().admin().unwrap();
            app.auth.create_user(&by, user, PASSWORD).await.unwrap();
            let browser = Browser::new(&app);
            browser.sign_in(&name).await;
            assert_eq!(browser.get(path).await.status, 403, "{path} {role}");
            let refused = browser.submit(path, &[("public_url", "https://evil.example"), ("name", "Mine")]).await;
            assert_eq!(refused.status, 403, "{path} {role}");
            assert!(!browser.get("/admin").await.has("/admin/settings"));
        }
    }
    assert_eq!(app.store.stored_settings_now().unwrap(), Default::default());
}

#[actix_web::test]
async fn the_short_form_leads_back_to_a_page_of_this_server() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let path = "/admin/settings/public-address";
    let form = browser.get(&format!("{path}?return_to=/admin/export%3Fid%3D1")).await;
    assert_eq!(form.typed("return_to"), "/admin/export?id=1");
    for (return_to, leads) in [
        ("/admin/export?id=1", "/admin/export?id=1"),
        ("https://evil.example/admin", "/admin"),
        ("//evil.example", "/admin"),
        ("", "/admin/settings"),
    ] {
        let saved = browser.submit(path, &[("public_url", "px.shop.example"), ("return_to", return_to)]).await;
        assert_eq!((saved.status, saved.location()), (303, leads), "{return_to}");
    }
    assert!(browser.get("/admin").await.text().contains("Tags name https://px.shop.example now."));
    browser.submit(path, &[("public_url", "http://192.168.1.5:8080"), ("return_to", "/admin")]).await;
    let warned = browser.get("/admin").await.text();
    let warning = "Tags name http://192.168.1.5:8080 now. This address works in your own network only. Visitors cannot \
                   load tags from it. Pages on https block tags that load from an http address.";
    assert!(warned.contains(warning), "{warned}");
    let refused = browser.submit(path, &[("public_url", "ftp://x"), ("return_to", "/admin/export")]).await;
    assert_eq!((refused.status, refused.typed("public_url")), (422, "ftp://x".into()));
    assert_eq!(refused.typed("return_to"), "/admin/export");
}

#[actix_web::test]
async fn the_organisation_is_renamed() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let saved = admin.submit("/admin/settings", &[("name", " Northlight <b>")]).await;
    assert_eq!((saved.status, saved.location()), (303, "/admin/settings"));
    let seen = admin.get("/admin/settings").await;
    assert!(seen.text().contains("Saved: organisation."), "{}", seen.text());
    assert_eq!(app.store.member().await.unwrap().name, "Northlight <b>");
    let same = admin.submit("/admin/settings", &[("name", "Northlight <b>"), ("was_name", "Northlight <b>")]).await;
    assert_eq!(same.status, 303);
    assert!(admin.get("/admin/settings").await.text().contains("Nothing was changed."));
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

#[actix_web::test]
async fn a_removal_that_was_cut_off_goes_on_at_the_next_start() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let store = app.store.clone();
    tokio::task::spawn_blocking(move || demo::load(&store, 500, &|_| ())).await.unwrap().unwrap();
    app.judged().await;
    let admin = Caller::shell().admin().unwrap();
    let sample = app.store.sample_objects(&admin).await.unwrap().unwrap();
    app.store.remove_sample_objects(&app.editor(), sample.clone()).await.unwrap();
    app.store.remove_sample_rows(&app.editor(), sample.upto).await.unwrap();
    assert_ne!(app.store.verify(&app.reader()).await.unwrap().faults, []);
    app.stop();

    let app = TestApp::start_on(directory.path()).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    while browser.get("/admin/sample-data").await.header("refresh") == "1" {}
    app.judged().await;
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
    assert_eq!(app.store.sample_objects(&admin).await.unwrap(), None);
    assert_eq!(app.store.list::<Advertiser>(&app.reader(), ListQuery::default()).await.unwrap().count, 0);
}

#[actix_web::test]
async fn sample_data_are_removed_and_nothing_else() {
    let app = TestApp::start().await;
    let store = app.store.clone();
    tokio::task::spawn_blocking(move || demo::load(&store, 2_000, &|_| ())).await.unwrap().unwrap();
    app.judged().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let editor = app.editor();
    // Two objects of the user's own among the samples: a pixel of a sample advertiser, and a tracker on a sample line item.
    let own = app.store.create(&editor, Pixel::new(AdvertiserId(1), "Mine")).await.unwrap();
    let shop = app.shop().await;
    app.store.append(LogRow::Fire(Box::new(fire(shop.pixel.id, 1, 0)))).await.unwrap();
    app.judged().await;
    let runs = async || app.store.cost_runs(&app.reader(), ListQuery::default()).await.unwrap().count;
    assert!(runs().await > 0);
    let settings = browser.get("/admin/settings").await;
    assert!(settings.text().contains("Sample data Still here: 3 advertisers, "), "{}", settings.text());
    let path = "/admin/settings/sample-data";
    let asks = browser.get(path).await;
    assert!(asks.text().contains("all their recorded traffic"), "{}", asks.text());
    let refused = browser.submit(path, &[("confirm", "yes")]).await;
    assert_eq!(
        (refused.status, refused.texts(r#"id="confirm-error""#)),
        (422, vec!["Type “sample data” to confirm.".into()])
    );
    let removes = browser.submit(path, &[("confirm", "Sample data")]).await;
    assert_eq!((removes.status, removes.location()), (303, "/admin/sample-data"));
    let mut seen = browser.get("/admin/sample-data").await;
    while seen.header("refresh") == "1" {
        seen = browser.get("/admin/sample-data").await;
    }
    assert_eq!(seen.location(), "/admin/settings", "{}", seen.text());
    let said = browser.get("/admin/settings").await.text();
    let kept = "The sample traffic is removed. 1 sample object stays, since your own objects need it.";
    assert!(said.contains(kept), "{said}");
    let names = |page: Vec<Advertiser>| page.into_iter().map(|advertiser| advertiser.id).collect::<Vec<_>>();
    let advertisers = app.store.list::<Advertiser>(&app.reader(), ListQuery::default()).await.unwrap();
    assert_eq!(names(advertisers.items), [AdvertiserId(1), shop.advertiser.id]);
    assert_eq!(runs().await, 0);
    let pixels = app.store.list::<Pixel>(&app.reader(), ListQuery::default()).await.unwrap();
    assert_eq!(pixels.items.iter().map(|pixel| pixel.id).collect::<Vec<_>>(), [own.id, shop.pixel.id]);
    app.judged().await;
    let events = app.store.conversions(&app.reader(), ConversionQuery::default()).await.unwrap();
    assert_eq!(events.items.iter().map(|event| event.fire.pixel_id).collect::<Vec<_>>(), [shop.pixel.id]);
    // Once the pixel is gone, the rest goes too.
    app.store.delete::<Pixel>(&editor, own.id.0).await.unwrap();
    browser.submit(path, &[("confirm", "sample data")]).await;
    while browser.get("/admin/sample-data").await.header("refresh") == "1" {}
    let said = browser.get("/admin/settings").await;
    assert!(!said.text().contains("Still here"), "{}", said.text());
    assert_eq!(app.store.list::<Advertiser>(&app.reader(), ListQuery::default()).await.unwrap().count, 1);
    let seq = app.store.append(LogRow::Fire(Box::new(fire(shop.pixel.id, 2, 0)))).await.unwrap();
    app.judged().await;
    let events = app.store.conversions(&app.reader(), ConversionQuery::default()).await.unwrap();
    assert_eq!((events.count, events.items[0].fire.seq), (2, seq), "the log goes on");
}
