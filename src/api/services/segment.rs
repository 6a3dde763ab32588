//! `/segment`: named groups of visitors.

use std::collections::HashMap;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::piggyback;
use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::given::Given;
use crate::api::json::moment;
use crate::api::list::Reading;
use crate::api::service::Service;
use crate::domain::{AdvertiserId, FieldError, MemberId, Reader, Segment, SegmentId, Status, fields};

/// See the head of this file.
pub(super) struct Segments;

/// What stands elsewhere.
pub(super) struct Known {
    member: MemberId,
    /// How many members each has.
    sizes: HashMap<SegmentId, u64>,
}

impl Service for Segments {
    type Entity = Segment;
    type Related = Known;

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
            "state" => segment.state = given.word(Status::WORDS, Status::parse, Status::Active)?,
            "advertiser_id" => segment.advertiser_id = given.optional_id()?.map(AdvertiserId),
            "expire_minutes" => segment.expire_minutes = given.number()?,
            "piggyback_pixels" => piggyback::set(&mut segment.piggyback_pixels, given)?,
            "max_usersync_pixels" => segment.max_usersync_pixels = given.number()?,
            _ => return given.unknown(),
        }
        Ok(())
    }

    async fn related(call: &Call, by: &Reader, segments: &[Segment]) -> Result<Known, ApiError> {
        // Who made or changed a segment is given all of it.
        let counts = *call.method() != Method::GET || Reading::new(fields::SEGMENT, &call.params).wants("members");
        let ids = if counts { segments.iter().map(|segment| segment.id).collect() } else { Vec::new() };
        Ok(Known { member: call.store().member().await?.id, sizes: call.store().segment_sizes(by, ids).await? })
    }

    fn to_json(segment: &Segment, known: &Known) -> Value {
        json!({
            "id": segment.id.0,
            "code": segment.code,
            "short_name": segment.short_name,
            "description": segment.description,
            "state": segment.state.as_str(),
            "member_id": known.member.0,
            "advertiser_id": segment.advertiser_id.map(|id| id.0),
            "expire_minutes": segment.expire_minutes,
            "piggyback_pixels": piggyback::to_json(&segment.piggyback_pixels),
            "max_usersync_pixels": segment.max_usersync_pixels,
            "members": known.sizes.get(&segment.id).copied().unwrap_or(0),
            "created_on": moment(segment.created_on),
            "last_modified": moment(segment.last_modified),
        })
    }
}
