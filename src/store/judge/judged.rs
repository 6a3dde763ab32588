//! The judge's decision about one fire, for the derived tables.

use crate::domain::{AdvertiserId, Credited, JudgeFire, Outcome, Seq, VisitorId};

/// A fire and the judge's decision.
#[derive(Debug)]
pub struct Judged {
    pub fire: JudgeFire,
    /// The pixel's advertiser; [`AdvertiserId::UNKNOWN`] if there never was such a pixel.
    pub advertiser_id: AdvertiserId,
    /// The fire's visitor; with a token, the visitor of the exposure that it names.
    pub visitor_id: Option<VisitorId>,
    pub outcome: Outcome,
    /// The version of the pixel's rules that judged it; [`Seq::START`] if there never was such a pixel.
    pub pixel_version: Seq,
    /// Present exactly when the outcome is attributed.
    pub credit: Option<Credited>,
    /// Whether a parameter broke its rule, or no earlier fire has the parent reference of this one.
    pub has_warnings: bool,
    /// Whether later fires with its event id are duplicates of it.
    pub first_of_event: bool,
    /// The visitor for whom it counts under the repeat rule; present exactly when it is attributed.
    pub counted_for: Option<VisitorId>,
}
