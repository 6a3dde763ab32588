//! The parts around the list of events: tabs with counts, chips of filters, the links to other pages. Pure.

use super::filters::{CORRECTIONS, FOLDED, PAGE_SIZES, PATH, WARNINGS};
use super::selects::Selects;
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::lists::paging;
use crate::admin::shell::form::Form;
use crate::admin::text::format::grouped;
use crate::admin::text::reasons;
use crate::domain::{OutcomeKind, Reason, Seq};
use crate::store::{EventCounts, EventFilter, EventPage, EventPlace, EventStart};

/// A link to the events of one outcome.
pub struct Tab {
    pub address: String,
    pub label: &'static str,
    pub count: String,
    /// Whether counting stopped, so that there may be more.
    pub is_more: bool,
    pub current: bool,
}

/// A filter that is set, with the address of the list without it.
pub struct Chip {
    pub text: String,
    pub without: String,
}

/// A link to the list with another number of rows.
pub struct PageSize {
    pub rows: u32,
    pub address: String,
    pub current: bool,
}

/// The outcomes with their labels.
const OUTCOMES: [(Option<OutcomeKind>, &str); 4] = [
    (None, "All"),
    (Some(OutcomeKind::Attributed), "Credited"),
    (Some(OutcomeKind::Unattributed), "Not credited"),
    (Some(OutcomeKind::NotCounted), "Ignored"),
];

/// The same list with other filters, from its first page on.
pub fn address(query: &Form, change: &[(&str, &str)]) -> String {
    let first = [("before", ""), ("after", ""), ("start", "")];
    paging::address(PATH, query, &[change, &first[..]].concat())
}

/// The tabs keep all other filters, so that each count is that of the rows behind it.
pub fn tabs(query: &Form, counts: &EventCounts, outcome: Option<OutcomeKind>) -> Vec<Tab> {
    let tab = |(kind, label): &(Option<OutcomeKind>, &'static str)| Tab {
        address: address(query, &[("outcome", kind.map_or("", OutcomeKind::as_str))]),
        label,
        count: grouped(counts.of(*kind)),
        is_more: counts.is_more(*kind),
        current: *kind == outcome,
    };
    OUTCOMES.iter().map(tab).collect()
}

/// The reasons of an outcome, or all, and always the chosen one.
pub fn reason_choices(outcome: Option<OutcomeKind>, chosen: &str) -> Vec<Choice> {
    let reasons = Reason::WORDS.iter().filter_map(|word| Some((*word, Reason::parse(word)?)));
    let offered = reasons
        .filter(|(word, reason)| *word == chosen || outcome.is_none_or(|outcome| reason.outcome().kind() == outcome));
    choices::words(&offered.map(|(word, reason)| (word, reasons::choice(reason))).collect::<Vec<_>>(), chosen)
}

/// The filters that the page folds away, if they are set.
pub fn chips(query: &Form, filter: &EventFilter, selects: &Selects) -> Vec<Chip> {
    let is_set = |name: &str| match name {
        "placement" => filter.publisher.is_some(),
        "source" => filter.source.is_some(),
        "order" => !filter.orders.is_empty(),
        "visitor" => filter.visitor.is_some(),
        "value_from" => filter.least.is_some(),
        "value_to" => filter.most.is_some(),
        "warning" => filter.warned.is_some(),
        _ => filter.retracted.is_some(),
    };
    let chip = |(name, label): &(&str, &str)| {
        let value = query.some(name).filter(|_| is_set(name))?;
        let words = CORRECTIONS.iter().chain(&WARNINGS).find(|(word, _)| *word == value);
        let text = match (*name, words) {
            ("warning" | "retracted", Some((_, words))) => (*words).to_owned(),
            _ => format!("{label}: {}", selects.chosen(name).unwrap_or(value)),
        };
        Some(Chip { text, without: address(query, &[(name, "")]) })
    };
    FOLDED.iter().filter_map(chip).collect()
}

/// The sizes of a page, to choose from.
pub fn page_sizes(query: &Form, current: u32) -> Vec<PageSize> {
    let size = |rows: u32| {
        let value = if rows == PAGE_SIZES[0] { String::new() } else { rows.to_string() };
        PageSize { rows, address: address(query, &[("rows", &value)]), current: rows == current }
    };
    PAGE_SIZES.into_iter().map(size).collect()
}

