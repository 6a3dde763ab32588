//! Costs of days in reports, against an example worked out by hand: beside the cost of views and clicks, by day and month of
//! any zone, by the objects that a cost names, and left out where it belongs to nothing.

use pixeld::domain::{
    Campaign, CostWay, Currency, Day, Exposure, Fire, ImportedCosts, LineItem, Micros, NewCost, PublisherId,
};
use serde_json::{Value, json};

use super::rows;
use crate::api::Api;
use crate::harness::{START, TestApp};
use crate::judge::{MIN, click, convert, fire, show, view};

/// Today is 1 October. The advertiser is in India, where it is 17:30. Line item 1 has a view that cost 2, a click that cost
/// 1, and two sales of 30 USD today. Campaign 1 of it cost 9 USD today and 4 EUR on 30 September, and line item 2 cost 5
/// USD on 30 September at publisher 1.
async fn spent() -> Api {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let zone = |advertiser: &mut pixeld::domain::Advertiser| {
        advertiser.timezone = "Asia/Kolkata".to_owned();
        Ok(())
    };
    app.store.update(&app.editor(), shop.advertiser.id.0, zone).await.unwrap();
    let campaign = Campaign::new(shop.advertiser.id, shop.line_item.id, "Brand");
    let campaign = app.store.create(&app.editor(), campaign).await.unwrap().id;
    let other = app.store.create(&app.editor(), LineItem::new(shop.advertiser.id, "Video")).await.unwrap().id;
    let priced = |exposure, units: i64| Exposure { ancost: Some(Micros(units * Micros::UNIT)), ..exposure };
    show(&app.store, priced(view(shop.line_item.id, 1, 0), 2)).await;
    show(&app.store, priced(click(shop.line_item.id, 1, MIN), 1)).await;
    for minutes in [2, 3] {
        let (value, currency) = (Some(Micros(30 * Micros::UNIT)), Some(Currency::USD));
        convert(&app, Fire { value, currency, ..fire(shop.pixel.id, 1, minutes * MIN) }).await;
    }
    let cost = |day, line_item, currency, units: i64| {
        let currency = Currency::parse(currency).unwrap();
        NewCost::new(Day::parse(day).unwrap(), line_item, currency, Micros(units * Micros::UNIT))
    };
    let mut costs = vec![
        cost("2026-10-01", shop.line_item.id, "USD", 9),
        cost("2026-09-30", shop.line_item.id, "EUR", 4),
        cost("2026-09-30", other, "USD", 5),
    ];
    (costs[0].key.campaign_id, costs[1].key.campaign_id) = (Some(campaign), Some(campaign));
    costs[2].key.publisher_id = Some(PublisherId(1));
    let costs = ImportedCosts::new(CostWay::Typed, shop.advertiser.id, costs);
    app.store.import_costs(&app.editor(), costs).await.unwrap();
    app.clock.set(START.plus(10 * MIN));
    app.judged().await;
    Api::on(app).await
}

async fn lines(api: &Api, columns: &[&str], change: Value) -> Vec<String> {
    let mut report = json!({"report_type": "network_analytics", "columns": columns, "report_interval": "last_7_days"});
    for (key, value) in change.as_object().unwrap() {
        report[key] = value.clone();
    }
    if report["start_date"].is_string() {
        report.as_object_mut().unwrap().remove("report_interval");
    }
    rows(api, report).await.split_terminator("\r\n").skip(1).map(str::to_owned).collect()
}

async fn notes(api: &Api, columns: &[&str], change: Value) -> Vec<String> {
    let mut report = json!({"report_type": "network_analytics", "columns": columns, "report_interval": "today"});
    for (key, value) in change.as_object().unwrap() {
        report[key] = value.clone();
    }
    let answer = api.post("/report", json!({ "report": report })).await;
    let notes = answer["dbg_info"]["warnings"].as_array().into_iter().flatten();
    notes.map(|note| note.as_str().unwrap().to_owned()).filter(|note| note.starts_with("media cost")).collect()
}

