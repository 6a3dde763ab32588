//! `/imptracker` and `/clicktracker`: tags that report an ad view or click that was served elsewhere.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::request::call::Call;
use crate::api::request::info::ServiceInfo;
use crate::api::request::input_value::InputValue;
use crate::api::service::Service;
use crate::domain::{
    AdvertiserId, FieldError, LineItem, LineItemId, Publisher, PublisherId, Reader, Status, TagForm, Tracker,
    TrackerKind,
};
use crate::store::{ClickTracker, ImpTracker};
use crate::tag::{Parameter, TagHost, TrackerTagOptions, tracker_tag};

pub(super) struct ImpTrackers;

pub(super) struct ClickTrackers;

/// The names that trackers point to, and the host in their tags.
pub(super) struct Related {
    publishers: HashMap<i64, String>,
    line_items: HashMap<i64, String>,
    host: Option<TagHost>,
    secure: bool,
}

macro_rules! service {
    ($service:ident, $entity:ident, $kind:ident, $path:literal, $plural:literal) => {
        impl Service for $service {
            type Entity = $entity;
            type Related = Related;

            const INFO: ServiceInfo = ServiceInfo { rename: take_ids, ..ServiceInfo::of::<$entity>($path, $plural) };

            fn blank(advertiser: Option<AdvertiserId>) -> $entity {
                let advertiser = advertiser.unwrap_or(AdvertiserId(0));
                $entity(Tracker::new(TrackerKind::$kind, advertiser, LineItemId(0), PublisherId(0), ""))
            }

            fn set(tracker: &mut $entity, input: &InputValue<'_>) -> Result<(), FieldError> {
                set(&mut tracker.0, input)
            }

            async fn related(call: &Call, by: &Reader, trackers: &[$entity]) -> Result<Related, ApiError> {
                related(call, by, trackers.iter().map(|tracker| &tracker.0)).await
            }

            fn to_json(tracker: &$entity, related: &Related) -> Value {
                to_json(&tracker.0, related)
            }
        }
    };
}

service!(ImpTrackers, ImpTracker, Impression, "imptracker", "imptrackers");
service!(ClickTrackers, ClickTracker, Click, "clicktracker", "clicktrackers");

/// The published API has publisher and line item as objects with an id. The id alone is fine too.
fn take_ids(object: &mut Map<String, Value>) -> Result<(), ApiError> {
    take_id(object, "publisher", "publisher_id")?;
    take_id(object, "line_item", "line_item_id")
}

fn take_id(object: &mut Map<String, Value>, name: &str, id_name: &str) -> Result<(), ApiError> {
    let Some(value) = object.shift_remove(name) else { return Ok(()) };
    let id = match &value {
        Value::Object(members) => members.get("id").cloned().unwrap_or(Value::Null),
        Value::Null => Value::Null,
        _ => return Err(ApiError::Syntax(format!("{name} must be an object with an id, and is {value}"))),
    };
    let before = object.insert(id_name.to_owned(), id.clone());
    match before {
        Some(other) if other != id => {
            Err(ApiError::Syntax(format!("{name}.id is {id} and {id_name} is {other}; which is meant?")))
        }
        _ => Ok(()),
    }
}

fn set(tracker: &mut Tracker, input: &InputValue<'_>) -> Result<(), FieldError> {
    match input.field() {
        "code" => tracker.code = input.text()?,
        "name" => tracker.name = input.plain_text()?,
        "advertiser_id" => tracker.advertiser_id = AdvertiserId(input.id()?),
        "state" => tracker.state = input.word(Status::WORDS, Status::parse, Status::Active)?,
        "publisher_id" => tracker.publisher_id = PublisherId(input.id()?),
        "line_item_id" => tracker.line_item_id = LineItemId(input.id()?),
        "click_url" => tracker.click_url = input.text()?,
        _ => return input.unknown(),
    }
    Ok(())
}

async fn related(
    call: &Call,
    by: &Reader,
    trackers: impl Iterator<Item = &Tracker> + Clone,
) -> Result<Related, ApiError> {
    let publishers = trackers.clone().map(|tracker| tracker.publisher_id.0).collect();
    let line_items = trackers.map(|tracker| tracker.line_item_id.0).collect();
    let (host, secure) = call.tag_host();
    Ok(Related {
        publishers: call.store().names::<Publisher>(by, publishers).await?,
        line_items: call.store().names::<LineItem>(by, line_items).await?,
        host,
        secure,
    })
}

fn to_json(tracker: &Tracker, related: &Related) -> Value {
    let tag = related.host.clone().map(|host| {
        let parameters = match (tracker.kind, &tracker.click_url) {
            (TrackerKind::Click, None) => vec![Parameter::Redir],
            (TrackerKind::Click, Some(_)) => vec![],
            (TrackerKind::Impression, _) => vec![Parameter::Cachebuster],
        };
        let secure = related.secure;
        tracker_tag(tracker, &TrackerTagOptions { kind: TagForm::Image, secure, host, parameters, test: false }).html
    });
    let (publisher, line_item) = (tracker.publisher_id.0, tracker.line_item_id.0);
    let mut json = json!({
        "id": tracker.id.0,
        "code": tracker.code,
        "name": tracker.name,
        "advertiser_id": tracker.advertiser_id.0,
        "state": tracker.state.as_str(),
        "publisher": { "id": publisher, "name": related.publishers.get(&publisher) },
        "line_item": { "id": line_item, "name": related.line_items.get(&line_item) },
        "tag": tag,
        "payment_rule": null,
        "created_on": moment(tracker.created_on),
        "last_modified": moment(tracker.last_modified),
    });
    if tracker.kind == TrackerKind::Click {
        json["click_url"] = tracker.click_url.clone().into();
    }
    json
}
