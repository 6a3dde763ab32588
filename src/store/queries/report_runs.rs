//! The runs of reports and their status. A caller limited to one advertiser sees the reports of callers with the same
//! limit.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde_json::Value;

use crate::domain::{Millis, Reader, ReportRun, ReportStatus};
use crate::store::db::sql_types::get;
use crate::store::{Store, StoreError, Tx};

/// A run is saved this long before it is under way at the latest.
const LOST_AFTER: i64 = 60_000;
/// The error of a report whose end could not be saved.
const LOST: &str = "the server could not save how this report ended; ask for it again";

/// How many reports each caller may have.
#[derive(Clone, Copy, Debug)]
pub struct RunBounds {
    /// Reports that wait or are under way.
    pub waiting: u32,
    /// Reports that have ended.
    pub kept: u32,
    /// Bytes of the ended ones: files and requests.
    pub bytes: u64,
}

impl Store {
    /// A run of a report.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it.
    pub async fn report_run(&self, by: &Reader, id: &str) -> Result<ReportRun, StoreError> {
        let (own, id) = (by.scope().advertiser(), id.to_owned());
        self.look_up(move |conn| {
            let sql = "SELECT * FROM reports WHERE id = ?1 AND (?2 IS NULL OR advertiser_id = ?2)";
            let report = conn.prepare_cached(sql)?.query_row(params![id, own], run).optional()?;
            report.ok_or_else(|| StoreError::not_found("report", id))
        })
        .await
    }

