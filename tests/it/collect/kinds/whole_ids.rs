//! Long order ids: kept whole and compared whole, from every way in to every way out.

use pixeld::domain::Role;
use serde_json::{Value, json};

use super::{Site, WAYS, encoded};
use crate::admin::Browser;
use crate::api::Api;
use crate::collect::{fire, header, visit, warnings};

/// Two ids of a shop that share their first 36 characters.
const ONE: &str = "gid://shopify/OrderIdentity/52104991021111";
const OTHER: &str = "gid://shopify/OrderIdentity/52104991029999";

#[tokio::test]
async fn an_id_is_kept_up_to_255_characters_on_every_way_in() {
    let site = Site::start().await;
    for way in WAYS {
        for (length, rule) in [
            (36, None),
            (37, Some("longer_than_published")),
            (255, Some("longer_than_published")),
            (256, Some("too_long")),
        ] {
            let id = "é".repeat(length);
            if way == super::Way::Server && length > 255 {
                let answer: Value = site.answer(way, &[("order_id", &id)]).await.json().await.unwrap();
                assert_eq!(answer["rejected"][0]["reason"], "may have at most 255 characters");
                continue;
            }
            let logged = site.fire(way, &[("order_id", &id)]).await;
            assert_eq!(logged.order_id.is_some_and(|kept| kept == id), length < 256, "{way:?} {length}");
            let expected: Vec<_> = rule.iter().map(|rule| format!("order_id {rule}")).collect();
            assert_eq!(warnings(&logged.warnings), expected, "{way:?} {length}");

            let logged = site.fire(way, &[("event_id", &id)]).await;
            assert_eq!(logged.event_id.is_some_and(|kept| kept == id), length < 256, "{way:?} {length}");
            let expected: Vec<_> =
                rule.iter().filter(|_| length > 255).map(|rule| format!("event_id {rule}")).collect();
            assert_eq!(warnings(&logged.warnings), expected, "{way:?} {length}");
        }
    }
}

#[tokio::test]
async fn two_orders_that_begin_alike_are_two_sales() {
    let site = Site::start().await;
    for (place, way) in WAYS.into_iter().enumerate() {
        let ids = [ONE, OTHER].map(|id| format!("{id}-{place}"));
        for id in &ids {
            site.fire(way, &[("order_id", id)]).await;
            assert_ne!(site.reason().await, "duplicate_order", "{way:?} {id}");
        }
    }
    // Where the visitor clicked, each counts, and counts once.
    for (way, place) in [(super::Way::Image, 10), (super::Way::Script, 11), (super::Way::Postback, 12)] {
        for (id, reason) in
            [(ONE, "post_click"), (OTHER, "post_click"), (ONE, "duplicate_order"), (OTHER, "duplicate_order")]
        {
            site.fire(way, &[("order_id", &format!("{id}-{place}")), ("value", "5")]).await;
            assert_eq!(site.reason().await, reason, "{way:?} {id}");
        }
    }
}

#[tokio::test]
async fn each_is_refunded_and_found_by_its_whole_id() {
    let site = Site::start().await;
    for id in [ONE, OTHER] {
        site.fire(super::Way::Image, &[("order_id", id), ("value", "5")]).await;
    }
    let answer = site.events("/adjustments", json!({"order_id": OTHER, "type": "retract"})).await;
    assert_eq!(answer.status(), 200);
    site.app.judged().await;
    let long = "x".repeat(256);
    let answer: Value =
        site.events("/adjustments", json!({"order_id": long, "type": "retract"})).await.json().await.unwrap();
    assert_eq!(answer["rejected"][0]["reason"], "may have at most 255 characters");

    let Site { app, .. } = site;
    let api = Api::on(app).await;
    for (id, retracted) in [(ONE, false), (OTHER, true)] {
        let answer = api.get(&format!("/conversion?order_id={}%20", encoded(id))).await;
        let found = answer["conversions"].as_array().unwrap();
        assert_eq!(found.len(), 1, "{answer}");
        assert_eq!((&found[0]["order_id_full"], &found[0]["retracted"]), (&json!(id), &json!(retracted)));
        assert_eq!(found[0]["order_id"], ONE[..36]);
    }
    let answer = api.get(&format!("/conversion?order_id={}", encoded(&ONE[..36]))).await;
    assert_eq!(answer["count"], 0, "the beginning is another id");

    let report = |column: &str, id: &str| {
        json!({
            "report_type": "attributed_conversions", "columns": ["order_id", "order_id_full"], "format": "csv",
            "filters": [{column: id}], "timezone": "UTC", "start_date": "2026-10-01", "end_date": "2026-10-02",
        })
    };
    for (id, found) in [(ONE, 1), (OTHER, 0), (&ONE[..36], 0)] {
        for column in ["order_id", "order_id_full"] {
            let rows = crate::api::reports::rows(&api, report(column, id)).await;
            let row = format!("{},{ONE}\r\n", &ONE[..36]);
            assert_eq!(rows, format!("order_id,order_id_full\r\n{}", row.repeat(found)), "{column} {id}");
        }
    }
}

#[tokio::test]
async fn an_id_with_a_comma_is_found() {
    let site = Site::start().await;
    site.fire(super::Way::Image, &[("order_id", "A,1")]).await;
    site.app.judged().await;
    let api = Api::on(site.app).await;
    assert_eq!(api.get("/conversion?order_id=A,1").await["count"], 1);
}

#[tokio::test]
async fn the_pages_show_it_whole_and_find_it() {
    let site = Site::start().await;
    for id in [ONE, OTHER] {
        site.fire(super::Way::Image, &[("order_id", id)]).await;
    }
    site.app.judged().await;
    let seq = site.app.store.logged();
    let browser = Browser::of(&site.app, Role::Viewer, None).await;
    let list = browser.get(&format!("/admin/conversions?order={}%20", encoded(OTHER))).await.text();
    assert!(list.contains(OTHER) && !list.contains(ONE), "{list}");
    assert!(browser.get(&format!("/admin/conversions/{seq}")).await.has(OTHER));
}

#[tokio::test]
async fn a_macro_gets_the_whole_id() {
    let site = Site::start().await;
    let (pixel, id) = (site.shop.pixel.id, encoded(ONE));
    let redir = encoded("https://partner.example/?o=${ORDER_ID}");
    let answer = visit(&site.app, &format!("/px?id={pixel}&order_id={id}&redir={redir}"), &[]).await;
    let place = header(&answer, "location");
    assert!(place.ends_with("/?o=gid%3A%2F%2Fshopify%2FOrderIdentity%2F52104991021111"), "{place}");
    assert_eq!(fire(&site.app).await.order_id.as_deref(), Some(ONE));
}
