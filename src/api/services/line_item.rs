//! `/line-item`: which pixels count, and what a conversion is worth.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::json::{amount, array_or_null, currency, moment, moment_or_null};
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::api::service::Service;
use crate::domain::{AdvertiserId, Campaign, FieldError, LineItem, LineItemPixel, Pixel, PixelId, Reader, Status};
use crate::store::{ListQuery, Scalar, Test};

pub(super) struct LineItems;

/// Pixels by id, and all campaigns of the line items.
pub(super) struct Related {
    pixels: HashMap<PixelId, Pixel>,
    campaigns: Vec<Campaign>,
}

impl Service for LineItems {
    type Entity = LineItem;
    type Related = Related;

    const INFO: ServiceInfo =
        ServiceInfo { alias: Some("line_item"), ..ServiceInfo::of::<LineItem>("line-item", "line-items") };

    fn blank(advertiser: Option<AdvertiserId>) -> LineItem {
        LineItem::new(advertiser.unwrap_or(AdvertiserId(0)), "")
    }

    fn set(line_item: &mut LineItem, input: &InputValue<'_>) -> Result<(), FieldError> {
        match input.field() {
            "advertiser_id" => line_item.advertiser_id = AdvertiserId(input.id()?),
            "code" => line_item.code = input.text()?,
            "name" => line_item.name = input.plain_text()?,
            "state" => line_item.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
            "start_date" => line_item.start_date = input.moment()?,
            "end_date" => line_item.end_date = input.moment()?,
            "revenue_type" => line_item.revenue_type = input.text()?,
            "revenue_value" => line_item.revenue_value = input.amount()?,
            "currency" => line_item.currency = input.currency()?,
            "pixels" => set_pixels(&mut line_item.pixels, input)?,
            _ => return input.unknown(),
        }
        Ok(())
    }

    async fn related(call: &Call, by: &Reader, line_items: &[LineItem]) -> Result<Related, ApiError> {
        let pixels =
            line_items.iter().flat_map(|item| &item.pixels).map(|entry| Scalar::Int(entry.pixel_id.0)).collect();
        let ids = line_items.iter().map(|item| Scalar::Int(item.id.0)).collect();
        let all = ListQuery { num_elements: u32::MAX, ..ListQuery::default() };
        let campaigns = call.store().list(by, all.clone().with::<Campaign>("line_item_id", Test::In(ids))).await?.items;
        let pixels = call.store().list::<Pixel>(by, all.with::<Pixel>("id", Test::In(pixels))).await?.items;
        Ok(Related { pixels: pixels.into_iter().map(|pixel| (pixel.id, pixel)).collect(), campaigns })
    }

    fn to_json(line_item: &LineItem, related: &Related) -> Value {
        let pixel = |entry: &LineItemPixel| {
            let pixel = related.pixels.get(&entry.pixel_id);
            json!({
                "id": entry.pixel_id.0,
                "name": pixel.map(|pixel| &pixel.name),
                "trigger_type": pixel.map(|pixel| pixel.trigger_type.as_str()),
                "state": entry.state.as_str(),
                "post_click_revenue": amount(entry.post_click_revenue),
                "post_view_revenue": amount(entry.post_view_revenue),
            })
        };
        let campaigns = related
            .campaigns
            .iter()
            .filter(|campaign| campaign.line_item_id == line_item.id)
            .map(|campaign| json!({ "id": campaign.id.0, "name": campaign.name, "state": campaign.state.as_str() }))
            .collect();
        json!({
            "id": line_item.id.0,
            "advertiser_id": line_item.advertiser_id.0,
            "code": line_item.code,
            "name": line_item.name,
            "state": line_item.state.as_str(),
            "start_date": moment_or_null(line_item.start_date),
            "end_date": moment_or_null(line_item.end_date),
            "revenue_type": line_item.revenue_type,
            "revenue_value": amount(line_item.revenue_value),
            "currency": currency(line_item.currency),
            "pixels": array_or_null(line_item.pixels.iter().map(pixel).collect()),
            "campaigns": array_or_null(campaigns),
            "created_on": moment(line_item.created_on),
            "last_modified": moment(line_item.last_modified),
        })
    }
}

/// Sets the pixels. With `append`, an entry that exists keeps the members that the client does not send.
fn set_pixels(pixels: &mut Vec<LineItemPixel>, input: &InputValue<'_>) -> Result<(), FieldError> {
    let mut entries = Vec::new();
    for element in input.elements()? {
        let members = element.object()?;
        let pixel_id = PixelId(members.get_or_null("id").id()?);
        let existing = pixels.iter().find(|entry| input.is_append() && entry.pixel_id == pixel_id).cloned();
        let new = LineItemPixel { pixel_id, state: Status::Active, post_click_revenue: None, post_view_revenue: None };
        let mut entry = existing.unwrap_or(new);
        if let Some(state) = members.get("state") {
            entry.state = state.word(Status::WORDS, Status::parse, Status::Active)?;
        }
        if let Some(revenue) = members.get("post_click_revenue") {
            entry.post_click_revenue = revenue.amount()?;
        }
        if let Some(revenue) = members.get("post_view_revenue") {
            entry.post_view_revenue = revenue.amount()?;
        }
        entries.push(entry);
    }
    input.put(pixels, entries, |entry| entry.pixel_id);
    Ok(())
}
