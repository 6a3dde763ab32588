//! `/segment`: named groups of visitors.

use serde_json::{Value, json};

use super::piggyback;
use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::given::Given;
use crate::api::json::moment;
use crate::api::service::Service;
use crate::domain::{AdvertiserId, FieldError, MemberId, Reader, Segment, State};

/// See the head of this file.
pub(super) struct Segments;

impl Service for Segments {
    type Entity = Segment;
    type Related = MemberId;

    const PATH: &'static str = "segment";
    const PLURAL: &'static str = "segments";
    const ONE_IN_ARRAY_TOO: bool = true;

    fn blank(advertiser: Option<AdvertiserId>) -> Segment {
        Segment { advertiser_id: advertiser, ..Segment::new("") }
    }

    fn set(segment: &mut Segment, given: &Given<'_>) -> Result<(), FieldError> {
        match given.field() {
            "code" => segment.code = given.text()?,
            "short_name" => segment.short_name = given.plain_text()?,
            "description" => segment.description = given.text()?,
            "state" => segment.state = given.word(State::WORDS, State::parse, State::Active)?,
            "advertiser_id" => segment.advertiser_id = given.optional_id()?.map(AdvertiserId),
            "expire_minutes" => segment.expire_minutes = given.number()?,
            "piggyback_pixels" => piggyback::set(&mut segment.piggyback_pixels, given)?,
            "max_usersync_pixels" => segment.max_usersync_pixels = given.number()?,
            _ => return given.unknown(),
        }
        Ok(())
    }

    async fn related(call: &Call, _: &Reader, _: &[Segment]) -> Result<MemberId, ApiError> {
        Ok(call.store().member().await?.id)
    }

    fn to_json(segment: &Segment, member: &MemberId) -> Value {
        json!({
            "id": segment.id.0,
            "code": segment.code,
            "short_name": segment.short_name,
            "description": segment.description,
            "state": segment.state.as_str(),
            "member_id": member.0,
            "advertiser_id": segment.advertiser_id.map(|id| id.0),
            "expire_minutes": segment.expire_minutes,
            "piggyback_pixels": piggyback::to_json(&segment.piggyback_pixels),
            "max_usersync_pixels": segment.max_usersync_pixels,
            "created_on": moment(segment.created_on),
            "last_modified": moment(segment.last_modified),
        })
    }
}
