//! Conversions: the list, the page that explains one, and corrections.

pub mod correct;
pub mod list;
pub mod page;
pub mod raw_request;
mod timeline;
