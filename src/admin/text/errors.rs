//! The messages of the domain about a field, which the API publishes, in the words of the pages.

/// How messages begin, with what the pages say in their place.
const BEGINNINGS: [(&str, &str); 7] = [
    ("is required", "is missing"),
    ("must be a plain decimal number", "must be a number such as 12.50"),
    ("must not be before start_date", "is before the first day"),
    ("must name each pixel once", "is chosen twice"),
    ("may hold at most one pixel of type img", "can hold one image at most"),
    ("may hold at most 20 pixels per line item", "can be 20 at most"),
    ("must be a code of ISO 4217", "must be a code such as EUR"),
];

/// The words within messages, with what the pages say in their place.
const WORDS: [(&str, &str); 3] = [
    ("; choose another", ". Choose another one"),
    ("an absolute http or https URL, and is", "a whole address such as https://shop.example, not"),
    (", and is \"", ", not \""),
];

/// The message in plain words.
pub fn plain(message: &str) -> String {
    if let Some((_, words)) = BEGINNINGS.iter().find(|(beginning, _)| message.starts_with(beginning)) {
        return (*words).to_owned();
    }
    // Nothing was typed.
    if message.ends_with(", and is \"\"") || message.ends_with(", and has 0") {
        return "is missing".to_owned();
    }
    WORDS.iter().fold(message.to_owned(), |text, (words, better)| text.replace(words, better))
}

/// The whole sentence for a message that needs no label before it; none for others.
pub fn sentence(message: &str) -> Option<String> {
    let zone = message.strip_prefix("must be an IANA time zone such as Europe/Berlin, and is ")?.trim_matches('"');
    Some(match zone {
        "" => "The time zone is missing. Write one such as Europe/Berlin.".to_owned(),
        _ => format!("“{zone}” is not a time zone. Write one such as Europe/Berlin."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_plain_and_others_stay() {
        for (message, words) in [
            ("is required and must not be blank", "is missing"),
            ("is required; choose one", "is missing"),
            ("must not be before start_date, and is 2026-01-01 23:59:59", "is before the first day"),
            (
                "\"a\" is already used by pixel 2; choose another",
                "\"a\" is already used by pixel 2. Choose another one",
            ),
            ("must be a host such as shop.example, and is \"a b\"", "must be a host such as shop.example, not \"a b\""),
            ("must be an IANA time zone such as Europe/Berlin, and is \"\"", "is missing"),
            ("must have 12 to 64 characters, and has 0", "is missing"),
            ("must have 12 to 64 characters, and has 10", "must have 12 to 64 characters, and has 10"),
            ("must be at most 90 days", "must be at most 90 days"),
        ] {
            assert_eq!(plain(message), words);
        }
    }
    #[test]
    fn a_time_zone_has_a_sentence_of_its_own() {
        let message = |zone: &str| format!("must be an IANA time zone such as Europe/Berlin, and is {zone:?}");
        let said = |zone: &str| sentence(&message(zone)).unwrap();
        assert_eq!(said("Mars"), "“Mars” is not a time zone. Write one such as Europe/Berlin.");
        assert_eq!(said(""), "The time zone is missing. Write one such as Europe/Berlin.");
        assert_eq!(sentence("must be at most 90 days"), None);
    }
}
