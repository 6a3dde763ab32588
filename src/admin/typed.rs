//! Reads what was typed into values, noting under its field what cannot be read: the small parts that the forms share.
//! Pure; knows no particular form.

use crate::domain::{Checks, Currency, FieldError, Micros};

/// A word of a closed list; what stood before where it is none.
pub fn word<T>(checks: &mut Checks, field: &str, read: Option<T>, before: T) -> T {
    checks.require(read.is_some(), field, || "must be one of the choices".to_owned());
    read.unwrap_or(before)
}

/// An amount of money; none where nothing was typed.
pub fn amount(checks: &mut Checks, field: &str, typed: &str) -> Option<Micros> {
    if typed.is_empty() {
        return None;
    }
    match Micros::parse(typed) {
        Ok(amount) => Some(amount),
        Err(error) => {
            checks.fail(field, error.to_string());
            None
        }
    }
}

/// A currency; none where nothing was typed.
pub fn currency(checks: &mut Checks, field: &str, typed: &str) -> Option<Currency> {
    if typed.is_empty() {
        return None;
    }
    let read = Currency::parse(typed);
    checks.require(read.is_some(), field, || format!("must be a code of ISO 4217 such as EUR, and is {typed:?}"));
    read
}

/// An object that must be chosen among those on offer; what stood before where none was.
pub fn chosen<T>(checks: &mut Checks, field: &str, found: Option<T>, before: T) -> T {
    checks.require(found.is_some(), field, || "is required; choose one".to_owned());
    found.unwrap_or(before)
}

/// A text that may be left out.
pub fn optional(typed: &str) -> Option<String> {
    Some(typed.to_owned()).filter(|text| !text.is_empty())
}

/// All that is wrong: what could not be read, and what the object breaks, but for fields that could not even be read.
///
/// # Errors
/// These, if there are any.
pub fn all(unread: Checks, broken: Result<(), Vec<FieldError>>) -> Result<(), Vec<FieldError>> {
    let unread = unread.done().err().unwrap_or_default();
    let broken = broken.err().unwrap_or_default();
    let mut all: Vec<_> = broken.into_iter().filter(|error| unread.iter().all(|u| u.field != error.field)).collect();
    all.splice(0..0, unread);
    if all.is_empty() { Ok(()) } else { Err(all) }
}

/// The same, in the order of a form's table of fields and labels, so that its summary of errors goes down the page.
///
/// # Errors
/// These, if there are any.
pub fn all_in(
    table: &[(&str, &str)],
    unread: Checks,
    broken: Result<(), Vec<FieldError>>,
) -> Result<(), Vec<FieldError>> {
    all(unread, broken).map_err(|mut errors| {
        errors.sort_by_key(|error| {
            let (field, rest) = error.field.split_once('[').unwrap_or((&error.field, ""));
            let row: Option<usize> = rest.split(']').next().and_then(|row| row.parse().ok());
            (table.iter().position(|(name, _)| *name == field), row)
        });
        errors
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_once_and_first() {
        let mut checks = Checks::new();
        assert_eq!(amount(&mut checks, "value", ""), None);
        assert_eq!(amount(&mut checks, "value", "1,50"), None);
        assert_eq!(currency(&mut checks, "currency", "eur").map(|c| c.to_string()).as_deref(), Some("EUR"));
        assert_eq!(currency(&mut checks, "currency", "€"), None);
        assert_eq!(chosen(&mut checks, "line_item_id", None, 7), 7);
        let mut broken = Checks::new();
        broken.fail("name", "is required");
        broken.fail("value", "is something else");
        let told: Vec<String> = all(checks, broken.done()).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "value must be a plain decimal number such as 10 or 10.50: no sign, currency symbol or thousands mark",
                "currency must be a code of ISO 4217 such as EUR, and is \"€\"",
                "line_item_id is required; choose one",
                "name is required",
            ]
        );
        assert_eq!(all(Checks::new(), Ok(())), Ok(()));
    }

    #[test]
    fn errors_go_down_the_page_and_its_rows() {
        let table = [("name", "Name"), ("pixels", "Pixels"), ("state", "State")];
        let mut checks = Checks::new();
        for field in ["state", "pixels[10].id", "pixels[9].id", "pixels", "name"] {
            checks.fail(field, "is wrong");
        }
        let told = all_in(&table, checks, Ok(())).unwrap_err();
        let fields: Vec<&str> = told.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "pixels", "pixels[9].id", "pixels[10].id", "state"]);
    }
}
