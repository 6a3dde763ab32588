//! What can go wrong in the store. Each face turns these variants into its own status, in one match without a wildcard.

use std::sync::Arc;

use crate::domain::FieldError;

/// Plain names for the causes that people can mend; other causes keep the system's own words.
const FULL: &str = "the disk is full";
const READ_ONLY: &str = "the directory is read-only";

/// Why a data directory was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A program of another version uses it, or wrote it. The text says what to do.
    #[error("{0}")]
    Refused(String),
    /// The files cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the store did not do what it was asked. Cheap to clone: one failed commit answers every waiter with it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// No such object, or none that the caller may see.
    #[error("{what} {id} not found")]
    NotFound {
        /// The kind of object: `pixel`, `line item`.
        what: &'static str,
        /// The id or code asked for.
        id: String,
    },
    /// Fields that break their rules.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldError>),
    /// The caller's role or advertiser does not allow it.
    #[error("{0}")]
    Denied(String),
    /// It would leave the definitions inconsistent.
    #[error("{0}")]
    Integrity(String),
    /// It would go over a maximum number of objects.
    #[error("{0}")]
    Limit(String),
    /// A form's key has created this object already.
    #[error("this form has created object {id} already")]
    Repeated { id: i64 },
    /// Too much is waiting to be written; try again in a moment.
    #[error("too many requests are waiting to be written")]
    Overloaded,
    /// Nothing can be written now: the disk is full, the directory is read-only, or the server is stopping.
    #[error("the database cannot be written: {0}")]
    Unavailable(Arc<str>),
    /// Every connection for such reads is taken; try again in a moment.
    #[error("the server is busy reading; try again in a moment")]
    Busy,
    /// The database cannot be read now: its file is gone, or the disk fails.
    #[error("the database cannot be read: {0}")]
    Unreadable(Arc<str>),
    /// A fault of ours or of the file.
    #[error("database fault: {0}")]
    Fault(Arc<str>),
}

impl StoreError {
    /// No such object.
    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        StoreError::NotFound { what, id: id.to_string() }
    }

    /// One field breaks a rule.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        StoreError::Invalid(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }

    /// The cause alone, for a sentence that already says what it caused.
    pub fn cause(&self) -> String {
        match self {
            StoreError::Unavailable(cause) | StoreError::Unreadable(cause) | StoreError::Fault(cause) => {
                cause.to_string()
            }
            other => other.to_string(),
        }
    }

    /// A fault with its cause.
    pub fn fault(cause: impl ToString) -> Self {
        StoreError::Fault(cause.to_string().into())
    }

    /// Whether the connection that met it may meet it again although the cause is gone, so that it is not used again.
    pub(super) fn may_stick(&self) -> bool {
        matches!(self, StoreError::Unavailable(_) | StoreError::Unreadable(_) | StoreError::Fault(_))
    }

    /// The error as a read met it. SQLite names the same causes for reads and for writes, and a read that fails says
    /// nothing of writing.
    pub(super) fn of_reading(self) -> Self {
        match self {
            StoreError::Unavailable(cause) => StoreError::Unreadable(cause),
            other => other,
        }
    }
}

fn join(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl From<Vec<FieldError>> for StoreError {
    fn from(errors: Vec<FieldError>) -> Self {
        StoreError::Invalid(errors)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
        match error.sqlite_error_code() {
            Some(DiskFull) => StoreError::Unavailable(FULL.into()),
            Some(ReadOnly) => StoreError::Unavailable(READ_ONLY.into()),
            Some(CannotOpen | SystemIoFailure) => StoreError::Unavailable(error.to_string().into()),
            _ => StoreError::fault(error),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            StorageFull => StoreError::Unavailable(FULL.into()),
            ReadOnlyFilesystem => StoreError::Unavailable(READ_ONLY.into()),
            _ => StoreError::Unavailable(error.to_string().into()),
        }
    }
}

impl From<r2d2::Error> for StoreError {
    fn from(error: r2d2::Error) -> Self {
        StoreError::Unreadable(error.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_fails_says_nothing_of_writing() {
        for (code, reads) in [
            (rusqlite::ffi::SQLITE_CANTOPEN, "the database cannot be read: "),
            (rusqlite::ffi::SQLITE_IOERR, "the database cannot be read: "),
            (rusqlite::ffi::SQLITE_FULL, "the database cannot be read: the disk is full"),
            (rusqlite::ffi::SQLITE_CORRUPT, "database fault: "),
        ] {
            let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            let text = StoreError::from(error).of_reading().to_string();
            assert!(text.starts_with(reads), "{text}");
        }
    }

    #[test]
    fn causes_are_told_in_words_for_people() {
        let told = |code| StoreError::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
        assert_eq!(told(rusqlite::ffi::SQLITE_FULL).cause(), "the disk is full");
        assert_eq!(told(rusqlite::ffi::SQLITE_READONLY).cause(), "the directory is read-only");
        assert_eq!(told(rusqlite::ffi::SQLITE_FULL).to_string(), "the database cannot be written: the disk is full");
        assert!(matches!(told(rusqlite::ffi::SQLITE_IOERR), StoreError::Unavailable(_)));
        assert!(matches!(told(rusqlite::ffi::SQLITE_CORRUPT), StoreError::Fault(_)));
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert_eq!(StoreError::from(full).cause(), "the disk is full");
    }
}
