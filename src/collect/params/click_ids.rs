//! Reads click ids: of each name the last value that keeps the rule. A bad one costs a warning and nothing else.

use super::placeholders::is_unfilled;
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::domain::{ClickIdValue, MAX_CLICK_ID};

/// The click ids of these names and values, in the order of their first coming.
pub fn read<'t>(
    sent: impl IntoIterator<Item = (&'t str, impl AsRef<str>)>,
    warnings: &mut Warnings,
) -> Vec<ClickIdValue> {
    let mut ids: Vec<ClickIdValue> = Vec::new();
    for (name, text) in sent {
        let text = text.as_ref();
        if text.is_empty() {
            continue;
        }
        if let Some(rule) = broken(name, text) {
            warnings.add_once(name, text, rule);
            continue;
        }
        match ids.iter_mut().find(|id| id.name == name) {
            None => ids.push(ClickIdValue { name: name.to_owned(), value: Some(text.to_owned()) }),
            Some(id) => {
                if let Some(earlier) = id.value.replace(text.to_owned()).filter(|earlier| earlier != text) {
                    warnings.add_once(name, &earlier, Rule::LastTaken);
                }
            }
        }
    }
    ids
}

/// The rule that a value breaks.
fn broken(name: &str, text: &str) -> Option<Rule> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~=-".contains(&byte);
    if is_unfilled(name, text) {
        Some(Rule::Placeholder)
    } else if !text.bytes().all(is_allowed) || text.starts_with('=') {
        // No platform's id begins with an equals sign, and a table would take it for a formula.
        Some(Rule::NotAClickId)
    } else {
        (text.len() > MAX_CLICK_ID).then_some(Rule::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(sent: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let mut warnings = Warnings::default();
        let ids = read(sent.iter().copied(), &mut warnings);
        let ids = ids.into_iter().map(|id| format!("{}={}", id.name, id.value.unwrap_or_default())).collect();
        (ids, warnings.into_vec().into_iter().map(|w| format!("{} {} {}", w.parameter, w.rule, w.raw)).collect())
    }

    #[test]
    fn each_name_has_the_last_good_value() {
        let longest = "x".repeat(512);
        let too_long = "x".repeat(513);
        for (sent, ids, warnings) in [
            (&[][..], "", ""),
            (&[("gclid", "")], "", ""),
            (&[("gclid", "Cj0K-_.~=")], "gclid=Cj0K-_.~=", ""),
            (&[("gclid", "a"), ("gbraid", "b")], "gclid=a gbraid=b", ""),
            (&[("fbclid", "a"), ("fbclid", "b")], "fbclid=b", "fbclid last_taken a"),
            (&[("fbclid", "a"), ("fbclid", "a")], "fbclid=a", ""),
            (&[("fbclid", "a"), ("fbclid", "b c")], "fbclid=a", "fbclid not_a_click_id b c"),
            (&[("fbclid", "a"), ("fbclid", "")], "fbclid=a", ""),
            (&[("gclid", &longest)], &format!("gclid={longest}"), ""),
            (&[("gclid", &too_long)], "", &format!("gclid too_long {}", &too_long[..200])),
            (&[("gclid", "{gclid}")], "", "gclid placeholder_not_filled_in {gclid}"),
            (&[("gclid", "undefined")], "", "gclid placeholder_not_filled_in undefined"),
            (&[("gclid", "GCLID")], "", "gclid placeholder_not_filled_in GCLID"),
            (&[("gclid", "=1")], "", "gclid not_a_click_id =1"),
            (&[("gclid", "<b>x")], "", "gclid not_a_click_id <b>x"),
            (&[("gclid", "é")], "", "gclid not_a_click_id é"),
        ] {
            assert_eq!(of(sent), (list(ids, ' '), list(warnings, '|')), "{sent:?}");
        }
    }

    fn list(text: &str, between: char) -> Vec<String> {
        text.split(between).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    proptest! {
        #[test]
        fn only_what_keeps_the_rule_is_kept(texts in prop::collection::vec("[a-z=~._<é -]{0,8}|\\PC{0,9}", 0..9)) {
            let (ids, warnings) = of(&texts.iter().map(|text| ("gclid", text.as_str())).collect::<Vec<_>>());
            let last = texts.iter().rfind(|text| !text.is_empty() && broken("gclid", text).is_none());
            prop_assert_eq!(ids, last.map(|text| format!("gclid={text}")).into_iter().collect::<Vec<_>>());
            prop_assert!(warnings.len() <= 4);
        }
    }
}
