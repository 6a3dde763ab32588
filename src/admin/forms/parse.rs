//! Reads the texts of form fields as values, and notes under the field what cannot be read. Pure; knows no particular
//! form.

use crate::admin::shell::form::Form;
use crate::domain::{Checks, Currency, FieldError, Micros};

/// Every field of a form as text. [`form_data`] declares one.
pub trait FormData: Clone + Send + Sync + 'static {
    fn read(form: &Form) -> Self;

    /// The controls with their texts, as a browser sends them.
    fn controls(&self) -> Controls;

    /// What two people made of the fields that both opened: `mine`, with each field that only `theirs` changed.
    fn merge(opened: &Self, mine: &Self, theirs: &Self) -> (Self, Merge);

    /// Takes over a field.
    fn take(&mut self, field: &str, from: &Self);

    /// A field for people; empty for none.
    fn words(&self, field: &str) -> String;

    /// The same fields as a browser would send them.
    fn as_sent(&self) -> Self {
        Self::read(&Form::of(&self.controls()))
    }
}

/// Names of controls with their texts.
pub type Controls = Vec<(String, String)>;

/// How the changes of two people to one object went together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// The fields that only the other one changed.
    pub taken: Vec<&'static str>,
    /// The fields that both changed, each in another way.
    pub collisions: Vec<&'static str>,
}

impl Merge {
    /// Merges one field. Where both changed it, mine stays.
    pub fn field<T: FormField>(&mut self, name: &'static str, opened: &T, mine: &T, theirs: &T) -> T {
        if mine == theirs || !theirs.differs(opened) {
            return mine.clone();
        }
        if !mine.differs(opened) {
            self.taken.push(name);
            return theirs.clone();
        }
        match T::merge_parts(opened, mine, theirs) {
            Some(merged) => {
                self.taken.push(name);
                merged
            }
            None => {
                self.collisions.push(name);
                mine.clone()
            }
        }
    }
}

/// The content of a field.
pub trait FormField: Clone + PartialEq {
    fn read(form: &Form, name: &str) -> Self;

    /// Adds its controls.
    fn put(&self, name: &str, controls: &mut Controls);

    /// For people; empty for none.
    fn words(&self) -> String;

    /// Whether it says something else than `before`.
    fn differs(&self, before: &Self) -> bool {
        self != before
    }

    /// Merges the changes of two people part by part; none if they touch the same part.
    fn merge_parts(_opened: &Self, _mine: &Self, _theirs: &Self) -> Option<Self> {
        None
    }
}

impl FormField for String {
    fn read(form: &Form, name: &str) -> Self {
        // Browsers send line ends as CR LF.
        form.text(name).replace("\r\n", "\n")
    }

    fn put(&self, name: &str, controls: &mut Controls) {
        controls.push((name.to_owned(), self.clone()));
    }

    fn words(&self) -> String {
        self.clone()
    }
}

/// A field that not every form has; none where it is missing.
impl FormField for Option<String> {
    fn read(form: &Form, name: &str) -> Self {
        form.has(name).then(|| String::read(form, name))
    }

    fn put(&self, name: &str, controls: &mut Controls) {
        self.iter().for_each(|text| text.put(name, controls));
    }

    fn words(&self) -> String {
        self.clone().unwrap_or_default()
    }

    fn differs(&self, before: &Self) -> bool {
        self.is_some() && self != before
    }
}

/// A box that the user may tick.
impl FormField for bool {
    fn read(form: &Form, name: &str) -> Self {
        form.has(name)
    }

    fn put(&self, name: &str, controls: &mut Controls) {
        if *self {
            controls.push((name.to_owned(), "on".to_owned()));
        }
    }

    fn words(&self) -> String {
        if *self { "Yes" } else { "No" }.to_owned()
    }
}

/// Declares the fields of a form under their published names, and reads them from a posted form.
macro_rules! form_data {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $content:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $content,)+
        }

        const _: () = {
            use $crate::admin::forms::parse::{Controls, FormData, FormField, Merge};
            use $crate::admin::shell::form::Form;

            impl FormData for $name {
                fn read(form: &Form) -> Self {
                    $name { $($field: FormField::read(form, stringify!($field)),)+ }
                }

                fn controls(&self) -> Controls {
                    let mut controls = Controls::new();
                    $(self.$field.put(stringify!($field), &mut controls);)+
                    controls
                }

                fn merge(opened: &Self, mine: &Self, theirs: &Self) -> (Self, Merge) {
                    let mut merge = Merge::default();
                    let merged = $name {
                        $($field: merge.field(stringify!($field), &opened.$field, &mine.$field, &theirs.$field),)+
                    };
                    (merged, merge)
                }

                fn take(&mut self, field: &str, from: &Self) {
                    match field {
                        $(stringify!($field) => self.$field.clone_from(&from.$field),)+
                        _ => {}
                    }
                }

                fn words(&self, field: &str) -> String {
                    match field {
                        $(stringify!($field) => self.$field.words(),)+
                        _ => String::new(),
                    }
                }
            }
        };
    };
}

