//! What is said of segments: how many members, and their loads. Memberships that have expired mean nothing, whether
//! they were swept or not. It never reads the log.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::{Store, StoreError, connect, judging};
use crate::domain::{AdvertiserId, Millis, Reader, SegmentId};

/// A segment that the caller may see: `?1` is the advertiser that the caller is limited to, `?2` the segment.
const SEES: &str =
    "SELECT 1 FROM segments WHERE id = ?2 AND (?1 IS NULL OR advertiser_id IS NULL OR advertiser_id = ?1)";

/// Loads of one segment on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentLoads {
    /// The segment; it may be deleted by now.
    pub segment_id: SegmentId,
    /// The UTC day.
    pub day: Date,
    /// Requests that added to it, but for tests, bots and prefetches.
    pub loads: u64,
    /// The visitors who sent them, each once.
    pub uniques: u64,
}

impl Store {
    /// How many members these segments have now; those that the caller may not see are left out. They are counted one
    /// by one, in an index alone; of many the number may be a minute old (`kept_sizes.rs`).
    ///
    /// # Errors
    /// Database faults.
    pub async fn segment_sizes(&self, by: &Reader, ids: Vec<SegmentId>) -> Result<HashMap<SegmentId, u64>, StoreError> {
        let (own, now, store) = (by.scope().advertiser(), self.clock().now(), self.clone());
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let kept = &store.0.sizes;
            let mut sizes = HashMap::new();
            for id in ids {
                if !sees(&snapshot, own, id)? {
                    continue;
                }
                let members = match kept.get(id, now) {
                    Some(members) => members,
                    None => kept.note(id, now, size(&snapshot, id, now)?),
                };
                sizes.insert(id, members);
            }
            Ok(sizes)
        })
        .await
    }

    /// How many members the segment had at the end of each UTC day from `from` to `to`, both included; of the running
    /// day, now. Days without members, and days to come, are 0.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it; [`StoreError::Invalid`] for more than ten years.
    pub async fn segment_sizes_by_day(
        &self,
        by: &Reader,
        id: SegmentId,
        from: Date,
        to: Date,
    ) -> Result<BTreeMap<Date, u64>, StoreError> {
        let (own, now) = (by.scope().advertiser(), self.clock().now());
        let mut days: BTreeMap<Date, u64> = super::daily::days(from, to)?.into_iter().map(|day| (day, 0)).collect();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            if !sees(&snapshot, own, id)? {
                return Err(StoreError::not_found("segment", id));
            }
            let sql = "SELECT day, members FROM segment_sizes WHERE segment_id = ?1 AND day >= ?2 AND day <= ?3";
            let mut statement = snapshot.prepare_cached(sql)?;
            let mut rows = statement.query(params![id, begin(from)?, begin(to)?])?;
            while let Some(row) = rows.next()? {
                let members: i64 = row.get(1)?;
                days.insert(date(row.get(0)?), members.unsigned_abs());
            }
            // What was not noted yet: the running day, and days that have ended with nothing logged since.
            let judged_on = judging::cursor(&snapshot)?.day;
            for (day, members) in &mut days {
                let begin = begin(*day)?;
                if begin >= judged_on && begin <= now {
                    *members = size(&snapshot, id, begin.plus(Millis::DAY).min(now))?;
                }
            }
            Ok(days)
        })
        .await
    }

    /// Loads of all segments that the caller may see, by segment and UTC day from `from` to `to`, both included; days
    /// without are left out. A caller who sees everything sees deleted segments too.
    ///
    /// # Errors
    /// Database faults.
    pub async fn segment_loads(&self, by: &Reader, from: Date, to: Date) -> Result<Vec<SegmentLoads>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let sql = "SELECT segment_id, day, loads, uniques FROM segment_loads_daily l
                WHERE day >= ?2 AND day <= ?3 AND (?1 IS NULL OR EXISTS (SELECT 1 FROM segments s
                    WHERE s.id = l.segment_id AND (s.advertiser_id IS NULL OR s.advertiser_id = ?1)))
                ORDER BY segment_id, day";
            let mut statement = conn.prepare_cached(sql)?;
            let loads = statement.query_map(params![own, begin(from)?, begin(to)?], |row| {
                let (loads, uniques): (i64, i64) = (row.get(2)?, row.get(3)?);
                let (segment_id, day) = (row.get(0)?, date(row.get(1)?));
                Ok(SegmentLoads { segment_id, day, loads: loads.unsigned_abs(), uniques: uniques.unsigned_abs() })
            })?;
            Ok(loads.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn sees(conn: &Connection, own: Option<AdvertiserId>, id: SegmentId) -> rusqlite::Result<bool> {
    conn.prepare_cached(SEES)?.exists(params![own, id])
}

fn size(conn: &Connection, id: SegmentId, now: Millis) -> rusqlite::Result<u64> {
    let sql = "SELECT count(*) FROM memberships WHERE segment_id = ?1 AND expires_at > ?2";
    let members: i64 = conn.prepare_cached(sql)?.query_row(params![id, now], |row| row.get(0))?;
    Ok(members.unsigned_abs())
}

fn begin(day: Date) -> Result<Millis, StoreError> {
    let zoned = day.to_zoned(TimeZone::UTC).map_err(StoreError::fault)?;
    Ok(Millis::from(zoned.timestamp()))
}

fn date(at: Millis) -> Date {
    TimeZone::UTC.to_datetime(at.timestamp()).date()
}
