//! Small parts that several pages share.

use crate::domain::{ExposureKind, Outcome};

/// A word in colour, for `c::badge`.
pub struct Badge {
    /// The suffix of its class: `active`, `post-click`, `danger` and so on.
    pub kind: &'static str,
    pub label: String,
}

impl Badge {
    pub fn new(kind: &'static str, label: impl Into<String>) -> Self {
        Badge { kind, label: label.into() }
    }

    pub fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Attributed(kind) => Badge::of_exposure(kind, "post-click", "post-view"),
            Outcome::Unattributed(_) => Badge::new("unattributed", "unattributed"),
            Outcome::NotCounted(_) => Badge::new("not-counted", "not counted"),
        }
    }

    /// A badge in the colour of clicks or views.
    pub fn of_exposure(kind: ExposureKind, click: &str, view: &str) -> Self {
        match kind {
            ExposureKind::Click => Badge::new("post-click", click),
            ExposureKind::Impression => Badge::new("post-view", view),
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
