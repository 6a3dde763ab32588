//! The rows of extra pixels (piggybacks) in the forms of pixels and segments: their texts, and each error at its row. Pure.

use super::parse::{Controls, FormField, lines, word};
use crate::admin::shell::form::{Control, Errors, Form};
use crate::admin::text::format::plural;
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

    /// Leaves out the rows without an address, as saving does.
    fn put(&self, _: &str, controls: &mut Controls) {
        for PiggybackData { kind, url } in self.iter().filter(|row| !row.url.is_empty()) {
            controls.push(("piggyback_type".to_owned(), kind.clone()));
            controls.push(("piggyback_url".to_owned(), url.clone()));
        }
    }

    fn words(&self) -> String {
        let kind =
            |kind: &str| if PiggybackKind::parse(kind) == Some(PiggybackKind::Script) { "Script" } else { "Image" };
        lines(self.iter().map(|row| format!("{} {}", kind(&row.kind), row.url)))
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

/// `2 extra pixels`; empty without one.
pub fn words(rows: &[PiggybackData]) -> String {
    match rows.iter().filter(|row| !row.url.is_empty()).count() {
        0 => String::new(),
        many => plural(u64::try_from(many).unwrap_or(u64::MAX), "extra pixel"),
    }
}

/// Whether a row was just added, for browsers without scripts.
pub fn has_new_row(rows: &[PiggybackData]) -> bool {
    rows.len() > 1 && rows.last().is_some_and(|row| row.url.is_empty())
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
    Some(Control::new(format!("piggyback_url_{number}"), format!("Extra pixel {number}")))
}

/// The number in `piggyback_pixels[1].url`.
fn index_in(field: &str) -> Option<usize> {
    field.strip_prefix("piggyback_pixels[")?.split_once(']')?.0.parse().ok()
}
