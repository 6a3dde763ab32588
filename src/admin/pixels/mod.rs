//! Pixels: the list, a pixel's page, its form, and changes to several at once.

pub mod bulk;
mod fields;
pub mod form;
pub mod list;
pub mod page;
pub mod summary;
