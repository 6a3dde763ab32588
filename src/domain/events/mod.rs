//! What the log holds and what the judge makes of it.

pub mod adjustment;
pub mod conversion;
pub mod judge_fire;
pub mod log;
pub mod outcome;
pub mod rejudging;
