//! A conversion: a fire with what the judge made of it, and what it keeps of the settings that judged it
//! (`spec/attribution.md`). How it is decided is not known here.

use super::{
    AdvertiserId, CampaignId, Currency, Fire, LineItemId, Micros, Millis, Minutes, Outcome, PublisherId, Reason, Seq,
    Standing, VisitorId, Warning,
};

/// A judged fire, whatever its outcome. The fire's place in the log names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The fire, with the dynamic value.
    pub fire: Fire,
    /// The pixel's advertiser; 0 if the pixel was never known.
    pub advertiser_id: AdvertiserId,
    /// Whose conversion it is: the fire's visitor, or with a token the visitor of the exposure that it names.
    pub visitor_id: Option<VisitorId>,
    /// The outcome with its one reason.
    pub outcome: Outcome,
    /// The version of the pixel's rules that judged it; 0 if the pixel was never known.
    pub pixel_version: Seq,
    /// What earned it; present just when the outcome is attributed.
    pub credit: Option<Credited>,
    /// How it stands after its adjustments; none if it was never adjusted.
    pub adjusted: Option<Standing>,
}

impl Conversion {
    /// The warning of a fire that names a parent which nobody knows. The fire's own warnings cannot hold it, since only
    /// the judge finds out.
    pub fn unknown_parent(&self) -> Option<Warning> {
        use Reason::{Adjustment, Bot, DuplicateEvent, Prefetch, Test};
        let raw = self.fire.details.parent_reference_id.clone()?;
        let was_asked = !matches!(self.outcome.reason(), Test | Bot | Prefetch | DuplicateEvent);
        let is_unknown = was_asked && self.outcome.reason() != Adjustment;
        let (parameter, rule) = ("parent_reference_id".to_owned(), "unknown_parent_reference".to_owned());
        is_unknown.then_some(Warning { parameter, raw, rule })
    }

    /// How it is reported now: as adjusted, else as it was sent.
    pub fn standing(&self) -> Standing {
        let as_sent = Standing { retracted: false, value: self.fire.value, currency: self.fire.currency };
        self.adjusted.unwrap_or(as_sent)
    }
}

/// What an attributed conversion is credited to, and the settings that were in force. The kind of the exposure is
/// that of the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credited {
    /// The exposure.
    pub exposure: Seq,
    /// The exposure's own time.
    pub exposure_at: Millis,
    /// The window in force for its kind.
    pub window: Minutes,
    /// The version of the line item's rules.
    pub line_item_version: Seq,
    /// The exposure's line item.
    pub line_item_id: LineItemId,
    /// The exposure's campaign.
    pub campaign_id: Option<CampaignId>,
    /// Where the ad ran.
    pub publisher_id: PublisherId,
    /// The exposure's creative.
    pub creative_id: Option<i64>,
    /// What the line item, else the pixel, said it is worth.
    pub static_value: Option<Micros>,
    /// The currency of the static value.
    pub static_currency: Currency,
}
