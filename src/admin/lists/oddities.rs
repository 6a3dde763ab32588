//! What is wrong with the values in an address, in sentences. A page leaves such a value out, and shows the rest.

use std::str::FromStr;

use crate::admin::shell::form::Form;

/// The most sentences of one page.
const MOST: usize = 8;

/// The most characters of a value, or a name, in a sentence.
const MOST_OF_VALUE: usize = 40;

/// The sentences, for `l::oddities`.
#[derive(Debug, Default)]
pub struct Oddities(Vec<String>);

impl Oddities {
    pub fn into_list(self) -> Vec<String> {
        self.0
    }

    /// Says that a value is left out, and what is allowed: "choose click or view".
    pub fn left_out(&mut self, query: &Form, name: &str, allowed: &str) {
        self.say(format!("“{}={}” is left out: {allowed}.", short(name), short(query.text(name))));
    }

    pub fn say(&mut self, sentence: String) {
        if self.0.len() < MOST {
            self.0.push(sentence);
        }
    }

    /// The number of an object. `what` is the object: "a pixel".
    pub fn id<T: FromStr>(&mut self, query: &Form, name: &str, what: &str) -> Option<T> {
        self.read(query, name, &format!("{what} is named by its ID, a number such as 7"), |text| text.parse().ok())
    }

    /// One of some words.
    pub fn word<T>(&mut self, query: &Form, name: &str, words: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.read(query, name, &format!("choose {}", one_of(words)), read)
    }

    /// A value that `read` reads.
    pub fn read<T>(&mut self, query: &Form, name: &str, allowed: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = query.some(name)?;
        let value = read(text);
        if value.is_none() {
            self.left_out(query, name, allowed);
        }
        value
    }

    /// Names that the page does not know. `offered` are those that somebody may type.
    pub fn unknown(&mut self, query: &Form, known: &[&str], offered: &[&str]) {
        let mut told: Vec<&str> = Vec::new();
        for (name, _) in query.pairs().filter(|(name, value)| !known.contains(name) && !value.is_empty()) {
            if !told.contains(&name) {
                told.push(name);
                let offered = and(offered);
                self.say(format!("“{}” is no filter of this page. Filters are {offered}.", short(name)));
            }
        }
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MOST_OF_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn one_of(words: &[&str]) -> String {
    listed(words, "or")
}

fn and(words: &[&str]) -> String {
    listed(words, "and")
}

fn listed(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PixelId;

    #[test]
    fn each_odd_value_is_named_with_what_is_allowed() {
        let query = Form::parse(b"pixel=abc&kind=foo&colour=red&colour=blue&empty=&test=on");
        let mut oddities = Oddities::default();
        assert_eq!(oddities.id::<PixelId>(&query, "pixel", "a pixel"), None);
        assert_eq!(oddities.word(&query, "kind", &["click", "view", "all"], |_| None::<u8>), None);
        assert_eq!(oddities.id::<PixelId>(&query, "empty", "a pixel"), None);
        oddities.unknown(&query, &["pixel", "kind", "test"], &["pixel", "kind"]);
        assert_eq!(
            oddities.0,
            [
                "“pixel=abc” is left out: a pixel is named by its ID, a number such as 7.",
                "“kind=foo” is left out: choose click, view or all.",
                "“colour” is no filter of this page. Filters are pixel and kind.",
            ]
        );
        let query = Form::parse(format!("pixel={}", "ä".repeat(50)).as_bytes());
        let mut oddities = Oddities::default();
        for _ in 0..20 {
            let _: Option<PixelId> = oddities.id(&query, "pixel", "a pixel");
        }
        assert_eq!(oddities.0.len(), MOST);
        assert!(oddities.0[0].starts_with(&format!("“pixel={}…”", "ä".repeat(MOST_OF_VALUE))));
    }
}
