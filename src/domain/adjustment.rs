//! Adjustments: what an advertiser's server says later of a conversion (a refund, a cancelled order, another amount).
//! The log keeps both; what is reported of the conversion changes from the adjustment on.

use super::{AdvertiserId, Currency, Micros, Millis, PixelId, Seq, words::words};

/// The longest reason for a correction or conversion, in characters.
pub const MAX_REASON_CODE: usize = 64;

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
    /// Why, in the advertiser's words; at most [`MAX_REASON_CODE`] characters.
    pub reason_code: Option<String>,
    /// Who sent it: the name of the API token or user.
    pub source: String,
}

/// How an adjustment names conversions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

/// A conversion's dynamic figures as they are reported now, after its adjustments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// It was taken back: it counts no more, and its values with it.
    pub retracted: bool,
    /// The dynamic value; of a retracted one, the last.
    pub value: Option<Micros>,
    /// Its currency.
    pub currency: Option<Currency>,
}

words! {
    /// What an adjustment did to one of the conversions that it names.
    Effect {
        /// It counts no more.
        Retracted = "retracted",
        /// It was given another value, or a reason.
        Restated = "restated",
        /// Nothing: it had been retracted already, which is final.
        AlreadyRetracted = "already_retracted",
        /// Nothing: it does not count, and what does not count cannot be taken back or worth anything.
        NotCounted = "not_counted",
    }
}

/// An adjustment as one conversion sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedAdjustment {
    /// Its place in the log: of the adjustment, or of a fire with a `parent_reference_id`.
    pub seq: Seq,
    /// When it happened.
    pub at: Millis,
    /// When it arrived here.
    pub received: Millis,
    /// What it asked for.
    pub amendment: Amendment,
    /// What it did.
    pub effect: Effect,
    /// Why, in the advertiser's words.
    pub reason_code: Option<String>,
    /// Who sent it; none for a fire.
    pub source: Option<String>,
}

/// What is asked for of a conversion that was judged already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// To take it back.
    Retract,
    /// To report it otherwise.
    Restate {
        /// Its new dynamic value; none leaves it.
        value: Option<Micros>,
        /// The value's currency; none leaves it.
        currency: Option<Currency>,
    },
}

impl From<Correction> for Amendment {
    fn from(correction: Correction) -> Self {
        match correction {
            Correction::Retract => Amendment::Retract,
            Correction::Restate { value, currency } => Amendment::Restate { value: Some(value), currency },
        }
    }
}
