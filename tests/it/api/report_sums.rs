//! Reports that are added up: figures, groups, currencies, time zones, conditions; and against a naive sum of the log.

use std::collections::BTreeMap;

use pixeld::domain::{AdvertiserId, Currency, Exposure, LineItemId, Micros, PublisherId, Role};
use pixeld::store::LogRow;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::Api;
use super::reports::rows;
use crate::harness::{Shop, TestApp, open_database};
use crate::judge::{MIN, click, convert, fire, show, view};

const HOUR: i64 = 60 * MIN;

fn paid(mut exposure: Exposure, micros: i64) -> Exposure {
    exposure.ancost = Some(Micros(micros));
    exposure
}

/// A day and a half of a shop: four views and a click, bought for 3 in all; a post-click sale of 10 USD, a post-view
/// one of 7 EUR, one without a value, all booked at 2; an unattributed fire; a test.
async fn traded(api: &Api) -> Shop {
    trade(&api.app).await
}

/// The same, without the API.
pub async fn trade(app: &TestApp) -> Shop {
    let shop = app
        .shop_with(|pixel| {
            pixel.post_click_value = Some(Micros(2_000_000));
            pixel.post_view_value = Some(Micros(2_000_000));
        })
        .await;
    let (store, item) = (&app.store, shop.line_item.id);
    for (visitor, after) in [(1, 0), (2, MIN), (3, 2 * MIN), (4, 13 * HOUR)] {
        show(store, paid(view(item, visitor, after), 500_000)).await;
    }
    show(store, paid(click(item, 1, 30 * MIN), 1_000_000)).await;
    for (visitor, after, value) in [
        (1, 40 * MIN, Some((10_000_000, "USD"))),
        (2, 2 * HOUR, Some((7_000_000, "EUR"))),
        (3, 13 * HOUR, None),
        (9, 13 * HOUR, Some((99_000_000, "USD"))),
    ] {
        let mut one = fire(shop.pixel.id, visitor, after);
        one.value = value.map(|(micros, _)| Micros(micros));
        one.currency = value.and_then(|(_, code)| Currency::parse(code));
        convert(app, one).await;
    }
    let mut test = fire(shop.pixel.id, 4, 13 * HOUR);
    test.flags.test = true;
    convert(app, test).await;
    shop
}

