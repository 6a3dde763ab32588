//! `/conversions`: events that are accepted or refused one by one, their times and their visitors.

use pixeld::domain::{Currency, Fire, FireDetails, Flags, Micros, Pixel, Seq, TagKind, VisitorId};
use serde_json::{Value, json};

use super::sent;
use crate::collect::{exposure, fire, header, visit};
use crate::harness::{START, TestApp};

#[tokio::test]
async fn an_event_is_a_fire_at_its_own_time() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.wait_minutes(60);
    let event = json!({
        "pixel_id": shop.pixel.id.0, "event_time": "2026-10-01T12:30:00Z", "event_id": "e1", "order_id": "A1",
        "value": 12.5, "currency": "eur", "other": "x", "content_ids": ["a,b", 7], "num_items": 2,
        "visitor_id": "000000000000002a", "hashed_email": "AB".repeat(32), "reason_code": "renewal",
        "reference_id": "R1", "parent_reference_id": "R0", "us_privacy": "1YNN", "test": true,
        "page_url": "https://shop.example/thanks", "user_agent": "a browser", "more": {"of": "ours"},
    });
    let (status, answer) = sent(&app, "/conversions", &json!({"events": [event]})).await;
    let ignored = json!([{"index": 0, "fields": ["more"]}]);
    assert_eq!((status, answer), (200, json!({"accepted": 1, "rejected": [], "ignored": ignored})));
    let expected = Fire {
        at: START.plus(30 * 60_000),
        received: START.plus(60 * 60_000),
        pixel_id: shop.pixel.id,
        visitor_id: Some(VisitorId(42)),
        flags: Flags { test: true, ..Flags::default() },
        tag: TagKind::Server,
        order_id: Some("A1".to_owned()),
        value: Some(Micros(12_500_000)),
        currency: Currency::parse("EUR"),
        other: Some("x".to_owned()),
        event_id: Some("e1".to_owned()),
        exposure: None,
        details: FireDetails {
            segments: Vec::new(),
            content_ids: vec!["a,b".to_owned(), "7".to_owned()],
            num_items: Some(2),
            reason_code: Some("renewal".to_owned()),
            reference_id: Some("R1".to_owned()),
            parent_reference_id: Some("R0".to_owned()),
            consent: Some("us_privacy=1YNN".to_owned()),
            hashed_email: Some("ab".repeat(32)),
            click_ids: Vec::new(),
        },
        warnings: Vec::new(),
        query: {
            let mut known = event.clone();
            known.as_object_mut().unwrap().remove("more");
            known.to_string()
        },
        referer: Some("https://shop.example/thanks".to_owned()),
        user_agent: Some("a browser".to_owned()),
        ip: None,
    };
    assert_eq!(fire(&app).await, expected);
}

#[tokio::test]
async fn each_event_is_taken_or_refused_by_itself() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let good = |order: &str| json!({"pixel_id": id, "order_id": order});
    let with = |field: &str, value: Value| {
        let mut event = json!({"pixel_id": id});
        event[field] = value;
        event
    };
    let day = 86_400;
    let now = START.0 / 1000;
    let cases = [
        (json!({"order_id": "A1"}), "pixel_id", "is missing"),
        (with("pixel_id", json!(999)), "pixel_id", "names no pixel"),
        (with("pixel_id", json!("x")), "pixel_id", "must be a whole number from 1 up"),
        (json!({"pixel_code": "nobody"}), "pixel_code", "names no pixel"),
        (
            with("event_time", json!("yesterday")),
            "event_time",
            "must be a time such as 2026-10-01T12:00:00Z, or seconds since 1970, and is \"yesterday\"",
        ),
        (with("event_time", json!(now - 7 * day - 1)), "event_time", "is older than 7 days (2026-09-24 11:59:59 UTC)"),
        (
            with("event_time", json!(now + 601)),
            "event_time",
            "lies more than 10 minutes in the future (2026-10-01 12:10:01 UTC)",
        ),
        (with("value", json!("$10")), "value", "must be a plain decimal number such as 10 or 10.50, and is \"$10\""),
        (with("value", json!(-1)), "value", "must be a plain decimal number such as 10 or 10.50, and is \"-1\""),
        (with("value", json!(1e30)), "value", &format!("is too large, and is \"1{}\"", "0".repeat(30))),
        (with("currency", json!("euro")), "currency", "must be an ISO 4217 code such as EUR, and is \"euro\""),
        (with("order_id", json!("x".repeat(256))), "order_id", "may have at most 255 characters"),
        (with("value", json!("[VALUE]")), "value", "is a placeholder that was not filled in, and is \"[VALUE]\""),
        (with("other", json!("x".repeat(21))), "other", "may have at most 20 characters"),
        (with("event_id", json!("x".repeat(256))), "event_id", "may have at most 255 characters"),
        (with("event_id", json!("a\u{0}b")), "event_id", "may hold no control characters, and is \"a\\0b\""),
        (with("num_items", json!(1.5)), "num_items", "must be a whole number from 0 to 4294967295, and is \"1.5\""),
        (with("content_ids", json!(vec!["a"; 101])), "content_ids", "lists more than 100, and is \"a\""),
        (with("visitor_id", json!("opted out")), "visitor_id", "must be the value of the cookie pxid"),
        (with("sspdata", json!("x")), "sspdata", "is no token of this server, or was altered"),
        (with("hashed_email", json!("a@shop.example")), "hashed_email", "must be a SHA-256 as 64 hexadecimal digits"),
        (with("test", json!("maybe")), "test", "must be 0 or 1, and is \"maybe\""),
        (with("gdpr_consent", json!("x y")), "gdpr_consent", "must be a consent string, and is \"x y\""),
        (json!("an event"), "", "must be an object"),
    ];
    let before = app.store.logged();
    let mut events = vec![good("first")];
    events.extend(cases.iter().map(|(event, ..)| event.clone()));
    events.push(good("last"));
    let (status, answer) = sent(&app, "/conversions", &json!({ "events": events })).await;
    let rejected: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(place, (_, field, reason))| json!({"index": place + 1, "field": field, "reason": reason}))
        .collect();
    assert_eq!((status, answer), (200, json!({"accepted": 2, "rejected": rejected})));
    assert_eq!(app.store.logged(), Seq(before.0 + 2));
    assert_eq!(fire(&app).await.order_id.as_deref(), Some("last"));
    let counts = app.store.rejected_since(&app.reader(), START).await.unwrap();
    assert_eq!(counts, [("refused_event".to_owned(), i64::try_from(cases.len()).unwrap())]);

    // Each is kept with the message that its sender got.
    let kept = app.store.latest_rejected(&app.reader(), 100).await.unwrap();
    let kept: Vec<_> = kept.iter().rev().map(|row| (row.method.as_str(), row.message.as_str())).collect();
    let messages: Vec<_> = cases
        .iter()
        .map(|(_, field, reason)| format!("{} {reason}", if field.is_empty() { "the event" } else { field }))
        // What is wrong in a consent field may be no consent.
        .map(|message| message.replace(", and is \"x y\"", ""))
        .collect();
    assert_eq!(kept, messages.iter().map(|message| ("POST", message.as_str())).collect::<Vec<_>>());

    // Where nothing could be taken, the status says so.
    let (status, answer) = sent(&app, "/conversions", &json!({"events": [{}]})).await;
    let rejected = json!([{"index": 0, "field": "pixel_id", "reason": "is missing"}]);
    assert_eq!((status, answer), (422, json!({"accepted": 0, "rejected": rejected})));
    let (status, answer) = sent(&app, "/conversions", &json!({"events": []})).await;
    assert_eq!((status, answer), (200, json!({"accepted": 0, "rejected": []})));
}

