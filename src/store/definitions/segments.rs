//! Segments, and the versions of their rules for memberships.

use std::sync::Arc;

use rusqlite::ToSql;

use super::Entity;
use super::record::entity;
use super::{piggybacks, rules};
use crate::domain::{Scope, Segment, SegmentId, fields};
use crate::store::catalog::Change;
use crate::store::db::columns;
use crate::store::{StoreError, Tx};

entity! {
    Segment {
        id: SegmentId,
        what: "segment",
        table: "segments",
        fields: fields::SEGMENT,
        name: "short_name",
        scope: "advertiser_id IS NULL OR advertiser_id = ?",
        advertiser: |segment| segment.advertiser_id,
        code: |segment| segment.code.as_deref(),
        list: Segment::list_length,
        columns: [code, short_name, description, state, advertiser_id, expire_minutes, max_usersync_pixels],
        parts: [piggyback_pixels = piggybacks::of_segments],
    }
}

impl Entity for Segment {
    const CHANGES_OWNER: bool = true;

    fn fits(&self, tx: &Tx<'_>, _: Scope) -> Result<(), StoreError> {
        rules::advertiser_exists(tx.conn, self.advertiser_id)
    }

    fn saved(&self, tx: &mut Tx<'_>, before: Option<&Self>) -> Result<(), StoreError> {
        if before.is_none_or(|before| before.piggyback_pixels != self.piggyback_pixels) {
            piggybacks::set_of_segment(tx.conn, self.id, &self.piggyback_pixels)?;
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

/// Ends the version of a segment that is deleted, and with it the memberships.
pub(in crate::store) fn remove(tx: &mut Tx<'_>, segment: &Segment) -> Result<(), StoreError> {
    tx.changed(Change::Segment(segment.id, None));
    add_version(tx, segment, true)
}

fn add_version(tx: &mut Tx<'_>, segment: &Segment, deleted: bool) -> Result<(), StoreError> {
    let seq = tx.next_seq();
    let row: [(&str, &dyn ToSql); 6] = [
        ("seq", &seq),
        ("at", &tx.now),
        ("segment_id", &segment.id),
        ("deleted", &deleted),
        ("state", &segment.state),
        ("expire_minutes", &segment.expire_minutes),
    ];
    columns::insert(tx.conn, "segment_versions", &row)?;
    Ok(())
}
