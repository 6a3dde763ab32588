//! The log's rows: appended by the writer, read in order by the judge, one by one by the pages. Never changed.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::sql_types::{get, warnings_from_text, warnings_to_text};
use super::{Store, StoreError};
use crate::domain::{Exposure, Fire, Flags, Millis, Reader, Rejected, Seq};

/// Rows kept of rejected requests in one hour; further ones are only counted.
pub const REJECTED_ROWS_AN_HOUR: u32 = 1_000;

/// A row to append.
pub enum LogRow {
    /// A pixel loaded.
    Fire(Box<Fire>),
    /// An ad seen or clicked.
    Exposure(Box<Exposure>),
    /// A request that could not be taken.
    Rejected(Box<Rejected>),
}

/// The last place taken in the log.
pub(super) fn last_seq(conn: &Connection) -> rusqlite::Result<Seq> {
    let sql = "SELECT max(
        (SELECT coalesce(max(seq), 0) FROM fires), (SELECT coalesce(max(seq), 0) FROM exposures),
        (SELECT coalesce(max(seq), 0) FROM pixel_versions), (SELECT coalesce(max(seq), 0) FROM line_item_versions),
        (SELECT seq FROM judge_cursor))";
    conn.query_row(sql, [], |row| row.get(0))
}

/// Writes one fire or exposure at its place.
pub(super) fn insert(conn: &Connection, seq: Seq, row: &LogRow) -> rusqlite::Result<()> {
    match row {
        LogRow::Fire(fire) => insert_fire(conn, seq, fire),
        LogRow::Exposure(exposure) => insert_exposure(conn, seq, exposure),
        LogRow::Rejected(_) => Ok(()),
    }
}

fn insert_fire(conn: &Connection, seq: Seq, fire: &Fire) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO fires VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    conn.prepare_cached(sql)?.execute(params![
        seq,
        fire.at,
        fire.received,
        fire.pixel_id,
        fire.visitor_id,
        fire.flags.bits(),
        fire.tag,
        fire.order_id,
        fire.value,
        fire.currency,
        fire.other,
        fire.event_id,
        fire.exposure,
        warnings_to_text(&fire.warnings),
        fire.query,
        fire.referer,
        fire.user_agent,
        fire.ip,
    ])?;
    Ok(())
}

fn insert_exposure(conn: &Connection, seq: Seq, exposure: &Exposure) -> rusqlite::Result<()> {
    let sql = "INSERT INTO exposures VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    conn.prepare_cached(sql)?.execute(params![
        seq,
        exposure.at,
        exposure.kind,
        exposure.tracker_id,
        exposure.line_item_id,
        exposure.publisher_id,
        exposure.campaign_id,
        exposure.creative_id,
        exposure.visitor_id,
        exposure.flags.bits(),
        exposure.ancost,
        exposure.impression.map(|(seq, _)| seq),
        exposure.impression.map(|(_, at)| at),
        warnings_to_text(&exposure.warnings),
        exposure.query,
        exposure.referer,
        exposure.user_agent,
        exposure.ip,
    ])?;
    Ok(())
}

/// Counts a rejected request, and keeps its row if the hour has room. `kept` is the writer's memory of that room.
pub(super) fn insert_rejected(
    conn: &Connection,
    rejected: &Rejected,
    kept: &mut HashMap<Millis, u32>,
) -> rusqlite::Result<()> {
    let hour = rejected.at.hour();
    let sql = "INSERT INTO rejected_hours VALUES (?1, ?2, 1) ON CONFLICT DO UPDATE SET requests = requests + 1";
    conn.prepare_cached(sql)?.execute(params![hour, rejected.reason])?;
    if !kept.contains_key(&hour) {
        // Only the running hour matters; after a restart the table tells how much of it is used up.
        kept.clear();
        let sql = "SELECT count(*) FROM (SELECT 1 FROM rejected WHERE at >= ?1 LIMIT ?2)";
        let rows: u32 = conn.query_row(sql, params![hour, REJECTED_ROWS_AN_HOUR], |row| row.get(0))?;
        kept.insert(hour, rows);
    }
    let rows = kept.entry(hour).or_default();
    if *rows < REJECTED_ROWS_AN_HOUR {
        *rows += 1;
        let sql = "INSERT INTO rejected (at, path, reason, query, referer, ip) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        conn.prepare_cached(sql)?.execute(params![
            rejected.at,
            rejected.path,
            rejected.reason,
            rejected.query,
            rejected.referer,
            rejected.ip,
        ])?;
    }
    Ok(())
}

