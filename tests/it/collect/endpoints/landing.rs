//! `POST /landing`: what an arrival carries is kept by its rules, whichever way it is written.

use pixeld::domain::{
    Advertiser, Arrival, Exposure, ExposureKind, Flags, LineItemId, PublisherId, Source, SourceMatch, Status,
    TrackerId, VisitorId,
};
use serde_json::{Value, json};

use crate::collect::{BROWSER, cookie_id, exposure, header, rejected, send, transcript, visit, warnings};
use crate::harness::{START, Shop, TestApp};

const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";
const TEXT: &str = "text/plain;charset=UTF-8";

/// An arrival as one line: `utm_source=google gclid=Cj0 from=www.google.com named=3`.
fn line(arrival: &Arrival) -> String {
    let parameters = arrival.parameters.iter().map(|(name, value)| format!("{name}={value}"));
    let ids = arrival.click_ids.iter().map(|id| format!("{}={}", id.name, id.value.as_deref().unwrap_or("?")));
    let from = arrival.referrer_host.iter().map(|host| format!("from={host}"));
    let named = arrival.named.iter().map(|seq| format!("named={seq}"));
    parameters.chain(ids).chain(from).chain(named).collect::<Vec<_>>().join(" ")
}

/// Sends the parameters of a landing page's address; the arrival, and its warnings.
async fn arrive(app: &TestApp, shop: &Shop, kind: &str, body: String) -> (String, String) {
    let before = app.store.logged();
    let answer = send(app, "/landing", kind, body.clone()).await;
    assert_eq!(answer.status(), 204, "{body}");
    assert!(app.store.logged() > before, "{body}");
    let logged = exposure(app).await;
    assert_eq!(logged.arrival.as_ref().unwrap().advertiser_id, shop.advertiser.id);
    (line(logged.arrival.as_deref().unwrap()), warnings(&logged.warnings).join(" "))
}

/// A click's token, with the number of its row.
async fn click(app: &TestApp, shop: &Shop) -> (String, String) {
    let by = app.editor();
    let landing = |tracker: &mut pixeld::store::ClickTracker| {
        tracker.0.click_url = Some("https://shop.example/?c=${CLICK_ID}".to_owned());
        Ok(())
    };
    app.store.update(&by, shop.click.id.0, landing).await.unwrap();
    let location = header(&visit(app, &format!("/clktr?id={}", shop.click.id), &[]).await, "location");
    let token = location.strip_prefix("https://shop.example/?c=").unwrap().to_owned();
    (token, exposure(app).await.seq.to_string())
}

#[tokio::test]
async fn an_arrival_is_logged_as_a_click_before_it_is_answered() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let body = json!({
        "id": shop.advertiser.id.0,
        "page_url": "https://shop.example/shoes?anna@b.example#x",
        "referrer": "https://www.Google.com/search?q=secret",
        "parameters": { "utm_source": ["google"], "gclid": ["Cj0"], "other": ["x"] },
    });
    assert_eq!(
        transcript(send(&app, "/landing", TEXT, body.to_string()).await).await,
        "204 No Content\n\
         cache-control: no-store\n\
         cross-origin-resource-policy: cross-origin\n\
         pragma: no-cache\n\
         set-cookie: pxid=(16 hex digits); Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax\n\
         x-pixeld: ok\n\
         \n"
    );
    let logged = exposure(&app).await.row;
    let arrival = logged.arrival.clone().unwrap();
    assert_eq!(line(&arrival), "utm_source=google gclid=Cj0 from=www.google.com");
    let expected = Exposure {
        at: START,
        kind: ExposureKind::Click,
        tracker_id: TrackerId::NONE,
        line_item_id: LineItemId::NONE,
        publisher_id: PublisherId::NONE,
        campaign_id: None,
        creative_id: None,
        visitor_id: logged.visitor_id,
        flags: Flags { new_visitor: true, ..Flags::default() },
        ancost: None,
        impression: None,
        arrival: Some(arrival),
        warnings: Vec::new(),
        query: format!(
            "id={}&page%5Furl=https%3A%2F%2Fshop%2Eexample%2Fshoes&referrer=https%3A%2F%2Fwww%2EGoogle%2Ecom\
             &utm%5Fsource=google&gclid=Cj0&other",
            shop.advertiser.id
        ),
        referer: Some("https://shop.example/shoes".to_owned()),
        user_agent: Some(BROWSER.to_owned()),
        ip: Some("127.0.0.0".to_owned()),
    };
    assert!(logged.visitor_id.is_some());
    assert_eq!(logged, expected);
}

