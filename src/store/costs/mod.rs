//! Costs: what ads cost by day, as people typed it, sent it or imported it. Each run replaces what earlier ones said about
//! the same days, and can be undone as a whole.

mod change;
mod cover;
mod import;
mod preview;
mod rows;
pub mod rules;
mod run_sums;
mod undo;

pub use preview::{CostPreview, ReplacedCost};
pub use run_sums::CostRunSum;
