//! The rows of a table with their cells read: first a survey that decides how each column is read, then the rows
//! themselves. It tells rows of totals and notes below the table from the others.

use std::io::{Read, Seek};

use crate::domain::{Currency, cut};
use crate::tables::columns::{Holds, Mapping, Vocabulary};
use crate::tables::formats::{
    DayOrder, DecimalMark, Reading, Riddle, Tally, WrittenDay, WrittenNumber, currencies, numbers,
};
use crate::tables::text::bounds::{MAX_CELL, SAMPLE};
use crate::tables::text::layout::Body;
use crate::tables::text::{Layout, Record, Refusal};

/// How much of a cell an error quotes, in characters.
const MAX_QUOTED: usize = 60;

/// Words at the beginning of a row of totals.
const TOTALS: &[&str] = &[
    "total",
    "totals",
    "grand total",
    "gesamt",
    "gesamtsumme",
    "gesamtergebnis",
    "insgesamt",
    "summe",
    "totale",
    "totaal",
    "totales",
    "subtotal",
    "zwischensumme",
    "sum",
    "suma",
    "łącznie",
    "razem",
];

/// What all cells of the mapped columns say together, in the order of the vocabulary's fields.
#[derive(Clone, Debug)]
pub struct Survey {
    tallies: Vec<Tally>,
}

impl Survey {
    /// Reads the whole table once.
    ///
    /// # Errors
    /// The table breaks a bound.
    pub fn of(
        file: &mut (impl Read + Seek),
        words: &Vocabulary,
        layout: &Layout,
        mapping: &Mapping,
    ) -> Result<Self, Refusal> {
        let mut tallies = vec![Tally::default(); words.fields.len()];
        let mut body = layout.body(file)?;
        while let Some(record) = body.read_next()? {
            for ((at, field), tally) in words.fields.iter().enumerate().zip(&mut tallies) {
                let Some(column) = mapping.column(at) else { continue };
                match field.holds {
                    Holds::Day => tally.add_day(record.line, record.cell(column)),
                    Holds::Number => tally.add_number(record.line, record.cell(column)),
                    Holds::Count | Holds::Currency | Holds::Text => {}
                }
            }
        }
        Ok(Survey { tallies })
    }

    /// How a field is read. `chosen` is the answer to its riddle; it counts only where there is one.
    pub fn format(&self, field: usize, chosen: &str) -> Option<Format> {
        let tally = self.tallies.get(field)?;
        let order = match tally.order() {
            Reading::Settled(order) => Some(order),
            Reading::Open => DayOrder::of_key(chosen),
        };
        let mark = match tally.mark() {
            Reading::Settled(mark) => Some(mark),
            Reading::Open => DecimalMark::of_key(chosen),
        };
        let format = Format { order: order.unwrap_or(DayOrder::DayFirst), mark: mark.unwrap_or(DecimalMark::Point) };
        (order.is_some() || mark.is_some()).then_some(format)
    }

    /// The cells with two meanings, if the column stays open.
    pub fn riddle(&self, field: usize) -> Option<&[Riddle]> {
        let tally = self.tallies.get(field)?;
        (tally.order() == Reading::Open).then(|| tally.riddles())
    }
}

/// How the cells of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub order: DayOrder,
    pub mark: DecimalMark,
}

/// The first rows of a table, from which columns are guessed.
///
/// # Errors
/// The table breaks a bound.
pub fn sample(file: &mut (impl Read + Seek), layout: &Layout) -> Result<Vec<Record>, Refusal> {
    let mut body = layout.body(file)?;
    let mut rows = Vec::new();
    while rows.len() < SAMPLE {
        let Some(record) = body.read_next()? else { break };
        rows.push(record);
    }
    Ok(rows)
}

/// A cell that breaks a rule, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub line: u64,
    pub column: String,
    /// What the cell holds, cut if it is long.
    pub value: String,
    /// Completes the sentence that the cell begins: `is no day`.
    pub rule: String,
}

impl Problem {
    pub fn new(line: u64, column: &str, value: &str, rule: impl Into<String>) -> Self {
        let value = cut(value, MAX_QUOTED).to_owned();
        Problem { line, column: column.to_owned(), value, rule: rule.into() }
    }
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing, or a dash.
    None,
    Text(String),
    Day(WrittenDay),
    Number(WrittenNumber),
    Count(u64),
    Currency(Currency),
    /// Why it cannot be read.
    Bad(&'static str),
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// Its cells in the order of the vocabulary's fields.
    Data { record: Record, cells: Vec<Cell> },
    /// A row of totals: its line and how it begins.
    Total { line: u64, text: String },
    /// A note below the table.
    Note { line: u64, text: String },
}

/// The rows of a table.
pub struct Rows<'a, R> {
    body: Body<R>,
    words: &'a Vocabulary,
    mapping: &'a Mapping,
    formats: &'a [Option<Format>],
    width: usize,
}

