//! Look-ups: earlier events that a judgement depends on. Every look-up leaves out rows that were logged at or after the
//! fire. So an explanation sees months later exactly what the judge saw.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::versions::{self, PixelVersion};
use crate::attribution::{EarlierFire, Touch};
use crate::domain::{Flags, JudgeFire, LineItemRules, Millis, PixelId, Seq, TrackerId, Under, VisitorId};
use crate::store::StoreError;
use crate::store::db::statements::columns;
use crate::store::derived::rejudging;
use crate::store::log::rows;

/// The judge considers this many of a visitor's exposures of each kind, the last by the log's order. It bounds the work of
/// a fire of a busy visitor (a bot, a shared cookie). People stay far below it.
pub const MAX_TOUCHES_OF_A_KIND: u32 = 4_000;

/// An exposure that a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedExposure {
    pub touch: Touch,
    pub visitor_id: Option<VisitorId>,
}

/// The nearest counted conversions on either side of a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountedAround {
    /// The latest at or before it.
    pub before: Option<EarlierFire>,
    /// The earliest after it.
    pub after: Option<EarlierFire>,
}

/// The look-ups, prepared once for many fires.
pub struct LookUps<'a> {
    conn: &'a Connection,
    touches: CachedStatement<'a>,
    touch_columns: TouchColumns,
    pub(super) named: CachedStatement<'a>,
    counted_before: CachedStatement<'a>,
    counted_after: CachedStatement<'a>,
    pub(super) earlier_clicks: CachedStatement<'a>,
    pub(super) earlier_others: CachedStatement<'a>,
}

columns! { TouchColumns {
    since, seq, kind, at, line_item_id, campaign_id, publisher_id, source_id, creative_id, imp_seq, imp_at, flags,
} }

const NAMED: &str = "SELECT visitor_id, at, seq FROM names_seen
    WHERE pixel_id = ?1 AND kind = ?2 AND name = ?3 AND visitor_id = 0 AND seq < ?4";

const COUNTED_BEFORE: &str = "SELECT seq, at FROM counted WHERE pixel_id = ?1 AND visitor_id = ?2 AND at <= ?3
    AND seq < ?4 AND (retracted_by IS NULL OR retracted_by > ?4) ORDER BY at DESC, seq DESC";

const COUNTED_AFTER: &str = "SELECT seq, at FROM counted WHERE pixel_id = ?1 AND visitor_id = ?2 AND at > ?3
    AND seq < ?4 AND (retracted_by IS NULL OR retracted_by > ?4) ORDER BY at, seq";

/// The clicks of a visitor, the last first. Those without a source were no arrivals. Each click id has a row.
const EARLIER_CLICKS: &str = "
    SELECT t.since, t.seq, t.at, t.source_id, a.alike, 1, k.advertiser_id, k.hash
    FROM (SELECT since, seq, at, source_id FROM touches WHERE visitor_id = ?1 AND kind = 2
        ORDER BY since DESC, seq DESC LIMIT ?2) t
    LEFT JOIN arrivals a ON t.source_id IS NOT NULL AND a.seq = t.since
    LEFT JOIN click_ids k ON t.source_id IS NOT NULL AND k.seq = t.since
    ORDER BY t.since DESC, t.seq DESC";

/// The same of a visitor's other arrivals.
const EARLIER_OTHERS: &str = "
    SELECT a.seq, a.seq, a.at, a.source_id, a.alike, a.fate = 'token' OR (a.fate = 'repeat' AND a.source_id IS NOT NULL),
        k.advertiser_id, k.hash
    FROM (SELECT seq, at, source_id, fate, alike FROM arrivals WHERE visitor_id = ?1 AND line_item_id IS NULL
        ORDER BY seq DESC LIMIT ?2) a
    LEFT JOIN click_ids k ON k.seq = a.seq
    ORDER BY a.seq DESC";

/// The last exposures of each kind (1 and 2), each found by the table's key.
fn touches_sql() -> String {
    let of_kind = |kind| {
        format!(
            "SELECT * FROM (SELECT {} FROM touches WHERE visitor_id = ?1 AND kind = {kind} AND since < ?2
                ORDER BY since DESC, seq DESC LIMIT ?3)",
            TouchColumns::LIST
        )
    };
    format!("{} UNION ALL {}", of_kind(1), of_kind(2))
}

impl<'a> LookUps<'a> {
    pub(in crate::store) fn new(conn: &'a Connection) -> rusqlite::Result<Self> {
        let touches = conn.prepare_cached(&touches_sql())?;
        Ok(LookUps {
            conn,
            touch_columns: TouchColumns::of(&touches)?,
            touches,
            named: conn.prepare_cached(NAMED)?,
            counted_before: conn.prepare_cached(COUNTED_BEFORE)?,
            counted_after: conn.prepare_cached(COUNTED_AFTER)?,
            earlier_clicks: conn.prepare_cached(EARLIER_CLICKS)?,
            earlier_others: conn.prepare_cached(EARLIER_OTHERS)?,
        })
    }

