//! Floods: more and larger bodies, more connections and more nonsense than anybody needs. Others are answered meanwhile,
//! and the program's log stays short.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use pixeld::domain::Role;
use pixeld::web::body_room::MOST_OF_ADDRESS;
use reqwest::{Client, Method, Response};

use crate::api::Api;
use crate::collect::header;
use crate::program::Program;

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest body of a tracking request.
const LARGE: usize = 256 * 1024;

/// The file descriptors of the program.
const DESCRIPTORS: usize = 1_024;

/// A client on this machine that calls from 127.0.0.`last`.
fn client_at(last: u8) -> Client {
    let address = IpAddr::from([127, 0, 0, last]);
    let client = Client::builder().local_address(address).timeout(PATIENCE).no_proxy().pool_max_idle_per_host(0);
    client.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Sends the start of a request and keeps the connection.
fn open(address: SocketAddr, text: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    // The server may have answered and closed before it read all.
    match stream.write_all(text) {
        Err(error) if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => panic!("{error}"),
        _ => stream,
    }
}

/// A method, an address, headers, a body, and the status of the answer.
type Way = (Method, &'static str, Vec<(&'static str, String)>, String, u16);

/// The ways in that read a body: what to send, who sends it, and the answer to a body for which there is room.
fn ways(collector: &str, admin: &str) -> Vec<Way> {
    let large = |head: &str, tail: &str| format!("{head}{}{tail}", "x".repeat(LARGE - head.len() - tail.len() - 20));
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n";
    let of = |name: &str| vec![("authorization", name.to_owned())];
    let kind = |kind: &str| vec![("content-type", kind.to_owned())];
    let small = |text: &str| text.to_owned();
    let events = r#"{"events":[],"note":""#;
    vec![
        (Method::POST, "/px?id=1", kind("application/json"), large(r#"{"other":""#, "\"}"), 204),
        (Method::POST, "/px?id=1", kind("application/x-www-form-urlencoded"), large("other=", ""), 204),
        (Method::POST, "/px?id=1", kind("multipart/form-data; boundary=B"), large(multipart, "\r\n--B--\r\n"), 204),
        (Method::POST, "/seg?add=999", kind("text/plain"), large("other=", ""), 404),
        (Method::POST, "/conversions", of(collector), large(events, "\"}"), 200),
        (Method::POST, "/adjustments", of(collector), large(r#"{"adjustments":[],"note":""#, "\"}"), 200),
        (Method::POST, "/pixel", of(admin), large(r#"{"pixel":{"name":""#, "\"}}"), 200),
        (
            Method::POST,
            "/admin/sign-in?kept",
            kind("application/x-www-form-urlencoded"),
            large("user=a&kept=", ""),
            401,
        ),
        (Method::POST, "/px?id=1", kind("text/plain"), small("other=small"), 204),
        (Method::POST, "/auth", vec![], small(r#"{"auth":{"username":"no","password":"no"}}"#), 401),
        (Method::GET, "/px?id=1", vec![], String::new(), 200),
    ]
}

async fn send(api: &Api, from: &Client, way: &(Method, &str, Vec<(&str, String)>, String, u16)) -> Response {
    let (method, path, headers, body, _) = way;
    let mut request = from.request(method.clone(), api.app.url(path)).body(body.clone());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn large_bodies_of_one_address_leave_room_for_small_ones_and_for_others() {
    let api = Api::start().await;
    api.app.shop().await;
    api.user("shop", Role::Collector, None).await;
    let collector = api.sign_in("shop").await;
    let (near, other) = (client_at(1), client_at(2));
    let ways = ways(&collector, &api.token);
    let text = format!("POST /px?id=1 HTTP/1.1\r\nHost: a\r\nContent-Length: {LARGE}\r\n\r\n{}", "a".repeat(LARGE - 1));
    // The last byte of each is missing, so the server keeps the rest.
    let mut held: Vec<_> = (0..=MOST_OF_ADDRESS / LARGE).map(|_| open(api.app.address, text.as_bytes())).collect();
    let begun = Instant::now();
    while send(&api, &near, &ways[0]).await.status() != 503 {
        assert!(begun.elapsed() < PATIENCE, "the room of an address has an end");
        // This request may have taken the room of one of them.
        held.push(open(api.app.address, text.as_bytes()));
    }
    for way in &ways {
        let (_, path, headers, body, usual) = way;
        let refused = send(&api, &near, way).await;
        let is_large = body.len() > 4 * 1024;
        assert_eq!(refused.status().as_u16(), if is_large { 503 } else { *usual }, "{path} {headers:?}");
        if is_large {
            assert!(!header(&refused, "retry-after").is_empty(), "{path} {headers:?}");
            let says = [header(&refused, "x-pixeld"), refused.text().await.unwrap()].concat();
            let words = ["overloaded", "too many large requests", "Too many large requests"];
            assert!(words.iter().any(|words| says.contains(words)), "{path} {headers:?}: {says}");
        }
        assert_eq!(send(&api, &other, way).await.status().as_u16(), *usual, "{path} {headers:?} from elsewhere");
    }
    drop(held);
    let begun = Instant::now();
    while send(&api, &near, &ways[0]).await.status() != 204 {
        assert!(begun.elapsed() < PATIENCE, "the room is free again");
    }
}

#[tokio::test]
async fn a_stranger_who_signs_in_sends_little() {
    let api = Api::start().await;
    let long = "x".repeat(4 * 1024);
    for (path, body, status) in [
        ("/auth", format!(r#"{{"auth":{{"username":"ann","password":"{long}"}}}}"#), 400),
        ("/admin/sign-in", format!("user=ann&password={long}"), 400),
        ("/admin/setup", format!("code={long}"), 400),
        ("/auth", r#"{"auth":{"username":"ann","password":"wrong"}}"#.to_owned(), 401),
        ("/admin/sign-in", "user=ann&password=wrong".to_owned(), 401),
    ] {
        let answer = api.app.client.post(api.app.url(path)).body(body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
}

/// More connections than there are descriptors, each of a kind that waits for its client.
#[tokio::test]
async fn idle_connections_keep_no_visitor_out() {
    let directory = tempfile::TempDir::new().unwrap();
    pixeld::web::connection::descriptors::raise();
    let program = Program::start_with(directory.path(), &format!("ulimit -n {DESCRIPTORS}"));
    let address = program.socket();
    let unread = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(16);
    for (kind, text) in [
        ("idle after an answer", "GET /px?id=1 HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("silent from the start", ""),
        ("half a head", "GET /px?id=1 HTTP/1.1\r\nHo"),
        ("half a body", "POST /px?id=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\nid"),
        ("answers that nobody reads", &unread),
    ] {
        // No deadline of the server comes to help: the visitor asks at every step, and all connections stay open.
        let mut open_ones = Vec::new();
        for count in 0..DESCRIPTORS + 100 {
            open_ones.push(open(address, text.as_bytes()));
            if count % 100 == 0 || count >= DESCRIPTORS {
                let mut visitor = open(address, b"GET /px?id=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
                let mut answer = Vec::new();
                let read = visitor.read_to_end(&mut answer);
                assert!(answer.starts_with(b"HTTP/1.1 404"), "{kind}, {count}: {read:?}");
            }
        }
    }
    program.stop();
}

/// What a stranger can send, and the start of the answer to it.
const NONSENSE: &[(&str, &[u8], &str)] = &[
    ("bytes of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x01\x02", "HTTP/1.1 400"),
    ("no HTTP", b"hello\r\n\r\n", "HTTP/1.1 400"),
    ("a header without a name", b"GET / HTTP/1.1\r\n: x\r\n\r\n", "HTTP/1.1 400"),
    ("two lengths", b"POST /px HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 400"),
    ("a bad chunk", b"POST /px?id=1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ""),
    ("too long a body", b"POST /px HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", "HTTP/1.1 413"),
    ("a bad body", b"POST /px HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{x", "HTTP/1.1 400"),
    ("an unknown path", b"GET /nothing/here HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 40"),
    ("an unknown pixel", b"GET /px?id=7 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404"),
    ("a forged token", b"GET /sspx?sspdata=x.y HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400"),
    ("an unknown API token", b"GET /pixel HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n\r\n", "HTTP/1.1 401"),
    ("events without a token", b"POST /conversions HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 401"),
    (
        "a wrong password",
        b"POST /auth HTTP/1.1\r\nHost: a\r\nContent-Length: 42\r\n\r\n{\"auth\":{\"username\":\"a\",\"password\":\"bbbb\"}}",
        "HTTP/1.1 4",
    ),
    ("an odd method", b"BREW /px HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405"),
    ("a body that ends early", b"POST /px HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\nabc", ""),
    ("nothing", b"", ""),
];

/// The lines that each place in the program's code writes in a minute, and the one that counts the rest.
const LINES: usize = 4;

#[tokio::test]
async fn whatever_a_stranger_sends_the_log_stays_short() {
    let directory = tempfile::TempDir::new().unwrap();
    let program = Program::start_with(directory.path(), "true");
    let address = program.socket();
    let long = format!("GET /px?id=1&x={} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(10_000));
    let longer = format!("GET /px HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(200_000));
    let long_ones = [("a long query", long.as_bytes(), "HTTP/1.1 414"), ("a long head", longer.as_bytes(), "")];
    for (way, text, wanted) in NONSENSE.iter().copied().chain(long_ones) {
        for _ in 0..50 {
            let mut stream = open(address, text);
            if wanted.is_empty() {
                continue;
            }
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).unwrap_or_else(|error| panic!("{way}: {error}"));
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.starts_with(wanted), "{way}: {answer}");
        }
    }
    let log = program.stop();
    let said = |words: &str| log.lines().filter(|line| line.contains(words)).count();
    assert_eq!(said("a request is not HTTP that pixeld reads"), LINES, "{log}");
    assert_eq!(said("more lines in the last minute such as: a request is not HTTP"), 1, "{log}");
    assert!(log.lines().count() <= 4 * LINES, "{log}");
}
