//! Impression and click trackers: two services over one table. An ad is one of each, made at once.

use std::sync::Arc;

use rusqlite::{OptionalExtension, Row, params};

use super::record::{Record, entity};
use super::rules::{advertiser_exists, own_line_item, publisher_exists};
use super::{Entity, insert};
use crate::domain::{
    AdvertiserId, Caller, Editor, Field, FieldError, LineItemId, Millis, Publisher, PublisherId, Scope, Tracker,
    TrackerId, TrackerKind, fields,
};
use crate::store::catalog::Change;
use crate::store::db::columns::Column;
use crate::store::db::list::Listed;
use crate::store::form_keys::{FormKey, once};
use crate::store::{Store, StoreError, Tx};

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

/// A form that comes again within this time is the same one, sent twice. In milliseconds.
const SENT_AGAIN_MS: i64 = 60_000;

/// An ad to create.
#[derive(Clone, Debug)]
pub struct NewAd {
    pub name: String,
    pub advertiser_id: AdvertiserId,
    pub line_item_id: LineItemId,
    pub placement: AdPlacement,
    /// Where its clicks lead.
    pub click_url: String,
}

/// Where an ad runs.
#[derive(Clone, Debug)]
pub enum AdPlacement {
    Known(PublisherId),
    /// To be created with the ad, under this name.
    New(String),
}

/// The trackers of an ad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ad {
    pub click: Tracker,
    pub view: Tracker,
}

impl Store {
    /// Creates the two trackers of an ad, and its placement if that is new, all or nothing. The same ad again within a
    /// minute is that one.
    ///
    /// # Errors
    /// The rules that one of them breaks, under the names of a tracker's fields; [`StoreError::Repeated`] with the click
    /// tracker.
    pub async fn create_ad(&self, by: &Editor, key: Option<FormKey>, ad: NewAd) -> Result<Ad, StoreError> {
        let who = by.caller().clone();
        let create = |tx: &mut Tx<'_>, who: &Caller| create_ad(tx, who, ad);
        self.write(move |tx| once(tx, &who, key.as_ref(), |tx| create(tx, &who), |ad| ad.click.id.0)).await
    }
}

/// Creates an ad inside a transaction.
pub(in crate::store) fn create_ad(tx: &mut Tx<'_>, who: &Caller, ad: NewAd) -> Result<Ad, StoreError> {
    let publisher = match &ad.placement {
        AdPlacement::Known(id) => *id,
        AdPlacement::New(name) => match publisher_named(tx, name)? {
            Some(id) => id,
            None => insert(tx, who, Publisher::new(name.as_str())).map_err(of_placement)?.id,
        },
    };
    let tracker = |kind| Tracker::new(kind, ad.advertiser_id, ad.line_item_id, publisher, ad.name.as_str());
    let click = Tracker { click_url: Some(ad.click_url.clone()), ..tracker(TrackerKind::Click) };
    let view = tracker(TrackerKind::Impression);
    if let (Some(click), Some(view)) = (sent_before(tx, &click)?, sent_before(tx, &view)?) {
        return Ok(Ad { click, view });
    }
    Ok(Ad { click: insert(tx, who, ClickTracker(click))?.0, view: insert(tx, who, ImpTracker(view))?.0 })
}

/// The publisher of this name; the oldest if there are several.
pub(in crate::store) fn publisher_named(tx: &Tx<'_>, name: &str) -> Result<Option<PublisherId>, StoreError> {
    let sql = "SELECT min(id) FROM publishers WHERE name = ?1";
    Ok(tx.conn.prepare_cached(sql)?.query_row([name], |row| row.get(0))?)
}

/// An error of the placement, under the name that the ad has for it.
fn of_placement(error: StoreError) -> StoreError {
    match error {
        StoreError::Invalid(fields) => StoreError::Invalid(
            fields
                .into_iter()
                .map(|FieldError { message, .. }| FieldError { field: "placement".to_owned(), message })
                .collect(),
        ),
        StoreError::Denied(_) => {
            StoreError::invalid("placement", "must be an existing one, since you may not create any")
        }
        other => other,
    }
}

/// The same tracker, created a moment ago.
fn sent_before(tx: &Tx<'_>, tracker: &Tracker) -> Result<Option<Tracker>, StoreError> {
    let sql = "SELECT * FROM trackers WHERE line_item_id = ?1 AND publisher_id = ?2 AND kind = ?3 AND name = ?4
        AND click_url IS ?5 AND advertiser_id = ?6 AND created_on > ?7 ORDER BY id DESC LIMIT 1";
    let since = tx.now.plus(-SENT_AGAIN_MS);
    let Tracker { line_item_id, publisher_id, kind, name, click_url, advertiser_id, .. } = tracker;
    let mut statement = tx.conn.prepare_cached(sql)?;
    let values = params![line_item_id, publisher_id, kind, name, click_url, advertiser_id, since];
    Ok(statement.query_row(values, Tracker::from_row).optional()?)
}
