//! Times as programs and people write them, on every way in: events, adjustments, imports, filters, dates and reports.

use pixeld::domain::Millis;
use reqwest::Response;
use serde_json::{Value, json};

use crate::api::Api;
use crate::api::reports::rows;
use crate::harness::{START, TestApp, open_database};
use crate::import::{import, shop};
use crate::judge::{click, convert, fire, show};

/// 2026-09-02 12:00:00 UTC
const NOON: Millis = Millis(1_788_350_400_000);

/// Ways to write a moment, and how many milliseconds it lies after noon.
fn taken() -> Vec<(Value, i64)> {
    let texts = [
        ("2026-09-02T12:00:00Z", 0),
        ("2026-09-02t12:00:00z", 0),
        ("2026-09-02T14:00:00+02:00", 0),
        ("2026-09-02T14:00:00+0200", 0),
        ("2026-09-02T14:00:00+02", 0),
        ("2026-09-02 14:00:00 +0200", 0),
        ("2026-09-02T12:00:00", 0),
        ("2026-09-02 12:00:00", 0),
        ("2026-09-02 12:00", 0),
        ("\t2026-09-02 12:00:00 ", 0),
        ("2026-09-02 12:00:00 UTC", 0),
        ("2026-09-02 12:00:00 GMT", 0),
        ("2026-09-02 12:00:00 Z", 0),
        ("2026-09-02 12:00:00.123", 123),
        ("2026-09-02 12:00:00,123", 123),
        ("2026-09-02T12:00:00.123999Z", 123),
        ("2026-09-02T12:00:00.123999999999Z", 123),
        ("1788350400", 0),
        ("1788350400.0", 0),
        ("1788350400.123", 123),
        ("1788350400000", 0),
        ("1788350400000000", 0),
        ("1788350400123456789", 123),
        ("Wed, 02 Sep 2026 12:00:00 GMT", 0),
        ("Wed, 2 Sep 2026 14:00:00 +0200", 0),
    ];
    let numbers = ["1788350400", "1788350400.0", "1.7883504e9", "1788350400123", "17883504001239999e-4"];
    let number = |text: &str| serde_json::from_str(text).unwrap();
    let texts = texts.iter().map(|(text, ms)| (json!(text), *ms));
    texts.chain(numbers.iter().zip([0, 0, 0, 123, 123]).map(|(text, ms)| (number(text), ms))).collect()
}

/// Texts that no way in takes, each with a part of the reason.
const REFUSED: &[(&str, &str)] = &[
    ("yesterday", "must be a time"),
    ("12:00", "must be a time"),
    ("2026-09-02 12:00:00 CEST", "must be a time"),
    ("2026-09-02 12:00:00 PM", "must be a time"),
    ("-1788350400", "must be a time"),
    ("02/09/2026", "cannot be told apart"),
    ("09/02/2026 12:00:00", "cannot be told apart"),
    ("02.09.2026", "cannot be told apart"),
    ("2.9.26 12:00", "cannot be told apart"),
    ("02-09-2026", "cannot be told apart"),
    ("20260902", "outside the years 2000 to 2099"),
    ("260902", "outside the years 2000 to 2099"),
    ("20260902120000", "outside the years 2000 to 2099"),
    ("202609021200", "outside the years 2000 to 2099"),
    ("0", "outside the years 2000 to 2099"),
    ("2026-02-30 12:00:00", "no such time"),
    ("2026-13-01T12:00:00Z", "no such time"),
    ("2026-09-02 24:00:00", "no such time"),
    ("2026-09-02 25:00", "no such time"),
    ("2026-09-02T23:59:60Z", "no such time"),
    ("Wed, 02 Sep 2026 23:59:60 GMT", "no such time"),
    ("0000-00-00 00:00:00", "no such time"),
];

