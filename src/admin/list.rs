//! What lists have in common: pages of fifty, addresses that keep the filters, columns to sort by.

use super::form::Form;
use super::wording::grouped;

/// Rows on one page.
pub const PAGE: u32 = 50;

/// Which rows of how many, and the way to the others; for `c::pager`.
pub struct Pager {
    /// "51 to 100 of 1,204".
    pub words: String,
    /// The page before; empty if there is none.
    pub before: String,
    /// The page after; empty if there is none.
    pub after: String,
}

/// How many rows to skip, as the query string says.
pub fn start(asked: &Form) -> u32 {
    asked.text("start").parse().unwrap_or(0)
}

impl Pager {
    /// `shown` rows of this page, of `count` in all. A count that stops at `at_most` is said so.
    pub fn new(path: &str, asked: &Form, shown: usize, count: u64, at_most: Option<u64>) -> Self {
        let start = start(asked);
        let shown = u32::try_from(shown).unwrap_or(PAGE);
        let end = start.saturating_add(shown);
        let address = |start: u32| match start {
            0 => address(path, asked, &[("start", "")]),
            start => address(path, asked, &[("start", &start.to_string())]),
        };
        let all = match at_most {
            Some(most) if count >= most => format!("more than {}", grouped(most)),
            _ => grouped(count),
        };
        Pager {
            words: match shown {
                0 => format!("None of {all}"),
                _ => format!("{} to {} of {all}", grouped(u64::from(start) + 1), grouped(end.into())),
            },
            before: if start > 0 { address(start.saturating_sub(PAGE)) } else { String::new() },
            after: if u64::from(end) < count && shown > 0 { address(end) } else { String::new() },
        }
    }
}

/// The same list with other parameters; an empty value takes one away.
pub fn address(path: &str, asked: &Form, change: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        asked.pairs().filter(|(name, value)| !value.is_empty() && change.iter().all(|(changed, _)| changed != name))
    {
        query.append_pair(name, value);
    }
    for (name, value) in change.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// A column's head; for `c::column_head`.
pub struct Column {
    /// Its label.
    pub label: &'static str,
    /// Where a click on it leads; empty if the list cannot be sorted by it.
    pub address: String,
    /// `ascending`, `descending`, or empty.
    pub sorted: &'static str,
    /// Whether it holds figures.
    pub number: bool,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// A key of the list's own table.
    pub key: &'static str,
    /// The greatest first.
    pub descending: bool,
}

impl Sort {
    /// Reads `sort=key.desc`; the first key where it names none.
    pub fn asked(asked: &Form, keys: &[&'static str]) -> Self {
        let (key, direction) = asked.text("sort").split_once('.').unwrap_or((asked.text("sort"), "asc"));
        match keys.iter().find(|known| **known == key) {
            Some(key) => Sort { key, descending: direction == "desc" },
            None => Sort { key: keys.first().copied().unwrap_or(""), descending: false },
        }
    }

    /// A column to sort by: a second click turns the order around. Figures begin with the greatest.
    pub fn column(self, path: &str, asked: &Form, key: &'static str, label: &'static str, number: bool) -> Column {
        let (sorted, next) = match (self.key == key, self.descending) {
            (true, true) => ("descending", "asc"),
            (true, false) => ("ascending", "desc"),
            (false, _) => ("", if number { "desc" } else { "asc" }),
        };
        let sort = format!("{key}.{next}");
        Column { label, address: address(path, asked, &[("sort", &sort), ("start", "")]), sorted, number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_keep_the_filters_and_know_their_ends() {
        let asked = Form::parse(b"search=a%26b&start=50&empty=");
        let pager = Pager::new("/list", &asked, 50, 120, None);
        assert_eq!(pager.words, "51 to 100 of 120");
        assert_eq!(
            (pager.before.as_str(), pager.after.as_str()),
            ("/list?search=a%26b", "/list?search=a%26b&start=100")
        );
        let last = Pager::new("/list", &Form::parse(b"start=100"), 20, 120, Some(100));
        assert_eq!((last.words.as_str(), last.after.as_str()), ("101 to 120 of more than 100", ""));
        let none = Pager::new("/list", &Form::parse(b"start=x"), 0, 0, None);
        assert_eq!((none.words.as_str(), none.before.as_str(), none.after.as_str()), ("None of 0", "", ""));
    }

    #[test]
    fn a_second_click_turns_the_order_around() {
        let keys = ["name", "loads"];
        let asked = Form::parse(b"sort=name.asc&start=50");
        let sort = Sort::asked(&asked, &keys);
        let name = sort.column("/list", &asked, "name", "Name", false);
        assert_eq!((name.address.as_str(), name.sorted), ("/list?sort=name.desc", "ascending"));
        let loads = sort.column("/list", &asked, "loads", "Loads", true);
        assert_eq!((loads.address.as_str(), loads.sorted), ("/list?sort=loads.desc", ""));
        assert_eq!(Sort::asked(&Form::parse(b"sort=DROP.desc"), &keys), Sort { key: "name", descending: false });
    }
}