/// Reads a row of `fires`.
pub(super) fn fire(row: &Row<'_>) -> rusqlite::Result<Fire> {
    Ok(Fire {
        seq: get(row, "seq")?,
        at: get(row, "at")?,
        received: get(row, "received")?,
        pixel_id: get(row, "pixel_id")?,
        visitor_id: get(row, "visitor_id")?,
        flags: Flags::from_bits(get(row, "flags")?),
        tag: get(row, "tag")?,
        order_id: get(row, "order_id")?,
        value: get(row, "value")?,
        currency: get(row, "currency")?,
        other: get(row, "other")?,
        event_id: get(row, "event_id")?,
        exposure: get(row, "exposure_seq")?,
        warnings: warnings_from_text(get(row, "warnings")?),
        query: get(row, "query")?,
        referer: get(row, "referer")?,
        user_agent: get(row, "user_agent")?,
        ip: get(row, "ip")?,
    })
}

/// Reads a row of `exposures`.
pub(super) fn exposure(row: &Row<'_>) -> rusqlite::Result<Exposure> {
    let imp_seq: Option<Seq> = get(row, "imp_seq")?;
    let imp_at: Option<Millis> = get(row, "imp_at")?;
    Ok(Exposure {
        seq: get(row, "seq")?,
        at: get(row, "at")?,
        kind: get(row, "kind")?,
        tracker_id: get(row, "tracker_id")?,
        line_item_id: get(row, "line_item_id")?,
        publisher_id: get(row, "publisher_id")?,
        campaign_id: get(row, "campaign_id")?,
        creative_id: get(row, "creative_id")?,
        visitor_id: get(row, "visitor_id")?,
        flags: Flags::from_bits(get(row, "flags")?),
        ancost: get(row, "ancost")?,
        impression: imp_seq.zip(imp_at),
        warnings: warnings_from_text(get(row, "warnings")?),
        query: get(row, "query")?,
        referer: get(row, "referer")?,
        user_agent: get(row, "user_agent")?,
        ip: get(row, "ip")?,
    })
}

/// The fire at this place.
pub(super) fn fire_at(conn: &Connection, seq: Seq) -> rusqlite::Result<Option<Fire>> {
    conn.prepare_cached("SELECT * FROM fires WHERE seq = ?1")?.query_row([seq], fire).optional()
}

/// The exposure at this place.
pub(super) fn exposure_at(conn: &Connection, seq: Seq) -> rusqlite::Result<Option<Exposure>> {
    conn.prepare_cached("SELECT * FROM exposures WHERE seq = ?1")?.query_row([seq], exposure).optional()
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

    /// How many requests were rejected since `from` (its whole hour), by reason, most first. Counted in full, whatever
    /// became of their rows.
    ///
    /// # Errors
    /// Database faults.
    pub async fn rejected_since(&self, _: &Reader, from: Millis) -> Result<Vec<(String, i64)>, StoreError> {
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
            let rejected = rows.query_map([most], |row| {
                Ok(Rejected {
                    at: get(row, "at")?,
                    path: get(row, "path")?,
                    reason: get(row, "reason")?,
                    query: get(row, "query")?,
                    referer: get(row, "referer")?,
                    ip: get(row, "ip")?,
                })
            })?;
            Ok(rejected.collect::<Result<_, _>>()?)
        })
        .await
    }
}
