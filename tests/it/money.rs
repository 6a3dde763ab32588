//! Sums of money on the real application: the largest values that a tag can send, and what adjustments leave of them.

use pixeld::domain::{Micros, Role};
use pixeld::store::ConversionQuery;
use serde_json::json;

use crate::admin::Browser;
use crate::api::Api;
use crate::harness::{Shop, TestApp};
use crate::judge::{HOUR, click, show};

/// How many fires carry the largest value.
const FIRES: u32 = 20;

/// The largest value in units.
const LARGEST: &str = "1000000000000";

/// A shop whose visitor 7 has clicked its ad. Every sale counts, and the pixel books the largest amount for it.
async fn shop(app: &TestApp) -> Shop {
    let shop = app
        .shop_with(|pixel| {
            pixel.min_minutes_per_conv = Some(0);
            pixel.post_click_value = Some(Micros::MAX);
        })
        .await;
    show(&app.store, click(shop.line_item.id, 7, -HOUR)).await;
    shop
}

/// Fails unless every page and report about this shop shows the sum of so many largest values.
async fn sums_are(browser: &Browser, api: &Api, shop: &Shop, conversions: u32) {
    let money = format!("{conversions},000,000,000,000.00");
    let reports = "/admin/reports?type=advertiser_analytics&column=currency&column=total_revenue&column=booked_revenue";
    for (path, expected) in [
        ("/admin".to_owned(), format!("{money} USD")),
        (format!("/admin/pixels/{}", shop.pixel.id), String::new()),
        (format!("/admin/line-items/{}", shop.line_item.id), format!("{money} USD")),
        (format!("{reports}&range=today"), money.clone()),
        (format!("{reports}&column=hour&chart=total_revenue&range=today"), money.clone()),
    ] {
        let seen = browser.get(&path).await;
        assert_eq!(seen.status, 200, "{path} with {conversions} conversions: {}", seen.text());
        assert!(seen.text().contains(&expected), "{path} shows {expected}: {}", seen.text());
    }
    let report = json!({
        "report_type": "network_analytics", "report_interval": "today",
        "columns": ["currency", "total_convs", "post_click_revenue", "total_revenue", "booked_revenue"],
        "group_filters": {"total_revenue": {"operator": ">=", "value": format!("{conversions}000000000000")}},
    });
    let sum = format!("{conversions}000000000000");
    assert_eq!(
        crate::api::reports::rows(api, report).await.split_terminator("\r\n").nth(1),
        Some(format!("USD,{conversions},{sum},{sum},{sum}").as_str())
    );
}

#[actix_web::test]
async fn sums_of_the_largest_values_stay_right_while_conversions_are_retracted() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let api = Api::on(app).await;
    for n in 1..=FIRES {
        let sent = format!("/px?id={}&t=2&order_id=A{n}&value={LARGEST}&currency=USD", shop.pixel.id);
        assert_eq!(api.app.get(&sent, &[("cookie", "pxid=7")]).await.status(), 200);
    }
    api.app.judged().await;
    let found = api.app.store.conversions(&api.app.reader(), ConversionQuery::default()).await.unwrap();
    let sales: Vec<_> = found.items.iter().map(|sale| sale.fire.seq).collect();
    assert_eq!(sales.len(), 20);
    sums_are(&browser, &api, &shop, FIRES).await;
    for (left, sale) in (1..FIRES).rev().zip(sales) {
        let retracted = browser.submit(&format!("/admin/conversions/{sale}/correct"), &[("type", "retract")]).await;
        assert_eq!(retracted.status, 303, "{}", retracted.text());
        api.app.judged().await;
        sums_are(&browser, &api, &shop, left).await;
    }
    assert_eq!(api.app.store.verify(&api.app.reader()).await.unwrap().faults, []);
}
