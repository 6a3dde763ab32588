//! Segments with their piggybacks, and the versions of what decides memberships.

use std::sync::Arc;

use rusqlite::{Connection, Row, ToSql, params};

use super::catalog::Change;
use super::entity::{Entity, Listed};
use super::pixels::{read_piggybacks, write_piggybacks};
use super::sql_types::get;
use super::{StoreError, Tx};
use crate::domain::{AdvertiserId, Field, FieldError, Millis, Segment, SegmentId, fields};

impl Listed for Segment {
    const WHAT: &'static str = "segment";
    const TABLE: &'static str = "segments";
    const NAME: &'static str = "short_name";
    const SCOPE: &'static str = "advertiser_id IS NULL OR advertiser_id = ?";
    const FIELDS: &'static [Field] = fields::SEGMENT;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Segment {
            id: get(row, "id")?,
            code: get(row, "code")?,
            short_name: get(row, "short_name")?,
            description: get(row, "description")?,
            state: get(row, "state")?,
            advertiser_id: get(row, "advertiser_id")?,
            expire_minutes: get(row, "expire_minutes")?,
            piggyback_pixels: Vec::new(),
            max_usersync_pixels: get(row, "max_usersync_pixels")?,
            created_on: get(row, "created_on")?,
            last_modified: get(row, "last_modified")?,
        })
    }

    fn fill(conn: &Connection, segments: &mut [Self]) -> rusqlite::Result<()> {
        for segment in segments {
            segment.piggyback_pixels = read_piggybacks(conn, "segment", segment.id.0)?;
        }
        Ok(())
    }
}

impl Entity for Segment {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn set_id(&mut self, id: i64) {
        self.id = SegmentId(id);
    }

    fn stamps(&mut self) -> (&mut Millis, &mut Millis) {
        (&mut self.created_on, &mut self.last_modified)
    }

    fn advertiser(&self) -> Option<AdvertiserId> {
        self.advertiser_id
    }

    fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    fn check(&self) -> Result<(), Vec<FieldError>> {
        Segment::check(self)
    }

    fn columns(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            ("code", &self.code),
            ("short_name", &self.short_name),
            ("description", &self.description),
            ("state", &self.state),
            ("advertiser_id", &self.advertiser_id),
            ("expire_minutes", &self.expire_minutes),
            ("max_usersync_pixels", &self.max_usersync_pixels),
            ("created_on", &self.created_on),
            ("last_modified", &self.last_modified),
        ]
    }

    fn fits(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        match self.advertiser_id {
            Some(advertiser) => super::parties::advertiser_exists(tx.conn, advertiser),
            None => Ok(()),
        }
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        if before.is_none_or(|before| before.piggyback_pixels != self.piggyback_pixels) {
            write_piggybacks(tx.conn, "segment", self.id.0, &self.piggyback_pixels)?;
        }
        tx.changed(Change::Segment(self.id, Some(Arc::new(self.clone()))));
        if before.is_none_or(|before| (before.state, before.expire_minutes) != (self.state, self.expire_minutes)) {
            add_version(tx, self, false)?;
        }
        Ok(())
    }

    fn deleting(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
        remove(tx, self)?;
        Ok(Vec::new())
    }
}

/// What goes with a segment that is deleted: its version ends, and with it its memberships.
pub(super) fn remove(tx: &mut Tx<'_>, segment: &Segment) -> Result<(), StoreError> {
    tx.changed(Change::Segment(segment.id, None));
    add_version(tx, segment, true)
}

fn add_version(tx: &mut Tx<'_>, segment: &Segment, deleted: bool) -> Result<(), StoreError> {
    let seq = tx.next_seq();
    let sql = "INSERT INTO segment_versions VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (id, state, minutes) = (segment.id, segment.state, segment.expire_minutes);
    tx.conn.prepare_cached(sql)?.execute(params![seq, tx.now, id, deleted, state, minutes])?;
    Ok(())
}