pub(in crate::admin) use form_data;

/// The parts of a field for people, a line each.
pub fn lines(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("\n")
}

/// A word of a closed list. If `word` is none, the text is another, and `before` stays.
pub fn word<T>(checks: &mut Checks, field: &str, word: Option<T>, before: T) -> T {
    checks.require(word.is_some(), field, || "must be one of the choices".to_owned());
    word.unwrap_or(before)
}

/// An amount of money; none for an empty text.
pub fn amount(checks: &mut Checks, field: &str, text: &str) -> Option<Micros> {
    if text.is_empty() {
        return None;
    }
    match Micros::parse(&with_point(text)) {
        Ok(amount) => Some(amount),
        Err(error) => {
            checks.fail(field, error.to_string());
            None
        }
    }
}

/// `12,50` with a decimal point. Leaves `1,200` as it is, which some read as a thousand.
fn with_point(text: &str) -> String {
    match text.split_once(',') {
        Some((whole, decimals)) if matches!(decimals.len(), 1 | 2) => format!("{whole}.{decimals}"),
        _ => text.to_owned(),
    }
}

/// A currency; none for an empty text.
pub fn currency(checks: &mut Checks, field: &str, text: &str) -> Option<Currency> {
    if text.is_empty() {
        return None;
    }
    let currency = Currency::parse(text);
    checks.require(currency.is_some(), field, || format!("must be a code of ISO 4217 such as EUR, and is {text:?}"));
    currency
}

/// One of the objects that the form offers. If `choice` is none, the user chose none of them, and `before` stays.
pub fn required<T>(checks: &mut Checks, field: &str, choice: Option<T>, before: T) -> T {
    checks.require(choice.is_some(), field, || "is required; choose one".to_owned());
    choice.unwrap_or(before)
}

/// A text; none if it is empty.
pub fn optional(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// Joins the fields that cannot be read with the object's own broken rules. A field that cannot be read keeps
/// only that error. The order is that of the form's table of fields, so that the summary of errors goes down the page.
///
/// # Errors
/// The errors, if there are any.
pub fn merge_errors(
    table: &[(&str, &str)],
    unread: Checks,
    broken: Result<(), Vec<FieldError>>,
) -> Result<(), Vec<FieldError>> {
    let mut errors = unread.done().err().unwrap_or_default();
    let mut broken = broken.err().unwrap_or_default();
    broken.retain(|error| errors.iter().all(|unread| unread.field != error.field));
    errors.extend(broken);
    errors.sort_by_key(|error| {
        let (field, rest) = error.field.split_once('[').unwrap_or((&error.field, ""));
        let row: Option<usize> = rest.split(']').next().and_then(|row| row.parse().ok());
        (table.iter().position(|(name, _)| *name == field), row)
    });
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_field_has_one_error_which_comes_first() {
        let mut checks = Checks::new();
        assert_eq!(amount(&mut checks, "value", ""), None);
        assert_eq!(amount(&mut checks, "value", "12,5"), Some(Micros(12_500_000)));
        assert_eq!(amount(&mut checks, "value", "1,500"), None);
        assert_eq!(currency(&mut checks, "currency", "eur").map(|c| c.to_string()).as_deref(), Some("EUR"));
        assert_eq!(currency(&mut checks, "currency", "€"), None);
        assert_eq!(required(&mut checks, "line_item_id", None, 7), 7);
        let mut broken = Checks::new();
        broken.fail("name", "is required");
        broken.fail("value", "is something else");
        let errors = merge_errors(&[], checks, broken.done()).unwrap_err();
        assert_eq!(
            errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "value must be a plain decimal number such as 10 or 10.50: no sign, currency symbol or thousands mark",
                "currency must be a code of ISO 4217 such as EUR, and is \"€\"",
                "line_item_id is required; choose one",
                "name is required",
            ]
        );
        assert_eq!(merge_errors(&[], Checks::new(), Ok(())), Ok(()));
    }

    #[test]
    fn errors_go_down_the_page_and_its_rows() {
        let table = [("name", "Name"), ("pixels", "Pixels"), ("state", "State")];
        let mut checks = Checks::new();
        for field in ["state", "pixels[10].id", "pixels[9].id", "pixels", "name"] {
            checks.fail(field, "is wrong");
        }
        let errors = merge_errors(&table, checks, Ok(())).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "pixels", "pixels[9].id", "pixels[10].id", "state"]);
    }
}