#[tokio::test]
async fn an_event_may_be_a_week_old_and_its_clock_ahead() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let now = START.0;
    for (time, at) in [
        (json!(now - 7 * 86_400_000), now - 7 * 86_400_000),
        (json!((now - 1000) / 1000), now - 1000),
        (json!("2026-10-01 11:00:00"), now - 3_600_000),
        (json!("2026-10-01T13:00:00+02:00"), now - 3_600_000),
        (json!(now + 600_000), now),
        (Value::Null, now),
    ] {
        let events = json!({"events": [{"pixel_id": id, "event_time": time}]});
        assert_eq!(sent(&app, "/conversions", &events).await.0, 200, "{time}");
        let logged = fire(&app).await;
        assert_eq!((logged.at.0, logged.received), (at, START), "{time}");
    }
}

#[tokio::test]
async fn a_token_or_the_value_of_the_cookie_names_the_buyer() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let seen = visit(&app, &format!("/imptr?id={}", shop.impression.id), &[("cookie", "pxid=2a")]).await;
    let impression = exposure(&app).await.seq;
    let token = header(&seen, "x-pixeld-imp");
    let id = shop.pixel.id.0;
    let events = json!({"events": [
        {"pixel_id": id, "order_id": "A1", "sspdata": token},
        {"pixel_id": id, "order_id": "A2", "visitor_id": "2a"},
    ]});
    let change = |pixel: &mut Pixel| {
        pixel.min_minutes_per_conv = Some(0);
        Ok(())
    };
    app.store.update(&app.editor(), id, change).await.unwrap();
    assert_eq!(sent(&app, "/conversions", &events).await.0, 200);
    let last = app.store.logged();
    app.judged().await;
    for seq in [Seq(last.0 - 1), last] {
        let conversion = app.store.conversion(&app.reader(), seq).await.unwrap();
        assert_eq!(conversion.credit.map(|credit| credit.exposure), Some(impression));
    }
    // Without the consent that is needed, neither is kept.
    let events = json!({"events": [
        {"pixel_id": id, "sspdata": token, "visitor_id": "2a", "hashed_email": "0".repeat(64), "gdpr": 1, "order_id": "A3"},
    ]});
    assert_eq!(sent(&app, "/conversions", &events).await.0, 200);
    let logged = fire(&app).await;
    assert_eq!((logged.visitor_id, logged.exposure, logged.details.hashed_email), (None, None, None));
    assert_eq!(logged.query, json!({"pixel_id": id, "gdpr": 1, "order_id": "A3"}).to_string());
}

#[tokio::test]
async fn the_same_event_by_tag_and_by_server_counts_once() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    visit(&app, &format!("/px?id={id}&event_id=e1"), &[]).await;
    sent(&app, "/conversions", &json!({"events": [{"pixel_id": id, "event_id": "e1"}]})).await;
    let seq = app.store.logged();
    app.judged().await;
    let conversion = app.store.conversion(&app.reader(), seq).await.unwrap();
    assert_eq!(conversion.outcome.reason().as_str(), "duplicate_event");
}
