//! Gross and net: what each figure says of conversions that were retracted or restated. Pages and the reports that they lead
//! to agree.

use pixeld::domain::{Campaign, CampaignId, ConversionChange, ConversionName, Currency, Exposure, Fire, Micros, Role};
use pixeld::store::LogRow;
use serde_json::{Value, json};

use super::rows;
use crate::admin::{Browser, Seen};
use crate::api::Api;
use crate::harness::{Shop, TestApp};
use crate::judge::{HOUR, MIN, adjustment, click, convert, fire, show, view};

/// Four post-click sales of 10 USD, booked at 2: A1 stays, A2 is retracted, A3 is restated to 4 USD, A4 to 6 EUR. A
/// post-view sale V1 of 5 USD that is retracted, and one V2 that stays. Strangers' sales S1, retracted, and S2.
async fn corrected(app: &TestApp) -> Shop {
    let shop = app
        .shop_with(|pixel| {
            pixel.min_minutes_per_conv = Some(0);
            pixel.post_click_value = Some(Micros(2_000_000));
        })
        .await;
    show(&app.store, Exposure { campaign_id: Some(CampaignId(1)), ..click(shop.line_item.id, 1, -MIN) }).await;
    show(&app.store, view(shop.line_item.id, 2, -MIN)).await;
    for (visitor, orders, value) in
        [(1, vec!["A1", "A2", "A3", "A4"], 10), (2, vec!["V1", "V2"], 5), (9, vec!["S1", "S2"], 1)]
    {
        for order in orders {
            let sale = Fire {
                order_id: Some(order.to_owned()),
                value: Some(Micros(value * Micros::UNIT)),
                currency: Some(Currency::USD),
                ..fire(shop.pixel.id, visitor, 0)
            };
            convert(app, sale).await;
        }
    }
    let restate = |value: i64, code: &str| ConversionChange::Restate {
        value: Some(Micros(value * Micros::UNIT)),
        currency: Currency::parse(code),
    };
    for (order, change) in [
        ("A2", ConversionChange::Retract),
        ("A3", restate(4, "USD")),
        ("A4", restate(6, "EUR")),
        ("V1", ConversionChange::Retract),
        ("S1", ConversionChange::Retract),
    ] {
        let of = ConversionName::OrderId(order.to_owned());
        let adjustment = adjustment(shop.advertiser.id, of, change);
        app.store.append(LogRow::Adjustment(Box::new(adjustment))).await.unwrap();
    }
    app.judged().await;
    shop
}

/// The rows of a report of today, and after them those of the same with `net_` or `gross_` before each figure.
async fn three_times(api: &Api, report_type: &str, by: &[&str], figures: &[&str]) -> [Vec<String>; 3] {
    let mut found = [const { Vec::new() }; 3];
    for (found, prefix) in found.iter_mut().zip(["", "net_", "gross_"]) {
        let figures = figures.iter().map(|name| format!("{prefix}{name}"));
        let columns: Vec<String> = by.iter().map(|name| (*name).to_owned()).chain(figures).collect();
        let report = json!({"report_type": report_type, "columns": columns, "report_interval": "today"});
        *found = rows(api, report).await.split_terminator("\r\n").skip(1).map(str::to_owned).collect();
    }
    found
}

