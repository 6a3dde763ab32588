//! `/imptracker` and `/clicktracker`: tags that report an ad view or click that was served elsewhere.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::given::Given;
use crate::api::json::moment;
use crate::api::service::Service;
use crate::domain::{
    AdvertiserId, FieldError, LineItem, LineItemId, Publisher, PublisherId, Reader, Status, TagForm, Tracker,
    TrackerKind,
};
use crate::store::{ClickTracker, ImpTracker};
use crate::tag::{Parameter, TagHost, TrackerTagOptions, tracker_tag};

/// Impression trackers.
pub(super) struct ImpTrackers;

/// Click trackers.
pub(super) struct ClickTrackers;

/// The names of what they point to, and what their tags name.
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

            const PATH: &'static str = $path;
            const PLURAL: &'static str = $plural;

            fn blank(advertiser: Option<AdvertiserId>) -> $entity {
                let advertiser = advertiser.unwrap_or(AdvertiserId(0));
                $entity(Tracker::new(TrackerKind::$kind, advertiser, LineItemId(0), PublisherId(0), ""))
            }

            fn rename(object: &mut Map<String, Value>) -> Result<(), ApiError> {
                take_id(object, "publisher", "publisher_id")?;
                take_id(object, "line_item", "line_item_id")
            }

            fn set(tracker: &mut $entity, given: &Given<'_>) -> Result<(), FieldError> {
                set(&mut tracker.0, given)
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

/// As published, a tracker's publisher and line item are objects with an id; the id alone is taken too.
fn take_id(object: &mut Map<String, Value>, name: &str, id_name: &str) -> Result<(), ApiError> {
    let Some(sent) = object.shift_remove(name) else { return Ok(()) };
    let id = match &sent {
        Value::Object(members) => members.get("id").cloned().unwrap_or(Value::Null),
        Value::Null => Value::Null,
        _ => return Err(ApiError::Syntax(format!("{name} must be an object with an id, and is {sent}"))),
    };
    let before = object.insert(id_name.to_owned(), id.clone());
    match before {
        Some(other) if other != id => {
            Err(ApiError::Syntax(format!("{name}.id is {id} and {id_name} is {other}; which is meant?")))
        }
        _ => Ok(()),
    }
}

fn set(tracker: &mut Tracker, given: &Given<'_>) -> Result<(), FieldError> {
    match given.field() {
        "code" => tracker.code = given.text()?,
        "name" => tracker.name = given.plain_text()?,
        "advertiser_id" => tracker.advertiser_id = AdvertiserId(given.id()?),
        "state" => tracker.state = given.word(Status::WORDS, Status::parse, Status::Active)?,
        "publisher_id" => tracker.publisher_id = PublisherId(given.id()?),
        "line_item_id" => tracker.line_item_id = LineItemId(given.id()?),
        "click_url" => tracker.click_url = given.text()?,
        _ => return given.unknown(),
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
