//! Rows of tables that several rooms show.

pub mod conversion;
pub mod tracker;