#[tokio::test]
async fn each_way_of_writing_an_arrival_is_read_alike() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let id = shop.advertiser.id.0;
    let code = |advertiser: &mut Advertiser| {
        advertiser.code = Some("prostarr".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), id, code).await.unwrap();
    for (kind, body) in [
        (TEXT, json!({ "id": id, "parameters": { "utm_source": "a b", "gclid": "Cj0" } }).to_string()),
        (TEXT, json!({ "id": id.to_string(), "parameters": "utm_source=a%20b&gclid=Cj0" }).to_string()),
        (TEXT, json!({ "id": id, "parameters": "?utm_source=a+b&x=1&gclid=Cj0" }).to_string()),
        ("application/json", json!({ "id": id, "utm_source": "a b", "gclid": "Cj0", "cb": 7 }).to_string()),
        ("application/json", json!({ "advertiser_id": id, "utm_source": ["a b"], "gclid": ["Cj0"] }).to_string()),
        (
            "application/json",
            json!({ "code": "prostarr", "member": 1, "UTM_SOURCE": "a b", "GCLID": "Cj0" }).to_string(),
        ),
        (FORM, format!("id={id}&utm_source=a+b&gclid=Cj0")),
        (FORM, format!("id={id}&parameters=utm_source%3Da%2520b%26gclid%3DCj0")),
        (FORM, format!("id={id}&utm%5Fsource=%20a%20b%20&amp;gclid=Cj0")),
    ] {
        let read = arrive(&app, &shop, kind, body.clone()).await;
        assert_eq!(read, ("utm_source=a b gclid=Cj0".to_owned(), String::new()), "{body}");
    }
    let path = format!("/landing?id={id}&utm_source=a%20b");
    assert_eq!(send(&app, &path, FORM, "gclid=Cj0").await.status(), 204);
    assert_eq!(line(exposure(&app).await.arrival.as_deref().unwrap()), "utm_source=a b gclid=Cj0");
}

#[tokio::test]
async fn what_the_address_carried_is_kept_by_its_rules() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (token, seq) = click(&app, &shop).await;
    let mut forged = token.clone().into_bytes();
    forged[39] = if forged[39] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let (at_most, longer) = ("ü".repeat(255), "ü".repeat(256));
    for (address, kept, warned) in [
        ("utm_source=google", "utm_source=google", ""),
        ("UTM_Source=Google&Via=x&REF=y", "utm_source=Google via=x ref=y", ""),
        ("utm_source=a&utm_source=b&utm_medium=", "utm_source=a", "utm_source repeated"),
        ("utm_source=a&UTM_SOURCE=a", "utm_source=a", ""),
        ("utm_source=&utm_source=b", "utm_source=b", ""),
        (&format!("utm_term={at_most}"), &format!("utm_term={at_most}"), ""),
        (&format!("utm_term={longer}"), &format!("utm_term={at_most}"), "utm_term cut_to_its_length"),
        ("utm_term=a%00b", "utm_term=ab", "utm_term control_characters"),
        ("utm_term=%E9", "utm_term=\u{fffd}", "utm_term not_utf8"),
        ("utm_term=%252B", "utm_term=%2B", ""),
        ("utm_source={{campaign.name}}", "", "utm_source placeholder_not_filled_in"),
        ("utm_source={campaignid}&utm_id=7", "utm_id=7", "utm_source placeholder_not_filled_in"),
        (
            "utm_campaign=__CAMPAIGN_NAME__&gclid={gclid}",
            "",
            "utm_campaign placeholder_not_filled_in gclid placeholder_not_filled_in",
        ),
        ("fbclid=a&fbclid=b", "fbclid=b", "fbclid last_taken"),
        ("sccid=x&SCCID=x", "ScCid=x", ""),
        ("gclid=a&gbraid=b", "gclid=a gbraid=b", ""),
        ("gclid=a%20b", "", "gclid not_a_click_id"),
        ("gclid=%3Cscript%3Ex&utm_source=x", "utm_source=x", "gclid not_a_click_id"),
        (&format!("gclid={}", "x".repeat(513)), "", "gclid too_long"),
        ("unknown=1&utm_source=x", "utm_source=x", ""),
        (&format!("anything={token}"), &format!("named={seq}"), ""),
        (&format!("ref={token}&utm_source=x"), &format!("utm_source=x named={seq}"), ""),
        (&format!("anything={forged}"), "", "token bad_token"),
        (&format!("anything={forged}&gclid=a"), "gclid=a", "token bad_token"),
        (&format!("sha={}&gclid=a", "0a".repeat(20)), "gclid=a", ""),
    ] {
        let body = json!({ "id": shop.advertiser.id.0, "parameters": address }).to_string();
        let read = arrive(&app, &shop, TEXT, body).await;
        assert_eq!(read, (kept.to_owned(), warned.to_owned()), "{address}");
    }
}

