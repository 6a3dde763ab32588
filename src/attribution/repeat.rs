//! The repeat rule: whether a visitor who has converted already may convert again.
//! It knows only the nearest counted conversions; which ones count is for the caller to say.

use super::explain::{Against, RepeatCheck};
use super::{Case, Earlier};
use crate::domain::{Millis, RepeatRule};

/// Holds the nearest counted conversion against the rule. With N minutes the fire counts when at least N minutes lie
/// between the two; exactly N counts.
pub(super) fn check(case: &Case) -> RepeatCheck {
    let at = case.fire.at;
    // `min_by_key` keeps the first of equals: the conversion before.
    let nearest = [case.counted_before, case.counted_after]
        .into_iter()
        .flatten()
        .map(|earlier| against(at, earlier))
        .min_by_key(|against| against.gap_ms.saturating_abs());
    let blocks = match (case.pixel.repeat, nearest) {
        (RepeatRule::All, _) | (_, None) => false,
        (RepeatRule::Once, Some(_)) => true,
        (RepeatRule::Every(minutes), Some(nearest)) => nearest.gap_ms.saturating_abs() < minutes.as_millis(),
    };
    RepeatCheck { rule: case.pixel.repeat, nearest, blocks }
}

/// Another fire, as seen from one at `at`.
pub(super) fn against(at: Millis, earlier: Earlier) -> Against {
    Against { earlier, gap_ms: at.since(earlier.at) }
}
