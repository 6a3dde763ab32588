//! `/conversions` and `/adjustments`: who may send, what is taken, what is refused and how that is told.

use pixeld::auth::Secret;
use pixeld::domain::{
    Adjustment, AdvertiserId, ApiToken, Caller, ConversionChange, ConversionName, Currency, Fire, FireDetails, Flags,
    Logged, Micros, Pixel, PixelId, Role, Seq, TagKind, VisitorId,
};
use reqwest::Response;
use serde_json::{Value, json};

use crate::collect::{exposure, fire, header, visit};
use crate::harness::{START, TestApp};

async fn token(app: &TestApp, role: Role, advertiser: Option<AdvertiserId>) -> String {
    let by = Caller::shell().admin().unwrap();
    let name = format!("shop {}", app.store.tokens(&by).await.unwrap().len());
    let (secret, _): (Secret, _) = app.auth.create_token(&by, ApiToken::new(name, role, advertiser)).await.unwrap();
    secret.expose().to_owned()
}

/// The name of the token that was made last.
async fn latest(app: &TestApp) -> String {
    let tokens = app.store.tokens(&Caller::shell().admin().unwrap()).await.unwrap();
    tokens.into_iter().max_by_key(|token| token.id).unwrap().name
}

async fn post(app: &TestApp, path: &str, token: &str, body: impl Into<reqwest::Body>) -> Response {
    let request = app.client.post(app.url(path)).header("authorization", format!("Bearer {token}"));
    request.body(body).send().await.unwrap()
}

/// Sends it as a collector for all advertisers; the status and the answer.
pub async fn sent(app: &TestApp, path: &str, body: &Value) -> (u16, Value) {
    let token = token(app, Role::Collector, None).await;
    told(post(app, path, &token, body.to_string()).await).await
}

async fn told(response: Response) -> (u16, Value) {
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "pragma"), "no-cache");
    (response.status().as_u16(), response.json().await.unwrap())
}

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
    assert_eq!((status, answer), (200, json!({"accepted": 1, "rejected": []})));
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
        },
        warnings: Vec::new(),
        query: event.to_string(),
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
            "must be a time such as 2026-10-01T12:00:00Z, or seconds since 1970",
        ),
        (with("event_time", json!(now - 7 * day - 1)), "event_time", "is older than 7 days"),
        (with("event_time", json!(now + 601)), "event_time", "lies more than 10 minutes in the future"),
        (with("value", json!("$10")), "value", "must be a plain decimal number such as 10 or 10.50, and is \"$10\""),
        (with("value", json!(-1)), "value", "must be a plain decimal number such as 10 or 10.50, and is \"-1\""),
        (with("value", json!(1e30)), "value", "must be a plain decimal number such as 10 or 10.50, and is \"1e+30\""),
        (with("currency", json!("euro")), "currency", "must be an ISO 4217 code such as EUR, and is \"euro\""),
        (with("order_id", json!("x".repeat(37))), "order_id", "may have at most 36 characters"),
        (
            with("order_id", json!("[ORDER_ID]")),
            "order_id",
            "is a placeholder that was not filled in, and is \"[ORDER_ID]\"",
        ),
        (with("other", json!("x".repeat(21))), "other", "may have at most 20 characters"),
        (with("event_id", json!("x".repeat(65))), "event_id", "may have at most 64 characters"),
        (with("event_id", json!("a\u{0}")), "event_id", "may hold no control characters, and is \"a\\0\""),
        (with("num_items", json!(1.5)), "num_items", "must be a whole number from 0 to 4294967295, and is \"1.5\""),
        (with("content_ids", json!(vec!["a"; 101])), "content_ids", "lists more than 100, and is \"a\""),
        (with("visitor_id", json!("optout")), "visitor_id", "must be the value of the cookie pxid"),
        (with("sspdata", json!("x")), "sspdata", "is no token of this server, or was altered"),
        (with("hashed_email", json!("a@shop.example")), "hashed_email", "must be a SHA-256 as 64 hexadecimal digits"),
        (with("test", json!("yes")), "test", "must be 0 or 1, and is \"yes\""),
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

    // Each is kept with what its sender was told of it.
    let kept = app.store.latest_rejected(&app.reader(), 100).await.unwrap();
    let kept: Vec<_> = kept.iter().rev().map(|row| (row.method.as_str(), row.message.as_str())).collect();
    let told: Vec<_> = cases
        .iter()
        .map(|(_, field, reason)| format!("{} {reason}", if field.is_empty() { "the event" } else { field }))
        .collect();
    assert_eq!(kept, told.iter().map(|told| ("POST", told.as_str())).collect::<Vec<_>>());

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
async fn a_token_or_the_cookies_value_names_who_bought() {
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

#[tokio::test]
async fn only_who_holds_a_token_may_send() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let other = app.advertiser("Other").await.id;
    let event = |id: PixelId| json!({"events": [{"pixel_id": id.0}]}).to_string();
    for path in ["/conversions", "/adjustments"] {
        let response = app.client.post(app.url(path)).body("{}").send().await.unwrap();
        assert_eq!(header(&response, "www-authenticate"), "Bearer");
        let expected = json!({"error": "no_token", "reason": "send an API token: Authorization: Bearer TOKEN"});
        assert_eq!(told(response).await, (401, expected));
        let (status, answer) = told(post(&app, path, "guessed", "{}").await).await;
        assert_eq!((status, &answer["error"]), (401, &json!("bad_token")));
        let viewer = token(&app, Role::Viewer, None).await;
        let expected = json!({"error": "denied", "reason": "the role viewer may not send conversions"});
        assert_eq!(told(post(&app, path, &viewer, "{}").await).await, (403, expected));
        // Each is kept, without a body that nobody read; who has no business here finds no more out.
        let kept = app.store.latest_rejected(&app.reader(), 3).await.unwrap();
        let kept: Vec<_> =
            kept.iter().map(|row| (row.path.as_str(), row.reason.as_str(), row.query.as_str())).collect();
        assert_eq!(kept, [(path, "denied", ""), (path, "bad_api_token", ""), (path, "no_token", "")]);
    }
    for (role, advertiser) in [
        (Role::Admin, None),
        (Role::Editor, None),
        (Role::Editor, Some(shop.advertiser.id)),
        (Role::Collector, Some(shop.advertiser.id)),
    ] {
        let token = token(&app, role, advertiser).await;
        assert_eq!(post(&app, "/conversions", &token, event(shop.pixel.id)).await.status(), 200, "{role}");
    }
    // The token alone is as good as with its scheme.
    let bare = token(&app, Role::Collector, None).await;
    let request = app.client.post(app.url("/conversions")).header("authorization", bare);
    assert_eq!(request.body(event(shop.pixel.id)).send().await.unwrap().status(), 200);
    // Another advertiser's pixel is unknown.
    let foreign = token(&app, Role::Collector, Some(other)).await;
    let (status, answer) = told(post(&app, "/conversions", &foreign, event(shop.pixel.id)).await).await;
    let rejected = json!([{"index": 0, "field": "pixel_id", "reason": "names no pixel"}]);
    assert_eq!((status, &answer["rejected"]), (422, &rejected));
}

