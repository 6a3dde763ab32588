//! Numbers and days as people write them. A column is read in one way, which all its cells decide together. Where
//! they leave two, the user decides.

pub mod column;
pub mod currencies;
pub mod dates;
mod months;
pub mod numbers;

pub use column::{Reading, Riddle, Tally};
pub use dates::{DayOrder, WrittenDay};
pub use numbers::{DecimalMark, WrittenNumber};
