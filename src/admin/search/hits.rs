//! What the search finds: groups of links, each with the count of all that match.

use crate::admin::shell::parts::Mark;
use crate::admin::text::format::grouped;

/// A thing found.
pub struct Hit {
    /// Of an event, or of an object that is not active.
    pub mark: Option<Mark>,
    pub name: String,
    /// What tells it from others: its advertiser, code, ID.
    pub detail: String,
    pub address: String,
}

/// Things of one kind, the best first.
pub struct Group {
    /// "Line items".
    pub title: String,
    pub hits: Vec<Hit>,
    /// What is left out, with a link to it.
    pub more: Option<More>,
    /// Whether the text is the whole name, code or number of the first one.
    pub is_exact: bool,
    /// Whether the text names its things, as an order ID does: then one thing is all that the user can mean.
    pub names_things: bool,
}

/// The things that a group leaves out.
pub struct More {
    /// "And 1,952 more".
    pub text: String,
    /// The page with all of them; empty if there is none.
    pub address: String,
}

impl Group {
    /// A group that shows these hits of `count`. Counting may have stopped at `at_most`.
    pub fn new(title: &str, hits: Vec<Hit>, count: u64, at_most: u64, all: String) -> Self {
        let shown = u64::try_from(hits.len()).unwrap_or(u64::MAX);
        let rest = count.saturating_sub(shown);
        let text = match count >= at_most {
            true => format!("And more than {} more", grouped(rest)),
            false => format!("And {} more", grouped(rest)),
        };
        let more = (rest > 0).then_some(More { text, address: all });
        Group { title: title.to_owned(), hits, more, is_exact: false, names_things: false }
    }
}

/// The parts of a detail that are not empty.
pub fn detail(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_says_what_it_leaves_out() {
        let hit = || Hit { mark: None, name: String::new(), detail: String::new(), address: String::new() };
        let more = |hits: usize, count, at_most| {
            let hits = std::iter::repeat_with(hit).take(hits).collect();
            Group::new("Pixels", hits, count, at_most, "/all".to_owned()).more.map(|more| more.text)
        };
        assert_eq!(more(5, 5, u64::MAX), None);
        assert_eq!(more(5, 1_957, u64::MAX).as_deref(), Some("And 1,952 more"));
        assert_eq!(more(5, 1_000, 1_000).as_deref(), Some("And more than 995 more"));
        assert_eq!(detail(&["A".to_owned(), String::new(), "ID 7".to_owned()]), "A · ID 7");
    }
}
