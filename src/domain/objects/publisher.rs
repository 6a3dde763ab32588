//! Publishers: where ads ran.

use crate::domain::{Checks, FieldError, Millis, PublisherId, Status};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    pub id: PublisherId,
    /// At most 100 characters, unique.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    pub state: Status,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl Publisher {
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

    /// The rules that need no other object.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.done()
    }
}
