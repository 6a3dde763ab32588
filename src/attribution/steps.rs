//! The steps before the exposures (`docs/rules/attribution.md`, *Order of judgement*, 1 to 7). Each step only reports
//! its finding; [`Step::outcome`] says which findings decide.

use super::explain::{Flag, Identity, ParentCheck, Step};
use super::repeat::gap;
use super::{Case, names};
use crate::domain::{LineItemEntry, LineItemRules, PixelId};

/// A step's finding; none if the step does not apply.
type Check = fn(&Case) -> Option<Step>;

pub(super) const BEFORE_EXPOSURES: [Check; 7] = [flags, parent, event, order, pixel, line_items, visitor];

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

fn event(case: &Case) -> Option<Step> {
    Some(Step::Event(names::event_check(case)))
}

fn order(case: &Case) -> Option<Step> {
    Some(Step::Order(names::order_check(case)))
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
    } else {
        match case.fire.visitor_id {
            Some(_) if case.fire.flags.new_visitor => Identity::NewVisitor,
            Some(_) => Identity::Visitor,
            None => Identity::Unknown,
        }
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
