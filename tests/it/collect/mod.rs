//! The public tracking endpoints on the real application: what is answered, to the last header, and what is logged.

mod answers;
pub mod endpoints;
mod kinds;
mod requests;
mod visitors;

use pixeld::domain::{Exposure, Fire, Logged, Segment, SegmentLoad};
use reqwest::Response;
use reqwest::header::SET_COOKIE;

use crate::harness::TestApp;

pub const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
pub const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x21\xf9\x04\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";

/// The [`transcript`] of an image that sets a cookie.
pub const IMAGE_ANSWER: &str = "200 OK\n\
    cache-control: no-store\n\
    content-length: 43\n\
    content-type: image/gif\n\
    cross-origin-resource-policy: cross-origin\n\
    pragma: no-cache\n\
    set-cookie: pxid=(16 hex digits); Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax\n\
    x-pixeld: ok\n\
    \n\
    (the image)";

/// Requests a path as a browser does.
pub async fn visit(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    app.get(path, &[&[("user-agent", BROWSER)], headers].concat()).await
}

/// The fire logged last.
pub async fn fire(app: &TestApp) -> Fire {
    app.store.fire(&app.reader(), app.store.logged()).await.unwrap().row
}

/// The exposure logged last.
pub async fn exposure(app: &TestApp) -> Logged<Exposure> {
    app.store.exposure(&app.reader(), app.store.logged()).await.unwrap()
}

/// The load of the segment pixel logged last.
pub async fn load(app: &TestApp) -> SegmentLoad {
    app.store.segment_load(&app.reader(), app.store.logged()).await.unwrap().row
}

/// Sends a body as a page's script does.
pub async fn send(app: &TestApp, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Response {
    let request = app.client.post(app.url(path)).header("user-agent", BROWSER).header("content-type", kind);
    request.body(body).send().await.unwrap()
}

/// Makes a segment for every advertiser.
pub async fn segment(app: &TestApp, code: &str) -> Segment {
    let segment = Segment { code: Some(code.to_owned()), ..Segment::new(code) };
    app.store.create(&app.editor(), segment).await.unwrap()
}

/// The operations of a row, as they stand in the log.
pub fn ops(list: &[pixeld::domain::SegmentOp]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The reason of the request rejected last.
pub async fn rejected(app: &TestApp) -> String {
    app.store.latest_rejected(&app.reader(), 1).await.unwrap().remove(0).reason
}

/// A header of an answer; empty if it is not there.
pub fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// The visitor's id in an answer's cookie; empty if it sets none.
pub fn cookie_id(response: &Response) -> String {
    let cookie = header(response, SET_COOKIE.as_str());
    cookie.strip_prefix("pxid=").and_then(|rest| rest.split(';').next()).unwrap_or("").to_owned()
}

/// The warnings of a row, as `parameter rule`.
pub fn warnings(list: &[pixeld::domain::Warning]) -> Vec<String> {
    list.iter().map(|warning| format!("{} {}", warning.parameter, warning.rule)).collect()
}

/// A whole answer: status, headers by name, body. The date is left out, and a visitor's id is checked and hidden.
pub async fn transcript(response: Response) -> String {
    let id = cookie_id(&response);
    if !id.is_empty() {
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    }
    let token = header(&response, "x-pixeld-imp");
    assert!(token.is_empty() || token.len() == 40, "{token}");
    let mut lines: Vec<_> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    let status = response.status();
    let body = response.bytes().await.unwrap();
    let body = if body == GIF { "(the image)".into() } else { String::from_utf8(body.to_vec()).unwrap() };
    let text = format!("{status}\n{}\n\n{body}", lines.join("\n"));
    let hidden = [(id, "(16 hex digits)"), (token, "(token)")].into_iter().filter(|(secret, _)| !secret.is_empty());
    hidden.fold(text, |text, (secret, name)| text.replace(&secret, name))
}
