//! `/publisher`: where ads ran.

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::api::service::Service;
use crate::domain::{AdvertiserId, FieldError, Publisher, Reader, Status};

pub(super) struct Publishers;

impl Service for Publishers {
    type Entity = Publisher;
    type Related = ();

    const INFO: ServiceInfo = ServiceInfo::of::<Publisher>("publisher", "publishers");

    fn blank(_: Option<AdvertiserId>) -> Publisher {
        Publisher::new("")
    }

    fn set(publisher: &mut Publisher, input: &InputValue<'_>) -> Result<(), FieldError> {
        match input.field() {
            "code" => publisher.code = input.text()?,
            "name" => publisher.name = input.plain_text()?,
            "state" => publisher.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
            _ => return input.unknown(),
        }
        Ok(())
    }

    async fn related(_: &Call, _: &Reader, _: &[Publisher]) -> Result<(), ApiError> {
        Ok(())
    }

    fn to_json(publisher: &Publisher, (): &()) -> Value {
        json!({
            "id": publisher.id.0,
            "code": publisher.code,
            "name": publisher.name,
            "state": publisher.state.as_str(),
            "created_on": moment(publisher.created_on),
            "last_modified": moment(publisher.last_modified),
        })
    }
}
