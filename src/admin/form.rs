//! Forms as they were posted, and what is wrong with them, so that a page can show again what was typed with each
//! error beside its field. Knows no particular form.

use crate::domain::FieldError;
use crate::store::StoreError;

/// A posted form, or a query string: names and values in order.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn parse(body: &[u8]) -> Self {
        Form(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first value under this name as typed, or nothing.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// The first value under this name without blanks around it, or nothing.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The same, none if it is empty.
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether there is a value under this name: a ticked box.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| given == name)
    }

    /// All values under this name without blanks around them, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.trim())
    }

    /// Every name with its value.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Everything but the token of its session and passwords, as `application/x-www-form-urlencoded`.
    pub fn to_keep(&self) -> String {
        let kept = self.pairs().filter(|(name, _)| *name != super::csrf::FIELD && !name.contains("password"));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    }

    /// Every name with its value.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// All ids under this name; what is no id is left out.
    pub fn ids<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).flat_map(|text| text.split(',')).filter_map(|id| id.trim().parse().ok()).collect()
    }
}

/// One error, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The id of the control it belongs to; empty if it belongs to none.
    pub id: String,
    /// The whole sentence.
    pub text: String,
}

/// What is wrong with a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

/// Tells, for a field's published name, the id of its control and its label.
pub type Place = fn(&str) -> Option<(String, String)>;

impl Errors {
    /// Words the errors of fields: the label begins the sentence.
    pub fn of_fields(fields: Vec<FieldError>, place: Place) -> Self {
        let word = |FieldError { field, message }: FieldError| {
            let (id, label) = place(&field).unwrap_or((String::new(), field));
            let stop = if message.ends_with(['.', '!', '?']) { "" } else { "." };
            Error { id, text: format!("{label} {message}{stop}") }
        };
        Errors(fields.into_iter().map(word).collect())
    }

    /// Words what the store refused, where the user can put it right; else gives the error back.
    ///
    /// # Errors
    /// What is no matter of the form: not found, not allowed, database trouble.
    pub fn of_store(error: StoreError, place: Place) -> Result<Self, StoreError> {
        match error {
            StoreError::Invalid(fields) => Ok(Errors::of_fields(fields, place)),
            // These sentences begin with the field they are about.
            StoreError::Integrity(text) | StoreError::Limit(text) => {
                let (field, message) = text.split_once(' ').unwrap_or((&text, ""));
                match place(field) {
                    Some(_) => {
                        let field = FieldError { field: field.to_owned(), message: message.to_owned() };
                        Ok(Errors::of_fields(vec![field], place))
                    }
                    None => Ok(Errors(vec![Error { id: String::new(), text: sentence(&text) }])),
                }
            }
            other @ (StoreError::NotFound { .. }
            | StoreError::Denied(_)
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

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors of a control, as one text; empty if it has none.
    pub fn of(&self, id: &str) -> String {
        let texts = self.0.iter().filter(|error| error.id == id).map(|error| error.text.as_str());
        texts.collect::<Vec<_>>().join(" ")
    }

    /// All of them, for the summary on top of the form.
    pub fn all(&self) -> &[Error] {
        &self.0
    }

    /// The summary's title.
    pub fn title(&self) -> String {
        match self.0.len() {
            1 => "Not saved yet: one answer needs a look".to_owned(),
            many => format!("Not saved yet: {many} answers need a look"),
        }
    }
}

/// The control and label of a field whose control bears its name, from a table of fields and labels.
pub fn in_table(table: &[(&str, &str)], field: &str) -> Option<(String, String)> {
    let (name, label) = table.iter().find(|(name, _)| *name == field)?;
    Some(((*name).to_owned(), (*label).to_owned()))
}

/// With a capital at its start.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// With a capital at its start and a full stop at its end.
pub fn sentence(text: &str) -> String {
    let stop = if text.is_empty() || text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{stop}", capital(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(field: &str) -> Option<(String, String)> {
        (field == "code").then(|| ("code".to_owned(), "Code".to_owned()))
    }

    #[test]
    fn forms_keep_order_and_lose_nothing() {
        let form = Form::parse(b"name=+a%20b+&id=3&id=x&id=4,5&on=&name=c");
        assert_eq!((form.raw("name"), form.text("name"), form.some("on")), (" a b ", "a b", None));
        assert_eq!(form.ids::<i64>("id"), [3, 4, 5]);
        assert!(form.has("on") && !form.has("off"));
    }

    #[test]
    fn what_the_store_refuses_stands_beside_its_field() {
        let clash = StoreError::Integrity("code \"a\" is already used by pixel 2; choose another".into());
        let errors = Errors::of_store(clash, place).unwrap();
        assert_eq!(errors.of("code"), "Code \"a\" is already used by pixel 2; choose another.");
        let other = Errors::of_store(StoreError::Limit("at most 20 pixels".into()), place).unwrap();
        assert_eq!(other.all(), [Error { id: String::new(), text: "At most 20 pixels.".into() }]);
        assert!(Errors::of_store(StoreError::Overloaded, place).is_err());
    }
}
