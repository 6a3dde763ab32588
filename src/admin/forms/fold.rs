//! The part of a form that is shut at first: fields that few need. Pure.

use crate::admin::shell::form::Errors;

pub struct Fold {
    /// What is inside, in grey beside its title.
    pub words: String,
    pub open: bool,
}

impl Fold {
    /// `fields` are the ids of its controls, or how these begin. `inside` names them. `set` are those that have a value, in
    /// words; it may hold empty ones. A field with an error opens the fold.
    pub fn new(errors: &Errors, fields: &[&str], inside: &str, set: &[String]) -> Self {
        let set: Vec<&str> = set.iter().map(String::as_str).filter(|words| !words.is_empty()).collect();
        Fold {
            words: if set.is_empty() { inside.to_owned() } else { set.join(" · ") },
            open: errors.all().iter().any(|error| fields.iter().any(|field| error.id.starts_with(field))),
        }
    }
}

/// `code purchase`; empty for no code.
pub fn code(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!("code {code}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_says_what_is_set_and_opens_for_errors() {
        let mut errors = Errors::default();
        let fold = |errors: &Errors, set: &[String]| Fold::new(errors, &["code", "url_"], "code, pixels", set);
        let shut = fold(&errors, &[code(""), String::new()]);
        assert_eq!((shut.words.as_str(), shut.open), ("code, pixels", false));
        errors.add("url_2", "URL 2 is wrong.");
        let open = fold(&errors, &[code("sale"), "2 extra pixels".to_owned()]);
        assert_eq!((open.words.as_str(), open.open), ("code sale · 2 extra pixels", true));
    }
}
