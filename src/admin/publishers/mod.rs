//! Publishers: the list, a publisher's page and its form.

pub mod form;
pub mod list;
pub mod page;
