//! Bodies in other encodings, on every way in: compressed, with a byte order mark, UTF-16.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use pixeld::domain::{ApiToken, Caller, Role};
use reqwest::Response;
use serde_json::{Value, json};

use crate::collect::{BROWSER, header, segment};
use crate::harness::TestApp;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

type Compress = fn(&[u8]) -> Vec<u8>;

/// The compressions, each with its name in `Content-Encoding`.
const COMPRESSIONS: [(&str, Compress); 7] = [
    ("gzip", gzip),
    ("GZIP", gzip),
    ("x-gzip", gzip),
    ("deflate", zlib),
    ("deflate", deflate),
    ("identity", <[u8]>::to_vec),
    ("", <[u8]>::to_vec),
];

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// A way in that takes a body.
struct Way {
    path: &'static str,
    kind: &'static str,
    body: String,
    /// The status of a body that is taken, and of one that holds no JSON or form.
    taken: u16,
    damaged: u16,
}

struct Sender {
    app: TestApp,
    token: String,
}

impl Sender {
    async fn start() -> (Self, Vec<Way>) {
        let app = TestApp::start().await;
        let pixel = app.shop().await.pixel.id;
        let segment = segment(&app, "a").await.id;
        let by = Caller::shell().admin().unwrap();
        app.auth.create_user(&by, pixeld::domain::User::new("mira", Role::Admin), "correct horse").await.unwrap();
        let (secret, _) = app.auth.create_token(&by, ApiToken::new("shop", Role::Editor, None)).await.unwrap();
        let way = |path, kind, body: String, taken, damaged| Way { path, kind, body, taken, damaged };
        let sign_in = json!({"auth": {"username": "mira", "password": "correct horse"}}).to_string();
        let ways = vec![
            way("/px", JSON, json!({"id": pixel.0, "order_id": "A1"}).to_string(), 204, 400),
            way("/px", "text/plain", json!({"id": pixel.0, "order_id": "A1"}).to_string(), 204, 400),
            way("/px", FORM, format!("id={pixel}&order_id=A1"), 204, 400),
            way("/seg", JSON, json!({"add": [segment.0]}).to_string(), 204, 400),
            way("/seg", FORM, format!("add={segment}"), 204, 400),
            way("/conversions", JSON, json!({"events": [{"pixel_id": pixel.0}]}).to_string(), 200, 400),
            way("/adjustments", JSON, json!({"order_id": "A1", "type": "retract"}).to_string(), 200, 400),
            way("/publisher", JSON, json!({"publisher": {"name": "News"}}).to_string(), 200, 400),
            way("/auth", JSON, sign_in, 200, 400),
        ];
        (Sender { app, token: secret.expose().to_owned() }, ways)
    }

    async fn send(&self, way: &Way, encoding: &str, body: Vec<u8>) -> Response {
        let request = self.app.client.post(self.app.url(way.path)).header("user-agent", BROWSER);
        let request = request.header("content-type", way.kind).header("authorization", &self.token);
        let request = if encoding.is_empty() { request } else { request.header("content-encoding", encoding) };
        request.body(body).send().await.unwrap()
    }

    /// The reason of the request rejected last.
    async fn rejected(&self) -> String {
        let kept = self.app.store.latest_rejected(&self.app.reader(), 1).await.unwrap();
        kept.into_iter().next().map(|row| row.reason).unwrap_or_default()
    }
}

/// Whether the address keeps requests that it rejects.
fn is_tracking(way: &Way) -> bool {
    !matches!(way.path, "/publisher" | "/auth")
}

#[tokio::test]
async fn a_compressed_body_is_read() {
    let (sender, ways) = Sender::start().await;
    for way in &ways {
        for (encoding, compress) in COMPRESSIONS {
            let before = sender.app.store.logged();
            let response = sender.send(way, encoding, compress(way.body.as_bytes())).await;
            assert_eq!(response.status(), way.taken, "{} {} {encoding}", way.path, way.kind);
            if is_tracking(way) {
                assert_eq!(sender.app.store.logged().0, before.0 + 1, "{} {encoding}", way.path);
            }
        }
        let damaged = sender.send(way, "gzip", way.body.clone().into_bytes()).await;
        assert_eq!(damaged.status(), way.damaged, "{}", way.path);
    }
}

#[tokio::test]
async fn a_compression_that_is_not_read_is_refused_as_such() {
    let (sender, ways) = Sender::start().await;
    for way in &ways {
        for encoding in ["br", "zstd", "gzip, gzip", "aws-chunked"] {
            let before = sender.app.store.logged();
            let response = sender.send(way, encoding, b"x".to_vec()).await;
            assert_eq!(response.status(), 415, "{} {encoding}", way.path);
            assert_eq!(sender.app.store.logged(), before);
            if is_tracking(way) {
                assert_eq!(sender.rejected().await, "unknown_encoding", "{} {encoding}", way.path);
            }
            if way.path == "/conversions" {
                assert_eq!(header(&response, "accept-encoding"), "gzip, deflate");
                let answer: Value = response.json().await.unwrap();
                assert_eq!(answer["error"], "unknown_encoding");
            }
        }
    }
}

#[tokio::test]
async fn the_limit_counts_for_what_comes_out() {
    let (sender, ways) = Sender::start().await;
    for way in &ways {
        let long = way.body.trim_end_matches('}').to_owned()
            + &" ".repeat(2_000_000)
            + if way.kind == FORM { "" } else { "}" };
        let response = sender.send(way, "gzip", gzip(long.as_bytes())).await;
        let expected = if is_tracking(way) { 413 } else { 400 };
        assert_eq!(response.status(), expected, "{}", way.path);
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_left_out_and_utf_16_is_refused_as_such() {
    let (sender, ways) = Sender::start().await;
    for way in &ways {
        let marked = ["\u{feff}", &way.body].concat();
        assert_eq!(sender.send(way, "", marked.clone().into_bytes()).await.status(), way.taken, "{}", way.path);
        assert_eq!(sender.send(way, "gzip", gzip(marked.as_bytes())).await.status(), way.taken, "{}", way.path);
        let units = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for body in [
            units(&marked, u16::to_le_bytes),
            units(&marked, u16::to_be_bytes),
            units(&way.body, u16::to_le_bytes),
            units(&way.body, u16::to_be_bytes),
        ] {
            assert_eq!(sender.send(way, "", body).await.status(), 415, "{}", way.path);
            if is_tracking(way) {
                assert_eq!(sender.rejected().await, "body_utf16", "{}", way.path);
            }
        }
    }
}
