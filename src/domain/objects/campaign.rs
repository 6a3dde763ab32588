//! Campaigns: children of line items. Exposures may name them.

use crate::domain::{AdvertiserId, CampaignId, Checks, FieldError, LineItemId, Millis, Status};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    /// At most 100 characters, unique within the advertiser.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// Cannot change.
    pub advertiser_id: AdvertiserId,
    /// A line item of the same advertiser.
    pub line_item_id: LineItemId,
    pub state: Status,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl Campaign {
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

    /// The rules that need no other object.
    ///
    /// # Errors
    /// Every rule that it breaks, by published field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, 255);
        checks.code(self.code.as_deref(), 100);
        checks.done()
    }
}
