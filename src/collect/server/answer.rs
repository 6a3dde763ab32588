//! What `/conversions` and `/adjustments` answer: how many events were taken and which were not, or why the whole request
//! was not. Statuses follow what a program looks at first: 200 only if something was taken, or nothing was wrong.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use super::MAX_EVENTS;
use crate::collect::answer::{Failure, forbid_caching};
use crate::collect::body::MAX_BODY;
use crate::domain::Denied;
use crate::store::StoreError;
use crate::web::body::BodyError;

/// The name under which an event that was not taken is kept.
pub const REFUSED_EVENT: &str = "refused_event";

/// One event that was not taken.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Its place in the list, from 0.
    pub index: usize,
    /// The field that is wrong; empty if it is the event itself.
    pub field: String,
    /// What is wrong with it, as the rest of a sentence.
    pub reason: String,
}

impl Refused {
    /// Of an event whose place is filled in later.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Refused { index: 0, field: field.into(), reason: reason.into() }
    }

    /// The field, and what is wrong with it.
    pub fn sentence(&self) -> String {
        let field = if self.field.is_empty() { "the event" } else { &self.field };
        format!("{field} {}", self.reason)
    }
}

/// Why a whole request was not taken.
#[derive(Debug)]
pub enum Refusal {
    /// It brought no token.
    NoToken,
    /// Its token is none, or no more.
    BadToken(String),
    /// Its token's role may not.
    Denied(Denied),
    /// It is no JSON object.
    NotJson(String),
    /// It has no list of this name.
    NoList(&'static str),
    /// Its list is too long.
    TooMany(usize),
    /// Its body is too long.
    TooLong,
    /// Its body did not arrive in time, or not whole.
    Incomplete,
    /// It could not be written down.
    Failed(StoreError),
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Refusal::Denied(denied)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Refusal::Failed(error)
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLong => Refusal::TooLong,
            BodyError::Incomplete => Refusal::Incomplete,
        }
    }
}

#[derive(Serialize)]
struct Taken {
    accepted: usize,
    rejected: Vec<Refused>,
}

#[derive(Serialize)]
struct NotTaken {
    error: &'static str,
    reason: String,
}

/// The answer.
pub fn outcome(outcome: Result<(usize, Vec<Refused>), Refusal>) -> HttpResponse {
    match outcome {
        Ok((accepted, rejected)) => {
            let nothing = accepted == 0 && !rejected.is_empty();
            let status = if nothing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            answer(status).json(Taken { accepted, rejected })
        }
        Err(refusal) => refused(&refusal),
    }
}

fn answer(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    forbid_caching(&mut answer);
    answer
}

impl Refusal {
    /// The status, the stable name, and what is wrong.
    fn told(&self) -> (StatusCode, &'static str, String) {
        match self {
            Refusal::NoToken => {
                (StatusCode::UNAUTHORIZED, "no_token", "send an API token: Authorization: Bearer TOKEN".to_owned())
            }
            Refusal::BadToken(why) => (StatusCode::UNAUTHORIZED, "bad_token", why.clone()),
            Refusal::Denied(denied) => (StatusCode::FORBIDDEN, "denied", denied.to_string()),
            Refusal::NotJson(why) => {
                (StatusCode::BAD_REQUEST, "not_json", format!("the body is no JSON object: {why}"))
            }
            Refusal::NoList(list) => {
                (StatusCode::BAD_REQUEST, "no_list", format!("the body must be an object with the list {list:?}"))
            }
            Refusal::TooMany(count) => (
                StatusCode::BAD_REQUEST,
                "too_many",
                format!("at most {MAX_EVENTS} events are taken at once, and there are {count}; nothing was taken"),
            ),
            Refusal::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_long",
                format!("at most {MAX_BODY} bytes are taken at once; nothing was taken"),
            ),
            Refusal::Incomplete => (
                StatusCode::REQUEST_TIMEOUT,
                "body_incomplete",
                "the body did not arrive in time, or not whole".to_owned(),
            ),
            Refusal::Failed(error) => {
                let reason = "nothing was taken; send the whole request again".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, Failure::of(error).name(), reason)
            }
        }
    }

    /// The name under which it is kept with the other rejected requests; none for what is no fault of the request.
    pub fn rejection(&self) -> Option<&'static str> {
        Some(match self {
            Refusal::NoToken => "no_token",
            // The sender is told `bad_token`, as which a postback's token of an exposure is kept.
            Refusal::BadToken(_) => "bad_api_token",
            Refusal::Denied(_) => "denied",
            Refusal::NotJson(_) => "not_json",
            Refusal::NoList(_) => "no_list",
            Refusal::TooMany(_) => "too_many",
            Refusal::TooLong => "body_too_long",
            Refusal::Incomplete => "body_incomplete",
            Refusal::Failed(_) => return None,
        })
    }

    /// What is wrong, as the sender is told.
    pub fn reason(&self) -> String {
        self.told().2
    }
}

fn refused(refusal: &Refusal) -> HttpResponse {
    let (status, error, reason) = refusal.told();
    let mut answer = answer(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    }
    if let Refusal::Failed(cause) = refusal {
        tracing::error!(error = %cause, "events could not be written down");
        answer.insert_header((RETRY_AFTER, HeaderValue::from_static(Failure::of(cause).retry_after())));
    }
    answer.json(NotTaken { error, reason })
}