/// The rows of a report about all there is, without the line of names.
async fn sums(api: &Api, columns: &[&str], change: Value) -> Vec<String> {
    let mut report = json!({
        "report_type": "network_analytics", "columns": columns, "start_date": "2026-10-01", "end_date": "2026-10-05",
    });
    for (key, value) in change.as_object().unwrap() {
        report[key] = value.clone();
    }
    rows(api, report).await.split_terminator("\r\n").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn figures_are_added_up_and_currencies_kept_apart() {
    let api = Api::start().await;
    traded(&api).await;
    let found = async |columns: &[&str]| sums(&api, columns, json!({})).await;
    assert_eq!(found(&["imps", "clicks", "ctr", "total_convs", "convs_rate"]).await, ["4,1,0.25,3,0.75"]);
    assert_eq!(found(&["post_click_convs", "post_view_convs"]).await, ["1,2"]);
    let money =
        ["currency", "total_convs", "cost", "post_click_revenue", "post_view_revenue", "total_revenue", "roas", "cpa"];
    assert_eq!(found(&money).await, ["EUR,0,0,0,7,7,,", "USD,3,3,10,0,10,3.333333,1"]);
    assert_eq!(found(&["day", "booked_revenue"]).await, ["2026-10-01,4", "2026-10-02,2"]);
    assert_eq!(
        found(&["hour", "day", "month", "imps", "total_convs"]).await,
        [
            "2026-10-01 12:00,2026-10-01,2026-10,3,1",
            "2026-10-01 14:00,2026-10-01,2026-10,0,1",
            "2026-10-02 01:00,2026-10-02,2026-10,1,1",
        ]
    );
    assert_eq!(
        found(&["advertiser_id", "advertiser_name", "line_item_id", "line_item_name", "imps"]).await,
        ["1,ProStarr Sportswear,1,Autumn sale,4"]
    );
    assert_eq!(
        found(&["campaign_id", "campaign_name", "publisher_id", "publisher_name", "clicks"]).await,
        [",,1,Daily News,1"]
    );
    // Views and clicks belong to no pixel.
    assert_eq!(
        found(&["pixel_id", "pixel_name", "imps", "total_convs", "convs_rate"]).await,
        [",,4,0,0", "1,Purchase,0,3,"]
    );
}

#[tokio::test]
async fn sums_are_filtered_before_and_after_and_put_in_order() {
    let api = Api::start().await;
    traded(&api).await;
    for (change, found) in [
        (json!({"filters": {"advertiser_name": "ProStarr Sportswear"}}), vec!["2026-10-01,3", "2026-10-02,1"]),
        (json!({"filters": {"advertiser_name": "Other"}}), vec![]),
        (json!({"filters": [{"line_item_id": {"operator": ">", "value": 1}}]}), vec![]),
        (
            json!({"filters": [{"publisher_id": {"operator": "not in", "value": [2, 3]}}]}),
            vec!["2026-10-01,3", "2026-10-02,1"],
        ),
        (json!({"filters": [{"pixel_id": 1}]}), vec![]),
        (json!({"group_filters": [{"imps": {"operator": ">", "value": 1}}]}), vec!["2026-10-01,3"]),
        (json!({"group_filters": {"clicks": 0}}), vec!["2026-10-02,1"]),
        (json!({"group_filters": {"ctr": {"operator": ">=", "value": "0.33"}}}), vec!["2026-10-01,3"]),
        (json!({"orders": ["imps"]}), vec!["2026-10-02,1", "2026-10-01,3"]),
        (json!({"orders": [{"order_by": "day", "direction": "DESC"}]}), vec!["2026-10-02,1", "2026-10-01,3"]),
    ] {
        assert_eq!(sums(&api, &["day", "imps"], change.clone()).await, found, "{change}");
    }
}

#[tokio::test]
async fn days_follow_the_time_zone_and_inexact_sums_give_a_warning() {
    let api = Api::start().await;
    traded(&api).await;
    let in_zone = async |zone: &str| sums(&api, &["day", "imps", "total_convs"], json!({ "timezone": zone })).await;
    assert_eq!(in_zone("UTC").await, ["2026-10-01,3,2", "2026-10-02,1,1"]);
    assert_eq!(in_zone("America/New_York").await, ["2026-10-01,4,3"]);
    assert_eq!(in_zone("Asia/Kolkata").await, ["2026-10-01,3,2", "2026-10-02,1,1"]);
    let warnings = async |change: Value| {
        let mut report = json!({
            "report_type": "network_analytics", "columns": ["day", "imps"], "report_interval": "today",
        });
        for (key, value) in change.as_object().unwrap() {
            report[key] = value.clone();
        }
        api.post("/report", json!({ "report": report })).await["dbg_info"]["warnings"].take()
    };
    let by_quarter = "sums are kept by quarter hour: a quarter hour belongs to the span of time in which it begins";
    assert_eq!(warnings(json!({})).await, Value::Null);
    assert_eq!(warnings(json!({"timezone": "Asia/Kolkata"})).await, Value::Null);
    let half = json!({"report_interval": null, "start_date": "2026-10-01 00:30:00", "end_date": "2026-10-02"});
    assert_eq!(warnings(half).await, Value::Null);
    let odd = json!({"report_interval": null, "start_date": "2026-10-01 00:31:00", "end_date": "2026-10-02"});
    assert_eq!(warnings(odd).await, json!([by_quarter]));
    assert_eq!(
        warnings(json!({"columns": ["cost"]})).await,
        json!(["amounts of several currencies are never added up: each currency has a row of its own; \
                the column currency tells which"])
    );
    assert_eq!(warnings(json!({"columns": ["currency", "cost"]})).await, Value::Null);
}

#[tokio::test]
async fn pixel_outcomes_count_fires_by_day() {
    let api = Api::start().await;
    traded(&api).await;
    let meta = api.get("/report?meta=pixel_outcomes").await["meta"].take();
    let columns = meta["columns"].as_array().unwrap().iter().map(|column| column["column"].as_str().unwrap());
    // Nothing was corrected, so the gross and the net figures are the same.
    let columns: Vec<_> = columns.filter(|name| !name.starts_with("net_") && !name.starts_with("gross_")).collect();
    let report = json!({
        "report_type": "pixel_outcomes", "columns": columns, "filters": {"pixel_id": 1}, "format": "excel",
        "start_date": "2026-10-01", "end_date": "2026-10-02 12:00:00", "timezone": "America/New_York",
    });
    let file = rows(&api, report).await;
    let lines: Vec<Vec<_>> = file.split_terminator("\r\n").map(|line| line.split('\t').collect()).collect();
    // By hour, since that is the finest among the columns; of the figures those that are not zero.
    let shown: Vec<String> = lines[1..]
        .iter()
        .map(|line| {
            let cells = lines[0].iter().zip(line).skip(2).filter(|(_, cell)| **cell != "0");
            cells.map(|(name, cell)| format!("{name}={cell}")).collect::<Vec<_>>().join(" ")
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    hour=2026-10-01 08:00 pixel_id=1 pixel_name=Purchase advertiser_id=1 advertiser_name=ProStarr Sportswear fires=1 attributed=1 post_click=1
    hour=2026-10-01 10:00 pixel_id=1 pixel_name=Purchase advertiser_id=1 advertiser_name=ProStarr Sportswear fires=1 attributed=1 post_view=1
    hour=2026-10-01 21:00 pixel_id=1 pixel_name=Purchase advertiser_id=1 advertiser_name=ProStarr Sportswear fires=2 attributed=1 post_view=1 unattributed=1 no_exposure=1
    ");
}

#[tokio::test]
async fn a_limited_user_gets_sums_of_one_advertiser_alone() {
    let api = Api::start().await;
    traded(&api).await;
    let other = api.advertiser("Other").await;
    api.user("eve", Role::Viewer, Some(AdvertiserId(other))).await;
    let eve = Api { token: api.sign_in("eve").await, ..api };
    assert_eq!(sums(&eve, &["advertiser_id", "imps", "total_convs", "cost"], json!({})).await, Vec::<String>::new());
}

/// Any number, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Figures by day and line item: views, clicks, cost, conversions.
type Figures = BTreeMap<(String, i64), [i64; 4]>;

#[tokio::test]
async fn sums_equal_a_plain_sum_of_the_log() {
    let api = Api::start().await;
    let shop = api.app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let mut dice = Dice(7);
    for _ in 0..6 {
        let mut log = Vec::new();
        for _ in 0..60 {
            let (visitor, after) = (dice.roll(8), dice.roll(72 * 60) * MIN);
            if dice.roll(3) == 0 {
                let mut one = fire(shop.pixel.id, visitor, after);
                one.value = (dice.roll(3) > 0).then(|| Micros(dice.roll(50_000_000)));
                one.currency = Currency::parse(["USD", "EUR", "?"][usize::try_from(dice.roll(3)).unwrap()]);
                one.flags.test = dice.roll(9) == 0;
                log.push(LogRow::Fire(Box::new(one)));
            } else {
                // The second line item does not exist.
                let item = LineItemId(shop.line_item.id.0 + i64::from(dice.roll(9) == 0));
                let mut one = if dice.roll(2) == 0 { view(item, visitor, after) } else { click(item, visitor, after) };
                one.ancost = (dice.roll(2) == 0).then(|| Micros(dice.roll(900_000)));
                one.publisher_id = PublisherId(dice.roll(3) + 1);
                one.flags.bot = dice.roll(9) == 0;
                log.push(LogRow::Exposure(Box::new(one)));
            }
        }
        api.app.store.append_all(log).await.unwrap();
        api.app.judged().await;
        let conn = open_database(api.app.data_dir());
        let mut naive = Figures::new();
        add(
            &conn,
            &mut naive,
            "SELECT at, line_item_id, kind = 1, kind = 2, coalesce(ancost, 0), 0 FROM exposures
            WHERE flags & 7 = 0",
        );
        add(&conn, &mut naive, "SELECT at, line_item_id, 0, 0, 0, 1 FROM conversions WHERE outcome = 'attributed'");
        let lines = sums(
            &api,
            &["day", "line_item_id", "currency", "imps", "clicks", "cost", "total_convs"],
            json!({
                "group_filters": {"imps": {"operator": ">=", "value": 0}},
            }),
        )
        .await;
        let mut reported = Figures::new();
        for line in &lines {
            let cells: Vec<_> = line.split(',').collect();
            let figures = reported.entry((cells[0].to_owned(), cells[1].parse().unwrap())).or_default();
            let numbers =
                [cells[3].parse().unwrap(), cells[4].parse().unwrap(), micros(cells[5]), cells[6].parse().unwrap()];
            figures.iter_mut().zip(numbers).for_each(|(figure, more): (&mut i64, i64)| *figure += more);
        }
        assert_eq!(reported, naive);

        // Dynamic values by currency; values without one count in the currency of the line item.
        let mut statement = conn
            .prepare(
                "SELECT coalesce(nullif(currency, 'XXX'), 'USD'), sum(value) FROM conversions
                WHERE outcome = 'attributed' AND value IS NOT NULL GROUP BY 1",
            )
            .unwrap();
        let naive: BTreeMap<String, i64> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
        let lines = sums(
            &api,
            &["currency", "total_revenue"],
            json!({
                "filters": {"line_item_id": shop.line_item.id.0},
                "group_filters": {"total_revenue": {"operator": ">", "value": 0}},
            }),
        )
        .await;
        let reported = lines.iter().map(|line| line.split_once(',').unwrap());
        let reported: BTreeMap<String, i64> = reported.map(|(code, sum)| (code.to_owned(), micros(sum))).collect();
        assert_eq!(reported, naive);
    }
}

fn micros(text: &str) -> i64 {
    Micros::parse(text).unwrap().0
}

fn add(conn: &Connection, figures: &mut Figures, sql: &str) {
    let mut statement = conn.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let at: i64 = row.get(0).unwrap();
        let day = pixeld::domain::Millis(at).rfc3339()[..10].to_owned();
        let sums = figures.entry((day, row.get(1).unwrap())).or_default();
        for (place, sum) in sums.iter_mut().enumerate() {
            *sum += row.get::<_, i64>(place + 2).unwrap();
        }
    }
}
