//! Lookback windows: their length and start, and whether an exposure lies within (`docs/rules/attribution.md`,
//! *Exposures*). The module does not know trigger types or line items.

use super::Touch;
use crate::domain::{ExposureKind, MAX_CLICK_WINDOW_MINS, MAX_VIEW_WINDOW_MINS, Millis, Minutes, PixelRules};

/// The window for exposures of this kind: at most 30 days for views and 90 for clicks. A window of 0 means the longest.
pub(super) fn in_force(pixel: &PixelRules, kind: ExposureKind) -> Minutes {
    let (window, longest) = match kind {
        ExposureKind::Impression => (pixel.view_window, MAX_VIEW_WINDOW_MINS),
        ExposureKind::Click => (pixel.click_window, MAX_CLICK_WINDOW_MINS),
    };
    if window.0 == 0 { Minutes(longest) } else { window.min(Minutes(longest)) }
}

/// The start of the window: for a click whose impression is known, that impression; else the exposure itself. If the
/// impression claims to be later than its click, the click counts.
pub(super) fn counted_from(touch: &Touch) -> Millis {
    match (touch.kind, touch.impression) {
        (ExposureKind::Click, Some((_, impression_at))) => impression_at.min(touch.at),
        (ExposureKind::Click, None) | (ExposureKind::Impression, _) => touch.at,
    }
}

/// Whether an age in milliseconds lies within the window. An age equal to the window does.
pub(super) fn contains(window: Minutes, age_ms: i64) -> bool {
    age_ms <= window.as_millis()
}
