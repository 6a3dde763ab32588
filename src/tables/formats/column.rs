//! Decides how a whole column is read, from all its cells. Takes constant memory.

use super::dates::{DayOrder, WrittenDay};
use super::numbers;
use super::numbers::{DecimalMark, WrittenNumber};
use crate::domain::Micros;

/// The examples of a riddle.
const EXAMPLES: usize = 3;

/// How the cells of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// The cells leave one way, or it makes no difference.
    Settled(T),
    /// The cells leave two.
    Open,
}

/// A cell of a riddle with both its meanings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Riddle {
    pub line: u64,
    pub text: String,
    /// In the order of [`DayOrder::BOTH`] and [`DecimalMark::BOTH`].
    pub meanings: [String; 2],
}

/// What the cells seen so far say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cells that only the first reading takes, and only the second.
    only: [u64; 2],
    /// Cells with two meanings.
    open: u64,
    riddles: Vec<Riddle>,
    /// The latest day with what it says.
    latest: Option<(String, Sense)>,
}

/// Which readings take a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    First,
    Second,
    /// Both, with different meanings.
    Open,
    /// Both with the same meaning, or none.
    Silent,
}

impl Tally {
    /// Takes a cell of a column of days.
    pub fn add_day(&mut self, line: u64, text: &str) {
        // Many rows in a row have the same day.
        if self.latest.as_ref().is_none_or(|(known, _)| known != text) {
            let days = DayOrder::BOTH.map(|order| WrittenDay::read(text, order).map(|written| written.day));
            let sense = self.sense(line, text, days, |day| day.strftime("%-d %B %Y").to_string());
            self.latest = Some((text.to_owned(), sense));
        }
        if let Some((_, sense)) = &self.latest {
            self.count(*sense);
        }
    }

    /// Takes a cell of a column of numbers.
    pub fn add_number(&mut self, line: u64, text: &str) {
        let amounts = DecimalMark::BOTH.map(|mark| WrittenNumber::read(text, mark).map(|written| written.amount));
        let sense = self.sense(line, text, amounts, Micros::to_money);
        self.count(sense);
    }

    /// What a cell says about the readings. Keeps one with two meanings as an example.
    fn sense<T: PartialEq + Copy>(
        &mut self,
        line: u64,
        text: &str,
        read: [Option<T>; 2],
        show: impl Fn(T) -> String,
    ) -> Sense {
        match read {
            [Some(_), None] => Sense::First,
            [None, Some(_)] => Sense::Second,
            [Some(one), Some(two)] if one != two => {
                let is_new = self.riddles.iter().all(|riddle| riddle.text != text);
                if is_new && self.riddles.len() < EXAMPLES {
                    self.riddles.push(Riddle { line, text: text.to_owned(), meanings: [show(one), show(two)] });
                }
                Sense::Open
            }
            [Some(_), Some(_)] | [None, None] => Sense::Silent,
        }
    }

    fn count(&mut self, sense: Sense) {
        match sense {
            Sense::First => self.only[0] += 1,
            Sense::Second => self.only[1] += 1,
            Sense::Open => self.open += 1,
            Sense::Silent => {}
        }
    }

    /// The order of days. A column with cells of both orders has the one of most; the others become errors.
    pub fn order(&self) -> Reading<DayOrder> {
        self.reading(DayOrder::BOTH)
    }

    /// The decimal mark, likewise.
    pub fn mark(&self) -> Reading<DecimalMark> {
        self.reading(DecimalMark::BOTH)
    }

    fn reading<T: Copy>(&self, both: [T; 2]) -> Reading<T> {
        match self.only {
            [first, second] if first > second => Reading::Settled(both[0]),
            [first, second] if first < second => Reading::Settled(both[1]),
            [0, _] if self.open == 0 => Reading::Settled(both[0]),
            _ => Reading::Open,
        }
    }

    /// Cells with two meanings, as examples.
    pub fn riddles(&self) -> &[Riddle] {
        &self.riddles
    }
}

/// Whether a text is a day or a number, as no name of a column is.
pub fn is_value(text: &str) -> bool {
    DayOrder::BOTH.into_iter().any(|order| WrittenDay::read(text, order).is_some())
        || DecimalMark::BOTH.into_iter().any(|mark| WrittenNumber::read(text, mark).is_some())
        || numbers::is_none(text)
}
