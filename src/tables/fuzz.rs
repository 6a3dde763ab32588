//! What holds for any bytes that somebody uploads: the reader ends, and does not panic.

use std::io::Cursor;

use jiff::civil::Date;

use super::columns::Guess;
use super::costs::{COSTS, CostTable, NegativeCost, Terms};
use super::formats::column::is_value;
use super::rows::{Survey, sample};
use super::text::layout::Signs;
use super::text::{Layout, Refusal};

/// Reads bytes as a table of cost. `answer` is the answer to every riddle.
///
/// # Errors
/// The bytes are no table.
pub fn table(bytes: &[u8], answer: &str) -> Result<CostTable, Refusal> {
    let mut file = Cursor::new(bytes);
    let layout = Layout::of(&mut file, Signs { is_name: &|name| COSTS.knows(name), is_value: &is_value })?;
    let first = sample(&mut file, &layout)?;
    let Some(Guess { mapping, .. }) = Guess::of(&COSTS, &layout, &first) else { return Err(Refusal::NoHeader) };
    let survey = Survey::of(&mut file, &COSTS, &layout, &mapping)?;
    let formats: Vec<_> = (0..COSTS.fields.len()).map(|field| survey.format(field, answer)).collect();
    let terms = Terms { today: Date::MAX, currency: None, negative: NegativeCost::Take };
    CostTable::read(&mut file, &layout, &mapping, &formats, &terms)
}
