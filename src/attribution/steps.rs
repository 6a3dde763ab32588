//! The steps that come before the exposures are looked at (`spec/attribution.md`, *Order of judgement*, 1 to 5).
//! Each only says what it found; `Step::outcome` says which findings decide.

use super::Case;
use super::explain::{EventCheck, Flag, Identity, OrderCheck, ParentCheck, Step};
use super::repeat::against;
use crate::domain::{LineItemEntry, LineItemRules, Millis, PixelId};

/// The same event sent twice within this many milliseconds, inclusive, counts once: 48 hours.
const SAME_EVENT_MS: i64 = 48 * Millis::HOUR;

/// A step, where it applies.
type Check = fn(&Case) -> Option<Step>;

/// The steps in order.
pub(super) const BEFORE_EXPOSURES: [Check; 7] = [flags, event, parent, order, pixel, line_items, visitor];

fn flags(case: &Case) -> Option<Step> {
    Some(Step::Flags(Flag::of(case.fire.flags)))
}

/// Only fires that name a parent are asked: few ever do.
fn parent(case: &Case) -> Option<Step> {
    case.fire.parent_reference_id.as_ref()?;
    Some(Step::Parent(match case.parent {
        None => ParentCheck::Unknown,
        Some(earlier) => ParentCheck::Updates(against(case.fire.at, earlier)),
    }))
}

/// The other fire was logged before, but its own time may lie on either side: a late server event can be the second.
fn event(case: &Case) -> Option<Step> {
    Some(Step::Event(match (&case.fire.event_id, case.same_event) {
        (None, _) => EventCheck::NoId,
        (Some(_), None) => EventCheck::First,
        (Some(_), Some(earlier)) => {
            let against = against(case.fire.at, earlier);
            if against.gap_ms.saturating_abs() <= SAME_EVENT_MS {
                EventCheck::Duplicate(against)
            } else {
                EventCheck::Apart(against)
            }
        }
    }))
}

fn order(case: &Case) -> Option<Step> {
    Some(Step::Order(match (case.pixel.count_each_order_once, &case.fire.order_id, case.order_counted) {
        (false, ..) => OrderCheck::NotAsked,
        (true, None, _) => OrderCheck::NoId,
        (true, Some(_), None) => OrderCheck::First,
        (true, Some(_), Some(earlier)) => OrderCheck::Duplicate(against(case.fire.at, earlier)),
    }))
}

fn pixel(case: &Case) -> Option<Step> {
    Some(Step::Pixel { active: case.pixel.active })
}

fn line_items(case: &Case) -> Option<Step> {
    let (mut active, mut inactive, mut entry_inactive) = (0, 0, 0);
    for line_item in case.line_items {
        match entry(line_item, case.pixel.pixel_id) {
            None => {}
            Some(_) if !line_item.active => inactive += 1,
            Some(entry) if !entry.active => entry_inactive += 1,
            Some(_) => active += 1,
        }
    }
    Some(Step::LineItems { active, inactive, entry_inactive })
}

fn visitor(case: &Case) -> Option<Step> {
    Some(Step::Visitor(if case.has_token() {
        Identity::Token
    } else if case.fire.visitor_id.is_some() {
        Identity::Visitor
    } else {
        Identity::Unknown
    }))
}

/// The pixel's entry on a line item.
pub(super) fn entry(line_item: &LineItemRules, pixel_id: PixelId) -> Option<&LineItemEntry> {
    line_item.entries.iter().find(|entry| entry.pixel_id == pixel_id)
}

impl Case<'_> {
    /// Whether a token stands in for the visitor, found or not.
    pub(super) fn has_token(&self) -> bool {
        self.fire.exposure.is_some() || self.named.is_some()
    }
}
