//! The list of corrections: what became of each, near misses with a way to correct them, filter and scope.

use pixeld::domain::{ConversionChange, ConversionName, Currency, Fire, Micros, Role};
use pixeld::store::LogRow;

use super::super::Browser;
use crate::harness::{Shop, TestApp};
use crate::judge::{self, adjustment, convert, fire};

const PAGE: &str = "/admin/adjustments";

/// A sale of the order #1003, and corrections of 1003 (which is none) and #1003.
async fn corrected(app: &TestApp) -> (Shop, i64) {
    let shop = app.shop().await;
    judge::show(&app.store, judge::click(shop.line_item.id, 1, -judge::HOUR)).await;
    let sale = Fire {
        event_id: None,
        order_id: Some("#1003".to_owned()),
        value: Some(Micros(49_900_000)),
        currency: Currency::parse("EUR"),
        ..fire(shop.pixel.id, 1, 0)
    };
    let sale = convert(app, sale).await.fire.seq.0;
    let restate = ConversionChange::Restate { value: Some(Micros(39_900_000)), currency: Currency::parse("EUR") };
    for (name, change) in [("1003", ConversionChange::Retract), ("#1003", restate)] {
        let row = adjustment(shop.advertiser.id, ConversionName::OrderId(name.to_owned()), change);
        app.store.append(LogRow::Adjustment(Box::new(row))).await.unwrap();
    }
    app.judged().await;
    (shop, sale)
}

#[actix_web::test]
async fn a_correction_without_effect_leads_to_the_conversion_that_was_meant() {
    let app = TestApp::start().await;
    let (shop, sale) = corrected(&app).await;
    let editor = Browser::of(&app, Role::Editor, None).await;
    assert!(editor.get("/admin/conversions").await.has(PAGE), "the list of conversions leads there");
    let correct = format!("/admin/conversions/{sale}/correct");
    let all = editor.get(PAGE).await;
    let text = all.text();
    assert_eq!(all.status, 200);
    for part in [
        "Order 1003",
        "Order #1003",
        "No effect · no earlier event has this ID",
        "1 conversion corrected",
        "39.90 EUR",
        "shop",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let without = editor.get(&format!("{PAGE}?effect=no")).await;
    assert!(without.has(&correct) && without.has("near-misses") && !without.has("39.90"), "{}", without.text());
    let with = editor.get(&format!("{PAGE}?effect=yes")).await;
    assert!(!with.has("near-misses") && with.has("39.90"), "{}", with.text());
    assert!(with.has(&format!("href=\"/admin/conversions/{sale}\"")));

    // The near miss is corrected by its form, which says afterwards what became of it.
    let done = editor.submit(&correct, &[("type", "retract")]).await;
    assert_eq!((done.status, done.location()), (303, format!("/admin/conversions/{sale}").as_str()));
    assert!(editor.get(done.location()).await.text().contains("Correction saved: 1 conversion cancelled."));

    // A viewer of the advertiser sees it, and corrects nothing; another advertiser's sees nothing of it.
    let viewer = Browser::of(&app, Role::Viewer, Some(shop.advertiser.id)).await;
    let seen = viewer.get(&format!("{PAGE}?effect=no")).await;
    assert!(seen.has("near-misses") && !seen.has(&correct), "{}", seen.text());
    let other = Browser::of(&app, Role::Editor, Some(app.advertiser("Other").await.id)).await;
    let seen = other.get(PAGE).await;
    assert!(!seen.text().contains("1003") && seen.text().contains("No corrections yet"), "{}", seen.text());
}