    /// The latest runs of reports, newest first.
    ///
    /// # Errors
    /// Database faults.
    pub async fn report_runs(&self, by: &Reader, most: u32) -> Result<Vec<ReportRun>, StoreError> {
        let own = by.scope().advertiser();
        self.look_up(move |conn| {
            let sql = "SELECT * FROM reports WHERE ?1 IS NULL OR advertiser_id = ?1
                ORDER BY created_on DESC, id LIMIT ?2";
            Ok(conn.prepare_cached(sql)?.query_map(params![own, most], run)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Saves a report that waits for its run. It will hold what the reader sees. `alive` are the runs under way. Deletes
    /// the oldest reports of the caller if there would be too many, and returns their ids.
    ///
    /// # Errors
    /// [`StoreError::Limit`] while too many of the caller wait or are under way.
    pub(crate) async fn put_report_run(
        &self,
        by: &Reader,
        mut run: ReportRun,
        most: RunBounds,
        alive: Vec<String>,
    ) -> Result<(ReportRun, Vec<String>), StoreError> {
        run.advertiser_id = by.scope().advertiser();
        let (caller, alive) = (by.caller().to_string(), Value::from(alive).to_string());
        self.write(move |tx| {
            run.created_on = tx.now;
            end_lost(tx, &alive)?;
            if count_waiting(tx.conn, &caller)? >= most.waiting {
                return Err(StoreError::Limit(format!(
                    "you have {} reports that wait or are being written, and no more may; ask again once one has ended",
                    most.waiting
                )));
            }
            let sql = "DELETE FROM reports WHERE id IN (SELECT id FROM reports WHERE caller = ?1 AND status IN (?2, ?3)
                ORDER BY created_on DESC, id LIMIT -1 OFFSET ?4) RETURNING id";
            let (ready, error, left) = (ReportStatus::Ready, ReportStatus::Error, most.kept.saturating_sub(1));
            let gone = ids(tx.conn, sql, params![caller, ready, error, left])?;
            let sql = "INSERT INTO reports (id, name, advertiser_id, request, format, status, created_on, caller)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            tx.conn.prepare_cached(sql)?.execute(params![
                run.id,
                run.name,
                run.advertiser_id,
                run.request,
                run.format,
                run.status,
                run.created_on,
                caller
            ])?;
            Ok((run, gone))
        })
        .await
    }

    /// Saves how far a report is.
    pub(crate) async fn update_report_run(
        &self,
        id: String,
        status: ReportStatus,
        error: Option<String>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "UPDATE reports SET status = ?2, error = ?3 WHERE id = ?1";
            tx.conn.prepare_cached(sql)?.execute(params![id, status, error])?;
            Ok(())
        })
        .await
    }

    /// Saves that a report is ready, with its rows and bytes. Deletes the oldest ended reports of its caller until the rest
    /// has at most `bytes`, and returns their ids.
    pub(crate) async fn end_report_run(
        &self,
        id: String,
        rows: u64,
        size: u64,
        bytes: u64,
    ) -> Result<Vec<String>, StoreError> {
        self.write(move |tx| {
            let (ready, error) = (ReportStatus::Ready, ReportStatus::Error);
            let sql = "UPDATE reports SET status = ?2, row_count = ?3, report_size = ?4 WHERE id = ?1";
            tx.conn.prepare_cached(sql)?.execute(params![id, ready, number(rows), number(size)])?;
            let sql = "DELETE FROM reports WHERE id <> ?1 AND id IN (
                SELECT id FROM (
                    SELECT id, sum(coalesce(report_size, 0) + octet_length(request))
                        OVER (ORDER BY id = ?1 DESC, created_on DESC, id) AS bytes
                    FROM reports
                    WHERE caller = (SELECT caller FROM reports WHERE id = ?1) AND status IN (?2, ?3))
                WHERE bytes > ?4) RETURNING id";
            ids(tx.conn, sql, params![id, ready, error, number(bytes)])
        })
        .await
    }

    /// Deletes the reports of requests before `moment`, and returns their ids.
    pub(crate) async fn forget_report_runs(&self, moment: Millis) -> Result<Vec<String>, StoreError> {
        self.write(move |tx| ids(tx.conn, "DELETE FROM reports WHERE created_on < ?1 RETURNING id", [moment])).await
    }

    /// The ids of all reports that are ready. It blocks, for the start of the program.
    pub(crate) fn ready_reports_now(&self) -> Result<HashSet<String>, StoreError> {
        let conn = self.0.readers.take_now()?;
        let mut statement = conn.prepare("SELECT id FROM reports WHERE status = ?1")?;
        Ok(statement.query_map([ReportStatus::Ready], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Marks the reports as failed that were running when the program stopped. It does not wait for the commit, since the
    /// writer commits later writes after it.
    pub(crate) fn end_unfinished_reports(&self, error: &'static str) -> Result<(), StoreError> {
        let receiver = self.writer().submit(move |tx| {
            let sql = "UPDATE reports SET status = ?1, error = ?2 WHERE status IN (?3, ?4)";
            let (pending, processing) = (ReportStatus::Pending, ReportStatus::Processing);
            tx.conn.execute(sql, params![ReportStatus::Error, error, pending, processing])?;
            Ok(())
        })?;
        drop(receiver);
        Ok(())
    }
}

/// Ends the reports whose runs ended unsaved, so that they do not wait for ever.
fn end_lost(tx: &Tx<'_>, alive: &str) -> Result<(), StoreError> {
    let sql = "UPDATE reports SET status = ?1, error = ?2 WHERE status IN (?3, ?4) AND created_on < ?5
        AND id NOT IN (SELECT value FROM json_each(?6))";
    let (pending, processing) = (ReportStatus::Pending, ReportStatus::Processing);
    let since = tx.now.plus(-LOST_AFTER);
    tx.conn.prepare_cached(sql)?.execute(params![ReportStatus::Error, LOST, pending, processing, since, alive])?;
    Ok(())
}

fn count_waiting(conn: &Connection, caller: &str) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM reports WHERE caller = ?1 AND status IN (?2, ?3)";
    let (pending, processing) = (ReportStatus::Pending, ReportStatus::Processing);
    Ok(conn.prepare_cached(sql)?.query_row(params![caller, pending, processing], |row| row.get(0))?)
}

fn ids(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<String>, StoreError> {
    Ok(conn.prepare_cached(sql)?.query_map(params, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// SQLite's integers are signed. No count comes near their limit.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn run(row: &Row<'_>) -> rusqlite::Result<ReportRun> {
    let count = |column: &str| Ok::<_, rusqlite::Error>(get::<Option<i64>>(row, column)?.map(i64::unsigned_abs));
    Ok(ReportRun {
        id: get(row, "id")?,
        name: get(row, "name")?,
        advertiser_id: get(row, "advertiser_id")?,
        request: get(row, "request")?,
        format: get(row, "format")?,
        status: get(row, "status")?,
        error: get(row, "error")?,
        row_count: count("row_count")?,
        report_size: count("report_size")?,
        created_on: get(row, "created_on")?,
    })
}
