//! What an address chooses of a list with figures: the columns, the order, the rows of a page. What it gets wrong becomes a
//! sentence, and the usual is shown.

use actix_web::HttpResponse;

use super::columns::{FactColumn, Figure, SETS, Shown, find};
use super::remembered::Remembered;
use super::table::{Key, NAME};
use crate::admin::lists::paging;
use crate::admin::shell::form::Form;
use crate::admin::shell::odd::{Odd, quoted};

/// How many rows a page may have. The second is usual.
pub const SIZES: [usize; 5] = [25, 50, 100, 250, 500];
const USUAL: usize = 50;

/// The columns that a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The word of their set; empty for own columns.
    pub set: &'static str,
    /// "Media buyer", "Own columns".
    pub label: &'static str,
    pub shown: Vec<Shown>,
}

/// A choice: a link, or a box to tick.
pub struct Pick {
    pub label: String,
    /// The address, or the value of the box.
    pub value: String,
    pub is_chosen: bool,
}

pub struct Choices<'a> {
    query: &'a Form,
    list: &'static str,
    facts: &'static [FactColumn],
    remembered: Remembered,
    /// Whether the browser shall remember something else than before.
    pub has_changed: bool,
    odd: Odd,
}

impl<'a> Choices<'a> {
    pub fn new(
        query: &'a Form,
        list: &'static str,
        facts: &'static [FactColumn],
        cookie: Option<&str>,
        odd: &Odd,
    ) -> Self {
        let remembered = cookie.map(Remembered::parse).unwrap_or_default();
        Choices { query, list, facts, remembered, has_changed: false, odd: odd.clone() }
    }

    /// Makes the browser remember what the address chose.
    pub fn remember(&self, mut answer: HttpResponse, secure: bool) -> HttpResponse {
        if self.has_changed {
            // A cookie that cannot be set costs the memory, never the answer.
            let _ = answer.add_cookie(&self.remembered.cookie(secure));
        }
        answer
    }

    /// The links to the same list with other sizes of pages.
    pub fn sizes(&self, path: &str, size: usize) -> Vec<Pick> {
        let pick = |one: usize| Pick {
            label: one.to_string(),
            value: paging::address(path, self.query, &[("size", &one.to_string()), ("start", "")]),
            is_chosen: one == size,
        };
        SIZES.into_iter().map(pick).collect()
    }

    /// What a form keeps of the address: all but these.
    pub fn kept(&self, without: &[&str]) -> Vec<(String, String)> {
        let pairs = self.query.pairs().filter(|(name, value)| !value.is_empty() && !without.contains(name));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The rows of a page.
    pub fn size(&mut self) -> usize {
        let read = |text: &str| text.parse().ok().filter(|size| SIZES.contains(size));
        let old = self.remembered.size().and_then(read);
        let Some(text) = self.query.some("size") else { return old.unwrap_or(USUAL) };
        let Some(size) = read(text) else {
            let sizes = SIZES.map(|size| size.to_string()).join(", ");
            self.odd.no("number of rows", text, &format!("Choose one of {sizes}."));
            return old.unwrap_or(USUAL);
        };
        if old != Some(size) {
            self.remembered.set_size(size);
            self.has_changed = true;
        }
        size
    }

    pub fn columns(&mut self) -> Columns {
        let old = self.remembered.columns(self.list).map(str::to_owned);
        let chosen = self.asked();
        let word = chosen.as_ref().map(|columns| self.word(columns));
        if let Some(word) = word.filter(|word| old.as_ref() != Some(word)) {
            self.remembered.set_columns(self.list, word);
            self.has_changed = true;
        }
        let remembered = || old.and_then(|old| self.set(&old).or_else(|| self.own(old.split('~'))));
        chosen.or_else(remembered).or_else(|| self.set(SETS[0].word)).unwrap_or(Columns {
            set: "",
            label: "",
            shown: Vec::new(),
        })
    }

    /// The columns that the address names.
    fn asked(&mut self) -> Option<Columns> {
        if let Some(word) = self.query.some("columns") {
            let set = self.set(word);
            if set.is_none() {
                let sets = SETS.iter().map(|set| set.word).collect::<Vec<_>>().join(", ");
                self.odd.no("set of columns", word, &format!("The sets are {sets}."));
            }
            return set;
        }
        let words: Vec<&str> = self.query.all("column").filter(|word| !word.is_empty()).collect();
        for word in words.iter().filter(|word| find(word, self.facts).is_none()) {
            self.odd.no("column of this list", word, "The others are shown.");
        }
        self.own(words.into_iter())
    }

    fn set(&self, word: &str) -> Option<Columns> {
        let set = SETS.iter().find(|set| set.word == word)?;
        Some(Columns { set: set.word, label: set.label, shown: set.columns(self.facts) })
    }

    /// The known ones of these columns, in the usual order; none if there is none.
    fn own<'w>(&self, words: impl Iterator<Item = &'w str>) -> Option<Columns> {
        let named: Vec<Shown> = words.filter_map(|word| find(word, self.facts)).collect();
        let all = all(self.facts);
        let shown: Vec<Shown> = all.into_iter().filter(|column| named.contains(column)).collect();
        (!shown.is_empty()).then_some(Columns { set: "", label: "Own columns", shown })
    }