/// "51–100 of 5,462 · times in Europe/Berlin".
pub fn pager_words(counts: &EventCounts, outcome: Option<OutcomeKind>, rows: usize, zone: &str) -> String {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    let (all, more) = (grouped(counts.of(outcome)), if counts.is_more(outcome) { " or more" } else { "" });
    let range = match (counts.newer, rows) {
        (_, 0) => format!("None of {all}{more}"),
        (Some(newer), 1) => format!("{} of {all}{more}", grouped(newer + 1)),
        (Some(newer), _) => format!("{}–{} of {all}{more}", grouped(newer + 1), grouped(newer + rows)),
        (None, _) => format!("{} of {all}{more}", grouped(rows)),
    };
    format!("{range} · times in {zone}")
}

/// The addresses of the pages with newer and with older events; empty where there are none.
pub fn neighbours(query: &Form, start: EventStart, events: &EventPage) -> (String, String) {
    let page = |name: &str, other: &str, place: EventPlace| {
        paging::address(PATH, query, &[(other, ""), ("start", ""), (name, &place.to_string())])
    };
    // An empty page lies between the place where it starts and the place up to which it looked.
    let (first, last) = match (events.items.first(), events.items.last(), start) {
        (Some(first), Some(last), _) => (Some(EventPlace::of(first)), Some(EventPlace::of(last))),
        (_, _, EventStart::Older(EventPlace { at, seq })) => {
            (Some(EventPlace { at, seq: Seq(seq.0.saturating_sub(1)) }), None)
        }
        (_, _, EventStart::Newer(EventPlace { at, seq })) => {
            (None, Some(EventPlace { at, seq: Seq(seq.0.saturating_add(1)) }))
        }
        (_, _, EventStart::Newest) => (None, None),
    };
    let is_upwards = matches!(start, EventStart::Newer(_));
    let newer = if is_upwards { events.searched.or(first) } else { first };
    let older = if is_upwards { last } else { events.searched.or(last) };
    let newer = newer.filter(|_| events.has_newer).map(|place| page("after", "before", place));
    let older = older.filter(|_| events.has_older).map(|place| page("before", "after", place));
    (newer.unwrap_or_default(), older.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;

    #[test]
    fn tabs_keep_the_filters_and_begin_at_the_first_page() {
        let query = Form::parse(b"pixel=3&reason=bot&before=5.6&outcome=attributed&rows=100");
        let counts = EventCounts { attributed: 1_828, unattributed: 2_816, not_counted: 818, ..EventCounts::default() };
        let tabs = tabs(&query, &counts, Some(OutcomeKind::Attributed));
        let shown: Vec<_> = tabs.iter().map(|tab| (tab.label, tab.count.as_str(), tab.current, tab.is_more)).collect();
        assert_eq!(
            shown,
            [
                ("All", "5,462", false, false),
                ("Credited", "1,828", true, false),
                ("Not credited", "2,816", false, false),
                ("Ignored", "818", false, false)
            ]
        );
        assert_eq!(tabs[3].address, "/admin/conversions?pixel=3&reason=bot&rows=100&outcome=not_counted");
        let offered = |chosen| reason_choices(Some(OutcomeKind::Attributed), chosen).len();
        assert_eq!((offered(""), offered("bot")), (2, 3));
    }

    #[test]
    fn the_words_of_the_pager_say_what_is_known() {
        let counts = EventCounts { attributed: 120, not_counted: 5, newer: Some(50), ..EventCounts::default() };
        let bounded = EventCounts { more: [true; 3], newer: None, ..counts };
        for (counts, outcome, rows, words) in [
            (counts, None, 50, "51–100 of 125 · times in UTC"),
            (counts, Some(OutcomeKind::NotCounted), 1, "51 of 5 · times in UTC"),
            (counts, None, 0, "None of 125 · times in UTC"),
            (bounded, None, 50, "50 of 125 or more · times in UTC"),
            (bounded, Some(OutcomeKind::Unattributed), 0, "None of 0 or more · times in UTC"),
        ] {
            assert_eq!(pager_words(&counts, outcome, rows, "UTC"), words);
        }
    }

    #[test]
    fn an_empty_page_leads_on_and_back() {
        let (query, place) = (Form::parse(b"rows=100&before=5.6"), EventPlace { at: Millis(5), seq: Seq(6) });
        let events = EventPage {
            has_newer: true,
            has_older: true,
            searched: Some(EventPlace { at: Millis(2), seq: Seq(3) }),
            ..EventPage::default()
        };
        let (newer, older) = neighbours(&query, EventStart::Older(place), &events);
        assert_eq!(newer, "/admin/conversions?rows=100&after=5.5");
        assert_eq!(older, "/admin/conversions?rows=100&before=2.3");
        let none = EventPage::default();
        assert_eq!(neighbours(&query, EventStart::Newest, &none), (String::new(), String::new()));
    }
}
