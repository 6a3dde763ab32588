//! `/advertiser`: the brands whose sites carry the pixels.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::given::Given;
use crate::api::json::moment;
use crate::api::service::Service;
use crate::domain::{Advertiser, AdvertiserId, Currency, FieldError, PixelId, Reader, Status};

/// See the head of this file.
pub(super) struct Advertisers;

impl Service for Advertisers {
    type Entity = Advertiser;
    type Related = ();

    const PATH: &'static str = "advertiser";
    const PLURAL: &'static str = "advertisers";

    fn blank(_: Option<AdvertiserId>) -> Advertiser {
        Advertiser::new("")
    }

    fn set(advertiser: &mut Advertiser, given: &Given<'_>) -> Result<(), FieldError> {
        match given.field() {
            "code" => advertiser.code = given.text()?,
            "name" => advertiser.name = given.plain_text()?,
            "state" => advertiser.state = given.word(Status::WORDS, Status::parse, Status::Active)?,
            "default_currency" => advertiser.default_currency = given.currency()?.unwrap_or(Currency::USD),
            "timezone" => advertiser.timezone = given.text()?.unwrap_or_else(|| "UTC".to_owned()),
            "redirect_hosts" => {
                let hosts = given.elements()?.iter().map(Given::plain_text).collect::<Result<_, _>>()?;
                given.put(&mut advertiser.redirect_hosts.0, hosts, |one, other| one == other);
            }
            "allow_any_redirect" => advertiser.allow_any_redirect = given.boolean()?,
            "default_pixel_id" => advertiser.default_pixel_id = given.optional_id()?.map(PixelId),
            _ => return given.unknown(),
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
