//! Small parts that several pages share.

use crate::domain::{ExposureKind, Outcome};

/// A pixel with words, for `c::mark`.
pub struct Mark {
    /// The suffix of its class: `click`, `view`, `none`, `ignored`; `active`, `paused`, `off`; `good`, `warn`, `bad`.
    pub kind: &'static str,
    pub label: String,
}

impl Mark {
    pub fn new(kind: &'static str, label: impl Into<String>) -> Self {
        Mark { kind, label: label.into() }
    }

    pub fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Attributed(kind) => Mark::of_exposure(kind, "Credited: click", "Credited: view"),
            Outcome::Unattributed(_) => Mark::new("none", "Not credited"),
            Outcome::NotCounted(_) => Mark::new("ignored", "Ignored"),
        }
    }

    /// A mark in the colour of clicks or views.
    pub fn of_exposure(kind: ExposureKind, click: &str, view: &str) -> Self {
        match kind {
            ExposureKind::Click => Mark::new("click", click),
            ExposureKind::Impression => Mark::new("view", view),
        }
    }
}

/// An object's id with its name.
pub struct ObjectName<I> {
    pub id: I,
    pub name: String,
}

/// The name of an object with the address of its page.
pub struct Link {
    pub address: String,
    pub name: String,
}

/// A text to copy, for `c::code_block`.
pub struct CodeBlock {
    /// Unique on the page.
    pub id: &'static str,
    pub label: &'static str,
    pub text: String,
}
