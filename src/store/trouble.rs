//! What keeps the database from being written: for the pages that say why tracking is answered `503`, and for the log,
//! which must not fill with one line a request the disk that is full already.

use std::sync::{Mutex, PoisonError};

use super::StoreError;
use crate::domain::Millis;

/// The same trouble is told to the log again after so long, in milliseconds.
const TOLD_EVERY: i64 = 60_000;

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
pub(super) struct Troubles(Mutex<Option<Lasting>>);

#[derive(Debug)]
struct Lasting {
    trouble: Trouble,
    /// When the log was told last.
    told: Millis,
    /// Rows that were refused since it began.
    refused: usize,
}

impl Troubles {
    pub(super) fn now(&self) -> Option<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|lasting| lasting.trouble.clone())
    }

    /// A commit with so many rows failed.
    pub(super) fn failed(&self, at: Millis, error: &StoreError, rows: usize) {
        let mut lasting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let began = lasting.is_none();
        let fresh = || Lasting { trouble: Trouble { since: at, cause: String::new() }, told: at, refused: 0 };
        let lasting = lasting.get_or_insert_with(fresh);
        lasting.trouble.cause = error.to_string();
        lasting.refused += rows;
        if began || at.since(lasting.told).abs() >= TOLD_EVERY {
            lasting.told = at;
            tracing::error!(%error, refused = lasting.refused, "a commit failed; nothing of it was taken");
        }
    }

    /// A commit held.
    pub(super) fn ended(&self) {
        if let Some(Lasting { trouble, refused, .. }) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            tracing::info!(since = %trouble.since, refused, "commits hold again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_lasts_from_the_first_failure_to_the_next_commit_that_holds() {
        let troubles = Troubles::default();
        assert_eq!(troubles.now(), None);
        troubles.failed(Millis(1_000), &StoreError::Overloaded, 3);
        troubles.failed(Millis(9_000), &StoreError::Unavailable("the disk is full".into()), 4);
        let cause = "the database cannot be written: the disk is full".to_owned();
        assert_eq!(troubles.now(), Some(Trouble { since: Millis(1_000), cause }));
        troubles.ended();
        assert_eq!(troubles.now(), None);
    }
}
