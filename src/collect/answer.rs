//! The answers of the tracking endpoints: an image, a script, a redirect or a line of text, never cached, never an error
//! page. What was odd about a request is told in the header `X-Pixeld`.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL,
    CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, ORIGIN, PRAGMA, REFRESH, RETRY_AFTER, SET_COOKIE, VARY,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use url::Url;

use super::onward::Onward;
use super::rejection::Rejection;
use super::script;
use super::visitor::Visitor;
use crate::domain::{Flags, TagForm, TagKind, Warning};
use crate::store::StoreError;

/// The transparent image of one pixel: 43 bytes.
pub const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x01\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b";

/// What the body is.
#[derive(Debug)]
pub enum Body {
    /// The image.
    Gif,
    /// A program, often empty.
    Script(String),
    /// A line for a person who followed a link.
    Text(&'static str),
    /// Nothing but the way on.
    Redirect(Url),
    /// Nothing: what a beacon expects.
    Nothing,
}

/// What the sender of a request makes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    /// A tag in a page.
    Tag(TagForm),
    /// A page's script that does not look at it.
    Nothing,
}

impl Expects {
    /// By which way its rows came.
    pub fn kind(self) -> TagKind {
        match self {
            Expects::Tag(form) => form.into(),
            Expects::Nothing => TagKind::Beacon,
        }
    }
}

impl Body {
    /// What is answered when there is nothing to do.
    pub fn nothing(expects: Expects) -> Self {
        match expects {
            Expects::Tag(TagForm::Image) => Body::Gif,
            Expects::Tag(TagForm::Script) => Body::Script(String::new()),
            Expects::Nothing => Body::Nothing,
        }
    }

    /// What is answered to a tag with these flags when it goes on to these.
    pub fn of(expects: Expects, flags: Flags, onward: Onward) -> Self {
        match expects {
            Expects::Tag(TagForm::Script) if flags.prefetch => Body::Script(script::once_shown()),
            expects => Body::onward(expects, onward),
        }
    }

    /// What is answered when it goes on to these.
    pub fn onward(expects: Expects, mut onward: Onward) -> Self {
        match expects {
            Expects::Tag(TagForm::Script) => Body::Script(script::program(&onward)),
            Expects::Tag(TagForm::Image) if onward.images.is_empty() => Body::Gif,
            Expects::Tag(TagForm::Image) => Body::Redirect(onward.images.swap_remove(0)),
            Expects::Nothing => Body::Nothing,
        }
    }
}

/// What the answer says about the request, in `X-Pixeld`.
#[derive(Debug, PartialEq, Eq)]
pub enum Note {
    /// Taken, with nothing odd about it.
    Ok,
    /// Taken; this was odd.
    Odd(String),
    /// Not taken.
    Rejected(Rejection),
    /// Not taken, through no fault of the request.
    Failed(Failure),
}

impl Note {
    /// Tells what keeps a request from being counted or its visitor from being known, and which parameters broke their
    /// rule.
    pub fn of(visitor: Visitor, flags: Flags, warnings: &[Warning]) -> Self {
        let unknown = match visitor {
            Visitor::Nobody(why) => why.told(),
            Visitor::Known(_) | Visitor::New(_) => None,
        };
        let flags = [(flags.test, "test"), (flags.bot, "bot"), (flags.prefetch, "prefetch")];
        let flags: Vec<&str> = flags.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect();
        let mut names: Vec<&str> = Vec::new();
        for warning in warnings {
            if !names.contains(&warning.parameter.as_str()) {
                names.push(&warning.parameter);
            }
        }
        if unknown.is_none() && flags.is_empty() && names.is_empty() {
            return Note::Ok;
        }
        let said = [("no_visitor", unknown.as_slice()), ("flag", &flags), ("warning", &names)];
        let said: Vec<_> = said
            .into_iter()
            .filter(|(_, what)| !what.is_empty())
            .map(|(about, what)| format!("{about}={}", what.join(",")))
            .collect();
        Note::Odd(said.join("; "))
    }

    fn value(&self) -> Option<HeaderValue> {
        match self {
            Note::Ok => Some(HeaderValue::from_static("ok")),
            // Names of parameters and flags come from fixed lists, so that nothing of the request gets in here.
            Note::Odd(text) => HeaderValue::from_str(text).ok(),
            Note::Rejected(rejection) => HeaderValue::try_from(format!("rejected={}", rejection.as_str())).ok(),
            Note::Failed(failure) => HeaderValue::try_from(format!("error={}", failure.name())).ok(),
        }
    }
}

/// Why a request was not taken though nothing was wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Too much waits to be written, or to be read.
    Overloaded,
    /// Nothing can be written, or read, now.
    Unavailable,
    /// A fault of ours.
    Fault,
}

