//! `/publisher`: where ads ran.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::given::Given;
use crate::api::json::moment;
use crate::api::service::Service;
use crate::domain::{AdvertiserId, FieldError, Publisher, Reader, Status};

/// See the head of this file.
pub(super) struct Publishers;

impl Service for Publishers {
    type Entity = Publisher;
    type Related = ();

    const PATH: &'static str = "publisher";
    const PLURAL: &'static str = "publishers";

    fn blank(_: Option<AdvertiserId>) -> Publisher {
        Publisher::new("")
    }

    fn set(publisher: &mut Publisher, given: &Given<'_>) -> Result<(), FieldError> {
        match given.field() {
            "code" => publisher.code = given.text()?,
            "name" => publisher.name = given.plain_text()?,
            "state" => publisher.state = given.word(Status::WORDS, Status::parse, Status::Active)?,
            _ => return given.unknown(),
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
