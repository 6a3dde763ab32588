//! The pages of a list, fifty rows each; the addresses that keep its filters; the columns that sort it.

use crate::admin::shell::form::Form;
use crate::admin::text::format::grouped;

/// The longest value that a page's links keep of its address, and how much they keep in all, in bytes. A page has dozens
/// of links, so all of a long address in each of them would be much work for little.
const LONGEST_IN_LINKS: usize = 300;
const MOST_IN_LINKS: usize = 1_200;

/// The rows of one page.
pub const PAGE: u32 = 50;

/// The range of rows on the page, and the addresses of the other pages, for `c::pager`.
pub struct Pager {
    /// "51 to 100 of 1,204".
    pub words: String,
    /// The address of the page before; empty if there is none.
    pub before: String,
    /// The address of the page after; empty if there is none.
    pub after: String,
}

/// The rows to skip, from the query string.
pub fn start(query: &Form) -> u32 {
    query.text("start").parse().unwrap_or(0)
}

impl Pager {
    /// For a page of `rows` rows from a list of `count`. With `at_most`, counting stopped there.
    pub fn new(path: &str, query: &Form, rows: usize, count: u64, at_most: Option<u64>) -> Self {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let place = (number(start(query).into()), rows, number(count));
        let mut pager = Pager::sized(path, query, place, number(PAGE.into()));
        if let Some(most) = at_most.filter(|most| count >= *most)
            && let Some((rows, _)) = pager.words.rsplit_once(' ')
        {
            pager.words = format!("{rows} more than {}", grouped(most));
        }
        pager
    }

    /// For the rows from `start` on, so many of `count`, of pages with `size` rows.
    pub fn sized(path: &str, query: &Form, (start, rows, count): (usize, usize, usize), size: usize) -> Self {
        let end = start.saturating_add(rows);
        let address = |start: usize| match start {
            0 => address(path, query, &[("start", "")]),
            start => address(path, query, &[("start", &start.to_string())]),
        };
        let text = |count: usize| grouped(u64::try_from(count).unwrap_or(u64::MAX));
        Pager {
            words: match rows {
                0 => format!("None of {}", text(count)),
                1 => format!("{} of {}", text(end), text(count)),
                _ => format!("{}–{} of {}", text(start + 1), text(end), text(count)),
            },
            before: if start > 0 { address(start.saturating_sub(size)) } else { String::new() },
            after: if end < count && rows > 0 { address(end) } else { String::new() },
        }
    }
}

/// The same list with other parameters. An empty value removes one.
pub fn address(path: &str, query: &Form, change: &[(&str, &str)]) -> String {
    let mut left = MOST_IN_LINKS;
    let short = query.pairs().filter(|(_, value)| value.len() <= LONGEST_IN_LINKS);
    let kept = short.take_while(|(name, value)| {
        let rest = left.checked_sub(name.len() + value.len());
        left = rest.unwrap_or(0);
        rest.is_some()
    });
    written(path, kept, change)
}

/// The same with all that the query holds, for a page with one such link and many ids.
pub fn whole_address(path: &str, query: &Form, change: &[(&str, &str)]) -> String {
    written(path, query.pairs(), change)
}

fn written<'a>(path: &str, query: impl Iterator<Item = (&'a str, &'a str)>, change: &[(&str, &str)]) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        query.filter(|(name, value)| !value.is_empty() && change.iter().all(|(changed, _)| changed != name))
    {
        pairs.append_pair(name, value);
    }
    for (name, value) in change.iter().filter(|(_, value)| !value.is_empty()) {
        pairs.append_pair(name, value);
    }
    match pairs.finish() {
        pairs if pairs.is_empty() => path.to_owned(),
        pairs => format!("{path}?{pairs}"),
    }
}

/// The head of a column, for `c::column_head`.
pub struct Column {
    pub label: &'static str,
    /// The address that sorts the list by it; empty if the list cannot.
    pub address: String,
    /// `ascending`, `descending`, or empty.
    pub sorted: &'static str,
    /// Whether the column holds figures.
    pub number: bool,
    /// On what width it shows: empty for all, `middle` for tablets and more, `wide` for more than a phone. Its cells say the
    /// same.
    pub width: &'static str,
}

impl Column {
    /// Shows it from this width on: `middle` or `wide`.
    #[must_use]
    pub fn shown_from(mut self, width: &'static str) -> Self {
        self.width = width;
        self
    }

    /// Sets it to the right, as figures are.
    #[must_use]
    pub fn for_figures(mut self) -> Self {
        self.number = true;
        self
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// One of the list's keys.
    pub key: &'static str,
    pub descending: bool,
}

impl Sort {
    /// Reads `sort=key.desc`. The first key is the default.
    pub fn read(query: &Form, keys: &[&'static str]) -> Self {
        let (key, direction) = query.text("sort").split_once('.').unwrap_or((query.text("sort"), "asc"));
        match keys.iter().find(|known| **known == key) {
            Some(key) => Sort { key, descending: direction == "desc" },
            None => Sort { key: keys.first().copied().unwrap_or(""), descending: false },
        }
    }

    /// A column that does not sort.
    pub fn plain(label: &'static str, number: bool) -> Column {
        Column { label, address: String::new(), sorted: "", number, width: "" }
    }

    /// A column to sort by. The first click sorts names upwards and figures downwards; a second click reverses that.
    pub fn column(self, path: &str, query: &Form, key: &'static str, label: &'static str, number: bool) -> Column {
        let (sorted, next) = match (self.key == key, self.descending) {
            (true, true) => ("descending", "asc"),
            (true, false) => ("ascending", "desc"),
            (false, _) => ("", if number { "desc" } else { "asc" }),
        };
        let sort = format!("{key}.{next}");
        Column { label, address: address(path, query, &[("sort", &sort), ("start", "")]), sorted, number, width: "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_keeps_the_filters_and_stops_at_both_ends() {
        let query = Form::parse(b"search=a%26b&start=50&empty=");
        let pager = Pager::new("/list", &query, 50, 120, None);
        assert_eq!(pager.words, "51–100 of 120");
        assert_eq!(
            (pager.before.as_str(), pager.after.as_str()),
            ("/list?search=a%26b", "/list?search=a%26b&start=100")
        );
        let last = Pager::new("/list", &Form::parse(b"start=100"), 20, 120, Some(100));
        assert_eq!((last.words.as_str(), last.after.as_str()), ("101–120 of more than 100", ""));
        let none = Pager::new("/list", &Form::parse(b"start=x"), 0, 0, None);
        assert_eq!((none.words.as_str(), none.before.as_str(), none.after.as_str()), ("None of 0", "", ""));
    }

    #[test]
    fn a_second_click_reverses_the_order() {
        let keys = ["name", "loads"];
        let query = Form::parse(b"sort=name.asc&start=50");
        let sort = Sort::read(&query, &keys);
        let name = sort.column("/list", &query, "name", "Name", false);
        assert_eq!((name.address.as_str(), name.sorted), ("/list?sort=name.desc", "ascending"));
        let loads = sort.column("/list", &query, "loads", "Loads", true);
        assert_eq!((loads.address.as_str(), loads.sorted), ("/list?sort=loads.desc", ""));
        assert_eq!(Sort::read(&Form::parse(b"sort=DROP.desc"), &keys), Sort { key: "name", descending: false });
    }
}
