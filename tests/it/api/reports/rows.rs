//! The rows of each kind of report: columns, filters, order.

use pixeld::domain::{AdvertiserId, Role, Segment, SegmentAction, SegmentOp};
use serde_json::{Value, json};

use super::{rows, sold};
use crate::api::Api;
use crate::judge::{MIN, click, fire};

#[tokio::test]
async fn every_column_of_attributed_conversions() {
    let api = Api::start().await;
    sold(&api).await;
    let meta = api.get("/report?meta=attributed_conversions").await["meta"].take();
    let columns: Vec<_> = meta["columns"].as_array().unwrap().iter().map(|column| column["column"].clone()).collect();
    let report = json!({
        "report_type": "attributed_conversions",
        "columns": columns,
        "start_date": "2026-10-01 08:00:00",
        "end_date": "2026-10-02",
        "timezone": "America/New_York",
        "format": "excel",
    });
    let rows = rows(&api, report).await;
    let table: Vec<Vec<_>> =
        rows.trim_start_matches('\u{feff}').split_terminator("\r\n").map(|line| line.split('\t').collect()).collect();
    let shown: Vec<_> =
        (0..columns.len()).map(|n| table.iter().map(|row| row[n]).collect::<Vec<_>>().join(" | ")).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    month | 2026-10 | 2026-10
    day | 2026-10-01 | 2026-10-01
    hour | 2026-10-01 08:00 | 2026-10-01 09:00
    datetime | 2026-10-01 08:05:00 | 2026-10-01 09:30:00
    pixel_id | 1 | 1
    pixel_name | Purchase | Purchase
    order_id | '=SUM(A1) | B, 2
    order_id_full | '=SUM(A1) | B, 2
    external_data |  | blue
    post_click_or_post_view_conv | Post Click | Post View
    post_click_or_post_view_revenue | 10.5 | 
    currency | USD | 
    sent_value | 10.5 | 
    sent_currency | USD | 
    retracted | false | false
    line_item_id | 1 | 1
    line_item_name | Autumn sale | Autumn sale
    campaign_id |  | 
    campaign_name |  | 
    creative_id |  | 
    publisher_id | 1 | 1
    publisher_name | Daily News | Daily News
    source_id |  | 
    source_name |  | 
    imp_time | 2026-10-01 08:00:00 | 2026-10-01 08:01:00
    imp_type_id | 10 | 9
    imp_type | External Click | External Impression
    advertiser_id | 1 | 1
    advertiser_name | ProStarr Sportswear | ProStarr Sportswear
    buyer_member_id | 1 | 1
    auction_id | 3 | 4
    user_id | 1 | 2
    ");
}

#[tokio::test]
async fn rows_are_filtered_cut_and_sorted() {
    let api = Api::start().await;
    sold(&api).await;
    let orders = async |change: Value| {
        let mut report = json!({
            "report_type": "attributed_conversions",
            "columns": ["order_id", "post_click_or_post_view_revenue"],
            "report_interval": "lifetime",
        });
        for (key, value) in change.as_object().unwrap() {
            report[key] = value.clone();
        }
        let rows = rows(&api, report).await;
        rows.split_terminator("\r\n").skip(1).map(|row| row.chars().next().unwrap()).collect::<String>()
    };
    // A row is named by its first character: ' for the click's, " for the view's.
    for (change, found) in [
        (json!({}), "'\""),
        (json!({"filters": {"pixel_id": 1}}), "'\""),
        (json!({"filters": [{"pixel_id": [1, 2]}, {"post_click_or_post_view_conv": "Post View"}]}), "\""),
        (json!({"filters": [{"order_id": "B, 2"}]}), "\""),
        (json!({"filters": [{"imp_type_id": "10"}]}), "'"),
        (json!({"filters": [{"pixel_id": 2}]}), ""),
        (json!({"filters": [{"pixel_id": {"operator": "!=", "value": [2, 3]}}]}), "'\""),
        (json!({"filters": [{"post_click_or_post_view_revenue": {"operator": ">=", "value": "10.5"}}]}), "'"),
        (json!({"filters": [{"post_click_or_post_view_revenue": {"operator": ">", "value": "10.5"}}]}), ""),
        (json!({"filters": [{"post_click_or_post_view_revenue": "10.50"}]}), "'"),
        (json!({"orders": ["order_id.desc"]}), "\"'"),
        (json!({"orders": [{"order_by": "post_click_or_post_view_revenue", "direction": "ASC"}]}), "\"'"),
        (json!({"orders": ["post_click_or_post_view_revenue", "order_id desc"]}), "\"'"),
        (json!({"report_interval": "last_hour"}), "'"),
        (json!({"report_interval": "current_hour"}), "\""),
        (json!({"report_interval": null, "start_date": "2026-10-01 12:05:00", "end_date": "2026-10-01 13:30:00"}), "'"),
        (json!({"report_interval": "yesterday"}), ""),
    ] {
        assert_eq!(orders(change.clone()).await, found, "{change}");
    }
}