    /// The connection, for look-ups that few fires need.
    pub(in crate::store) fn conn(&self) -> &'a Connection {
        self.conn
    }

    /// The visitor's exposures that a fire logged as `before` sees: the last [`MAX_TOUCHES_OF_A_KIND`] of each kind, kind
    /// by kind, the latest first.
    ///
    /// # Errors
    /// Database faults.
    pub fn touches(&mut self, visitor: VisitorId, before: Seq) -> Result<Vec<Touch>, StoreError> {
        let columns = &self.touch_columns;
        let params = params![visitor, before, MAX_TOUCHES_OF_A_KIND];
        let rows = self.touches.query_map(params, |row| touch(row, columns))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The attributed conversions of the fire's pixel and this visitor, logged before the fire, that are nearest to it in
    /// time. It leaves out those that were retracted before the fire came, and those of `except`.
    ///
    /// # Errors
    /// Database faults.
    pub fn counted(
        &mut self,
        fire: &JudgeFire,
        visitor: VisitorId,
        except: &HashSet<Seq>,
    ) -> Result<CountedAround, StoreError> {
        let around = params![fire.pixel_id, visitor, fire.at, fire.seq];
        let first = |statement: &mut CachedStatement<'_>| -> rusqlite::Result<Option<EarlierFire>> {
            let mut rows = statement.query_map(around, earlier)?;
            rows.find(|row| row.as_ref().map_or(true, |row| !except.contains(&row.seq))).transpose()
        };
        let before = first(&mut self.counted_before)?;
        Ok(CountedAround { before, after: first(&mut self.counted_after)? })
    }

    /// The exposure that the fire's token names, if it was logged before the fire and the log still holds it. No token
    /// names an arrival.
    ///
    /// # Errors
    /// Database faults.
    pub fn named(&mut self, fire: &JudgeFire) -> Result<Option<NamedExposure>, StoreError> {
        let Some(seq) = fire.exposure.filter(|seq| *seq < fire.seq) else { return Ok(None) };
        let exposure = rows::exposure_at(self.conn, seq)?.filter(|exposure| exposure.arrival.is_none());
        Ok(exposure.map(|exposure| NamedExposure { touch: Touch::from(&exposure), visitor_id: exposure.visitor_id }))
    }

    /// The tracker that reported an exposure; none if no tracker did.
    ///
    /// # Errors
    /// Database faults.
    pub fn tracker_of(&mut self, exposure: Seq) -> Result<Option<TrackerId>, StoreError> {
        let sql = "SELECT tracker_id FROM exposures WHERE seq = ?1 AND tracker_id <> 0";
        Ok(self.conn.prepare_cached(sql)?.query_row([exposure], |row| row.get(0)).optional()?)
    }

    /// The settings and exposures that a fire was judged under, by the decisions in the derived file.
    ///
    /// # Errors
    /// Database faults.
    pub fn under(&mut self, fire: &JudgeFire) -> Result<Under, StoreError> {
        Ok(rejudging::applied(self.conn)?.of(fire.seq, fire.at))
    }

    /// The pixel's version in force at `seq`; none if there was no such pixel.
    ///
    /// # Errors
    /// Database faults.
    pub fn pixel_version(&mut self, pixel: PixelId, seq: Seq) -> Result<Option<PixelVersion>, StoreError> {
        versions::pixel_at(self.conn, pixel, seq)
    }

    /// The versions, in force at `seq`, of the line items that hold this pixel; by id.
    ///
    /// # Errors
    /// Database faults.
    pub fn line_items(&mut self, pixel: PixelId, seq: Seq) -> Result<Vec<LineItemRules>, StoreError> {
        versions::line_items_at(self.conn, pixel, seq)
    }
}

fn earlier(row: &Row<'_>) -> rusqlite::Result<EarlierFire> {
    Ok(EarlierFire { seq: row.get("seq")?, at: row.get("at")? })
}

fn touch(row: &Row<'_>, columns: &TouchColumns) -> rusqlite::Result<Touch> {
    let imp_seq: Option<Seq> = row.get(columns.imp_seq)?;
    let imp_at: Option<Millis> = row.get(columns.imp_at)?;
    let (since, seq): (Seq, Seq) = (row.get(columns.since)?, row.get(columns.seq)?);
    Ok(Touch {
        seq,
        kind: row.get(columns.kind)?,
        at: row.get(columns.at)?,
        line_item_id: row.get(columns.line_item_id)?,
        campaign_id: row.get(columns.campaign_id)?,
        publisher_id: row.get(columns.publisher_id)?,
        source_id: row.get(columns.source_id)?,
        creative_id: row.get(columns.creative_id)?,
        impression: imp_seq.zip(imp_at),
        flags: Flags::from_bits(row.get(columns.flags)?),
        adopted_by: (since != seq).then_some(since),
    })
}
