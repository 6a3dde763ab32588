//! Rows of the log as the judge reads them: just what judging needs, given out in the log's order. Nothing is decided
//! here, and nothing written.

use std::vec::IntoIter;

use rusqlite::{Connection, Row};

use super::sql_types::segments_from_text;
use super::versions::{self, PixelVersion, Versions};
use super::{StoreError, log_rows};
use crate::attribution::Touch;
use crate::domain::{
    Adjustment, Fire, FireDetails, Flags, LineItemRules, Micros, Millis, SegmentOp, SegmentRules, Seq, VisitorId,
};

/// A fire as far as judging goes: without query string, page, user agent and address.
#[derive(Debug)]
pub struct LoggedFire {
    /// The fire; what is left out is empty.
    pub fire: Fire,
    /// Whether some of its parameters broke their rules.
    pub warned: bool,
}

/// An exposure as far as judging goes.
#[derive(Clone, Copy, Debug)]
pub struct LoggedExposure {
    /// Whose browser.
    pub visitor_id: Option<VisitorId>,
    /// The exposure.
    pub touch: Touch,
    /// The media cost.
    pub ancost: Option<Micros>,
}

/// A load of the segment pixel as far as judging goes.
#[derive(Debug)]
pub struct LoggedSegmentLoad {
    /// Its place in the log.
    pub seq: Seq,
    /// When it happened.
    pub at: Millis,
    /// Whose browser.
    pub visitor_id: Option<VisitorId>,
    /// What decides whether it may count.
    pub flags: Flags,
    /// What it does with segments, in its order.
    pub segments: Vec<SegmentOp>,
}

/// A row of the log.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "items are handed over one by one and never kept together")]
pub enum LogItem {
    /// A pixel loaded.
    Fire(LoggedFire),
    /// An ad seen or clicked.
    Exposure(LoggedExposure),
    /// The segment pixel loaded.
    SegmentLoad(LoggedSegmentLoad),
    /// A correction of earlier conversions.
    Adjustment(Adjustment),
    /// A pixel's definition changed.
    Pixel(PixelVersion),
    /// A line item's definition changed.
    LineItem(LineItemRules),
    /// A segment's definition changed.
    Segment(SegmentRules),
}

impl LogItem {
    /// Its place in the log.
    pub fn seq(&self) -> Seq {
        match self {
            LogItem::Fire(logged) => logged.fire.seq,
            LogItem::Exposure(logged) => logged.touch.seq,
            LogItem::SegmentLoad(load) => load.seq,
            LogItem::Adjustment(adjustment) => adjustment.seq,
            LogItem::Pixel(version) => version.rules.version,
            LogItem::LineItem(rules) => rules.version,
            LogItem::Segment(rules) => rules.version,
        }
    }

    /// When it was logged, as far as the row tells: an imported exposure tells only when it happened. None for
    /// definitions, which need not tell.
    pub fn logged_at(&self) -> Option<Millis> {
        match self {
            LogItem::Fire(logged) => Some(logged.fire.received),
            LogItem::Exposure(logged) => Some(logged.touch.at),
            LogItem::SegmentLoad(load) => Some(load.at),
            LogItem::Adjustment(adjustment) => Some(adjustment.received),
            LogItem::Pixel(_) | LogItem::LineItem(_) | LogItem::Segment(_) => None,
        }
    }
}

/// Rows of the log, given out in its order.
pub struct Batch {
    /// The one that was looked at, and is to be given out next.
    next: Option<LogItem>,
    fires: IntoIter<LoggedFire>,
    exposures: IntoIter<LoggedExposure>,
    segment_loads: IntoIter<LoggedSegmentLoad>,
    adjustments: IntoIter<Adjustment>,
    pixels: IntoIter<PixelVersion>,
    line_items: IntoIter<LineItemRules>,
    segments: IntoIter<SegmentRules>,
}

impl Batch {
    /// Reads the rows after `after`, up to and with `to`.
    pub(super) fn read(conn: &Connection, after: Seq, to: Seq) -> Result<Self, StoreError> {
        let Versions { pixels, line_items, segments } = versions::between(conn, after, to)?;
        Ok(Batch {
            next: None,
            fires: readable(conn, FIRES, after, to, fire)?,
            exposures: exposures(conn, after, to)?,
            segment_loads: readable(conn, SEGMENT_LOADS, after, to, segment_load)?,
            adjustments: readable(conn, ADJUSTMENTS, after, to, log_rows::adjustment)?,
            pixels: pixels.into_iter(),
            line_items: line_items.into_iter(),
            segments: segments.into_iter(),
        })
    }

    /// The fires that were not given out yet.
    pub fn fires(&self) -> impl Iterator<Item = &LoggedFire> {
        let next = match &self.next {
            Some(LogItem::Fire(next)) => Some(next),
            _ => None,
        };
        next.into_iter().chain(self.fires.as_slice())
    }

    /// Whether some of these rows adjust conversions.
    pub fn adjusts(&self) -> bool {
        let updates = |logged: &LoggedFire| logged.fire.details.parent_reference_id.is_some();
        matches!(self.next, Some(LogItem::Adjustment(_)))
            || !self.adjustments.as_slice().is_empty()
            || self.fires().any(updates)
    }