#[tokio::test]
async fn columns_say_whether_they_are_gross_or_net() {
    let app = TestApp::start().await;
    corrected(&app).await;
    let api = Api::on(app).await;
    for (report_type, by, figures, net, gross) in [
        (
            "pixel_outcomes",
            vec!["pixel_id", "fires", "retracted"],
            vec!["attributed", "post_click", "post_view", "unattributed", "no_exposure", "not_counted"],
            vec!["1,8,3,4,3,1,1,1,0"],
            vec!["1,8,3,6,4,2,2,2,0"],
        ),
        (
            "advertiser_analytics",
            vec!["line_item_id"],
            vec!["total_convs", "post_click_convs", "post_view_convs", "convs_rate"],
            vec!["1,4,3,1,4"],
            vec!["1,6,4,2,6"],
        ),
        (
            "network_analytics",
            vec!["currency"],
            vec!["total_convs", "post_click_revenue", "post_view_revenue", "total_revenue", "booked_revenue"],
            vec!["EUR,0,6,0,6,0", "USD,4,14,5,19,6"],
            vec!["USD,6,40,10,50,8"],
        ),
    ] {
        let found = three_times(&api, report_type, &by, &figures).await;
        assert_eq!(found, [net.clone(), net, gross], "{report_type}");
    }
    // Every figure of conversions has its three columns, and says which it is.
    let meta = api.get("/report?meta").await["meta"].take();
    for (report_type, plain) in [
        ("pixel_outcomes", &["fires", "warned", "retracted"][..]),
        (
            "network_analytics",
            &["imps", "clicks", "ctr", "cost", "cost_known_share", "ancost", "media_cost", "cpc", "cpm"][..],
        ),
    ] {
        let names = |key: &str| -> Vec<String> {
            let columns = meta[report_type][key].as_array().unwrap();
            columns.iter().map(|column| column["column"].as_str().unwrap().to_owned()).collect()
        };
        let figures = names("group_filters");
        for name in figures.iter().filter(|name| !name.starts_with("net_") && !name.starts_with("gross_")) {
            if !plain.contains(&name.as_str()) {
                for prefix in ["net_", "gross_"] {
                    assert!(figures.contains(&format!("{prefix}{name}")), "{report_type} {prefix}{name}");
                }
            }
        }
    }
}

/// The order ids that a list of conversions or a report shows, in alphabetical order.
fn sorted(mut orders: Vec<String>) -> String {
    orders.sort();
    orders.join(" ")
}

