//! What a request does to segments (`spec/collection.md`, *the segment pixel*): it follows from the row itself and the
//! segments' rules in force, whatever became of the conversion.
//!
//! - Tests, bots and prefetches do nothing.
//! - A *load* of a segment is a request that adds to it, whoever sent it, and whether or not the segment is active.
//! - Members are made only by a request with a visitor, of a segment that is active and keeps them. Removing works on
//!   inactive segments too.
//! - A membership lasts from the request's own time for as long as the segment said at the request's place in the log.
//!   It is renewed by a later one that lasts longer; a late event makes none shorter. Removing ends it, in the order of
//!   the log.

use super::rules::Rules;
use crate::attribution::Flag;
use crate::domain::{Flags, Membership, Millis, SegmentAction, SegmentOp, Seq, VisitorId};
use crate::store::Slice;

/// A fire or a load of the segment pixel, as far as segments go.
pub(super) struct Request<'a> {
    pub seq: Seq,
    pub at: Millis,
    pub visitor_id: Option<VisitorId>,
    pub flags: Flags,
    pub segments: &'a [SegmentOp],
}

/// Adds to the slice what follows from a request.
pub(super) fn follow(request: &Request, rules: &Rules, slice: &mut Slice) {
    if Flag::of(request.flags).is_some() {
        return;
    }
    let Request { seq, at, visitor_id, .. } = *request;
    for (place, op) in request.segments.iter().enumerate() {
        let Some(segment) = rules.known_segment(op.segment_id) else { continue };
        match (op.action, visitor_id) {
            (SegmentAction::Remove, Some(visitor)) => slice.leave(op.segment_id, visitor),
            (SegmentAction::Remove, None) => {}
            (SegmentAction::Add { value }, visitor) => {
                let said = request.segments.iter().take(place);
                let adds_again = |other: &SegmentOp| {
                    other.segment_id == op.segment_id && matches!(other.action, SegmentAction::Add { .. })
                };
                if !said.into_iter().any(adds_again) {
                    slice.segment_load(op.segment_id, at, visitor);
                }
                if let Some(visitor_id) = visitor
                    && segment.active
                    && segment.lasts.0 > 0
                {
                    let (segment_id, added_at, expires_at) = (op.segment_id, at, at.plus(segment.lasts.as_millis()));
                    slice.join(Membership { segment_id, visitor_id, seq, value, added_at, expires_at });
                }
            }
        }
    }
}