#[tokio::test]
async fn costs_of_days_stand_beside_those_of_ads() {
    let api = spent().await;
    let figures =
        ["currency", "ancost", "media_cost", "cost", "total_convs", "cpa", "roas", "cpc", "cpm", "cost_known_share"];
    assert_eq!(lines(&api, &figures, json!({})).await, ["EUR,0,4,4,0,,,,,", "USD,3,14,17,2,8.5,3.529412,17,17000,1"]);
    let with = |first: &[&'static str]| [first, &["currency", "ancost", "media_cost", "cost", "roas"]].concat();
    for (groups, expected) in [
        (vec!["day"], vec!["2026-09-30,EUR,0,4,4,0", "2026-09-30,USD,0,5,5,0", "2026-10-01,USD,3,9,12,5"]),
        (vec!["month"], vec!["2026-09,EUR,0,4,4,0", "2026-09,USD,0,5,5,0", "2026-10,USD,3,9,12,5"]),
        (vec!["line_item_id"], vec!["1,EUR,0,4,4,", "1,USD,3,9,12,5", "2,USD,0,5,5,0"]),
        (vec!["line_item_name"], vec!["Autumn sale,EUR,0,4,4,", "Autumn sale,USD,3,9,12,5", "Video,USD,0,5,5,0"]),
        (vec!["campaign_name"], vec![",USD,3,5,8,7.5", "Brand,EUR,0,4,4,0", "Brand,USD,0,9,9,0"]),
        (vec!["publisher_id"], vec![",EUR,0,4,4,0", ",USD,0,9,9,0", "1,USD,3,5,8,7.5"]),
        (vec!["advertiser_id"], vec!["1,EUR,0,4,4,", "1,USD,3,14,17,3.529412"]),
        // A cost has no source and no pixel. A figure per cost would mean nothing there.
        (vec!["source_id"], vec![",EUR,0,4,4,", ",USD,3,14,17,"]),
        (vec!["pixel_id"], vec![",EUR,0,4,4,", ",USD,3,14,17,", "1,USD,0,0,0,"]),
    ] {
        assert_eq!(lines(&api, &with(&groups), json!({})).await, expected, "{groups:?}");
    }
}

#[tokio::test]
async fn a_day_of_a_cost_is_that_of_the_calendar_in_every_zone() {
    let api = spent().await;
    for zone in ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe"] {
        let change = json!({"timezone": zone, "filters": {"line_item_id": 2}});
        assert_eq!(lines(&api, &["day", "media_cost"], change).await, ["2026-09-30,5"], "{zone}");
        for (start, end, cost) in [
            ("2026-09-30", "2026-10-01", vec!["5"]),
            ("2026-09-29", "2026-09-30", vec![]),
            ("2026-10-01", "2026-10-02", vec![]),
            ("2026-09-30 00:30:00", "2026-10-01", vec![]),
        ] {
            let filters = json!({"line_item_id": 2});
            let change = json!({"timezone": zone, "filters": filters, "start_date": start, "end_date": end});
            assert_eq!(lines(&api, &["media_cost"], change).await, cost, "{zone} {start}");
        }
    }
}

#[tokio::test]
async fn filters_apply_and_those_that_cannot_leave_it_out_with_a_warning() {
    let api = spent().await;
    let columns = ["line_item_id", "media_cost", "cost"];
    for (filters, expected) in [
        (json!({"line_item_id": 1, "currency": "USD"}), vec!["1,9,12"]),
        (json!({"line_item_name": "Video"}), vec!["2,5,5"]),
        (json!({"campaign_id": 1}), vec!["1,4,4", "1,9,9"]),
        (json!({"publisher_id": 1, "currency": "USD"}), vec!["1,0,3", "2,5,5"]),
        (json!({"currency": "EUR"}), vec!["1,4,4"]),
        (json!({"advertiser_id": 7}), vec![]),
        (json!({"source_id": 5}), vec![]),
    ] {
        assert_eq!(lines(&api, &columns, json!({ "filters": filters })).await, expected, "{filters}");
    }
    assert_eq!(lines(&api, &columns, json!({"filters": {"pixel_id": 1}})).await, Vec::<String>::new());
    let (hours, elsewhere, parts) = (
        "media cost is of whole days: by hour it is left out, and cost is what came with views and clicks",
        "media cost belongs to no pixel and no source: under such a filter it is left out, and cost is what came with views \
         and clicks",
        "media cost is of whole days: a day belongs to the span of time in which it begins, in the report's time zone",
    );
    assert_eq!(lines(&api, &["hour", "media_cost", "cost", "cpa"], json!({})).await, ["2026-10-01 12:00,,3,1.5"]);
    for (columns, change, note) in [
        (vec!["day", "cost"], json!({}), vec![]),
        (vec!["hour", "imps"], json!({}), vec![]),
        (vec!["hour", "cost"], json!({}), vec![hours]),
        (vec!["hour", "roas"], json!({}), vec![hours]),
        (vec!["cost"], json!({"filters": {"pixel_id": 1}}), vec![elsewhere]),
        (vec!["cpm"], json!({"filters": {"source_name": "Google"}}), vec![elsewhere]),
        (vec!["cost"], json!({"report_interval": "last_48_hours"}), vec![parts]),
        (vec!["imps"], json!({"report_interval": "last_48_hours"}), vec![]),
    ] {
        assert_eq!(notes(&api, &columns, change.clone()).await, note, "{columns:?} {change}");
    }
    // Conditions on finished figures, and another advertiser's user.
    let dear = json!({"group_filters": {"cost": {"operator": ">", "value": 5}}});
    assert_eq!(lines(&api, &columns, dear).await, ["1,9,12"]);
}
