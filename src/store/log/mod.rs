//! The rows of the log: how they are written, read back, sorted and followed.

pub mod end;
pub mod import;
pub mod rejected;
pub mod row;
pub mod rows;
pub mod sort_file;