impl<'a, R: Read + Seek> Rows<'a, R> {
    /// `formats` has one for each field. A field without one is read as the first of both ways.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(
        file: R,
        words: &'a Vocabulary,
        layout: &Layout,
        mapping: &'a Mapping,
        formats: &'a [Option<Format>],
    ) -> Result<Self, Refusal> {
        Ok(Rows { body: layout.body(file)?, words, mapping, formats, width: layout.header.len() })
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// The table breaks a bound.
    pub fn read_next(&mut self) -> Result<Option<Row>, Refusal> {
        let Some(record) = self.body.read_next()? else { return Ok(None) };
        let cells: Vec<Cell> = (0..self.words.fields.len()).map(|field| self.cell(field, &record)).collect();
        let has_day = cells.iter().any(|cell| matches!(cell, Cell::Day(_)));
        let Some(first) = record.filled().next().filter(|_| !has_day) else {
            return Ok(Some(Row::Data { record, cells }));
        };
        let text = cut(first, MAX_QUOTED).to_owned();
        Ok(Some(if is_total(first) && !self.has_other_day(&record) {
            Row::Total { line: record.line, text }
        } else if record.filled().nth(1).is_none() && self.width > 1 {
            Row::Note { line: record.line, text }
        } else {
            Row::Data { record, cells }
        }))
    }

    fn cell(&self, field: usize, record: &Record) -> Cell {
        let (Some(column), Some(known)) = (self.mapping.column(field), self.words.fields.get(field)) else {
            return Cell::None;
        };
        let text = record.cell(column);
        if text.is_empty() {
            return Cell::None;
        }
        if text.len() > MAX_CELL && text.chars().count() > MAX_CELL {
            return Cell::Bad("has more than 1,000 characters");
        }
        let Format { order, mark } = self.format(field);
        match known.holds {
            Holds::Text => Cell::Text(text.to_owned()),
            _ if numbers::is_none(text) => Cell::None,
            Holds::Day => WrittenDay::read(text, order).map_or_else(|| day_problem(text, order), Cell::Day),
            Holds::Number => WrittenNumber::read(text, mark).map_or_else(|| number_problem(text, mark), Cell::Number),
            Holds::Count => numbers::count(text).map_or(Cell::Bad("is no whole number"), Cell::Count),
            Holds::Currency => {
                currencies::named(text).map_or(Cell::Bad("is no currency code, such as EUR"), Cell::Currency)
            }
        }
    }

    /// Whether a column of days holds another text than a dash or the word for totals: then the row has a wrong day.
    fn has_other_day(&self, record: &Record) -> bool {
        let days = self.words.fields.iter().enumerate().filter(|(_, field)| field.holds == Holds::Day);
        days.filter_map(|(at, _)| self.mapping.column(at))
            .map(|column| record.cell(column))
            .any(|text| !numbers::is_none(text) && !is_total(text))
    }

    fn format(&self, field: usize) -> Format {
        let format = self.formats.get(field).copied().flatten();
        format.unwrap_or(Format { order: DayOrder::DayFirst, mark: DecimalMark::Point })
    }
}

fn day_problem(text: &str, order: DayOrder) -> Cell {
    let other = DayOrder::BOTH.into_iter().find(|other| *other != order);
    Cell::Bad(match other.and_then(|other| WrittenDay::read(text, other)) {
        Some(_) if order == DayOrder::DayFirst => "has the month first, and the column has the day first",
        Some(_) => "has the day first, and the column has the month first",
        None => "is no day of the calendar",
    })
}

fn number_problem(text: &str, mark: DecimalMark) -> Cell {
    let other = DecimalMark::BOTH.into_iter().find(|other| *other != mark);
    Cell::Bad(match other.and_then(|other| WrittenNumber::read(text, other)) {
        Some(_) if mark == DecimalMark::Comma => "has a decimal point, and the column has decimal commas",
        Some(_) => "has a decimal comma, and the column has decimal points",
        None => "is no number",
    })
}

/// Whether a row that begins with this text holds totals: `Total: Account`, `Gesamt`.
fn is_total(text: &str) -> bool {
    let lower = text.to_lowercase();
    TOTALS.iter().any(|word| {
        lower.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ' ', '-', '–', '(']))
    })
}
