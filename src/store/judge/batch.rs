//! Rows of the log for the judge: only the columns that it needs, in the log's order.

use std::vec::IntoIter;

use rusqlite::{Connection, Row, Statement};

use super::versions::{self, PixelVersion, Versions};
use crate::attribution::Touch;
use crate::domain::{
    Adjustment, AdvertiserId, Arrival, CampaignRules, Flags, JudgeFire, LineItemRules, Logged, Micros, Millis,
    SegmentOp, SegmentRules, Seq, SourceRules, TrackerId, VisitorId,
};
use crate::store::StoreError;
use crate::store::db::sql_types::{segments_from_text, warnings_from_text};
use crate::store::db::statements::columns;
use crate::store::log::arrivals::arrival_from_text;
use crate::store::log::rows;

/// A logged exposure, as far as the judge needs it.
#[derive(Debug)]
pub struct JudgeExposure {
    pub visitor_id: Option<VisitorId>,
    pub touch: Touch,
    /// The tracker that reported it; [`TrackerId::NONE`] if none did.
    pub tracker_id: TrackerId,
    /// The media cost of the exposure.
    pub ancost: Option<Micros>,
    /// What it carried, if it is an arrival.
    pub arrival: Option<Box<JudgeArrival>>,
}

/// What an arrival carried, as far as the judge needs it.
#[derive(Debug)]
pub struct JudgeArrival {
    pub arrival: Arrival,
    /// The parameters that broke a rule, and the rule.
    pub problems: Vec<(String, String)>,
}

/// A logged load of the segment pixel, as far as the judge needs it.
#[derive(Debug)]
pub struct JudgeSegmentLoad {
    pub seq: Seq,
    pub at: Millis,
    pub visitor_id: Option<VisitorId>,
    pub flags: Flags,
    /// Its operations on segments, in its order.
    pub segments: Vec<SegmentOp>,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "items are handed over one by one and never kept together")]
pub enum LogItem {
    Fire(JudgeFire),
    Exposure(JudgeExposure),
    SegmentLoad(JudgeSegmentLoad),
    Adjustment(Logged<Adjustment>),
    Pixel(PixelVersion),
    LineItem(LineItemRules),
    Segment(SegmentRules),
    Source(SourceRules),
    Campaign(CampaignRules),
}

impl LogItem {
    pub fn seq(&self) -> Seq {
        match self {
            LogItem::Fire(fire) => fire.seq,
            LogItem::Exposure(exposure) => exposure.touch.seq,
            LogItem::SegmentLoad(load) => load.seq,
            LogItem::Adjustment(adjustment) => adjustment.seq,
            LogItem::Pixel(version) => version.rules.version,
            LogItem::LineItem(rules) => rules.version,
            LogItem::Segment(rules) => rules.version,
            LogItem::Source(rules) => rules.version,
            LogItem::Campaign(rules) => rules.version,
        }
    }

    /// When it was logged. An imported exposure has only the time when it happened. None for versions of definitions.
    pub fn logged_at(&self) -> Option<Millis> {
        match self {
            LogItem::Fire(fire) => Some(fire.received),
            LogItem::Exposure(exposure) => Some(exposure.touch.at),
            LogItem::SegmentLoad(load) => Some(load.at),
            LogItem::Adjustment(adjustment) => Some(adjustment.received),
            LogItem::Pixel(_)
            | LogItem::LineItem(_)
            | LogItem::Segment(_)
            | LogItem::Source(_)
            | LogItem::Campaign(_) => None,
        }
    }
}

/// Iterates over rows of the log in its order.
pub struct Batch {
    /// The row that [`Batch::peek`] returned.
    next: Option<LogItem>,
    fires: IntoIter<JudgeFire>,
    exposures: IntoIter<JudgeExposure>,
    segment_loads: IntoIter<JudgeSegmentLoad>,
    adjustments: IntoIter<Logged<Adjustment>>,
    pixels: IntoIter<PixelVersion>,
    line_items: IntoIter<LineItemRules>,
    segments: IntoIter<SegmentRules>,
    sources: IntoIter<SourceRules>,
    campaigns: IntoIter<CampaignRules>,
}

