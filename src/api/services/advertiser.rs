//! `/advertiser`: the brands whose sites carry the pixels.

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::api::service::Service;
use crate::domain::{Advertiser, AdvertiserId, Currency, FieldError, PixelId, Reader, Status};

pub(super) struct Advertisers;

impl Service for Advertisers {
    type Entity = Advertiser;
    type Related = ();

    const INFO: ServiceInfo = ServiceInfo::of::<Advertiser>("advertiser", "advertisers");

    fn blank(_: Option<AdvertiserId>) -> Advertiser {
        Advertiser::new("")
    }

    fn set(advertiser: &mut Advertiser, input: &InputValue<'_>) -> Result<(), FieldError> {
        match input.field() {
            "code" => advertiser.code = input.text()?,
            "name" => advertiser.name = input.plain_text()?,
            "state" => advertiser.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
            "default_currency" => advertiser.default_currency = input.currency()?.unwrap_or(Currency::USD),
            "timezone" => advertiser.timezone = input.text()?.unwrap_or_else(|| "UTC".to_owned()),
            "redirect_hosts" => {
                let hosts = input.elements()?.iter().map(InputValue::plain_text).collect::<Result<_, _>>()?;
                input.put(&mut advertiser.redirect_hosts.0, hosts, String::clone);
            }
            "allow_any_redirect" => advertiser.allow_any_redirect = input.boolean()?,
            "default_pixel_id" => advertiser.default_pixel_id = input.optional_id()?.map(PixelId),
            _ => return input.unknown(),
        }
        Ok(())
    }

    async fn related(_: &Call, _: &Reader, _: &[Advertiser]) -> Result<(), ApiError> {
        Ok(())
    }

    fn to_json(advertiser: &Advertiser, (): &()) -> Value {
        json!({
            "id": advertiser.id.0,
            "code": advertiser.code,
            "name": advertiser.name,
            "state": advertiser.state.as_str(),
            "default_currency": advertiser.default_currency.as_str(),
            "timezone": advertiser.timezone,
            "redirect_hosts": advertiser.redirect_hosts.0,
            "allow_any_redirect": advertiser.allow_any_redirect,
            "default_pixel_id": advertiser.default_pixel_id.map(|id| id.0),
            "created_on": moment(advertiser.created_on),
            "last_modified": moment(advertiser.last_modified),
        })
    }
}
