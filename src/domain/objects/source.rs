//! Sources: an advertiser's rules that say which ad an arrival came from.

use super::source_match::{SourceMatch, check_name};
use crate::domain::{
    AdvertiserId, CampaignId, Checks, FieldError, LineItemId, Millis, PublisherId, Seq, SourceId, SourceRules, Status,
};

/// The most sources of an advertiser; one more is the API's error `LIMIT`. The judge tries each of them for an arrival.
pub const MAX_SOURCES_PER_ADVERTISER: u32 = 200;
/// The highest position.
pub const MAX_POSITION: u32 = 1_000_000;

/// A source. Its fields have the published API's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub id: SourceId,
    /// Cannot change.
    pub advertiser_id: AdvertiserId,
    /// At most 100 characters, unique within the advertiser.
    pub code: Option<String>,
    /// 1 to 255 characters, not blank.
    pub name: String,
    /// An inactive source takes no arrival.
    pub state: Status,
    /// The order of matching, from 1; the id decides between equal ones. 0 in one that is not stored yet: after the others.
    pub position: u32,
    pub condition: SourceMatch,
    /// The line item of its arrivals, of the same advertiser.
    pub line_item_id: LineItemId,
    pub publisher_id: Option<PublisherId>,
    /// A campaign of the line item.
    pub campaign_id: Option<CampaignId>,
    /// The parameter whose value is the code of a campaign of the line item, in lower case. It comes before `campaign_id`.
    pub campaign_by: Option<String>,
    /// Whether an unknown code makes a campaign.
    pub makes_campaigns: bool,
    pub created_on: Millis,
    pub last_modified: Millis,
}

impl Source {
    pub fn new(advertiser_id: AdvertiserId, line_item_id: LineItemId, name: impl Into<String>) -> Self {
        Source {
            id: SourceId(0),
            advertiser_id,
            code: None,
            name: name.into(),
            state: Status::Active,
            position: 0,
            condition: SourceMatch::default(),
            line_item_id,
            publisher_id: None,
            campaign_id: None,
            campaign_by: None,
            makes_campaigns: false,
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
        checks.require((1..=MAX_POSITION).contains(&self.position), "position", || {
            format!("must be a whole number from 1 to {MAX_POSITION}, and is {}", self.position)
        });
        self.condition.check(&mut checks);
        if let Some(name) = &self.campaign_by {
            check_name(&mut checks, "campaign_by", name);
        }
        checks.require(!self.makes_campaigns || self.campaign_by.is_some(), "makes_campaigns", || {
            "needs campaign_by: the parameter with the campaign's code".to_owned()
        });
        checks.done()
    }

    /// The names of the parameters that it asks for, in lower case.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        let asked = self.condition.parameters.iter().flat_map(|parameter| &parameter.names);
        asked.chain(&self.campaign_by).map(String::as_str)
    }

    /// What the judge needs of it, as a version.
    pub fn rules(&self, version: Seq) -> SourceRules {
        SourceRules {
            source_id: self.id,
            advertiser_id: self.advertiser_id,
            version,
            deleted: false,
            active: self.state == Status::Active,
            position: self.position,
            name: self.name.clone(),
            condition: self.condition.clone(),
            line_item_id: self.line_item_id,
            publisher_id: self.publisher_id,
            campaign_id: self.campaign_id,
            campaign_by: self.campaign_by.clone(),
        }
    }
}
