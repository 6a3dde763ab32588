//! The steps before the exposures (`docs/rules/attribution.md`, *Order of judgement*, 1 to 7). Each step only reports
//! its finding; [`Step::outcome`] says which findings decide.

use super::Case;
use super::explain::{EventCheck, Flag, Identity, OrderCheck, ParentCheck, Step};
use super::repeat::gap;
use crate::domain::{LineItemEntry, LineItemRules, Millis, PixelId};

/// The same event counts once within this many milliseconds, inclusive: 48 hours.
const SAME_EVENT_MS: i64 = 48 * Millis::HOUR;

/// A step's finding; none if the step does not apply.
type Check = fn(&Case) -> Option<Step>;

pub(super) const BEFORE_EXPOSURES: [Check; 7] = [flags, event, parent, order, pixel, line_items, visitor];

fn flags(case: &Case) -> Option<Step> {
    Some(Step::Flags(Flag::of(case.fire.flags)))
}

/// Does not apply to the many fires that name no parent.
fn parent(case: &Case) -> Option<Step> {
    case.fire.parent_reference_id.as_ref()?;
    Some(Step::Parent(match case.parent {
        None => ParentCheck::Unknown,
        Some(earlier) => ParentCheck::Updates(gap(case.fire.at, earlier)),
    }))
}

/// Takes the gap without its sign: a late server event can be logged second and have happened first.
fn event(case: &Case) -> Option<Step> {
    Some(Step::Event(match (&case.fire.event_id, case.same_event) {
        (None, _) => EventCheck::NoId,
        (Some(_), None) => EventCheck::First,
        (Some(_), Some(earlier)) => {
            let gap = gap(case.fire.at, earlier);
            if gap.ms.saturating_abs() <= SAME_EVENT_MS { EventCheck::Duplicate(gap) } else { EventCheck::Apart(gap) }
        }
    }))
}

fn order(case: &Case) -> Option<Step> {
    Some(Step::Order(match (case.pixel.count_each_order_once, &case.fire.order_id, case.order_counted) {
        (false, ..) => OrderCheck::NotAsked,
        (true, None, _) => OrderCheck::NoId,
        (true, Some(_), None) => OrderCheck::First,
        (true, Some(_), Some(earlier)) => OrderCheck::Duplicate(gap(case.fire.at, earlier)),
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

pub(super) fn entry(line_item: &LineItemRules, pixel_id: PixelId) -> Option<&LineItemEntry> {
    line_item.entries.iter().find(|entry| entry.pixel_id == pixel_id)
}

impl Case<'_> {
    /// Whether a token replaces the visitor, even one whose exposure is no longer stored.
    pub(super) fn has_token(&self) -> bool {
        self.fire.exposure.is_some() || self.named.is_some()
    }
}
