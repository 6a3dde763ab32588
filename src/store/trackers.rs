//! Impression and click trackers: two services over one table.

use std::sync::Arc;

use rusqlite::{Connection, Row, ToSql};

use super::catalog::Change;
use super::entity::{Entity, Listed};
use super::sql_types::get;
use super::{StoreError, Tx, parties};
use crate::domain::{AdvertiserId, Field, FieldError, Millis, Tracker, TrackerId, TrackerKind, fields};

/// A tracker that reports ad views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpTracker(pub Tracker);

/// A tracker that reports ad clicks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickTracker(pub Tracker);

/// A tracker of either kind: to read, list and delete. Changes go by the kind's own type, since a code is unique among
/// the trackers of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyTracker(pub Tracker);

macro_rules! tracker {
    ($name:ident, $kind:expr, $what:literal, $condition:expr, $fields:expr) => {
        impl Listed for $name {
            const WHAT: &'static str = $what;
            const TABLE: &'static str = "trackers";
            const CONDITION: Option<&'static str> = $condition;
            const FIELDS: &'static [Field] = $fields;

            fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
                from_row(row).map($name)
            }
        }

        impl Entity for $name {
            fn id(&self) -> i64 {
                self.0.id.0
            }

            fn set_id(&mut self, id: i64) {
                self.0.id = TrackerId(id);
                let kind: Option<TrackerKind> = $kind;
                self.0.kind = kind.unwrap_or(self.0.kind);
            }

            fn stamps(&mut self) -> (&mut Millis, &mut Millis) {
                (&mut self.0.created_on, &mut self.0.last_modified)
            }

            fn advertiser(&self) -> Option<AdvertiserId> {
                Some(self.0.advertiser_id)
            }

            fn code(&self) -> Option<&str> {
                self.0.code.as_deref()
            }

            fn check(&self) -> Result<(), Vec<FieldError>> {
                self.0.check()
            }

            fn columns(&self) -> Vec<(&'static str, &dyn ToSql)> {
                columns(&self.0)
            }

            fn fits(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
                fits(&self.0, tx)
            }

            fn saved(&self, tx: &mut Tx<'_>, _: Option<&Self>) -> Result<(), StoreError> {
                tx.changed(Change::Tracker(self.0.id, Some(Arc::new(self.0.clone()))));
                Ok(())
            }

            fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
                tx.changed(Change::Tracker(self.0.id, None));
                Ok(Vec::new())
            }
        }
    };
}

tracker!(
    ImpTracker,
    Some(TrackerKind::Impression),
    "impression tracker",
    Some("kind = 'imptracker'"),
    fields::IMP_TRACKER
);
tracker!(ClickTracker, Some(TrackerKind::Click), "click tracker", Some("kind = 'clicktracker'"), fields::CLICK_TRACKER);
tracker!(AnyTracker, None, "tracker", None, fields::TRACKER);

fn from_row(row: &Row<'_>) -> rusqlite::Result<Tracker> {
    Ok(Tracker {
        id: get(row, "id")?,
        kind: get(row, "kind")?,
        code: get(row, "code")?,
        name: get(row, "name")?,
        advertiser_id: get(row, "advertiser_id")?,
        state: get(row, "state")?,
        publisher_id: get(row, "publisher_id")?,
        line_item_id: get(row, "line_item_id")?,
        click_url: get(row, "click_url")?,
        created_on: get(row, "created_on")?,
        last_modified: get(row, "last_modified")?,
    })
}

fn columns(tracker: &Tracker) -> Vec<(&'static str, &dyn ToSql)> {
    vec![
        ("kind", &tracker.kind),
        ("code", &tracker.code),
        ("name", &tracker.name),
        ("advertiser_id", &tracker.advertiser_id),
        ("state", &tracker.state),
        ("publisher_id", &tracker.publisher_id),
        ("line_item_id", &tracker.line_item_id),
        ("click_url", &tracker.click_url),
        ("created_on", &tracker.created_on),
        ("last_modified", &tracker.last_modified),
    ]
}

fn fits(tracker: &Tracker, tx: &Tx<'_>) -> Result<(), StoreError> {
    parties::advertiser_exists(tx.conn, tracker.advertiser_id)?;
    parties::own_line_item(tx, tracker.line_item_id, tracker.advertiser_id)?;
    let publisher = tracker.publisher_id;
    if tx.conn.prepare_cached("SELECT 1 FROM publishers WHERE id = ?1")?.exists([publisher])? {
        return Ok(());
    }
    Err(StoreError::invalid("publisher_id", format!("names publisher {publisher}, which does not exist")))
}

/// Every tracker, for the catalog.
pub(super) fn load_all(conn: &Connection) -> rusqlite::Result<Vec<Tracker>> {
    conn.prepare_cached("SELECT * FROM trackers ORDER BY id")?.query_map([], from_row)?.collect()
}
