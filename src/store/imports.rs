//! What was imported: the mark of each line stands in the database beside its row, written in the same transaction, so
//! that no line is appended twice, whatever is killed when. Part of the log, since it decides what may be appended.

use rusqlite::{OptionalExtension, params};

use super::{LogRow, Store, StoreError, log};
use crate::domain::{Collector, Reader, Reason, Seq, TagKind};

/// By what a line is known again. What it is made of is for who imports to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportMark(pub [u8; 16]);

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It stands in the log now, at this place.
    Added(Seq),
    /// It stood there already.
    Known(Seq),
}

impl Store {
    /// Appends rows in this order, each unless one of its mark was appended before, in one transaction; waits until they
    /// are committed and synced.
    ///
    /// # Errors
    /// As [`Store::append`]; nothing was taken then.
    pub async fn import(&self, _: &Collector, rows: Vec<(ImportMark, LogRow)>) -> Result<Vec<Imported>, StoreError> {
        self.write(move |tx| {
            let mut find = tx.conn.prepare_cached("SELECT seq FROM imported WHERE mark = ?1")?;
            let mut remember = tx.conn.prepare_cached("INSERT INTO imported (mark, seq) VALUES (?1, ?2)")?;
            let mut became = Vec::with_capacity(rows.len());
            for (mark, row) in &rows {
                if let Some(seq) = find.query_row([mark.0], |row| row.get(0)).optional()? {
                    became.push(Imported::Known(seq));
                    continue;
                }
                let seq = tx.next_seq();
                log::insert(tx.conn, seq, row)?;
                remember.execute(params![mark.0, seq])?;
                became.push(Imported::Added(seq));
            }
            Ok(became)
        })
        .await
    }

    /// What became of the imported fires that stand after `after`, up to and with `to`: how many by reason, those of one outcome
    /// together, most first.
    /// Those that are not judged yet are left out.
    ///
    /// # Errors
    /// Database faults.
    pub async fn imported_outcomes(&self, _: &Reader, after: Seq, to: Seq) -> Result<Vec<(Reason, i64)>, StoreError> {
        self.read(move |conn| {
            let sql = "SELECT c.reason, count(*) FROM fires f CROSS JOIN conversions c USING (seq)
                WHERE f.seq > ?1 AND f.seq <= ?2 AND f.tag = ?3 GROUP BY c.outcome, 1 ORDER BY c.outcome, 2 DESC, 1";
            let mut statement = conn.prepare_cached(sql)?;
            let counts =
                statement.query_map(params![after, to, TagKind::Import], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(counts.collect::<Result<_, _>>()?)
        })
        .await
    }
}
