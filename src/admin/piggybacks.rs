//! The rows of piggybacks in the forms of pixels and segments: shown, read, and written with each error at its row. Pure.

use super::form::{Errors, Form};
use super::typed::word;
use crate::domain::{Checks, FieldError, Piggyback, PiggybackKind};

/// The most rows that a form takes; more are nobody's by hand.
const MOST_ROWS: usize = 50;

/// A row as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `img` or `js`.
    pub kind: String,
    /// The address; an emptied row is left out.
    pub url: String,
}

impl Row {
    /// One to fill in.
    pub fn empty() -> Self {
        Row { kind: PiggybackKind::Image.to_string(), url: String::new() }
    }
}

/// A row with its number and error.
pub struct Shown {
    pub number: usize,
    pub kind: String,
    pub url: String,
    pub error: String,
}

/// Those that are stored, or one to fill in.
pub fn of(piggybacks: &[Piggyback]) -> Vec<Row> {
    let row = |Piggyback { kind, url }: &Piggyback| Row { kind: kind.to_string(), url: url.clone() };
    if piggybacks.is_empty() { vec![Row::empty()] } else { piggybacks.iter().map(row).collect() }
}

/// Those that were posted.
pub fn read(form: &Form) -> Vec<Row> {
    let rows = form.all("piggyback_type").zip(form.all("piggyback_url")).take(MOST_ROWS);
    rows.map(|(kind, url)| Row { kind: kind.to_owned(), url: url.to_owned() }).collect()
}

/// As the form shows them.
pub fn shown(rows: &[Row], errors: &Errors) -> Vec<Shown> {
    let show = |(place, row): (usize, &Row)| {
        let number = place + 1;
        let error = errors.of(&format!("piggyback_url_{number}"));
        Shown { number, kind: row.kind.clone(), url: row.url.clone(), error }
    };
    rows.iter().enumerate().map(show).collect()
}

/// The piggybacks that the rows describe, and the row of each: emptied rows are left out.
pub fn write(checks: &mut Checks, rows: &[Row]) -> (Vec<Piggyback>, Vec<usize>) {
    let (mut piggybacks, mut places) = (Vec::new(), Vec::new());
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| !row.url.is_empty()) {
        let kind = word(checks, "piggyback_pixels", PiggybackKind::parse(&row.kind), PiggybackKind::Image);
        piggybacks.push(Piggyback { kind, url: row.url.clone() });
        places.push(place);
    }
    (piggybacks, places)
}

/// Names the row where the object names the piggyback.
///
/// # Errors
/// Those that it was given.
pub fn by_row(broken: Result<(), Vec<FieldError>>, places: &[usize]) -> Result<(), Vec<FieldError>> {
    broken.map_err(|mut errors| {
        for error in &mut errors {
            if let Some(row) = place_in(&error.field).and_then(|place| places.get(place)) {
                error.field = format!("piggyback_pixels[{row}].url");
            }
        }
        errors
    })
}

/// The control and label of a row's field.
pub fn place(field: &str) -> Option<(String, String)> {
    let number = place_in(field)? + 1;
    Some((format!("piggyback_url_{number}"), format!("Piggyback {number}")))
}

/// The number in `piggyback_pixels[1].url`.
fn place_in(field: &str) -> Option<usize> {
    field.strip_prefix("piggyback_pixels[")?.split_once(']')?.0.parse().ok()
}
