//! Why a request gets no page, and the status of the answer. `respond` makes the answer.

use actix_web::http::StatusCode;

use crate::domain::{Denied, Role};
use crate::store::StoreError;
use crate::web::query::MAX_QUERY;

/// Why there is no page. The text of `Display` goes to the server's log.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The visitor must sign in first, and then goes on to `next`.
    #[error("not signed in")]
    SignIn { next: String },
    /// The session ended before the form came. `form` holds its fields without passwords, for `to` after the sign-in.
    #[error("the session ended before the form came")]
    SessionEnded { to: String, form: String },
    /// The form's token belongs to another session, or to none.
    #[error("the form belongs to another session")]
    StaleForm,
    #[error("another site sent the request")]
    FromElsewhere,
    /// No form of these pages sends such a request.
    #[error("{0}")]
    BadRequest(String),
    #[error("the address has {length} bytes after its question mark; at most {MAX_QUERY} are taken")]
    QueryTooLong { length: usize },
    #[error("{0}")]
    Denied(String),
    #[error("no such page")]
    NoPage,
    #[error("{0}")]
    Store(StoreError),
    /// The store failed before anybody signed in: the answer must not lead to pages that need a session.
    #[error("{0}")]
    Outside(StoreError),
    /// There is no room for the request now.
    #[error("{0}")]
    Busy(String),
    /// A fault of this program.
    #[error("{0}")]
    Fault(String),
}

impl PageError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            PageError::SignIn { .. } => StatusCode::SEE_OTHER,
            PageError::SessionEnded { .. } => StatusCode::UNAUTHORIZED,
            PageError::StaleForm | PageError::FromElsewhere | PageError::Denied(_) => StatusCode::FORBIDDEN,
            PageError::BadRequest(_) => StatusCode::BAD_REQUEST,
            PageError::QueryTooLong { .. } => StatusCode::URI_TOO_LONG,
            PageError::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            PageError::NoPage => StatusCode::NOT_FOUND,
            PageError::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
            PageError::Store(error) | PageError::Outside(error) => match error {
                StoreError::Denied(_) => StatusCode::FORBIDDEN,
                StoreError::NotFound { .. } => StatusCode::NOT_FOUND,
                StoreError::Invalid(_) => StatusCode::BAD_REQUEST,
                StoreError::Integrity(_) | StoreError::Limit(_) | StoreError::Repeated { .. } => StatusCode::CONFLICT,
                StoreError::Overloaded | StoreError::Busy | StoreError::Unreadable(_) | StoreError::Unavailable(_) => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                StoreError::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        PageError::Store(error)
    }
}

impl From<Denied> for PageError {
    fn from(denied: Denied) -> Self {
        PageError::Denied(match denied.role {
            Role::Viewer => "you have view-only access".to_owned(),
            _ => denied.to_string(),
        })
    }
}
