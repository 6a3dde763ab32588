//! The plan of a history: its events in memory, before they become rows of the log.

use crate::domain::{Flags, Micros, Millis, VisitorId};

/// An event that becomes a row of the log.
pub(super) struct Event {
    /// When it happened.
    pub at: Millis,
    /// When it arrived.
    pub received: Millis,
    /// Its advertiser, by index in [`super::brands::BRANDS`].
    pub brand: usize,
    pub visitor: Option<VisitorId>,
    pub flags: Flags,
    pub kind: EventKind,
}

pub(super) enum EventKind {
    /// An impression, by its number among the exposures, at a place of the brand.
    View {
        number: usize,
        place: usize,
    },
    /// A click, with the number of its impression if that is known.
    Click {
        number: usize,
        place: usize,
        of: Option<usize>,
    },
    /// The visitor arrives by a link: one of the brand's, with one of its campaigns, by the click of this number.
    Arrival {
        link: usize,
        campaign: usize,
        click: u64,
    },
    Fire(PixelLoad),
    /// A load of the segment pixel on a line item's landing page; the line by index in the brand.
    Segment {
        line: usize,
    },
    /// A correction by the shop's server: the order was returned, or is now worth `cents`.
    Correction {
        goal: usize,
        order: usize,
        cents: Option<i64>,
    },
    /// A request for a pixel that does not exist: the text in place of its id.
    Rejected {
        id: &'static str,
    },
}

/// A load of a pixel, by a tag or by the shop's server.
#[derive(Clone, Copy)]
pub(super) struct PixelLoad {
    /// The goal, by index in the brand.
    pub goal: usize,
    /// The number of the order or sign-up, which its duplicates share.
    pub order: usize,
    /// The articles, by index in the goal's prices.
    pub articles: [Option<usize>; 2],
    /// The dynamic value in cents, and whether its page wrote it with a comma.
    pub value: Option<(i64, bool)>,
    pub event_id: bool,
    pub by_server: bool,
    /// The number of the click that its token names.
    pub token: Option<usize>,
}

pub(super) struct Plan {
    /// In the order of their arrival.
    pub events: Vec<Event>,
    /// The number of exposures, and the next exposure's number.
    pub exposures: usize,
    /// The number of orders, and the next order's number.
    pub orders: usize,
}

/// A sum of cents.
pub(super) fn money(cents: i64) -> Micros {
    Micros(cents.saturating_mul(Micros::UNIT / 100))
}
