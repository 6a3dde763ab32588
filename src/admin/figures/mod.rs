//! Lists of objects with the figures of the scope, in one way for all kinds. Each list says its kind and the columns of its own.
//! Object pages show the same figures as tiles.

mod amount;
mod answer;
mod choice;
mod columns;
mod csv;
mod list;
mod measured;
mod remembered;
mod sums;
mod table;
pub mod tiles;
mod view;

pub use amount::{Amount, divide, ratio};
pub use choice::{Choices, Pick};
pub use columns::{Fact, FactColumn};
pub use list::MeasuredList;
pub use sums::{ByCurrency, Paid, figures_of, query_for};
pub use view::Action;

use super::shell::object_kind::ObjectKind;

/// A list with figures.
pub struct ListSpec {
    pub kind: ObjectKind,
    /// The head of the column of names: "Line item".
    pub head: &'static str,
    /// What these objects are, in a sentence.
    pub lede: &'static str,
    /// The title and the sentence of a list without any object.
    pub empty: (&'static str, &'static str),
    /// The columns of its own.
    pub facts: &'static [FactColumn],
}
