//! Removes expired rows from the tables of segments, a few at a time. No reader depends on it.

use rusqlite::{Connection, params};

use super::{Cursor, JudgeFile};
use crate::domain::{Millis, SegmentId};
use crate::store::StoreError;

/// How many days the visitors of a day are kept, so that a late event does not count its visitor twice. Events are at
/// most 7 days late.
pub(in crate::store) const LATE_DAYS: i64 = 9;
/// How many rows one sweep removes. So few hold up no other write.
const SWEPT_AT_ONCE: i64 = 500;

impl JudgeFile {
    /// Removes some memberships that had expired when the judge's day began, and those of segments that are gone for
    /// good. It also removes visitors of days that are too old for late events. Returns whether there may be more. It
    /// blocks.
    ///
    /// # Errors
    /// Database faults, a full disk. In doubt nothing was removed.
    pub fn sweep(&self, cursor: Cursor) -> Result<bool, StoreError> {
        let tx = self.begin()?;
        let mut left = SWEPT_AT_ONCE;
        let mut sweep = |sql: &str, segment: SegmentId, until: Millis| -> rusqlite::Result<()> {
            let removed = tx.prepare_cached(sql)?.execute(params![segment, until, left])?;
            left -= i64::try_from(removed).unwrap_or(left);
            Ok(())
        };
        for segment in segments_of(&tx, "memberships")? {
            let sql = "DELETE FROM memberships WHERE (segment_id, visitor_id) IN (
                SELECT segment_id, visitor_id FROM memberships WHERE segment_id = ?1 AND expires_at <= ?2 LIMIT ?3)";
            let until = if is_gone(&tx, segment, cursor)? { Millis(i64::MAX) } else { cursor.day };
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

/// The segments that this table names. It jumps from key to key instead of reading the whole table.
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

/// How many days the members of a deleted segment are kept: longer than the bin keeps the segment.
const BIN_DAYS: i64 = 31;

/// Whether a segment was deleted so long ago that it cannot come back.
fn is_gone(conn: &Connection, segment: SegmentId, cursor: Cursor) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM segment_versions v WHERE segment_id = ?1 AND deleted AND at <= ?3
        AND seq = (SELECT max(seq) FROM segment_versions WHERE segment_id = ?1 AND seq <= ?2)";
    conn.prepare_cached(sql)?.exists(params![segment, cursor.seq, cursor.day.plus(-BIN_DAYS * Millis::DAY)])
}
