//! The list of events: pages of it by time, and how many events of each outcome there are. However many events there are,
//! a page looks at a bounded number of them, and says how far it looked.

mod beside;
mod counts;
mod lead;
mod pages;
mod scan;

use crate::domain::{
    AdvertiserId, Conversion, LineItemId, Micros, Millis, OutcomeKind, PixelId, PublisherId, Reason, Seq, SourceId,
    VisitorId,
};

pub use counts::EventCounts;

/// The most events that one page, or one count, looks at.
pub const EVENTS_SCANNED: u32 = 15_000;

/// The most events of one order ID or visitor that a page knows: the last that were logged.
pub const EVENTS_OF_A_NAME: u32 = 5_000;

/// What one text may name: one of these must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSearch {
    /// The spellings of an order ID.
    pub orders: Vec<String>,
    pub visitor: Option<VisitorId>,
    /// A click ID with which the event's visitor came to the shop: `EAIa…` or `gclid=EAIa…`.
    pub click_id: Option<String>,
}

/// Which events to list. Every field that is set must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    pub advertiser: Option<AdvertiserId>,
    pub pixel: Option<PixelId>,
    /// The line item, placement and source that get the credit.
    pub line_item: Option<LineItemId>,
    pub publisher: Option<PublisherId>,
    pub source: Option<SourceId>,
    pub outcome: Option<OutcomeKind>,
    pub reason: Option<Reason>,
    /// Only those that an adjustment retracted, or only the others.
    pub retracted: Option<bool>,
    /// Only those with warnings, or only the others.
    pub warned: Option<bool>,
    /// The spellings of an order ID, whatever the case of a to z. Empty for all.
    pub orders: Vec<String>,
    pub visitor: Option<VisitorId>,
    pub search: Option<EventSearch>,
    /// Bounds of the value that reports show; both belong to it.
    pub least: Option<Micros>,
    pub most: Option<Micros>,
    /// At or after this moment.
    pub from: Option<Millis>,
    /// Before this moment.
    pub to: Option<Millis>,
}

/// The place of an event in the list: newest first by its time, then by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventPlace {
    pub at: Millis,
    pub seq: Seq,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventStart {
    #[default]
    Newest,
    /// Events older than this place.
    Older(EventPlace),
    /// Events newer than this place, the nearest ones.
    Newer(EventPlace),
}

/// A page of events to read.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    pub filter: EventFilter,
    pub start: EventStart,
    pub num_elements: u32,
}

/// A page of events, newest first.
#[derive(Clone, Debug, Default)]
pub struct EventPage {
    pub items: Vec<Conversion>,
    pub has_newer: bool,
    pub has_older: bool,
    /// Whether an order ID or visitor has more events than a page knows.
    pub is_cut: bool,
    /// How far the page looked, if it found less than it wanted and there is more to look at.
    pub searched: Option<EventPlace>,
}

impl std::fmt::Display for EventPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.0, self.seq)
    }
}

impl EventPlace {
    /// Reads what [`Display`](std::fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, seq) = text.split_once('.')?;
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| number.to_string() == text);
        Some(EventPlace { at: Millis(number(at)?), seq: Seq(number(seq)?) })
    }

    /// The place of a conversion.
    pub fn of(conversion: &Conversion) -> Self {
        EventPlace { at: conversion.fire.at, seq: conversion.fire.seq }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nothing_else_is() {
        let place = EventPlace { at: Millis(1_793_000_000_000), seq: Seq(42) };
        assert_eq!(
            (place.to_string().as_str(), EventPlace::parse("1793000000000.42")),
            ("1793000000000.42", Some(place))
        );
        for text in ["", ".", "1", "1.", ".1", "a.1", "1.b", "+1.1", "01.1", "1.1.1", "99999999999999999999.1"] {
            assert_eq!(EventPlace::parse(text), None, "{text}");
        }
    }
}
