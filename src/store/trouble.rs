//! What keeps the database from being written, for the pages that say why tracking is answered `503`.

use std::sync::{Mutex, PoisonError};

use super::StoreError;
use crate::domain::Millis;

/// Since when nothing can be written, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When the first commit of an unbroken row of them failed.
    pub since: Millis,
    /// Why the last one did.
    pub cause: String,
}

/// The trouble of the moment: none once a commit has held.
#[derive(Debug, Default)]
pub(super) struct Troubles(Mutex<Option<Trouble>>);

impl Troubles {
    pub(super) fn now(&self) -> Option<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn failed(&self, at: Millis, error: &StoreError) {
        let mut trouble = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = trouble.take().map_or(at, |trouble| trouble.since);
        *trouble = Some(Trouble { since, cause: error.to_string() });
    }

    pub(super) fn ended(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
