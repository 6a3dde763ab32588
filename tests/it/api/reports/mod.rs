//! Reports through the API: requested, polled, downloaded; refusals; the rights to fetch them.

mod bounds;
mod corrected;
mod costs;
mod kept;
mod media_costs;
mod rows;
mod sources;
mod zones;

use std::time::Duration;

use pixeld::domain::{AdvertiserId, LineItem, LineItemPixel, Micros, Millis, ReportRun, ReportStatus, Role, Status};
use serde_json::{Value, json};

use crate::api::Api;
use crate::harness::{START, Shop};
use crate::judge::{MIN, click, convert, fire, view};

/// Two attributed conversions of a shop, a click's and a view's, and an unattributed fire.
async fn sold(api: &Api) -> Shop {
    let shop = api.app.shop().await;
    let store = &api.app.store;
    crate::judge::show(store, click(shop.line_item.id, 1, 0)).await;
    crate::judge::show(store, view(shop.line_item.id, 2, MIN)).await;
    let mut first = fire(shop.pixel.id, 1, 5 * MIN);
    (first.order_id, first.value) = (Some("=SUM(A1)".to_owned()), Some(Micros(10_500_000)));
    first.currency = Some(pixeld::domain::Currency::USD);
    convert(&api.app, first).await;
    let mut second = fire(shop.pixel.id, 2, 90 * MIN);
    (second.order_id, second.other) = (Some("B, 2".to_owned()), Some("blue".to_owned()));
    convert(&api.app, second).await;
    convert(&api.app, fire(shop.pixel.id, 3, 95 * MIN)).await;
    api.app.clock.set(START.plus(100 * MIN));
    shop
}

