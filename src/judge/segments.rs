//! The effects of a request on segments. They depend on the row itself and on the segments' rules in force, but not on the
//! outcome of the conversion.
//!
//! - Tests, bots and prefetches do nothing.
//! - A *load* of a segment is a request that adds to it, from any sender, whether or not the segment is active.
//! - Only a request with a visitor makes a member, and only of a segment that is active and keeps members. Removing
//!   works on inactive segments too.
//! - A membership begins at the request's own time. It lasts as long as the segment's version says that is in force at
//!   the request's row. A later one that lasts longer renews it; a late event makes none shorter. Removing ends it, in
//!   the order of the log.

use super::rules::Rules;
use crate::attribution::Flag;
use crate::domain::{Flags, JudgeFire, Membership, Millis, SegmentAction, SegmentOp, Seq, VisitorId};
use crate::store::{JudgeSegmentLoad, Slice};

/// A fire or a load of the segment pixel, with its operations on segments.
pub(super) struct SegmentRequest<'a> {
    seq: Seq,
    at: Millis,
    visitor_id: Option<VisitorId>,
    flags: Flags,
    segments: &'a [SegmentOp],
}

impl<'a> From<&'a JudgeFire> for SegmentRequest<'a> {
    fn from(fire: &'a JudgeFire) -> Self {
        let JudgeFire { seq, at, visitor_id, flags, ref segments, .. } = *fire;
        SegmentRequest { seq, at, visitor_id, flags, segments }
    }
}

impl<'a> From<&'a JudgeSegmentLoad> for SegmentRequest<'a> {
    fn from(load: &'a JudgeSegmentLoad) -> Self {
        let JudgeSegmentLoad { seq, at, visitor_id, flags, ref segments } = *load;
        SegmentRequest { seq, at, visitor_id, flags, segments }
    }
}

/// Adds the effects of a request to the slice.
pub(super) fn follow(request: &SegmentRequest, rules: &Rules, slice: &mut Slice) {
    if Flag::of(request.flags).is_some() {
        return;
    }
    let SegmentRequest { seq, at, visitor_id, .. } = *request;
    for (index, op) in request.segments.iter().enumerate() {
        let Some(segment) = rules.known_segment(op.segment_id) else { continue };
        match (op.action, visitor_id) {
            (SegmentAction::Remove, Some(visitor)) => slice.leave(op.segment_id, visitor),
            (SegmentAction::Remove, None) => {}
            (SegmentAction::Add { value }, visitor) => {
                let adds_the_same = |other: &SegmentOp| {
                    other.segment_id == op.segment_id && matches!(other.action, SegmentAction::Add { .. })
                };
                if !request.segments.iter().take(index).any(adds_the_same) {
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
