//! Rows of tables that several rooms show.

pub mod adjustment;
pub mod conversion;
pub mod tracker;
