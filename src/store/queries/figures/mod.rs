//! The figures of a range of days by object: what lists, object pages and the overview show. They come from the sums by UTC
//! day, and from those by quarter hour at the two ends of the range. They never read the log.

mod read;

use std::collections::BTreeMap;

use crate::domain::{AdvertiserId, ConversionEvent, Currency, Millis, Reader, TotalMicros};
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

/// The most days of a range: ten years.
const MOST_DAYS: i64 = 3_660;

/// A kind of object that has figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FiguresOf {
    Advertiser,
    LineItem,
    Campaign,
    /// A placement.
    Publisher,
    Tracker,
    Source,
    /// Views, clicks and cost belong to no pixel: their id is 0.
    Pixel,
}

impl FiguresOf {
    pub(super) const ALL: [FiguresOf; 7] = [
        FiguresOf::Advertiser,
        FiguresOf::LineItem,
        FiguresOf::Campaign,
        FiguresOf::Publisher,
        FiguresOf::Tracker,
        FiguresOf::Source,
        FiguresOf::Pixel,
    ];

    /// The column of the sums with the ids.
    pub(super) fn column(self) -> &'static str {
        match self {
            FiguresOf::Advertiser => "advertiser_id",
            FiguresOf::LineItem => "line_item_id",
            FiguresOf::Campaign => "campaign_id",
            FiguresOf::Publisher => "publisher_id",
            FiguresOf::Tracker => "tracker_id",
            FiguresOf::Source => "source_id",
            FiguresOf::Pixel => "pixel_id",
        }
    }
}

/// The conversions to add up, by the category that their pixel has now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    All,
    Of(ConversionEvent),
    /// Of pixels without a category.
    Without,
}

/// What to add up.
#[derive(Clone, Debug)]
pub struct FiguresQuery {
    /// The quarter hours that begin at the first moment or later, and before the second.
    pub between: (Millis, Millis),
    /// The advertiser of what is added up. None: of all that the caller may see.
    pub advertiser: Option<AdvertiserId>,
    pub counting: Counting,
    /// The objects that all of it belongs to.
    pub only: Vec<(FiguresOf, i64)>,
    /// The kinds of objects to add up by, each for itself. Several take one reading.
    pub by: Vec<FiguresOf>,
}

/// Figures in one currency. Views, clicks, conversions, payout and cost have the line item's currency of that time. Order
/// value has its own, and without one the line item's. So figures of one currency can be added up and divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Ad views.
    pub imps: u64,
    /// Ad clicks, arrivals among them.
    pub clicks: u64,
    /// Conversions credited to a click, after adjustments.
    pub post_click: u64,
    /// Conversions credited to a view, after adjustments.
    pub post_view: u64,
    /// Order value of both, after adjustments.
    pub value: TotalMicros,
    /// Payout of both, after adjustments.
    pub payout: TotalMicros,
    /// Media cost.
    pub cost: TotalMicros,
    /// How many views and clicks said their cost; 0 if no cost is known.
    pub costs: u64,
}

impl Figures {
    /// Conversions of both kinds.
    pub fn conversions(&self) -> u64 {
        self.post_click + self.post_view
    }

    /// Whether nothing was reported.
    pub fn is_empty(&self) -> bool {
        *self == Figures::default()
    }

    /// Adds the figures of another object in the same currency.
    pub fn add(&mut self, other: &Figures) {
        self.imps += other.imps;
        self.clicks += other.clicks;
        self.post_click += other.post_click;
        self.post_view += other.post_view;
        self.value += other.value;
        self.payout += other.payout;
        self.cost += other.cost;
        self.costs += other.costs;
    }
}

/// Figures by currency.
pub type ByCurrency = BTreeMap<Currency, Figures>;

/// The answer to a [`FiguresQuery`]. It has no rows of zeros alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FiguresTable {
    /// Of all objects together.
    pub total: ByCurrency,
    /// In the order of the query's `by`: figures by the object's id. The id is 0 where there is no such object.
    pub by: Vec<BTreeMap<i64, ByCurrency>>,
}

impl FiguresTable {
    /// The figures by the query's first kind of object.
    pub fn first(self) -> BTreeMap<i64, ByCurrency> {
        self.by.into_iter().next().unwrap_or_default()
    }
}

impl Store {
    /// The figures of a range. A caller limited to one advertiser gets the figures of that advertiser.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for more than ten years; database faults.
    pub async fn figures(&self, by: &Reader, query: FiguresQuery) -> Result<FiguresTable, StoreError> {
        let own = by.scope().advertiser();
        let (from, to) = query.between;
        if to.0.saturating_sub(from.0) > MOST_DAYS * Millis::DAY {
            return Err(StoreError::invalid("to", format!("must be at most {MOST_DAYS} days after from")));
        }
        self.read(move |conn| Ok(read::figures(&*connect::snapshot(conn)?, own, &query, &Spans::of(from, to))?)).await
    }
}

/// A range in spans that the tables hold: whole UTC days, and the quarter hours before and after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spans {
    before: (Millis, Millis),
    days: (Millis, Millis),
    after: (Millis, Millis),
}

impl Spans {
    fn of(from: Millis, to: Millis) -> Self {
        let first = if from == from.day() { from } else { from.day().plus(Millis::DAY) };
        let end = to.day();
        if first >= end {
            return Spans { before: (from, to), days: (to, to), after: (to, to) };
        }
        Spans { before: (from, first), days: (first, end), after: (end, to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_whole_utc_days_and_what_is_left_at_both_ends() {
        let at = |text| Millis::parse(text).unwrap();
        let spans = |from, to| {
            let Spans { before, days, after } = Spans::of(at(from), at(to));
            [before, days, after].map(|(from, to)| (to.0 - from.0) / Millis::HOUR)
        };
        assert_eq!(spans("2026-10-01 00:00:00", "2026-10-04 00:00:00"), [0, 72, 0]);
        assert_eq!(spans("2026-09-30 22:00:00", "2026-10-03 22:00:00"), [2, 48, 22]);
        assert_eq!(spans("2026-09-30 22:00:00", "2026-10-01 22:00:00"), [24, 0, 0]);
        assert_eq!(spans("2026-10-01 00:00:00", "2026-10-01 05:00:00"), [5, 0, 0]);
        assert_eq!(spans("2026-10-01 00:00:00", "2026-10-01 00:00:00"), [0, 0, 0]);
    }
}
