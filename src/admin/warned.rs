//! Says what was wrong with a parameter (`spec/collection.md`): what a site's developer has to correct. Pure.

use std::collections::BTreeMap;

use crate::domain::{Conversion, Warning};

/// A stable rule's name in words, as the rest of a sentence that begins with the parameter.
fn rule(name: &str) -> Option<&'static str> {
    Some(match name {
        "cut_to_its_length" => "was longer than allowed, and was cut",
        "too_long" => "was longer than allowed, and was set aside",
        "control_characters" => "held control characters, which were taken out",
        "not_utf8" => "held bytes that are no UTF-8, which were replaced",
        "placeholder_not_filled_in" => "is still the tag's placeholder: the shop did not fill it in",
        "not_a_plain_decimal" => "is no plain number such as 10 or 10.50, and was set aside",
        "too_many_decimals" => "has more than six decimals, and was set aside",
        "too_large" => "is larger than allowed, and was set aside",
        "not_a_currency" => "is no currency's three letters; the advertiser's currency was taken",
        "not_0_or_1" => "is neither 0 nor 1, and was taken as 0",
        "not_an_id" => "is no whole number from 1 up, and was set aside",
        "repeated" => "came more than once; the first was taken",
        "redir_not_allowed" => "leads to a host that the advertiser does not allow, and was not followed",
        _ => return None,
    })
}

/// A rule in words; one that is not known here by its name.
pub fn words(name: &str) -> String {
    rule(name).map_or_else(|| format!("broke the rule {name}"), str::to_owned)
}

/// What was wrong with these fires, the most frequent first: `value is no plain number …: 19`.
pub fn by_kind(fires: &[Conversion]) -> Vec<(String, usize)> {
    let mut kinds: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for Warning { parameter, rule, .. } in fires.iter().flat_map(|conversion| &conversion.fire.warnings) {
        *kinds.entry((parameter, rule)).or_default() += 1;
    }
    let mut kinds: Vec<_> =
        kinds.into_iter().map(|((parameter, rule), times)| (format!("{parameter} {}", words(rule)), times)).collect();
    kinds.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_said_in_words_and_unknown_ones_by_name() {
        assert_eq!(words("repeated"), "came more than once; the first was taken");
        assert_eq!(words("of_the_future"), "broke the rule of_the_future");
    }
}
