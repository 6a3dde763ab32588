//! The key of a form that creates something: good for one object, however often the form is sent.

use crate::admin::shell::form::Form;
use crate::store::FormKey;

/// The field with the key.
pub const FIELD: &str = "form_key";

/// The key that a posted form carries.
pub fn of(posted: &Form) -> Option<FormKey> {
    FormKey::parse(posted.text(FIELD))
}

/// The key for the page: that of a form that is shown again, else a new one. Without random bytes there is none.
pub fn next(form: &Form) -> String {
    let key = of(form).or_else(|| FormKey::random().ok());
    key.map(|key| key.to_string()).unwrap_or_default()
}

/// The message for a form that was sent before.
pub fn sent_before(name: &str) -> String {
    format!("This form was sent before, and has created “{name}”.")
}
