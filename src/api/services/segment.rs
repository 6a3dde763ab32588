//! `/segment`: named groups of visitors.

use std::collections::HashMap;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::piggyback;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::api::request::list::ListParams;
use crate::api::service::Service;
use crate::domain::{AdvertiserId, FieldError, MemberId, Reader, Segment, SegmentId, Status, fields};

pub(super) struct Segments;

pub(super) struct Related {
    member: MemberId,
    sizes: HashMap<SegmentId, u64>,
}

impl Service for Segments {
    type Entity = Segment;
    type Related = Related;

    const INFO: ServiceInfo =
        ServiceInfo { one_in_array_too: true, ..ServiceInfo::of::<Segment>("segment", "segments") };

    fn blank(advertiser: Option<AdvertiserId>) -> Segment {
        Segment { advertiser_id: advertiser, ..Segment::new("") }
    }

    fn set(segment: &mut Segment, input: &InputValue<'_>) -> Result<(), FieldError> {
        match input.field() {
            "code" => segment.code = input.text()?,
            "short_name" => segment.short_name = input.plain_text()?,
            "description" => segment.description = input.text()?,
            "state" => segment.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
            "advertiser_id" => segment.advertiser_id = input.optional_id()?.map(AdvertiserId),
            "expire_minutes" => segment.expire_minutes = input.number()?,
            "piggyback_pixels" => piggyback::set(&mut segment.piggyback_pixels, input)?,
            "max_usersync_pixels" => segment.max_usersync_pixels = input.number()?,
            _ => return input.unknown(),
        }
        Ok(())
    }

    async fn related(call: &Call, by: &Reader, segments: &[Segment]) -> Result<Related, ApiError> {
        // To count members takes time. The answer to a POST or PUT has all fields.
        let has_members =
            *call.method() != Method::GET || ListParams::new(fields::SEGMENT, &call.params).wants("members");
        let ids = if has_members { segments.iter().map(|segment| segment.id).collect() } else { Vec::new() };
        Ok(Related { member: call.store().member().await?.id, sizes: call.store().segment_sizes(by, ids).await? })
    }

    fn to_json(segment: &Segment, related: &Related) -> Value {
        json!({
            "id": segment.id.0,
            "code": segment.code,
            "short_name": segment.short_name,
            "description": segment.description,
            "state": segment.state.as_str(),
            "member_id": related.member.0,
            "advertiser_id": segment.advertiser_id.map(|id| id.0),
            "expire_minutes": segment.expire_minutes,
            "piggyback_pixels": piggyback::to_json(&segment.piggyback_pixels),
            "max_usersync_pixels": segment.max_usersync_pixels,
            "members": related.sizes.get(&segment.id).copied().unwrap_or(0),
            "created_on": moment(segment.created_on),
            "last_modified": moment(segment.last_modified),
        })
    }
}
