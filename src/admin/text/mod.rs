//! Pages share these texts: numbers, dates and warnings.

pub mod format;
pub mod warnings;
