//! What a template leaves behind where nothing was filled in: it is no value, and makes no two fires one.

use pixeld::clock::Clock;
use pixeld::domain::Seq;
use pixeld::store::Store;
use serde_json::json;

use super::{Site, WAYS, Way, encoded};
use crate::collect::{exposure, fire, header, visit, warnings};
use crate::import;

const RULE: &str = "placeholder_not_filled_in";

/// A spelling of each kind; `NAME` stands for any name.
const SPELLINGS: &[&str] = &[
    "[NAME]",
    "[Name]",
    "{name}",
    "{{name}}",
    "{{ a name | e }}",
    "{{{name}}}",
    "${name}",
    "%name%",
    "%%NAME%%",
    "#NAME#",
    "##NAME##",
    "<NAME>",
    "__NAME__",
    "INSERT_NAME_HERE",
    "INSERT_NAME",
    "undefined",
    "null",
    "NaN",
    "None",
    "(none)",
    "(not set)",
    "[object Object]",
    "<?php echo $name; ?>",
    "<?= $name ?>",
    "<%= name %>",
    "{$name}",
    "$NAME$",
    "{% name %}",
    "[[NAME]]",
    "%7Bname%7D",
    " {name}\n",
];

/// Ids that look like placeholders, and are none.
const IDS: &[&str] = &[
    "{5f0c52d7-9a1e-4b6c-8c4e-0d3f5a7b9c1e}",
    "{c0ffee00-9a1e-4b6c-8c4e-0d3f5a7b9c1e}",
    "[c0ffee00-9a1e-4b6c-8c4e-0d3f5a7b9c1e]",
    "[7]",
    "#1003#",
    "#1003",
    "%20%",
    "{7}",
    "<1003>",
    "__7__",
    "A_B",
    "nullify",
];

#[tokio::test]
async fn every_spelling_is_set_aside_on_every_way_in() {
    let site = Site::start().await;
    for way in WAYS {
        for spelling in SPELLINGS {
            let logged = site.fire(way, &[("order_id", spelling), ("event_id", spelling), ("value", "5")]).await;
            assert_eq!((&logged.order_id, &logged.event_id), (&None, &None), "{way:?} {spelling}");
            let expected = ["order_id", "event_id"].map(|name| format!("{name} {RULE}"));
            assert_eq!(warnings(&logged.warnings), expected, "{way:?} {spelling}");
            assert!(logged.value.is_some(), "{way:?} {spelling}");
        }
        for id in IDS {
            let logged = site.fire(way, &[("order_id", id), ("event_id", id)]).await;
            let kept = (logged.order_id.as_deref(), logged.event_id.as_deref());
            assert_eq!(kept, (Some(*id), Some(*id)), "{way:?}");
            assert!(logged.warnings.iter().all(|warning| warning.rule != RULE), "{way:?} {id}");
        }
        for (order_id, event_id) in [("ORDER_ID", "EVENT_ID"), ("OrderId", "event-id"), ("orderid", "YOUR_EVENT_ID")] {
            let logged = site.fire(way, &[("order_id", order_id), ("event_id", event_id)]).await;
            assert_eq!((logged.order_id, logged.event_id), (None, None), "{way:?} {order_id}");
        }
    }
}

#[tokio::test]
async fn invoca_references_and_tokens_are_such_texts_too() {
    let site = Site::start().await;
    let app = &site.app;
    let (advertiser, pixel) = (site.shop.advertiser.id, site.shop.pixel.id);
    for spelling in SPELLINGS.iter().copied().chain(["REFERENCE_ID"]) {
        let text = encoded(spelling);
        visit(app, &format!("/pixels/conversion/{advertiser}.gif?sale_amount=5&reference_id={text}"), &[]).await;
        let logged = fire(app).await;
        let expected = [format!("reference_id {RULE}")];
        assert_eq!(
            (&logged.details.reference_id, warnings(&logged.warnings)),
            (&None, expected.to_vec()),
            "{spelling}"
        );
    }
    for spelling in SPELLINGS {
        let text = encoded(spelling);
        visit(app, &format!("/pixels/conversion/{advertiser}.gif?parent_reference_id={text}"), &[]).await;
        let logged = fire(app).await;
        let expected = [format!("parent_reference_id {RULE}")];
        assert_eq!(warnings(&logged.warnings), expected, "{spelling}");
        assert_eq!(logged.details.parent_reference_id, None, "{spelling}");

        visit(app, &format!("/px?id={pixel}&sspdata={text}"), &[("cookie", "pxid=2a")]).await;
        let logged = fire(app).await;
        assert_eq!(
            (logged.exposure, warnings(&logged.warnings)),
            (None, vec![format!("sspdata {RULE}")]),
            "{spelling}"
        );

        visit(app, &format!("/clktr?id={}&imp={text}", site.shop.click.id), &[]).await;
        assert_eq!(warnings(&exposure(app).await.row.warnings), [format!("imp {RULE}")], "{spelling}");

        let answer = app.get(&format!("/sspx?id={pixel}&sspdata={text}"), &[]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "x-pixeld").as_str()), (400, "rejected=bad_token"));

        let event = json!({"pixel_id": pixel.0, "sspdata": spelling, "reference_id": spelling});
        assert_eq!(site.events("/conversions", json!({"events": [event]})).await.status(), 200, "{spelling}");
        let logged = fire(app).await;
        let expected = ["sspdata", "reference_id"].map(|name| format!("{name} {RULE}"));
        assert_eq!((logged.exposure, warnings(&logged.warnings)), (None, expected.to_vec()), "{spelling}");
    }
}

