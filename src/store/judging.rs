//! What the judge reads: the next rows of the log after its cursor, with everything it looks up for them, all from
//! one snapshot. It decides nothing and writes nothing (`slice.rs` writes).

use std::vec::IntoIter;

use rusqlite::{Connection, Row, Transaction};

use super::lookups::LookUps;
use super::versions::{self, PixelVersion};
use super::{Store, StoreError, connect};
use crate::attribution::Touch;
use crate::domain::{Fire, FireDetails, Flags, LineItemRules, Micros, Millis, Seq, VisitorId};

/// The judge's own read-only connection: it never waits for one of the pool's, nor makes a page wait.
pub struct JudgeReader {
    conn: Connection,
}

/// The database as it stands at one moment.
pub struct Snapshot<'a>(Transaction<'a>);

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

/// A row of the log.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "items are handed over one by one and never kept together")]
pub enum LogItem {
    /// A pixel loaded.
    Fire(LoggedFire),
    /// An ad seen or clicked.
    Exposure(LoggedExposure),
    /// A pixel's definition changed.
    Pixel(PixelVersion),
    /// A line item's definition changed.
    LineItem(LineItemRules),
}

/// Rows of the log, given out in its order.
pub struct Batch {
    fires: IntoIter<LoggedFire>,
    exposures: IntoIter<LoggedExposure>,
    pixels: IntoIter<PixelVersion>,
    line_items: IntoIter<LineItemRules>,
}

impl Store {
    /// Opens the connection that the judge reads with.
    ///
    /// # Errors
    /// Says why the file cannot be opened.
    pub fn judge_reader(&self) -> Result<JudgeReader, StoreError> {
        Ok(JudgeReader { conn: connect::for_reading(self.file())? })
    }
}

impl JudgeReader {
    /// Begins to read. The snapshot should be short: while it stands, the WAL cannot be reset.
    ///
    /// # Errors
    /// Database faults.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, StoreError> {
        Ok(Snapshot(self.conn.unchecked_transaction()?))
    }
}

impl Snapshot<'_> {
    /// Up to where the log is judged.
    ///
    /// # Errors
    /// Database faults.
    pub fn cursor(&self) -> Result<Seq, StoreError> {
        Ok(self.0.prepare_cached("SELECT seq FROM judge_cursor")?.query_row([], |row| row.get(0))?)
    }

    /// The versions of all pixels and line items that are in force at this place in the log.
    ///
    /// # Errors
    /// Database faults.
    pub fn in_force_at(&self, seq: Seq) -> Result<(Vec<PixelVersion>, Vec<LineItemRules>), StoreError> {
        versions::in_force_at(&self.0, seq)
    }

    /// The rows after `after`, up to and with `to`. A row that cannot be read (which only a damaged or foreign file
    /// holds) is left out and logged as an error: it must not keep all later ones from being judged.
    ///
    /// # Errors
    /// Database faults.
    pub fn rows(&self, after: Seq, to: Seq) -> Result<Batch, StoreError> {
        let fires = "SELECT seq, at, received, pixel_id, visitor_id, flags, tag, order_id, value, currency, event_id,
            exposure_seq, warnings IS NOT NULL FROM fires WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
        let exposures = "SELECT seq, at, kind, line_item_id, publisher_id, campaign_id, creative_id, visitor_id, flags,
            ancost, imp_seq, imp_at FROM exposures WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
        let (pixels, line_items) = versions::between(&self.0, after, to)?;
        Ok(Batch {
            fires: self.readable(fires, after, to, fire)?.into_iter(),
            exposures: self.readable(exposures, after, to, exposure)?.into_iter(),
            pixels: pixels.into_iter(),
            line_items: line_items.into_iter(),
        })
    }

    /// Looks up what a judgement depends on.
    ///
    /// # Errors
    /// Database faults.
    pub fn look_ups(&self) -> Result<LookUps<'_>, StoreError> {
        Ok(LookUps::new(&self.0)?)
    }

    fn readable<T>(
        &self,
        sql: &str,
        after: Seq,
        to: Seq,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
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
        Ok(items)
    }
}

impl Batch {
    /// The fires that were not given out yet.
    pub fn fires(&self) -> &[LoggedFire] {
        self.fires.as_slice()
    }

    fn next_seqs(&self) -> [Option<Seq>; 4] {
        [
            self.fires.as_slice().first().map(|logged| logged.fire.seq),
            self.exposures.as_slice().first().map(|logged| logged.touch.seq),
            self.pixels.as_slice().first().map(|version| version.rules.version),
            self.line_items.as_slice().first().map(|rules| rules.version),
        ]
    }
}

impl Iterator for Batch {
    type Item = LogItem;

    fn next(&mut self) -> Option<LogItem> {
        let seqs = self.next_seqs();
        let first = seqs.iter().flatten().min().copied()?;
        match seqs.map(|seq| seq == Some(first)) {
            [true, ..] => self.fires.next().map(LogItem::Fire),
            [_, true, ..] => self.exposures.next().map(LogItem::Exposure),
            [_, _, true, _] => self.pixels.next().map(LogItem::Pixel),
            _ => self.line_items.next().map(LogItem::LineItem),
        }
    }
}

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
        details: FireDetails::default(),
        warnings: Vec::new(),
        query: String::new(),
        referer: None,
        user_agent: None,
        ip: None,
    };
    Ok(LoggedFire { fire, warned: row.get(12)? })
}

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
