//! `/adjustments`: the conversion that an adjustment names, and its new value.

use pixeld::domain::{Adjustment, ConversionChange, ConversionName, Currency, Logged, Micros, Pixel, Role, Seq};
use serde_json::json;

use super::{latest, post, sent, token};
use crate::collect::visit;
use crate::harness::{START, TestApp};

async fn adjustment(app: &TestApp) -> Logged<Adjustment> {
    app.store.adjustment(&app.reader(), app.store.logged()).await.unwrap()
}

#[tokio::test]
async fn an_adjustment_names_a_conversion_and_retracts_or_restates_it() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (own, pixel) = (shop.advertiser.id, shop.pixel.id);
    let restate = |currency| ConversionChange::Restate { value: Some(Micros(7_500_000)), currency };
    for (body, of, pixel_id, change, reason_code) in [
        (
            json!({"order_id": "A1", "type": "retract", "reason_code": "returned"}),
            ConversionName::OrderId("A1".to_owned()),
            None,
            ConversionChange::Retract,
            Some("returned"),
        ),
        (
            json!({"event_id": "e1", "type": "restate", "value": 7.5, "pixel_id": pixel.0}),
            ConversionName::EventId("e1".to_owned()),
            Some(pixel),
            restate(None),
            None,
        ),
        (
            json!({"reference_id": "R1", "type": "restate", "value": "7.50", "currency": "EUR", "advertiser_id": own.0}),
            ConversionName::ReferenceId("R1".to_owned()),
            None,
            restate(Currency::parse("EUR")),
            None,
        ),
        (
            json!({"conversion_id": 4711, "type": "restate", "value": 7.5}),
            ConversionName::ConversionId(Seq(4711)),
            None,
            restate(None),
            None,
        ),
    ] {
        let unmatched = json!({"index": 0, "result": "unmatched", "conversions": 0});
        // By itself and in a list.
        for body in [body.clone(), json!({"adjustments": [body]})] {
            assert_eq!(
                sent(&app, "/adjustments", &body).await,
                (200, json!({"accepted": 1, "rejected": [], "results": [unmatched]})),
                "{body}"
            );
            let expected = Adjustment {
                at: START,
                received: START,
                advertiser_id: own,
                pixel_id,
                of: of.clone(),
                change,
                reason_code: reason_code.map(str::to_owned),
                source: latest(&app).await,
            };
            let logged = adjustment(&app).await;
            assert_eq!((logged.seq, logged.row), (app.store.logged(), expected));
        }
    }
}

#[tokio::test]
async fn an_adjustment_that_is_wrong_is_refused_with_its_reason() {
    let app = TestApp::start().await;
    app.shop().await;
    let before = app.store.logged();
    for (body, field, reason) in [
        (
            json!({"type": "retract"}),
            "order_id",
            "is missing: name the conversion by order_id, event_id, reference_id or conversion_id",
        ),
        (
            json!({"order_id": "A1", "event_id": "e1", "type": "retract"}),
            "order_id",
            "is one name too many: give one of order_id, event_id, reference_id and conversion_id",
        ),
        (
            json!({"conversion_id": 1, "event_id": "e1", "type": "retract"}),
            "order_id",
            "is one name too many: give one of order_id, event_id, reference_id and conversion_id",
        ),
        (json!({"conversion_id": "x", "type": "retract"}), "conversion_id", "must be a whole number from 1 up"),
        (json!({"order_id": "A1"}), "type", "must be retract or restate"),
        (json!({"order_id": "A1", "type": "refund"}), "type", "must be retract or restate"),
        (json!({"order_id": "A1", "type": "restate"}), "value", "is missing: what is the conversion worth now?"),
        (json!({"order_id": "A1", "type": "retract", "value": 5}), "value", "belongs to the type restate"),
        (json!({"order_id": "A1", "type": "retract", "pixel_id": 999}), "pixel_id", "names no pixel"),
        (json!({"order_id": "A1", "type": "retract", "advertiser_id": 999}), "advertiser_id", "names no advertiser"),
        (json!({"order_id": "x".repeat(256), "type": "retract"}), "order_id", "may have at most 255 characters"),
    ] {
        let rejected = json!([{"index": 0, "field": field, "reason": reason}]);
        let answer = sent(&app, "/adjustments", &body).await;
        assert_eq!(answer, (422, json!({"accepted": 0, "rejected": rejected})), "{body}");
    }
    assert_eq!(app.store.logged(), before);
}

#[tokio::test]
async fn an_adjustment_belongs_to_the_advertiser_of_the_conversion() {
    let app = TestApp::start().await;
    let one = app.shop().await.pixel;
    let other = Pixel::new(app.advertiser("Other").await.id, "Purchase");
    let other = app.store.create(&app.editor(), other).await.unwrap();
    for (pixel, query) in [
        (&one, "order_id=A1&event_id=e1"),
        (&other, "order_id=A2&event_id=e2"),
        (&one, "order_id=both"),
        (&other, "order_id=both"),
    ] {
        visit(&app, &format!("/px?id={}&{query}", pixel.id), &[]).await;
    }
    app.judged().await;
    for (name, id, owner) in [
        ("order_id", "A1", Some(&one)),
        ("order_id", "A2", Some(&other)),
        ("event_id", "e2", Some(&other)),
        ("order_id", "both", None),
        ("order_id", "neither", None),
        ("reference_id", "R1", None),
    ] {
        let (status, answer) = sent(&app, "/adjustments", &json!({name: id, "type": "retract"})).await;
        match owner {
            Some(pixel) => {
                assert_eq!(status, 200, "{id}: {answer}");
                assert_eq!(adjustment(&app).await.advertiser_id, pixel.advertiser_id, "{id}");
            }
            None => assert_eq!((status, &answer["rejected"][0]["field"]), (422, &json!("advertiser_id")), "{id}"),
        }
    }
    // A token that is limited to one advertiser means that one, and sees no other.
    let own = token(&app, Role::Collector, Some(other.advertiser_id)).await;
    let body = json!({"order_id": "both", "type": "retract"}).to_string();
    assert_eq!(post(&app, "/adjustments", &own, body).await.status(), 200);
    assert_eq!(adjustment(&app).await.advertiser_id, other.advertiser_id);
    let body = json!({"order_id": "A1", "type": "retract", "pixel_id": one.id.0}).to_string();
    assert_eq!(post(&app, "/adjustments", &own, body).await.status(), 422);
}