impl Batch {
    /// Reads the rows after `after`, up to and including `to`.
    pub(in crate::store) fn read(conn: &Connection, after: Seq, to: Seq) -> Result<Self, StoreError> {
        let rows = Between { conn, after, to };
        Ok(Batch {
            fires: rows.read("fires", FireColumns::LIST, FireColumns::of, fire)?,
            segment_loads: rows.read("segment_loads", LoadColumns::LIST, LoadColumns::of, segment_load)?,
            adjustments: rows.read("adjustments", "*", |_| Ok(()), |row, ()| rows::adjustment(row))?,
            ..Self::exposures(conn, after, to)?
        })
    }

    /// The same without fires, segment loads and adjustments.
    pub(in crate::store) fn exposures(conn: &Connection, after: Seq, to: Seq) -> Result<Self, StoreError> {
        let rows = Between { conn, after, to };
        let Versions { pixels, line_items, segments, sources, campaigns } = versions::between(conn, after, to)?;
        Ok(Batch {
            next: None,
            fires: Vec::new().into_iter(),
            exposures: rows.read("exposures", ExposureColumns::LIST, ExposureColumns::of, exposure)?,
            segment_loads: Vec::new().into_iter(),
            adjustments: Vec::new().into_iter(),
            pixels: pixels.into_iter(),
            line_items: line_items.into_iter(),
            segments: segments.into_iter(),
            sources: sources.into_iter(),
            campaigns: campaigns.into_iter(),
        })
    }

    /// The fires that [`Batch::next`] has not returned yet.
    pub fn fires(&self) -> impl Iterator<Item = &JudgeFire> {
        let next = match &self.next {
            Some(LogItem::Fire(next)) => Some(next),
            _ => None,
        };
        next.into_iter().chain(self.fires.as_slice())
    }

    /// Whether some of these rows adjust conversions.
    pub fn adjusts(&self) -> bool {
        matches!(self.next, Some(LogItem::Adjustment(_)))
            || !self.adjustments.as_slice().is_empty()
            || self.fires().any(|fire| fire.parent_reference_id.is_some())
    }

    /// The next row.
    pub fn peek(&mut self) -> Option<&LogItem> {
        if self.next.is_none() {
            self.next = self.first();
        }
        self.next.as_ref()
    }

    fn first(&mut self) -> Option<LogItem> {
        let seqs = [
            self.fires.as_slice().first().map(|fire| fire.seq),
            self.exposures.as_slice().first().map(|exposure| exposure.touch.seq),
            self.segment_loads.as_slice().first().map(|load| load.seq),
            self.adjustments.as_slice().first().map(|adjustment| adjustment.seq),
            self.pixels.as_slice().first().map(|version| version.rules.version),
            self.line_items.as_slice().first().map(|rules| rules.version),
            self.segments.as_slice().first().map(|rules| rules.version),
            self.sources.as_slice().first().map(|rules| rules.version),
            self.campaigns.as_slice().first().map(|rules| rules.version),
        ];
        let (first, _) =
            seqs.iter().enumerate().filter_map(|(kind, seq)| Some((kind, (*seq)?))).min_by_key(|(_, seq)| *seq)?;
        match first {
            0 => self.fires.next().map(LogItem::Fire),
            1 => self.exposures.next().map(LogItem::Exposure),
            2 => self.segment_loads.next().map(LogItem::SegmentLoad),
            3 => self.adjustments.next().map(LogItem::Adjustment),
            4 => self.pixels.next().map(LogItem::Pixel),
            5 => self.line_items.next().map(LogItem::LineItem),
            6 => self.segments.next().map(LogItem::Segment),
            7 => self.sources.next().map(LogItem::Source),
            _ => self.campaigns.next().map(LogItem::Campaign),
        }
    }
}

impl Iterator for Batch {
    type Item = LogItem;

    fn next(&mut self) -> Option<LogItem> {
        self.next.take().or_else(|| self.first())
    }
}

/// The rows of a table after `after`, up to and including `to`.
struct Between<'a> {
    conn: &'a Connection,
    after: Seq,
    to: Seq,
}

