//! Rejected requests. All of them are counted by hour and reason, but only so many rows are kept, so that junk cannot fill
//! the disk.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};

use crate::domain::{Millis, Rejected};
use crate::store::db::sql_types::get;
use crate::store::db::statements::insert;

/// Rows that are kept of one hour. Further requests are only counted.
pub const REJECTED_ROWS_AN_HOUR: u32 = 1_000;

/// Rows that are kept altogether, the latest. Older requests are only counted.
const REJECTED_ROWS: u32 = 100_000;

/// Counts a rejected request, and keeps its row if its hour has room. `rows_by_hour` remembers how many rows the
/// running hour has, so that the writer need not count them each time.
pub(in crate::store) fn insert(
    conn: &Connection,
    rejected: &Rejected,
    rows_by_hour: &mut HashMap<Millis, u32>,
) -> rusqlite::Result<()> {
    let hour = rejected.at.hour();
    let sql = "INSERT INTO rejected_hours (hour, reason, requests) VALUES (?1, ?2, 1)
        ON CONFLICT DO UPDATE SET requests = requests + 1";
    conn.prepare_cached(sql)?.execute(params![hour, rejected.reason])?;
    if !rows_by_hour.contains_key(&hour) {
        // Only the running hour matters. After a restart the table says how much of its room is left.
        rows_by_hour.clear();
        let sql = "SELECT count(*) FROM (SELECT at FROM rejected ORDER BY id DESC LIMIT ?2) WHERE at >= ?1";
        let rows: u32 = conn.query_row(sql, params![hour, REJECTED_ROWS_AN_HOUR], |row| row.get(0))?;
        rows_by_hour.insert(hour, rows);
        // Once an hour, so that one statement deletes at most the rows of an hour.
        conn.execute("DELETE FROM rejected WHERE id <= (SELECT max(id) FROM rejected) - ?1", [REJECTED_ROWS])?;
    }
    let rows = rows_by_hour.entry(hour).or_default();
    if *rows < REJECTED_ROWS_AN_HOUR {
        *rows += 1;
        insert!(
            conn,
            rejected {
                at: rejected.at,
                method: rejected.method,
                path: rejected.path,
                reason: rejected.reason,
                told: rejected.message,
                query: rejected.query,
                referer: rejected.referer,
                ip: rejected.ip,
            }
        )?;
    }
    Ok(())
}

pub(in crate::store) fn read(row: &Row<'_>) -> rusqlite::Result<Rejected> {
    Ok(Rejected {
        at: get(row, "at")?,
        method: get(row, "method")?,
        path: get(row, "path")?,
        reason: get(row, "reason")?,
        message: get(row, "told")?,
        query: get(row, "query")?,
        referer: get(row, "referer")?,
        ip: get(row, "ip")?,
    })
}
