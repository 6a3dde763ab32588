//! Lookback windows: which applies to an exposure, from when it is counted, and whether the exposure is within it.
//! It does not know trigger types or line items.

use super::Touch;
use crate::domain::{ExposureKind, MAX_CLICK_WINDOW_MINS, MAX_VIEW_WINDOW_MINS, Millis, Minutes, PixelRules};

/// The window in force for exposures of this kind: at most 30 days for views and 90 for clicks, which is also what 0
/// means (a what-if may pass it as entered).
pub(super) fn in_force(pixel: &PixelRules, kind: ExposureKind) -> Minutes {
    let (given, longest) = match kind {
        ExposureKind::Impression => (pixel.view_window, MAX_VIEW_WINDOW_MINS),
        ExposureKind::Click => (pixel.click_window, MAX_CLICK_WINDOW_MINS),
    };
    if given.0 == 0 { Minutes(longest) } else { given.min(Minutes(longest)) }
}

/// From when the window of this exposure runs: for a click whose impression is known, from that impression; else from
/// the exposure. An impression said to be later than its click cannot have been clicked, so the click's time stands.
pub(super) fn counted_from(touch: &Touch) -> Millis {
    match (touch.kind, touch.impression) {
        (ExposureKind::Click, Some((_, impression_at))) => impression_at.min(touch.at),
        (ExposureKind::Click, None) | (ExposureKind::Impression, _) => touch.at,
    }
}

/// Whether an age in milliseconds is within the window: exactly as old counts, one millisecond older does not.
pub(super) fn holds(window: Minutes, age_ms: i64) -> bool {
    age_ms <= window.as_millis()
}
