//! Advertisers: the list, an advertiser's page and its form.

pub mod form;
pub mod list;
pub mod page;
