//! Headers that the tracking endpoints share: no answer is cached, and scripts of any page may send tags' requests and
//! read the answers, since any page may carry a tag.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ALLOW, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, ORIGIN, PRAGMA, VARY,
};
use actix_web::{HttpResponse, HttpResponseBuilder};

/// Reports the oddities of a request.
pub static X_PIXELD: HeaderName = HeaderName::from_static("x-pixeld");

/// The longest list of headers that a preflight repeats, in bytes.
const MOST_OF_HEADERS: usize = 1_024;

/// Keeps the answer out of every cache, HTTP/1.0 caches too.
pub fn forbid_caching(headers: &mut HttpResponseBuilder) {
    headers.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    headers.insert_header((PRAGMA, HeaderValue::from_static("no-cache")));
}

/// Lets the page's scripts read the answer, and send cookies.
pub fn allow_origin(headers: &mut HttpResponseBuilder, request: &HeaderMap) {
    let Some(origin) = request.get(ORIGIN) else { return };
    headers.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()));
    headers.insert_header((ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")));
    headers.insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-pixeld")));
    headers.insert_header((VARY, HeaderValue::from_static("Origin")));
}

/// Answers a browser's preflight: may this page send such a request?
pub fn preflight(cors: Option<&HeaderMap>, methods: &'static str) -> HttpResponse {
    let mut headers = HttpResponse::NoContent();
    headers.insert_header((ALLOW, HeaderValue::from_static(methods)));
    forbid_caching(&mut headers);
    if let Some(request) = cors {
        allow_origin(&mut headers, request);
        headers.insert_header((ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods)));
        headers.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(request)));
        headers.insert_header((ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")));
    }
    headers.finish()
}

/// The headers that the page wants to send. A list that is none is not repeated.
fn allowed_headers(request: &HeaderMap) -> HeaderValue {
    let is_list = |value: &&HeaderValue| {
        let is_in_list = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~, ".contains(byte);
        !value.is_empty() && value.len() <= MOST_OF_HEADERS && value.as_bytes().iter().all(is_in_list)
    };
    let wanted = request.get(ACCESS_CONTROL_REQUEST_HEADERS).filter(is_list);
    wanted.cloned().unwrap_or_else(|| HeaderValue::from_static("Content-Type"))
}
