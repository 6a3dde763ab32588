//! What becomes of a fire: an outcome with exactly one reason, under stable documented names
//! (`spec/attribution.md`).

use super::{ExposureKind, words::words};

words! {
    /// The three kinds of outcome.
    OutcomeKind {
        /// Credited to an exposure.
        Attributed = "attributed",
        /// A conversion that no exposure earned.
        Unattributed = "unattributed",
        /// No conversion: a test, a bot, a duplicate, a repeat.
        NotCounted = "not_counted",
    }
}

words! {
    /// Why a conversion was credited to nobody.
    Unattributed {
        /// The pixel is inactive.
        PixelInactive = "pixel_inactive",
        /// The pixel is on no active line item.
        NoLineItem = "no_line_item",
        /// The visitor is unknown: opted out, or without consent.
        NoVisitor = "no_visitor",
        /// The visitor has no exposure on the pixel's line items.
        NoExposure = "no_exposure",
        /// It has some, none of a kind that the trigger type admits.
        WrongKind = "wrong_kind",
        /// It has some of the right kind, all too old.
        OutsideWindow = "outside_window",
    }
}

words! {
    /// Why a fire is no conversion.
    NotCounted {
        /// It was marked as a test.
        Test = "test",
        /// A bot sent it.
        Bot = "bot",
        /// A browser fetched it in advance.
        Prefetch = "prefetch",
        /// The same event came before.
        DuplicateEvent = "duplicate_event",
        /// It updates an earlier conversion, named by `parent_reference_id`.
        Adjustment = "adjustment",
        /// This pixel has counted the order already.
        DuplicateOrder = "duplicate_order",
        /// The visitor has converted already, within the repeat rule.
        Repeat = "repeat",
    }
}

words! {
    /// Every reason there is, in the order of the table in the docs.
    Reason {
        /// Credited to a click.
        PostClick = "post_click",
        /// Credited to an impression.
        PostView = "post_view",
        /// See [`Unattributed::PixelInactive`].
        PixelInactive = "pixel_inactive",
        /// See [`Unattributed::NoLineItem`].
        NoLineItem = "no_line_item",
        /// See [`Unattributed::NoVisitor`].
        NoVisitor = "no_visitor",
        /// See [`Unattributed::NoExposure`].
        NoExposure = "no_exposure",
        /// See [`Unattributed::WrongKind`].
        WrongKind = "wrong_kind",
        /// See [`Unattributed::OutsideWindow`].
        OutsideWindow = "outside_window",
        /// See [`NotCounted::Test`].
        Test = "test",
        /// See [`NotCounted::Bot`].
        Bot = "bot",
        /// See [`NotCounted::Prefetch`].
        Prefetch = "prefetch",
        /// See [`NotCounted::DuplicateEvent`].
        DuplicateEvent = "duplicate_event",
        /// See [`NotCounted::Adjustment`].
        Adjustment = "adjustment",
        /// See [`NotCounted::DuplicateOrder`].
        DuplicateOrder = "duplicate_order",
        /// See [`NotCounted::Repeat`].
        Repeat = "repeat",
    }
}

/// The verdict on a fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Credited to an exposure of this kind: post-click or post-view.
    Attributed(ExposureKind),
    /// A conversion that no exposure earned.
    Unattributed(Unattributed),
    /// No conversion.
    NotCounted(NotCounted),
}

impl Outcome {
    /// Which of the three it is.
    pub fn kind(self) -> OutcomeKind {
        match self {
            Outcome::Attributed(_) => OutcomeKind::Attributed,
            Outcome::Unattributed(_) => OutcomeKind::Unattributed,
            Outcome::NotCounted(_) => OutcomeKind::NotCounted,
        }
    }

    /// Its one reason.
    pub fn reason(self) -> Reason {
        match self {
            Outcome::Attributed(ExposureKind::Click) => Reason::PostClick,
            Outcome::Attributed(ExposureKind::Impression) => Reason::PostView,
            Outcome::Unattributed(Unattributed::PixelInactive) => Reason::PixelInactive,
            Outcome::Unattributed(Unattributed::NoLineItem) => Reason::NoLineItem,
            Outcome::Unattributed(Unattributed::NoVisitor) => Reason::NoVisitor,
            Outcome::Unattributed(Unattributed::NoExposure) => Reason::NoExposure,
            Outcome::Unattributed(Unattributed::WrongKind) => Reason::WrongKind,
            Outcome::Unattributed(Unattributed::OutsideWindow) => Reason::OutsideWindow,
            Outcome::NotCounted(NotCounted::Test) => Reason::Test,
            Outcome::NotCounted(NotCounted::Bot) => Reason::Bot,
            Outcome::NotCounted(NotCounted::Prefetch) => Reason::Prefetch,
            Outcome::NotCounted(NotCounted::DuplicateEvent) => Reason::DuplicateEvent,
            Outcome::NotCounted(NotCounted::Adjustment) => Reason::Adjustment,
            Outcome::NotCounted(NotCounted::DuplicateOrder) => Reason::DuplicateOrder,
            Outcome::NotCounted(NotCounted::Repeat) => Reason::Repeat,
        }
    }
}

impl Reason {
    /// The outcome that has this reason.
    pub fn outcome(self) -> Outcome {
        match self {
            Reason::PostClick => Outcome::Attributed(ExposureKind::Click),
            Reason::PostView => Outcome::Attributed(ExposureKind::Impression),
            Reason::PixelInactive => Outcome::Unattributed(Unattributed::PixelInactive),
            Reason::NoLineItem => Outcome::Unattributed(Unattributed::NoLineItem),
            Reason::NoVisitor => Outcome::Unattributed(Unattributed::NoVisitor),
            Reason::NoExposure => Outcome::Unattributed(Unattributed::NoExposure),
            Reason::WrongKind => Outcome::Unattributed(Unattributed::WrongKind),
            Reason::OutsideWindow => Outcome::Unattributed(Unattributed::OutsideWindow),
            Reason::Test => Outcome::NotCounted(NotCounted::Test),
            Reason::Bot => Outcome::NotCounted(NotCounted::Bot),
            Reason::Prefetch => Outcome::NotCounted(NotCounted::Prefetch),
            Reason::DuplicateEvent => Outcome::NotCounted(NotCounted::DuplicateEvent),
            Reason::Adjustment => Outcome::NotCounted(NotCounted::Adjustment),
            Reason::DuplicateOrder => Outcome::NotCounted(NotCounted::DuplicateOrder),
            Reason::Repeat => Outcome::NotCounted(NotCounted::Repeat),
        }
    }

    /// Whether a fire with this reason is a *load*: somebody's visit reached the page. Duplicates, repeats and updates
    /// are loads; tests, bots and prefetches are not.
    pub fn is_load(self) -> bool {
        !matches!(self, Reason::Test | Reason::Bot | Reason::Prefetch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_and_outcomes_name_each_other() {
        for word in Reason::WORDS {
            let reason = Reason::parse(word);
            assert_eq!(reason.map(|reason| reason.outcome().reason()), reason, "{word}");
        }
    }
}
