//! A conversion: a fire with the judge's outcome and the settings that decided it. The rules are in `attribution`.

use crate::domain::values::words::words;
use crate::domain::{
    AdvertiserId, CampaignId, Currency, CurrentValue, Fire, LineItemId, Logged, Micros, Millis, Minutes, Outcome,
    PublisherId, Seq, SourceId, TrackerId, VisitorId, Warning,
};

words! {
    /// What a conversion can take from a duplicate of it.
    TakenField {
        /// The dynamic value with its currency.
        Value = "value",
        OrderId = "order_id",
        ContentIds = "content_ids",
        NumItems = "num_items",
    }
}

/// The warning of a fire whose value is larger than the pixel's largest believable value.
pub fn over_max_value(value: Micros) -> Warning {
    Warning { parameter: "value".to_owned(), raw: value.to_string(), rule: "over_max_value".to_owned() }
}

impl TakenField {
    pub const ALL: [TakenField; 4] =
        [TakenField::Value, TakenField::OrderId, TakenField::ContentIds, TakenField::NumItems];
}

/// Something that a fire lacked and took from a duplicate of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub field: TakenField,
    /// The fire that brought it.
    pub from: Seq,
}

/// A judged fire of any outcome. The fire's number names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    pub fire: Logged<Fire>,
    /// The pixel's advertiser; [`AdvertiserId::UNKNOWN`] if there never was such a pixel.
    pub advertiser_id: AdvertiserId,
    /// The fire's visitor; with a token, the visitor of the exposure that it names.
    pub visitor_id: Option<VisitorId>,
    pub outcome: Outcome,
    /// Of a duplicate: the conversion that counts in its place.
    pub duplicate_of: Option<Seq>,
    /// The order id, the dynamic value and its currency: the fire's own, or taken.
    pub order_id: Option<String>,
    pub value: Option<Micros>,
    pub currency: Option<Currency>,
    /// The products and their number: the fire's own, or taken.
    pub content_ids: Vec<String>,
    pub num_items: Option<u32>,
    pub taken: Vec<Taken>,
    /// The pixel's largest believable value, if the fire's own value is larger and was set aside.
    pub max_value: Option<Micros>,
    /// The version of the pixel's rules that judged it; [`Seq::START`] if there never was such a pixel.
    pub pixel_version: Seq,
    /// Present exactly when the outcome is attributed.
    pub credit: Option<Credited>,
    /// None if no adjustment changed it.
    pub adjusted: Option<CurrentValue>,
}

impl Conversion {
    /// The warnings that the fire itself cannot hold, since only the judge finds them: a `parent_reference_id` that no
    /// earlier fire bears, and a value beyond the pixel's bound.
    pub fn found_by_judge(&self) -> Vec<Warning> {
        let parent = self.fire.details.parent_reference_id.clone().filter(|_| self.outcome.misses_parent());
        let parent = parent.map(|raw| Warning {
            parameter: "parent_reference_id".to_owned(),
            raw,
            rule: "unknown_parent_reference".to_owned(),
        });
        let value = self.fire.value.filter(|_| self.max_value.is_some());
        value.map(over_max_value).into_iter().chain(parent).collect()
    }

    /// The figures that reports show: after the adjustments, else as they were sent.
    pub fn current_value(&self) -> CurrentValue {
        let as_sent = CurrentValue { retracted: false, value: self.value, currency: self.currency };
        self.adjusted.unwrap_or(as_sent)
    }
}

/// The credit of an attributed conversion, and the settings in force. The outcome says the exposure's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credited {
    pub exposure: Seq,
    pub exposure_at: Millis,
    /// The lookback window in force for the exposure's kind.
    pub window: Minutes,
    /// The version of the line item's rules.
    pub line_item_version: Seq,
    pub line_item_id: LineItemId,
    pub campaign_id: Option<CampaignId>,
    pub publisher_id: PublisherId,
    /// Of an arrival: the source that took it.
    pub source_id: Option<SourceId>,
    /// The tracker that reported the exposure; none of an arrival and of an imported exposure.
    pub tracker_id: Option<TrackerId>,
    pub creative_id: Option<i64>,
    /// The static value of the line item, else of the pixel.
    pub static_value: Option<Micros>,
    pub static_currency: Currency,
}
