//! Imports. The mark of each line is stored in the same transaction as its row, so a killed import never appends a line
//! twice. The marks are part of the log, since they decide which lines may be appended.

use rusqlite::{Connection, OptionalExtension, params};

use super::row::LogRow;
use super::rows;
use crate::domain::{Collector, ExposureKind, Reader, Reason, Seq, TagKind, Warning};
use crate::store::{Store, StoreError};

/// Recognises a line that was imported before. The importer decides what it hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportMark(pub [u8; 16]);

/// A line of an import as a row of the log.
pub struct ImportRow {
    pub mark: ImportMark,
    pub row: LogRow,
    /// For a click that names the line of its impression.
    pub clicked: Option<ClickedImpression>,
}

/// The impression that a click names, by its line in this import or an earlier one.
pub struct ClickedImpression {
    pub mark: ImportMark,
    /// The click's warning if no impression with that mark was imported before it.
    pub unknown: Warning,
}

/// The result of importing a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportResult {
    Added(Seq),
    /// Added, but no imported impression has the mark that the click names.
    Untied(Seq),
    /// Skipped: an earlier import or an earlier line added it.
    Known(Seq),
}

impl Store {
    /// Appends the rows in this order in one transaction, except those with the mark of an earlier row. Waits until they
    /// are committed and synced.
    ///
    /// # Errors
    /// As [`Store::append`]. Then no row was taken.
    pub async fn import(&self, _: &Collector, rows: Vec<ImportRow>) -> Result<Vec<ImportResult>, StoreError> {
        self.write(move |tx| {
            let mut find = tx.conn.prepare_cached("SELECT seq FROM imported WHERE mark = ?1")?;
            let mut remember = tx.conn.prepare_cached("INSERT INTO imported (mark, seq) VALUES (?1, ?2)")?;
            let mut results = Vec::with_capacity(rows.len());
            for ImportRow { mark, mut row, clicked } in rows {
                if let Some(seq) = find.query_row([mark.0], |row| row.get("seq")).optional()? {
                    results.push(ImportResult::Known(seq));
                    continue;
                }
                let is_tied = clicked.map_or(Ok(true), |clicked| tie(tx.conn, &mut row, clicked))?;
                let seq = tx.next_seq();
                rows::insert(tx.conn, seq, &row)?;
                remember.execute(params![mark.0, seq])?;
                results.push(if is_tied { ImportResult::Added(seq) } else { ImportResult::Untied(seq) });
            }
            Ok(results)
        })
        .await
    }

    /// Whether a line with this mark was imported before.
    ///
    /// # Errors
    /// Database faults.
    pub async fn is_imported(&self, _: &Collector, mark: ImportMark) -> Result<bool, StoreError> {
        self.look_up(move |conn| Ok(conn.prepare_cached("SELECT 1 FROM imported WHERE mark = ?1")?.exists([mark.0])?))
            .await
    }

    /// How many of the imported fires after `after`, up to and including `to`, have each reason. Sorted by outcome, then by
    /// count, most first. Fires that are not judged yet are left out.
    ///
    /// # Errors
    /// Database faults.
    pub async fn imported_outcomes(&self, _: &Reader, after: Seq, to: Seq) -> Result<Vec<(Reason, i64)>, StoreError> {
        self.read_report(move |conn| {
            let sql = "SELECT c.reason AS reason, count(*) AS fires FROM fires f CROSS JOIN conversions c USING (seq)
                WHERE f.seq > ?1 AND f.seq <= ?2 AND f.tag = ?3 GROUP BY c.outcome, 1 ORDER BY c.outcome, 2 DESC, 1";
            let mut statement = conn.prepare_cached(sql)?;
            let params = params![after, to, TagKind::Import];
            let counts = statement.query_map(params, |row| Ok((row.get("reason")?, row.get("fires")?)))?;
            Ok(counts.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Links a click to its impression, or adds the warning if there is none. Returns whether there is one.
fn tie(conn: &Connection, row: &mut LogRow, clicked: ClickedImpression) -> rusqlite::Result<bool> {
    let LogRow::Exposure(click) = row else { return Ok(true) };
    let sql = "SELECT e.seq AS seq, e.at AS at FROM imported i CROSS JOIN exposures e USING (seq)
        WHERE i.mark = ?1 AND e.kind = ?2";
    let params = params![clicked.mark.0, ExposureKind::Impression];
    let read = |row: &rusqlite::Row<'_>| Ok((row.get("seq")?, row.get("at")?));
    let impression = conn.prepare_cached(sql)?.query_row(params, read).optional()?;
    match impression {
        Some(impression) => click.impression = Some(impression),
        None => click.warnings.push(clicked.unknown),
    }
    Ok(impression.is_some())
}
