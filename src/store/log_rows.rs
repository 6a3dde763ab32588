//! How the log's rows stand in their tables: written once, at their place, and read back. Nothing here is ever changed.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::log::{LogRow, REJECTED_ROWS, REJECTED_ROWS_AN_HOUR};
use super::sql_types::{
    content_ids_from_text, content_ids_to_text, get, segments_from_text, segments_to_text, warnings_from_text,
    warnings_to_text,
};
use crate::domain::{
    Adjustment, ConversionName, Correction, Exposure, Fire, FireDetails, Flags, Millis, Rejected, SegmentLoad, Seq,
};

/// Writes one row at its place.
pub(super) fn insert(conn: &Connection, seq: Seq, row: &LogRow) -> rusqlite::Result<()> {
    match row {
        LogRow::Fire(fire) => insert_fire(conn, seq, fire),
        LogRow::Exposure(exposure) => insert_exposure(conn, seq, exposure),
        LogRow::SegmentLoad(load) => insert_segment_load(conn, seq, load),
        LogRow::Adjustment(adjustment) => insert_adjustment(conn, seq, adjustment),
        LogRow::Rejected(_) => Ok(()),
    }
}

fn insert_fire(conn: &Connection, seq: Seq, fire: &Fire) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO fires VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
        ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)";
    let details = &fire.details;
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
        segments_to_text(&details.segments),
        content_ids_to_text(&details.content_ids),
        details.num_items,
        details.reason_code,
        details.reference_id,
        details.parent_reference_id,
        details.consent,
        details.hashed_email,
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

fn insert_segment_load(conn: &Connection, seq: Seq, load: &SegmentLoad) -> rusqlite::Result<()> {
    let sql = "INSERT INTO segment_loads VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    conn.prepare_cached(sql)?.execute(params![
        seq,
        load.at,
        load.visitor_id,
        load.flags.bits(),
        load.tag,
        segments_to_text(&load.segments),
        warnings_to_text(&load.warnings),
        load.query,
        load.referer,
        load.user_agent,
        load.ip,
    ])?;
    Ok(())
}

fn insert_adjustment(conn: &Connection, seq: Seq, adjustment: &Adjustment) -> rusqlite::Result<()> {
    let (order_id, event_id, reference_id) = match &adjustment.of {
        ConversionName::OrderId(id) => (Some(id), None, None),
        ConversionName::EventId(id) => (None, Some(id), None),
        ConversionName::ReferenceId(id) => (None, None, Some(id)),
    };
    let (kind, value, currency) = match adjustment.correction {
        Correction::Retract => ("retract", None, None),
        Correction::Restate { value, currency } => ("restate", Some(value), currency),
    };
    let sql = "INSERT INTO adjustments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    conn.prepare_cached(sql)?.execute(params![
        seq,
        adjustment.at,
        adjustment.received,
        adjustment.advertiser_id,
        adjustment.pixel_id,
        order_id,
        event_id,
        reference_id,
        kind,
        value,
        currency,
        adjustment.reason_code,
        adjustment.source,
    ])?;
    Ok(())
}

/// Counts a rejected request, and keeps its row if the hour has room; the oldest rows go when there are too many. `kept` is the writer's memory of that room.
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
        let sql = "SELECT count(*) FROM (SELECT at FROM rejected ORDER BY id DESC LIMIT ?2) WHERE at >= ?1";
        let rows: u32 = conn.query_row(sql, params![hour, REJECTED_ROWS_AN_HOUR], |row| row.get(0))?;
        kept.insert(hour, rows);
        // As few at once as an hour has brought: the oldest make room.
        conn.execute("DELETE FROM rejected WHERE id <= (SELECT max(id) FROM rejected) - ?1", [REJECTED_ROWS])?;
    }
    let rows = kept.entry(hour).or_default();
    if *rows < REJECTED_ROWS_AN_HOUR {
        *rows += 1;
        let sql = "INSERT INTO rejected (at, method, path, reason, told, query, referer, ip)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        conn.prepare_cached(sql)?.execute(params![
            rejected.at,
            rejected.method,
            rejected.path,
            rejected.reason,
            rejected.told,
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
        details: FireDetails {
            segments: segments_from_text(get(row, "segments")?),
            content_ids: content_ids_from_text(get(row, "content_ids")?),
            num_items: get(row, "num_items")?,
            reason_code: get(row, "reason_code")?,
            reference_id: get(row, "reference_id")?,
            parent_reference_id: get(row, "parent_reference_id")?,
            consent: get(row, "consent")?,
            hashed_email: get(row, "hashed_email")?,
        },
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

/// Reads a row of `segment_loads`.
pub(super) fn segment_load(row: &Row<'_>) -> rusqlite::Result<SegmentLoad> {
    Ok(SegmentLoad {
        seq: get(row, "seq")?,
        at: get(row, "at")?,
        visitor_id: get(row, "visitor_id")?,
        flags: Flags::from_bits(get(row, "flags")?),
        tag: get(row, "tag")?,
        segments: segments_from_text(get(row, "segments")?),
        warnings: warnings_from_text(get(row, "warnings")?),
        query: get(row, "query")?,
        referer: get(row, "referer")?,
        user_agent: get(row, "user_agent")?,
        ip: get(row, "ip")?,
    })
}

/// Reads a row of `adjustments`.
pub(super) fn adjustment(row: &Row<'_>) -> rusqlite::Result<Adjustment> {
    let order_id: Option<String> = get(row, "order_id")?;
    let event_id: Option<String> = get(row, "event_id")?;
    let of = match (order_id, event_id) {
        (Some(id), _) => ConversionName::OrderId(id),
        (None, Some(id)) => ConversionName::EventId(id),
        (None, None) => ConversionName::ReferenceId(get(row, "reference_id")?),
    };
    let kind: String = get(row, "kind")?;
    let correction = match kind.as_str() {
        "retract" => Correction::Retract,
        _ => Correction::Restate { value: get(row, "value")?, currency: get(row, "currency")? },
    };
    Ok(Adjustment {
        seq: get(row, "seq")?,
        at: get(row, "at")?,
        received: get(row, "received")?,
        advertiser_id: get(row, "advertiser_id")?,
        pixel_id: get(row, "pixel_id")?,
        of,
        correction,
        reason_code: get(row, "reason_code")?,
        source: get(row, "source")?,
    })
}

/// Reads a row of `rejected`.
pub(super) fn rejected(row: &Row<'_>) -> rusqlite::Result<Rejected> {
    Ok(Rejected {
        at: get(row, "at")?,
        method: get(row, "method")?,
        path: get(row, "path")?,
        reason: get(row, "reason")?,
        told: get(row, "told")?,
        query: get(row, "query")?,
        referer: get(row, "referer")?,
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
