//! Adds up a table of cost: the sum of each day, campaign, account and currency, with every row that breaks a rule.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::row::{Columns, CostRow, Fault, NegativeCost, Origin, RowCells, Terms};
use super::vocabulary::{AMOUNT, COSTS};
use crate::domain::{Currency, MAX_COSTS_AT_ONCE, TotalMicros};
use crate::tables::columns::Mapping;
use crate::tables::rows::{Cell, Format, Problem, Row, Rows};
use crate::tables::text::bounds::MAX_PROBLEMS;
use crate::tables::text::{Layout, Record, Refusal};

/// The most sums of one table: as many as one run of costs takes.
pub const MAX_FIGURES: usize = MAX_COSTS_AT_ONCE;
/// The rows that are left out, which the page lists.
const MAX_SKIPPED: usize = 10;

/// A sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostFigure {
    pub amount: TotalMicros,
    /// As the platform counts them; none if no row says it.
    pub views: Option<u64>,
    pub clicks: Option<u64>,
    pub rows: u64,
}

/// A table of cost, added up.
#[derive(Clone, Debug, Default)]
pub struct CostTable {
    pub figures: BTreeMap<Origin, CostFigure>,
    /// Rows of data, with those that break a rule.
    pub rows: u64,
    /// The first rows that break a rule.
    pub problems: Vec<Problem>,
    pub problem_count: u64,
    /// The first rows that cover more than a day: the file is not by day.
    pub longer_than_a_day: Option<Problem>,
    /// Rows without a currency of their own.
    pub without_currency: u64,
    /// The first rows with a cost below zero.
    pub negative: Vec<Problem>,
    pub negative_count: u64,
    /// Rows whose cost is empty or a dash: nothing is known of them.
    pub empty: u64,
    /// Rows of totals and notes: line and beginning.
    pub skipped: Vec<(u64, String)>,
    pub skipped_count: u64,
    /// Whether there are more sums than [`MAX_FIGURES`].
    pub is_too_large: bool,
}

impl CostTable {
    /// Reads a table.
    ///
    /// # Errors
    /// The table breaks a bound.
    pub fn read(
        file: &mut (impl Read + Seek),
        layout: &Layout,
        mapping: &Mapping,
        formats: &[Option<Format>],
        terms: &Terms,
    ) -> Result<Self, Refusal> {
        let columns = Columns::of(layout, mapping);
        let mut table = CostTable::default();
        let mut rows = Rows::open(file, &COSTS, layout, mapping, formats)?;
        while let Some(row) = rows.read_next()? {
            match row {
                Row::Total { line, text } | Row::Note { line, text } => table.skip(line, text),
                Row::Data { record, cells } => table.add(&columns, &record, &cells, terms),
            }
        }
        Ok(table)
    }

    /// The sum of all figures of each currency.
    pub fn totals(&self) -> BTreeMap<Currency, TotalMicros> {
        let mut totals = BTreeMap::<Currency, TotalMicros>::new();
        for (origin, figure) in &self.figures {
            *totals.entry(origin.currency).or_default() += figure.amount;
        }
        totals
    }

    fn skip(&mut self, line: u64, text: String) {
        self.skipped_count += 1;
        if self.skipped.len() < MAX_SKIPPED {
            self.skipped.push((line, text));
        }
    }

    fn add(&mut self, columns: &Columns<'_>, record: &Record, cells: &[Cell], terms: &Terms) {
        let read = CostRow::read(&RowCells { columns, record, cells }, terms);
        if let Err(Fault::Summary(text)) = read {
            return self.skip(record.line, text);
        }
        self.rows += 1;
        match read {
            Ok(row) => self.count(columns, record, row, terms),
            Err(Fault::LongerThanADay(problem)) => {
                self.longer_than_a_day.get_or_insert(problem);
            }
            Err(Fault::NoCurrency) => self.without_currency += 1,
            Err(Fault::Rule(problem)) => self.refuse(problem),
            Err(Fault::Empty) => self.empty += 1,
            Err(Fault::Summary(_)) => {}
        }
    }

    fn count(&mut self, columns: &Columns<'_>, record: &Record, row: CostRow, terms: &Terms) {
        self.without_currency += u64::from(row.is_currency_asked);
        if row.amount.0 < 0 {
            self.negative_count += 1;
            if self.negative.len() < MAX_PROBLEMS {
                let (column, value) = columns.quote(AMOUNT, record);
                self.negative.push(Problem::new(record.line, column, value, "is below zero"));
            }
            if terms.negative != NegativeCost::Take {
                return;
            }
        }
        if self.figures.len() >= MAX_FIGURES && !self.figures.contains_key(&row.origin) {
            self.is_too_large = true;
            return;
        }
        let figure = self.figures.entry(row.origin).or_default();
        figure.amount += row.amount.into();
        for (sum, count) in [(&mut figure.views, row.views), (&mut figure.clicks, row.clicks)] {
            if let Some(count) = count {
                *sum = Some(sum.unwrap_or(0).saturating_add(count));
            }
        }
        figure.rows += 1;
    }

    fn refuse(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}
