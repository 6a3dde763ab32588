//! Wraps every answer, success and error alike: `{"response": {..., "dbg_info": {...}}}`. Existing clients depend on each
//! of these keys.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::header;
use actix_web::http::header::EntityTag;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::limits::{Limits, SECONDS};
use crate::domain::Caller;

/// `output_term` where no key holds data.
const NO_TERM: &str = "not_found";

/// A success, not yet wrapped.
pub(super) struct Answer {
    keys: Map<String, Value>,
    term: &'static str,
    cookie: Option<Cookie<'static>>,
    version: Option<EntityTag>,
}

/// The requested page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    /// How many objects to skip.
    pub start_element: u32,
    /// How many objects to return at most.
    pub num_elements: u32,
}

impl Default for Paging {
    fn default() -> Self {
        Paging { start_element: 0, num_elements: 100 }
    }
}

impl Answer {
    /// Data under one key.
    pub(super) fn new(term: &'static str, data: Value) -> Self {
        Answer { keys: Map::new(), term, cookie: None, version: None }.with(term, data)
    }

    pub(super) fn empty() -> Self {
        Answer { keys: Map::new(), term: NO_TERM, cookie: None, version: None }
    }

    /// Adds a key.
    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.keys.insert(key.to_owned(), value.into());
        self
    }

    /// Adds how many objects match, and the page.
    pub(super) fn counted(self, count: u64, paging: Paging) -> Self {
        let Paging { start_element, num_elements } = paging;
        self.with("count", count).with("start_element", start_element).with("num_elements", num_elements)
    }

    /// Adds the version of its one object.
    pub(super) fn with_version(self, version: EntityTag) -> Self {
        Answer { version: Some(version), ..self }
    }

    pub(super) fn with_cookie(self, cookie: Cookie<'static>) -> Self {
        Answer { cookie: Some(cookie), ..self }
    }
}

/// The parts of an answer besides its data.
pub(super) struct Context<'a> {
    pub service: &'a str,
    pub method: &'a str,
    /// None if the token was not taken.
    pub caller: Option<&'a Caller>,
    pub limits: &'a Limits,
    pub warnings: &'a [String],
    /// How long the answer took, in milliseconds.
    pub time: i64,
}

impl Context<'_> {
    fn dbg_info(&self, term: &str) -> Value {
        let Limits { reads, writes } = self.limits;
        json!({
            "output_term": term,
            "version": env!("CARGO_PKG_VERSION"),
            "warnings": self.warnings,
            "time": self.time,
            "reads": self.caller.map_or(0, |caller| reads.used(caller)),
            "read_limit": reads.most(),
            "read_limit_seconds": SECONDS,
            "writes": self.caller.map_or(0, |caller| writes.used(caller)),
            "write_limit": writes.most(),
            "write_limit_seconds": SECONDS,
        })
    }

    fn finish(&self, mut builder: actix_web::HttpResponseBuilder, response: Map<String, Value>) -> HttpResponse {
        builder
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header(("X-Ratelimit-Read", self.limits.reads.most()))
            .insert_header(("X-Ratelimit-Write", self.limits.writes.most()))
            .json(json!({ "response": response }))
    }
}

/// Wraps a success: always 200, always with a body.
pub(super) fn success(answer: Answer, context: &Context<'_>) -> HttpResponse {
    let mut response = Map::new();
    response.insert("status".to_owned(), "OK".into());
    response.extend(answer.keys);
    response.insert("dbg_info".to_owned(), context.dbg_info(answer.term));
    let mut builder = HttpResponse::Ok();
    if let Some(cookie) = answer.cookie {
        builder.cookie(cookie);
    }
    if let Some(version) = answer.version {
        builder.insert_header(header::ETag(version));
    }
    context.finish(builder, response)
}

/// Wraps an error.
pub(super) fn failure(error: &ApiError, context: &Context<'_>) -> HttpResponse {
    error.log();
    let kind = error.kind();
    let mut response = Map::new();
    for (key, value) in [
        ("error_id", kind.error_id.into()),
        ("error", error.text().into()),
        ("error_description", Value::Null),
        ("error_code", kind.error_code.into()),
        ("service", context.service.into()),
        ("method", context.method.into()),
        ("dbg_info", context.dbg_info(NO_TERM)),
    ] {
        response.insert(key.to_owned(), value);
    }
    let mut builder = HttpResponse::build(kind.status);
    if let Some(seconds) = kind.retry_after {
        builder.insert_header((header::RETRY_AFTER, seconds));
    }
    context.finish(builder, response)
}
