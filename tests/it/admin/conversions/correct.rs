//! Corrections by hand: they log the adjustment that `POST /adjustments` would log, and need the right to do so.

use pixeld::domain::{ConversionChange, ConversionName, Currency, Micros, Role, Seq};
use pixeld::store::LogRow;

use super::super::Browser;
use crate::harness::TestApp;
use crate::judge::{self, fire};

/// A shop with one sale that counts, worth 49.90, and one without a name.
async fn sold(app: &TestApp) -> (i64, i64) {
    let shop = app.shop().await;
    judge::show(&app.store, judge::click(shop.line_item.id, 1, -judge::HOUR)).await;
    let mut sale = fire(shop.pixel.id, 1, 0);
    sale.event_id = None;
    sale.order_id = Some("A-1".to_owned());
    sale.value = Some(Micros(49_900_000));
    sale.currency = Currency::parse("EUR");
    let sale = judge::convert(app, sale).await;
    let mut nameless = fire(shop.pixel.id, 2, 0);
    nameless.event_id = None;
    nameless.order_id = None;
    let nameless = judge::convert(app, nameless).await;
    (sale.fire.seq.0, nameless.fire.seq.0)
}

#[actix_web::test]
async fn a_sale_is_restated_and_then_taken_back() {
    let app = TestApp::start().await;
    let (sale, _) = sold(&app).await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let page = format!("/admin/conversions/{sale}");
    let form = format!("{page}/correct");
    assert!(browser.get(&page).await.has(&form));
    let page_of_form = browser.get(&form).await.text();
    assert!(page_of_form.contains("A-1") && page_of_form.contains("49.90 EUR"), "{page_of_form}");

    let wrong = [("type", "restate"), ("value", "39.90.1"), ("currency", "Euro"), ("reason_code", "r")];
    let again = browser.submit(&form, &wrong).await;
    assert_eq!((again.status, again.typed("value").as_str()), (422, "39.90.1"));
    assert_eq!(again.errors(), 2, "{}", again.text());
    let without = browser.submit(&form, &[("type", "restate"), ("value", "")]).await;
    assert!(without.text().contains("New amount is missing. Type what the event is worth now."), "{}", without.text());
    assert_eq!(browser.submit(&form, &[("type", "nonsense")]).await.status, 422);

    let restate = [("type", "restate"), ("value", "39.90"), ("currency", ""), ("reason_code", "one came back")];
    let done = browser.submit(&form, &restate).await;
    assert_eq!((done.status, done.location()), (303, page.as_str()));
    let seen = browser.get(&page).await.text();
    assert!(seen.contains("39.90 EUR 49.90 less 10.00 refunded") && seen.contains("“one came back”"), "{seen}");
    assert!(seen.contains("Refund of 10.00 EUR") && seen.contains("Order value now 39.90 EUR"), "{seen}");
    let list = browser.get("/admin/conversions?order=A-1").await.text();
    assert!(list.contains("Credited: click · 10.00 refunded"), "{list}");

    assert_eq!(browser.submit(&form, &[("type", "retract")]).await.status, 303);
    let seen = browser.get(&page).await.text();
    assert!(seen.contains("no longer counted. Before: credited to a click"), "{seen}");
    assert!(seen.contains("Order A-1, cancelled") && !seen.contains("Credited to a click"), "{seen}");
    assert!(seen.contains("Cancelled sent by editor No longer counted"), "{seen}");
    assert!(!browser.get(&page).await.has(&form), "what is cancelled cannot be corrected");
    assert!(browser.get(&form).await.text().contains("Already cancelled. This cannot be undone."));
    assert_eq!(browser.submit(&form, &[("type", "retract")]).await.status, 422);
}

#[actix_web::test]
async fn an_impossible_correction_says_why_and_a_viewer_cannot_correct() {
    let app = TestApp::start().await;
    let (sale, _) = sold(&app).await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let sent = |after| {
        let mut sent = fire(pixeld::domain::PixelId(1), 8, after);
        sent.event_id = Some("e-1".to_owned());
        sent
    };
    let counts = judge::convert(&app, sent(0)).await.fire.seq;
    let again = judge::convert(&app, sent(judge::MIN)).await.fire.seq;
    let form = format!("/admin/conversions/{again}/correct");
    let seen = browser.get(&form).await;
    assert!(seen.text().contains("An ignored event counts nowhere"), "{}", seen.text());
    assert!(seen.has(&format!("/admin/conversions/{counts}/correct")), "the one that counts can be corrected");
    assert_eq!(browser.submit(&form, &[("type", "retract")]).await.status, 422);
    assert_eq!(browser.get("/admin/conversions/4711/correct").await.status, 404);

    let viewer = Browser::of(&app, Role::Viewer, None).await;
    let form = format!("/admin/conversions/{sale}/correct");
    assert_eq!(viewer.get(&form).await.status, 403);
    assert!(!viewer.get(&format!("/admin/conversions/{sale}")).await.has("/correct"));
    let limited = Browser::of(&app, Role::Editor, Some(app.advertiser("Other").await.id)).await;
    assert_eq!(limited.get(&form).await.status, 404, "another advertiser's");
}

#[actix_web::test]
async fn an_event_without_any_id_is_corrected_by_its_number() {
    let app = TestApp::start().await;
    let (sale, nameless) = sold(&app).await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let page = format!("/admin/conversions/{nameless}");
    let form = format!("{page}/correct");
    assert!(browser.get(&page).await.has(&form));
    let restate = [("type", "restate"), ("value", "7,50"), ("currency", "eur"), ("reason_code", "")];
    assert_eq!(browser.submit(&form, &restate).await.status, 303);
    let (one, other) = (Seq(nameless), Seq(sale));
    let now = async |seq| app.store.conversion(&app.reader(), seq).await.unwrap();
    assert_eq!(now(one).await.current_value().value, Some(Micros(7_500_000)));
    assert_eq!(now(other).await.adjusted, None, "no other event changes");
    let list = browser.get("/admin/adjustments").await.text();
    assert!(list.contains(&format!("Event {nameless}")) && list.contains("7.50 EUR"), "{list}");

    // By the API, in the same batch as the event, and derived again from the log.
    let mut sold = fire(pixeld::domain::PixelId(1), 9, judge::MIN);
    sold.event_id = None;
    let seq = Seq(app.store.logged().0 + 1);
    let retract = judge::adjustment(
        pixeld::domain::AdvertiserId(1),
        ConversionName::ConversionId(seq),
        ConversionChange::Retract,
    );
    let rows = vec![LogRow::Fire(Box::new(sold)), LogRow::Adjustment(Box::new(retract))];
    assert_eq!(app.store.append_together(rows).await.unwrap()[0], seq);
    app.judged().await;
    assert!(now(seq).await.current_value().retracted);
    let before = [now(one).await, now(other).await, now(seq).await];
    let store = app.store.clone();
    let rebuild = move || {
        pixeld::judge::rebuild(&store, &store.start_rebuild(None).unwrap().unwrap(), &mut |_| ()).unwrap();
    };
    tokio::task::spawn_blocking(rebuild).await.unwrap();
    assert_eq!([now(one).await, now(other).await, now(seq).await], before);
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}
