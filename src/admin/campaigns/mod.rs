//! Campaigns: the list, a campaign's page and its form.

pub mod form;
pub mod list;
pub mod page;