#[tokio::test]
async fn the_page_before_is_kept_by_its_host() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (referrer, kept, warned) in [
        ("https://www.Google.com/", " from=www.google.com", ""),
        ("https://news.example:8443", " from=news.example", ""),
        ("android-app://com.google.Gmail/", " from=com.google.gmail", ""),
        ("https://shop.example/cart", "", ""),
        ("", "", ""),
        ("nonsense", "", "referrer not_a_page"),
        ("https://", "", "referrer not_a_page"),
    ] {
        let body = json!({ "id": shop.advertiser.id.0, "page_url": "https://shop.example/", "referrer": referrer, "ref": "x" });
        let read = arrive(&app, &shop, TEXT, body.to_string()).await;
        assert_eq!(read, (format!("ref=x{kept}"), warned.to_owned()), "{referrer}");
    }
}

#[tokio::test]
async fn own_parameters_and_hosts_of_sources_count() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let conditions =
        [("partner".to_owned(), vec!["*".to_owned()]), ("referrer_host".to_owned(), vec!["chat.example".to_owned()])];
    let source =
        |condition| Source { condition, position: 1, ..Source::new(shop.advertiser.id, shop.line_item.id, "AI") };
    for condition in conditions {
        app.store.create(&app.editor(), source(SourceMatch::of([condition]).unwrap())).await.unwrap();
    }
    for (body, kept) in [
        (json!({ "parameters": { "Partner": "x", "other": "y" } }), "partner=x"),
        (json!({ "partner": "x" }), "partner=x"),
        (json!({ "referrer": "https://www.chat.example/" }), "from=www.chat.example"),
    ] {
        let mut body = body;
        body["id"] = json!(shop.advertiser.id.0);
        assert_eq!(arrive(&app, &shop, TEXT, body.to_string()).await, (kept.to_owned(), String::new()), "{body}");
    }
    let script = visit(&app, &format!("/site.js?id={}", shop.advertiser.id), &[]).await.text().await.unwrap();
    assert!(script.contains("\"partner\"") && script.contains("\"hosts\":[\"chat.example\"]"), "{script}");
}

