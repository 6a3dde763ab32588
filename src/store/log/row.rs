//! A row to append to the log.

use crate::domain::{Adjustment, Exposure, Fire, SegmentLoad};

/// A row to append. It has no number yet.
pub enum LogRow {
    Fire(Box<Fire>),
    Exposure(Box<Exposure>),
    SegmentLoad(Box<SegmentLoad>),
    Adjustment(Box<Adjustment>),
}
