//! Why a tracking request gets another answer than its endpoint's usual one. Endpoints return it by `?`;
//! [`Visit::conclude`](crate::collect::endpoints::visit::Visit::conclude) turns it into an answer.

use super::{Body, Failure};
use crate::collect::problems::rejection::Rejection;

/// A tracking request that was not taken.
#[derive(Debug)]
pub struct Refusal {
    pub cause: Cause,
    /// The answer's body; none: the one that the endpoint always answers with nothing to say.
    pub body: Option<Body>,
}

#[derive(Clone, Copy, Debug)]
pub enum Cause {
    /// The request's own fault.
    Rejected(Rejection),
    /// No fault of the request: it could not be written.
    Failed(Failure),
}

impl Refusal {
    pub fn with(cause: impl Into<Refusal>, body: Body) -> Self {
        Refusal { body: Some(body), ..cause.into() }
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Refusal { cause: Cause::Rejected(rejection), body: None }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Refusal { cause: Cause::Failed(failure), body: None }
    }
}