#[tokio::test]
async fn private_visitors_are_logged_without_what_names_them() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (token, _) = click(&app, &shop).await;
    let id = shop.advertiser.id.0;
    let address = format!("utm_source=google&utm_content=anna%40b.example&gclid=Cj0&c={token}");
    let page = "https://shop.example/";
    for (headers, more, why) in [
        (&[("sec-gpc", "1")][..], json!({}), "gpc"),
        (&[("dnt", "1")], json!({}), "dnt"),
        (&[("cookie", "pxid=optout")], json!({}), "opted_out"),
        (&[], json!({ "gdpr": 1 }), "no_consent"),
        (&[], json!({ "visitor_id": "optout" }), "opted_out"),
    ] {
        let mut body = json!({ "id": id, "page_url": page, "referrer": "https://a.example/x", "parameters": address });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut request = app.client.post(app.url("/landing")).header("user-agent", BROWSER).body(body.to_string());
        for (name, value) in [("cookie", "pxid=2a")].iter().filter(|_| headers.is_empty()).chain(headers) {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(header(&answer, "x-pixeld"), format!("no_visitor={why}; warning=utm_content"), "{why}");
        let logged = exposure(&app).await;
        assert_eq!(line(logged.arrival.as_deref().unwrap()), "utm_source=google gclid=? from=a.example", "{why}");
        assert_eq!((logged.visitor_id, &logged.ip, &logged.user_agent), (None, &None, &None), "{why}");
        let text = format!("{:?}", logged.row);
        assert!(!text.contains("Cj0") && !text.contains("anna") && !text.contains(&token), "{text}");
    }
}

#[tokio::test]
async fn a_token_alone_of_a_private_visitor_is_logged_and_names_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (token, _) = click(&app, &shop).await;
    let body = json!({ "id": shop.advertiser.id.0, "gdpr": 1, "c": token });
    assert_eq!(arrive(&app, &shop, TEXT, body.to_string()).await, (String::new(), String::new()));
    assert!(exposure(&app).await.arrival.as_ref().unwrap().is_empty());
}

#[tokio::test]
async fn an_arrival_that_cannot_be_taken_is_rejected_with_its_reason() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let asleep = Advertiser { state: Status::Inactive, ..Advertiser::new("Asleep") };
    let asleep = app.store.create(&app.editor(), asleep).await.unwrap().id;
    let (id, before) = (shop.advertiser.id, app.store.logged());
    for (body, status, reason) in [
        ("{\"gclid\":\"a\"}".to_owned(), 404, "missing_id"),
        ("{\"id\":\"x\",\"gclid\":\"a\"}".to_owned(), 404, "bad_id"),
        ("{\"id\":999,\"gclid\":\"a\"}".to_owned(), 404, "unknown_advertiser"),
        ("{\"code\":\"nobody\",\"gclid\":\"a\"}".to_owned(), 404, "missing_member"),
        ("{\"code\":\"nobody\",\"member\":1,\"gclid\":\"a\"}".to_owned(), 404, "unknown_advertiser"),
        (format!("{{\"id\":{asleep},\"gclid\":\"a\"}}"), 200, "advertiser_inactive"),
        (format!("{{\"id\":{id}}}"), 400, "nothing_of_an_ad"),
        (
            format!("{{\"id\":{id},\"gclid\":\"\",\"other\":1,\"referrer\":\"https://a.example\"}}"),
            400,
            "nothing_of_an_ad",
        ),
        (format!("{{\"id\":{id},\"parameters\":\"{{x\"}}"), 400, "bad_body"),
        (format!("{{\"id\":{id},\"parameters\":{}1{}}}", "[".repeat(200), "]".repeat(200)), 400, "bad_body"),
        ("[]".to_owned(), 400, "bad_body"),
        (format!("{{\"id\":{id},\"gclid\":\"{}\"}}", "x".repeat(262_144)), 413, "body_too_long"),
    ] {
        let answer = send(&app, "/landing", "application/json", body.clone()).await;
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "x-pixeld")),
            (status, format!("rejected={reason}")),
            "{body}"
        );
        assert_eq!((header(&answer, "set-cookie"), rejected(&app).await), (String::new(), reason.to_owned()), "{body}");
    }
    let answer = send(&app, "/landing", TEXT, format!("{{\"id\":{id},\"other\":1}}")).await;
    assert!(answer.text().await.unwrap().starts_with("the address has no campaign parameter"));
    assert_eq!(app.store.logged(), before, "nothing of them is in the log");
    let get = visit(&app, &format!("/landing?id={id}&gclid=a"), &[]).await;
    assert_eq!((get.status().as_u16(), header(&get, "allow").as_str()), (405, "POST, OPTIONS"));
}

