//! Small parts that several pages share.

use crate::admin::text::author;
use crate::admin::text::format::Moment;
use crate::domain::{ExposureKind, Millis, Outcome};
use crate::store::Deletion;

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

/// Who deleted an object, and whether it can come back.
pub struct DeletedView {
    pub by: String,
    pub name: String,
    pub at: Moment,
    /// The entry of the bin that this user may restore, and when it goes for good.
    pub entry: Option<i64>,
    pub until: Option<Moment>,
}

impl DeletedView {
    pub fn of(deletion: Deletion, now: Millis) -> Self {
        DeletedView {
            by: author::words(&deletion.by).to_owned(),
            name: deletion.name,
            at: Moment::new(deletion.at, now),
            entry: deletion.entry.map(|(entry, _)| entry),
            until: deletion.entry.map(|(_, until)| Moment::new(until, now)),
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
