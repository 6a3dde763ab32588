//! The reader against files as people have them, and against any bytes at all.

mod files;
mod properties;

use std::io::Cursor;

use jiff::civil::date;

use super::columns::{Guess, Mapping};
use super::costs::{COSTS, CostTable, NegativeCost, Terms};
use super::formats::column::is_value;
use super::rows::{Survey, sample};
use super::text::layout::Signs;
use super::text::{Layout, Refusal};
use crate::domain::Currency;

/// What the reader makes of a file whose riddles get these answers.
pub struct Outcome {
    pub layout: Layout,
    pub guess: Guess,
    pub survey: Survey,
    pub table: CostTable,
}

pub fn layout(bytes: &[u8]) -> Result<Layout, Refusal> {
    Layout::of(&mut Cursor::new(bytes), Signs { is_name: &|name| COSTS.knows(name), is_value: &is_value })
}

/// Reads a file on the last day of November 2026. `answer` is the answer to every riddle.
pub fn read(bytes: &[u8], answer: &str) -> Result<Outcome, Refusal> {
    read_as(bytes, answer, None, |guess| guess)
}

pub fn read_as(
    bytes: &[u8],
    answer: &str,
    currency: Option<Currency>,
    change: impl Fn(Mapping) -> Mapping,
) -> Result<Outcome, Refusal> {
    let mut file = Cursor::new(bytes);
    let layout = layout(bytes)?;
    let mut guess = Guess::of(&COSTS, &layout, &sample(&mut file, &layout)?).unwrap();
    guess.mapping = change(guess.mapping);
    let survey = Survey::of(&mut file, &COSTS, &layout, &guess.mapping)?;
    let formats: Vec<_> = (0..COSTS.fields.len()).map(|field| survey.format(field, answer)).collect();
    let terms = Terms { today: date(2026, 11, 30), currency, negative: NegativeCost::Take };
    let table = CostTable::read(&mut file, &layout, &guess.mapping, &formats, &terms)?;
    Ok(Outcome { layout, guess, survey, table })
}

/// The sums, one a line: day, account, name, amount, currency.
pub fn figures(table: &CostTable) -> Vec<String> {
    let line = |(origin, figure): (&super::costs::Origin, &super::costs::CostFigure)| {
        let account = if origin.account.is_empty() { "" } else { " @" };
        let (day, amount) = (origin.day, figure.amount.to_money());
        format!("{day} {}{account}{} {amount} {}", origin.name, origin.account, origin.currency)
    };
    table.figures.iter().map(line).collect()
}