#[tokio::test]
async fn tests_bots_and_prefetches_are_flagged() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (name, value, test, flagged) in [
        ("user-agent", "Googlebot/2.1", "0", "flag=bot"),
        ("sec-purpose", "prefetch;prerender", "0", "flag=prefetch"),
        ("accept", "*/*", "yes", "flag=test"),
    ] {
        let body = json!({ "id": shop.advertiser.id.0, "gclid": "a", "test": test }).to_string();
        let answer = app.client.post(app.url("/landing")).header(name, value).body(body).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), header(&answer, "x-pixeld")), (204, flagged.to_owned()));
        assert!(!exposure(&app).await.flags.is_real());
    }
}

#[tokio::test]
async fn the_cookie_or_the_shops_server_names_the_visitor() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for (cookie, sent, id, warned) in [
        ("pxid=2a", Value::Null, Some(42), ""),
        ("", json!("2a"), Some(42), ""),
        ("pxid=2a", json!("2b"), Some(42), ""),
        ("", json!("anna@b.example"), None, "visitor_id not_a_visitor"),
    ] {
        let body = json!({ "id": shop.advertiser.id.0, "gclid": "a", "visitor_id": sent }).to_string();
        let answer = app.client.post(app.url("/landing")).header("cookie", cookie).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 204);
        let logged = exposure(&app).await;
        if let Some(id) = id {
            assert_eq!(logged.visitor_id, Some(VisitorId(id)), "{cookie} {sent}");
            assert!(!logged.flags.new_visitor);
        } else {
            assert!(logged.flags.new_visitor && !cookie_id(&answer).is_empty());
        }
        assert_eq!(warnings(&logged.warnings).join(" "), warned);
        assert!(!logged.query.contains("anna"), "{}", logged.query);
    }
}

#[tokio::test]
async fn any_page_may_send_with_cookies_and_needs_no_preflight_for_texts() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let body = json!({ "id": shop.advertiser.id.0, "gclid": "a" }).to_string();
    let request = app.client.post(app.url("/landing")).header("origin", "https://shop.example");
    let answer = request.body(body).send().await.unwrap();
    assert_eq!(header(&answer, "access-control-allow-origin"), "https://shop.example");
    assert_eq!(header(&answer, "access-control-allow-credentials"), "true");
    let preflight =
        app.client.request(reqwest::Method::OPTIONS, app.url("/landing")).header("origin", "https://shop.example");
    let preflight = preflight.header("access-control-request-headers", "content-type").send().await.unwrap();
    assert_eq!(
        (preflight.status().as_u16(), header(&preflight, "access-control-allow-methods").as_str()),
        (204, "POST, OPTIONS")
    );
    assert_eq!(header(&preflight, "access-control-allow-headers"), "content-type");
}

#[tokio::test]
async fn one_address_may_report_so_many_arrivals_in_a_minute() {
    let app = TestApp::start_with(|settings| settings.events_per_minute = Some("2".to_owned())).await;
    let shop = app.shop().await;
    let body = json!({ "id": shop.advertiser.id.0, "gclid": "a" }).to_string();
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(send(&app, "/landing", TEXT, body.clone()).await.status().as_u16());
    }
    assert_eq!(answers, [204, 204, 429]);
}

#[tokio::test]
async fn nobody_is_told_of_an_arrival_that_could_not_be_written() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let body = json!({ "id": shop.advertiser.id.0, "gclid": "a" }).to_string();
    app.store.stop();
    let answer = send(&app, "/landing", TEXT, body).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "x-pixeld").as_str()), (503, "error=unavailable"));
    assert_eq!((header(&answer, "set-cookie").as_str(), header(&answer, "retry-after").as_str()), ("", "30"));
}