    fn word(&self, columns: &Columns) -> String {
        match columns.set {
            "" => columns.shown.iter().map(|column| column.word(self.facts)).collect::<Vec<_>>().join("~"),
            set => set.to_owned(),
        }
    }

    /// The order that the address names, descending or not; none for the usual one.
    pub fn order(&mut self) -> Option<(Key, bool)> {
        let text = self.query.some("sort")?;
        let (word, direction) = text.split_once('.').unwrap_or((text, ""));
        let key = match word {
            NAME => Some(Key::Name),
            word => find(word, self.facts).map(|column| match column {
                Shown::Fact(place) => Key::Fact(place),
                Shown::Figure(figure) => Key::Figure(figure),
            }),
        };
        let descending = match direction {
            "asc" => Some(false),
            "desc" => Some(true),
            "" => Some(matches!(key, Some(Key::Figure(_)))),
            _ => None,
        };
        let order = key.zip(descending);
        if order.is_none() {
            self.odd.say(format!("The list cannot be sorted by {}. The usual order is shown.", quoted(text)));
        }
        order
    }

    /// The first row of the page, of so many rows.
    pub fn start(&self, size: usize, rows: usize) -> usize {
        paging::first(self.query, &self.odd, size, rows)
    }
}

/// All columns of a list, in the usual order.
pub fn all(facts: &[FactColumn]) -> Vec<Shown> {
    let own = (0..facts.len()).map(Shown::Fact);
    own.chain(Figure::ALL.map(|(figure, ..)| Shown::Figure(figure))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: &[FactColumn] = &[FactColumn::new("kind", "Type").shown(), FactColumn::new("owner", "Advertiser")];

    fn with<T>(query: &str, cookie: &str, read: impl FnOnce(&mut Choices<'_>) -> T) -> (T, String, String) {
        let query = Form::parse(query.as_bytes());
        let mut choices = Choices::new(&query, "trackers", FACTS, Some(cookie), &Odd::default());
        let read = read(&mut choices);
        let cookie = if choices.has_changed { choices.remembered.value() } else { String::new() };
        (read, choices.odd.sentences().join(" "), cookie)
    }

    fn columns(query: &str, cookie: &str) -> (String, String, String) {
        let (columns, notes, cookie) = with(query, cookie, |choices| choices.columns());
        let words: Vec<_> = columns.shown.iter().map(|column| column.word(FACTS)).collect();
        (format!("{}: {}", columns.label, words.join(" ")), notes, cookie)
    }

    #[test]
    fn columns_come_from_the_address_else_from_the_browser() {
        let buyer = "Media buyer: kind imps clicks ctr click_convs view_convs order_value payout cost cpa roas";
        let text = |text: &str| text.to_owned();
        assert_eq!(columns("", ""), (text(buyer), text(""), text("")));
        assert_eq!(
            columns("columns=details", ""),
            (text("Details: kind owner convs"), text(""), text("trackers:details"))
        );
        assert_eq!(columns("columns=details", "trackers:details").2, "");
        assert_eq!(columns("", "trackers:details").0, "Details: kind owner convs");
        let own = columns("column=cost&column=owner&column=imps", "size:25");
        assert_eq!(own, (text("Own columns: owner imps cost"), text(""), text("size:25.trackers:owner~imps~cost")));
        assert_eq!(columns("", "trackers:owner~imps~cost").0, "Own columns: owner imps cost");
        assert_eq!(columns("", "trackers:gone~away").0, buyer);
        let odd = columns("columns=foo", "trackers:details");
        assert_eq!(odd.0, "Details: kind owner convs");
        assert!(odd.1.starts_with("“foo” is no set of columns.") && odd.2.is_empty(), "{odd:?}");
        assert_eq!(
            columns("column=foo", ""),
            (text(buyer), text("“foo” is no column of this list. The others are shown."), text(""))
        );
        assert_eq!(columns("column=foo&column=roas", "").0, "Own columns: roas");
    }

    #[test]
    fn a_page_has_one_of_the_sizes() {
        let size = |query: &str, cookie: &str| with(query, cookie, |choices| choices.size());
        assert_eq!(size("", ""), (50, String::new(), String::new()));
        assert_eq!(size("size=100", ""), (100, String::new(), "size:100".to_owned()));
        assert_eq!(size("", "size:100").0, 100);
        assert_eq!(size("", "size:99").0, 50);
        for odd in ["-1", "0", "51", "1e2", "99999999999999999999", "x"] {
            let (rows, notes, cookie) = size(&format!("size={odd}"), "size:25");
            assert_eq!((rows, cookie.as_str()), (25, ""), "{odd}");
            assert_eq!(notes, format!("“{odd}” is no number of rows. Choose one of 25, 50, 100, 250, 500."));
        }
    }

    #[test]
    fn the_first_click_on_a_figure_sorts_descending() {
        let order = |query: &str| with(query, "", |choices| choices.order());
        assert_eq!(order("").0, None);
        assert_eq!(order("sort=cost").0, Some((Key::Figure(Figure::Cost), true)));
        assert_eq!(order("sort=cost.asc").0, Some((Key::Figure(Figure::Cost), false)));
        assert_eq!(order("sort=name").0, Some((Key::Name, false)));
        assert_eq!(order("sort=owner.desc").0, Some((Key::Fact(1), true)));
        for odd in ["foo", "cost.sideways", "DROP TABLE", ".desc", "cost.desc.asc"] {
            let (none, notes, _) = order(&format!("sort={odd}"));
            assert_eq!(none, None, "{odd}");
            assert_eq!(notes, format!("The list cannot be sorted by “{odd}”. The usual order is shown."));
        }
    }

    #[test]
    fn a_page_beyond_the_rows_is_the_last_one() {
        let start = |query: &str, rows| with(query, "", |choices| choices.start(50, rows));
        for (query, rows, first, has_note) in [
            ("", 0, 0, false),
            ("start=0", 0, 0, false),
            ("start=50", 51, 50, false),
            ("start=99999", 120, 100, true),
            ("start=120", 120, 100, true),
            ("start=100", 100, 50, true),
            ("start=7", 0, 0, true),
            ("start=-1", 120, 0, true),
            ("start=x", 120, 0, true),
            ("start=99999999999999999999999", 120, 0, true),
        ] {
            let (shown, notes, _) = start(query, rows);
            assert_eq!((shown, !notes.is_empty()), (first, has_note), "{query}: {notes}");
        }
    }
}
