//! Posted forms and their errors. A page shows the form again with each error beside its field. Knows no particular
//! form.

use super::error::PageError;
use crate::admin::text::errors;
use crate::admin::text::errors::plain;
use crate::domain::{FieldError, trim};
use crate::store::StoreError;
use crate::web::reading::texts::Texts;

/// A posted form, or a query string: names and values in order.
#[derive(Clone, Debug, Default)]
pub struct Form(Texts);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn parse(body: &[u8]) -> Self {
        let mut texts = Texts::default();
        url::form_urlencoded::parse(body).into_owned().for_each(|(name, text)| texts.add(name, text));
        Form(texts)
    }

    /// The form that has these fields.
    pub fn of(fields: &[(String, String)]) -> Self {
        let mut texts = Texts::default();
        fields.iter().for_each(|(name, text)| texts.add(name.clone(), text.clone()));
        Form(texts)
    }

    /// Reads what a stranger sent.
    ///
    /// # Errors
    /// It has more than `most` fields.
    pub fn parse_at_most(body: &[u8], most: usize) -> Result<Self, PageError> {
        match url::form_urlencoded::parse(body).take(most + 1).count() > most {
            true => Err(PageError::BadRequest(format!("more than {most} fields were sent; send fewer"))),
            false => Ok(Form::parse(body)),
        }
    }

    /// The first value of this name with its blanks; empty if there is none.
    pub fn raw(&self, name: &str) -> &str {
        self.0.of(name).next().unwrap_or("")
    }

    /// The first value of this name without blanks around it; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        trim(self.raw(name))
    }

    /// The same, or none if it is empty.
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether the form has this name, as with a ticked box.
    pub fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }

    /// All values of this name without blanks around them, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.of(name).map(trim)
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.pairs()
    }

    /// The form without passwords and the session's token, as `application/x-www-form-urlencoded`.
    pub fn to_keep(&self) -> String {
        let fields = self.pairs().filter(|(name, _)| *name != super::csrf::FIELD && !name.contains("password"));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }

    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0.into_pairs()
    }

    /// All ids of this name, also those that commas join. Leaves out every text that is no id.
    pub fn ids<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).flat_map(|text| text.split(',')).filter_map(|id| trim(id).parse().ok()).collect()
    }

    /// Whether the user pressed the button for one more row, which browsers without scripts send to the server.
    pub fn adds_row(&self) -> bool {
        self.text("do") == "add-row"
    }
}

/// An error as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The id of the control it belongs to; empty if it belongs to none.
    pub id: String,
    /// A whole sentence.
    pub text: String,
}

/// All errors of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

/// The control of a field: what the error summary links to, and how the error's sentence begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    pub id: String,
    pub label: String,
}

impl Control {
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Control { id: id.into(), label: label.into() }
    }
}

/// Finds the control of a published field.
pub type FindControl = fn(&str) -> Option<Control>;

impl Errors {
    /// Makes a sentence of each error: the control's label, then the message.
    pub fn of_fields(fields: Vec<FieldError>, control: FindControl) -> Self {
        let word = |FieldError { field, message }: FieldError| {
            let Control { id, label } = control(&field).unwrap_or_else(|| Control::new("", field));
            let in_words = || {
                let message = plain(&message);
                let stop = if message.ends_with(['.', '!', '?']) { "" } else { "." };
                format!("{label} {message}{stop}")
            };
            Error { id, text: errors::sentence(&message).unwrap_or_else(in_words) }
        };
        Errors(fields.into_iter().map(word).collect())
    }

    /// Makes a sentence of each error that the store reports.
    ///
    /// # Errors
    /// Returns `error` if the user cannot put it right in the form: not found, not allowed, database trouble.
    pub fn of_store(error: StoreError, control: FindControl) -> Result<Self, StoreError> {
        match error {
            StoreError::Invalid(fields) => Ok(Errors::of_fields(fields, control)),
            // These sentences begin with the name of a field.
            StoreError::Integrity(text) | StoreError::Limit(text) => {
                let (field, message) = text.split_once(' ').unwrap_or((&text, ""));
                match control(field) {
                    Some(_) => {
                        let field = FieldError { field: field.to_owned(), message: message.to_owned() };
                        Ok(Errors::of_fields(vec![field], control))
                    }
                    None => Ok(Errors(vec![Error { id: String::new(), text: sentence(&text) }])),
                }
            }
            other @ (StoreError::NotFound { .. }
            | StoreError::Denied(_)
            | StoreError::Repeated { .. }
            | StoreError::Overloaded
            | StoreError::Unavailable(_)
            | StoreError::Busy
            | StoreError::Unreadable(_)
            | StoreError::Fault(_)) => Err(other),
        }
    }

    /// Adds an error that is already a sentence.
    pub fn add(&mut self, id: &str, text: impl Into<String>) {
        self.0.push(Error { id: id.to_owned(), text: text.into() });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors of one control as one text; empty if it has none.
    pub fn of(&self, id: &str) -> String {
        let texts = self.0.iter().filter(|error| error.id == id).map(|error| error.text.as_str());
        texts.collect::<Vec<_>>().join(" ")
    }

    /// For the summary on top of the form.
    pub fn all(&self) -> &[Error] {
        &self.0
    }

    /// The title of the summary.
    pub fn title(&self) -> String {
        match self.0.len() {
            1 => "1 thing to correct".to_owned(),
            many => format!("{many} things to correct"),
        }
    }
}

/// Published fields with their labels, down a form's page.
pub type Labels = &'static [(&'static str, &'static str)];

/// The control that has the field's own name.
pub fn control_in(table: &[(&str, &str)], field: &str) -> Option<Control> {
    let (name, label) = table.iter().find(|(name, _)| *name == field)?;
    Some(Control::new(*name, *label))
}

/// With a capital letter at its start.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// With a capital letter at its start and a full stop at its end.
pub fn sentence(text: &str) -> String {
    let stop = if text.is_empty() || text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{stop}", capital(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(field: &str) -> Option<Control> {
        (field == "code").then(|| Control::new("code", "Code"))
    }

    #[test]
    fn forms_keep_order_and_lose_nothing() {
        let form = Form::parse(b"name=+a%20b+&id=3&id=x&id=4,5&on=&name=c");
        assert_eq!((form.raw("name"), form.text("name"), form.some("on")), (" a b ", "a b", None));
        assert_eq!(form.ids::<i64>("id"), [3, 4, 5]);
        assert!(form.has("on") && !form.has("off"));
    }

    #[test]
    fn an_error_of_the_store_is_shown_beside_its_field() {
        let clash = StoreError::Integrity("code \"a\" is already used by pixel 2; choose another".into());
        let errors = Errors::of_store(clash, control).unwrap();
        assert_eq!(errors.of("code"), "Code \"a\" is already used by pixel 2. Choose another one.");
        let other = Errors::of_store(StoreError::Limit("at most 20 pixels".into()), control).unwrap();
        assert_eq!(other.all(), [Error { id: String::new(), text: "At most 20 pixels.".into() }]);
        assert!(Errors::of_store(StoreError::Overloaded, control).is_err());
    }
}
