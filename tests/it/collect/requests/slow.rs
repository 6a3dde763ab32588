//! Clients that take their time, stop half-way or never come to an end: each is answered and let go, and the next
//! visitor is served meanwhile.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use pixeld::web::connection::patient::PATIENCE;

use crate::collect::{header, rejected, visit};
use crate::harness::TestApp;

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

/// Sends `head`, then `drop` again and again, until the server hangs up, or has had so many drops; returns all that it
/// said. A client like this one waits for nothing.
fn drip(app: &TestApp, head: &str, drop: &str, pause: Duration, most: usize) -> String {
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_read_timeout(Some(pause)).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    for _ in 0..most {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}"),
        }
        if stream.write_all(drop.as_bytes()).is_err() {
            break;
        }
    }
    String::from_utf8(answer).unwrap()
}

/// An answer's status and headers, sorted, without the date; then its body.
fn plain(answer: &str) -> String {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let mut lines: Vec<_> = head.lines().filter(|line| !line.starts_with("date: ")).collect();
    lines[1..].sort_unstable();
    format!("{}\n\n{body}", lines.join("\n"))
}

/// The answer to a refused beacon.
fn refused(status: &str, reason: &str, connection: &str) -> String {
    format!(
        "HTTP/1.1 {status}\ncache-control: no-store\n{connection}content-length: 0\n\
         cross-origin-resource-policy: cross-origin\npragma: no-cache\nx-pixeld: rejected={reason}\n\n"
    )
}

const CLOSED: &str = "connection: close\n";

#[tokio::test]
async fn a_connection_that_sends_byte_by_byte_is_closed() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let before = app.store.logged();
    let form = format!("POST /px HTTP/1.1\r\nHost: x\r\n{FORM}\r\n");
    let whole = format!("{form}Content-Length: 100000\r\n\r\nid={id}&other=");
    let chunks = format!("{form}Transfer-Encoding: chunked\r\n\r\n3\r\nid=\r\n");
    let requests = [
        ("GET /px HTTP/1.1\r\nHost: x\r\nX-Slow: ", "x"),
        (whole.as_str(), "x"),
        (chunks.as_str(), "1\r\nx\r\n"),
        ("POST /conversions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", ""),
        ("POST /auth HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n{\"auth\":", " "),
        ("POST /admin/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\nusername=", "x"),
    ];
    let answers = std::thread::scope(|threads| {
        let app = &app;
        let slow = |(head, drop)| threads.spawn(move || drip(app, head, drop, Duration::from_millis(100), 300));
        requests.map(slow).map(|thread| thread.join().unwrap())
    });
    let [head, whole, chunks, conversions, login, form] = answers.each_ref().map(|answer| plain(answer));
    assert_eq!(head, "HTTP/1.1 408 Request Timeout\nconnection: close\ncontent-length: 0\n\n");
    assert_eq!(whole, refused("408 Request Timeout", "body_incomplete", CLOSED));
    assert_eq!(chunks, whole);
    assert!(conversions.starts_with("HTTP/1.1 401 "), "who may not is not waited for: {conversions}");
    assert!(login.starts_with("HTTP/1.1 400 Bad Request\n"), "{login}");
    let said = r#""error_id":"SYNTAX","error":"the body did not arrive in time, or not whole","#;
    assert!(login.contains(said), "{login}");
    assert!(form.starts_with("HTTP/1.1 400 "), "{form}");
    assert!(form.contains("The form cannot be read: it did not arrive in time, or not whole."), "{form}");
    assert_eq!(rejected(&app).await, "body_incomplete");
    assert_eq!(app.store.logged(), before, "none of them is a fire");
    assert_eq!(visit(&app, &format!("/px?id={id}"), &[]).await.status(), 200);
}

/// On a connection that has served a request, the next one's head has no deadline of its own; but what was received must
/// be answered in time.
#[tokio::test]
async fn a_connection_that_was_used_before_is_no_place_to_hide() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let before = app.store.logged();
    let half_a_request = |drop: &str| {
        let mut stream = TcpStream::connect(app.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET /px?id={id}&t=1 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = [0; 4096];
        let read = stream.read(&mut answer).unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200 OK\r\n"));
        stream.set_read_timeout(Some(Duration::from_millis(250))).unwrap();
        let began = Instant::now();
        write!(stream, "GET /px?id={id}&order_id=").unwrap();
        // It is hung up on, without an answer.
        while !matches!(stream.read(&mut answer), Ok(0)) && stream.write_all(drop.as_bytes()).is_ok() {
            assert!(began.elapsed() < 2 * PATIENCE, "the connection is held");
        }
        assert!(began.elapsed() >= PATIENCE, "{:?}", began.elapsed());
    };
    std::thread::scope(|threads| {
        let half_a_request = &half_a_request;
        for drop in ["x", ""] {
            threads.spawn(move || half_a_request(drop));
        }
    });
    assert_eq!(app.store.logged().0, before.0 + 2, "the whole ones are fires, the halves none");
}

#[tokio::test]
async fn a_body_that_never_ends_is_refused_once_it_is_too_long() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    for path in ["/px", "/seg"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nid=1&add=\r\n"
        );
        // The server closes a connection that goes on sending.
        let answer = drip(&app, &head, &chunk, Duration::from_millis(20), usize::MAX);
        assert_eq!(plain(&answer), refused("413 Payload Too Large", "body_too_long", CLOSED), "{path}");
        assert_eq!(rejected(&app).await, "body_too_long", "{path}");
    }
    assert_eq!(visit(&app, &format!("/px?id={id}"), &[]).await.status(), 200);
}

#[tokio::test]
async fn a_body_that_stops_half_way_is_no_fire() {
    let app = TestApp::start().await;
    let id = app.shop().await.pixel.id;
    let before = app.store.logged();
    for transfer in ["Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e8\r\n"] {
        let mut stream = TcpStream::connect(app.address).unwrap();
        write!(stream, "POST /px HTTP/1.1\r\nHost: x\r\n{FORM}\r\n{transfer}id={id}&order_id=A1").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(plain(&answer), refused("408 Request Timeout", "body_incomplete", ""), "{transfer}");
    }
    assert_eq!(app.store.logged(), before);
    let response = visit(&app, &format!("/px?id={id}"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, "ok"));
}
