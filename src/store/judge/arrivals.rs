//! Arrivals: what the judge looks up for one, and what it writes of it.

use std::collections::BTreeMap;

use rusqlite::{Connection, Rows, params};
use serde_json::json;

use super::click_ids::{self, ClickIdKey};
use super::lookups::{LookUps, MAX_TOUCHES_OF_A_KIND};
use crate::domain::{
    AdvertiserId, ArrivalContent, ArrivalFate, CampaignId, Exposure, LineItemId, Logged, Millis, PublisherId, Seq,
    SourceId, VisitorId,
};
use crate::store::StoreError;
use crate::store::db::statements::insert;
use crate::store::log::rows;

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
    /// A hash of what it carried, if the same within 30 minutes is a repeat.
    pub alike: Option<i64>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierArrival {
    pub seq: Seq,
    pub at: Millis,
    pub source_id: Option<SourceId>,
    /// See [`JudgedArrival::alike`].
    pub alike: Option<i64>,
    pub is_click: bool,
    /// Whether its click ids stand for a click that counted, in it or before.
    pub stands_for_click: bool,
    /// The click ids that [`super::slice::Slice::click_id`] recorded of it.
    pub click_ids: Vec<ClickIdKey>,
}

/// The stored arrivals of a visitor, the last first. Each has the number of the clicks after it if it is a click, else of
/// the other arrivals after it.
#[derive(Debug, Default)]
pub struct StoredArrivals(pub Vec<(EarlierArrival, u32)>);

/// What a slice writes of arrivals.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    arrivals: Vec<JudgedArrival>,
    click_ids: Vec<(Seq, ClickIdKey)>,
    /// Those beyond the most of a day have no content.
    unmatched: BTreeMap<(AdvertiserId, Millis, Option<ArrivalContent>), (i64, Millis)>,
}

impl Arrivals {
    pub(super) fn add(&mut self, arrival: JudgedArrival) {
        self.arrivals.push(arrival);
    }

    pub(super) fn bring(&mut self, arrival: Seq, click_id: ClickIdKey) {
        self.click_ids.push((arrival, click_id));
    }

    pub(super) fn unmatched(&mut self, advertiser: AdvertiserId, at: Millis, content: Option<ArrivalContent>) {
        let (arrivals, last) = self.unmatched.entry((advertiser, at.day(), content)).or_insert((0, at));
        *arrivals += 1;
        *last = at.max(*last);
    }

    pub(super) fn write(&self, conn: &Connection) -> rusqlite::Result<()> {
        write_arrivals(conn, &self.arrivals)?;
        click_ids::write(conn, &self.click_ids)?;
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
            publisher_id, line_item_version, named_seq, adopts, alike)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
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

/// Adds the rows of a look-up, the last arrival first. Each click id has a row.
fn add_earlier(found: &mut StoredArrivals, mut rows: Rows<'_>, are_clicks: bool) -> rusqlite::Result<()> {
    let mut last: Option<(Seq, Seq)> = None;
    let mut after = 0;
    while let Some(row) = rows.next()? {
        let this: (Seq, Seq) = (row.get(0)?, row.get(1)?);
        let is_further_id = last == Some(this);
        after += u32::from(last.is_some() && !is_further_id);
        last = Some(this);
        let source_id: Option<SourceId> = row.get(3)?;
        if are_clicks && source_id.is_none() {
            continue;
        }
        if !is_further_id {
            let arrival = EarlierArrival {
                seq: this.0,
                at: row.get(2)?,
                source_id,
                alike: row.get(4)?,
                is_click: are_clicks,
                stands_for_click: row.get(5)?,
                click_ids: Vec::new(),
            };
            found.0.push((arrival, after));
        }
        let hash: Option<i64> = row.get(7)?;
        if let (Some(hash), Some((arrival, _))) = (hash, found.0.last_mut()) {
            arrival.click_ids.push(ClickIdKey::of_hash(row.get(6)?, hash));
        }
    }
    Ok(())
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

    /// The visitor's last arrivals: those among its last [`MAX_TOUCHES_OF_A_KIND`] clicks, and as many others.
    ///
    /// # Errors
    /// Database faults.
    pub fn earlier_arrivals(&mut self, visitor: VisitorId) -> Result<StoredArrivals, StoreError> {
        let mut found = StoredArrivals::default();
        let of_visitor = params![visitor, MAX_TOUCHES_OF_A_KIND];
        add_earlier(&mut found, self.earlier_clicks.query(of_visitor)?, true)?;
        add_earlier(&mut found, self.earlier_others.query(of_visitor)?, false)?;
        found.0.sort_unstable_by_key(|(arrival, _)| std::cmp::Reverse(arrival.seq));
        Ok(found)
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
