//! Publishers: where ads ran.

use super::{Checks, FieldError, Millis, PublisherId, Status};

/// A publisher: where ads ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// Its number.
    pub id: PublisherId,
    /// At most 100 characters, unique.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Whether it is in use.
    pub state: Status,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl Publisher {
    /// An active publisher.
    pub fn new(name: impl Into<String>) -> Self {
        Publisher {
            id: PublisherId(0),
            code: None,
            name: name.into(),
            state: Status::Active,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// Checks every rule that needs nothing but the publisher itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.done()
    }
}
