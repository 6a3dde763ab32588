//! Rows of tables that several rooms show.

pub mod adjustment;
pub mod change;
pub mod conversion;
pub mod source;
pub mod tracker;
