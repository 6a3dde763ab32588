//! The answers of the tracking endpoints: an image, a script, a redirect or a line of text, never cached, never an
//! error page. The header `X-Pixeld` reports the oddities of a request.

pub mod headers;
pub mod macros;
pub mod redirects;
pub mod refusal;
pub mod script;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE};
use actix_web::{HttpResponse, HttpResponseBuilder};
use url::Url;

use super::problems::rejection::Rejection;
use super::visitor::Visitor;
use crate::domain::{Flags, TagForm, TagKind, Warning};
use crate::store::StoreError;
use headers::{X_PIXELD, allow_origin, forbid_caching};
use redirects::Redirects;

/// The transparent image of one pixel: 43 bytes.
pub const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x01\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b";

#[derive(Debug)]
pub enum Body {
    Gif,
    /// A program, often empty.
    Script(String),
    /// A line for a person who followed a link.
    Text(&'static str),
    Redirect(Url),
    /// For a beacon, which reads no body.
    Nothing,
}

/// The answer that the sender of a request expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    Tag(TagForm),
    /// A page's script, which does not look at it.
    Nothing,
}

impl Expects {
    pub fn kind(self) -> TagKind {
        match self {
            Expects::Tag(form) => form.into(),
            Expects::Nothing => TagKind::Beacon,
        }
    }
}

impl Body {
    /// The body with nothing to say.
    pub fn nothing(expects: Expects) -> Self {
        match expects {
            Expects::Tag(TagForm::Image) => Body::Gif,
            Expects::Tag(TagForm::Script) => Body::Script(String::new()),
            Expects::Nothing => Body::Nothing,
        }
    }

    /// The body for a tag with these flags that leads on to these URLs.
    pub fn of(expects: Expects, flags: Flags, redirects: Redirects) -> Self {
        match expects {
            Expects::Tag(TagForm::Script) if flags.prefetch => Body::Script(script::once_shown()),
            expects => Body::with_redirects(expects, redirects),
        }
    }

    /// The body for a tag that leads on to these URLs.
    pub fn with_redirects(expects: Expects, mut redirects: Redirects) -> Self {
        match expects {
            Expects::Tag(TagForm::Script) => Body::Script(script::program(&redirects)),
            Expects::Tag(TagForm::Image) if redirects.images.is_empty() => Body::Gif,
            Expects::Tag(TagForm::Image) => Body::Redirect(redirects.images.swap_remove(0)),
            Expects::Nothing => Body::Nothing,
        }
    }
}

/// The content of the header `X-Pixeld`.
#[derive(Debug, PartialEq, Eq)]
pub enum Note {
    Ok,
    /// pixeld took it, with these oddities.
    Odd(String),
    Rejected(Rejection),
    Failed(Failure),
}

impl Note {
    /// Names why the visitor has no id, the flags that keep the request from counting, and the parameters that broke
    /// their rules.
    pub fn of(visitor: Visitor, flags: Flags, warnings: &[Warning]) -> Self {
        let no_visitor = match visitor {
            Visitor::Anonymous(why) => why.name(),
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
        if no_visitor.is_none() && flags.is_empty() && names.is_empty() {
            return Note::Ok;
        }
        let parts = [("no_visitor", no_visitor.as_slice()), ("flag", &flags), ("warning", &names)];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(part, names)| format!("{part}={}", names.join(",")))
            .collect();
        Note::Odd(parts.join("; "))
    }

    fn value(&self) -> Option<HeaderValue> {
        match self {
            Note::Ok => Some(HeaderValue::from_static("ok")),
            // The names come from fixed lists, so nothing of the request gets in here.
            Note::Odd(text) => HeaderValue::from_str(text).ok(),
            Note::Rejected(rejection) => HeaderValue::try_from(format!("rejected={}", rejection.as_str())).ok(),
            Note::Failed(failure) => HeaderValue::try_from(format!("error={}", failure.name())).ok(),
        }
    }
}

/// Why a good request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Too much waits to be written, or to be read.
    Overloaded,
    /// Nothing can be written, or read, now.
    Unavailable,
    /// A fault of pixeld.
    Fault,
}

impl Failure {
    /// The store's error as a browser sees it.
    pub fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Overloaded | StoreError::Busy => Failure::Overloaded,
            StoreError::Unavailable(_) | StoreError::Unreadable(_) => Failure::Unavailable,
            StoreError::NotFound { .. }
            | StoreError::Invalid(_)
            | StoreError::Denied(_)
            | StoreError::Integrity(_)
            | StoreError::Limit(_)
            | StoreError::Repeated { .. }
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

