//! `/campaign`: children of line items; exposures may name them.

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::api::service::Service;
use crate::domain::{AdvertiserId, Campaign, FieldError, LineItemId, Reader, Status};

pub(super) struct Campaigns;

impl Service for Campaigns {
    type Entity = Campaign;
    type Related = ();

    const INFO: ServiceInfo = ServiceInfo::of::<Campaign>("campaign", "campaigns");

    fn blank(advertiser: Option<AdvertiserId>) -> Campaign {
        Campaign::new(advertiser.unwrap_or(AdvertiserId(0)), LineItemId(0), "")
    }

    fn set(campaign: &mut Campaign, input: &InputValue<'_>) -> Result<(), FieldError> {
        match input.field() {
            "code" => campaign.code = input.text()?,
            "name" => campaign.name = input.plain_text()?,
            "advertiser_id" => campaign.advertiser_id = AdvertiserId(input.id()?),
            "line_item_id" => campaign.line_item_id = LineItemId(input.id()?),
            "state" => campaign.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
            _ => return input.unknown(),
        }
        Ok(())
    }

    async fn related(_: &Call, _: &Reader, _: &[Campaign]) -> Result<(), ApiError> {
        Ok(())
    }

    fn to_json(campaign: &Campaign, (): &()) -> Value {
        json!({
            "id": campaign.id.0,
            "code": campaign.code,
            "name": campaign.name,
            "advertiser_id": campaign.advertiser_id.0,
            "line_item_id": campaign.line_item_id.0,
            "state": campaign.state.as_str(),
            "created_on": moment(campaign.created_on),
            "last_modified": moment(campaign.last_modified),
        })
    }
}
