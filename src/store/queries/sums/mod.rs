//! Queries of the sums by quarter hour, for figures, charts and reports.

mod categories;
pub mod costs;
pub mod daily;
pub mod report;
pub mod sum_query;
