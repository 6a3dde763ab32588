//! Adjustments: later news of a conversion from the advertiser's server (a refund, a cancelled order, another
//! amount). The log keeps both. Reports show the conversion's current value.

use std::borrow::Cow;

use crate::domain::values::words::words;
use crate::domain::{AdvertiserId, Currency, Micros, Millis, PixelId, Seq};

/// The longest reason code of an adjustment or conversion, in characters.
pub const MAX_REASON_CODE: usize = 64;

/// One adjustment of earlier conversions, as a server sent it to `/adjustments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    pub at: Millis,
    /// When it arrived here.
    pub received: Millis,
    pub advertiser_id: AdvertiserId,
    /// Only conversions of this pixel; none: of every pixel of the advertiser.
    pub pixel_id: Option<PixelId>,
    /// The conversions: all that were logged before it under this name.
    pub of: ConversionName,
    pub change: ConversionChange,
    /// The reason in the advertiser's words, at most [`MAX_REASON_CODE`] characters.
    pub reason_code: Option<String>,
    /// The sender: the name of the API token or user.
    pub source: String,
}

/// How an adjustment names conversions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConversionName {
    OrderId(String),
    EventId(String),
    /// The `reference_id` that came with the conversion.
    ReferenceId(String),
    /// The conversion's number: no other has it, and each has one.
    ConversionId(Seq),
}

impl ConversionName {
    /// The field that sends it, and the name itself.
    pub fn field(&self) -> (&'static str, Cow<'_, str>) {
        match self {
            ConversionName::OrderId(id) => ("order_id", Cow::Borrowed(id)),
            ConversionName::EventId(id) => ("event_id", Cow::Borrowed(id)),
            ConversionName::ReferenceId(id) => ("reference_id", Cow::Borrowed(id)),
            ConversionName::ConversionId(seq) => ("conversion_id", Cow::Owned(seq.to_string())),
        }
    }
}

/// The change that an adjustment, or an update by `parent_reference_id`, asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversionChange {
    /// The conversion counts no more.
    Retract,
    /// The conversion has another value.
    Restate {
        /// The new dynamic value; none keeps the old one. Adjustments always bring one, updates by fires may not.
        value: Option<Micros>,
        /// The value's currency; none keeps the conversion's.
        currency: Option<Currency>,
    },
}

/// A conversion's dynamic figures after its adjustments, as reports show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentValue {
    /// A retracted conversion counts no more, and neither do its values.
    pub retracted: bool,
    /// The dynamic value; of a retracted conversion, the last.
    pub value: Option<Micros>,
    pub currency: Option<Currency>,
}

words! {
    /// The effect of an adjustment on one of the conversions that it names.
    Effect {
        /// The conversion counts no more.
        Retracted = "retracted",
        /// The conversion has another value, or a reason.
        Restated = "restated",
        /// Nothing: an earlier retraction is final.
        AlreadyRetracted = "already_retracted",
        /// Nothing: the fire does not count, so it cannot be retracted or worth anything.
        NotCounted = "not_counted",
        /// Nothing: the value is larger than the pixel's largest believable value.
        OverMaxValue = "over_max_value",
    }
}

/// An adjustment as one conversion sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedAdjustment {
    /// The number of the adjustment, or of a fire with a `parent_reference_id`.
    pub seq: Seq,
    pub at: Millis,
    /// When it arrived here.
    pub received: Millis,
    pub change: ConversionChange,
    pub effect: Effect,
    /// The reason in the advertiser's words.
    pub reason_code: Option<String>,
    /// The sender; none for a fire.
    pub source: Option<String>,
}
