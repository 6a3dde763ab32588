//! What is wrong with the address of a page: values and parameters that it does not know, as stale bookmarks have. Each is a
//! sentence, and the page shows the rest.

use crate::admin::shell::form::Form;
use crate::domain::cut;

/// How much of a value a sentence shows, in characters.
const MOST_SHOWN: usize = 60;

/// Parameters that forms and links add on any page, those of the scope among them.
const OF_EVERY_PAGE: [&str; 8] = ["csrf", "return_to", "start", "range", "from", "to", "compare", "category"];

/// The value with which an address chooses no advertiser in particular.
pub const ALL: &str = "all";

/// A value or name of the address, as a sentence shows it.
pub fn quoted(text: &str) -> String {
    let shown = cut(text, MOST_SHOWN);
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("“{shown}{more}”")
}

/// The parameters that the page does not know.
pub fn unknown(form: &Form, known: &[&str]) -> Option<String> {
    let mut names: Vec<&str> = form.pairs().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name).collect();
    names.retain(|name| !known.contains(name) && !OF_EVERY_PAGE.contains(name));
    names.dedup();
    let shown = names.iter().take(5).map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        1 => Some(format!("The address has {shown}, which this page does not know. It is left out.")),
        _ => Some(format!("The address has {shown}, which this page does not know. They are left out.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_a_page_does_not_know_are_named() {
        let form = Form::parse(b"status=foo&sort=gone.desc&start=50&kind=1&kind=2&empty=&%3Cb%3E=1&return_to=/admin");
        let said = unknown(&form, &["status", "sort"]).unwrap_or_default();
        assert!(said.starts_with("The address has “kind”, “<b>”, which"), "{said}");
        assert_eq!(unknown(&form, &["status", "sort", "kind", "<b>"]), None);
        assert_eq!(quoted(&"x".repeat(61)), format!("“{}…”", "x".repeat(60)));
    }
}
