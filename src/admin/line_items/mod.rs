//! Line items: the list, a line item's page and its form.

mod fields;
pub mod form;
pub mod list;
pub mod options;
pub mod page;