    /// The row that is given out next.
    pub fn peek(&mut self) -> Option<&LogItem> {
        if self.next.is_none() {
            self.next = self.first();
        }
        self.next.as_ref()
    }

    fn next_seqs(&self) -> [Option<Seq>; 7] {
        [
            self.fires.as_slice().first().map(|logged| logged.fire.seq),
            self.exposures.as_slice().first().map(|logged| logged.touch.seq),
            self.segment_loads.as_slice().first().map(|load| load.seq),
            self.adjustments.as_slice().first().map(|adjustment| adjustment.seq),
            self.pixels.as_slice().first().map(|version| version.rules.version),
            self.line_items.as_slice().first().map(|rules| rules.version),
            self.segments.as_slice().first().map(|rules| rules.version),
        ]
    }
}

impl Iterator for Batch {
    type Item = LogItem;

    fn next(&mut self) -> Option<LogItem> {
        self.next.take().or_else(|| self.first())
    }
}

impl Batch {
    fn first(&mut self) -> Option<LogItem> {
        let seqs = self.next_seqs();
        let (first, _) =
            seqs.iter().enumerate().filter_map(|(kind, seq)| Some((kind, (*seq)?))).min_by_key(|(_, seq)| *seq)?;
        match first {
            0 => self.fires.next().map(LogItem::Fire),
            1 => self.exposures.next().map(LogItem::Exposure),
            2 => self.segment_loads.next().map(LogItem::SegmentLoad),
            3 => self.adjustments.next().map(LogItem::Adjustment),
            4 => self.pixels.next().map(LogItem::Pixel),
            5 => self.line_items.next().map(LogItem::LineItem),
            _ => self.segments.next().map(LogItem::Segment),
        }
    }
}

/// The exposures after `after`, up to and with `to`.
pub(super) fn exposures(conn: &Connection, after: Seq, to: Seq) -> Result<IntoIter<LoggedExposure>, StoreError> {
    readable(conn, EXPOSURES, after, to, exposure)
}

/// A row that cannot be read is left out and logged as an error: it must not keep all later ones from being judged.
fn readable<T>(
    conn: &Connection,
    sql: &str,
    after: Seq,
    to: Seq,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<IntoIter<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([after, to])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(item) => items.push(item),
            Err(error) => {
                let seq: i64 = row.get(0)?;
                tracing::error!(seq, %error, "a row of the log cannot be read; it is left out of all that is derived");
            }
        }
    }
    Ok(items.into_iter())
}

const FIRES: &str = "SELECT seq, at, received, pixel_id, visitor_id, flags, tag, order_id, value, currency, event_id,
    exposure_seq, warnings IS NOT NULL, segments, reference_id, parent_reference_id FROM fires WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";

fn fire(row: &Row<'_>) -> rusqlite::Result<LoggedFire> {
    let fire = Fire {
        seq: row.get(0)?,
        at: row.get(1)?,
        received: row.get(2)?,
        pixel_id: row.get(3)?,
        visitor_id: row.get(4)?,
        flags: Flags::from_bits(row.get(5)?),
        tag: row.get(6)?,
        order_id: row.get(7)?,
        value: row.get(8)?,
        currency: row.get(9)?,
        other: None,
        event_id: row.get(10)?,
        exposure: row.get(11)?,
        details: FireDetails {
            segments: segments_from_text(row.get(13)?),
            reference_id: row.get(14)?,
            parent_reference_id: row.get(15)?,
            ..FireDetails::default()
        },
        warnings: Vec::new(),
        query: String::new(),
        referer: None,
        user_agent: None,
        ip: None,
    };
    Ok(LoggedFire { fire, warned: row.get(12)? })
}

const EXPOSURES: &str = "SELECT seq, at, kind, line_item_id, publisher_id, campaign_id, creative_id, visitor_id, flags,
    ancost, imp_seq, imp_at FROM exposures WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";

fn exposure(row: &Row<'_>) -> rusqlite::Result<LoggedExposure> {
    let imp_seq: Option<Seq> = row.get(10)?;
    let imp_at: Option<Millis> = row.get(11)?;
    let touch = Touch {
        seq: row.get(0)?,
        at: row.get(1)?,
        kind: row.get(2)?,
        line_item_id: row.get(3)?,
        publisher_id: row.get(4)?,
        campaign_id: row.get(5)?,
        creative_id: row.get(6)?,
        impression: imp_seq.zip(imp_at),
        flags: Flags::from_bits(row.get(8)?),
    };
    Ok(LoggedExposure { visitor_id: row.get(7)?, touch, ancost: row.get(9)? })
}

const ADJUSTMENTS: &str = "SELECT * FROM adjustments WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";

const SEGMENT_LOADS: &str = "SELECT seq, at, visitor_id, flags, segments FROM segment_loads
    WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";

fn segment_load(row: &Row<'_>) -> rusqlite::Result<LoggedSegmentLoad> {
    Ok(LoggedSegmentLoad {
        seq: row.get(0)?,
        at: row.get(1)?,
        visitor_id: row.get(2)?,
        flags: Flags::from_bits(row.get(3)?),
        segments: segments_from_text(row.get(4)?),
    })
}
