//! `/pixel`: conversion pixels.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::json::{amount, array_or_null, moment};
use crate::api::piggyback;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::api::service::Service;
use crate::domain::{AdvertiserId, ConversionEvent, FieldError, MemberId, Pixel, PixelId, Reader, Status, TriggerType};
use crate::store::PixelLinks;
use crate::tag::fits_image;

pub(super) struct Pixels;

pub(super) struct Related {
    links: HashMap<PixelId, PixelLinks>,
    member: MemberId,
}

impl Service for Pixels {
    type Entity = Pixel;
    type Related = Related;

    const INFO: ServiceInfo =
        ServiceInfo { one_in_array_too: true, post_lists: true, ..ServiceInfo::of::<Pixel>("pixel", "pixels") };

    fn blank(advertiser: Option<AdvertiserId>) -> Pixel {
        Pixel::new(advertiser.unwrap_or(AdvertiserId(0)), "")
    }

    fn set(pixel: &mut Pixel, input: &InputValue<'_>) -> Result<(), FieldError> {
        match input.field() {
            "advertiser_id" => pixel.advertiser_id = AdvertiserId(input.id()?),
            "code" => pixel.code = input.text()?,
            "name" => pixel.name = input.plain_text()?,
            "state" => pixel.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
            "trigger_type" => {
                pixel.trigger_type = input.word(TriggerType::WORDS, TriggerType::parse, TriggerType::Click)?;
            }
            "min_minutes_per_conv" => pixel.min_minutes_per_conv = input.number()?,
            "post_click_expire_mins" => pixel.post_click_expire_mins = input.number()?,
            "post_view_expire_mins" => pixel.post_view_expire_mins = input.number()?,
            "post_click_value" => pixel.post_click_value = input.amount()?,
            "post_view_value" => pixel.post_view_value = input.amount()?,
            "piggyback_pixels" => piggyback::set(&mut pixel.piggyback_pixels, input)?,
            "pixel_conversion_event_id" => {
                pixel.pixel_conversion_event = match input.number()? {
                    None => None,
                    Some(id) => match ConversionEvent::new(id.into()) {
                        Some(event) => Some(event),
                        None => return input.refuse("null or from 2 (LandingPage) to 8 (Lead)"),
                    },
                };
            }
            "count_each_order_once" => pixel.count_each_order_once = input.boolean()?,
            "max_value" => pixel.max_value = input.amount()?,
            _ => return input.unknown(),
        }
        Ok(())
    }

    /// A warning if the pixel's piggybacks forbid its export as an image.
    fn notes(pixel: &Pixel) -> Vec<String> {
        fits_image(pixel).err().iter().map(ToString::to_string).collect()
    }

    async fn related(call: &Call, by: &Reader, pixels: &[Pixel]) -> Result<Related, ApiError> {
        let ids = pixels.iter().map(|pixel| pixel.id).collect();
        Ok(Related { links: call.store().pixel_links(by, ids).await?, member: call.store().member().await?.id })
    }

    fn to_json(pixel: &Pixel, related: &Related) -> Value {
        let links = related.links.get(&pixel.id).cloned().unwrap_or_default();
        let campaigns = links.campaigns.iter().map(|id| json!({ "id": id.to_string() })).collect();
        let line_items = links
            .line_items
            .iter()
            .map(|(id, name, state, _)| json!({ "id": id.0, "name": name, "state": state.as_str() }))
            .collect();
        let event = pixel.pixel_conversion_event;
        json!({
            "id": pixel.id.0,
            "advertiser_id": pixel.advertiser_id.0,
            "code": pixel.code,
            "name": pixel.name,
            "state": pixel.state.as_str(),
            "trigger_type": pixel.trigger_type.as_str(),
            "min_minutes_per_conv": pixel.min_minutes_per_conv,
            "post_click_expire_mins": pixel.post_click_expire_mins,
            "post_view_expire_mins": pixel.post_view_expire_mins,
            "post_click_value": amount(pixel.post_click_value),
            "post_view_value": amount(pixel.post_view_value),
            "piggyback_pixels": piggyback::to_json(&pixel.piggyback_pixels),
            "pixel_conversion_event_id": event.map(ConversionEvent::id),
            "pixel_conversion_event": event.map(|event| json!({ "id": event.id(), "name": event.name() })),
            "campaigns": array_or_null(campaigns),
            "line_items": array_or_null(line_items),
            "count_each_order_once": pixel.count_each_order_once,
            "max_value": amount(pixel.max_value),
            "member_id": related.member.0,
            "created_on": moment(pixel.created_on),
            "last_modified": moment(pixel.last_modified),
        })
    }
}
