//! A row of a table of trackers, for their list and for the pages of line items and placements.

use crate::admin::shell::object_kind::TRACKER;
use crate::admin::shell::parts::{Link, ObjectName};
use crate::domain::{
    Advertiser, LineItem, LineItemId, Publisher, PublisherId, Reader, Status, Tracker, TrackerId, TrackerKind,
};
use crate::store::{Store, StoreError};

pub struct TrackerRow {
    pub id: TrackerId,
    pub name: String,
    pub advertiser: String,
    pub kind: &'static str,
    pub state: Status,
    pub line_item: ObjectName<LineItemId>,
    pub publisher: ObjectName<PublisherId>,
}

/// The kinds with their labels.
pub const KINDS: [(&str, &str); 2] = [("imptracker", "Ad views"), ("clicktracker", "Ad clicks")];

/// What a tracker of this kind reports.
fn kind(kind: TrackerKind) -> &'static str {
    match kind {
        TrackerKind::Impression => "ad views",
        TrackerKind::Click => "ad clicks",
    }
}

/// Makes the rows, with the names of the trackers' advertisers, line items and publishers.
pub async fn rows(store: &Store, by: &Reader, trackers: Vec<Tracker>) -> Result<Vec<TrackerRow>, StoreError> {
    let ids = |id: fn(&Tracker) -> i64| trackers.iter().map(id).collect::<Vec<_>>();
    let advertisers = store.names::<Advertiser>(by, ids(|tracker| tracker.advertiser_id.0)).await?;
    let line_items = store.names::<LineItem>(by, ids(|tracker| tracker.line_item_id.0)).await?;
    let publishers = store.names::<Publisher>(by, ids(|tracker| tracker.publisher_id.0)).await?;
    let row = |tracker: Tracker| {
        let (line_item, publisher) = (tracker.line_item_id, tracker.publisher_id);
        TrackerRow {
            id: tracker.id,
            name: tracker.name,
            advertiser: advertisers.get(&tracker.advertiser_id.0).cloned().unwrap_or_default(),
            kind: match tracker.kind {
                TrackerKind::Impression => "Ad views",
                TrackerKind::Click => "Ad clicks",
            },
            state: tracker.state,
            line_item: ObjectName { id: line_item, name: line_items.get(&line_item.0).cloned().unwrap_or_default() },
            publisher: ObjectName { id: publisher, name: publishers.get(&publisher.0).cloned().unwrap_or_default() },
        }
    };
    Ok(trackers.into_iter().map(row).collect())
}

/// Links to the trackers' pages.
pub fn links(trackers: Vec<Tracker>) -> impl Iterator<Item = Link> {
    trackers.into_iter().map(|tracker| Link {
        address: TRACKER.address(tracker.id),
        name: format!("{}, tracker {} for {}", tracker.name, tracker.id, kind(tracker.kind)),
    })
}
