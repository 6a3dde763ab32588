//! Errors of entered values. Each names its field, so that a form can show it beside the field and the API in one
//! sentence.

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {message}")]
pub struct FieldError {
    /// The field's published name, with the index in an array: `piggyback_pixels[1].url`.
    pub field: String,
    /// The rest of the sentence: `must be at most 255 characters, and has 300`.
    pub message: String,
}

/// The most broken rules that are collected. The rest shows once these are mended.
const MOST: usize = 100;

/// Collects the broken rules of a value.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    pub fn new() -> Self {
        Checks::default()
    }

    /// Records that `field` breaks a rule.
    pub fn fail(&mut self, field: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < MOST {
            self.0.push(FieldError { field: field.into(), message: message.into() });
        }
    }

    /// Records a broken rule unless `holds`.
    pub fn require(&mut self, holds: bool, field: &str, message: impl FnOnce() -> String) {
        if !holds && self.0.len() < MOST {
            self.fail(field, message());
        }
    }

    /// Requires a text that is not blank, of at most `max` characters, without control characters.
    pub fn name(&mut self, field: &str, text: &str, max: usize) {
        self.require(!text.trim().is_empty(), field, || "is required and must not be blank".to_owned());
        self.text(field, text, max);
    }

    /// Requires a text of at most `max` characters without control characters.
    pub fn text(&mut self, field: &str, text: &str, max: usize) {
        let length = text.chars().count();
        self.require(length <= max, field, || format!("must be at most {max} characters, and has {length}"));
        self.require(!text.chars().any(char::is_control), field, || "must not hold control characters".to_owned());
    }

    /// Requires a code, if there is one, of 1 to `max` characters.
    pub fn code(&mut self, code: Option<&str>, max: usize) {
        if let Some(code) = code {
            self.require(!code.trim().is_empty(), "code", || "must not be blank; leave it out instead".to_owned());
            self.text("code", code, max);
        }
    }

    /// # Errors
    /// The broken rules, in the order of the checks.
    pub fn done(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
