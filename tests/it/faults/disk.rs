//! A full disk: tracking answers 503, clicks lead on, reads go on, the pages say why, and the server recovers by itself.
//! A limit on the size of files stands in for the full disk, so that the tests run everywhere.

use pixeld::domain::{ApiToken, Caller, LostKind, Role, User};
use reqwest::{Method, Response};

use crate::admin::{Browser, PASSWORD};
use crate::collect::{BROWSER, header, transcript};
use crate::harness::{TestApp, open_database};
use crate::program::Program;

const NO_TOKEN: &str =
    "sspdata is no token of this server, or was altered; send it as it came, to the last character\n";

const LANDING: &str = "https://shop.example/landing";

/// What became of the requests below.
const LOST: &str = "1 ad click was led on but not recorded, and 4 pixel events, 1 ad view were refused, between ";

async fn ask(program: &Program, method: Method, path: &str, token: &str, body: &str) -> Response {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let request = client.request(method, format!("{}{path}", program.address)).header("user-agent", BROWSER);
    let request = if token.is_empty() { request } else { request.bearer_auth(token) };
    request.body(body.to_owned()).send().await.unwrap()
}

#[tokio::test]
async fn a_full_disk_is_reported_loses_nothing_and_recovers() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    let by = Caller::shell().admin().unwrap();
    app.auth.create_user(&by, User::new("mira", Role::Admin), PASSWORD).await.unwrap();
    let token = async |role: Role| {
        let (secret, _) = app.auth.create_token(&by, ApiToken::new(role.as_str(), role, None)).await.unwrap();
        secret.expose().to_owned()
    };
    let (editor, collector) = (token(Role::Editor).await, token(Role::Collector).await);
    let before = app.store.logged();
    app.stop();

    let program = Program::start(directory.path());
    let browser = Browser::at(&program.address);
    browser.sign_in("mira").await;
    let px = format!("/px?id={}", shop.pixel.id);
    let get = async |path: &str| ask(&program, Method::GET, path, "", "").await;
    assert_eq!(get(&format!("{px}&order_id=A1")).await.status(), 200);
    assert_eq!(ask(&program, Method::GET, "/pixel", &editor, "").await.status(), 200);
    assert!(!browser.get("/admin").await.has("No events have been recorded"));

    program.limit_files(Some(1));
    let refused = |kind: &str, length: usize, body: &str| {
        format!(
            "503 Service Unavailable\ncache-control: no-store\ncontent-length: {length}\ncontent-type: {kind}\n\
             cross-origin-resource-policy: cross-origin\npragma: no-cache\nretry-after: 30\nx-pixeld: error=unavailable\n\n{body}"
        )
    };
    for (path, kind, length, body) in [
        (format!("{px}&order_id=A2"), "image/gif", 43, "(the image)"),
        (format!("{px}&t=1"), "application/javascript", 0, ""),
        (format!("/imptr?id={}", shop.impression.id), "image/gif", 43, "(the image)"),
        (format!("/pixels/conversion/{}.gif", shop.advertiser.id), "image/gif", 43, "(the image)"),
        ("/seg?add=999".to_owned(), "image/gif", 43, "(the image)"),
        ("/sspx?id=1&sspdata=x".to_owned(), "text/plain; charset=utf-8", 94, NO_TOKEN),
    ] {
        assert_eq!(transcript(get(&path).await).await, refused(kind, length, body), "{path}");
    }
    let click = get(&format!("/clktr?id={}", shop.click.id)).await;
    assert_eq!((click.status().as_u16(), header(&click, "x-pixeld").as_str()), (302, "error=unavailable"));
    assert_eq!((header(&click, "location").as_str(), header(&click, "retry-after").as_str()), (LANDING, ""));
    let beacon = ask(&program, Method::POST, "/px", "", &format!("id={}", shop.pixel.id)).await;
    assert_eq!((beacon.status().as_u16(), header(&beacon, "x-pixeld").as_str()), (503, "error=unavailable"));
    let event = format!(r#"{{"events":[{{"pixel_id":{}}}]}}"#, shop.pixel.id);
    let sent = ask(&program, Method::POST, "/conversions", &collector, &event).await;
    assert_eq!((sent.status().as_u16(), header(&sent, "retry-after").as_str()), (503, "30"));
    assert_eq!(
        sent.text().await.unwrap(),
        r#"{"error":"unavailable","reason":"nothing was taken; send the whole request again"}"#
    );

    // Reads go on, and the pages say why writes do not.
    let pixel = format!("/admin/pixels/{}", shop.pixel.id);
    for page in
        ["/admin", "/admin/settings", "/admin/pixels", &pixel, "/admin/conversions", "/admin/live", "/admin/line-items"]
    {
        let seen = browser.get(page).await;
        assert_eq!(seen.status, 200, "{page}");
        let text = seen.text();
        assert!(
            text.contains("No events have been recorded for ") && text.contains(": disk I/O error. Ad clicks"),
            "{text}"
        );
        assert!(text.contains("Free disk space") && seen.body.contains(r#"class="notice bad""#), "{text}");
        assert!(text.contains(LOST), "{text}");
    }
    assert!(browser.get("/admin/settings").await.body.contains("<li class=\"bad\">"));
    assert_eq!(ask(&program, Method::GET, "/pixel", &editor, "").await.status(), 200);
    let saved = browser.submit("/admin/settings", &[("name", "Northlight")]).await;
    assert_eq!(saved.status, 503);
    assert!(saved.text().contains("The database cannot be written"), "{}", saved.text());

    // A signed-out user gets an explanation and no circular redirect.
    let stranger = Browser::at(&program.address);
    assert!(stranger.get("/admin/sign-in").await.text().contains("You cannot sign in until"));
    let form = [("user", "mira"), ("password", PASSWORD)];
    let refused = stranger.post("/admin/sign-in", &form).await;
    assert_eq!(refused.status, 503);
    let text = refused.text();
    assert!(text.contains("Disk I/O error. You cannot sign in until the database can be written again."), "{text}");
    assert!(refused.body.contains(r#"value="mira""#) && !text.contains("Overview"), "{text}");

    program.limit_files(None);
    assert_eq!(get(&format!("{px}&order_id=A3")).await.status(), 200, "it recovers by itself");
    assert_eq!(browser.submit("/admin/settings", &[("name", "Northlight")]).await.status, 303);
    let text = browser.get("/admin").await.text();
    assert!(text.contains(LOST) && text.contains("1 ad click was led on but not recorded"), "{text}");
    let text = browser.get("/admin/settings").await.text();
    assert!(
        text.contains("Saving Up to date No event waits") && !text.contains("No events have been recorded"),
        "{text}"
    );
    let log = program.stop();
    let failures = log.matches("a commit failed; nothing of it was taken").count();
    assert!(failures == 1 && log.contains("commits succeed again"), "logged once, not for every request: {log}");
    assert_eq!(log.matches(LOST).count(), 1, "{log}");
    assert!(log.lines().count() <= 8, "nor does anything else fill the log: {log}");

    let app = TestApp::start_on(directory.path()).await;
    app.judged().await;
    let found = app.store.verify(&app.reader()).await.unwrap();
    assert_eq!((found.faults, found.judged), (vec![], app.store.logged()));
    let reader = app.store.judge_file().unwrap();
    let rows = reader.snapshot().unwrap().rows(before, app.store.logged()).unwrap();
    let hours = open_database(directory.path());
    let counted = "SELECT sum(requests) FROM rejected_hours WHERE reason = ?1";
    for (kind, count) in [(LostKind::Click, 1), (LostKind::Fire, 4), (LostKind::Impression, 1)] {
        let requests: i64 = hours.query_row(counted, [kind.as_str()], |row| row.get(0)).unwrap();
        assert_eq!(requests, count, "{kind}");
    }
    let orders: Vec<_> = rows.fires().filter_map(|fire| fire.order_id.clone()).collect();
    assert_eq!(orders, ["A1", "A3"], "what was answered is there, and nothing else");
}
