//! Saves what a form describes, by the same store verbs as the API, or says what is wrong with it. Knows no particular
//! form.

use super::error::PageError;
use super::form::{Errors, Place};
use crate::domain::{Editor, FieldError};
use crate::store::{Entity, Store};

/// What was saved, or why it was not.
pub type Saved<E> = Result<Result<E, Errors>, PageError>;

/// Makes a new object of what `write` puts into `fresh`.
///
/// # Errors
/// What is no matter of the form.
pub async fn create<E: Entity>(
    store: &Store,
    by: &Editor,
    mut fresh: E,
    write: impl FnOnce(&mut E) -> Result<(), Vec<FieldError>>,
    place: Place,
) -> Saved<E> {
    if let Err(fields) = write(&mut fresh) {
        return Ok(Err(Errors::of_fields(fields, place)));
    }
    match store.create(by, fresh).await {
        Ok(object) => Ok(Ok(object)),
        Err(error) => Ok(Err(Errors::of_store(error, place)?)),
    }
}

/// Changes an object: `write` goes into the form's own copy first, so that all errors are told at once, then into the
/// object as it now stands.
///
/// # Errors
/// What is no matter of the form.
pub async fn change<E: Entity>(
    store: &Store,
    by: &Editor,
    shown: &E,
    write: impl Fn(&mut E) -> Result<(), Vec<FieldError>> + Send + 'static,
    place: Place,
) -> Saved<E> {
    if let Err(fields) = write(&mut shown.clone()) {
        return Ok(Err(Errors::of_fields(fields, place)));
    }
    match store.update(by, shown.id(), write).await {
        Ok(object) => Ok(Ok(object)),
        Err(error) => Ok(Err(Errors::of_store(error, place)?)),
    }
}
