//! The part of the definitions that decides outcomes. Each change makes a new version, which takes effect from its own
//! place in the log.

use crate::domain::{
    AdvertiserId, CampaignId, Currency, LineItemId, Micros, Minutes, PixelId, PublisherId, RepeatRule, SegmentId, Seq,
    SourceId, SourceMatch, TriggerType,
};

/// A version of a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelRules {
    pub pixel_id: PixelId,
    /// The place in the log from which it takes effect. It identifies the version.
    pub version: Seq,
    pub active: bool,
    /// Which exposures may earn credit.
    pub trigger_type: TriggerType,
    pub repeat: RepeatRule,
    pub click_window: Minutes,
    pub view_window: Minutes,
    pub count_each_order_once: bool,
    /// Value of a post-click conversion if the line item's entry has none.
    pub post_click_value: Option<Micros>,
    /// Value of a post-view conversion if the line item's entry has none.
    pub post_view_value: Option<Micros>,
    /// None: no bound.
    pub max_value: Option<MaxValue>,
}

/// The largest believable value of one fire of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxValue {
    pub amount: Micros,
    /// The advertiser's.
    pub currency: Currency,
}

impl MaxValue {
    /// Whether this value is larger. One without a currency is in the bound's own; one in another cannot be compared.
    pub fn is_exceeded_by(&self, value: Option<Micros>, currency: Option<Currency>) -> bool {
        value.is_some_and(|value| value > self.amount) && currency.is_none_or(|currency| currency == self.currency)
    }
}

/// A version of a line item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItemRules {
    pub line_item_id: LineItemId,
    /// A line item's advertiser never changes.
    pub advertiser_id: AdvertiserId,
    /// The place in the log from which it takes effect. It identifies the version.
    pub version: Seq,
    pub active: bool,
    /// The currency of its revenues.
    pub currency: Currency,
    pub entries: Vec<LineItemEntry>,
}

/// A pixel of a [`LineItemRules`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItemEntry {
    pub pixel_id: PixelId,
    pub active: bool,
    /// Value of a post-click conversion. None: the pixel's.
    pub post_click_revenue: Option<Micros>,
    /// Value of a post-view conversion. None: the pixel's.
    pub post_view_revenue: Option<Micros>,
}

/// A version of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentRules {
    pub segment_id: SegmentId,
    /// The place in the log from which it takes effect. It identifies the version.
    pub version: Seq,
    /// An inactive segment takes no members.
    pub active: bool,
    /// A deleted segment has no members.
    pub deleted: bool,
    /// How long a membership lasts from the request that adds the visitor. 0: it is not kept.
    pub lasts: Minutes,
}

/// A version of a campaign's code, by which a source finds the campaign of an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignRules {
    pub campaign_id: CampaignId,
    /// The place in the log from which it takes effect. It identifies the version.
    pub version: Seq,
    pub line_item_id: LineItemId,
    /// None: it has no code, or was deleted.
    pub code: Option<String>,
}

/// A version of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRules {
    pub source_id: SourceId,
    /// A source's advertiser never changes.
    pub advertiser_id: AdvertiserId,
    /// The place in the log from which it takes effect. It identifies the version.
    pub version: Seq,
    pub deleted: bool,
    /// An inactive or deleted source takes no arrival.
    pub active: bool,
    /// The order of matching; the id decides between equal ones.
    pub position: u32,
    pub name: String,
    pub condition: SourceMatch,
    pub line_item_id: LineItemId,
    pub publisher_id: Option<PublisherId>,
    pub campaign_id: Option<CampaignId>,
    /// The parameter whose value is the code of a campaign of the line item, in lower case. It comes before `campaign_id`.
    pub campaign_by: Option<String>,
}
