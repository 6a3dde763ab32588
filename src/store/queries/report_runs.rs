//! The runs of reports and their status. A caller limited to one advertiser sees the reports of callers with the same
//! limit.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row, params};

use crate::domain::{Millis, Reader, ReportRun, ReportStatus};
use crate::store::db::sql_types::get;
use crate::store::{Store, StoreError};

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

    /// Saves a report that waits for its run. It will hold what the reader sees.
    pub(crate) async fn put_report_run(&self, by: &Reader, mut run: ReportRun) -> Result<ReportRun, StoreError> {
        run.advertiser_id = by.scope().advertiser();
        self.write(move |tx| {
            run.created_on = tx.now;
            let sql = "INSERT INTO reports (id, name, advertiser_id, request, format, status, created_on)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            tx.conn.prepare_cached(sql)?.execute(params![
                run.id,
                run.name,
                run.advertiser_id,
                run.request,
                run.format,
                run.status,
                run.created_on
            ])?;
            Ok(run)
        })
        .await
    }

    /// Saves how far a report is.
    pub(crate) async fn update_report_run(
        &self,
        id: String,
        status: ReportStatus,
        rows_and_size: Option<(u64, u64)>,
        error: Option<String>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            let (rows, size) = rows_and_size.unzip();
            let sql = "UPDATE reports SET status = ?2, row_count = ?3, report_size = ?4, error = ?5 WHERE id = ?1";
            tx.conn.prepare_cached(sql)?.execute(params![id, status, number(rows), number(size), error])?;
            Ok(())
        })
        .await
    }

    /// Deletes the reports of requests before `moment`, and returns their ids.
    pub(crate) async fn forget_report_runs(&self, moment: Millis) -> Result<Vec<String>, StoreError> {
        self.write(move |tx| {
            let sql = "DELETE FROM reports WHERE created_on < ?1 RETURNING id";
            Ok(tx.conn.prepare_cached(sql)?.query_map([moment], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .await
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

/// SQLite's integers are signed. No count comes near their limit.
fn number(count: Option<u64>) -> Option<i64> {
    count.map(|count| i64::try_from(count).unwrap_or(i64::MAX))
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
