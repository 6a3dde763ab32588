//! The version of an object: GET answers it as `ETag`, and PUT may demand it as `If-Match`. So a client that changes what it
//! read learns of a change in between.

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::http::header::{EntityTag, Header, IF_MATCH, IfMatch};

use super::call::Call;
use crate::api::error::ApiError;
use crate::domain::FieldError;
use crate::store::StoreError;

/// The version of an object. It has the whole content in it, since two changes may come within one millisecond.
pub(in crate::api) fn version(object: &impl Debug) -> EntityTag {
    let mut hash = DefaultHasher::new();
    format!("{object:?}").hash(&mut hash);
    EntityTag::new_strong(format!("{:016x}", hash.finish()))
}

/// What a PUT demands of the object that it changes.
pub(in crate::api) struct Precondition(Option<IfMatch>);

impl Precondition {
    /// # Errors
    /// The header cannot be read.
    pub(in crate::api) fn of(call: &Call) -> Result<Self, ApiError> {
        if !call.request.headers().contains_key(IF_MATCH) {
            return Ok(Precondition(None));
        }
        let wrong = || ApiError::Syntax("If-Match must hold the ETag of a GET in quotation marks, or *".to_owned());
        match IfMatch::parse(&call.request) {
            Ok(IfMatch::Items(tags)) if tags.is_empty() => Err(wrong()),
            Ok(header) => Ok(Precondition(Some(header))),
            Err(_) => Err(wrong()),
        }
    }

    /// Checks the stored object, inside the transaction that changes it.
    ///
    /// # Errors
    /// No field at all, which [`Precondition::explain`] knows.
    pub(in crate::api) fn check(&self, object: &impl Debug) -> Result<(), Vec<FieldError>> {
        match &self.0 {
            Some(IfMatch::Items(tags)) if !tags.iter().any(|tag| tag.strong_eq(&version(object))) => Err(Vec::new()),
            _ => Ok(()),
        }
    }

    /// The error for the client. Fields that break their rules are never none.
    pub(in crate::api) fn explain(error: StoreError) -> ApiError {
        match error {
            StoreError::Invalid(fields) if fields.is_empty() => ApiError::ChangedMeanwhile,
            error => error.into(),
        }
    }
}
