//! The judge's decision about one fire, for the derived tables.

use crate::domain::{AdvertiserId, Credited, CurrentValue, JudgeFire, MaxValue, Outcome, Seq, VisitorId};

/// A fire and the judge's decision.
#[derive(Debug)]
pub struct Judged {
    /// Its value, currency and order id may be taken from a twin. A value beyond the pixel's bound is left out.
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
    /// The pixel's largest believable value, if the fire's own value is larger and was set aside.
    pub exceeded: Option<MaxValue>,
    /// Whether a parameter broke its rule, the value was set aside, or no earlier fire has the parent reference.
    pub has_warnings: bool,
    /// The fire that it is a duplicate of; present exactly for a duplicate.
    pub duplicate_of: Option<Seq>,
    /// The value that adjustments gave to a fire that it displaced.
    pub carried: Option<CurrentValue>,
    /// The visitor for whom it counts under the repeat rule; present exactly when it is attributed.
    pub counted_for: Option<VisitorId>,
}