/// Returns once the report is no longer under way.
pub async fn done(api: &Api, id: &str) -> ReportRun {
    let by = api.app.reader();
    let wait = async {
        loop {
            let run = api.app.store.report_run(&by, id).await.unwrap();
            if matches!(run.status, ReportStatus::Ready | ReportStatus::Error) {
                return run;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the report ends")
}

/// Asks for a report and downloads it.
pub async fn rows(api: &Api, report: Value) -> String {
    let answer = api.post("/report", json!({ "report": report })).await;
    let id = answer["report_id"].as_str().unwrap().to_owned();
    assert_eq!(done(api, &id).await.status, ReportStatus::Ready);
    let path = format!("/report-download?id={id}");
    api.raw("GET", &path, Some(&api.token), None).await.text().await.unwrap()
}

#[tokio::test]
async fn a_report_is_asked_for_polled_and_downloaded() {
    let api = Api::start().await;
    sold(&api).await;
    let report = json!({
        "report_type": "attributed_conversions",
        "columns": ["datetime", "pixel_id", "order_id", "post_click_or_post_view_conv"],
        "report_interval": "today",
        "format": "csv",
    });
    let answer = api.post("/report", json!({ "report": report })).await;
    let id = answer["report_id"].as_str().unwrap().to_owned();
    assert!(id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
    assert_eq!(answer, json!({"status": "OK", "report_id": id, "dbg_info": {"output_term": "report_id"}}));
    done(&api, &id).await;
    let file = "datetime,pixel_id,order_id,post_click_or_post_view_conv\r\n\
        2026-10-01 12:05:00,1,'=SUM(A1),Post Click\r\n\
        2026-10-01 13:30:00,1,\"B, 2\",Post View\r\n";
    let about = json!({
        "id": id,
        "name": "attributed_conversions",
        "created_on": "2026-10-01 13:40:00",
        "format": "csv",
        "json_request": json!({ "report": report }).to_string(),
        "row_count": 2,
        "report_size": file.len(),
        "error": null,
        "url": format!("report-download?id={id}"),
    });
    assert_eq!(
        api.get(&format!("/report?id={id}")).await,
        json!({
            "status": "OK",
            "execution_status": "ready",
            "report": about,
            "count": 1,
            "start_element": 0,
            "num_elements": 100,
            "dbg_info": {"output_term": "report"},
        })
    );
    assert_eq!(api.get("/report").await["reports"], json!([about]));
    let response = api
        .raw("GET", about["url"].as_str().map(|url| format!("/{url}")).as_deref().unwrap(), Some(&api.token), None)
        .await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(response.status(), 200);
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(header("content-disposition"), format!("attachment; filename=\"report-{id}.csv\""));
    assert_eq!(header("content-length"), file.len().to_string());
    assert_eq!(response.text().await.unwrap(), file);
}

#[tokio::test]
async fn a_limited_user_gets_reports_on_one_advertiser_alone() {
    let api = Api::start().await;
    let shop = sold(&api).await;
    let other = api.advertiser("Other").await;
    let by = api.app.editor();
    let pixel = pixeld::domain::Pixel::new(AdvertiserId(other), "Foreign");
    let pixel = api.app.store.create(&by, pixel).await.unwrap();
    let mut item = LineItem::new(AdvertiserId(other), "Foreign");
    let entry =
        LineItemPixel { pixel_id: pixel.id, state: Status::Active, post_click_revenue: None, post_view_revenue: None };
    item.pixels = vec![entry];
    let item = api.app.store.create(&by, item).await.unwrap();
    crate::judge::show(&api.app.store, click(item.id, 9, 0)).await;
    convert(&api.app, fire(pixel.id, 9, MIN)).await;
    let report = json!({
        "report_type": "attributed_conversions", "columns": ["advertiser_id"], "report_interval": "lifetime",
    });
    assert_eq!(rows(&api, report.clone()).await, "advertiser_id\r\n2\r\n1\r\n1\r\n");

    api.user("bob", Role::Viewer, Some(shop.advertiser.id)).await;
    api.user("eve", Role::Viewer, Some(AdvertiserId(other))).await;
    let (bob, eve) = (api.sign_in("bob").await, api.sign_in("eve").await);
    let body = json!({ "report": report }).to_string();
    let (_, answer) = api.send("POST", "/report", Some(&bob), Some(&body)).await;
    let id = answer["report_id"].as_str().unwrap().to_owned();
    done(&api, &id).await;
    let path = format!("/report-download?id={id}");
    let found = api.raw("GET", &path, Some(&bob), None).await.text().await.unwrap();
    assert_eq!(found, "advertiser_id\r\n1\r\n1\r\n");
    assert_eq!(api.raw("GET", &path, Some(&eve), None).await.status(), 404);
    assert_eq!(api.send("GET", "/report", Some(&eve), None).await.1["reports"], json!([]));
    assert_eq!(api.raw("GET", &path, None, None).await.status(), 401);
}

#[tokio::test]
async fn requests_that_cannot_be_run_are_refused_with_every_reason() {
    let api = Api::start().await;
    for (report, text) in [
        (
            json!({}),
            "report_type must be one of attributed_conversions, pixel_fired, segment_load, advertiser_analytics, \
             network_analytics, pixel_outcomes, and is \"\"",
        ),
        (
            json!({"report_type": "attributed_conversions"}),
            "columns is required: name at least one column; \
             report_interval is required, or start_date and end_date",
        ),
        (json!({"report_type": "pixel_fired", "columns": "pixel_id"}), "columns must be an array, and is \"pixel_id\""),
        (
            json!({"report_type": "pixel_fired", "columns": ["pixel_id"], "filters": 5, "orders": ["x up"]}),
            "filters must be an object, and is 5; orders[0] must name a column, and asc or desc",
        ),
        (
            json!({"report_type": "pixel_fired", "columns": ["pixel_id"], "filters": {"pixel_id": {"operator": "~", "value": 1}}}),
            "filters.pixel_id.operator must be one of = != > >= < <= in not in, and is \"~\"",
        ),
        (
            json!({"report_type": "pixel_fired", "columns": ["pixel_id"], "format": "pdf"}),
            "format must be one of csv, excel, xlsx, json, and is \"pdf\"",
        ),
    ] {
        let refused = api.refused("POST", "/report", Some(json!({ "report": report }))).await;
        assert_eq!(refused, (400, "SYNTAX".to_owned(), text.to_owned()), "{report}");
    }
    for (method, path, status, text) in [
        ("POST", "/report", 400, "the body must be a JSON object with \"report\" inside"),
        ("GET", "/report?id=nope", 404, "report nope not found"),
        ("GET", "/report?meta=nope", 404, "report type nope not found"),
        ("GET", "/report-download?id=../secret", 404, "report ../secret not found"),
        ("GET", "/report-download", 400, "id is required: which report?"),
        ("DELETE", "/report?id=1", 400, "report does not take DELETE; it takes GET and POST"),
        ("POST", "/report-download", 400, "report-download does not take POST; it takes GET"),
    ] {
        let refused = api.refused(method, path, None).await;
        assert_eq!(refused, (status, "SYNTAX".to_owned(), text.to_owned()), "{method} {path}");
    }
    assert_eq!(api.get("/report").await["reports"], json!([]));
}

#[tokio::test]
async fn keys_without_effect_give_a_warning() {
    let api = Api::start().await;
    let report = json!({
        "report_type": "pixel_fired", "columns": ["pixel_id"], "name": "Mine",
        "emails": ["a@shop.example"], "row_per": ["pixel_id"], "colour": "red",
    });
    let answer = api.post("/report?advertiser_id=1", json!({ "report": report })).await;
    assert_eq!(
        answer["dbg_info"]["warnings"],
        json!(["emails has no effect here", "row_per has no effect here", "unknown key \"colour\" was ignored"])
    );
    let run = done(&api, answer["report_id"].as_str().unwrap()).await;
    assert_eq!((run.name.as_str(), run.row_count), ("Mine", Some(0)));
}

#[tokio::test]
async fn meta_describes_every_type_of_report() {
    let api = Api::start().await;
    let all = api.get("/report?meta").await["meta"].take();
    let types: Vec<_> = all.as_object().unwrap().keys().collect();
    assert_eq!(
        types,
        [
            "attributed_conversions",
            "pixel_fired",
            "segment_load",
            "advertiser_analytics",
            "network_analytics",
            "pixel_outcomes"
        ]
    );
    assert_eq!(
        api.get("/report?meta=pixel_fired").await["meta"],
        json!({
            "report_type": "pixel_fired",
            "description": "One row per pixel: when it last fired, with tests, bots and prefetches left out.",
            "time_intervals": [],
            "columns": [
                {"column": "pixel_id", "type": "int", "description": "The pixel."},
                {"column": "pixel_name", "type": "string", "description": "The pixel's name."},
                {"column": "advertiser_id", "type": "int", "description": "The advertiser."},
                {"column": "advertiser_name", "type": "string", "description": "The advertiser's name."},
                {"column": "buyer_member_id", "type": "int", "description": "The member that runs this installation."},
                {"column": "last_fired", "type": "date", "description": "When it last loaded, tests, bots and prefetches left out; 1900-01-01 00:00:00 if never."},
            ],
            "filters": [
                {"column": "pixel_id", "type": "int"},
                {"column": "pixel_name", "type": "string"},
                {"column": "advertiser_id", "type": "int"},
                {"column": "advertiser_name", "type": "string"},
                {"column": "buyer_member_id", "type": "int"},
            ],
            "group_filters": [],
            "formats": ["csv", "excel", "xlsx", "json"],
        })
    );
    assert_eq!(all["attributed_conversions"]["time_intervals"].as_array().unwrap().len(), 14);
}

#[tokio::test]
async fn old_reports_are_forgotten_with_their_files() {
    let api = Api::start().await;
    let report = json!({"report": {"report_type": "pixel_fired", "columns": ["pixel_id"]}});
    let first = api.post("/report", report.clone()).await["report_id"].as_str().unwrap().to_owned();
    done(&api, &first).await;
    let file = api.app.data_dir().join("reports").join(&first);
    assert!(file.exists());
    api.app.clock.set(START.plus(7 * Millis::DAY + 1));
    let token = api.sign_in("ann").await;
    let body = report.to_string();
    let (_, second) = api.send("POST", "/report", Some(&token), Some(&body)).await;
    done(&api, second["report_id"].as_str().unwrap()).await;
    assert!(!file.exists());
    let (status, _) = api.send("GET", &format!("/report?id={first}"), Some(&token), None).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn every_format_has_its_own_type() {
    let api = Api::start().await;
    sold(&api).await;
    for (format, content_type, extension) in [
        ("csv", "text/csv; charset=utf-8", "csv"),
        ("excel", "text/tab-separated-values; charset=utf-8", "tsv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("json", "application/json", "json"),
    ] {
        let report = json!({
            "report_type": "attributed_conversions", "report_interval": "lifetime", "format": format,
            "columns": ["order_id", "post_click_or_post_view_revenue", "user_id", "line_item_id", "campaign_id"],
        });
        let id = api.post("/report", json!({ "report": report })).await["report_id"].as_str().unwrap().to_owned();
        assert_eq!(done(&api, &id).await.status, ReportStatus::Ready, "{format}");
        let response = api.raw("GET", &format!("/report-download?id={id}"), Some(&api.token), None).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), content_type);
        assert_eq!(header("content-disposition"), format!("attachment; filename=\"report-{id}.{extension}\""));
        let body = response.bytes().await.unwrap();
        match format {
            "xlsx" => assert_eq!(&body[..2], b"PK"),
            "json" => assert_eq!(
                serde_json::from_slice::<Value>(&body).unwrap(),
                json!([
                    {"order_id": "=SUM(A1)", "post_click_or_post_view_revenue": 10.5, "user_id": "1", "line_item_id": 1, "campaign_id": null},
                    {"order_id": "B, 2", "post_click_or_post_view_revenue": null, "user_id": "2", "line_item_id": 1, "campaign_id": null},
                ])
            ),
            "excel" => assert!(body.starts_with(b"\xef\xbb\xbforder_id\t")),
            _ => assert!(body.starts_with(b"order_id,")),
        }
    }
}

#[tokio::test]
async fn texts_of_any_kind_read_back_from_files() {
    let api = Api::start().await;
    let shop = api.app.shop().await;
    let orders = ["Grüße, \"Käufer\"", "one\r\ntwo\tthree;four", "東京 ✓", "=1+1", "-A", "@B", "plain", ";=2+2", "＝3"];
    for (visitor, order) in (1..).zip(orders) {
        crate::judge::show(&api.app.store, click(shop.line_item.id, visitor, visitor)).await;
        let sale =
            pixeld::domain::Fire { order_id: Some(order.to_owned()), ..fire(shop.pixel.id, visitor, MIN + visitor) };
        convert(&api.app, sale).await;
    }
    api.app.clock.set(START.plus(2 * MIN));
    let guarded = orders.map(|order| match order {
        "=1+1" | "-A" | "@B" | "＝3" => format!("'{order}"),
        ";=2+2" => ";'=2+2".to_owned(),
        _ => order.to_owned(),
    });
    for (format, mark, delimiter) in [("csv", "", b','), ("excel", "\u{feff}", b'\t')] {
        let report = json!({
            "report_type": "attributed_conversions", "columns": ["order_id", "pixel_id"], "report_interval": "today",
            "format": format,
        });
        let file = rows(&api, report).await;
        let text = file.strip_prefix(mark).unwrap();
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), vec!["order_id", "pixel_id"], "{format}");
        let read: Vec<_> = reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
        assert_eq!(read, guarded, "{format}");
    }
}
