//! What was imported: the mark of each line stands in the database beside its row, written in the same transaction, so
//! that no line is appended twice, whatever is killed when. Part of the log, since it decides what may be appended.

use rusqlite::{Connection, OptionalExtension, params};

use super::{LogRow, Store, StoreError, log};
use crate::domain::{Collector, ExposureKind, Reader, Reason, Seq, TagKind, Warning};

/// By what a line is known again. What it is made of is for who imports to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportMark(pub [u8; 16]);

/// A line, to be appended once.
pub struct ImportRow {
    /// By what it is known again.
    pub mark: ImportMark,
    /// What it appends.
    pub row: LogRow,
    /// Of a click: the line of the impression that was clicked.
    pub clicked: Option<Clicked>,
}

/// The impression that was clicked, by its line in this import or an earlier one.
pub struct Clicked {
    /// The line's mark.
    pub mark: ImportMark,
    /// What is noted of the click where no impression stands under that mark before it.
    pub unknown: Warning,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It stands in the log now, at this place.
    Added(Seq),
    /// So does it, but the impression that it names does not.
    Untied(Seq),
    /// It stood there already.
    Known(Seq),
}

impl Store {
    /// Appends rows in this order, each unless one of its mark was appended before, in one transaction; waits until they
    /// are committed and synced.
    ///
    /// # Errors
    /// As [`Store::append`]; nothing was taken then.
    pub async fn import(&self, _: &Collector, rows: Vec<ImportRow>) -> Result<Vec<Imported>, StoreError> {
        self.write(move |tx| {
            let mut find = tx.conn.prepare_cached("SELECT seq FROM imported WHERE mark = ?1")?;
            let mut remember = tx.conn.prepare_cached("INSERT INTO imported (mark, seq) VALUES (?1, ?2)")?;
            let mut became = Vec::with_capacity(rows.len());
            for ImportRow { mark, mut row, clicked } in rows {
                if let Some(seq) = find.query_row([mark.0], |row| row.get(0)).optional()? {
                    became.push(Imported::Known(seq));
                    continue;
                }
                let is_tied = clicked.map_or(Ok(true), |clicked| tie(tx.conn, &mut row, clicked))?;
                let seq = tx.next_seq();
                log::insert(tx.conn, seq, &row)?;
                remember.execute(params![mark.0, seq])?;
                became.push(if is_tied { Imported::Added(seq) } else { Imported::Untied(seq) });
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
        self.read_report(move |conn| {
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

/// Ties a click to its impression, or notes that there is none; says which.
fn tie(conn: &Connection, row: &mut LogRow, clicked: Clicked) -> rusqlite::Result<bool> {
    let LogRow::Exposure(click) = row else { return Ok(true) };
    let sql = "SELECT e.seq, e.at FROM imported i CROSS JOIN exposures e USING (seq) WHERE i.mark = ?1 AND e.kind = ?2";
    let found = conn
        .prepare_cached(sql)?
        .query_row(params![clicked.mark.0, ExposureKind::Impression], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some(impression) => click.impression = Some(impression),
        None => click.warnings.push(clicked.unknown),
    }
    Ok(found.is_some())
}
