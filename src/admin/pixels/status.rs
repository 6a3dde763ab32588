//! The status of a pixel. Pure.

use crate::domain::{Pixel, Status};
use crate::store::PixelLinks;

/// A pixel's status, for a mark with the reason beside it.
pub struct PixelStatus {
    /// The kind of the mark.
    pub mark: &'static str,
    pub label: &'static str,
    pub reason: &'static str,
}

pub fn status(pixel: &Pixel, links: &PixelLinks) -> PixelStatus {
    let (mark, label, reason) = match (pixel.state, links.is_running(), links.line_items.is_empty()) {
        (Status::Inactive, ..) => ("off", "Inactive", "switched off"),
        (Status::Active, true, _) => ("active", "Active", ""),
        (Status::Active, false, true) => ("paused", "Paused", "not attached to a line item"),
        (Status::Active, false, false) => ("paused", "Paused", "no active line item"),
    };
    PixelStatus { mark, label, reason }
}
