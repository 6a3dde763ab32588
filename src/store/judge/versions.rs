//! The versions of pixels, line items, segments, sources and codes of campaigns: those in force at a row of the log, and those that come into force
//! between two rows. The judge and the explanations read them. A deleted object earns no more credit.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::{
    AdvertiserId, CampaignRules, Currency, LineItemEntry, LineItemRules, MAX_CLICK_WINDOW_MINS, MAX_VIEW_WINDOW_MINS,
    MEMBERSHIP_MINS, MaxValue, Micros, Minutes, PixelId, PixelRules, RepeatRule, SegmentRules, Seq, SourceRules,
    Status,
};
use crate::store::StoreError;

/// A version of a pixel, with the pixel's advertiser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelVersion {
    /// A pixel's advertiser never changes.
    pub advertiser_id: AdvertiserId,
    /// A deleted pixel is inactive.
    pub rules: PixelRules,
}

const PIXEL: &str = "seq, pixel_id, advertiser_id, deleted, state, trigger_type, min_minutes_per_conv,
    post_click_expire_mins, post_view_expire_mins, count_each_order_once, post_click_value, post_view_value,
    max_value, max_value_currency";

const LINE_ITEM: &str = "v.seq AS seq, v.line_item_id AS line_item_id, v.advertiser_id AS advertiser_id,
    v.deleted AS deleted, v.state AS state, v.currency AS currency";

const SEGMENT: &str = "seq, segment_id, deleted, state, expire_minutes";

const SOURCE: &str = "seq, source_id, advertiser_id, deleted, state, position, name, match, line_item_id, publisher_id,
    campaign_id, campaign_by";

const CAMPAIGN: &str = "seq, campaign_id, line_item_id, code, deleted";

#[derive(Debug, Default)]
pub struct Versions {
    pub pixels: Vec<PixelVersion>,
    pub line_items: Vec<LineItemRules>,
    pub segments: Vec<SegmentRules>,
    pub sources: Vec<SourceRules>,
    pub campaigns: Vec<CampaignRules>,
}

fn pixel(row: &Row<'_>) -> rusqlite::Result<PixelVersion> {
    let window = |minutes: Option<u32>, longest: u32| Minutes(minutes.filter(|mins| *mins > 0).unwrap_or(longest));
    let deleted: bool = row.get("deleted")?;
    let state: Status = row.get("state")?;
    let max_value =
        row.get::<_, Option<Micros>>("max_value")?.zip(row.get::<_, Option<Currency>>("max_value_currency")?);
    Ok(PixelVersion {
        advertiser_id: row.get("advertiser_id")?,
        rules: PixelRules {
            pixel_id: row.get("pixel_id")?,
            version: row.get("seq")?,
            active: state == Status::Active && !deleted,
            trigger_type: row.get("trigger_type")?,
            repeat: RepeatRule::from(row.get::<_, Option<u32>>("min_minutes_per_conv")?),
            click_window: window(row.get("post_click_expire_mins")?, MAX_CLICK_WINDOW_MINS),
            view_window: window(row.get("post_view_expire_mins")?, MAX_VIEW_WINDOW_MINS),
            count_each_order_once: row.get("count_each_order_once")?,
            post_click_value: row.get("post_click_value")?,
            post_view_value: row.get("post_view_value")?,
            max_value: max_value.map(|(amount, currency)| MaxValue { amount, currency }),
        },
    })
}

/// A line item without its entries, and whether it was deleted.
fn line_item(row: &Row<'_>) -> rusqlite::Result<(LineItemRules, bool)> {
    let deleted: bool = row.get("deleted")?;
    let state: Status = row.get("state")?;
    let rules = LineItemRules {
        line_item_id: row.get("line_item_id")?,
        advertiser_id: row.get("advertiser_id")?,
        version: row.get("seq")?,
        active: state == Status::Active && !deleted,
        currency: row.get("currency")?,
        entries: Vec::new(),
    };
    Ok((rules, deleted))
}

/// Fills in the entries. A deleted line item holds none.
fn with_entries(conn: &Connection, without: Vec<(LineItemRules, bool)>) -> rusqlite::Result<Vec<LineItemRules>> {
    let sql = "SELECT pixel_id, state, post_click_revenue, post_view_revenue FROM line_item_version_pixels
        WHERE version_seq = ?1 ORDER BY pixel_id";
    let mut entries = conn.prepare_cached(sql)?;
    let mut line_items = Vec::with_capacity(without.len());
    for (mut rules, deleted) in without {
        if !deleted {
            let rows = entries.query_map([rules.version], |row| {
                let state: Status = row.get("state")?;
                Ok(LineItemEntry {
                    pixel_id: row.get("pixel_id")?,
                    active: state == Status::Active,
                    post_click_revenue: row.get("post_click_revenue")?,
                    post_view_revenue: row.get("post_view_revenue")?,
                })
            })?;
            rules.entries = rows.collect::<Result<_, _>>()?;
        }
        line_items.push(rules);
    }
    Ok(line_items)
}

fn segment(row: &Row<'_>) -> rusqlite::Result<SegmentRules> {
    let deleted: bool = row.get("deleted")?;
    let state: Status = row.get("state")?;
    Ok(SegmentRules {
        segment_id: row.get("segment_id")?,
        version: row.get("seq")?,
        active: state == Status::Active && !deleted,
        deleted,
        lasts: Minutes(row.get::<_, Option<u32>>("expire_minutes")?.unwrap_or(MEMBERSHIP_MINS)),
    })
}

