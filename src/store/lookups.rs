//! What a judgement depends on beside the fire and the rules, as it stood at the fire's place in the log: every
//! look-up leaves out what was logged at or after that place. So the judge, which asks when nothing later is judged
//! yet, and an explanation, which asks months after, see the same.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::versions::{self, PixelVersion};
use super::{StoreError, log, rejudging};
use crate::attribution::{Earlier, Touch};
use crate::domain::{ExposureKind, Fire, Flags, LineItemRules, Millis, PixelId, Seq, Under, VisitorId};

/// Of a visitor's exposures the last so many of each kind are considered, by the log's order. It bounds the work that
/// one visitor (a bot, a shared cookie) can make of every fire; people stay far below it.
pub const MAX_TOUCHES_OF_A_KIND: u32 = 4_000;

/// An exposure that a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedExposure {
    /// The exposure.
    pub touch: Touch,
    /// Whose browser it was shown in.
    pub visitor_id: Option<VisitorId>,
}

/// The look-ups, prepared once for many fires.
pub struct LookUps<'a> {
    conn: &'a Connection,
    touches: CachedStatement<'a>,
    same_event: CachedStatement<'a>,
    order_counted: CachedStatement<'a>,
    counted_before: CachedStatement<'a>,
    counted_after: CachedStatement<'a>,
}

const TOUCHES: &str = "
    SELECT * FROM (SELECT seq, kind, at, line_item_id, campaign_id, publisher_id, creative_id, imp_seq, imp_at, flags
        FROM touches WHERE visitor_id = ?1 AND kind = 1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3)
    UNION ALL
    SELECT * FROM (SELECT seq, kind, at, line_item_id, campaign_id, publisher_id, creative_id, imp_seq, imp_at, flags
        FROM touches WHERE visitor_id = ?1 AND kind = 2 AND seq < ?2 ORDER BY seq DESC LIMIT ?3)";

/// There are few: two that are not duplicates of each other are at least 48 hours apart.
const SAME_EVENT: &str = "SELECT seq, at FROM events_seen WHERE pixel_id = ?1 AND event_id = ?2 AND seq < ?3";

const ORDER_COUNTED: &str =
    "SELECT seq, at FROM orders_counted WHERE pixel_id = ?1 AND order_id = ?2 AND seq < ?3 ORDER BY seq LIMIT 1";

const COUNTED_BEFORE: &str = "SELECT seq, at FROM counted WHERE pixel_id = ?1 AND visitor_id = ?2 AND at <= ?3
    AND seq < ?4 ORDER BY at DESC, seq DESC LIMIT 1";

const COUNTED_AFTER: &str = "SELECT seq, at FROM counted WHERE pixel_id = ?1 AND visitor_id = ?2 AND at > ?3
    AND seq < ?4 ORDER BY at, seq LIMIT 1";

impl<'a> LookUps<'a> {
    pub(super) fn new(conn: &'a Connection) -> rusqlite::Result<Self> {
        Ok(LookUps {
            conn,
            touches: conn.prepare_cached(TOUCHES)?,
            same_event: conn.prepare_cached(SAME_EVENT)?,
            order_counted: conn.prepare_cached(ORDER_COUNTED)?,
            counted_before: conn.prepare_cached(COUNTED_BEFORE)?,
            counted_after: conn.prepare_cached(COUNTED_AFTER)?,
        })
    }

    /// For the look-ups that are not asked of every fire.
    pub(super) fn conn(&self) -> &'a Connection {
        self.conn
    }

    /// The visitor's exposures logged before `before`, the last [`MAX_TOUCHES_OF_A_KIND`] of each kind, kind by kind,
    /// the latest logged first.
    ///
    /// # Errors
    /// Database faults.
    pub fn touches(&mut self, visitor: VisitorId, before: Seq) -> Result<Vec<Touch>, StoreError> {
        let most = MAX_TOUCHES_OF_A_KIND;
        let rows = self.touches.query_map(params![visitor, before, most], touch)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The fires with this pixel and event that are not duplicates, logged before `before`, by their own time.
    ///
    /// # Errors
    /// Database faults.
    pub fn same_event(&mut self, pixel: PixelId, event_id: &str, before: Seq) -> Result<Vec<Earlier>, StoreError> {
        let rows = self.same_event.query_map(params![pixel, event_id, before], earlier)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The first attributed conversion of this pixel with this order, logged before `before`.
    ///
    /// # Errors
    /// Database faults.
    pub fn order_counted(
        &mut self,
        pixel: PixelId,
        order_id: &str,
        before: Seq,
    ) -> Result<Option<Earlier>, StoreError> {
        Ok(self.order_counted.query_row(params![pixel, order_id, before], earlier).optional()?)
    }

    /// The attributed conversions of this pixel and visitor, logged before `before`: the latest at or before `at`,
    /// and the earliest after it.
    ///
    /// # Errors
    /// Database faults.
    pub fn counted(
        &mut self,
        pixel: PixelId,
        visitor: VisitorId,
        at: Millis,
        before: Seq,
    ) -> Result<(Option<Earlier>, Option<Earlier>), StoreError> {
        let around = params![pixel, visitor, at, before];
        let earlier_one = self.counted_before.query_row(around, earlier).optional()?;
        Ok((earlier_one, self.counted_after.query_row(around, earlier).optional()?))
    }

    /// The exposure that a fire's token names, if it was logged before the fire and is still there.
    ///
    /// # Errors
    /// Database faults.
    pub fn named(&mut self, fire: &Fire) -> Result<Option<NamedExposure>, StoreError> {
        let Some(seq) = fire.exposure.filter(|seq| *seq < fire.seq) else { return Ok(None) };
        let found = log::exposure_at(self.conn, seq)?;
        Ok(found.map(|exposure| NamedExposure { touch: Touch::from(&exposure), visitor_id: exposure.visitor_id }))
    }

    /// Under what this fire was judged, by the decisions that the derived file was made by.
    ///
    /// # Errors
    /// Database faults.
    pub fn under(&mut self, fire: &Fire) -> Result<Under, StoreError> {
        Ok(rejudging::applied(self.conn)?.of(fire.seq, fire.at))
    }

    /// The version of the pixel that was in force at this place; none if it was never known.
    ///
    /// # Errors
    /// Database faults.
    pub fn pixel_version(&mut self, pixel: PixelId, at: Seq) -> Result<Option<PixelVersion>, StoreError> {
        versions::pixel_at(self.conn, pixel, at)
    }

    /// The versions that were in force at this place of all line items that hold this pixel, by id.
    ///
    /// # Errors
    /// Database faults.
    pub fn line_items(&mut self, pixel: PixelId, at: Seq) -> Result<Vec<LineItemRules>, StoreError> {
        versions::line_items_at(self.conn, pixel, at)
    }
}

fn earlier(row: &Row<'_>) -> rusqlite::Result<Earlier> {
    Ok(Earlier { seq: row.get(0)?, at: row.get(1)? })
}

fn touch(row: &Row<'_>) -> rusqlite::Result<Touch> {
    let kind: ExposureKind = row.get(1)?;
    let imp_seq: Option<Seq> = row.get(7)?;
    let imp_at: Option<Millis> = row.get(8)?;
    Ok(Touch {
        seq: row.get(0)?,
        kind,
        at: row.get(2)?,
        line_item_id: row.get(3)?,
        campaign_id: row.get(4)?,
        publisher_id: row.get(5)?,
        creative_id: row.get(6)?,
        impression: imp_seq.zip(imp_at),
        flags: Flags::from_bits(row.get(9)?),
    })
}
