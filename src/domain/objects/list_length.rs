//! The most entries of the lists in objects. An object that already has more stays usable, and its list may become
//! shorter.

use crate::domain::FieldError;

/// How long a list of an object is, and may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListLength {
    /// The list's published field.
    pub field: &'static str,
    pub length: usize,
    pub most: usize,
    /// How to do with fewer.
    pub advice: &'static str,
}

impl ListLength {
    /// Refuses a list that is too long, unless it is no longer than `before`.
    ///
    /// # Errors
    /// The rule, with the number of entries.
    pub fn check(&self, before: Option<ListLength>) -> Result<(), FieldError> {
        let ListLength { field, length, most, advice } = *self;
        if length <= most || before.is_some_and(|before| length <= before.length) {
            return Ok(());
        }
        let message = format!("must be at most {most}, and are {length}; {advice}");
        Err(FieldError { field: field.to_owned(), message })
    }
}
