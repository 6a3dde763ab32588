//! Impression and click trackers: the list, a tracker's page with its tags, and its form.

pub mod form;
pub mod list;
pub mod page;
