//! A row on its way into the log, and how many rows of rejected requests the database keeps.

use crate::domain::{Adjustment, Exposure, Fire, SegmentLoad};

/// Rows kept of the requests that were rejected in one hour. Further ones are only counted.
pub const REJECTED_ROWS_AN_HOUR: u32 = 1_000;

/// Rows kept of rejected requests altogether, the latest: junk must not fill the disk. Older ones are only counted.
pub const REJECTED_ROWS: u32 = 100_000;

/// A row to append. It has no number yet.
pub enum LogRow {
    Fire(Box<Fire>),
    Exposure(Box<Exposure>),
    SegmentLoad(Box<SegmentLoad>),
    Adjustment(Box<Adjustment>),
}