impl Between<'_> {
    /// Leaves out a row that cannot be read, and logs an error: one row must not stop the judge for good.
    fn read<T, C>(
        &self,
        table: &str,
        list: &str,
        columns: fn(&Statement<'_>) -> rusqlite::Result<C>,
        read: fn(&Row<'_>, &C) -> rusqlite::Result<T>,
    ) -> Result<IntoIter<T>, StoreError> {
        let sql = format!("SELECT {list} FROM {table} WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let columns = columns(&statement)?;
        let mut rows = statement.query([self.after, self.to])?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            match read(row, &columns) {
                Ok(item) => items.push(item),
                Err(error) => {
                    let seq: i64 = row.get("seq")?;
                    tracing::error!(seq, %error, "a row of the log cannot be read; the judge leaves it out");
                }
            }
        }
        Ok(items.into_iter())
    }
}

columns! { FireColumns {
    seq, at, received, pixel_id, visitor_id, flags, tag, order_id, value, currency, event_id, exposure_seq, segments,
    reference_id, parent_reference_id, has_content_ids = "content_ids IS NOT NULL",
    has_num_items = "num_items IS NOT NULL", has_warnings = "warnings IS NOT NULL",
} }

fn fire(row: &Row<'_>, columns: &FireColumns) -> rusqlite::Result<JudgeFire> {
    Ok(JudgeFire {
        seq: row.get(columns.seq)?,
        at: row.get(columns.at)?,
        received: row.get(columns.received)?,
        pixel_id: row.get(columns.pixel_id)?,
        visitor_id: row.get(columns.visitor_id)?,
        flags: Flags::from_bits(row.get(columns.flags)?),
        tag: row.get(columns.tag)?,
        order_id: row.get(columns.order_id)?,
        value: row.get(columns.value)?,
        currency: row.get(columns.currency)?,
        event_id: row.get(columns.event_id)?,
        exposure: row.get(columns.exposure_seq)?,
        segments: segments_from_text(row.get(columns.segments)?),
        reference_id: row.get(columns.reference_id)?,
        parent_reference_id: row.get(columns.parent_reference_id)?,
        has_content_ids: row.get(columns.has_content_ids)?,
        has_num_items: row.get(columns.has_num_items)?,
        has_warnings: row.get(columns.has_warnings)?,
    })
}

columns! { ExposureColumns {
    seq, at, kind, tracker_id, line_item_id, publisher_id, campaign_id, creative_id, visitor_id, flags, ancost, imp_seq, imp_at,
    advertiser_id, arrival, arrival_warnings = "iif(advertiser_id IS NULL, NULL, warnings)",
} }

fn exposure(row: &Row<'_>, columns: &ExposureColumns) -> rusqlite::Result<JudgeExposure> {
    let imp_seq: Option<Seq> = row.get(columns.imp_seq)?;
    let imp_at: Option<Millis> = row.get(columns.imp_at)?;
    let touch = Touch {
        seq: row.get(columns.seq)?,
        at: row.get(columns.at)?,
        kind: row.get(columns.kind)?,
        line_item_id: row.get(columns.line_item_id)?,
        publisher_id: row.get(columns.publisher_id)?,
        source_id: None,
        campaign_id: row.get(columns.campaign_id)?,
        creative_id: row.get(columns.creative_id)?,
        impression: imp_seq.zip(imp_at),
        flags: Flags::from_bits(row.get(columns.flags)?),
        adopted_by: None,
    };
    let arrival = match row.get::<_, Option<AdvertiserId>>(columns.advertiser_id)? {
        None => None,
        Some(advertiser_id) => {
            let problems = warnings_from_text(row.get(columns.arrival_warnings)?);
            let problems = problems.into_iter().map(|warning| (warning.parameter, warning.rule)).collect();
            let arrival = arrival_from_text(advertiser_id, row.get(columns.arrival)?);
            Some(Box::new(JudgeArrival { arrival, problems }))
        }
    };
    let (visitor_id, ancost) = (row.get(columns.visitor_id)?, row.get(columns.ancost)?);
    let tracker_id = row.get(columns.tracker_id)?;
    Ok(JudgeExposure { visitor_id, touch, tracker_id, ancost, arrival })
}

columns! { LoadColumns { seq, at, visitor_id, flags, segments } }

fn segment_load(row: &Row<'_>, columns: &LoadColumns) -> rusqlite::Result<JudgeSegmentLoad> {
    Ok(JudgeSegmentLoad {
        seq: row.get(columns.seq)?,
        at: row.get(columns.at)?,
        visitor_id: row.get(columns.visitor_id)?,
        flags: Flags::from_bits(row.get(columns.flags)?),
        segments: segments_from_text(row.get(columns.segments)?),
    })
}
