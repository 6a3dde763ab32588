//! The definitions that people make: advertisers, line items, pixels, trackers, segments, and the rules versioned from them.

pub mod advertiser;
pub mod campaign;
pub mod line_item;
pub mod list_length;
pub mod member;
pub mod piggyback;
pub mod pixel;
pub mod publisher;
pub mod rules;
pub mod segment;
pub mod source;
pub mod source_match;
pub mod source_template;
pub mod tracker;
