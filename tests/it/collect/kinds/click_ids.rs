//! Click ids of ad platforms that a shop carries with an order: kept with the fire by every way in, and never its loss.

use pixeld::domain::Fire;
use serde_json::json;

use super::{Site, WAYS, Way};
use crate::collect::{fire, send, visit, warnings};

fn ids(fire: &Fire) -> String {
    let text = |id: &pixeld::domain::ClickIdValue| format!("{}={}", id.name, id.value.as_deref().unwrap_or("?"));
    fire.details.click_ids.iter().map(text).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn every_way_in_keeps_them() {
    let site = Site::start().await;
    let (longest, longer) = ("x".repeat(512), "x".repeat(513));
    for (params, kept, warned) in [
        (&[][..], "", ""),
        (&[("gclid", "Cj0K-_.~=")], "gclid=Cj0K-_.~=", ""),
        (&[("GCLID", "Cj0"), ("sccid", "s"), ("gbraid", "b")], "gclid=Cj0 ScCid=s gbraid=b", ""),
        (&[("gclid", " Cj0 ")], "gclid=Cj0", ""),
        (&[("gclid", "")], "", ""),
        (&[("gclid", &longest)], &format!("gclid={longest}"), ""),
        (&[("gclid", &longer)], "", "gclid too_long"),
        (&[("gclid", "a b")], "", "gclid not_a_click_id"),
        (&[("gclid", "<script>alert(1)</script>")], "", "gclid not_a_click_id"),
        (&[("fbclid", "=1")], "", "fbclid not_a_click_id"),
        (&[("fbclid", "{fbclid}")], "", "fbclid placeholder_not_filled_in"),
        (&[("fbclid", "undefined"), ("gclid", "a")], "gclid=a", "fbclid placeholder_not_filled_in"),
        (&[("utm_source", "google")], "", ""),
    ] {
        for way in WAYS {
            let fire = site.fire(way, params).await;
            let mut sorted: Vec<_> = ids(&fire).split(' ').map(str::to_owned).collect();
            let mut expected: Vec<_> = kept.split(' ').map(str::to_owned).collect();
            if way == Way::Server {
                // The fields of an object have no order.
                sorted.sort();
                expected.sort();
            }
            assert_eq!((sorted, warnings(&fire.warnings).join(" ").as_str()), (expected, warned), "{way:?} {params:?}");
        }
    }
}

#[tokio::test]
async fn the_last_of_several_is_kept() {
    let site = Site::start().await;
    let id = site.shop.pixel.id;
    for (query, kept, warned) in [
        ("fbclid=a&fbclid=b", "fbclid=b", "fbclid last_taken"),
        ("fbclid=a&FBCLID=b&fbclid=c", "fbclid=c", "fbclid last_taken"),
        ("fbclid=a&fbclid=a", "fbclid=a", ""),
        ("fbclid=a&fbclid=%20", "fbclid=a", ""),
        ("fbclid=a&fbclid=b%20c", "fbclid=a", "fbclid not_a_click_id"),
    ] {
        visit(&site.app, &format!("/px?id={id}&{query}"), &[]).await;
        let logged = fire(&site.app).await;
        assert_eq!((ids(&logged).as_str(), warnings(&logged.warnings).join(" ").as_str()), (kept, warned), "{query}");
    }
    send(&site.app, "/px", "text/plain", format!("{{\"id\":{id},\"fbclid\":[\"a\",\"b\"]}}")).await;
    assert_eq!(ids(&fire(&site.app).await), "fbclid=b");
}

#[tokio::test]
async fn invocas_addresses_keep_them_too() {
    let site = Site::start().await;
    for path in [
        "/pixels/conversion/1.gif?sale_amount=10&sku_list[]=a&gclid=Cj0&fbclid=a%20b",
        "/tracked_actions/web_sale/1?gclid=Cj0&fbclid=%22",
    ] {
        visit(&site.app, path, &[]).await;
        let logged = fire(&site.app).await;
        assert_eq!(
            (ids(&logged).as_str(), warnings(&logged.warnings)),
            ("gclid=Cj0", vec!["fbclid not_a_click_id".to_owned()]),
            "{path}"
        );
    }
}

#[tokio::test]
async fn only_the_names_are_kept_of_private_visitors() {
    let site = Site::start().await;
    for way in WAYS {
        let fire = site.fire(way, &[("gclid", "Cj0K"), ("fbclid", "a b"), ("gdpr", "1")]).await;
        assert_eq!(ids(&fire), "gclid=?", "{way:?}");
        let text = format!("{fire:?}");
        assert!(!text.contains("Cj0K") && !text.contains("a b"), "{way:?} {text}");
    }
    visit(&site.app, &format!("/px?id={}&gclid=Cj0K", site.shop.pixel.id), &[("sec-gpc", "1")]).await;
    assert_eq!(ids(&fire(&site.app).await), "gclid=?");
}

#[tokio::test]
async fn a_server_learns_of_a_bad_one_and_its_event_counts() {
    let site = Site::start().await;
    let event = json!({ "events": [{ "pixel_id": site.shop.pixel.id.0, "gclid": ["a", "b c"], "fbclid": { "a": 1 }, "msclkid": true }] });
    let answer: serde_json::Value = site.events("/conversions", event).await.json().await.unwrap();
    assert_eq!(answer["accepted"], 1);
    let named: Vec<_> =
        answer["warnings"].as_array().unwrap().iter().map(|warning| warning["field"].as_str().unwrap()).collect();
    assert_eq!(named, ["gclid", "fbclid"]);
    assert_eq!(ids(&fire(&site.app).await), "msclkid=true");
}