fn source(row: &Row<'_>) -> rusqlite::Result<SourceRules> {
    let deleted: bool = row.get("deleted")?;
    let state: Status = row.get("state")?;
    Ok(SourceRules {
        source_id: row.get("source_id")?,
        advertiser_id: row.get("advertiser_id")?,
        version: row.get("seq")?,
        deleted,
        active: state == Status::Active && !deleted,
        position: row.get("position")?,
        name: row.get("name")?,
        condition: row.get("match")?,
        line_item_id: row.get("line_item_id")?,
        publisher_id: row.get("publisher_id")?,
        campaign_id: row.get("campaign_id")?,
        campaign_by: row.get("campaign_by")?,
    })
}

fn campaign(row: &Row<'_>) -> rusqlite::Result<CampaignRules> {
    let deleted: bool = row.get("deleted")?;
    let code: Option<String> = row.get("code")?;
    Ok(CampaignRules {
        campaign_id: row.get("campaign_id")?,
        version: row.get("seq")?,
        line_item_id: row.get("line_item_id")?,
        code: code.filter(|_| !deleted),
    })
}

/// All versions in force at a row of the log.
pub(in crate::store) fn in_force_at(conn: &Connection, seq: Seq) -> Result<Versions, StoreError> {
    let in_force = |table: &str, id: &str| {
        format!("v.seq = (SELECT max(w.seq) FROM {table} w WHERE w.{id} = v.{id} AND w.seq <= ?1)")
    };
    let condition = in_force("pixel_versions", "pixel_id");
    let sql = format!("SELECT {PIXEL} FROM pixel_versions v WHERE {condition}");
    let pixels = conn.prepare(&sql)?.query_map([seq], pixel)?.collect::<Result<_, _>>()?;
    let condition = in_force("line_item_versions", "line_item_id");
    let sql = format!("SELECT {LINE_ITEM} FROM line_item_versions v WHERE {condition}");
    let line_items = conn.prepare(&sql)?.query_map([seq], line_item)?.collect::<Result<_, _>>()?;
    let condition = in_force("segment_versions", "segment_id");
    let sql = format!("SELECT {SEGMENT} FROM segment_versions v WHERE {condition}");
    let segments = conn.prepare(&sql)?.query_map([seq], segment)?.collect::<Result<_, _>>()?;
    let condition = in_force("source_versions", "source_id");
    let sql = format!("SELECT {SOURCE} FROM source_versions v WHERE {condition}");
    let sources = conn.prepare(&sql)?.query_map([seq], source)?.collect::<Result<_, _>>()?;
    let condition = in_force("campaign_versions", "campaign_id");
    let sql = format!("SELECT {CAMPAIGN} FROM campaign_versions v WHERE {condition}");
    let campaigns = conn.prepare(&sql)?.query_map([seq], campaign)?.collect::<Result<_, _>>()?;
    Ok(Versions { pixels, line_items: with_entries(conn, line_items)?, segments, sources, campaigns })
}

/// The versions that come into force after `after`, up to and including `to`, in the log's order.
pub(in crate::store) fn between(conn: &Connection, after: Seq, to: Seq) -> Result<Versions, StoreError> {
    let sql = format!("SELECT {PIXEL} FROM pixel_versions WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
    let pixels = conn.prepare_cached(&sql)?.query_map([after, to], pixel)?.collect::<Result<_, _>>()?;
    let sql = format!("SELECT {LINE_ITEM} FROM line_item_versions v WHERE v.seq > ?1 AND v.seq <= ?2 ORDER BY v.seq");
    let line_items = conn.prepare_cached(&sql)?.query_map([after, to], line_item)?.collect::<Result<_, _>>()?;
    let sql = format!("SELECT {SEGMENT} FROM segment_versions WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
    let segments = conn.prepare_cached(&sql)?.query_map([after, to], segment)?.collect::<Result<_, _>>()?;
    let sql = format!("SELECT {SOURCE} FROM source_versions WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
    let sources = conn.prepare_cached(&sql)?.query_map([after, to], source)?.collect::<Result<_, _>>()?;
    let sql = format!("SELECT {CAMPAIGN} FROM campaign_versions WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
    let campaigns = conn.prepare_cached(&sql)?.query_map([after, to], campaign)?.collect::<Result<_, _>>()?;
    Ok(Versions { pixels, line_items: with_entries(conn, line_items)?, segments, sources, campaigns })
}

/// The version of one pixel that is in force at a row of the log.
pub(in crate::store) fn pixel_at(conn: &Connection, id: PixelId, seq: Seq) -> Result<Option<PixelVersion>, StoreError> {
    let sql = format!("SELECT {PIXEL} FROM pixel_versions WHERE pixel_id = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1");
    Ok(conn.prepare_cached(&sql)?.query_row(params![id, seq], pixel).optional()?)
}

/// The versions, in force at a row of the log, of the line items that hold an entry for this pixel; by id.
pub(in crate::store) fn line_items_at(
    conn: &Connection,
    id: PixelId,
    seq: Seq,
) -> Result<Vec<LineItemRules>, StoreError> {
    let sql = format!(
        "SELECT {LINE_ITEM} FROM line_item_version_pixels p JOIN line_item_versions v ON v.seq = p.version_seq
        WHERE p.pixel_id = ?1 AND NOT v.deleted AND v.seq = (SELECT max(w.seq) FROM line_item_versions w
            WHERE w.line_item_id = v.line_item_id AND w.seq <= ?2)
        ORDER BY v.line_item_id"
    );
    let rows = conn.prepare_cached(&sql)?.query_map(params![id, seq], line_item)?.collect::<Result<_, _>>()?;
    Ok(with_entries(conn, rows)?)
}
