//! Texts that the pages share: numbers, dates, reasons, checks and warnings.

pub mod address;
pub mod agent;
pub mod author;
pub mod checks;
pub mod conditions;
pub mod errors;
pub mod format;
pub mod glossary;
pub mod reasons;
pub mod warnings;
