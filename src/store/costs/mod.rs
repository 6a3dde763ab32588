//! Costs: what ads cost by day, as people typed it, sent it or imported it. Each run replaces what earlier ones said about
//! the same days, and can be undone as a whole.

mod change;
mod cover;
mod import;
mod preview;
mod rows;
pub mod rules;
mod undo;

pub use preview::{CostPreview, ReplacedCost};
