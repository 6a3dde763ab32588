//! Arrivals: what the judge looks up for one, and what it writes of it.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use serde_json::json;

use super::click_ids::{self, BroughtClickId};
use super::lookups::LookUps;
use crate::domain::{
    AdvertiserId, ArrivalContent, ArrivalFate, CampaignId, Exposure, LineItemId, Logged, Millis, PublisherId, Seq,
    SourceId, VisitorId,
};
use crate::store::StoreError;
use crate::store::db::statements::insert;
use crate::store::log::rows;

/// Whether an arrival repeats one is looked for among this many of the visitor's last.
pub const MOST_EARLIER_ARRIVALS: usize = 100;

/// The arrivals that no source took are counted for this many different contents of an advertiser and day.
pub const MOST_UNMATCHED_A_DAY: u32 = 200;

/// An arrival and the judge's decision.
#[derive(Debug)]
pub struct JudgedArrival {
    pub seq: Seq,
    pub at: Millis,
    /// None for a private visitor.
    pub visitor_id: Option<VisitorId>,
    pub advertiser_id: AdvertiserId,
    pub fate: ArrivalFate,
    /// The source that takes it.
    pub source_id: Option<SourceId>,
    /// Present exactly for a click.
    pub click: Option<ArrivalClick>,
    /// The exposure that its token names.
    pub named: Option<Seq>,
    pub adopts: bool,
    /// How many of its click ids became the visitor's.
    pub click_ids: u32,
    /// A hash of what it carried, if the same within 30 minutes is a repeat.
    pub alike: Option<i64>,
}

/// Which of a visitor's stored arrivals another one may repeat.
#[derive(Clone, Copy, Debug)]
pub struct EarlierQuery {
    pub visitor_id: VisitorId,
    /// At most so many arrivals, the last ones.
    pub most: usize,
    /// Those that are clicks are looked for among so many of its last clicks.
    pub most_clicks: u32,
    /// The first and the last moment of interest.
    pub from: Millis,
    pub to: Millis,
}

/// What an arrival that is a click counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrivalClick {
    pub line_item_id: LineItemId,
    /// None if there never was such a line item.
    pub line_item_version: Option<Seq>,
    pub campaign_id: Option<CampaignId>,
    pub publisher_id: PublisherId,
}

/// An earlier arrival of a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierArrival {
    pub at: Millis,
    pub source_id: Option<SourceId>,
    /// See [`JudgedArrival::alike`].
    pub alike: Option<i64>,
}

/// What a slice writes of arrivals.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    arrivals: Vec<JudgedArrival>,
    click_ids: Vec<BroughtClickId>,
    /// Click ids that now stand for a click.
    clicked: Vec<BroughtClickId>,
    /// Those beyond the most of a day have no content.
    unmatched: BTreeMap<(AdvertiserId, Millis, Option<ArrivalContent>), (i64, Millis)>,
}

impl Arrivals {
    pub(super) fn add(&mut self, arrival: JudgedArrival) {
        self.arrivals.push(arrival);
    }

    pub(super) fn bring(&mut self, click_id: BroughtClickId) {
        self.click_ids.push(click_id);
    }

    pub(super) fn click(&mut self, click_id: BroughtClickId) {
        self.clicked.push(click_id);
    }

    pub(super) fn unmatched(&mut self, advertiser: AdvertiserId, at: Millis, content: Option<ArrivalContent>) {
        let (arrivals, last) = self.unmatched.entry((advertiser, at.day(), content)).or_insert((0, at));
        *arrivals += 1;
        *last = at.max(*last);
    }

    pub(super) fn write(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        write_arrivals(conn, &self.arrivals)?;
        click_ids::write(conn, &mut self.click_ids)?;
        click_ids::write_clicked(conn, &self.clicked)?;
        let sql = "INSERT INTO unmatched_arrivals (advertiser_id, day, carried, arrivals, last_at)
            VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET arrivals = arrivals + excluded.arrivals, last_at = max(last_at, excluded.last_at)";
        for ((advertiser, day, content), (arrivals, last)) in &self.unmatched {
            let carried = content.as_ref().map(text).unwrap_or_default();
            conn.prepare_cached(sql)?.execute(params![advertiser, day, carried, arrivals, last])?;
        }
        Ok(())
    }
}

