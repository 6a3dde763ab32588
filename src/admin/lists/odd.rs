//! What is wrong with the address of a page: values and parameters that it does not know, as stale bookmarks have. Each is a
//! sentence, and the page shows the rest.

use crate::admin::choices::Choice;
use crate::admin::shell::form::Form;
use crate::domain::cut;

/// How much of a value a sentence shows, in characters.
const MOST_SHOWN: usize = 60;

/// Parameters that forms and links add on any page, those of the scope among them.
const OF_EVERY_PAGE: [&str; 8] = ["csrf", "return_to", "start", "range", "from", "to", "compare", "category"];

/// The value with which an address chooses no advertiser in particular.
const ALL: &str = "all";

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

/// A value that a select does not offer.
pub fn not_offered(form: &Form, name: &str, label: &str, options: &[Choice]) -> Option<String> {
    let text = form.some(name).filter(|text| *text != ALL)?;
    let is_offered = options.iter().any(|option| option.id == text && !option.disabled);
    (!is_offered).then(|| format!("{label}: {} is not one of the choices. The page shows all.", quoted(text)))
}

/// A value of a filter that must be an ID.
pub fn not_an_id(form: &Form, name: &str, label: &str) -> Option<String> {
    let text = form.some(name).filter(|text| *text != ALL)?;
    let is_id = text.split(',').all(|id| id.trim().parse::<i64>().is_ok_and(|id| id > 0));
    (!is_id).then(|| format!("{label}: {} is not an ID. The page shows all.", quoted(text)))
}

/// A place in the list that is no number, or beyond its end.
pub fn no_place(form: &Form, rows: usize, count: u64) -> Option<String> {
    let text = form.some("start")?;
    match text.parse::<u32>() {
        Err(_) => Some(format!("The list has no place {}. It begins at its first row.", quoted(text))),
        Ok(start) if rows == 0 && start > 0 && count > 0 => {
            Some(format!("The list ends before row {text}: it has {count}. Remove “start” from the address."))
        }
        Ok(_) => None,
    }
}

/// An order that the list does not have.
pub fn no_order(form: &Form, keys: &[&str]) -> Option<String> {
    let text = form.some("sort")?;
    let (key, direction) = text.rsplit_once('.').unwrap_or((text, "asc"));
    let is_known = keys.contains(&key) && matches!(direction, "asc" | "desc");
    (!is_known).then(|| format!("The list cannot be sorted by {}. It has its usual order.", quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::choices;

    #[test]
    fn stale_addresses_are_explained() {
        let form = Form::parse(b"status=foo&start=x&sort=gone.desc&pixel_id=abc&kind=1&kind=2&empty=&%3Cb%3E=1");
        let options = choices::words(&[("active", "Active")], "");
        let said = |text: Option<String>| text.unwrap_or_default();
        assert!(said(not_offered(&form, "status", "Status", &options)).starts_with("Status: “foo” is not"));
        assert!(said(no_place(&form, 3, 3)).contains("“x”"));
        assert!(said(no_order(&form, &["name"])).contains("“gone.desc”"));
        assert!(said(not_an_id(&form, "pixel_id", "Pixel")).contains("“abc”"));
        let known = ["status", "sort", "pixel_id"];
        assert!(said(unknown(&form, &known)).starts_with("The address has “kind”, “<b>”, which"));
        let fine = Form::parse(b"status=active&start=50&sort=name.asc&pixel_id=1,2&return_to=/admin");
        for nothing in [
            not_offered(&fine, "status", "Status", &options),
            no_place(&fine, 3, 53),
            no_order(&fine, &["name"]),
            not_an_id(&fine, "pixel_id", "Pixel"),
            unknown(&fine, &known),
        ] {
            assert_eq!(nothing, None);
        }
        let beyond = Form::parse(b"start=99999");
        assert!(said(no_place(&beyond, 0, 12)).contains("it has 12"));
        assert_eq!(no_place(&beyond, 0, 0), None, "an empty list says so itself");
        assert_eq!(quoted(&"x".repeat(61)), format!("“{}…”", "x".repeat(60)));
    }
}
