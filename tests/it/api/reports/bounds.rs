//! The bounds of reports: how many wait and how much is kept for each caller, and how long the lists of a request are.

use std::time::{Duration, Instant};

use pixeld::domain::Role;
use serde_json::{Value, json};

use super::done;
use crate::admin::Browser;
use crate::api::Api;
use crate::harness::{TestApp, open_database};

const TOO_MANY: &str =
    "you have 20 reports that wait or are being written, and no more may; ask again once one has ended";

fn pixels() -> Value {
    json!({"report": {"report_type": "pixel_fired", "columns": ["pixel_id"]}})
}

/// Asks for a report and returns its id.
async fn asked(api: &Api) -> String {
    api.post("/report", pixels()).await["report_id"].as_str().unwrap().to_owned()
}

/// Asks for a report, and says that its file has so many bytes.
async fn kept(api: &Api, bytes: i64) -> String {
    let id = asked(api).await;
    done(api, &id).await;
    let conn = open_database(api.app.data_dir());
    conn.execute("UPDATE reports SET report_size = ?1 WHERE id = ?2", (bytes, &id)).unwrap();
    api.app.wait_minutes(1);
    id
}

/// Copies the only report so many times, as one of this status.
fn copy(app: &TestApp, times: i64, status: &str) {
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        INSERT INTO reports (id, name, request, format, status, created_on, caller)
        SELECT lower(hex(randomblob(16))), name, request, format, ?2, created_on - i, caller FROM reports, n";
    open_database(app.data_dir()).execute(sql, (times, status)).unwrap();
}

#[tokio::test]
async fn at_most_twenty_reports_of_a_caller_wait() {
    let api = Api::start().await;
    api.user("bob", Role::Viewer, None).await;
    let bob = api.sign_in("bob").await;
    let held = api.app.reports.hold().await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(asked(&api).await);
    }
    let limit = (409, "LIMIT".to_owned(), TOO_MANY.to_owned());
    assert_eq!(api.refused("POST", "/report", Some(pixels())).await, limit);
    let (status, _) = api.send("POST", "/report", Some(&bob), Some(&pixels().to_string())).await;
    assert_eq!(status, 200, "others are not held up");
    // Time alone makes no room: they still wait.
    api.app.wait_minutes(5);
    assert_eq!(api.refused("POST", "/report", Some(pixels())).await, limit);
    drop(held);
    for id in ids {
        done(&api, &id).await;
    }
    asked(&api).await;
}

#[actix_web::test]
async fn a_page_says_that_too_many_wait_and_lost_runs_do_not_count_for_long() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let fields = [("type", "pixel_fired"), ("format", "csv")];
    let first = admin.submit("/admin/reports/files", &fields).await;
    assert!(first.location().ends_with("/download"), "{}", first.location());
    let page = admin.get("/admin/reports").await;
    let rule = "Of more than 1,000 files or 1 GB of one user or token, the oldest go first.";
    assert!(page.text().contains(rule), "{}", page.text());
    copy(&app, 20, "processing");
    let refused = admin.submit("/admin/reports/files", &fields).await;
    let seen = admin.get(refused.location()).await;
    assert!(seen.text().contains("You have 20 reports that wait or are being written"), "{}", seen.text());
    app.wait_minutes(2);
    let taken = admin.submit("/admin/reports/files", &fields).await;
    assert!(taken.location().ends_with("/download"), "{}", taken.location());
    let page = admin.get("/admin/reports").await;
    assert!(page.text().contains("The server could not save how this report ended"), "{}", page.text());
}

#[tokio::test]
async fn the_oldest_files_of_a_caller_go_first() {
    let mut api = Api::start().await;
    let oldest = kept(&api, 600_000_000).await;
    api.user("bob", Role::Viewer, None).await;
    let ann = std::mem::take(&mut api.token);
    api.token = api.sign_in("bob").await;
    let others = kept(&api, 900_000_000).await;
    api.token = ann;
    let newer = kept(&api, 500_000_000).await;
    let newest = kept(&api, 1).await;
    let file = |id: &str| api.app.data_dir().join("reports").join(id);
    let end = Instant::now() + Duration::from_secs(20);
    while file(&oldest).exists() {
        assert!(Instant::now() < end, "the oldest file goes");
        tokio::task::yield_now().await;
    }
    let (status, answer) = api.call("GET", &format!("/report?id={oldest}"), None).await;
    assert_eq!(status, 404, "{answer}");
    for id in [others, newer, newest] {
        assert!(file(&id).exists());
        assert_eq!(api.get(&format!("/report?id={id}")).await["execution_status"], "ready");
    }
}

