//! Figures by objects and by spans of time: what lists, object pages and the overview show. They come from the sums by UTC
//! day and by quarter hour, and from the costs of days. They never read the log.

mod categories;
mod pieces;
mod read;

use crate::domain::{AdvertiserId, ConversionEvent, Currency, Day, Millis, Reader, TotalMicros};
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

/// The most days of a query: ten years.
const MOST_DAYS: i64 = 3_660;

/// A kind of object that has figures. The order is that of the columns in each statement.
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

/// How many kinds there are.
const KINDS: usize = 7;

impl FiguresOf {
    /// The column of the sums with the ids.
    fn column(self) -> &'static str {
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

/// The conversions to add up, by the category of their pixel. A deleted pixel has the category that it had last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    #[default]
    All,
    Of(ConversionEvent),
    /// Of pixels without a category.
    Without,
}

/// What to add up.
#[derive(Clone, Debug, Default)]
pub struct FiguresQuery {
    /// The advertiser of what is added up. None: of all that the caller may see.
    pub advertiser: Option<AdvertiserId>,
    pub counting: Counting,
    /// The objects that all of it belongs to.
    pub only: Vec<(FiguresOf, i64)>,
    /// The kinds of objects to tell apart.
    pub by: Vec<FiguresOf>,
    /// When each span of time begins, and the end of the last, all of them on quarter hours.
    pub begins: Vec<Millis>,
    /// The first and the last of the calendar's days whose cost to add. If there are as many days as spans, each belongs to
    /// one.
    pub days: Option<(Day, Day)>,
    /// Sums from here on are late; none are without it.
    pub until: Option<Millis>,
    /// Whether to leave out views and clicks without a cost, which is faster.
    pub without_free_ads: bool,
    /// Whether to count what is not credited, which takes longer.
    pub with_unattributed: bool,
}

/// What tells rows of figures apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FiguresKey {
    /// The span's place in the query; none for the cost of a day that is not known by span.
    pub span: Option<usize>,
    /// Whether it lies behind the query's `until`.
    pub is_late: bool,
    /// Of the pixel. Views, clicks and cost have none.
    pub category: Option<ConversionEvent>,
    ids: [i64; KINDS],
}

/// Stands in for the id of a kind that is not told apart.
const UNKNOWN: i64 = -1;

impl FiguresKey {
    fn new(span: Option<usize>, is_late: bool, category: Option<ConversionEvent>) -> Self {
        FiguresKey { span, is_late, category, ids: [UNKNOWN; KINDS] }
    }

    /// The id of the object, 0 where there is none. None if the query does not tell this kind apart, and for the cost of days
    /// by tracker, source and pixel.
    pub fn id(&self, of: FiguresOf) -> Option<i64> {
        self.ids.get(of as usize).copied().filter(|id| *id != UNKNOWN)
    }

    fn set(&mut self, of: FiguresOf, id: i64) {
        if let Some(place) = self.ids.get_mut(of as usize) {
            *place = id;
        }
    }
}

/// Figures in one currency, without tests, bots and prefetches. Views, clicks, conversions, payout and cost have the line
/// item's currency of that time. Order value has its own, and without one the line item's. So figures of one currency can be
/// added up and divided.
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
    /// Conversions without credit.
    pub unattributed: u64,
    /// Order value of credited conversions, after adjustments.
    pub value: TotalMicros,
    /// Payout of credited conversions, after adjustments.
    pub payout: TotalMicros,
    /// Cost that came with views and clicks, and of days.
    pub cost: TotalMicros,
    /// How many costs are known; 0 if none is.
    pub costs: u64,
}

impl Figures {
    /// Credited conversions of both kinds.
    pub fn conversions(&self) -> u64 {
        self.post_click + self.post_view
    }

    /// Whether nothing was reported.
    pub fn is_empty(&self) -> bool {
        *self == Figures::default()
    }

    /// Adds others in the same currency.
    pub fn add(&mut self, other: &Figures) {
        self.imps += other.imps;
        self.clicks += other.clicks;
        self.post_click += other.post_click;
        self.post_view += other.post_view;
        self.unattributed += other.unattributed;
        self.value += other.value;
        self.payout += other.payout;
        self.cost += other.cost;
        self.costs += other.costs;
    }

    /// Takes away a part of them.
    fn take(&mut self, part: &Figures) {
        self.imps = self.imps.saturating_sub(part.imps);
        self.clicks = self.clicks.saturating_sub(part.clicks);
        self.post_click = self.post_click.saturating_sub(part.post_click);
        self.post_view = self.post_view.saturating_sub(part.post_view);
        self.unattributed = self.unattributed.saturating_sub(part.unattributed);
        self.value += TotalMicros(-part.value.0);
        self.payout += TotalMicros(-part.payout.0);
        self.cost += TotalMicros(-part.cost.0);
        self.costs = self.costs.saturating_sub(part.costs);
    }
}

/// Figures of what a key says, in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiguresRow {
    pub key: FiguresKey,
    pub currency: Currency,
    pub figures: Figures,
}

impl Store {
    /// The rows that are not empty, in no order. A caller limited to one advertiser gets those of that advertiser.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for more than ten years; database faults.
    pub async fn figures(&self, by: &Reader, query: FiguresQuery) -> Result<Vec<FiguresRow>, StoreError> {
        let own = by.scope().advertiser();
        let long = query.begins.first().zip(query.begins.last()).map(|(from, to)| to.0.saturating_sub(from.0));
        if long.is_some_and(|long| long > MOST_DAYS * Millis::DAY) {
            return Err(StoreError::invalid("to", format!("must be at most {MOST_DAYS} days after from")));
        }
        self.read(move |conn| Ok(read::figures(&*connect::snapshot(conn)?, own, &query)?)).await
    }
}
