//! The answers of `/conversions` and `/adjustments`: how many events were taken, which were not, and what of them was
//! ignored; or why the whole request was not taken. A program looks at the status first: it is 200 only if something
//! was taken, or nothing was wrong.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use super::MAX_EVENTS;
use super::results::AdjustmentResult;
use crate::collect::answer::Failure;
use crate::collect::answer::headers::forbid_caching;
use crate::collect::params::body::MAX_BODY;
use crate::domain::Denied;
use crate::store::StoreError;
use crate::web::body::{BodyError, ENCODINGS};

/// The reason under which the log keeps an event that was not taken.
pub const REFUSED_EVENT: &str = "refused_event";

/// Why one event was not taken.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct EventError {
    /// The event's index in the list, from 0.
    pub index: usize,
    /// The wrong field; empty if it is the event itself.
    pub field: String,
    /// The broken rule, as the end of a sentence.
    pub reason: String,
}

impl EventError {
    /// The caller fills in the index later.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        EventError { index: 0, field: field.into(), reason: reason.into() }
    }

    pub fn sentence(&self) -> String {
        let field = if self.field.is_empty() { "the event" } else { &self.field };
        format!("{field} {}", self.reason)
    }

    /// The same, without the value that broke the rule.
    pub fn sentence_without_value(&self) -> String {
        let sentence = self.sentence();
        sentence.split_once(", and is ").map_or(sentence.as_str(), |(rule, _)| rule).to_owned()
    }
}

/// The fields of one event, or of the request itself, that were ignored.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct IgnoredFields {
    /// The event's index in the list; none for the fields beside the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    pub fields: Vec<String>,
}

/// A field of an event that was taken. It broke its rule, and was set aside or cut.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct EventWarning {
    pub index: usize,
    pub field: String,
    /// The stable name of the rule.
    pub rule: String,
}

/// Why a whole request was not taken.
#[derive(Debug)]
pub enum RequestError {
    NoToken,
    /// The token is unknown, expired or disabled.
    BadToken(String),
    /// The token's role may not send events.
    Denied(Denied),
    /// The body is not a JSON object.
    NotJson(String),
    /// The object has no list of this name.
    NoList(&'static str),
    /// The list has this many events.
    TooMany(usize),
    TooLong,
    /// The body did not arrive in time, or not completely.
    Incomplete,
    /// The body is compressed in a way that is not read.
    UnknownEncoding,
    /// The body is UTF-16.
    Utf16,
    /// The log could not take it.
    Failed(StoreError),
}

impl From<Denied> for RequestError {
    fn from(denied: Denied) -> Self {
        RequestError::Denied(denied)
    }
}

impl From<StoreError> for RequestError {
    fn from(error: StoreError) -> Self {
        RequestError::Failed(error)
    }
}

impl From<BodyError> for RequestError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLong => RequestError::TooLong,
            BodyError::Incomplete => RequestError::Incomplete,
            BodyError::UnknownEncoding => RequestError::UnknownEncoding,
            BodyError::Damaged => RequestError::NotJson(error.to_string()),
            BodyError::Utf16 => RequestError::Utf16,
            BodyError::NoRoom => RequestError::Failed(StoreError::Overloaded),
        }
    }
}

#[derive(Serialize)]
struct ErrorAnswer {
    error: &'static str,
    reason: String,
}

/// The events of a request: how many were taken, why the others were not, and what their sender should know.
#[derive(Default, Serialize)]
pub struct EventResults {
    pub accepted: usize,
    pub rejected: Vec<EventError>,
    /// The results of the adjustments that were taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<AdjustmentResult>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<IgnoredFields>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<EventWarning>,
}

pub fn answer_for(results: Result<EventResults, RequestError>) -> HttpResponse {
    match results {
        Ok(results) => {
            let nothing = results.accepted == 0 && !results.rejected.is_empty();
            let status = if nothing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            answer(status).json(results)
        }
        Err(error) => error_answer(&error),
    }
}

fn answer(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    forbid_caching(&mut answer);
    answer
}

impl RequestError {
    /// The status, the stable name, and the message.
    fn describe(&self) -> (StatusCode, &'static str, String) {
        match self {
            RequestError::NoToken => {
                (StatusCode::UNAUTHORIZED, "no_token", "send an API token: Authorization: Bearer TOKEN".to_owned())
            }
            RequestError::BadToken(why) => (StatusCode::UNAUTHORIZED, "bad_token", why.clone()),
            RequestError::Denied(denied) => (StatusCode::FORBIDDEN, "denied", denied.to_string()),
            RequestError::NotJson(why) => {
                (StatusCode::BAD_REQUEST, "not_json", format!("the body is no JSON object: {why}"))
            }
            RequestError::NoList(list) => {
                (StatusCode::BAD_REQUEST, "no_list", format!("the body must be an object with the list {list:?}"))
            }
            RequestError::TooMany(count) => (
                StatusCode::BAD_REQUEST,
                "too_many",
                format!("at most {MAX_EVENTS} events are taken at once, and there are {count}; nothing was taken"),
            ),
            RequestError::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_long",
                format!("at most {MAX_BODY} bytes are taken at once; nothing was taken"),
            ),
            RequestError::Incomplete => (
                StatusCode::REQUEST_TIMEOUT,
                "body_incomplete",
                "the body did not arrive in time, or not whole".to_owned(),
            ),
            RequestError::UnknownEncoding => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unknown_encoding",
                format!("the body's Content-Encoding is not read here; send {ENCODINGS}, or none; nothing was taken"),
            ),
            RequestError::Utf16 => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "body_utf16",
                "the body is UTF-16; send it as UTF-8; nothing was taken".to_owned(),
            ),
            RequestError::Failed(error) => {
                let reason = "nothing was taken; send the whole request again".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, Failure::of(error).name(), reason)
            }
        }
    }

    /// The reason under which the log keeps the request; none if it is no fault of the request.
    pub fn rejection(&self) -> Option<&'static str> {
        Some(match self {
            RequestError::NoToken => "no_token",
            // The answer says `bad_token`, which the log keeps for a postback's token of an exposure.
            RequestError::BadToken(_) => "bad_api_token",
            RequestError::Denied(_) => "denied",
            RequestError::NotJson(_) => "not_json",
            RequestError::NoList(_) => "no_list",
            RequestError::TooMany(_) => "too_many",
            RequestError::TooLong => "body_too_long",
            RequestError::Incomplete => "body_incomplete",
            RequestError::UnknownEncoding => "unknown_encoding",
            RequestError::Utf16 => "body_utf16",
            RequestError::Failed(_) => return None,
        })
    }

    /// The message in the answer.
    pub fn message(&self) -> String {
        self.describe().2
    }
}

fn error_answer(request_error: &RequestError) -> HttpResponse {
    let (status, error, reason) = request_error.describe();
    let mut answer = answer(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    }
    if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        answer.insert_header((ACCEPT_ENCODING, HeaderValue::from_static(ENCODINGS)));
    }
    if let RequestError::Failed(cause) = request_error {
        tracing::error!(error = %cause, "events could not be written");
        answer.insert_header((RETRY_AFTER, HeaderValue::from_static(Failure::of(cause).retry_after())));
    }
    answer.json(ErrorAnswer { error, reason })
}
