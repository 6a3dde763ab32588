//! The rows of the log, and the outcomes that the judge derives from them.

pub mod adjustment;
pub mod arrival;
pub mod conversion;
pub mod effect_counts;
pub mod judge_fire;
pub mod log;
pub mod loss;
pub mod outcome;
pub mod rejudging;
pub mod token_uses;
