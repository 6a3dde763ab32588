//! What is wrong with the address of a page, in sentences: stale links, mistyped values. The frame of the page shows them, and
//! the page shows the rest. `known` says which parameters each page has.

mod known;

use std::cell::RefCell;
use std::rc::Rc;
use std::str::FromStr;

use actix_web::HttpRequest;

use super::form::Form;
use crate::domain;
use crate::web::query::MAX_QUERY;

/// The most sentences of one page.
const MOST: usize = 8;

/// The most characters of a value, or a name, in a sentence.
const MOST_SHOWN: usize = 40;

/// The most parameters that one sentence names.
const MOST_NAMED: usize = 5;

/// The sentences of one request. Its clones share them, so what reads a part of the address adds to those of the page.
#[derive(Clone, Debug, Default)]
pub struct Odd {
    said: Rc<RefCell<Vec<String>>>,
    /// The query string, and the parameters that the page knows. They are compared when the page is shown, so a refused
    /// request costs nothing.
    address: Option<Rc<(String, Vec<&'static str>)>>,
}

impl Odd {
    /// Those about parameters that the page of this request does not know.
    pub fn of(request: &HttpRequest) -> Self {
        let query = request.query_string();
        let known = known::of(request).filter(|_| !query.is_empty() && query.len() <= MAX_QUERY);
        Odd { address: known.map(|known| Rc::new((query.to_owned(), known))), ..Odd::default() }
    }

    pub fn sentences(&self) -> Vec<String> {
        let all = Odd::default();
        if let Some((query, known)) = self.address.as_deref() {
            all.unknown(&Form::parse(query.as_bytes()), known);
        }
        self.said.borrow().iter().for_each(|sentence| all.say(sentence));
        all.said.take()
    }

    /// Says a sentence once.
    pub fn say(&self, sentence: impl Into<String>) {
        let (sentence, mut all) = (sentence.into(), self.said.borrow_mut());
        if all.len() < MOST && !all.contains(&sentence) {
            all.push(sentence);
        }
    }

    /// Says that a value is left out, and what is allowed: "choose click or view".
    pub fn left_out(&self, query: &Form, name: &str, allowed: &str) {
        self.say(format!("{} is left out: {allowed}.", pair(name, query.text(name))));
    }

    /// Says that no object has this ID. For others' objects the sentence is the same. `instead` is what the page shows.
    pub fn gone(&self, noun: &str, text: &str, instead: &str) {
        let is_id = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < MOST_SHOWN;
        let what = if is_id { text.to_owned() } else { quoted(text) };
        self.say(format!("There is no {noun} {what}. {instead}"));
    }

    /// Says that a word is none of those that there are: "“foo” is no status. All are shown."
    pub fn no(&self, what: &str, text: &str, instead: &str) {
        self.say(format!("{} is no {what}. {instead}", quoted(text)));
    }

    /// The number of an object. `what` is the object: "a pixel".
    pub fn id<T: FromStr>(&self, query: &Form, name: &str, what: &str) -> Option<T> {
        self.read(query, name, &format!("{what} is named by its ID, a number such as 7"), |text| text.parse().ok())
    }

    /// One of some words.
    pub fn word<T>(&self, query: &Form, name: &str, words: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.read(query, name, &format!("choose {}", one_of(words)), read)
    }

    /// A value that `read` reads.
    pub fn read<T>(&self, query: &Form, name: &str, allowed: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = read(query.some(name)?);
        if value.is_none() {
            self.left_out(query, name, allowed);
        }
        value
    }

    /// Names the parameters that a page does not know. An empty one asks for nothing.
    pub fn unknown(&self, query: &Form, known: &[&str]) {
        let is_known = |name: &str| known.contains(&name) || known::OF_EVERY_PAGE.contains(&name);
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for (name, value) in query.pairs().filter(|(name, value)| !value.is_empty() && !is_known(name)) {
            if pairs.iter().all(|(other, _)| *other != name) {
                pairs.push((name, value));
            }
        }
        let named: Vec<String> = pairs.iter().take(MOST_NAMED).map(|(name, value)| pair(name, value)).collect();
        let named = named.join(", ");
        match pairs.len() {
            0 => {}
            1 => self.say(format!("This page does not know {named}. It is left out.")),
            _ => self.say(format!("This page does not know {named}. They are left out.")),
        }
    }
}

/// A wrong value between quotation marks.
pub fn quoted(text: &str) -> String {
    format!("“{}”", cut(text))
}

fn pair(name: &str, value: &str) -> String {
    format!("“{}={}”", cut(name), cut(value))
}

fn cut(text: &str) -> String {
    let shown = domain::cut(text, MOST_SHOWN);
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("{shown}{more}")
}

/// "click, view or all".
fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PixelId;

    #[test]
    fn each_odd_value_is_named_with_what_is_allowed() {
        let query = Form::parse(b"pixel=abc&kind=foo&colour=red&colour=blue&empty=&test=on&return_to=/admin");
        let odd = Odd::default();
        assert_eq!(odd.id::<PixelId>(&query, "pixel", "a pixel"), None);
        assert_eq!(odd.word(&query, "kind", &["click", "view", "all"], |_| None::<u8>), None);
        assert_eq!(odd.id::<PixelId>(&query, "empty", "a pixel"), None);
        odd.unknown(&query, &["pixel", "kind", "test"]);
        odd.unknown(&query, &["pixel", "test"]);
        odd.gone("pixel", "7", "All are shown.");
        odd.gone("pixel", "7", "All are shown.");
        odd.gone("pixel", "x", "All are shown.");
        assert_eq!(
            odd.sentences(),
            [
                "“pixel=abc” is left out: a pixel is named by its ID, a number such as 7.",
                "“kind=foo” is left out: choose click, view or all.",
                "This page does not know “colour=red”. It is left out.",
                "This page does not know “kind=foo”, “colour=red”. They are left out.",
                "There is no pixel 7. All are shown.",
                "There is no pixel “x”. All are shown.",
            ]
        );
    }

    #[test]
    fn long_values_and_many_sentences_are_cut() {
        let query = Form::parse(format!("pixel={}", "ä".repeat(50)).as_bytes());
        let odd = Odd::default();
        let _: Option<PixelId> = odd.id(&query, "pixel", "a pixel");
        assert!(odd.sentences()[0].starts_with(&format!("“pixel={}…”", "ä".repeat(MOST_SHOWN))));
        for n in 0..20 {
            odd.clone().say(n.to_string());
        }
        assert_eq!(odd.sentences().len(), MOST);
    }
}
