//! What the log keeps of a request, for whom, on every way in: the whole log is searched for what must not be there.

use pixeld::config::RawSettings;
use serde_json::{Value, json};

use crate::collect::endpoints::server::sent;
use crate::collect::{fire, header, send, visit, warnings};
use crate::harness::{Shop, TestApp, open_database};
use crate::import::{import, shop as closed_shop};

const FORM: &str = "application/x-www-form-urlencoded";

/// The rows of every table that hold raw text, as one text.
fn whole_log(directory: &std::path::Path) -> String {
    let conn = open_database(directory);
    let mut text = String::new();
    for (table, columns) in [
        ("fires", "query, referer, user_agent, ip, warnings, order_id, event_id, other"),
        ("exposures", "query, referer, user_agent, ip, warnings"),
        ("segment_loads", "query, referer, user_agent, ip, warnings"),
        ("rejected", "path, told, query, referer, ip"),
    ] {
        let mut statement = conn.prepare(&format!("SELECT {columns} FROM {table}")).unwrap();
        let count = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..count {
                if let Ok(Some(held)) = row.get::<_, Option<String>>(column) {
                    text += &held;
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Sends one request to each address, good and bad, with these parameters and headers.
async fn all_ways(app: &TestApp, shop: &Shop, more: &str, headers: &[(&str, &str)]) {
    let (pixel, advertiser) = (shop.pixel.id, shop.advertiser.id);
    for path in [
        format!("/px?id={pixel}&{more}"),
        format!("/px?id={pixel}&t=1&{more}"),
        format!("/px?id=999&{more}"),
        format!("/seg?add=1&{more}"),
        format!("/seg?add=999&{more}"),
        format!("/imptr?id={}&{more}", shop.impression.id),
        format!("/clktr?id={}&{more}", shop.click.id),
        format!("/clktr?id=x&{more}"),
        format!("/pixels/conversion/{advertiser}.gif?{more}"),
        format!("/tracked_actions/web_sale/{advertiser}?{more}"),
        format!("/pixels/conversion/999.gif?{more}"),
        format!("/sspx?id={pixel}&sspdata=x&{more}"),
    ] {
        visit(app, &path, headers).await;
    }
    let members: String = url::form_urlencoded::parse(more.as_bytes())
        .map(|(name, value)| format!(",{}:{}", json!(name), json!(value)))
        .collect();
    for (kind, body) in [(FORM, format!("id={pixel}&{more}")), ("text/plain", format!("{{\"id\":{pixel}{members}}}"))] {
        let mut request = app.client.post(app.url("/px")).header("content-type", kind).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(request.send().await.unwrap().status(), 204);
    }
}

#[tokio::test]
async fn unknown_parameters_are_kept_by_name_and_a_page_without_its_query() {
    let secret = "anna%40mail.example";
    let more = format!("email={secret}&em=anna@mail.example&{secret}&phone=+4912345&gclid=Cj0&utm_source=g");
    let page = "https://shop.example/thanks?email=anna@mail.example#anna@mail.example";
    for (headers, keep, names, values, ids) in [
        (&[("referer", page)][..], "off", true, false, true),
        (&[("referer", page)], "on", true, true, true),
        (&[("referer", page), ("sec-gpc", "1")], "on", true, false, false),
        (&[("referer", page), ("dnt", "1")], "on", true, false, false),
        (&[("referer", page), ("cookie", "pxid=optout")], "on", true, false, false),
    ] {
        let settings = |given: &mut RawSettings| {
            given.keep_unknown_parameters = Some(keep.to_owned());
            given.keep_page_query = Some(keep.to_owned());
        };
        let app = TestApp::start_with(settings).await;
        let shop = app.shop().await;
        crate::collect::segment(&app, "a").await;
        all_ways(&app, &shop, &more, headers).await;
        let log = whole_log(app.data_dir());
        assert_eq!(log.contains("phone"), names, "{headers:?} {keep}");
        assert!(log.contains("https://shop.example/thanks"), "{headers:?} {keep}");
        assert_eq!(log.contains("mail.example"), values, "{headers:?} {keep}: {log}");
        assert_eq!(log.contains("4912345"), values, "{headers:?} {keep}");
        assert!(!log.contains("#anna"), "{headers:?} {keep}");
        assert_eq!((log.contains("Cj0"), log.contains("gclid")), (ids, true), "{headers:?} {keep}");
    }
    // Without consent, too.
    let app = TestApp::start().await;
    let shop = app.shop().await;
    all_ways(&app, &shop, &format!("{more}&gdpr=1"), &[("referer", page)]).await;
    let log = whole_log(app.data_dir());
    // A postback's user agent is a server's.
    assert!(!log.contains("mail.example") && !log.contains("Cj0") && log.contains("gclid"), "{log}");
}

#[tokio::test]
async fn known_texts_that_are_an_email_address_are_not_kept_of_a_private_visitor() {
    let texts = ["order_id", "event_id", "other", "value", "currency", "content_ids", "sspdata", "us_privacy"];
    let more: String = texts.iter().map(|name| format!("&{name}=anna%40m.example")).collect();
    let invoca = "&sale_amount=anna@m.example&amount=anna@m.example&reason_code=anna@m.example\
                  &external_data=anna@m.example&reference_id=anna@m.example&sku_list[]=anna@m.example";
    let more = format!("{}{invoca}&page_url=https://shop.example/anna@m.example/x", &more[1..]);
    let referer = "https://shop.example/anna@m.example/thanks";
    for (headers, kept) in [
        (&[("referer", referer)][..], true),
        (&[("referer", referer), ("sec-gpc", "1"), ("user-agent", "ShopApp/1.0 (anna@m.example)")], false),
    ] {
        let app = TestApp::start().await;
        let shop = app.shop().await;
        all_ways(&app, &shop, &more, headers).await;
        visit(&app, &format!("/px?id={}&order_id=anna@m.example", shop.pixel.id), headers).await;
        let logged = fire(&app).await;
        assert_eq!(logged.order_id.is_some(), kept);
        if !kept {
            assert_eq!(warnings(&logged.warnings), ["order_id email_not_kept"]);
            assert_eq!((logged.user_agent, logged.referer.as_deref()), (None, Some("https://shop.example")));
        }
        let log = whole_log(app.data_dir());
        assert_eq!(log.contains("m.example"), kept, "{headers:?}: {log}");
    }
}

/// The audit's example and its kind.
#[tokio::test]
async fn of_a_servers_event_only_known_fields_are_kept() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id.0;
    let person = json!({
        "ip": "203.0.113.77", "email": "plain@example.com", "user_data": {"em": "plain@example.com", "ph": "4912345"},
        "client_ip_address": "203.0.113.77", "gclid": "Cj0K", "UTM_source": "google", "user_agent": "TheBrowser/1",
    });
    let event = |more: Value| {
        let mut event = person.clone();
        event["pixel_id"] = json!(id);
        for (name, value) in more.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    };
    let (_, answer) = sent(&app, "/conversions", &json!({"events": [event(json!({"visitor_id": "2a"}))]})).await;
    let ignored = json!([{"index": 0, "fields": ["email", "user_data", "client_ip_address"]}]);
    assert_eq!((&answer["accepted"], &answer["ignored"]), (&json!(1), &ignored));
    let logged = fire(&app).await;
    assert_eq!((logged.ip.as_deref(), logged.user_agent.as_deref()), (Some("203.0.113.0"), Some("TheBrowser/1")));
    let kept: Value = serde_json::from_str(&logged.query).unwrap();
    let expected = json!({
        "gclid": "Cj0K", "UTM_source": "google", "user_agent": "TheBrowser/1", "pixel_id": id, "visitor_id": "2a",
    });
    assert_eq!(kept, expected);

    // Whoever may not be known, and every way to be refused.
    let hash = "ab".repeat(32);
    let mut events = Vec::new();
    for private in [json!({"gdpr": 1}), json!({"gdpr": "maybe"}), json!({"visitor_id": "optout"})] {
        for wrong in [
            json!({}),
            json!({"value": "plain@example.com"}),
            json!({"hashed_email": "plain@example.com"}),
            json!({"hashed_email": hash, "order_id": "plain@example.com"}),
            json!({"order_id": {"email": "plain@example.com"}}),
            json!({"event_time": "plain@example.com"}),
            json!({"page_url": "https://shop.example/plain@example.com/x"}),
        ] {
            let mut event = event(private.clone());
            for (name, value) in wrong.as_object().unwrap() {
                event[name] = value.clone();
            }
            events.push(event);
        }
    }
    events.push(event(json!({"hashed_email": "plain@example.com"})));
    events.push(event(json!({"visitor_id": "plain@example.com"})));
    events.push(event(json!({"sspdata": "plain@example.com"})));
    events.push(json!("plain@example.com"));
    assert_eq!(sent(&app, "/conversions", &json!({ "events": events })).await.0, 200);
    for body in [json!({"event": events}), json!("plain@example.com"), json!([{"email": "plain@example.com"}])] {
        assert_eq!(sent(&app, "/conversions", &body).await.0, 400);
    }
    let adjustment = json!({"order_id": "A1", "type": "plain", "email": "plain@example.com"});
    assert_eq!(sent(&app, "/adjustments", &adjustment).await.0, 422);
    let log = whole_log(app.data_dir());
    for secret in ["plain@example.com", "203.0.113.77", "4912345", &hash] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    assert!(log.contains("17 characters, not a SHA-256") && log.contains("email_not_kept"), "{log}");
    // The first event, and three that were refused.
    assert_eq!(log.lines().filter(|line| line.contains("Cj0K")).count(), 4, "{log}");
}

#[tokio::test]
async fn an_address_that_is_none_is_no_reason_to_refuse_an_event() {
    for (storage, v4, v6) in [
        ("full", Some("203.0.113.77"), Some("2001:db8:1:2::5")),
        ("truncated", Some("203.0.113.0"), Some("2001:db8:1::")),
        ("none", None, None),
    ] {
        let app = TestApp::start_with(|given| given.ip_storage = Some(storage.to_owned())).await;
        let id = app.shop().await.pixel.id.0;
        for (ip, kept, warned) in [
            (json!("203.0.113.77"), v4, false),
            (json!(" ::ffff:203.0.113.77 "), v4, false),
            (json!("2001:db8:1:2::5"), v6, false),
            (json!("203.0.113.77:80"), None, true),
            (json!(7), None, true),
            (json!(""), None, false),
        ] {
            let events = json!({"events": [{"pixel_id": id, "ip": ip}]});
            assert_eq!(sent(&app, "/conversions", &events).await.0, 200, "{ip}");
            let logged = fire(&app).await;
            assert_eq!(logged.ip.as_deref(), kept, "{storage} {ip}");
            let expected: &[&str] = if warned { &["ip not_an_address"] } else { &[] };
            assert_eq!(warnings(&logged.warnings), expected, "{ip}");
            assert!(!logged.warnings.iter().any(|warning| warning.raw.contains("203")), "{ip}");
        }
    }
}

#[tokio::test]
async fn an_import_keeps_and_says_no_more() {
    let directory = tempfile::TempDir::new().unwrap();
    closed_shop(directory.path()).await;
    let at = "\"at\":\"2026-09-03T10:00:00Z\",\"visitor\":\"anna@m.example\",\"email\":\"anna@m.example\",\"ip\":\"203.0.113.77\"";
    let lines = [
        format!("{{\"kind\":\"fire\",{at},\"pixel_id\":1,\"gclid\":\"Cj0\"}}"),
        format!(
            "{{\"kind\":\"fire\",{at},\"pixel_id\":1,\"gdpr\":1,\"order_id\":\"anna@m.example\",\"gclid\":\"Cj1\"}}"
        ),
        format!("{{\"kind\":\"click\",{at},\"line_item_id\":1,\"gclid\":\"Cj0\"}}"),
        format!(
            "{{\"kind\":\"fire\",{at},\"pixel_id\":1,\"email\":\"bert@m.example\",\"hashed_email\":\"{}\",\"hashed_email\":\"anna@m.example\"}}",
            "ab".repeat(32)
        ),
        format!("{{\"kind\":\"fire\",{at},\"pixel_id\":1,\"hashed_email\":\"anna@m.example\"}}"),
        "{\"kind\":\"fire\",\"at\":\"2026-09-03T10:00:00Z\",\"visitor_id\":\"anna@m.example\",\"pixel_id\":1}"
            .to_owned(),
    ];
    let said = import(directory.path(), &[], &(lines.join("\n") + "\n"));
    assert!(said.well, "{said:?}");
    assert!(!said.out.contains("m.example") && !said.err.contains("m.example"), "{said:?}");
    assert!(said.out.contains("hashed_email must be a SHA-256 as 64 hexadecimal digits: 14 characters"), "{said:?}");
    let log = whole_log(directory.path());
    assert!(!log.contains("m.example") && !log.contains("203.0.113.77") && !log.contains("Cj1"), "{log}");
    assert!(log.contains("203.0.113.0") && log.contains("Cj0"), "{log}");
}

#[tokio::test]
async fn a_page_may_name_itself() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (pixel, advertiser) = (shop.pixel.id, shop.advertiser.id);
    let origin = "https://shop.example/";
    for (page_url, referer, kept) in [
        ("https%3A%2F%2Fshop.example%2Fthanks%3Fe%3D1", origin, "https://shop.example/thanks"),
        ("https://shop.example/thanks", origin, "https://shop.example/thanks"),
        ("https://shop.example/", "https://shop.example/thanks?e=1", "https://shop.example/"),
        ("HTTPS://Shop.example/a", origin, "HTTPS://Shop.example/a"),
        ("javascript:alert(1)//https://shop.example", origin, origin),
        ("{{Page URL}}", origin, origin),
        ("", origin, origin),
    ] {
        let headers = [("referer", referer)];
        for path in [format!("/px?id={pixel}"), format!("/pixels/conversion/{advertiser}.gif?test=0")] {
            let escaped = page_url.replace(['{', '}', ' '], "%7B");
            visit(&app, &format!("{path}&page_url={escaped}"), &headers).await;
            assert_eq!(fire(&app).await.referer.as_deref(), Some(kept), "{path} {page_url}");
        }
    }
    let body = format!("{{\"id\":{pixel},\"page_url\":\"https://shop.example/x?y#z\"}}");
    send(&app, "/px", "text/plain", body).await;
    assert_eq!(fire(&app).await.referer.as_deref(), Some("https://shop.example/x"));
    let token = header(&visit(&app, &format!("/imptr?id={}", shop.impression.id), &[]).await, "x-pixeld-imp");
    app.get(&format!("/sspx?id={pixel}&page_url=https://shop.example/x&sspdata={token}"), &[]).await;
    assert_eq!(fire(&app).await.referer.as_deref(), Some("https://shop.example/x"));
}
