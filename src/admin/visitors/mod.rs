//! Visitors: the search and a visitor's page.

pub mod find;
pub mod page;
