//! `POST /px` and `POST /seg`: what a page's script sends, as a form of either kind or as JSON.

use pixeld::domain::{Currency, Micros, TagKind};

use crate::collect::{cookie_id, fire, header, load, ops, rejected, segment, send, transcript, visit, warnings};
use crate::harness::{START, TestApp};

const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

#[tokio::test]
async fn a_form_and_an_object_are_fires() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let a = segment(&app, "a").await.id;
    let json = format!(
        r#"{{"id":{id},"order_id":"A 1","value":10.50,"currency":"eur","num_items":2,"content_ids":["a,b",7],"seg":[{a}]}}"#
    );
    let form =
        format!("id={id}&order_id=A+1&value=10.50&currency=eur&num_items=2&content_ids=%5B%22a%2Cb%22%2C7%5D&seg={a}");
    let part = |field: &str| {
        let (name, value) = field.split_once('=').unwrap();
        format!("--y-X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file =
        "--y-X\r\nContent-Disposition: form-data; name=\"value\"; filename=\"a\"\r\nContent-Type: a/b\r\n\r\n7\r\n";
    let fields = form.replace("A+1", "A 1").replace("%5B%22a%2Cb%22%2C7%5D", r#"["a,b",7]"#);
    let parts = fields.split('&').map(part).collect::<String>() + file + "--y-X--\r\n";
    for (kind, body) in [
        (FORM, &form),
        ("multipart/form-data; boundary=y-X", &parts),
        ("application/json", &json),
        ("text/plain;charset=UTF-8", &json),
    ] {
        let response = send(&app, "/px", kind, body.clone()).await;
        assert_eq!(
            transcript(response).await,
            "204 No Content\n\
             cache-control: no-store\n\
             cross-origin-resource-policy: cross-origin\n\
             pragma: no-cache\n\
             set-cookie: pxid=(16 hex digits); Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax\n\
             x-pixeld: ok\n\
             \n"
        );
        let logged = fire(&app).await;
        assert_eq!((logged.pixel_id, logged.tag), (id, TagKind::Beacon), "{body}");
        assert_eq!(logged.order_id.as_deref(), Some("A 1"), "{body}");
        assert_eq!((logged.value, logged.currency), (Some(Micros(10_500_000)), Currency::parse("EUR")), "{body}");
        assert_eq!(logged.details.content_ids, ["a,b", "7"], "{body}");
        assert_eq!((logged.details.num_items, ops(&logged.details.segments)), (Some(2), a.to_string()), "{body}");
        assert!(logged.query.starts_with(&format!("id={id}&")), "{}", logged.query);
    }
}

#[tokio::test]
async fn parameters_may_stand_in_the_address_and_in_the_body() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let response = send(&app, &format!("/px?id={id}&value=5"), FORM, "value=6&order_id=A1").await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (204, "warning=value"));
    let logged = fire(&app).await;
    assert_eq!((logged.value, logged.order_id.as_deref()), (Some(Micros(5_000_000)), Some("A1")));
    assert_eq!(logged.query, format!("id={id}&value=5&value=6&order_id=A1"));
    // As `sendBeacon(url)` does it: no body at all.
    let response = app.client.post(app.url(&format!("/px?id={id}"))).header("user-agent", crate::collect::BROWSER);
    assert_eq!(response.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn a_beacon_leads_nowhere() {
    let app = TestApp::start().await;
    let shop = app
        .shop_with(|pixel| {
            let (kind, url) = (pixeld::domain::PiggybackKind::Image, "https://partner.example/p".to_owned());
            pixel.piggyback_pixels = vec![pixeld::domain::Piggyback { kind, url }];
        })
        .await;
    let response = send(&app, &format!("/px?id={}&redir=https://partner.example/", shop.pixel.id), FORM, "").await;
    assert_eq!((response.status().as_u16(), header(&response, "location").as_str()), (204, ""));
}

#[tokio::test]
async fn the_body_of_a_rejected_beacon_is_kept() {
    let app = TestApp::start().await;
    for (path, kind, body, kept) in [
        ("/px", FORM, "id=999&order_id=A1", "id=999&order_id=A1"),
        ("/px?order_id=A1", "application/json", r#"{"id":999}"#, "order_id=A1&id=999"),
        ("/seg", FORM, "add=999", "add=999"),
        ("/px", FORM, "id=999&gdpr=1&sspdata=x", "id=999&gdpr=1"),
    ] {
        assert_eq!(send(&app, path, kind, body).await.status(), 404, "{body}");
        let row = app.store.latest_rejected(&app.reader(), 1).await.unwrap().remove(0);
        let ip = if body.contains("gdpr") { None } else { Some("127.0.0.0") };
        assert_eq!((row.query.as_str(), row.ip.as_deref()), (kept, ip));
    }
}

#[tokio::test]
async fn unreadable_bodies_are_rejected() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    let long = format!("id={}&other={}", shop.pixel.id, "x".repeat(256 * 1024));
    for (kind, body, status, reason) in [
        (FORM, "id=999", 404, "unknown_pixel"),
        (FORM, "", 404, "missing_id"),
        ("application/json", r#"{"id":"x"}"#, 404, "bad_id"),
        ("application/json", "[]", 400, "bad_body"),
        ("application/json", "{", 400, "bad_body"),
        ("multipart/form-data; boundary=x", "--x--", 404, "missing_id"),
        ("multipart/form-data; boundary=x", "--x\r\n", 400, "bad_body"),
        (FORM, &long, 413, "body_too_long"),
    ] {
        let response = send(&app, "/px", kind, body.to_owned()).await;
        assert_eq!((response.status().as_u16(), cookie_id(&response).as_str()), (status, ""), "{reason}");
        assert_eq!(header(&response, "x-pixeld"), format!("rejected={reason}"));
        assert_eq!(response.bytes().await.unwrap().len(), 0);
        assert_eq!(rejected(&app).await, reason);
    }
    let response = send(&app, &format!("/px?id={}&{}", shop.pixel.id, "x".repeat(8192)), FORM, "").await;
    assert_eq!((response.status().as_u16(), rejected(&app).await.as_str()), (414, "query_too_long"));
    assert_eq!(app.store.logged(), before);
    let counts = app.store.rejected_since(&app.reader(), START).await.unwrap();
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<i64>(), 9);
}

#[tokio::test]
async fn a_body_of_256_kib_is_taken_and_8_kib_of_it_kept() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let start = format!("id={id}&order_id=A1&x=");
    let body = format!("{start}{}", "y".repeat(256 * 1024 - start.len()));
    assert_eq!(send(&app, "/px", FORM, body.clone()).await.status(), 204);
    assert_eq!(fire(&app).await.query, start.trim_end_matches('='));
    let body = format!("{}{}", start.replace("&x=", "&redir=https://a.example/?"), "y".repeat(10_000));
    assert_eq!(send(&app, "/px", FORM, body.clone()).await.status(), 204);
    assert_eq!(fire(&app).await.query, body[..8192]);
}

#[tokio::test]
async fn a_segment_load_may_be_sent_too() {
    let app = TestApp::start().await;
    let a = segment(&app, "a").await.id;
    let response = send(&app, "/seg", "text/plain", format!(r#"{{"add":["{a}:3"]}}"#)).await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (204, "ok"));
    let logged = load(&app).await;
    assert_eq!((logged.tag, ops(&logged.segments)), (TagKind::Beacon, format!("{a}:3")));
    assert_eq!(send(&app, "/seg", FORM, "add=x").await.status(), 404);
}

#[tokio::test]
async fn a_beacon_that_cannot_be_logged_is_never_answered_204() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let a = segment(&app, "a").await.id;
    app.store.stop();
    for (path, body) in [("/px", format!("id={id}")), ("/seg", format!("add={a}")), ("/px", "id=999".to_owned())] {
        let response = send(&app, path, FORM, body).await;
        assert_eq!((response.status().as_u16(), header(&response, "retry-after").as_str()), (503, "30"));
        assert_eq!(header(&response, "x-pixeld"), "error=unavailable");
    }
}

#[tokio::test]
async fn lists_of_segments_may_be_json_everywhere() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let (a, b) = (segment(&app, "a").await.id, segment(&app, "b").await.id);
    let joined = |adds: &str| adds.replace('A', &a.to_string()).replace('B', &b.to_string());
    for (parameters, expected, warned) in [
        (r#""seg":[A,B]"#, "A,B", ""),
        (r#""seg":"A,B""#, "A,B", ""),
        (r#""seg":["A","B:5"]"#, "A,B:5", ""),
        (r#""seg":A"#, "A", ""),
        (r#""add":[A],"remove":[B]"#, "A,-B", ""),
        (r#""seg_code":["a","b"],"member":1"#, "A,B", ""),
        (r#""add_code":["a"],"remove_code":["b"],"member":1"#, "A,-B", ""),
        (r#""seg":"[A,B]""#, "A,B", ""),
        (r#""seg":"[\"A\", \"B:5\"]""#, "A,B:5", ""),
        (r#""seg":[A,{"id":B,"value":5}]"#, "A", "seg not_an_id"),
        (r#""seg":{"id":A}"#, "", "seg not_an_id"),
        (r#""seg":[A,null,true]"#, "A", "seg not_an_id"),
    ] {
        let (body, expected) = (joined(parameters), joined(expected));
        let response = send(&app, "/px", "application/json", format!(r#"{{"id":{id},{body}}}"#)).await;
        assert_eq!(response.status(), 204, "{body}");
        let logged = fire(&app).await;
        assert_eq!(ops(&logged.details.segments), expected, "{body}");
        assert_eq!(warnings(&logged.warnings), Vec::from_iter((!warned.is_empty()).then_some(warned)), "{body}");
    }
    // In a form or an address, too.
    for list in [format!("[{a},{b}]"), format!("[\"{a}\", {b}]"), format!("{a},{b}")] {
        let encoded: String = url::form_urlencoded::byte_serialize(list.as_bytes()).collect();
        for path in [format!("/px?id={id}&seg={encoded}"), format!("/seg?add={encoded}")] {
            assert_eq!(visit(&app, &path, &[]).await.status(), 200, "{path}");
            let logged =
                if path.starts_with("/px") { fire(&app).await.details.segments } else { load(&app).await.segments };
            assert_eq!(ops(&logged), format!("{a},{b}"), "{path}");
        }
        send(&app, "/px", FORM, format!("id={id}&seg={encoded}")).await;
        assert_eq!(ops(&fire(&app).await.details.segments), format!("{a},{b}"), "{list}");
    }
}