#[tokio::test]
async fn a_report_of_more_rows_than_a_slice_is_whole_and_in_order() {
    let api = Api::start().await;
    let shop = api.app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    crate::judge::show(&api.app.store, click(shop.line_item.id, 1, 0)).await;
    let mut log = Vec::new();
    for n in 0..12_001 {
        // Many at the same moment, so that slices end between them.
        let mut one = fire(shop.pixel.id, 1, (n / 4000) * MIN);
        one.order_id = Some(n.to_string());
        log.push(pixeld::store::LogRow::Fire(Box::new(one)));
    }
    api.app.store.append_all(log).await.unwrap();
    api.app.judged().await;
    let report = json!({
        "report_type": "attributed_conversions", "columns": ["order_id"], "report_interval": "lifetime",
    });
    let found = rows(&api, report.clone()).await;
    let expected: String = (0..12_001).map(|n| format!("{n}\r\n")).collect();
    assert!(found == format!("order_id\r\n{expected}"), "{} bytes", found.len());
    let mut sorted = report;
    sorted["orders"] = json!(["order_id"]);
    let found = rows(&api, sorted).await;
    assert_eq!(found.lines().skip(1).take(4).collect::<Vec<_>>(), ["0", "1", "10", "100"]);
    assert_eq!(found.lines().count(), 12_002);
}

#[tokio::test]
async fn pixel_fired_tells_when_each_pixel_last_fired() {
    let api = Api::start().await;
    let shop = sold(&api).await;
    api.pixel(shop.advertiser.id.0, "Never").await;
    let report = json!({
        "report_type": "pixel_fired",
        "columns": ["pixel_id", "advertiser_id", "advertiser_name", "buyer_member_id", "last_fired"],
    });
    assert_eq!(
        rows(&api, report).await,
        "pixel_id,advertiser_id,advertiser_name,buyer_member_id,last_fired\r\n\
         1,1,ProStarr Sportswear,1,2026-10-01 13:35:00\r\n\
         2,1,ProStarr Sportswear,1,1900-01-01 00:00:00\r\n"
    );
}

#[tokio::test]
async fn loads_of_segments_by_utc_day() {
    let api = Api::start().await;
    let by = api.app.editor();
    let owner = api.advertiser("Owner").await;
    let other = api.advertiser("Other").await;
    let mut own = Segment::new("Own");
    own.advertiser_id = Some(AdvertiserId(owner));
    let own = api.app.store.create(&by, own).await.unwrap();
    let shared = api.app.store.create(&by, Segment::new("Shared")).await.unwrap();
    for (visitor, after, segment) in [(1, 0, own.id), (1, MIN, own.id), (2, 13 * 60 * MIN, own.id), (1, 0, shared.id)] {
        let mut load = crate::judge::segment_load(visitor, after);
        load.segments = vec![SegmentOp { segment_id: segment, action: SegmentAction::Add { value: None } }];
        api.app.store.append(pixeld::store::LogRow::SegmentLoad(Box::new(load))).await.unwrap();
    }
    api.app.judged().await;
    let report = json!({
        "report_type": "segment_load", "columns": ["day", "segment_id", "segment_name", "loads", "uniques"],
        "start_date": "2026-10-01", "end_date": "2026-10-03", "timezone": "America/New_York",
    });
    assert_eq!(
        rows(&api, report.clone()).await,
        "day,segment_id,segment_name,loads,uniques\r\n\
         2026-10-01,1,Own,2,1\r\n2026-10-01,2,Shared,1,1\r\n2026-10-02,1,Own,1,1\r\n"
    );
    let answer = api.post("/report", json!({ "report": report })).await;
    assert_eq!(answer["dbg_info"]["warnings"], json!(["timezone has no effect on segment_load: it is by UTC day"]));
    api.user("eve", Role::Viewer, Some(AdvertiserId(other))).await;
    let eve = Api { token: api.sign_in("eve").await, ..api };
    assert_eq!(
        rows(&eve, report).await,
        "day,segment_id,segment_name,loads,uniques\r\n2026-10-01,2,Shared,1,1\r\n",
        "shared segments, and none of another advertiser"
    );
}
