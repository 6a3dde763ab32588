//! What is wrong with a value somebody entered: which field, which rule, which value, so that a form can say it
//! beside the field and the API in one sentence.

/// One broken rule. `field` is the published name; `message` completes the sentence that begins with it
/// (`"must be at most 255 characters, and has 300"`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {message}")]
pub struct FieldError {
    /// The field's published name, with the place inside an array where there is one: `piggyback_pixels[1].url`.
    pub field: String,
    /// The rule and the value, as the rest of a sentence.
    pub message: String,
}

/// Collects broken rules while a value is checked.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Starts with none broken.
    pub fn new() -> Self {
        Checks::default()
    }

    /// Notes that `field` breaks a rule.
    pub fn fail(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// Notes it unless `holds`.
    pub fn require(&mut self, holds: bool, field: &str, message: impl FnOnce() -> String) {
        if !holds {
            self.fail(field, message());
        }
    }

    /// A text that must not be blank, nor longer than `max` characters, nor hold control characters.
    pub fn name(&mut self, field: &str, text: &str, max: usize) {
        self.require(!text.trim().is_empty(), field, || "is required and must not be blank".to_owned());
        self.text(field, text, max);
    }

    /// A text of at most `max` characters without control characters.
    pub fn text(&mut self, field: &str, text: &str, max: usize) {
        let length = text.chars().count();
        self.require(length <= max, field, || format!("must be at most {max} characters, and has {length}"));
        self.require(!text.chars().any(char::is_control), field, || "must not hold control characters".to_owned());
    }

    /// An optional code of 1 to `max` characters.
    pub fn code(&mut self, code: Option<&str>, max: usize) {
        if let Some(code) = code {
            self.require(!code.trim().is_empty(), "code", || "must not be blank; leave it out instead".to_owned());
            self.text("code", code, max);
        }
    }

    /// All the broken rules.
    ///
    /// # Errors
    /// The rules, in the order they were noted, if there are any.
    pub fn done(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
