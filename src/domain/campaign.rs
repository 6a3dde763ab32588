//! Campaigns: children of line items. Exposures may name them.

use super::{AdvertiserId, CampaignId, Checks, FieldError, LineItemId, Millis, Status};

/// A campaign: a child of a line item; exposures may name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its number.
    pub id: CampaignId,
    /// At most 100 characters, unique within the advertiser.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Whose it is; cannot change.
    pub advertiser_id: AdvertiserId,
    /// The line item it belongs to, of the same advertiser.
    pub line_item_id: LineItemId,
    /// Whether it is in use.
    pub state: Status,
    /// When it was made.
    pub created_on: Millis,
    /// When it was last changed.
    pub last_modified: Millis,
}

impl Campaign {
    /// An active campaign.
    pub fn new(advertiser_id: AdvertiserId, line_item_id: LineItemId, name: impl Into<String>) -> Self {
        Campaign {
            id: CampaignId(0),
            code: None,
            name: name.into(),
            advertiser_id,
            line_item_id,
            state: Status::Active,
            created_on: Millis(0),
            last_modified: Millis(0),
        }
    }

    /// Checks every rule that needs nothing but the campaign itself.
    ///
    /// # Errors
    /// All the broken rules, each naming its published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.done()
    }
}
