//! The names of fires: which fires an event id or an order id leads to, and which visitors sent it.

use rusqlite::{Connection, Row, params};

use super::lookups::LookUps;
use crate::attribution::NameKind;
use crate::domain::{Millis, PixelId, Seq, VisitorId};
use crate::store::StoreError;
use crate::store::db::sql_types::get;

/// An id that fires of one pixel bear.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub pixel_id: PixelId,
    pub kind: NameKind,
    pub text: String,
}

impl Name {
    fn kind(&self) -> i64 {
        match self.kind {
            NameKind::Event => 1,
            NameKind::Order => 2,
        }
    }
}

/// A fire that a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedFire {
    /// The only visitor among whose fires it is a name; none: among those of all.
    pub visitor_id: Option<VisitorId>,
    pub at: Millis,
    pub seq: Seq,
}

/// A visitor who sent a name, within one hour of the fires' own times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub hour: Millis,
    pub visitor_id: VisitorId,
    pub first_at: Millis,
    pub last_at: Millis,
    /// The fire that was logged first.
    pub seq: Seq,
}

const NAMED_OF_VISITOR: &str = "SELECT ?5 AS visitor_id, at, seq FROM names_seen
        WHERE pixel_id = ?1 AND kind = ?2 AND name = ?3 AND visitor_id = ?5 AND seq < ?4
    UNION SELECT ?5, c.at, seq FROM names_seen n JOIN conversions c USING (seq)
        WHERE n.pixel_id = ?1 AND kind = ?2 AND name = ?3 AND n.visitor_id = 0 AND c.visitor_id = ?5 AND seq < ?4
    UNION SELECT ?5, c.at, seq FROM name_bearers b JOIN conversions c USING (seq)
        WHERE b.pixel_id = ?1 AND kind = ?2 AND name = ?3 AND b.visitor_id = ?5 AND seq < ?4";

impl LookUps<'_> {
    /// The fires that the name leads to, logged before `before`, by time.
    ///
    /// # Errors
    /// Database faults.
    pub fn named_fires(&mut self, name: &Name, before: Seq) -> Result<Vec<NamedFire>, StoreError> {
        let params = params![name.pixel_id, name.kind(), name.text, before];
        let rows = self
            .named
            .query_map(params, |row| Ok(NamedFire { visitor_id: None, at: row.get("at")?, seq: row.get("seq")? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Of a name that several visitors sent: the visitor's own fires with it, logged before `before`.
    ///
    /// # Errors
    /// Database faults.
    pub fn fires_named_by(
        &mut self,
        name: &Name,
        visitor: VisitorId,
        before: Seq,
    ) -> Result<Vec<NamedFire>, StoreError> {
        let mut statement = self.conn().prepare_cached(NAMED_OF_VISITOR)?;
        let params = params![name.pixel_id, name.kind(), name.text, before, visitor];
        let rows = statement.query_map(params, |row| {
            Ok(NamedFire { visitor_id: Some(visitor), at: get(row, "at")?, seq: get(row, "seq")? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether several visitors sent the name, at the latest with the fire `upto`.
    ///
    /// # Errors
    /// Database faults.
    pub fn is_shared(&mut self, name: &Name, upto: Seq) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM names_shared WHERE pixel_id = ?1 AND kind = ?2 AND name = ?3 AND seq <= ?4";
        let mut statement = self.conn().prepare_cached(sql)?;
        Ok(statement.exists(params![name.pixel_id, name.kind(), name.text, upto])?)
    }

    /// The visitors who sent the name in these hours.
    ///
    /// # Errors
    /// Database faults.
    pub fn bearers(&mut self, name: &Name, from: Millis, to: Millis) -> Result<Vec<Bearer>, StoreError> {
        let sql = "SELECT * FROM name_bearers
            WHERE pixel_id = ?1 AND kind = ?2 AND name = ?3 AND hour BETWEEN ?4 AND ?5";
        let mut statement = self.conn().prepare_cached(sql)?;
        let rows = statement.query_map(params![name.pixel_id, name.kind(), name.text, from, to], bearer)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn bearer(row: &Row<'_>) -> rusqlite::Result<Bearer> {
    Ok(Bearer {
        hour: get(row, "hour")?,
        visitor_id: get(row, "visitor_id")?,
        first_at: get(row, "first_at")?,
        last_at: get(row, "last_at")?,
        seq: get(row, "seq")?,
    })
}

/// The names that a slice of the log brings.
#[derive(Debug, Default)]
pub(in crate::store) struct Names {
    named: Vec<(Name, NamedFire)>,
    bearers: Vec<(Name, Bearer)>,
    shared: Vec<(Name, Seq)>,
}

impl Names {
    pub(super) fn name(&mut self, name: Name, fire: NamedFire) {
        self.named.push((name, fire));
    }

    pub(super) fn bearer(&mut self, name: Name, bearer: Bearer) {
        self.bearers.push((name, bearer));
    }

    pub(super) fn share(&mut self, name: Name, from: Seq) {
        self.shared.push((name, from));
    }

    pub(super) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO names_seen (pixel_id, kind, name, visitor_id, at, seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = conn.prepare_cached(sql)?;
        for (name, NamedFire { visitor_id, at, seq }) in &self.named {
            let visitor = visitor_id.map_or(0, |visitor| visitor.0);
            insert.execute(params![name.pixel_id, name.kind(), name.text, visitor, at, seq])?;
        }
        let sql = "INSERT OR REPLACE INTO name_bearers (pixel_id, kind, name, hour, visitor_id, first_at, last_at, seq)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut replace = conn.prepare_cached(sql)?;
        for (name, Bearer { hour, visitor_id, first_at, last_at, seq }) in &self.bearers {
            let params = params![name.pixel_id, name.kind(), name.text, hour, visitor_id, first_at, last_at, seq];
            replace.execute(params)?;
        }
        let sql = "INSERT INTO names_shared (pixel_id, kind, name, seq) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = conn.prepare_cached(sql)?;
        for (name, seq) in &self.shared {
            insert.execute(params![name.pixel_id, name.kind(), name.text, seq])?;
        }
        Ok(())
    }
}
