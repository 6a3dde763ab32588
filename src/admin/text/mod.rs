//! Texts that the pages share: numbers, dates and warnings.

pub mod agent;
pub mod errors;
pub mod format;
pub mod glossary;
pub mod warnings;
