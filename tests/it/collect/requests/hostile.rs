//! Whatever is sent, an answer comes that is well-formed, and the next visitor is served.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::collect::{fire, header, visit};
use crate::harness::TestApp;

/// Sends these bytes and returns all that comes back.
fn raw(app: &TestApp, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn hostile_values_stay_values() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    for value in [
        "%0d%0aSet-Cookie:%20evil=1",
        "%E5%98%8A%E5%98%8DSet-Cookie:evil=1",
        "%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "%00",
        "%ff%fe%80",
        "%",
        "%%%%",
        "%27;DROP%20TABLE%20fires;--",
        "=cmd|%27/c%20calc%27!A0",
        "${${ORDER_ID}}",
        "%F0%9F%8E%89",
        "a&order_id=b&order_id",
        "&&&;;;===",
    ] {
        for t in [1, 2] {
            let query = format!("id={id}&t={t}&order_id={value}");
            let response = visit(&app, &format!("/px?{query}"), &[]).await;
            assert_eq!(response.status(), 200, "{value}");
            assert_eq!(response.headers().get_all("set-cookie").iter().count(), 1, "{value}");
            assert!(header(&response, "set-cookie").starts_with("pxid="), "{value}");
            let logged = fire(&app).await;
            // Its last case has an unknown parameter, named `;;;`.
            assert_eq!(logged.query, query.trim_end_matches("==="), "logged as it came");
            assert!(logged.order_id.is_none_or(|text| !text.contains(char::is_control)), "{value}");
        }
    }
}

#[tokio::test]
async fn odd_headers_are_cut_and_kept() {
    let app = TestApp::start().await;
    let px = format!("/px?id={}", app.shop().await.pixel.id);
    let long = format!("https://shop.example/{}", "x".repeat(3000));
    let agent = format!("Mozilla/5.0 Gecko/{}", "9".repeat(3000));
    let response = app.get(&px, &[("referer", &long), ("user-agent", &agent)]).await;
    assert_eq!(response.status(), 200);
    let logged = fire(&app).await;
    assert_eq!(logged.referer.as_deref(), Some(&long[..1024]));
    assert_eq!(logged.user_agent.as_deref(), Some(&agent[..512]));

    let request = format!("GET {px} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nReferer: \u{e9}");
    let answer = raw(&app, &[request.as_bytes(), b"\xff\r\nCookie: \xff=\xfe; pxid=2a\r\n\r\n"].concat());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("set-cookie: pxid=000000000000002a;"), "{answer}");
    assert_eq!(fire(&app).await.referer.as_deref(), Some("\u{e9}%FF"));
}

#[tokio::test]
async fn a_fire_is_logged_although_its_connection_closes_early() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    let mut stream = TcpStream::connect(app.address).unwrap();
    write!(stream, "GET /px?id={} HTTP/1.1\r\nHost: x\r\n\r\n", shop.pixel.id).unwrap();
    drop(stream);
    visit(&app, &format!("/px?id={}", shop.pixel.id), &[]).await;
    let logged = app.store.logged().0 - before.0;
    assert!((1..=2).contains(&logged), "{logged}");
}

/// actix answers these itself, before anything of ours hears of them (its `Uri` takes none of them); README, *What it does
/// not do*. Browsers escape them all.
#[tokio::test]
async fn bytes_that_no_url_may_hold_are_refused_without_harm() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let before = app.store.logged();
    for bytes in ["é", "日本", "\"", "<", ">", "\u{7f}", "\u{1}"] {
        let request = format!("GET /px?id={id}&other={bytes} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = raw(&app, request.as_bytes());
        let head = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n";
        assert!(answer.starts_with(head) && answer.ends_with("\r\n\r\n"), "{bytes}: {answer}");
    }
    // Nor does it take an address of any length.
    let long = "x".repeat(65_600);
    let request = format!("GET /px?id={id}&x={long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answer = raw(&app, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n"), "{answer}");
    assert_eq!(app.store.logged(), before);
    // These are no better by the book, and are taken, since tags do hold them.
    let request = format!("GET /px?id={id}&other={{}}[]|^`\\~' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answer = raw(&app, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(fire(&app).await.other.as_deref(), Some("{}[]|^`\\~'"));
}
