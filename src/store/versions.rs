//! The versions of what decides outcomes, as the judge and the explanations read them: those in force at a place in
//! the log, and those that come into force between two places. A deleted object is one that earns nothing more.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::StoreError;
use crate::domain::{
    AdvertiserId, LineItemEntry, LineItemRules, MAX_CLICK_WINDOW_MINS, MAX_VIEW_WINDOW_MINS, MEMBERSHIP_MINS, Minutes,
    PixelId, PixelRules, RepeatRule, SegmentRules, Seq, Status,
};

/// A version of a pixel, with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelVersion {
    /// The pixel's advertiser, who cannot change.
    pub advertiser_id: AdvertiserId,
    /// What decides outcomes; inactive also where the pixel was deleted.
    pub rules: PixelRules,
}

const PIXEL: &str = "seq, pixel_id, advertiser_id, deleted, state, trigger_type, min_minutes_per_conv,
    post_click_expire_mins, post_view_expire_mins, count_each_order_once, post_click_value, post_view_value";

const LINE_ITEM: &str = "v.seq, v.line_item_id, v.deleted, v.state, v.currency";

const SEGMENT: &str = "seq, segment_id, deleted, state, expire_minutes";

/// Versions of all that is versioned.
#[derive(Debug, Default)]
pub struct Versions {
    /// Of pixels.
    pub pixels: Vec<PixelVersion>,
    /// Of line items.
    pub line_items: Vec<LineItemRules>,
    /// Of segments.
    pub segments: Vec<SegmentRules>,
}

fn pixel(row: &Row<'_>) -> rusqlite::Result<PixelVersion> {
    let window = |given: Option<u32>, longest: u32| Minutes(given.filter(|mins| *mins > 0).unwrap_or(longest));
    let deleted: bool = row.get(3)?;
    let state: Status = row.get(4)?;
    Ok(PixelVersion {
        advertiser_id: row.get(2)?,
        rules: PixelRules {
            pixel_id: row.get(1)?,
            version: row.get(0)?,
            active: state == Status::Active && !deleted,
            trigger_type: row.get(5)?,
            repeat: RepeatRule::from(row.get::<_, Option<u32>>(6)?),
            click_window: window(row.get(7)?, MAX_CLICK_WINDOW_MINS),
            view_window: window(row.get(8)?, MAX_VIEW_WINDOW_MINS),
            count_each_order_once: row.get(9)?,
            post_click_value: row.get(10)?,
            post_view_value: row.get(11)?,
        },
    })
}

/// A line item without its entries, and whether it was deleted.
fn line_item(row: &Row<'_>) -> rusqlite::Result<(LineItemRules, bool)> {
    let deleted: bool = row.get(2)?;
    let state: Status = row.get(3)?;
    let rules = LineItemRules {
        line_item_id: row.get(1)?,
        version: row.get(0)?,
        active: state == Status::Active && !deleted,
        currency: row.get(4)?,
        entries: Vec::new(),
    };
    Ok((rules, deleted))
}

/// Fills in the entries; a deleted line item holds none.
fn with_entries(conn: &Connection, found: Vec<(LineItemRules, bool)>) -> rusqlite::Result<Vec<LineItemRules>> {
    let sql = "SELECT pixel_id, state, post_click_revenue, post_view_revenue FROM line_item_version_pixels
        WHERE version_seq = ?1 ORDER BY pixel_id";
    let mut entries = conn.prepare_cached(sql)?;
    let mut line_items = Vec::with_capacity(found.len());
    for (mut rules, deleted) in found {
        if !deleted {
            let rows = entries.query_map([rules.version], |row| {
                let state: Status = row.get(1)?;
                Ok(LineItemEntry {
                    pixel_id: row.get(0)?,
                    active: state == Status::Active,
                    post_click_revenue: row.get(2)?,
                    post_view_revenue: row.get(3)?,
                })
            })?;
            rules.entries = rows.collect::<Result<_, _>>()?;
        }
        line_items.push(rules);
    }
    Ok(line_items)
}

