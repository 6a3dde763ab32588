//! Impression and click trackers: two services over one table.

use std::sync::Arc;

use rusqlite::Row;

use super::Entity;
use super::record::{Record, entity};
use super::rules::{advertiser_exists, own_line_item, publisher_exists};
use crate::domain::{AdvertiserId, Field, FieldError, Millis, Scope, Tracker, TrackerId, TrackerKind, fields};
use crate::store::catalog::Change;
use crate::store::db::columns::Column;
use crate::store::db::list::Listed;
use crate::store::{StoreError, Tx};

entity! {
    Tracker {
        id: TrackerId,
        what: "tracker",
        table: "trackers",
        fields: fields::TRACKER,
        advertiser: |tracker| Some(tracker.advertiser_id),
        code: |tracker| tracker.code.as_deref(),
        columns: [kind, code, name, advertiser_id, state, publisher_id, line_item_id, click_url],
    }
}

/// A tracker of either kind: to read, list and delete. Creations and changes use the type of the kind, since a code is
/// unique among the trackers of a kind.
impl Entity for Tracker {
    fn fits(&self, tx: &Tx<'_>, scope: Scope) -> Result<(), StoreError> {
        advertiser_exists(tx.conn, self.advertiser_id)?;
        own_line_item(tx.conn, scope, self.line_item_id, self.advertiser_id)?;
        publisher_exists(tx.conn, self.publisher_id)
    }

    fn saved(&self, tx: &mut Tx<'_>, _: Option<&Self>) -> Result<(), StoreError> {
        tx.changed(Change::Tracker(self.id, Some(Arc::new(self.clone()))));
        Ok(())
    }

    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        tx.changed(Change::Tracker(self.id, None));
        Ok(Vec::new())
    }
}

/// A tracker that reports ad views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpTracker(pub Tracker);

/// A tracker that reports ad clicks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickTracker(pub Tracker);

/// A type for the trackers of one kind. It has its own name in messages, condition, fields and kind, and shares
/// everything else with [`Tracker`].
macro_rules! kind_of_tracker {
    ($name:ident, $kind:expr, $what:literal, $condition:expr, $fields:expr) => {
        impl Listed for $name {
            const WHAT: &'static str = $what;
            const TABLE: &'static str = Tracker::TABLE;
            const CONDITION: Option<&'static str> = Some($condition);
            const FIELDS: &'static [Field] = $fields;

            fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
                Tracker::from_row(row).map($name)
            }
        }

        impl Record for $name {
            fn id(&self) -> i64 {
                self.0.id()
            }

            fn set_id(&mut self, id: i64) {
                self.0.set_id(id);
                self.0.kind = $kind;
            }

            fn stamps(&mut self) -> (&mut Millis, &mut Millis) {
                self.0.stamps()
            }

            fn advertiser(&self) -> Option<AdvertiserId> {
                self.0.advertiser()
            }

            fn code(&self) -> Option<&str> {
                self.0.code()
            }

            fn check(&self) -> Result<(), Vec<FieldError>> {
                self.0.check()
            }

            fn columns(&self) -> Vec<Column<'_>> {
                self.0.columns()
            }
        }

        impl Entity for $name {
            fn fits(&self, tx: &Tx<'_>, scope: Scope) -> Result<(), StoreError> {
                self.0.fits(tx, scope)
            }

            fn saved(&self, tx: &mut Tx<'_>, _: Option<&Self>) -> Result<(), StoreError> {
                self.0.saved(tx, None)
            }

            fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
                self.0.deleting(tx)
            }
        }
    };
}

kind_of_tracker!(ImpTracker, TrackerKind::Impression, "impression tracker", "kind = 'imptracker'", fields::IMP_TRACKER);
kind_of_tracker!(ClickTracker, TrackerKind::Click, "click tracker", "kind = 'clicktracker'", fields::CLICK_TRACKER);
