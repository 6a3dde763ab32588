//! The outcome of a fire, with exactly one reason. The names are stable and published.

use crate::domain::ExposureKind;
use crate::domain::values::words::words;

words! {
    OutcomeKind {
        /// Credited to an exposure.
        Attributed = "attributed",
        /// A conversion that no exposure earned.
        Unattributed = "unattributed",
        /// Not a conversion: a test, a bot, a duplicate, a repeat.
        NotCounted = "not_counted",
    }
}

words! {
    /// Why no exposure earned a conversion.
    Unattributed {
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
    /// Why a fire is not a conversion.
    NotCounted {
        Test = "test",
        Bot = "bot",
        /// A browser fetched it in advance.
        Prefetch = "prefetch",
        /// Another fire of the same event counts.
        DuplicateEvent = "duplicate_event",
        /// It updates an earlier conversion, named by `parent_reference_id`.
        Adjustment = "adjustment",
        /// Another fire of the same order counts.
        DuplicateOrder = "duplicate_order",
        /// The visitor has converted already, within the repeat rule.
        Repeat = "repeat",
    }
}

words! {
    /// Every reason, in the order of the table in the docs.
    Reason {
        /// Credited to a click.
        PostClick = "post_click",
        /// Credited to an impression.
        PostView = "post_view",
        PixelInactive = "pixel_inactive",
        NoLineItem = "no_line_item",
        NoVisitor = "no_visitor",
        NoExposure = "no_exposure",
        WrongKind = "wrong_kind",
        OutsideWindow = "outside_window",
        Test = "test",
        Bot = "bot",
        Prefetch = "prefetch",
        DuplicateEvent = "duplicate_event",
        Adjustment = "adjustment",
        DuplicateOrder = "duplicate_order",
        Repeat = "repeat",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Credited to an exposure of this kind: post-click or post-view.
    Attributed(ExposureKind),
    Unattributed(Unattributed),
    NotCounted(NotCounted),
}

impl Outcome {
    pub fn kind(self) -> OutcomeKind {
        match self {
            Outcome::Attributed(_) => OutcomeKind::Attributed,
            Outcome::Unattributed(_) => OutcomeKind::Unattributed,
            Outcome::NotCounted(_) => OutcomeKind::NotCounted,
        }
    }

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

    /// For a fire with a `parent_reference_id`: whether the judge looked for the parent and found none.
    pub fn misses_parent(self) -> bool {
        use Reason::{Adjustment, Bot, Prefetch, Test};
        !matches!(self.reason(), Test | Bot | Prefetch | Adjustment)
    }
}

impl Reason {
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

    /// Whether a fire with this reason is a *load*: a real visit reached the page. Duplicates, repeats and updates are
    /// loads; tests, bots and prefetches are not.
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
