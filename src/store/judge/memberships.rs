//! Memberships and loads of segments. They are gathered for a slice of the log, and written in the transaction that moves
//! the judge's cursor.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, params};

use crate::domain::{Membership, Millis, SegmentId, VisitorId};

/// The changes of segments in a slice of the log.
#[derive(Debug, Default)]
pub(in crate::store) struct Members {
    changes: BTreeMap<(SegmentId, VisitorId), MembershipChange>,
    loads: HashMap<(SegmentId, Millis), i64>,
    visitors: BTreeSet<(SegmentId, Millis, VisitorId)>,
    sizes: Vec<(SegmentId, Millis, i64)>,
}

/// The change of one membership: first it may end, then it may begin.
#[derive(Debug, Default)]
struct MembershipChange {
    ends: bool,
    begins: Option<Membership>,
}

impl Members {
    /// Adds the visitor. It never makes a membership shorter.
    pub(in crate::store) fn join(&mut self, new: Membership) {
        let change = self.changes.entry((new.segment_id, new.visitor_id)).or_default();
        if change.begins.is_none_or(|known| new.expires_at >= known.expires_at) {
            change.begins = Some(new);
        }
    }

    /// Removes the visitor.
    pub(in crate::store) fn leave(&mut self, segment: SegmentId, visitor: VisitorId) {
        self.changes.insert((segment, visitor), MembershipChange { ends: true, begins: None });
    }

    pub(in crate::store) fn load(&mut self, segment: SegmentId, at: Millis, visitor: Option<VisitorId>) {
        *self.loads.entry((segment, at.day())).or_default() += 1;
        self.visitors.extend(visitor.map(|visitor| (segment, at.day(), visitor)));
    }

    /// Notes how many members a segment had at the end of a day.
    pub(in crate::store) fn size(&mut self, segment: SegmentId, day: Millis, members: i64) {
        self.sizes.push((segment, day, members));
    }

    pub(in crate::store) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        self.write_memberships(conn)?;
        self.write_loads(conn)?;
        let sql = "INSERT OR REPLACE INTO segment_sizes (segment_id, day, members) VALUES (?1, ?2, ?3)";
        let mut insert = conn.prepare_cached(sql)?;
        for (segment, day, members) in &self.sizes {
            insert.execute(params![segment, day, members])?;
        }
        Ok(())
    }

    fn write_memberships(&self, conn: &Connection) -> rusqlite::Result<()> {
        let mut delete = conn.prepare_cached("DELETE FROM memberships WHERE segment_id = ?1 AND visitor_id = ?2")?;
        let sql = "INSERT INTO memberships (segment_id, visitor_id, seq, value, added_at, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO UPDATE SET seq = excluded.seq, value = excluded.value, added_at = excluded.added_at,
                expires_at = excluded.expires_at WHERE excluded.expires_at >= expires_at";
        let mut insert = conn.prepare_cached(sql)?;
        for ((segment, visitor), change) in &self.changes {
            if change.ends {
                delete.execute(params![segment, visitor])?;
            }
            if let Some(new) = &change.begins {
                insert.execute(params![segment, visitor, new.seq, new.value, new.added_at, new.expires_at])?;
            }
        }
        Ok(())
    }

    fn write_loads(&self, conn: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT OR IGNORE INTO segment_visitors (segment_id, day, visitor_id) VALUES (?1, ?2, ?3)";
        let mut insert = conn.prepare_cached(sql)?;
        let mut uniques: HashMap<(SegmentId, Millis), i64> = HashMap::new();
        for (segment, day, visitor) in &self.visitors {
            *uniques.entry((*segment, *day)).or_default() +=
                i64::from(insert.execute(params![segment, day, visitor])? > 0);
        }
        let sql = "INSERT INTO segment_loads_daily (segment_id, day, loads, uniques) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET loads = loads + excluded.loads, uniques = uniques + excluded.uniques";
        let mut add = conn.prepare_cached(sql)?;
        for (key, loads) in &self.loads {
            add.execute(params![key.0, key.1, loads, uniques.get(key).copied().unwrap_or(0)])?;
        }
        Ok(())
    }
}

/// How many members each segment has at this moment, without the segments that have none.
pub(in crate::store) fn members_at(conn: &Connection, at: Millis) -> rusqlite::Result<Vec<(SegmentId, i64)>> {
    let sql = "SELECT segment_id, count(*) AS members FROM memberships WHERE expires_at > ?1 GROUP BY segment_id";
    let mut statement = conn.prepare_cached(sql)?;
    let sizes = statement.query_map([at], |row| Ok((row.get("segment_id")?, row.get("members")?)))?;
    sizes.collect()
}