/// The rows share one statement, as those of touches do.
fn write_arrivals(conn: &Connection, arrivals: &[JudgedArrival]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO arrivals (seq, visitor_id, at, advertiser_id, fate, source_id, line_item_id, campaign_id,
            publisher_id, line_item_version, named_seq, adopts, click_ids, alike)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    let mut statement = conn.prepare_cached(sql)?;
    for arrival in arrivals {
        let click = arrival.click.as_ref();
        statement.execute(params![
            arrival.seq,
            arrival.visitor_id,
            arrival.at,
            arrival.advertiser_id,
            arrival.fate,
            arrival.source_id,
            click.map(|click| click.line_item_id),
            click.and_then(|click| click.campaign_id),
            click.map(|click| click.publisher_id),
            click.and_then(|click| click.line_item_version),
            arrival.named,
            arrival.adopts,
            arrival.click_ids,
            arrival.alike,
        ])?;
        if let (true, Some(visitor), Some(exposure)) = (arrival.adopts, arrival.visitor_id, arrival.named) {
            insert!(conn, adoptions { visitor_id: visitor, exposure_seq: exposure, seq: arrival.seq })?;
        }
    }
    Ok(())
}

/// A content as the derived file keeps it: JSON.
fn text(content: &ArrivalContent) -> String {
    let ArrivalContent { parameters, click_ids, problems, referrer_host } = content;
    json!([parameters, click_ids, problems, referrer_host]).to_string()
}

/// Reads [`text`].
pub(in crate::store) fn content(text: &str) -> Option<ArrivalContent> {
    let (parameters, click_ids, problems, referrer_host) = serde_json::from_str(text).ok()?;
    Some(ArrivalContent { parameters, click_ids, problems, referrer_host })
}

impl LookUps<'_> {
    /// The exposure that an arrival's token names, if it was logged before and is no arrival itself.
    ///
    /// # Errors
    /// Database faults.
    pub fn named_by_arrival(&mut self, named: Seq, before: Seq) -> Result<Option<Logged<Exposure>>, StoreError> {
        if named >= before {
            return Ok(None);
        }
        Ok(rows::exposure_at(self.conn(), named)?.filter(|exposure| exposure.arrival.is_none()))
    }

    /// Whether the visitor has an exposure by an earlier arrival's token.
    ///
    /// # Errors
    /// Database faults.
    pub fn has_adopted(&mut self, visitor: VisitorId, exposure: Seq) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM adoptions WHERE visitor_id = ?1 AND exposure_seq = ?2";
        Ok(self.conn().prepare_cached(sql)?.exists(params![visitor, exposure])?)
    }

    /// The visitor's last arrivals.
    ///
    /// # Errors
    /// Database faults.
    pub fn earlier_arrivals(&mut self, query: &EarlierQuery) -> Result<Vec<EarlierArrival>, StoreError> {
        let EarlierQuery { visitor_id, most, most_clicks, from, to } = *query;
        let mut found: Vec<(Seq, Millis, Option<SourceId>)> = Vec::new();
        let mut rows = self.earlier_clicks.query(params![visitor_id, most_clicks])?;
        while let Some(row) = rows.next()? {
            if found.len() == most {
                break;
            }
            // A click that a tracker saw has none.
            let source_id: Option<SourceId> = row.get(2)?;
            if source_id.is_some() {
                found.push((row.get(0)?, row.get(1)?, source_id));
            }
        }
        let mut rows = self.earlier_others.query(params![visitor_id, u32::try_from(most).unwrap_or(u32::MAX)])?;
        while let Some(row) = rows.next()? {
            found.push((row.get(0)?, row.get(1)?, row.get(2)?));
        }
        found.sort_unstable_by_key(|(seq, ..)| std::cmp::Reverse(*seq));
        found.truncate(most);
        let near = found.into_iter().filter(|(_, at, _)| (from..=to).contains(at));
        near.map(|(seq, at, source_id)| {
            let alike = self.alike.query_row([seq], |row| row.get(0))?;
            Ok(EarlierArrival { at, source_id, alike })
        })
        .collect()
    }

    /// Whether unmatched arrivals of this content are counted that day, and how many contents are.
    ///
    /// # Errors
    /// Database faults.
    pub fn unmatched_of(
        &mut self,
        advertiser: AdvertiserId,
        day: Millis,
        content: &ArrivalContent,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM unmatched_arrivals WHERE advertiser_id = ?1 AND day = ?2 AND carried = ?3";
        Ok(self.conn().prepare_cached(sql)?.exists(params![advertiser, day, text(content)])?)
    }

    /// How many contents of unmatched arrivals are counted of that day.
    ///
    /// # Errors
    /// Database faults.
    pub fn unmatched_contents(&mut self, advertiser: AdvertiserId, day: Millis) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM unmatched_arrivals WHERE advertiser_id = ?1 AND day = ?2 AND carried <> ''";
        Ok(self.conn().prepare_cached(sql)?.query_row(params![advertiser, day], |row| row.get(0))?)
    }
}