    /// When to try again, in seconds: the writer empties a full queue at once, a full disk waits for a person.
    pub fn retry_after(self) -> &'static str {
        match self {
            Failure::Overloaded => "1",
            Failure::Unavailable | Failure::Fault => "30",
        }
    }
}

#[derive(Debug)]
pub struct Answer {
    /// Ignored for a [`Body::Redirect`] of a request that was taken or rejected: that is always `302`.
    pub status: StatusCode,
    pub body: Body,
    pub note: Note,
    /// The visitor's cookie.
    pub cookie: Option<HeaderValue>,
    /// The token of the impression that was logged.
    pub impression: Option<String>,
}

impl Answer {
    pub fn taken(body: Body, note: Note, cookie: Option<HeaderValue>) -> Self {
        let status = if matches!(body, Body::Nothing) { StatusCode::NO_CONTENT } else { StatusCode::OK };
        Answer { status, body, note, cookie, impression: None }
    }

    /// For a rejected request, with the status of its reason. It sets no cookie.
    pub fn rejected(body: Body, rejection: Rejection) -> Self {
        Answer { status: rejection.status(), body, note: Note::Rejected(rejection), cookie: None, impression: None }
    }

    /// For a browser that fetches a page in advance. It throws this away, and asks again when the visitor comes.
    pub fn not_yet(note: Note) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Answer { status, body: Body::Nothing, note, cookie: None, impression: None }
    }

    /// For a visitor who must arrive, whatever became of the request. A redirect claims nothing.
    pub fn leading_on(self) -> Self {
        let status = if matches!(self.body, Body::Redirect(_)) { StatusCode::FOUND } else { self.status };
        Answer { status, ..self }
    }

    /// For a request that could not be written: never a false 200.
    pub fn failed(body: Body, failure: Failure) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Answer { status, body, note: Note::Failed(failure), cookie: None, impression: None }
    }

    /// `cors` are the request's headers if pages may read the answer from scripts.
    pub fn send(self, cors: Option<&HeaderMap>) -> HttpResponse {
        let failure = self.failure();
        let status = match (&self.body, failure) {
            (Body::Redirect(_), None) => StatusCode::FOUND,
            _ => self.status,
        };
        let mut builder = HttpResponse::build(status);
        let headers = &mut builder;
        forbid_caching(headers);
        // Lets pages that isolate themselves (COEP) carry the tag too.
        headers.insert_header((&CORP, HeaderValue::from_static("cross-origin")));
        if let Some(note) = self.note.value() {
            headers.insert_header((&X_PIXELD, note));
        }
        if let Some(token) = self.impression {
            headers.insert_header((X_PIXELD_IMP, token));
        }
        if let Some(cookie) = self.cookie {
            headers.insert_header((SET_COOKIE, cookie));
        }
        if let Some(failure) = failure.filter(|_| status == StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert_header((RETRY_AFTER, HeaderValue::from_static(failure.retry_after())));
        }
        if let Some(request) = cors {
            allow_origin(headers, request);
        }
        self.body.finish(headers, status)
    }

    fn failure(&self) -> Option<Failure> {
        match self.note {
            Note::Failed(failure) => Some(failure),
            Note::Ok | Note::Odd(_) | Note::Rejected(_) => None,
        }
    }
}

impl Body {
    fn finish(self, headers: &mut HttpResponseBuilder, status: StatusCode) -> HttpResponse {
        match self {
            Body::Nothing => headers.finish(),
            // A parsed URL holds no control characters, so it cannot end its header.
            Body::Redirect(url) if status == StatusCode::FOUND => {
                headers.insert_header((LOCATION, url.as_str())).finish()
            }
            // An image that would have led on.
            Body::Redirect(_) | Body::Gif => of_type(headers, "image/gif").body(GIF),
            Body::Script(program) => of_type(headers, "application/javascript").body(program),
            Body::Text(line) => of_type(headers, PLAIN_TEXT).body(line),
        }
    }
}

fn of_type<'h>(headers: &'h mut HttpResponseBuilder, content_type: &'static str) -> &'h mut HttpResponseBuilder {
    headers.insert_header((CONTENT_TYPE, HeaderValue::from_static(content_type)))
}

const PLAIN_TEXT: &str = "text/plain; charset=utf-8";
const X_PIXELD_IMP: &str = "x-pixeld-imp";
pub static CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
