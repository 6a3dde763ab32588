//! Tables of media cost: the exports of ad platforms, and what they say of each day.

mod figures;
mod row;
mod vocabulary;

pub use figures::{CostFigure, CostTable, MAX_FIGURES};
pub use row::{NegativeCost, Origin, Terms};
pub use vocabulary::{ACCOUNT, AMOUNT, CLICKS, COSTS, CURRENCY, DAY, LAST_DAY, NAME, VIEWS};
