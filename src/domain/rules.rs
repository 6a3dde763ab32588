//! The part of the definitions that decides outcomes. It is versioned: each version takes effect from its own place
//! in the log (`spec/attribution.md`, *Order, versions, rebuilds*).

use super::{Currency, LineItemId, Micros, Minutes, PixelId, RepeatRule, SegmentId, Seq, TriggerType};

/// A version of what a pixel's definition decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelRules {
    /// The pixel.
    pub pixel_id: PixelId,
    /// From where in the log it is in force; names the version.
    pub version: Seq,
    /// Whether the pixel was active.
    pub active: bool,
    /// Which exposures may earn credit.
    pub trigger_type: TriggerType,
    /// How often one visitor may convert.
    pub repeat: RepeatRule,
    /// The post-click window in force.
    pub click_window: Minutes,
    /// The post-view window in force.
    pub view_window: Minutes,
    /// Whether an order is counted once.
    pub count_each_order_once: bool,
    /// Static value of a post-click conversion where the line item's entry has none.
    pub post_click_value: Option<Micros>,
    /// Static value of a post-view conversion where the line item's entry has none.
    pub post_view_value: Option<Micros>,
}

/// A version of what a line item's definition decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItemRules {
    /// The line item.
    pub line_item_id: LineItemId,
    /// From where in the log it is in force; names the version.
    pub version: Seq,
    /// Whether the line item was active.
    pub active: bool,
    /// The currency of its static values.
    pub currency: Currency,
    /// Its pixels.
    pub entries: Vec<LineItemEntry>,
}

/// A pixel's entry in a [`LineItemRules`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItemEntry {
    /// The pixel.
    pub pixel_id: PixelId,
    /// Whether the entry was active.
    pub active: bool,
    /// Static value of a post-click conversion; null: the pixel's own.
    pub post_click_revenue: Option<Micros>,
    /// Static value of a post-view conversion; null: the pixel's own.
    pub post_view_revenue: Option<Micros>,
}

/// A version of what a segment's definition decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentRules {
    /// The segment.
    pub segment_id: SegmentId,
    /// From where in the log it is in force; names the version.
    pub version: Seq,
    /// Whether it takes members: it is active.
    pub active: bool,
    /// Whether it is no more: then it has no members either.
    pub deleted: bool,
    /// How long a membership lasts from the request that adds the visitor; 0: it is not kept.
    pub lasts: Minutes,
}
