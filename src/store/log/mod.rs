//! The log: its rows, the imports into it, its rejected requests, and its newest rows for the live page.

pub mod arrivals;
pub mod end;
pub mod import;
pub mod rejected;
pub mod row;
pub mod rows;
pub mod sort_file;
