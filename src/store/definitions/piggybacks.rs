//! The piggybacks of pixels and of segments, which two tables of one shape hold.

use std::collections::HashMap;

use rusqlite::{Connection, ToSql};

use crate::domain::{Piggyback, PixelId, SegmentId};
use crate::store::db::columns;
use crate::store::db::id_list::{IdList, rows_by_id};

struct Table {
    name: &'static str,
    owner: &'static str,
}

const OF_PIXELS: Table = Table { name: "pixel_piggybacks", owner: "pixel_id" };
const OF_SEGMENTS: Table = Table { name: "segment_piggybacks", owner: "segment_id" };

/// The piggybacks of these pixels, in order.
pub(in crate::store) fn of_pixels(conn: &Connection, ids: &IdList) -> rusqlite::Result<HashMap<i64, Vec<Piggyback>>> {
    OF_PIXELS.read(conn, ids)
}

/// The piggybacks of these segments, in order.
pub(in crate::store) fn of_segments(conn: &Connection, ids: &IdList) -> rusqlite::Result<HashMap<i64, Vec<Piggyback>>> {
    OF_SEGMENTS.read(conn, ids)
}

/// Replaces the piggybacks of a pixel.
pub(in crate::store) fn set_of_pixel(conn: &Connection, id: PixelId, piggybacks: &[Piggyback]) -> rusqlite::Result<()> {
    OF_PIXELS.replace(conn, id.0, piggybacks)
}

/// Replaces the piggybacks of a segment.
pub(in crate::store) fn set_of_segment(
    conn: &Connection,
    id: SegmentId,
    piggybacks: &[Piggyback],
) -> rusqlite::Result<()> {
    OF_SEGMENTS.replace(conn, id.0, piggybacks)
}

impl Table {
    fn read(&self, conn: &Connection, ids: &IdList) -> rusqlite::Result<HashMap<i64, Vec<Piggyback>>> {
        let Table { name, owner } = self;
        let sql = format!(
            "SELECT {owner}, pixel_type, url FROM {name} WHERE {owner} IN (SELECT value FROM json_each(?1))
            ORDER BY {owner}, place"
        );
        rows_by_id(conn, &sql, ids, |row| {
            Ok((row.get(*owner)?, Piggyback { kind: row.get("pixel_type")?, url: row.get("url")? }))
        })
    }

    fn replace(&self, conn: &Connection, id: i64, piggybacks: &[Piggyback]) -> rusqlite::Result<()> {
        let Table { name, owner } = self;
        conn.execute(&format!("DELETE FROM {name} WHERE {owner} = ?1"), [id])?;
        for (place, piggyback) in (0_i64..).zip(piggybacks) {
            let row: [(&str, &dyn ToSql); 4] =
                [(owner, &id), ("place", &place), ("pixel_type", &piggyback.kind), ("url", &piggyback.url)];
            columns::insert(conn, name, &row)?;
        }
        Ok(())
    }
}
