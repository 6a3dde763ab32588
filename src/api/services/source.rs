//! `/source`: an advertiser's rules that say which ad an arrival came from.

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::{InputValue, Read};
use crate::api::service::Service;
use crate::domain::{
    AdvertiserId, CampaignId, FieldError, LineItemId, MAX_POSITION, PublisherId, Reader, Source, SourceMatch, Status,
    UNPAID_LINKS,
};

pub(super) struct Sources;

impl Service for Sources {
    type Entity = Source;
    type Related = ();

    const INFO: ServiceInfo = ServiceInfo::of::<Source>("source", "sources");

    fn blank(advertiser: Option<AdvertiserId>) -> Source {
        Source::new(advertiser.unwrap_or(AdvertiserId(0)), LineItemId(0), "")
    }

    fn set(source: &mut Source, input: &InputValue<'_>) -> Result<(), FieldError> {
        match input.field() {
            "code" => source.code = input.text()?,
            "name" => source.name = input.plain_text()?,
            "advertiser_id" => source.advertiser_id = AdvertiserId(input.id()?),
            "state" => source.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
            "position" => source.position = position(input)?,
            "match" => source.condition = condition(input)?,
            "line_item_id" => source.line_item_id = LineItemId(input.id()?),
            "publisher_id" => source.publisher_id = input.optional_id()?.map(PublisherId),
            "campaign_id" => source.campaign_id = input.optional_id()?.map(CampaignId),
            "campaign_by" => source.campaign_by = input.text()?.map(|name| name.to_lowercase()),
            "makes_campaigns" => source.makes_campaigns = input.boolean()?,
            _ => return input.unknown(),
        }
        Ok(())
    }

    fn notes(source: &Source) -> Vec<String> {
        if source.condition.takes_unpaid_links() { vec![UNPAID_LINKS.to_owned()] } else { Vec::new() }
    }

    async fn related(_: &Call, _: &Reader, _: &[Source]) -> Result<(), ApiError> {
        Ok(())
    }

    fn to_json(source: &Source, (): &()) -> Value {
        let conditions = source.condition.conditions().into_iter();
        json!({
            "id": source.id.0,
            "code": source.code,
            "name": source.name,
            "advertiser_id": source.advertiser_id.0,
            "state": source.state.as_str(),
            "position": source.position,
            "match": Value::Object(conditions.map(|(part, values)| (part, Value::from(values))).collect()),
            "line_item_id": source.line_item_id.0,
            "publisher_id": source.publisher_id.map(|id| id.0),
            "campaign_id": source.campaign_id.map(|id| id.0),
            "campaign_by": source.campaign_by,
            "makes_campaigns": source.makes_campaigns,
            "created_on": moment(source.created_on),
            "last_modified": moment(source.last_modified),
        })
    }
}

/// Null: after the others.
fn position(input: &InputValue<'_>) -> Read<u32> {
    match input.number() {
        Ok(None) => Ok(0),
        Ok(Some(position)) if (1..=MAX_POSITION).contains(&position) => Ok(position),
        Ok(Some(_)) | Err(_) => input.refuse(&format!("a whole number from 1 to {MAX_POSITION}")),
    }
}

/// Each member is a condition, and a null one none.
fn condition(input: &InputValue<'_>) -> Read<SourceMatch> {
    if input.is_null() {
        return Ok(SourceMatch::default());
    }
    let mut conditions = Vec::new();
    for (part, values) in input.object()?.all().filter(|(_, values)| !values.is_null()) {
        let values = if values.is_array() { values.elements()? } else { vec![values] };
        let texts = values.iter().map(|value| match value.is_null() {
            true => value.refuse("a text"),
            false => value.plain_text(),
        });
        conditions.push((part.to_owned(), texts.collect::<Read<Vec<String>>>()?));
    }
    SourceMatch::of(conditions).map_err(|broken| {
        broken
            .into_iter()
            .next()
            .unwrap_or_else(|| FieldError { field: input.field().to_owned(), message: "cannot be read".to_owned() })
    })
}
