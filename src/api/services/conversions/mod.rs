//! What the judge made of the log: conversions, their explanations, and adjustments.

pub mod adjustment;
pub mod conversion;
mod explanation;
