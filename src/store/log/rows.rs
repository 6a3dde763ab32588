//! Reads and writes the log's tables, row by row. A logged row never changes.

use rusqlite::{Connection, OptionalExtension, Row};

use super::arrivals::{arrival, arrival_to_text, click_ids_from_text, click_ids_to_text};
use super::row::LogRow;
use crate::domain::{
    Adjustment, ConversionChange, ConversionName, Exposure, Fire, FireDetails, Flags, Logged, Millis, SegmentLoad, Seq,
};
use crate::store::db::sql_types::{
    content_ids_from_text, content_ids_to_text, get, segments_from_text, segments_to_text, warnings_from_text,
    warnings_to_text,
};
use crate::store::db::statements::insert;

/// Writes one row under this number.
pub(in crate::store) fn insert(conn: &Connection, seq: Seq, row: &LogRow) -> rusqlite::Result<()> {
    match row {
        LogRow::Fire(fire) => insert_fire(conn, seq, fire),
        LogRow::Exposure(exposure) => insert_exposure(conn, seq, exposure),
        LogRow::SegmentLoad(load) => insert_segment_load(conn, seq, load),
        LogRow::Adjustment(adjustment) => insert_adjustment(conn, seq, adjustment),
    }
}

fn insert_fire(conn: &Connection, seq: Seq, fire: &Fire) -> rusqlite::Result<()> {
    let details = &fire.details;
    insert!(
        conn,
        fires {
            seq: seq,
            at: fire.at,
            received: fire.received,
            pixel_id: fire.pixel_id,
            visitor_id: fire.visitor_id,
            flags: fire.flags.bits(),
            tag: fire.tag,
            order_id: fire.order_id,
            value: fire.value,
            currency: fire.currency,
            other: fire.other,
            event_id: fire.event_id,
            exposure_seq: fire.exposure,
            warnings: warnings_to_text(&fire.warnings),
            query: fire.query,
            referer: fire.referer,
            user_agent: fire.user_agent,
            ip: fire.ip,
            segments: segments_to_text(&details.segments),
            content_ids: content_ids_to_text(&details.content_ids),
            num_items: details.num_items,
            reason_code: details.reason_code,
            reference_id: details.reference_id,
            parent_reference_id: details.parent_reference_id,
            consent: details.consent,
            hashed_email: details.hashed_email,
            click_ids: click_ids_to_text(&details.click_ids),
        }
    )?;
    Ok(())
}

fn insert_exposure(conn: &Connection, seq: Seq, exposure: &Exposure) -> rusqlite::Result<()> {
    let arrival = exposure.arrival.as_deref();
    insert!(
        conn,
        exposures {
            seq: seq,
            at: exposure.at,
            kind: exposure.kind,
            tracker_id: exposure.tracker_id,
            line_item_id: exposure.line_item_id,
            publisher_id: exposure.publisher_id,
            campaign_id: exposure.campaign_id,
            creative_id: exposure.creative_id,
            visitor_id: exposure.visitor_id,
            flags: exposure.flags.bits(),
            ancost: exposure.ancost,
            imp_seq: exposure.impression.map(|(seq, _)| seq),
            imp_at: exposure.impression.map(|(_, at)| at),
            warnings: warnings_to_text(&exposure.warnings),
            query: exposure.query,
            referer: exposure.referer,
            user_agent: exposure.user_agent,
            ip: exposure.ip,
            advertiser_id: arrival.map(|arrival| arrival.advertiser_id),
            arrival: arrival.map(arrival_to_text),
        }
    )?;
    Ok(())
}

fn insert_segment_load(conn: &Connection, seq: Seq, load: &SegmentLoad) -> rusqlite::Result<()> {
    insert!(
        conn,
        segment_loads {
            seq: seq,
            at: load.at,
            visitor_id: load.visitor_id,
            flags: load.flags.bits(),
            tag: load.tag,
            segments: segments_to_text(&load.segments),
            warnings: warnings_to_text(&load.warnings),
            query: load.query,
            referer: load.referer,
            user_agent: load.user_agent,
            ip: load.ip,
        }
    )?;
    Ok(())
}

