//! The pages of a list, fifty rows each; the addresses that keep its filters; the columns that sort it.

use std::future::Future;

use crate::admin::shell::form::Form;
use crate::admin::shell::odd::{Odd, quoted};
use crate::admin::text::format::grouped;
use crate::store::{Page, StoreError};

/// What a page's links keep of its address: so many parameters, values of so many bytes, and so many bytes in all. A page
/// has dozens of links, so all of a long address in each of them would be much work for little.
const MOST_IN_LINKS: usize = 60;
const LONGEST_IN_LINKS: usize = 300;
const BYTES_IN_LINKS: usize = 1_200;

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

/// The place of the first row of a page of `size` rows, of `count`. Beyond them is the last page, with a sentence.
pub fn first(query: &Form, odd: &Odd, size: usize, count: usize) -> usize {
    let Some(text) = query.some("start") else { return 0 };
    match text.parse::<usize>() {
        Ok(start) if start < count || start == 0 => start,
        Ok(_) => {
            odd.say(format!("There is no row {}. The last page is shown.", quoted(text)));
            count.saturating_sub(1) / size.max(1) * size
        }
        Err(_) => {
            odd.no("number of a row", text, "The first page is shown.");
            0
        }
    }
}

/// The page that an address asks for, with the place of its first row. `read` reads a page from a place on.
///
/// # Errors
/// Those of `read`.
pub async fn page<T, F>(query: &Form, odd: &Odd, read: impl Fn(u32) -> F) -> Result<(Page<T>, u32), StoreError>
where
    F: Future<Output = Result<Page<T>, StoreError>>,
{
    let asked = query.text("start").parse().unwrap_or(0);
    let page = read(asked).await?;
    if asked > 0 && !page.items.is_empty() {
        return Ok((page, asked));
    }
    let start = first(query, odd, whole(PAGE.into()), whole(page.count));
    let start = u32::try_from(start).unwrap_or(0);
    if start == asked { Ok((page, asked)) } else { Ok((read(start).await?, start)) }
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Pager {
    /// For the rows from `start` on, so many of `count`. With `at_most`, counting stopped there.
    pub fn new(path: &str, query: &Form, (start, rows, count): (u32, usize, u64), at_most: Option<u64>) -> Self {
        let all = match at_most {
            Some(most) if count >= most => format!("more than {}", grouped(most)),
            _ => grouped(count),
        };
        Self::of(path, query, (whole(start.into()), rows, whole(count)), whole(PAGE.into()), &all)
    }

    /// The same for pages of `size` rows.
    pub fn sized(path: &str, query: &Form, rows: (usize, usize, usize), size: usize) -> Self {
        Self::of(path, query, rows, size, &text(rows.2))
    }

    fn of(path: &str, query: &Form, (start, rows, count): (usize, usize, usize), size: usize, all: &str) -> Self {
        let end = start.saturating_add(rows);
        let address = |start: usize| match start {
            0 => address(path, query, &[("start", "")]),
            start => address(path, query, &[("start", &start.to_string())]),
        };
        Pager {
            words: match rows {
                0 => format!("None of {all}"),
                1 => format!("{} of {all}", text(end)),
                _ => format!("{}–{} of {all}", text(start + 1), text(end)),
            },
            before: if start > 0 { address(start.saturating_sub(size)) } else { String::new() },
            after: if end < count && rows > 0 { address(end) } else { String::new() },
        }
    }
}

fn text(count: usize) -> String {
    grouped(u64::try_from(count).unwrap_or(u64::MAX))
}

/// The same list with other parameters. An empty value removes one.
pub fn address(path: &str, query: &Form, change: &[(&str, &str)]) -> String {
    let mut left = BYTES_IN_LINKS;
    let short = query.pairs().take(MOST_IN_LINKS).filter(|(_, value)| value.len() <= LONGEST_IN_LINKS);
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
    /// Reads `sort=key.desc`. The first key is the default, in place of an order that the list does not have.
    pub fn read(query: &Form, keys: &[&'static str], odd: &Odd) -> Self {
        let usual = Sort { key: keys.first().copied().unwrap_or(""), descending: false };
        let Some(text) = query.some("sort").filter(|_| !keys.is_empty()) else { return usual };
        let (word, direction) = text.split_once('.').unwrap_or((text, "asc"));
        match keys.iter().find(|known| **known == word) {
            Some(key) if matches!(direction, "asc" | "desc") => Sort { key, descending: direction == "desc" },
            _ => {
                odd.say(format!("The list cannot be sorted by {}. The usual order is shown.", quoted(text)));
                usual
            }
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
        let pager = Pager::new("/list", &query, (50, 50, 120), None);
        assert_eq!(pager.words, "51–100 of 120");
        assert_eq!(
            (pager.before.as_str(), pager.after.as_str()),
            ("/list?search=a%26b", "/list?search=a%26b&start=100")
        );
        let last = Pager::new("/list", &Form::default(), (100, 20, 120), Some(100));
        assert_eq!((last.words.as_str(), last.after.as_str()), ("101–120 of more than 100", ""));
        let none = Pager::new("/list", &Form::default(), (0, 0, 0), None);
        assert_eq!((none.words.as_str(), none.before.as_str(), none.after.as_str()), ("None of 0", "", ""));
    }

    #[test]
    fn a_second_click_reverses_the_order() {
        let (keys, odd) = (["name", "loads"], Odd::default());
        let query = Form::parse(b"sort=name.asc&start=50");
        let sort = Sort::read(&query, &keys, &odd);
        let name = sort.column("/list", &query, "name", "Name", false);
        assert_eq!((name.address.as_str(), name.sorted), ("/list?sort=name.desc", "ascending"));
        let loads = sort.column("/list", &query, "loads", "Loads", true);
        assert_eq!((loads.address.as_str(), loads.sorted), ("/list?sort=loads.desc", ""));
        assert_eq!(odd.sentences().len(), 0);
        for wrong in ["sort=DROP.desc", "sort=loads.sideways"] {
            let odd = Odd::default();
            let sort = Sort::read(&Form::parse(wrong.as_bytes()), &keys, &odd);
            assert_eq!((sort, odd.sentences().len()), (Sort { key: "name", descending: false }, 1), "{wrong}");
        }
    }
}
