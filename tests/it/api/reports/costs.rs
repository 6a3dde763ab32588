//! Ratios of costs: empty where no cost is known, where it is nought, and where cost and revenue share no currency.

use pixeld::domain::{Currency, Exposure, Fire, Micros, Role};
use serde_json::{Value, json};

use super::rows;
use crate::admin::Browser;
use crate::api::Api;
use crate::harness::TestApp;
use crate::judge::{MIN, click, convert, fire, show, view};

/// One case: what each view and the click cost, and what sales brought, in the line item's USD or in another currency.
type Case = (&'static str, [Option<i64>; 2], &'static [(i64, &'static str)], &'static [&'static str]);

const CASES: &[Case] = &[
    // currency, cost, total_convs, total_revenue, cpa, roas, cost_known_share
    ("no cost is known", [None, None], &[(10, "USD")], &["USD,0,1,10,,,0"]),
    ("no cost and no sale", [None, None], &[], &["USD,0,0,0,,,0"]),
    ("nought was sent", [Some(0), None], &[(10, "USD")], &["USD,0,1,10,0,,0.5"]),
    ("one cost is known", [Some(4), None], &[(10, "USD")], &["USD,4,1,10,4,2.5,0.5"]),
    ("both are known", [Some(4), Some(1)], &[(10, "USD"), (5, "USD")], &["USD,5,2,15,2.5,3,1"]),
    ("a cost without a sale", [Some(4), None], &[], &["USD,4,0,0,,0,0.5"]),
    ("a sale of no value", [Some(4), None], &[(0, "USD")], &["USD,4,1,0,4,0,0.5"]),
    ("cost and revenue in two currencies", [Some(4), None], &[(10, "EUR")], &["EUR,0,0,10,,,", "USD,4,1,0,4,,0.5"]),
    (
        "some revenue in the currency of the cost",
        [Some(4), None],
        &[(10, "EUR"), (8, "USD")],
        &["EUR,0,0,10,,,", "USD,4,2,8,2,2,0.5"],
    ),
    ("a value without a currency", [Some(4), None], &[(10, "")], &["USD,4,1,10,4,2.5,0.5"]),
];

const COLUMNS: [&str; 7] = ["currency", "cost", "total_convs", "total_revenue", "cpa", "roas", "cost_known_share"];

async fn traded(costs: [Option<i64>; 2], sales: &[(i64, &str)]) -> TestApp {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let cost =
        |exposure, units: Option<i64>| Exposure { ancost: units.map(|units| Micros(units * Micros::UNIT)), ..exposure };
    show(&app.store, cost(view(shop.line_item.id, 1, 0), costs[0])).await;
    show(&app.store, cost(click(shop.line_item.id, 1, MIN), costs[1])).await;
    for (units, currency) in sales {
        let value = Some(Micros(units * Micros::UNIT));
        convert(&app, Fire { value, currency: Currency::parse(currency), ..fire(shop.pixel.id, 1, 2 * MIN) }).await;
    }
    app.judged().await;
    app
}

async fn lines(api: &Api, columns: &[&str], change: Value) -> Vec<String> {
    let mut report = json!({"report_type": "advertiser_analytics", "columns": columns, "report_interval": "today"});
    for (key, value) in change.as_object().unwrap() {
        report[key] = value.clone();
    }
    rows(api, report).await.split_terminator("\r\n").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn ratios_of_costs_are_empty_where_they_mean_nothing() {
    for (case, costs, sales, expected) in CASES {
        let api = Api::on(traded(*costs, sales).await).await;
        assert_eq!(lines(&api, &COLUMNS, json!({})).await, *expected, "{case}");
        // The same without the other columns, in other groups, and as the page shows it.
        let ratios = |line: &str| line.split(',').skip(4).take(2).collect::<Vec<_>>().join(",");
        let expected: Vec<String> = expected.iter().map(|line| ratios(line)).collect();
        let alone = lines(&api, &["currency", "imps", "cpa", "roas"], json!({})).await;
        let alone: Vec<_> = alone.iter().map(|line| line.splitn(3, ',').nth(2).unwrap()).collect();
        assert_eq!(alone, expected, "{case}");
        let columns = ["day", "line_item_name", "publisher_id", "currency", "imps", "cpa", "roas"];
        let grouped = lines(&api, &columns, json!({})).await;
        let grouped: Vec<_> = grouped.iter().map(|line| line.splitn(6, ',').nth(5).unwrap()).collect();
        assert_eq!(grouped, expected, "{case}");
        // No row of a pixel has a cost.
        for line in lines(&api, &["pixel_id", "imps", "cpa", "roas"], json!({})).await {
            assert!(line.ends_with(",,"), "{case}: {line}");
        }
        // A filter by currency hides revenue, and does not make it nothing.
        let dollars = lines(&api, &["imps", "cpa", "roas"], json!({"filters": {"currency": "USD"}})).await;
        assert_eq!(dollars.first().map(|line| line.split_once(',').unwrap().1), expected.last().map(String::as_str));
        let columns: String = COLUMNS.iter().map(|name| format!("&column={name}")).collect();
        let browser = Browser::of(&api.app, Role::Admin, None).await;
        let seen = browser.get(&format!("/admin/reports?type=advertiser_analytics&range=today{columns}")).await;
        let shown = |label: &str| seen.column(label);
        let dash = |text: &str| {
            if text.is_empty() { "–none".to_owned() } else { format!("{:.2}", text.parse::<f64>().unwrap()) }
        };
        let wanted: Vec<String> = expected.iter().map(|pair| dash(pair.split_once(',').unwrap().1)).collect();
        assert_eq!(shown("ROAS")[..wanted.len()], wanted, "{case}");
        assert!(seen.text().contains("are empty where no cost is known"), "{}", seen.text());
    }
}

#[tokio::test]
async fn empty_ratios_are_null_in_json_and_a_note_tells_why() {
    let api = Api::on(traded([None, None], &[(10, "USD")]).await).await;
    let report = json!({
        "report_type": "advertiser_analytics", "columns": ["currency", "total_convs", "cpa", "roas", "gross_cpa"],
        "report_interval": "today", "format": "json",
    });
    let found: Value = serde_json::from_str(&rows(&api, report.clone()).await).unwrap();
    assert_eq!(found, json!([{"currency": "USD", "total_convs": 1, "cpa": null, "roas": null, "gross_cpa": null}]));
    let warnings = api.post("/report", json!({"report": report})).await["dbg_info"]["warnings"].take();
    let note = "a figure per cost or cost per conversion is empty where no cost is known, by pixel, and where cost and \
                revenue are in different currencies";
    assert_eq!(warnings, json!([note]));
    // A figure that is unknown meets no condition.
    for (filter, count) in [(json!({"cpa": {"operator": "<=", "value": 1}}), 0), (json!({"total_convs": 1}), 1)] {
        assert_eq!(lines(&api, &["currency", "total_convs"], json!({"group_filters": filter})).await.len(), count);
    }
}
