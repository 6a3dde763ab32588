//! Endless reads: they delay only reads of their kind, which get an honest answer, and they end with their connection.

use std::path::Path;
use std::time::{Duration, Instant};

use pixeld::domain::{ApiToken, Caller, ReportStatus, Role, User};
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::admin::{Browser, PASSWORD};
use crate::api::reports::done;
use crate::api::{Api, opened};
use crate::harness::{TestApp, open_database};

/// Puts a view without end in the place of a table, so that no query over it ends by itself.
fn make_endless(directory: &Path, table: &str) {
    let conn = open_database(directory);
    let mut columns = conn.prepare("SELECT 'abs(i) AS ' || name FROM pragma_table_info(?1, 'derived')").unwrap();
    let columns: Vec<String> = columns.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(!columns.is_empty(), "{table}");
    conn.execute_batch(&format!(
        "ALTER TABLE derived.{table} RENAME TO kept;
        CREATE VIEW derived.{table} AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)
        SELECT {} FROM n",
        columns.join(", ")
    ))
    .unwrap();
}

/// Asks again and again until the answer has this status.
async fn until(browser: &Browser, path: &str, status: u16) -> crate::admin::Seen {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let seen = browser.get(path).await;
        if seen.status == status {
            return seen;
        }
        assert!(Instant::now() < end && [200, 503].contains(&seen.status), "{path}: {} {}", seen.status, seen.text());
    }
}

/// The cookie of a session.
async fn cookie(app: &TestApp, user: &str) -> String {
    let form = [("user", user), ("password", PASSWORD)];
    let answer = app.client.post(app.url("/admin/sign-in")).form(&form).send().await.unwrap();
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// Asks for pages that never come. Dropping the connections resets them.
async fn ask_in_vain(app: &TestApp, path: &str, cookie: &str, times: usize) -> Vec<TcpStream> {
    let mut asked = Vec::new();
    for _ in 0..times {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.set_zero_linger().unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n", app.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        asked.push(stream);
    }
    asked
}

#[tokio::test]
async fn endless_pages_block_no_other_page_and_end_with_their_connection() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let cookie = cookie(&app, "admin").await;
    let by = Caller::shell().admin().unwrap();
    let (secret, _) = app.auth.create_token(&by, ApiToken::new("script", Role::Editor, None)).await.unwrap();
    let token = secret.expose();
    make_endless(app.data_dir(), "pixels_quarters");
    let page = format!("/admin/pixels/{}", shop.pixel.id);
    let asked = ask_in_vain(&app, &page, &cookie, 8).await;

    let busy = until(&browser, "/admin/conversions", 503).await;
    assert_eq!(busy.header("retry-after"), "5");
    let text = busy.text();
    assert!(text.contains("The server is busy reading; try again in a moment."), "{text}");
    assert!(!text.contains("written") && !text.contains("changed"), "{text}");

    let answer = app.get("/conversion", &[("authorization", token)]).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    assert_eq!(
        opened(&answer.text().await.unwrap()),
        json!({
            "error_id": "SYSTEM",
            "error": "the server is busy reading; try again in a moment",
            "error_description": null,
            "error_code": null,
            "service": "conversion",
            "method": "GET",
            "dbg_info": {"output_term": "not_found"},
        })
    );

    // Requests that need only sessions, tokens and definitions go on, and so do reports.
    let form = format!("/admin/advertisers/{}/edit", shop.advertiser.id);
    for path in [&form, "/admin/users", "/admin/account", "/admin/settings"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    for path in ["/pixel", "/advertiser", "/line-item", "/member", "/report"] {
        assert_eq!(app.get(path, &[("authorization", token)]).await.status(), 200, "{path}");
    }
    Browser::new(&app).sign_in("admin").await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.get(path, &[]).await;
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "ok\n"), "{path}");
    }
    let report = json!({"report": {"report_type": "pixel_fired", "columns": ["pixel_id"]}}).to_string();
    let asked_for = app.client.post(app.url("/report")).header("authorization", token).body(report);
    let answer: Value = asked_for.send().await.unwrap().json().await.unwrap();
    let id = answer["response"]["report_id"].as_str().unwrap();
    let (run, _) = app.reports.follow(&app.reader(), id, Duration::from_secs(20)).await.unwrap();
    assert_eq!(run.status, ReportStatus::Ready);

    drop(asked);
    until(&browser, "/admin/conversions", 200).await;
}

#[tokio::test]
async fn a_cancelled_report_gives_its_reader_back() {
    let api = Api::start().await;
    let by = Caller::shell().admin().unwrap();
    api.app.auth.create_user(&by, User::new("mira", Role::Admin), PASSWORD).await.unwrap();
    let browser = Browser::new(&api.app);
    browser.sign_in("mira").await;
    make_endless(api.app.data_dir(), "exposures_quarters");
    let endless = json!({"report": {
        "report_type": "network_analytics", "columns": ["day", "imps"], "report_interval": "lifetime",
    }});
    // More than there are readers, so that none may be lost.
    for _ in 0..6 {
        let id = api.post("/report", endless.clone()).await["report_id"].as_str().unwrap().to_owned();
        let status = async || api.get(&format!("/report?id={id}")).await["execution_status"].clone();
        let end = Instant::now() + Duration::from_secs(20);
        while status().await != "processing" {
            assert!(Instant::now() < end, "{}", status().await);
        }
        assert_eq!(browser.submit(&format!("/admin/reports/files/{id}/cancel"), &[]).await.status, 303);
        let run = done(&api, &id).await;
        assert_eq!((run.status, run.error.as_deref()), (ReportStatus::Error, Some("cancelled by mira")));
    }
    let report = json!({"report": {"report_type": "pixel_fired", "columns": ["pixel_id"]}});
    let id = api.post("/report", report).await["report_id"].as_str().unwrap().to_owned();
    assert_eq!(done(&api, &id).await.status, ReportStatus::Ready);
    // The runs themselves remove the files that they had begun.
    let end = Instant::now() + Duration::from_secs(20);
    let names = || -> Vec<_> {
        let files = std::fs::read_dir(api.app.data_dir().join("reports")).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    };
    while names() != [id.clone()] {
        assert!(Instant::now() < end, "{:?}", names());
        tokio::task::yield_now().await;
    }
}
