//! Reads of the hourly sums.

mod between;
pub mod daily;
pub mod report;
pub mod totals;
