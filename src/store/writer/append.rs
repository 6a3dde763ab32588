//! Appends rows to the log, and reads single rows for pages and the API.

use rusqlite::{OptionalExtension, Params, Row};

use super::{Receiver, Writer};
use crate::domain::{Adjustment, Caller, Exposure, Fire, Logged, Millis, Reader, Rejected, SegmentLoad, Seq};
use crate::store::form_keys::{FormKey, once};
use crate::store::log::row::LogRow;
use crate::store::log::{rejected, rows};
use crate::store::{Store, StoreError, Tx};

impl Store {
    /// Appends a row, and waits until it is committed and synced.
    ///
    /// # Errors
    /// [`StoreError::Overloaded`] for a full queue, [`StoreError::Unavailable`] for a failed commit. In both cases the
    /// row is not stored.
    pub async fn append(&self, row: LogRow) -> Result<Seq, StoreError> {
        crate::store::answer(self.writer().append(row)?).await
    }

    /// Appends the row that a form describes, unless the form's key has appended one already.
    ///
    /// # Errors
    /// [`StoreError::Repeated`], or as [`Store::append`].
    pub async fn append_once(&self, by: &Caller, key: Option<FormKey>, row: LogRow) -> Result<Seq, StoreError> {
        let who = by.clone();
        self.write(move |tx| {
            let append = |tx: &mut Tx<'_>| {
                let seq = tx.next_seq();
                rows::insert(tx.conn, seq, &row)?;
                Ok(seq)
            };
            once(tx, &who, key.as_ref(), append, |seq| seq.0)
        })
        .await
    }

    /// Counts a rejected request and keeps its row if there is room; waits until that is committed.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub async fn reject(&self, rejected: Rejected) -> Result<(), StoreError> {
        crate::store::answer(self.writer().reject(rejected)?).await
    }

    /// Appends rows in this order, all or none, in one transaction; waits until they are committed and synced.
    ///
    /// # Errors
    /// As [`Store::append`]. Then no row is stored.
    pub async fn append_together(&self, rows: Vec<LogRow>) -> Result<Vec<Seq>, StoreError> {
        self.write(move |tx| {
            let mut seqs = Vec::with_capacity(rows.len());
            for row in &rows {
                let seq = tx.next_seq();
                rows::insert(tx.conn, seq, row)?;
                seqs.push(seq);
            }
            Ok(seqs)
        })
        .await
    }

    /// Queues rows in this order and waits until the last is committed. For bulk senders: it never fills the queue.
    ///
    /// # Errors
    /// As [`Store::append`]. Rows before the failed one may be stored.
    pub async fn append_all(&self, rows: Vec<LogRow>) -> Result<(), StoreError> {
        self.queue_all(rows, Writer::append).await
    }

    /// The same for rejected requests.
    ///
    /// # Errors
    /// As [`Store::append_all`].
    pub async fn reject_all(&self, rejected: Vec<Rejected>) -> Result<(), StoreError> {
        self.queue_all(rejected, Writer::reject).await
    }

    async fn queue_all<R, T>(
        &self,
        rows: Vec<R>,
        queue: impl Fn(&Writer, R) -> Result<Receiver<T>, StoreError>,
    ) -> Result<(), StoreError> {
        let mut waiting = Vec::new();
        for row in rows {
            if self.writer().is_half_full() {
                for receiver in waiting.drain(..) {
                    crate::store::answer(receiver).await?;
                }
            }
            waiting.push(queue(self.writer(), row)?);
        }
        for receiver in waiting {
            crate::store::answer(receiver).await?;
        }
        Ok(())
    }

    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see its pixel.
    pub async fn fire(&self, by: &Reader, seq: Seq) -> Result<Logged<Fire>, StoreError> {
        let sql = "SELECT * FROM fires f WHERE seq = ?1 AND (?2 IS NULL OR EXISTS
            (SELECT 1 FROM pixels p WHERE p.id = f.pixel_id AND p.advertiser_id = ?2))";
        self.logged_row("fire", seq, sql, (seq, by.scope().advertiser()), rows::fire).await
    }

    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see its advertiser.
    pub async fn exposure(&self, by: &Reader, seq: Seq) -> Result<Logged<Exposure>, StoreError> {
        let sql = "SELECT * FROM exposures e WHERE seq = ?1 AND (?2 IS NULL OR advertiser_id = ?2 OR EXISTS
            (SELECT 1 FROM line_items l WHERE l.id = e.line_item_id AND l.advertiser_id = ?2))";
        self.logged_row("exposure", seq, sql, (seq, by.scope().advertiser()), rows::exposure).await
    }

    /// A load of the segment pixel. Visitors are the member's, so a caller who sees one advertiser alone finds none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn segment_load(&self, by: &Reader, seq: Seq) -> Result<Logged<SegmentLoad>, StoreError> {
        let sql = "SELECT * FROM segment_loads WHERE seq = ?1 AND ?2 IS NULL";
        self.logged_row("segment load", seq, sql, (seq, by.scope().advertiser()), rows::segment_load).await
    }

    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see its advertiser.
    pub async fn adjustment(&self, by: &Reader, seq: Seq) -> Result<Logged<Adjustment>, StoreError> {
        let sql = "SELECT * FROM adjustments WHERE seq = ?1 AND advertiser_id = coalesce(?2, advertiser_id)";
        self.logged_row("adjustment", seq, sql, (seq, by.scope().advertiser()), rows::adjustment).await
    }

    async fn logged_row<T: Send + 'static>(
        &self,
        what: &'static str,
        seq: Seq,
        sql: &'static str,
        params: impl Params + Send + 'static,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.read(move |conn| {
            let row = conn.prepare_cached(sql)?.query_row(params, read).optional()?;
            row.ok_or_else(|| StoreError::not_found(what, seq))
        })
        .await
    }

    /// How many requests were rejected since the beginning of the hour of `from`, by reason, most first. It counts requests
    /// without a stored row too. They belong to no advertiser, so a caller limited to one sees none.
    ///
    /// # Errors
    /// Database faults.
    pub async fn rejected_since(&self, by: &Reader, from: Millis) -> Result<Vec<(String, i64)>, StoreError> {
        if by.scope().advertiser().is_some() {
            return Ok(Vec::new());
        }
        self.read(move |conn| {
            let sql = "SELECT reason, sum(requests) AS requests FROM rejected_hours WHERE hour >= ?1
                GROUP BY reason ORDER BY 2 DESC, 1";
            let mut statement = conn.prepare_cached(sql)?;
            let counts = statement.query_map([from.hour()], |row| Ok((row.get("reason")?, row.get("requests")?)))?;
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
            let mut statement = conn.prepare_cached("SELECT * FROM rejected ORDER BY id DESC LIMIT ?1")?;
            let rejected = statement.query_map([most], rejected::read)?;
            Ok(rejected.collect::<Result<_, _>>()?)
        })
        .await
    }
}