impl Failure {
    /// What the store's error is to a browser.
    pub fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Overloaded | StoreError::Busy => Failure::Overloaded,
            StoreError::Unavailable(_) | StoreError::Unreadable(_) => Failure::Unavailable,
            StoreError::NotFound { .. }
            | StoreError::Invalid(_)
            | StoreError::Denied(_)
            | StoreError::Integrity(_)
            | StoreError::Limit(_)
            | StoreError::Fault(_) => Failure::Fault,
        }
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Failure::Overloaded => "overloaded",
            Failure::Unavailable => "unavailable",
            Failure::Fault => "fault",
        }
    }

    /// When to try again, in seconds: a full queue is worked off at once, a full disk waits for a person.
    pub fn retry_after(self) -> &'static str {
        match self {
            Failure::Overloaded => "1",
            Failure::Unavailable | Failure::Fault => "30",
        }
    }
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// The status; of no account for [`Body::Redirect`].
    pub status: StatusCode,
    /// The body.
    pub body: Body,
    /// What is said about the request.
    pub note: Note,
    /// The visitor's cookie.
    pub cookie: Option<HeaderValue>,
    /// The token of the impression that was logged.
    pub impression: Option<String>,
}

impl Answer {
    /// A request that was taken.
    pub fn taken(body: Body, note: Note, cookie: Option<HeaderValue>) -> Self {
        let status = if matches!(body, Body::Nothing) { StatusCode::NO_CONTENT } else { StatusCode::OK };
        Answer { status, body, note, cookie, impression: None }
    }

    /// A request that was not taken, with the status its reason asks for. No visitor is made of it.
    pub fn rejected(body: Body, rejection: Rejection) -> Self {
        Answer { status: rejection.status(), body, note: Note::Rejected(rejection), cookie: None, impression: None }
    }

    /// To a browser that fetches a page in advance: it uses nothing of this, and asks again once somebody comes.
    pub fn not_yet(note: Note) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Answer { status, body: Body::Nothing, note, cookie: None, impression: None }
    }

    /// A request that could not be written down: never a false 200.
    pub fn failed(body: Body, failure: Failure) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Answer { status, body, note: Note::Failed(failure), cookie: None, impression: None }
    }

    /// Sends it. `cors` are the request's headers where pages may read the answer from scripts.
    pub fn send(self, cors: Option<&HeaderMap>) -> HttpResponse {
        let failure = match self.note {
            Note::Failed(failure) => Some(failure),
            Note::Ok | Note::Odd(_) | Note::Rejected(_) => None,
        };
        let status = match (&self.body, failure) {
            (Body::Redirect(_), None) => StatusCode::FOUND,
            _ => self.status,
        };
        let mut builder = HttpResponse::build(status);
        let headers = &mut builder;
        forbid_caching(headers);
        // Lets pages that isolate themselves (COEP) carry the tag all the same.
        headers.insert_header((CORP, HeaderValue::from_static("cross-origin")));
        if let Some(note) = self.note.value() {
            headers.insert_header((X_PIXELD, note));
        }
        if let Some(token) = self.impression {
            headers.insert_header((X_PIXELD_IMP, token));
        }
        if let Some(cookie) = self.cookie {
            headers.insert_header((SET_COOKIE, cookie));
        }
        if let Some(failure) = failure {
            headers.insert_header((RETRY_AFTER, HeaderValue::from_static(failure.retry_after())));
        }
        if let Some(request) = cors {
            allow_origin(headers, request);
        }
        match self.body {
            Body::Nothing => headers.finish(),
            Body::Gif => {
                headers.insert_header((CONTENT_TYPE, HeaderValue::from_static("image/gif")));
                headers.body(GIF)
            }
            Body::Script(program) => {
                headers.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/javascript")));
                headers.body(program)
            }
            Body::Text(line) => {
                headers.insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")));
                headers.body(line)
            }
            Body::Redirect(url) => {
                // A parsed URL holds no control characters: it cannot end its header.
                if failure.is_none() {
                    headers.insert_header((LOCATION, url.as_str()));
                    return headers.finish();
                }
                // The click is not taken, and says so; the visitor gets on to the shop all the same.
                headers.insert_header((REFRESH, format!("0; url={url}")));
                headers.insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")));
                headers.body(format!("Please go on to {url}\n"))
            }
        }
    }
}

const X_PIXELD: &str = "x-pixeld";
const X_PIXELD_IMP: &str = "x-pixeld-imp";
const CORP: &str = "cross-origin-resource-policy";

/// Keeps the answer out of every cache, old ones too.
pub fn forbid_caching(headers: &mut HttpResponseBuilder) {
    headers.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    headers.insert_header((PRAGMA, HeaderValue::from_static("no-cache")));
}

/// Lets the page's scripts read the answer, with cookies: any page may carry a tag.
fn allow_origin(headers: &mut HttpResponseBuilder, request: &HeaderMap) {
    let Some(origin) = request.get(ORIGIN) else { return };
    headers.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()));
    headers.insert_header((ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")));
    headers.insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(X_PIXELD)));
    headers.insert_header((VARY, HeaderValue::from_static("Origin")));
}

/// Answers a browser that asks beforehand whether a page may send this.
pub fn preflight(cors: Option<&HeaderMap>, methods: &'static str) -> HttpResponse {
    use actix_web::http::header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, ALLOW,
    };
    let mut headers = HttpResponse::NoContent();
    headers.insert_header((ALLOW, HeaderValue::from_static(methods)));
    forbid_caching(&mut headers);
    if let Some(request) = cors {
        allow_origin(&mut headers, request);
        headers.insert_header((ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods)));
        headers.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type")));
        headers.insert_header((ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")));
    }
    headers.finish()
}