async fn post(app: &Api, path: &str, body: &Value) -> (u16, Value) {
    let request = app.app.client.post(app.app.url(path)).header("authorization", &app.token);
    let response: Response = request.body(body.to_string()).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn servers_may_write_the_time_of_an_event_in_many_ways() {
    let api = Api::start().await;
    let pixel = api.app.shop().await.pixel.id.0;
    api.app.clock.set(NOON.plus(Millis::HOUR));
    let requests = |time: &Value| {
        [
            ("/conversions", json!({"events": [{"pixel_id": pixel, "event_time": time}]})),
            (
                "/adjustments",
                json!({"adjustments": [{"order_id": "A1", "type": "retract", "pixel_id": pixel, "event_time": time}]}),
            ),
        ]
    };
    for (time, ms) in taken() {
        let [(events, event), (adjustments, adjustment)] = requests(&time);
        let (status, answer) = post(&api, events, &event).await;
        assert_eq!((status, &answer["accepted"]), (200, &json!(1)), "{time}: {answer}");
        assert_eq!(crate::collect::fire(&api.app).await.at, NOON.plus(ms), "{time}");
        let (status, answer) = post(&api, adjustments, &adjustment).await;
        assert_eq!((status, &answer["accepted"]), (200, &json!(1)), "{time}: {answer}");
        let logged = api.app.store.adjustment(&api.app.reader(), api.app.store.logged()).await.unwrap();
        assert_eq!(logged.row.at, NOON.plus(ms), "{time}");
    }
    let of_events = [
        ("2026-09-02", "lacks the time of day"),
        ("2026-08-26 12:59:59", "is older than 7 days"),
        ("1999-12-31 12:00:00", "is older than 7 days"),
        ("2026-09-02 13:10:01", "lies more than 10 minutes in the future"),
    ];
    for (text, reason) in REFUSED.iter().chain(&of_events) {
        for (path, body) in requests(&json!(text)) {
            let (status, answer) = post(&api, path, &body).await;
            let rejected = &answer["rejected"][0];
            assert_eq!((status, &rejected["field"]), (422, &json!("event_time")), "{path} {text}: {answer}");
            assert!(rejected["reason"].as_str().unwrap().contains(reason), "{path} {text}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_line_of_an_import_may_write_its_time_in_many_ways() {
    let directory = tempfile::TempDir::new().unwrap();
    shop(directory.path()).await;
    let line = |order: usize, time: &Value| {
        json!({"kind": "fire", "at": time, "pixel_id": 1, "order_id": order.to_string()}).to_string() + "\n"
    };
    let taken = taken();
    let lines: String = taken.iter().enumerate().map(|(order, (time, _))| line(order, time)).collect();
    let outcome = import(directory.path(), &["--strict"], &lines);
    assert!(outcome.well, "{outcome:?}");
    let conn = open_database(directory.path());
    for (order, (time, ms)) in taken.iter().enumerate() {
        let find = "SELECT at FROM fires WHERE order_id = ?1";
        let at: i64 = conn.query_row(find, [order.to_string()], |row| row.get(0)).unwrap();
        assert_eq!(at, NOON.plus(*ms).0, "{time}");
    }
    let of_lines = [
        ("2026-09-02", "lacks the time of day"),
        ("1999-12-31 23:59:59", "lies before the year 2000"),
        ("2226-09-02 12:00:00", "lies in the future"),
    ];
    for (text, reason) in REFUSED.iter().chain(&of_lines) {
        let outcome = import(directory.path(), &[], &line(0, &json!(text)));
        let said = outcome.out.lines().next().unwrap_or_default();
        assert!(said.starts_with("line 1: at ") && said.contains(reason), "{text}: {outcome:?}");
    }
}

#[tokio::test]
async fn the_api_reads_dates_in_filters_and_fields_in_many_ways() {
    let app = TestApp::start().await;
    app.clock.set(NOON);
    let api = Api::on(app).await;
    let advertiser = api.advertiser("Shop").await;
    api.pixel(advertiser, "Sale").await;
    let path = format!("/line-item?advertiser_id={advertiser}");
    let id = api.post(&path, json!({"line-item": {"name": "Autumn"}})).await["id"].as_i64().unwrap();
    let line_item = format!("/line-item?id={id}");
    let days = [(json!("2026-09-02"), -12 * Millis::HOUR), (json!("2026-09-02T00:00:00Z"), -12 * Millis::HOUR)];
    for (time, ms) in taken().into_iter().chain(days) {
        // A filter is a text in the query, or a value in a body.
        let text = time.as_str().map_or_else(|| time.to_string(), str::to_owned);
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for (prefix, found) in [("min", u8::from(ms <= 0)), ("max", u8::from(ms >= 0))] {
            if time.is_string() {
                let pixels = api.get(&format!("/pixel?{prefix}_last_modified={encoded}")).await;
                assert_eq!(pixels["count"], found, "{prefix} {time}");
            }
        }
        for field in ["start_date", "end_date"] {
            let answer = api.put(&line_item, json!({"line-item": {"start_date": null, "end_date": null}})).await;
            assert_eq!(answer["line-item"][field], Value::Null);
            let answer = api.put(&line_item, json!({"line-item": {field: time}})).await;
            let expected = NOON.plus(ms).second().to_string();
            assert_eq!(answer["line-item"][field], expected, "{field} {time}");
            // What the answer shows may come back.
            let again = api.put(&line_item, json!({"line-item": answer["line-item"]})).await;
            assert_eq!(again["line-item"][field], expected);
        }
    }
    // A client that does not encode the plus sign sends a blank.
    for (clock, found) in [("14:00:00", 1), ("14:00:01", 0)] {
        let path = format!("/pixel?min_last_modified=2026-09-02T{clock}+02:00");
        assert_eq!(api.get(&path).await["count"], found, "{path}");
    }
    for (text, reason) in REFUSED {
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let reason = reason.strip_prefix("must be a time").map_or(*reason, |_| "2026-10-01 12:00:00 (UTC)");
        let filter = api.refused("GET", &format!("/pixel?min_last_modified={encoded}"), None).await;
        let field = api.refused("PUT", &line_item, Some(json!({"line-item": {"start_date": text}}))).await;
        for ((status, error_id, error), name) in [(filter, "min_last_modified"), (field, "start_date")] {
            assert_eq!((status, error_id.as_str()), (400, "SYNTAX"), "{text}: {error}");
            assert!(error.contains(name) && error.contains(reason) && error.contains(text), "{text}: {error}");
        }
    }
}

#[tokio::test]
async fn a_report_begins_and_ends_at_times_in_its_zone_or_their_own() {
    let api = Api::start().await;
    let shop = api.app.shop().await;
    // A sale at noon, UTC.
    let noon = NOON.since(START);
    show(&api.app.store, click(shop.line_item.id, 1, noon - 1)).await;
    convert(&api.app, fire(shop.pixel.id, 1, noon)).await;
    let report = |zone: &str, start: &Value| {
        json!({
            "report_type": "attributed_conversions", "columns": ["pixel_id"], "timezone": zone,
            "start_date": start, "end_date": "2026-09-03",
        })
    };
    let mut cases = taken();
    cases.extend([(json!("2026-09-02"), -1), (json!("2026-09-02T12:00:01Z"), 1000)]);
    for (time, ms) in cases {
        let file = rows(&api, report("UTC", &time)).await;
        assert_eq!(file.lines().count(), if ms > 0 { 1 } else { 2 }, "{time}: {file}");
    }
    for (zone, start, found) in [
        ("Europe/Berlin", "2026-09-02 14:00:00", true),
        ("Europe/Berlin", "2026-09-02 14:00:01", false),
        ("Europe/Berlin", "2026-09-02T12:00:00Z", true),
        ("Europe/Berlin", "2026-09-02 12:00:01 UTC", false),
        ("Europe/Berlin", "2026-09-02T12:00:00-01:00", false),
    ] {
        let file = rows(&api, report(zone, &json!(start))).await;
        assert_eq!(file.lines().count(), if found { 2 } else { 1 }, "{zone} {start}: {file}");
    }
    for (text, reason) in REFUSED {
        let reason = reason.strip_prefix("must be a time").map_or(*reason, |_| "must be a date");
        let (status, _, error) =
            api.refused("POST", "/report", Some(json!({"report": report("UTC", &json!(text))}))).await;
        assert_eq!(status, 400, "{text}: {error}");
        assert!(error.contains("start_date") && error.contains(reason) && error.contains(text), "{text}: {error}");
    }
}
