//! Queries of pages, the API, reports and imports.

pub mod adjustments;
pub mod advertiser_counts;
pub mod arrivals;
pub mod attention;
pub mod conversions;
mod duplicates;
pub mod events;
pub mod figures;
pub mod import_targets;
pub mod near_misses;
pub mod pixel_health;
pub mod report_rows;
pub mod report_runs;
pub mod search;
pub mod segment_sizes;
pub mod sums;
pub mod tail;
pub mod value_history;
pub mod visitors;
mod who_owns;