#[tokio::test]
async fn visitors_whose_tags_left_a_placeholder_are_judged_each_by_itself() {
    let site = Site::start().await;
    let id = site.shop.pixel.id;
    for (place, spelling) in SPELLINGS.iter().enumerate() {
        for visitor in [format!("{:x}", 1000 + 2 * place), format!("{:x}", 1001 + 2 * place)] {
            site.click_of(&visitor).await;
            let text = encoded(spelling);
            let path = format!("/px?id={id}&value=5&order_id={text}&event_id={text}&t=2");
            let answer = visit(&site.app, &path, &[("cookie", &format!("pxid={visitor}"))]).await;
            assert_eq!(header(&answer, "x-pixeld"), "warning=order_id,event_id");
            assert_eq!(site.reason().await, "post_click", "{spelling}");
        }
    }
    // A shop's own id, by contrast, makes two fires one.
    for (visitor, reason) in [("f001", "post_click"), ("f002", "duplicate_event")] {
        site.click_of(visitor).await;
        visit(&site.app, &format!("/px?id={id}&event_id=%5B7%5D"), &[("cookie", &format!("pxid={visitor}"))]).await;
        assert_eq!(site.reason().await, reason);
    }
}

#[tokio::test]
async fn an_adjustment_needs_a_real_name() {
    let site = Site::start().await;
    for spelling in SPELLINGS {
        for name in ["order_id", "event_id", "reference_id"] {
            let body = json!({"adjustments": [{name: spelling, "type": "retract"}]});
            let answer = site.events("/adjustments", body).await;
            assert_eq!(answer.status().as_u16(), 422, "{spelling}");
            let answer: serde_json::Value = answer.json().await.unwrap();
            let reason = answer["rejected"][0]["reason"].as_str().unwrap();
            assert!(reason.starts_with("is a placeholder that was not filled in"), "{reason}");
        }
    }
}

#[tokio::test]
async fn other_texts_keep_what_may_be_meant() {
    let site = Site::start().await;
    for way in WAYS.into_iter().filter(|way| *way != Way::Server) {
        for (text, kept) in
            [("[red]", true), ("undefined", true), ("#SALE#", true), ("[PROMO]", false), ("{{promo}}", false)]
        {
            let logged = site.fire(way, &[("other", text)]).await;
            let rules = if kept { vec![] } else { vec![format!("other {RULE}")] };
            assert_eq!((logged.other.as_deref(), warnings(&logged.warnings)), (kept.then_some(text), rules), "{text}");
        }
        for name in ["value", "currency", "num_items"] {
            let logged = site.fire(way, &[(name, "#NAME#")]).await;
            assert!(warnings(&logged.warnings).contains(&format!("{name} {RULE}")), "{:?}", logged.warnings);
        }
    }
}

#[tokio::test]
async fn an_import_takes_the_lines_and_not_the_placeholders() {
    let directory = tempfile::TempDir::new().unwrap();
    import::shop(directory.path()).await;
    let line = |more: &str, second: usize| format!(r#"{{"at":"2026-09-03T10:00:{second:02}Z",{more}}}"#);
    let fire =
        r#""kind":"fire","pixel_id":1,"id":"null","visitor":"undefined","order_id":"{{order}}","event_id":"EVENT_ID""#;
    let click = r##""kind":"click","line_item_id":1,"imp":"{imp}""##;
    let lines = [line(fire, 1), line(fire, 2), line(click, 3), line(&click.replace("imp\":", "impression\":"), 4)];
    let said = import::import(directory.path(), &[], &lines.join("\n"));
    assert!(said.well, "{said:?}");
    let store = Store::open(directory.path(), Clock::System).unwrap();
    let by = pixeld::domain::Caller::shell().reader().unwrap();
    let last = store.logged().0;
    for seq in [last - 3, last - 2] {
        let logged = store.fire(&by, Seq(seq)).await.unwrap().row;
        assert_eq!((logged.order_id, logged.event_id, logged.visitor_id), (None, None, None));
        let expected = ["id", "visitor", "order_id", "event_id"].map(|name| format!("{name} {RULE}"));
        assert_eq!(warnings(&logged.warnings), expected);
    }
    for (seq, name) in [(last - 1, "imp"), (last, "impression")] {
        let logged = store.exposure(&by, Seq(seq)).await.unwrap().row;
        assert_eq!(warnings(&logged.warnings), [format!("{name} {RULE}")]);
    }
    store.stop();
}