#[tokio::test]
async fn what_is_no_list_of_events_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let token = token(&app, Role::Collector, None).await;
    let before = app.store.logged();
    let many = json!({"events": vec![json!({"pixel_id": id}); 1001]}).to_string();
    let long = format!(r#"{{"events": [], "x": "{}"}}"#, "y".repeat(256 * 1024));
    for (body, status, error) in [
        ("", 400, "not_json"),
        ("{", 400, "not_json"),
        ("[]", 400, "not_json"),
        ("{}", 400, "no_list"),
        (r#"{"events": {}}"#, 400, "no_list"),
        (&many, 400, "too_many"),
        (&long, 413, "body_too_long"),
    ] {
        let (answered, answer) = told(post(&app, "/conversions", &token, body.to_owned()).await).await;
        assert_eq!((answered, &answer["error"]), (status, &json!(error)), "{answer}");
        let kept = app.store.latest_rejected(&app.reader(), 1).await.unwrap().remove(0);
        let read = if error == "body_too_long" { "" } else { &body[..body.len().min(2_048)] };
        assert_eq!((kept.reason.as_str(), kept.query.as_str()), (error, read));
        assert_eq!(json!(kept.message), answer["reason"], "{error}");
        assert_eq!((kept.path.as_str(), kept.ip.as_deref()), ("/conversions", Some("127.0.0.0")));
    }
    assert_eq!(app.store.logged(), before);
    let most = json!({"events": vec![json!({"pixel_id": id}); 1000]}).to_string();
    let answer = told(post(&app, "/conversions", &token, most).await).await;
    assert_eq!(answer, (200, json!({"accepted": 1000, "rejected": []})));
    assert_eq!(app.store.logged(), Seq(before.0 + 1000));
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_taken_in_part() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let token = token(&app, Role::Collector, None).await;
    // The token's first use is noted before the writer stops.
    let body = json!({"events": [{"pixel_id": id}, {"pixel_id": id}]}).to_string();
    assert_eq!(post(&app, "/conversions", &token, body.clone()).await.status(), 200);
    let before = app.store.logged();
    app.store.stop();
    let response = post(&app, "/conversions", &token, body).await;
    assert_eq!(header(&response, "retry-after"), "30");
    let expected = json!({"error": "unavailable", "reason": "nothing was taken; send the whole request again"});
    assert_eq!(told(response).await, (503, expected));
    assert_eq!(app.store.logged(), before);
}

async fn adjustment(app: &TestApp) -> Logged<Adjustment> {
    app.store.adjustment(&app.reader(), app.store.logged()).await.unwrap()
}

#[tokio::test]
async fn an_adjustment_names_a_conversion_and_says_what_becomes_of_it() {
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
    ] {
        // By itself and in a list.
        for body in [body.clone(), json!({"adjustments": [body]})] {
            assert_eq!(
                sent(&app, "/adjustments", &body).await,
                (200, json!({"accepted": 1, "rejected": []})),
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
            "is missing: name the conversion by order_id, event_id or reference_id",
        ),
        (
            json!({"order_id": "A1", "event_id": "e1", "type": "retract"}),
            "order_id",
            "is one name too many: give one of order_id, event_id and reference_id",
        ),
        (json!({"order_id": "A1"}), "type", "must be retract or restate"),
        (json!({"order_id": "A1", "type": "refund"}), "type", "must be retract or restate"),
        (json!({"order_id": "A1", "type": "restate"}), "value", "is missing: what is the conversion worth now?"),
        (json!({"order_id": "A1", "type": "retract", "value": 5}), "value", "belongs to the type restate"),
        (json!({"order_id": "A1", "type": "retract", "pixel_id": 999}), "pixel_id", "names no pixel"),
        (json!({"order_id": "A1", "type": "retract", "advertiser_id": 999}), "advertiser_id", "names no advertiser"),
        (json!({"order_id": "x".repeat(37), "type": "retract"}), "order_id", "may have at most 36 characters"),
    ] {
        let rejected = json!([{"index": 0, "field": field, "reason": reason}]);
        let answer = sent(&app, "/adjustments", &body).await;
        assert_eq!(answer, (422, json!({"accepted": 0, "rejected": rejected})), "{body}");
    }
    assert_eq!(app.store.logged(), before);
}

#[tokio::test]
async fn of_several_advertisers_the_one_with_the_conversion_is_meant() {
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