fn segment(row: &Row<'_>) -> rusqlite::Result<SegmentRules> {
    let deleted: bool = row.get(2)?;
    let state: Status = row.get(3)?;
    Ok(SegmentRules {
        segment_id: row.get(1)?,
        version: row.get(0)?,
        active: state == Status::Active && !deleted,
        deleted,
        lasts: Minutes(row.get::<_, Option<u32>>(4)?.unwrap_or(MEMBERSHIP_MINS)),
    })
}

/// All versions in force at a place in the log.
pub(super) fn in_force_at(conn: &Connection, seq: Seq) -> Result<Versions, StoreError> {
    let in_force = |table: &str, id: &str| {
        format!("v.seq = (SELECT max(w.seq) FROM {table} w WHERE w.{id} = v.{id} AND w.seq <= ?1)")
    };
    let condition = in_force("pixel_versions", "pixel_id");
    let sql = format!("SELECT {PIXEL} FROM pixel_versions v WHERE {condition}");
    let pixels = conn.prepare(&sql)?.query_map([seq], pixel)?.collect::<Result<_, _>>()?;
    let condition = in_force("line_item_versions", "line_item_id");
    let sql = format!("SELECT {LINE_ITEM} FROM line_item_versions v WHERE {condition}");
    let found = conn.prepare(&sql)?.query_map([seq], line_item)?.collect::<Result<_, _>>()?;
    let condition = in_force("segment_versions", "segment_id");
    let sql = format!("SELECT {SEGMENT} FROM segment_versions v WHERE {condition}");
    let segments = conn.prepare(&sql)?.query_map([seq], segment)?.collect::<Result<_, _>>()?;
    Ok(Versions { pixels, line_items: with_entries(conn, found)?, segments })
}

/// The versions that come into force after `after`, up to and with `to`, in the log's order.
pub(super) fn between(conn: &Connection, after: Seq, to: Seq) -> Result<Versions, StoreError> {
    let sql = format!("SELECT {PIXEL} FROM pixel_versions WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
    let pixels = conn.prepare_cached(&sql)?.query_map([after, to], pixel)?.collect::<Result<_, _>>()?;
    let sql = format!("SELECT {LINE_ITEM} FROM line_item_versions v WHERE v.seq > ?1 AND v.seq <= ?2 ORDER BY v.seq");
    let found = conn.prepare_cached(&sql)?.query_map([after, to], line_item)?.collect::<Result<_, _>>()?;
    let sql = format!("SELECT {SEGMENT} FROM segment_versions WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
    let segments = conn.prepare_cached(&sql)?.query_map([after, to], segment)?.collect::<Result<_, _>>()?;
    Ok(Versions { pixels, line_items: with_entries(conn, found)?, segments })
}

/// The version of one pixel that is in force at a place in the log.
pub(super) fn pixel_at(conn: &Connection, id: PixelId, seq: Seq) -> Result<Option<PixelVersion>, StoreError> {
    let sql = format!("SELECT {PIXEL} FROM pixel_versions WHERE pixel_id = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1");
    Ok(conn.prepare_cached(&sql)?.query_row(params![id, seq], pixel).optional()?)
}

/// The versions in force at a place in the log of the line items that hold an entry for this pixel, by id.
pub(super) fn line_items_at(conn: &Connection, id: PixelId, seq: Seq) -> Result<Vec<LineItemRules>, StoreError> {
    let sql = format!(
        "SELECT {LINE_ITEM} FROM line_item_version_pixels p JOIN line_item_versions v ON v.seq = p.version_seq
        WHERE p.pixel_id = ?1 AND NOT v.deleted AND v.seq = (SELECT max(w.seq) FROM line_item_versions w
            WHERE w.line_item_id = v.line_item_id AND w.seq <= ?2)
        ORDER BY v.line_item_id"
    );
    let found: Vec<_> = conn.prepare_cached(&sql)?.query_map(params![id, seq], line_item)?.collect::<Result<_, _>>()?;
    Ok(with_entries(conn, found)?)
}