fn insert_adjustment(conn: &Connection, seq: Seq, adjustment: &Adjustment) -> rusqlite::Result<()> {
    let (order_id, event_id, reference_id, conversion_seq) = match &adjustment.of {
        ConversionName::OrderId(id) => (Some(id), None, None, None),
        ConversionName::EventId(id) => (None, Some(id), None, None),
        ConversionName::ReferenceId(id) => (None, None, Some(id), None),
        ConversionName::ConversionId(seq) => (None, None, None, Some(seq)),
    };
    let (kind, value, currency) = match adjustment.change {
        ConversionChange::Retract => ("retract", None, None),
        ConversionChange::Restate { value, currency } => ("restate", value, currency),
    };
    insert!(
        conn,
        adjustments {
            seq: seq,
            at: adjustment.at,
            received: adjustment.received,
            advertiser_id: adjustment.advertiser_id,
            pixel_id: adjustment.pixel_id,
            order_id: order_id,
            event_id: event_id,
            reference_id: reference_id,
            kind: kind,
            value: value,
            currency: currency,
            reason_code: adjustment.reason_code,
            source: adjustment.source,
            conversion_seq: conversion_seq,
        }
    )?;
    Ok(())
}

/// Reads a row of `fires`.
pub(in crate::store) fn fire(row: &Row<'_>) -> rusqlite::Result<Logged<Fire>> {
    let fire = Fire {
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
            click_ids: click_ids_from_text(get(row, "click_ids")?),
        },
        warnings: warnings_from_text(get(row, "warnings")?),
        query: get(row, "query")?,
        referer: get(row, "referer")?,
        user_agent: get(row, "user_agent")?,
        ip: get(row, "ip")?,
    };
    Ok(Logged { seq: get(row, "seq")?, row: fire })
}

/// Reads a row of `exposures`.
pub(in crate::store) fn exposure(row: &Row<'_>) -> rusqlite::Result<Logged<Exposure>> {
    let imp_seq: Option<Seq> = get(row, "imp_seq")?;
    let imp_at: Option<Millis> = get(row, "imp_at")?;
    let exposure = Exposure {
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
        arrival: arrival(row)?,
        warnings: warnings_from_text(get(row, "warnings")?),
        query: get(row, "query")?,
        referer: get(row, "referer")?,
        user_agent: get(row, "user_agent")?,
        ip: get(row, "ip")?,
    };
    Ok(Logged { seq: get(row, "seq")?, row: exposure })
}

/// Reads a row of `segment_loads`.
pub(in crate::store) fn segment_load(row: &Row<'_>) -> rusqlite::Result<Logged<SegmentLoad>> {
    let load = SegmentLoad {
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
    };
    Ok(Logged { seq: get(row, "seq")?, row: load })
}

/// Reads a row of `adjustments`.
pub(in crate::store) fn adjustment(row: &Row<'_>) -> rusqlite::Result<Logged<Adjustment>> {
    let order_id: Option<String> = get(row, "order_id")?;
    let event_id: Option<String> = get(row, "event_id")?;
    let conversion: Option<Seq> = get(row, "conversion_seq")?;
    let of = match (order_id, event_id, conversion) {
        (Some(id), _, _) => ConversionName::OrderId(id),
        (None, Some(id), _) => ConversionName::EventId(id),
        (None, None, Some(seq)) => ConversionName::ConversionId(seq),
        (None, None, None) => ConversionName::ReferenceId(get(row, "reference_id")?),
    };
    let kind: String = get(row, "kind")?;
    let change = match kind.as_str() {
        "retract" => ConversionChange::Retract,
        _ => ConversionChange::Restate { value: get(row, "value")?, currency: get(row, "currency")? },
    };
    let adjustment = Adjustment {
        at: get(row, "at")?,
        received: get(row, "received")?,
        advertiser_id: get(row, "advertiser_id")?,
        pixel_id: get(row, "pixel_id")?,
        of,
        change,
        reason_code: get(row, "reason_code")?,
        source: get(row, "source")?,
    };
    Ok(Logged { seq: get(row, "seq")?, row: adjustment })
}

pub(in crate::store) fn fire_at(conn: &Connection, seq: Seq) -> rusqlite::Result<Option<Logged<Fire>>> {
    conn.prepare_cached("SELECT * FROM fires WHERE seq = ?1")?.query_row([seq], fire).optional()
}

pub(in crate::store) fn exposure_at(conn: &Connection, seq: Seq) -> rusqlite::Result<Option<Logged<Exposure>>> {
    conn.prepare_cached("SELECT * FROM exposures WHERE seq = ?1")?.query_row([seq], exposure).optional()
}
