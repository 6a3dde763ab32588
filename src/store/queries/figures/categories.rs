//! The categories of pixels, while figures are read.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::{AuditObject, ConversionEvent, PixelId};

/// The categories of pixels. A deleted one has the category that it had last.
pub(super) struct Categories(HashMap<PixelId, Option<ConversionEvent>>);

impl Categories {
    pub(super) fn load(conn: &Connection) -> rusqlite::Result<Self> {
        let mut statement = conn.prepare_cached("SELECT id, pixel_conversion_event_id FROM pixels")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Categories(rows.collect::<rusqlite::Result<_>>()?))
    }

    pub(super) fn of(&mut self, conn: &Connection, pixel: PixelId) -> rusqlite::Result<Option<ConversionEvent>> {
        if let Some(category) = self.0.get(&pixel) {
            return Ok(*category);
        }
        let sql = "SELECT json_extract(before, '$.pixel_conversion_event_id') FROM audit
            WHERE object_type = ?1 AND object_id = ?2 AND action = 'deleted' ORDER BY id DESC LIMIT 1";
        let mut statement = conn.prepare_cached(sql)?;
        let id: Option<Option<i64>> =
            statement.query_row(params![AuditObject::Pixel, pixel], |row| row.get(0)).optional()?;
        let category = id.flatten().and_then(ConversionEvent::new);
        self.0.insert(pixel, category);
        Ok(category)
    }
}
