//! Adjustments: what an advertiser's server says later of a conversion (a refund, a cancelled order, another amount).
//! The log keeps both; what is reported of the conversion changes from the adjustment on.

use super::{AdvertiserId, Currency, Micros, Millis, PixelId, Seq};

/// One correction of earlier conversions, as it was sent (`spec/collection.md`, `/adjustments`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Its place in the log; 0 until it is logged.
    pub seq: Seq,
    /// When it happened.
    pub at: Millis,
    /// When it arrived here.
    pub received: Millis,
    /// Whose conversions.
    pub advertiser_id: AdvertiserId,
    /// Of which pixel alone; none: of every pixel of the advertiser.
    pub pixel_id: Option<PixelId>,
    /// Which conversions: all of those before it in the log that carry this name.
    pub of: ConversionName,
    /// What becomes of them.
    pub correction: Correction,
    /// Why, in the advertiser's words; at most 64 characters.
    pub reason_code: Option<String>,
    /// Who sent it: the name of the API token or user.
    pub source: String,
}

/// How an adjustment names conversions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConversionName {
    /// By the order.
    OrderId(String),
    /// By the event.
    EventId(String),
    /// By the `reference_id` that they were sent with.
    ReferenceId(String),
}

/// What becomes of an adjusted conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// It is taken back: it counts no more.
    Retract,
    /// It is worth this now.
    Restate {
        /// The new dynamic value.
        value: Micros,
        /// Its currency; none: that of the conversion.
        currency: Option<Currency>,
    },
}
