//! The rows of piggybacks in the forms of pixels and segments: their texts, and each error at its row. Pure.

use super::parse::{FormField, word};
use crate::admin::shell::form::{Control, Errors, Form};
use crate::domain::{Checks, FieldError, Piggyback, PiggybackKind};

/// A piggyback as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PiggybackData {
    /// `img` or `js`.
    pub kind: String,
    /// Saving drops a row without an address.
    pub url: String,
}

impl PiggybackData {
    pub fn empty() -> Self {
        PiggybackData { kind: PiggybackKind::Image.to_string(), url: String::new() }
    }
}

/// A row of the page.
pub struct PiggybackRow {
    /// Counts from 1.
    pub number: usize,
    pub kind: String,
    pub url: String,
    pub error: String,
}

/// A stored object's piggybacks, or an empty one.
pub fn of(piggybacks: &[Piggyback]) -> Vec<PiggybackData> {
    let text = |Piggyback { kind, url }: &Piggyback| PiggybackData { kind: kind.to_string(), url: url.clone() };
    if piggybacks.is_empty() { vec![PiggybackData::empty()] } else { piggybacks.iter().map(text).collect() }
}

impl FormField for Vec<PiggybackData> {
    fn read(form: &Form, _: &str) -> Self {
        let rows = form.all("piggyback_type").zip(form.all("piggyback_url"));
        rows.map(|(kind, url)| PiggybackData { kind: kind.to_owned(), url: url.to_owned() }).collect()
    }
}

/// The rows of the page, each with its errors.
pub fn rows(piggybacks: &[PiggybackData], errors: &Errors) -> Vec<PiggybackRow> {
    let row = |(index, PiggybackData { kind, url }): (usize, &PiggybackData)| {
        let number = index + 1;
        let error = errors.of(&format!("piggyback_url_{number}"));
        PiggybackRow { number, kind: kind.clone(), url: url.clone(), error }
    };
    piggybacks.iter().enumerate().map(row).collect()
}

/// Writes the rows that have an address into `piggybacks`. Returns the row of each, for [`by_row`].
pub fn write(checks: &mut Checks, rows: &[PiggybackData], piggybacks: &mut Vec<Piggyback>) -> Vec<usize> {
    piggybacks.clear();
    let mut indexes = Vec::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.url.is_empty()) {
        let kind = word(checks, "piggyback_pixels", PiggybackKind::parse(&row.kind), PiggybackKind::Image);
        piggybacks.push(Piggyback { kind, url: row.url.clone() });
        indexes.push(index);
    }
    indexes
}

/// Changes errors of the object so that they count the form's rows, which may have empty ones between.
///
/// # Errors
/// The errors of `broken`.
pub fn by_row(broken: Result<(), Vec<FieldError>>, rows: &[usize]) -> Result<(), Vec<FieldError>> {
    broken.map_err(|mut errors| {
        for error in &mut errors {
            if let Some(row) = index_in(&error.field).and_then(|index| rows.get(index)) {
                error.field = format!("piggyback_pixels[{row}].url");
            }
        }
        errors
    })
}

/// The control of a row's field.
pub fn control(field: &str) -> Option<Control> {
    let number = index_in(field)? + 1;
    Some(Control::new(format!("piggyback_url_{number}"), format!("Piggyback {number}")))
}

/// The number in `piggyback_pixels[1].url`.
fn index_in(field: &str) -> Option<usize> {
    field.strip_prefix("piggyback_pixels[")?.split_once(']')?.0.parse().ok()
}
