//! A tracker as a row of a table: on the list, and on the pages of line items and publishers.

use crate::domain::{
    Advertiser, LineItem, LineItemId, Publisher, PublisherId, Reader, Status, Tracker, TrackerId, TrackerKind,
};
use crate::store::{AnyTracker, Store, StoreError};

/// One row.
pub struct TrackerRow {
    pub id: TrackerId,
    pub name: String,
    /// Number, advertiser, code.
    pub sub: String,
    pub kind: &'static str,
    pub state: Status,
    pub line_item: (LineItemId, String),
    pub publisher: (PublisherId, String),
}

/// The kinds as people call them.
pub const KINDS: [(&str, &str); 2] = [("imptracker", "Impressions"), ("clicktracker", "Clicks")];

/// What it reports.
pub fn kind(kind: TrackerKind) -> &'static str {
    match kind {
        TrackerKind::Impression => "impressions",
        TrackerKind::Click => "clicks",
    }
}

/// Rows, with the names of what the trackers belong to.
///
/// # Errors
/// Database faults.
pub async fn rows(store: &Store, by: &Reader, trackers: Vec<AnyTracker>) -> Result<Vec<TrackerRow>, StoreError> {
    let ids = |id: fn(&Tracker) -> i64| trackers.iter().map(|tracker| id(&tracker.0)).collect::<Vec<_>>();
    let advertisers = store.names::<Advertiser>(by, ids(|tracker| tracker.advertiser_id.0)).await?;
    let line_items = store.names::<LineItem>(by, ids(|tracker| tracker.line_item_id.0)).await?;
    let publishers = store.names::<Publisher>(by, ids(|tracker| tracker.publisher_id.0)).await?;
    let row = |AnyTracker(tracker): AnyTracker| {
        let mut sub = vec![tracker.id.to_string()];
        sub.extend(advertisers.get(&tracker.advertiser_id.0).cloned());
        sub.extend(tracker.code);
        let (line_item, publisher) = (tracker.line_item_id, tracker.publisher_id);
        TrackerRow {
            id: tracker.id,
            name: tracker.name,
            sub: sub.join(" · "),
            kind: kind(tracker.kind),
            state: tracker.state,
            line_item: (line_item, line_items.get(&line_item.0).cloned().unwrap_or_default()),
            publisher: (publisher, publishers.get(&publisher.0).cloned().unwrap_or_default()),
        }
    };
    Ok(trackers.into_iter().map(row).collect())
}

/// Address and name of each.
pub fn links(trackers: Vec<AnyTracker>) -> Vec<(String, String)> {
    let link = |AnyTracker(Tracker { id, kind: reports, name, .. }): AnyTracker| {
        (format!("/admin/trackers/{id}"), format!("{name}, tracker {id} for {}", kind(reports)))
    };
    trackers.into_iter().map(link).collect()
}
