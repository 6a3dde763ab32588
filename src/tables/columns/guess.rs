//! Guesses which export a table is and which column holds what: by names, then by content. A guess that could be two
//! columns stays open.

use super::names::is_called;
use super::vocabulary::{Holds, Profile, TableField, Vocabulary};
use crate::tables::formats::{DayOrder, DecimalMark, WrittenDay, WrittenNumber, currencies, numbers};
use crate::tables::text::{Layout, Record};

/// The column of each field of a vocabulary, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(pub Vec<Option<usize>>);

impl Mapping {
    pub fn column(&self, field: usize) -> Option<usize> {
        self.0.get(field).copied().flatten()
    }

    fn has(&self, column: usize) -> bool {
        self.0.contains(&Some(column))
    }
}

/// What a table seems to be.
#[derive(Clone, Debug)]
pub struct Guess {
    pub profile: &'static Profile,
    pub mapping: Mapping,
}

impl Guess {
    /// `sample` are the first rows below the header. None if the vocabulary has no profile.
    pub fn of(words: &Vocabulary, layout: &Layout, sample: &[Record]) -> Option<Guess> {
        let profile = profile(words, layout)?;
        let mut mapping = Mapping(vec![None; words.fields.len()]);
        let mut is_unsure = vec![false; words.fields.len()];
        for (at, field) in words.fields.iter().enumerate() {
            let own = profile.names.iter().find(|(key, _)| *key == field.key).map_or(&[][..], |(_, names)| names);
            let (column, twice) = named(layout, own.iter().chain(field.names), &mapping);
            mapping.0[at] = column;
            is_unsure[at] = twice;
        }
        for (at, field) in words.fields.iter().enumerate() {
            if field.is_needed && mapping.0[at].is_none() && !is_unsure[at] {
                mapping.0[at] = by_content(words, field, layout, sample, &mapping);
            }
        }
        Some(Guess { profile, mapping })
    }
}

/// The profile with the most marks, then the most named fields. Without a mark it is the plain one.
fn profile(words: &Vocabulary, layout: &Layout) -> Option<&'static Profile> {
    let has = |name: &&str| layout.header.iter().any(|column| is_called(column, name));
    let marks = |profile: &Profile| {
        let starts = |begin: &str| layout.preamble.iter().any(|row| row.to_lowercase().starts_with(begin));
        let above = profile.preamble.iter().filter(|begin| starts(begin)).count();
        let range = usize::from(profile.has_range && layout.preamble.iter().any(|row| is_range(row)));
        above + range + profile.marks.iter().filter(|name| has(name)).count()
    };
    let fields = |profile: &Profile| profile.names.iter().filter(|(_, names)| names.iter().any(has)).count();
    let mut best: Option<(&'static Profile, (usize, usize))> = None;
    for profile in words.profiles {
        let score = (marks(profile), fields(profile));
        if score.0 > 0 && best.is_none_or(|(_, best)| score > best) {
            best = Some((profile, score));
        }
    }
    best.map(|(profile, _)| profile).or(words.profiles.last())
}

/// Whether a text is a range of days, such as `November 1, 2026 - November 30, 2026`.
fn is_range(text: &str) -> bool {
    let is_day = |text: &str| DayOrder::BOTH.into_iter().any(|order| WrittenDay::read(text, order).is_some());
    [" - ", " – "].iter().any(|mark| text.split_once(mark).is_some_and(|(first, last)| is_day(first) && is_day(last)))
}

/// The free column with the first of these names that any has, and whether two have it.
fn named<'a>(layout: &Layout, names: impl Iterator<Item = &'a &'a str>, taken: &Mapping) -> (Option<usize>, bool) {
    for name in names {
        let columns = layout.header.iter().enumerate();
        let mut called = columns.filter(|(at, column)| is_called(column, name) && !taken.has(*at)).map(|(at, _)| at);
        match (called.next(), called.next()) {
            (Some(column), None) => return (Some(column), false),
            (Some(_), Some(_)) => return (None, true),
            (None, _) => {}
        }
    }
    (None, false)
}

/// The only free column whose cells are all of the field's kind.
fn by_content(
    words: &Vocabulary,
    field: &TableField,
    layout: &Layout,
    sample: &[Record],
    taken: &Mapping,
) -> Option<usize> {
    let fits = |column: usize| {
        let mut cells =
            sample.iter().map(|record| record.cell(column)).filter(|cell| !numbers::is_none(cell)).peekable();
        let is_period = layout.header.get(column).is_some_and(|name| words.is_period(name));
        cells.peek().is_some() && !is_period && cells.all(|cell| is_of(field.holds, cell))
    };
    let mut columns = (0..layout.header.len()).filter(|column| !taken.has(*column) && fits(*column));
    columns.next().filter(|_| columns.next().is_none())
}

fn is_of(holds: Holds, cell: &str) -> bool {
    let is_number = || DecimalMark::BOTH.into_iter().any(|mark| WrittenNumber::read(cell, mark).is_some());
    let is_day = || DayOrder::BOTH.into_iter().any(|order| WrittenDay::read(cell, order).is_some());
    match holds {
        Holds::Day => is_day() && cell.contains(['-', '/', '.', ' ']),
        Holds::Number => is_number() && !is_day(),
        Holds::Count => numbers::count(cell).is_some() && !is_day(),
        Holds::Currency => cell.len() == 3 && currencies::named(cell).is_some(),
        Holds::Text => !is_number() && !is_day() && currencies::named(cell).is_none(),
    }
}
