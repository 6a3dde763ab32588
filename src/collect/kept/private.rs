//! What is set aside of a private visitor's row besides the visitor and the address: texts of the shop that are an e-mail
//! address, the values of click ids, and the texts of warnings.

use super::addresses::{length_of, may_hold_email, without_query};
use super::names::{self, Nature};
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::domain::{Arrival, ClickIdValue, Fire, Warning};

/// Sets aside the texts of a private visitor's fire that hold an e-mail address, with a warning, and the values of its
/// click ids.
pub fn without_names(fire: &mut Fire) {
    let details = &mut fire.details;
    let mut found = Warnings::default();
    for (name, text) in [
        ("order_id", &mut fire.order_id),
        ("event_id", &mut fire.event_id),
        ("other", &mut fire.other),
        ("reason_code", &mut details.reason_code),
        ("reference_id", &mut details.reference_id),
        ("parent_reference_id", &mut details.parent_reference_id),
    ] {
        if let Some(held) = text.take_if(|text| may_hold_email(text)) {
            found.add(name, &length_of(&held), Rule::EmailNotKept);
        }
    }
    details.content_ids.retain(|id| {
        let is_email = may_hold_email(id);
        if is_email {
            found.add_once("content_ids", &length_of(id), Rule::EmailNotKept);
        }
        !is_email
    });
    without_click_ids(&mut details.click_ids);
    fire.warnings.extend(found.into_vec());
}

/// Sets aside what an arrival says of a private visitor: the values of click ids, the exposure that a token names, and
/// parameters that hold an e-mail address.
pub fn without_names_in_arrival(arrival: &mut Arrival, found: &mut Warnings) {
    without_click_ids(&mut arrival.click_ids);
    arrival.named = None;
    arrival.parameters.retain(|(name, value)| {
        let is_email = may_hold_email(value);
        if is_email {
            found.add_once(name, &length_of(value), Rule::EmailNotKept);
        }
        !is_email
    });
}

/// Keeps only the names of click ids.
fn without_click_ids(ids: &mut [ClickIdValue]) {
    for id in ids {
        id.value = None;
    }
}

/// Clears the texts of a private visitor's warnings that may name the visitor. Of other visitors it clears an e-mail
/// address that came as a visitor's name.
pub fn warnings(warnings: &mut [Warning], private: bool) {
    for Warning { parameter, raw, .. } in warnings {
        let nature = names::of_field(parameter);
        if !private {
            // Its query may hold anything.
            if parameter == "page_url" {
                raw.truncate(without_query(raw).len());
            }
            if nature == Some(Nature::NamesVisitor) && may_hold_email(raw) {
                *raw = length_of(raw);
            }
            continue;
        }
        match nature {
            Some(Nature::NamesVisitor | Nature::Ad(_)) => raw.clear(),
            _ => raw.truncate(without_query(raw).len()),
        }
        if may_hold_email(raw) {
            *raw = length_of(raw);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_keep_their_rules_and_lose_the_names() {
        for (parameter, raw, known, private) in [
            ("sspdata", "abc", "abc", ""),
            ("sspdata", "anna@b.example", "14 characters", ""),
            ("gclid", "abc", "abc", ""),
            ("redir", "https://a.example/?sspdata=abc", "https://a.example/?sspdata=abc", "https://a.example/"),
            ("value", "$1", "$1", "$1"),
            ("value", "anna@b.example", "anna@b.example", "14 characters"),
            ("redir", "https://a.example/anna%40b", "https://a.example/anna%40b", "26 characters"),
        ] {
            for (is_private, kept) in [(false, known), (true, private)] {
                let rule = "repeated".to_owned();
                let mut list = [Warning { parameter: parameter.to_owned(), raw: raw.to_owned(), rule }];
                warnings(&mut list, is_private);
                assert_eq!(list[0].raw, kept, "{parameter} {raw} {is_private}");
            }
        }
    }
}