#[tokio::test]
async fn at_most_a_thousand_reports_of_a_caller_are_kept() {
    let api = Api::start().await;
    kept(&api, 1).await;
    copy(&api.app, 1_050, "error");
    let newest = asked(&api).await;
    done(&api, &newest).await;
    let conn = open_database(api.app.data_dir());
    let sql = "SELECT count(*), max(1000 * (created_on - (SELECT min(created_on) FROM reports))) > 0 FROM reports";
    let found: (i64, bool) = conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(found, (1_000, true));
    let oldest: i64 = conn
        .query_row("SELECT max(created_on) FILTER (WHERE status = 'ready') - min(created_on) FROM reports", [], |row| {
            row.get(0)
        })
        .unwrap();
    // The newest, the first, and the 998 copies that are no more than 998 ms older than the first.
    assert_eq!(oldest, 60_000 + 998);
}

#[tokio::test]
async fn nothing_in_a_request_is_there_twice_or_without_end() {
    let api = Api::start().await;
    let many = |text: &str, count: usize| vec![Value::from(text); count];
    let again = "is there twice with the same operator; put all values into one list";
    for (key, value, text) in [
        ("columns", json!(["imps", "imps"]), "columns[1] names \"imps\" again".to_owned()),
        ("columns", json!(many("imps", 60)), "columns may have at most 55 entries, and has 60".to_owned()),
        ("columns", json!(many("odd", 3_000)), "columns may have at most 55 entries, and has 3000".to_owned()),
        ("filters", json!([{"pixel_id": 1}, {"pixel_id": [2]}]), format!("filters.pixel_id {again}")),
        (
            "filters",
            json!(vec![json!({"odd": 1}); 1_000]),
            "filters may have at most 330 entries, and has 1000".to_owned(),
        ),
        (
            "group_filters",
            json!([{"imps": {"operator": ">", "value": 1}}, {"imps": {"operator": ">", "value": 2}}]),
            format!("group_filters.imps {again}"),
        ),
        (
            "group_filters",
            json!(vec![json!({"odd": 1}); 1_000]),
            "group_filters may have at most 330 entries, and has 1000".to_owned(),
        ),
        ("orders", json!(["day", "day.desc"]), "orders[1] names \"day\" again".to_owned()),
        ("orders", json!(many("day", 3_000)), "orders may have at most 55 entries, and has 3000".to_owned()),
        ("colour", json!("x".repeat(70_000)), "report may have at most 65536 bytes as JSON, and has 70109".to_owned()),
    ] {
        let mut report = json!({
            "report_type": "network_analytics", "columns": ["day", "imps"], "report_interval": "today",
        });
        report[key] = value;
        let refused = api.refused("POST", "/report", Some(json!({ "report": report }))).await;
        assert_eq!(refused, (400, "SYNTAX".to_owned(), text), "{key}");
    }
    // A range has two operators.
    let range = json!([{"imps": {"operator": ">", "value": 1}}, {"imps": {"operator": "<", "value": 9}}]);
    let report = json!({
        "report_type": "network_analytics", "columns": ["day", "imps"], "report_interval": "today",
        "group_filters": range, "filters": {"advertiser_id": [1, 2]},
    });
    api.post("/report?advertiser_id=2,3", json!({ "report": report })).await;
    let refused = api.refused("POST", "/report?advertiser_id=3", Some(json!({ "report": report }))).await;
    let text = "filters.advertiser_id names none of the advertisers that advertiser_id in the address names";
    assert_eq!(refused, (400, "SYNTAX".to_owned(), text.to_owned()));
}
