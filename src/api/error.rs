//! What can go wrong, and how each is told: error_id, status and text (`spec/api.md`, the table of errors). One match
//! without a wildcard, so that a new failure cannot be forgotten here.

use actix_web::http::StatusCode;

use crate::auth::{SignInError, TokenError};
use crate::domain::Denied;
use crate::store::StoreError;

/// A request that is answered with an error.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// Neither header nor cookie.
    #[error("no token was sent; get one by POST /auth and send it as Authorization header or cookie")]
    NoToken,
    /// A token that is not taken.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A sign-in that was refused.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The role may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The request breaks a rule of the API itself.
    #[error("{0}")]
    Syntax(String),
    /// No such service.
    #[error("{0} not found: there is no such service here")]
    NoService(String),
    /// The service has no such method.
    #[error("{service} does not take {method}; it takes {takes}")]
    WrongMethod {
        /// The service.
        service: String,
        /// What was tried.
        method: String,
        /// What there is.
        takes: &'static str,
    },
    /// Over the limit of requests.
    #[error("more than {limit} {kind} a minute; try again in {retry_after} seconds")]
    TooManyRequests {
        /// How many there may be.
        limit: u32,
        /// `reads` or `writes`.
        kind: &'static str,
        /// Seconds to wait, at least 1.
        retry_after: u64,
    },
    /// What the store refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Seconds after which a client may ask again for what found the readers busy.
const BUSY_SECONDS: u64 = 5;

/// How an error is told.
pub(super) struct Row {
    /// The published name of its kind.
    pub error_id: &'static str,
    /// The status.
    pub status: StatusCode,
    /// A narrower name, where one is published.
    pub error_code: Option<&'static str>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u64>,
}

impl Row {
    fn new(error_id: &'static str, status: StatusCode) -> Self {
        Row { error_id, status, error_code: None, retry_after: None }
    }

    fn too_many(retry_after: u64) -> Self {
        Row {
            error_code: Some("RATE_EXCEEDED"),
            retry_after: Some(retry_after),
            ..Row::new("SYSTEM", StatusCode::TOO_MANY_REQUESTS)
        }
    }

    fn busy() -> Self {
        Row { retry_after: Some(BUSY_SECONDS), ..Row::new("SYSTEM", StatusCode::SERVICE_UNAVAILABLE) }
    }
}

impl ApiError {
    /// The table.
    pub(super) fn row(&self) -> Row {
        match self {
            ApiError::NoToken | ApiError::Token(TokenError::Unknown) | ApiError::SignIn(SignInError::Wrong) => {
                Row::new("NOAUTH", StatusCode::UNAUTHORIZED)
            }
            ApiError::Token(TokenError::Expired) => Row::new("NOAUTH_EXPIRED", StatusCode::UNAUTHORIZED),
            ApiError::Token(TokenError::Disabled) | ApiError::SignIn(SignInError::Disabled) => {
                Row::new("NOAUTH_DISABLED", StatusCode::UNAUTHORIZED)
            }
            ApiError::Denied(_) => Row::new("UNAUTH", StatusCode::FORBIDDEN),
            ApiError::Syntax(_) | ApiError::WrongMethod { .. } => Row::new("SYNTAX", StatusCode::BAD_REQUEST),
            ApiError::NoService(_) => Row::new("SYNTAX", StatusCode::NOT_FOUND),
            ApiError::TooManyRequests { retry_after, .. }
            | ApiError::SignIn(SignInError::Throttled { retry_after }) => Row::too_many(*retry_after),
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

    /// Writes to the log what an operator should know. The store itself says why nothing can be written, not once for
    /// each request.
    pub(super) fn log(&self) {
        if let Some(StoreError::Fault(cause) | StoreError::Unreadable(cause)) = self.of_store() {
            tracing::error!(%cause, "an API request failed");
        }
    }

    /// The store's error, wherever the store was asked.
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            ApiError::Store(error)
            | ApiError::Token(TokenError::Store(error))
            | ApiError::SignIn(SignInError::Store(error)) => Some(error),
            _ => None,
        }
    }
}

fn of_store(error: &StoreError) -> Row {
    match error {
        StoreError::NotFound { .. } => Row::new("SYNTAX", StatusCode::NOT_FOUND),
        StoreError::Invalid(_) => Row::new("SYNTAX", StatusCode::BAD_REQUEST),
        StoreError::Denied(_) => Row::new("UNAUTH", StatusCode::FORBIDDEN),
        StoreError::Integrity(_) => Row::new("INTEGRITY", StatusCode::CONFLICT),
        StoreError::Limit(_) => Row::new("LIMIT", StatusCode::CONFLICT),
        StoreError::Overloaded => Row::too_many(1),
        StoreError::Busy => Row::busy(),
        StoreError::Unavailable(_) | StoreError::Unreadable(_) | StoreError::Fault(_) => {
            Row::new("SYSTEM", StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
