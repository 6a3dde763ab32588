//! The log's rows: appended by the writer, read in order by the judge, one by one by the pages. Never changed.

use rusqlite::{Connection, OptionalExtension};

pub(super) use super::log_rows::{exposure_at, fire, fire_at, insert, insert_rejected, rejected};
use super::{Store, StoreError, log_rows};
use crate::domain::{Adjustment, Exposure, Fire, Millis, Reader, Rejected, SegmentLoad, Seq};

/// Rows kept of rejected requests in one hour; further ones are only counted.
pub const REJECTED_ROWS_AN_HOUR: u32 = 1_000;

/// Rows kept of rejected requests in all, the latest; junk must not fill the disk. Older ones stay counted.
pub const REJECTED_ROWS: u32 = 100_000;

/// A row to append.
pub enum LogRow {
    /// A pixel loaded.
    Fire(Box<Fire>),
    /// An ad seen or clicked.
    Exposure(Box<Exposure>),
    /// The segment pixel loaded.
    SegmentLoad(Box<SegmentLoad>),
    /// A correction of earlier conversions.
    Adjustment(Box<Adjustment>),
    /// A request that could not be taken.
    Rejected(Box<Rejected>),
}

/// The last place taken in the log.
pub(super) fn last_seq(conn: &Connection) -> rusqlite::Result<Seq> {
    let sql = "SELECT max(
        (SELECT coalesce(max(seq), 0) FROM fires), (SELECT coalesce(max(seq), 0) FROM exposures),
        (SELECT coalesce(max(seq), 0) FROM segment_loads), (SELECT coalesce(max(seq), 0) FROM adjustments),
        (SELECT coalesce(max(seq), 0) FROM pixel_versions), (SELECT coalesce(max(seq), 0) FROM line_item_versions),
        (SELECT coalesce(max(seq), 0) FROM segment_versions), (SELECT coalesce(max(seq), 0) FROM rejudgements))";
    conn.query_row(sql, [], |row| row.get(0))
}

impl Store {
    /// Appends a row and waits until it is committed and synced. A rejected request has no place in the log: 0.
    ///
    /// # Errors
    /// [`StoreError::Overloaded`] when the queue is full, [`StoreError::Unavailable`] when it cannot be committed;
    /// in both cases the row was not taken.
    pub async fn append(&self, row: LogRow) -> Result<Seq, StoreError> {
        super::answer(self.writer().append(row)?).await
    }

    /// Appends rows in this order, all or none, in one transaction; waits until they are committed and synced. Not for
    /// rejected requests, which have no place in the log.
    ///
    /// # Errors
    /// As [`Store::append`]; nothing was taken then.
    pub async fn append_together(&self, rows: Vec<LogRow>) -> Result<Vec<Seq>, StoreError> {
        self.write(move |tx| {
            let mut seqs = Vec::with_capacity(rows.len());
            for row in &rows {
                let seq = tx.next_seq();
                insert(tx.conn, seq, row)?;
                seqs.push(seq);
            }
            Ok(seqs)
        })
        .await
    }

    /// Queues rows in this order and waits until the last is committed: for imports and the demo.
    ///
    /// # Errors
    /// As [`Store::append`]; rows before the one that failed may have been taken.
    pub async fn append_all(&self, rows: Vec<LogRow>) -> Result<(), StoreError> {
        let mut waiting = Vec::with_capacity(rows.len().min(super::writer::MAX_WAITING));
        for row in rows {
            if self.writer().depth() >= super::writer::MAX_WAITING / 2 {
                for receiver in waiting.drain(..) {
                    super::answer(receiver).await?;
                }
            }
            waiting.push(self.writer().append(row)?);
        }
        for receiver in waiting {
            super::answer(receiver).await?;
        }
        Ok(())
    }

    /// The fire at this place in the log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if its pixel is one that the caller may not see.
    pub async fn fire(&self, by: &Reader, seq: Seq) -> Result<Fire, StoreError> {
        let sql = "SELECT 1 FROM pixels WHERE id = ?1 AND advertiser_id = ?2";
        let scope = by.scope().advertiser();
        self.read(move |conn| {
            let found = fire_at(conn, seq)?.ok_or_else(|| StoreError::not_found("fire", seq))?;
            match scope {
                Some(own) if !conn.prepare_cached(sql)?.exists((found.pixel_id, own))? => {
                    Err(StoreError::not_found("fire", seq))
                }
                _ => Ok(found),
            }
        })
        .await
    }

    /// The exposure at this place in the log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if its line item is one that the caller may not see.
    pub async fn exposure(&self, by: &Reader, seq: Seq) -> Result<Exposure, StoreError> {
        let sql = "SELECT 1 FROM line_items WHERE id = ?1 AND advertiser_id = ?2";
        let scope = by.scope().advertiser();
        self.read(move |conn| {
            let found = exposure_at(conn, seq)?.ok_or_else(|| StoreError::not_found("exposure", seq))?;
            match scope {
                Some(own) if !conn.prepare_cached(sql)?.exists((found.line_item_id, own))? => {
                    Err(StoreError::not_found("exposure", seq))
                }
                _ => Ok(found),
            }
        })
        .await
    }

    /// The load of the segment pixel at this place in the log; visitors are the member's, so none for a caller who sees
    /// one advertiser alone.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn segment_load(&self, by: &Reader, seq: Seq) -> Result<SegmentLoad, StoreError> {
        let scoped = by.scope().advertiser().is_some();
        self.read(move |conn| {
            let mut rows = conn.prepare_cached("SELECT * FROM segment_loads WHERE seq = ?1 AND NOT ?2")?;
            let found = rows.query_row((seq, scoped), log_rows::segment_load).optional()?;
            found.ok_or_else(|| StoreError::not_found("segment load", seq))
        })
        .await
    }

    /// The adjustment at this place in the log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if it is of an advertiser that the caller may not see.
    pub async fn adjustment(&self, by: &Reader, seq: Seq) -> Result<Adjustment, StoreError> {
        let scope = by.scope().advertiser();
        self.read(move |conn| {
            let sql = "SELECT * FROM adjustments WHERE seq = ?1 AND advertiser_id = coalesce(?2, advertiser_id)";
            let found = conn.prepare_cached(sql)?.query_row((seq, scope), log_rows::adjustment).optional()?;
            found.ok_or_else(|| StoreError::not_found("adjustment", seq))
        })
        .await
    }

    /// How many requests were rejected since `from` (its whole hour), by reason, most first. Counted in full, whatever
    /// became of their rows. They belong to no advertiser, so who is limited to one sees none of them.
    ///
    /// # Errors
    /// Database faults.
    pub async fn rejected_since(&self, by: &Reader, from: Millis) -> Result<Vec<(String, i64)>, StoreError> {
        if by.scope().advertiser().is_some() {
            return Ok(Vec::new());
        }
        self.read(move |conn| {
            let sql =
                "SELECT reason, sum(requests) FROM rejected_hours WHERE hour >= ?1 GROUP BY reason ORDER BY 2 DESC, 1";
            let mut rows = conn.prepare_cached(sql)?;
            let counts = rows.query_map([from.hour()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(counts.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The latest rejected requests, newest first.
    ///
    /// # Errors
    /// Database faults.
    pub async fn latest_rejected(&self, _: &Reader, most: u32) -> Result<Vec<Rejected>, StoreError> {
        self.read(move |conn| {
            let mut rows = conn.prepare_cached("SELECT * FROM rejected ORDER BY id DESC LIMIT ?1")?;
            let rejected = rows.query_map([most], rejected)?;
            Ok(rejected.collect::<Result<_, _>>()?)
        })
        .await
    }
}