#[tokio::test]
async fn retracted_conversions_are_a_filter_and_a_field() {
    let app = TestApp::start().await;
    corrected(&app).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let api = Api::on(app).await;
    for (query, orders) in [
        ("outcome=attributed", "A1 A2 A3 A4 V1 V2"),
        ("outcome=attributed&retracted=false", "A1 A3 A4 V2"),
        ("outcome=attributed&retracted=true", "A2 V1"),
        ("reason=post_view&retracted=true", "V1"),
        ("retracted=true", "A2 S1 V1"),
        ("retracted=false&order_id=A2", ""),
        ("retracted=0", "A1 A3 A4 S2 V2"),
    ] {
        let answer = api.get(&format!("/conversion?{query}")).await;
        let found = answer["conversions"].as_array().unwrap();
        let texts = found.iter().map(|one| one["order_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(sorted(texts), orders, "{query}");
        assert_eq!(answer["count"].as_u64(), u64::try_from(found.len()).ok(), "{query}");
        for one in found {
            let is_retracted = ["A2", "V1", "S1"].contains(&one["order_id"].as_str().unwrap());
            assert_eq!(one["retracted"], is_retracted, "{one}");
        }
        let page = browser.get(&format!("/admin/conversions?{}", query.replace("order_id", "order"))).await;
        if !query.contains('0') {
            let shown = page.column("Order ID").into_iter().filter(|text| text != "–none").collect();
            assert_eq!(sorted(shown), orders, "the page: {query}");
            assert!(
                orders.is_empty() || page.has(&format!("/conversion?{}", query.replace('&', "&#38;"))),
                "{}",
                page.text()
            );
        }
    }
    for query in ["retracted=maybe", "not_retracted=true", "retracted=true,false"] {
        assert_eq!(api.refused("GET", &format!("/conversion?{query}"), None).await.0, 400, "{query}");
    }
    let document = api.app.get("/openapi.json", &[]).await.text().await.unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let parameters = document["paths"]["/conversion"]["get"]["parameters"].to_string();
    assert!(parameters.contains(r#""name":"retracted""#), "{parameters}");

    for (filters, lines) in [
        (
            json!({}),
            vec!["A1,10,USD,10,USD,false", "A3,4,USD,10,USD,false", "A4,6,EUR,10,USD,false", "V2,5,USD,5,USD,false"],
        ),
        (json!({"retracted": true}), vec!["A2,10,USD,10,USD,true", "V1,5,USD,5,USD,true"]),
        (json!({"retracted": "false", "currency": "EUR"}), vec!["A4,6,EUR,10,USD,false"]),
        (
            json!({"retracted": ["true", "false"], "post_click_or_post_view_conv": "Post View"}),
            vec!["V1,5,USD,5,USD,true", "V2,5,USD,5,USD,false"],
        ),
        (json!({"retracted": {"operator": "!=", "value": "false"}, "order_id": "V1"}), vec!["V1,5,USD,5,USD,true"]),
    ] {
        let columns =
            ["order_id", "post_click_or_post_view_revenue", "currency", "sent_value", "sent_currency", "retracted"];
        let report = json!({
            "report_type": "attributed_conversions", "columns": columns, "report_interval": "today",
            "filters": filters, "orders": ["order_id"],
        });
        let file = rows(&api, report).await;
        assert_eq!(file.split_terminator("\r\n").skip(1).collect::<Vec<_>>(), lines, "{filters}");
    }
    let report = "/admin/reports?type=attributed_conversions&range=today&column=order_id&column=retracted";
    for (filter, count) in
        [("", "4 conversions"), ("&retracted=true", "2 conversions"), ("&retracted=true,false", "6 conversions")]
    {
        let seen = browser.get(&format!("{report}{filter}")).await;
        assert!(seen.text().contains(count), "{filter}: {}", seen.text());
    }
}

/// The sum of a column of the page's table of days, or of the report's rows.
fn sum(seen: &Seen, label: &str) -> u64 {
    let cells = seen.column(label);
    assert!(!cells.is_empty(), "{label}: {}", seen.text());
    cells.iter().map(|cell| cell.replace([',', '–'], "").parse::<u64>().unwrap_or(0)).sum()
}

/// Each page's figures are those of the report behind its button.
#[tokio::test]
async fn a_page_and_its_report_agree() {
    let app = TestApp::start().await;
    let shop = corrected(&app).await;
    let campaign = Campaign::new(shop.advertiser.id, shop.line_item.id, "Shoes");
    app.store.create(&app.editor(), campaign).await.unwrap();
    app.clock.set(app.clock.now().plus(9 * 24 * HOUR));
    let browser = Browser::of(&app, Role::Admin, None).await;
    for (page, pairs) in [
        (
            "/admin/pixels/1",
            vec![
                ("Credited: click", "Credited: click", 3),
                ("Credited: view", "Credited: view", 1),
                ("Not credited", "Not credited", 1),
            ],
        ),
        (
            "/admin/line-items/1",
            vec![("", "Impressions", 1), ("", "Clicks", 1), ("", "Credited: click", 3), ("", "Credited: view", 1)],
        ),
        (
            "/admin/campaigns/1",
            vec![("", "Impressions", 0), ("", "Clicks", 1), ("", "Credited: click", 3), ("", "Credited: view", 0)],
        ),
        (
            "/admin/publishers/1",
            vec![("", "Impressions", 1), ("", "Clicks", 1), ("", "Credited: click", 3), ("", "Credited: view", 1)],
        ),
    ] {
        let seen = browser.get(page).await;
        let (_, button) = seen.body.split_once(r#"href="/admin/reports?type="#).unwrap();
        let address = format!("/admin/reports?type={}", button.split('"').next().unwrap().replace("&amp;", "&"));
        // Without the chart.
        let mut report = browser.get(&address).await;
        let (_, table) = report.body.split_once(r#"aria-label="Report""#).unwrap();
        report.body = table.to_owned();
        // Impressions, below them "1 click · 2.00% CTR" or "No clicks"; further on "3 click · 1 view".
        let (figures, subs) = (seen.texts(r#"class="tile-figure""#), seen.texts(r#"class="tile-sub""#));
        let numbers = |text: &String| -> Vec<String> {
            text.split(|c: char| !c.is_ascii_digit()).filter(|text| !text.is_empty()).map(str::to_owned).collect()
        };
        let clicks = subs.first().and_then(|text| numbers(text).first().cloned()).unwrap_or_else(|| "0".to_owned());
        let parts = subs.iter().find(|text| text.contains(" click · ") && text.contains(" view")).map(numbers);
        let imps = figures.first().filter(|text| *text != "–").cloned().unwrap_or_else(|| "0".to_owned());
        let figures: Vec<String> = [imps, clicks].into_iter().chain(parts.into_iter().flatten()).collect();
        for (number, (on_page, in_report, expected)) in pairs.into_iter().enumerate() {
            let of_page = match on_page {
                "" => figures[number].parse().unwrap(),
                label => sum(&seen, label),
            };
            assert_eq!((of_page, sum(&report, in_report)), (expected, expected), "{page}: {in_report} at {address}");
        }
    }
}
