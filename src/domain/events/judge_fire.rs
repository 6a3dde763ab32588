//! A logged fire as the judge reads it: without the request's text, page, user agent and address.

use crate::domain::{Currency, Fire, Flags, Logged, Micros, Millis, PixelId, SegmentOp, Seq, TagKind, VisitorId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgeFire {
    pub seq: Seq,
    pub at: Millis,
    pub received: Millis,
    pub pixel_id: PixelId,
    pub visitor_id: Option<VisitorId>,
    pub flags: Flags,
    pub tag: TagKind,
    pub order_id: Option<String>,
    pub value: Option<Micros>,
    pub currency: Option<Currency>,
    pub event_id: Option<String>,
    pub exposure: Option<Seq>,
    pub segments: Vec<SegmentOp>,
    pub reference_id: Option<String>,
    pub parent_reference_id: Option<String>,
    pub has_content_ids: bool,
    pub has_num_items: bool,
    /// Whether some of its parameters broke their rules.
    pub has_warnings: bool,
}

impl From<&Logged<Fire>> for JudgeFire {
    fn from(fire: &Logged<Fire>) -> Self {
        JudgeFire {
            seq: fire.seq,
            at: fire.at,
            received: fire.received,
            pixel_id: fire.pixel_id,
            visitor_id: fire.visitor_id,
            flags: fire.flags,
            tag: fire.tag,
            order_id: fire.order_id.clone(),
            value: fire.value,
            currency: fire.currency,
            event_id: fire.event_id.clone(),
            exposure: fire.exposure,
            segments: fire.details.segments.clone(),
            reference_id: fire.details.reference_id.clone(),
            parent_reference_id: fire.details.parent_reference_id.clone(),
            has_content_ids: !fire.details.content_ids.is_empty(),
            has_num_items: fire.details.num_items.is_some(),
            has_warnings: !fire.warnings.is_empty(),
        }
    }
}
