//! Memberships of segments and their loads: gathered for a slice of the log, then written inside the
//! transaction that moves the judge's cursor. What follows from a row is not decided here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, params};

use super::StoreError;
use super::judging::{Cursor, JudgeFile};
use crate::domain::{Membership, Millis, SegmentId, VisitorId};

/// How many days the visitors of a day are kept, so that a late event finds whether its visitor was counted. Events are
/// at most 7 days late.
pub(super) const LATE_DAYS: i64 = 9;
/// How many rows are swept at once: few enough that nobody waits for it.
const SWEPT_AT_ONCE: i64 = 500;

/// What a slice of the log does to segments.
#[derive(Debug, Default)]
pub(super) struct Members {
    changes: BTreeMap<(SegmentId, VisitorId), Change>,
    loads: HashMap<(SegmentId, Millis), i64>,
    visitors: BTreeSet<(SegmentId, Millis, VisitorId)>,
    sizes: Vec<(SegmentId, Millis, i64)>,
}

/// What becomes of one membership: first it may end, then it may begin.
#[derive(Debug, Default)]
struct Change {
    ends: bool,
    begins: Option<Membership>,
}

impl Members {
    /// Adds the visitor. It never makes a membership shorter.
    pub(super) fn join(&mut self, new: Membership) {
        let change = self.changes.entry((new.segment_id, new.visitor_id)).or_default();
        if change.begins.is_none_or(|known| new.expires_at >= known.expires_at) {
            change.begins = Some(new);
        }
    }

    /// Removes the visitor.
    pub(super) fn leave(&mut self, segment: SegmentId, visitor: VisitorId) {
        self.changes.insert((segment, visitor), Change { ends: true, begins: None });
    }

    /// Counts a load.
    pub(super) fn load(&mut self, segment: SegmentId, at: Millis, visitor: Option<VisitorId>) {
        *self.loads.entry((segment, at.day())).or_default() += 1;
        self.visitors.extend(visitor.map(|visitor| (segment, at.day(), visitor)));
    }

    /// Notes how many members a segment had at the end of a day.
    pub(super) fn size(&mut self, segment: SegmentId, day: Millis, members: i64) {
        self.sizes.push((segment, day, members));
    }

    pub(super) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
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
        let mut insert = conn.prepare_cached("INSERT OR IGNORE INTO segment_visitors VALUES (?1, ?2, ?3)")?;
        let mut uniques: HashMap<(SegmentId, Millis), i64> = HashMap::new();
        for (segment, day, visitor) in &self.visitors {
            *uniques.entry((*segment, *day)).or_default() +=
                i64::from(insert.execute(params![segment, day, visitor])? > 0);
        }
        let sql = "INSERT INTO segment_loads_daily VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET loads = loads + excluded.loads, uniques = uniques + excluded.uniques";
        let mut add = conn.prepare_cached(sql)?;
        for (key, loads) in &self.loads {
            add.execute(params![key.0, key.1, loads, uniques.get(key).copied().unwrap_or(0)])?;
        }
        let mut insert = conn.prepare_cached("INSERT OR REPLACE INTO segment_sizes VALUES (?1, ?2, ?3)")?;
        for size in &self.sizes {
            insert.execute(params![size.0, size.1, size.2])?;
        }
        Ok(())
    }
}

/// Members of each segment at this moment.
pub(super) fn members_at(conn: &Connection, at: Millis) -> rusqlite::Result<Vec<(SegmentId, i64)>> {
    let sql = "SELECT segment_id, count(*) FROM memberships WHERE expires_at > ?1 GROUP BY segment_id";
    let mut statement = conn.prepare_cached(sql)?;
    let sizes = statement.query_map([at], |row| Ok((row.get(0)?, row.get(1)?)))?;
    sizes.collect()
}

impl JudgeFile {
    /// Removes some of what means nothing any more: memberships that had expired when the judge's day began, those of
    /// deleted segments, and visitors of days that no event can be late for. Returns whether there may be more of it.
    /// It blocks. Nothing that is read depends on it.
    ///
    /// # Errors
    /// Database faults, a full disk; in doubt nothing was removed.
    pub fn sweep(&self, cursor: Cursor) -> Result<bool, StoreError> {
        let tx = self.begin()?;
        let mut left = SWEPT_AT_ONCE;
        let mut sweep = |sql: &str, segment: SegmentId, until: Millis| -> rusqlite::Result<()> {
            let gone = tx.prepare_cached(sql)?.execute(params![segment, until, left])?;
            left -= i64::try_from(gone).unwrap_or(left);
            Ok(())
        };
        for segment in segments_of(&tx, "memberships")? {
            let sql = "DELETE FROM memberships WHERE (segment_id, visitor_id) IN (
                SELECT segment_id, visitor_id FROM memberships WHERE segment_id = ?1 AND expires_at <= ?2 LIMIT ?3)";
            let until = if is_deleted(&tx, segment, cursor)? { Millis(i64::MAX) } else { cursor.day };
            sweep(sql, segment, until)?;
        }
        for segment in segments_of(&tx, "segment_visitors")? {
            let sql = "DELETE FROM segment_visitors WHERE (segment_id, day, visitor_id) IN (
                SELECT segment_id, day, visitor_id FROM segment_visitors WHERE segment_id = ?1 AND day < ?2 LIMIT ?3)";
            sweep(sql, segment, cursor.day.plus(-LATE_DAYS * Millis::DAY))?;
        }
        tx.commit()?;
        Ok(left == 0)
    }
}

/// The segments that this table names, by hops in its key instead of a walk through all of it.
fn segments_of(conn: &Connection, table: &str) -> rusqlite::Result<Vec<SegmentId>> {
    let sql = format!("SELECT min(segment_id) FROM {table} WHERE segment_id > ?1");
    let mut next = conn.prepare_cached(&sql)?;
    let mut segments = Vec::new();
    let mut last = SegmentId(i64::MIN);
    while let Some(segment) = next.query_row([last], |row| row.get(0))? {
        segments.push(segment);
        last = segment;
    }
    Ok(segments)
}

fn is_deleted(conn: &Connection, segment: SegmentId, cursor: Cursor) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM segment_versions WHERE segment_id = ?1 AND seq <= ?2 AND deleted";
    conn.prepare_cached(sql)?.exists(params![segment, cursor.seq])
}
