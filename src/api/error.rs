//! The errors of the API, each with its error_id, status and text. The match has no wildcard, so a new error does not
//! compile until it has all three.

use actix_web::http::StatusCode;

use crate::auth::{SignInError, TokenError};
use crate::domain::Denied;
use crate::store::StoreError;
use crate::web::body::BodyError;
use crate::web::query::MAX_QUERY;

#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// Neither a header nor a cookie holds one.
    #[error("no token was sent; get one by POST /auth and send it as Authorization header or cookie")]
    NoToken,
    /// The cookie alone signs in, and the browser says that another site sent the request.
    #[error(
        "another site sent this request; with the cookie alone, only pages of this server may change anything. Programs \
         send the token in the Authorization header"
    )]
    FromElsewhere,
    /// An unknown, expired or disabled token.
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The request breaks a rule of the API itself.
    #[error("{0}")]
    Syntax(String),
    #[error("the query string has {length} bytes; at most {MAX_QUERY} are taken")]
    QueryTooLong { length: usize },
    /// The body is in an encoding that is not read.
    #[error("the body cannot be read: {0}")]
    UnreadableBody(BodyError),
    /// Other bodies leave no room for this one.
    #[error("{0}")]
    NoRoom(BodyError),
    #[error("{0} not found: there is no such service here")]
    NoService(String),
    #[error("{service} does not take {method}; it takes {takes}")]
    WrongMethod {
        service: String,
        method: String,
        /// The methods that it takes.
        takes: &'static str,
    },
    #[error("more than {limit} {kind} a minute; try again in {retry_after} seconds")]
    TooManyRequests {
        /// Requests a minute.
        limit: u32,
        /// `reads` or `writes`.
        kind: &'static str,
        /// Seconds to wait, at least 1.
        retry_after: u64,
    },
    #[error(
        "it was changed since you read it, so If-Match does not hold; GET it again, and send your change with its new ETag"
    )]
    ChangedMeanwhile,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long a client should wait when all readers are busy, in seconds.
const BUSY_SECONDS: u64 = 5;

/// The published parts of an error.
pub(super) struct ErrorKind {
    pub error_id: &'static str,
    pub status: StatusCode,
    /// A narrower name, where the published API has one.
    pub error_code: Option<&'static str>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u64>,
}

impl ErrorKind {
    fn new(error_id: &'static str, status: StatusCode) -> Self {
        ErrorKind { error_id, status, error_code: None, retry_after: None }
    }

    fn too_many(retry_after: u64) -> Self {
        ErrorKind {
            error_code: Some("RATE_EXCEEDED"),
            retry_after: Some(retry_after),
            ..ErrorKind::new("SYSTEM", StatusCode::TOO_MANY_REQUESTS)
        }
    }

    fn busy() -> Self {
        ErrorKind { retry_after: Some(BUSY_SECONDS), ..ErrorKind::new("SYSTEM", StatusCode::SERVICE_UNAVAILABLE) }
    }
}

impl ApiError {
    /// The table of errors.
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            ApiError::NoToken | ApiError::Token(TokenError::Unknown) | ApiError::SignIn(SignInError::Wrong) => {
                ErrorKind::new("NOAUTH", StatusCode::UNAUTHORIZED)
            }
            ApiError::Token(TokenError::Expired) => ErrorKind::new("NOAUTH_EXPIRED", StatusCode::UNAUTHORIZED),
            ApiError::Token(TokenError::Disabled) | ApiError::SignIn(SignInError::Disabled) => {
                ErrorKind::new("NOAUTH_DISABLED", StatusCode::UNAUTHORIZED)
            }
            ApiError::Denied(_) | ApiError::FromElsewhere => ErrorKind::new("UNAUTH", StatusCode::FORBIDDEN),
            ApiError::Syntax(_) | ApiError::WrongMethod { .. } => ErrorKind::new("SYNTAX", StatusCode::BAD_REQUEST),
            ApiError::QueryTooLong { .. } => ErrorKind::new("SYNTAX", StatusCode::URI_TOO_LONG),
            ApiError::UnreadableBody(_) => ErrorKind::new("SYNTAX", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ApiError::NoRoom(_) => ErrorKind::busy(),
            ApiError::ChangedMeanwhile => ErrorKind::new("INTEGRITY", StatusCode::PRECONDITION_FAILED),
            ApiError::NoService(_) => ErrorKind::new("SYNTAX", StatusCode::NOT_FOUND),
            ApiError::TooManyRequests { retry_after, .. }
            | ApiError::SignIn(SignInError::Throttled { retry_after }) => ErrorKind::too_many(*retry_after),
            ApiError::Store(error)
            | ApiError::Token(TokenError::Store(error))
            | ApiError::SignIn(SignInError::Store(error)) => of_store(error),
        }
    }

    /// The sentence for the client. The cause of a fault is for the server's log alone ([`ApiError::log`]).
    pub(super) fn text(&self) -> String {
        match self.of_store() {
            Some(StoreError::Fault(_)) => "something went wrong here; the server's log says what".to_owned(),
            Some(_) | None => self.to_string(),
        }
    }

    /// Writes faults to the program's log. The store itself reports once why it cannot write, instead of at each
    /// request.
    pub(super) fn log(&self) {
        if let Some(StoreError::Fault(cause) | StoreError::Unreadable(cause)) = self.of_store() {
            tracing::error!(%cause, "an API request failed");
        }
    }

    /// The store's error, also inside another one.
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            ApiError::Store(error)
            | ApiError::Token(TokenError::Store(error))
            | ApiError::SignIn(SignInError::Store(error)) => Some(error),
            _ => None,
        }
    }
}

fn of_store(error: &StoreError) -> ErrorKind {
    match error {
        StoreError::NotFound { .. } => ErrorKind::new("SYNTAX", StatusCode::NOT_FOUND),
        StoreError::Invalid(_) => ErrorKind::new("SYNTAX", StatusCode::BAD_REQUEST),
        StoreError::Denied(_) => ErrorKind::new("UNAUTH", StatusCode::FORBIDDEN),
        StoreError::Integrity(_) | StoreError::Repeated { .. } => ErrorKind::new("INTEGRITY", StatusCode::CONFLICT),
        StoreError::Limit(_) => ErrorKind::new("LIMIT", StatusCode::CONFLICT),
        StoreError::Overloaded => ErrorKind::too_many(1),
        StoreError::Busy => ErrorKind::busy(),
        StoreError::Unavailable(_) | StoreError::Unreadable(_) | StoreError::Fault(_) => {
            ErrorKind::new("SYSTEM", StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
