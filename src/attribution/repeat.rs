//! The repeat rule: may a visitor convert again? (`docs/rules/attribution.md`, *Repeat rule*.) The caller chooses the
//! conversions that count.

use super::explain::{Gap, RepeatCheck};
use super::{Case, EarlierFire};
use crate::domain::{Millis, RepeatRule};

/// Compares the fire with the nearest counted conversion. A gap of exactly N minutes counts.
pub(super) fn check(case: &Case) -> RepeatCheck {
    let at = case.fire.at;
    // Of equal gaps, `min_by_key` keeps the first one: the conversion before.
    let nearest = [case.counted_before, case.counted_after]
        .into_iter()
        .flatten()
        .map(|earlier| gap(at, earlier))
        .min_by_key(|gap| gap.ms.saturating_abs());
    let blocks = match (case.pixel.repeat, nearest) {
        (RepeatRule::All, _) | (_, None) => false,
        (RepeatRule::Once, Some(_)) => true,
        (RepeatRule::Every(minutes), Some(nearest)) => nearest.ms.saturating_abs() < minutes.as_millis(),
    };
    RepeatCheck { rule: case.pixel.repeat, nearest, blocks }
}

/// The gap from an earlier fire to `at`.
pub(super) fn gap(at: Millis, earlier: EarlierFire) -> Gap {
    Gap { earlier, ms: at.since(earlier.at) }
}
