//! How many members segments have, now and by day, and how often their pixels were loaded. Expired memberships do not
//! count, even before they are swept. It never reads the log.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use crate::domain::{AdvertiserId, Millis, Reader, Segment, SegmentId};
use crate::store::db::id_list::IdList;
use crate::store::db::list;
use crate::store::derived::connect;
use crate::store::derived::cursor;
use crate::store::{Store, StoreError};

/// A segment with more members than this is large. To count so many takes about a millisecond.
const LARGE: u64 = 10_000;
/// How old the size of a large segment may be, in milliseconds.
const OLDEST: i64 = 60_000;

/// The sizes of large segments, kept for a minute. To count a million members takes a tenth of a second, and scripts ask
/// again and again for lists of a hundred segments.
#[derive(Default)]
pub(in crate::store) struct SegmentSizes(Mutex<HashMap<SegmentId, (Millis, u64)>>);

impl SegmentSizes {
    /// The size, if it was counted at most [`OLDEST`] before `now`.
    fn get(&self, segment: SegmentId, now: Millis) -> Option<u64> {
        let sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, members) = *sizes.get(&segment)?;
        // If the clock was set back, the age of a count is unknown.
        (0..OLDEST).contains(&now.since(at)).then_some(members)
    }

    /// Keeps a size that was counted `now`, if the segment is large.
    fn note(&self, segment: SegmentId, now: Millis, members: u64) {
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if members > LARGE {
            sizes.insert(segment, (now, members));
        } else {
            sizes.remove(&segment);
        }
    }
}

/// Loads of one segment on one UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentLoads {
    /// It may be deleted by now.
    pub segment_id: SegmentId,
    pub day: Date,
    /// Requests that added a visitor, without tests, bots and prefetches.
    pub loads: u64,
    /// Visitors that sent them, each counted once.
    pub uniques: u64,
}

impl Store {
    /// How many members these segments have now, without the segments that the caller may not see. The size of a large
    /// segment may be a minute old.
    pub async fn segment_sizes(&self, by: &Reader, ids: Vec<SegmentId>) -> Result<HashMap<SegmentId, u64>, StoreError> {
        let (own, now, store) = (by.scope().advertiser(), self.clock().now(), self.clone());
        self.read(move |conn| {
            let (snapshot, kept) = (connect::snapshot(conn)?, &store.0.sizes);
            let (mut sizes, mut uncounted) = (HashMap::new(), Vec::new());
            for id in visible(&snapshot, own, &ids)? {
                match kept.get(id, now) {
                    Some(members) => {
                        sizes.insert(id, members);
                    }
                    None => uncounted.push(id),
                }
            }
            for (id, members) in count(&snapshot, &uncounted, now)? {
                kept.note(id, now, members);
                sizes.insert(id, members);
            }
            Ok(sizes)
        })
        .await
    }

    /// How many members the segment had at the end of each UTC day from `from` to `to`, both included. The running day
    /// counts the members of now. Days to come are 0.
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
        let mut days: BTreeMap<Date, u64> =
            super::sums::daily::days(from, to)?.into_iter().map(|day| (day, 0)).collect();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            if visible(&snapshot, own, &[id])?.is_empty() {
                return Err(StoreError::not_found("segment", id));
            }
            let sql = "SELECT day, members FROM segment_sizes WHERE segment_id = ?1 AND day >= ?2 AND day <= ?3";
            let mut statement = snapshot.prepare_cached(sql)?;
            let mut rows = statement.query(params![id, begin(from)?, begin(to)?])?;
            while let Some(row) = rows.next()? {
                let members: i64 = row.get("members")?;
                days.insert(date(row.get("day")?), members.unsigned_abs());
            }
            // The judge writes a day's size when it judges a later day, so the last days are counted here.
            let judged_on = cursor::cursor(&snapshot)?.day;
            for (day, members) in &mut days {
                let begin = begin(*day)?;
                if begin >= judged_on && begin <= now {
                    let at = begin.plus(Millis::DAY).min(now);
                    *members = count(&snapshot, &[id], at)?.get(&id).copied().unwrap_or(0);
                }
            }
            Ok(days)
        })
        .await
    }

    /// Loads of the segments that the caller may see, by segment and UTC day from `from` to `to`, both included. Days
    /// without loads are left out. A caller with no limit sees deleted segments too.
    pub async fn segment_loads(&self, by: &Reader, from: Date, to: Date) -> Result<Vec<SegmentLoads>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let sql = "SELECT segment_id, day, loads, uniques FROM segment_loads_daily l
                WHERE day >= ?2 AND day <= ?3 AND (?1 IS NULL OR EXISTS (SELECT 1 FROM segments s
                    WHERE s.id = l.segment_id AND (s.advertiser_id IS NULL OR s.advertiser_id = ?1)))
                ORDER BY segment_id, day";
            let mut statement = conn.prepare_cached(sql)?;
            let loads = statement.query_map(params![own, begin(from)?, begin(to)?], |row| {
                let (loads, uniques): (i64, i64) = (row.get("loads")?, row.get("uniques")?);
                let (segment_id, day) = (row.get("segment_id")?, date(row.get("day")?));
                Ok(SegmentLoads { segment_id, day, loads: loads.unsigned_abs(), uniques: uniques.unsigned_abs() })
            })?;
            Ok(loads.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// The segments among these that the caller may see.
fn visible(conn: &Connection, own: Option<AdvertiserId>, ids: &[SegmentId]) -> rusqlite::Result<Vec<SegmentId>> {
    let visible = list::visible::<Segment>("?2");
    let sql = format!("SELECT id FROM segments WHERE id IN (SELECT value FROM json_each(?1)) AND {visible}");
    let list = IdList::of(ids.iter().map(|id| id.0));
    conn.prepare_cached(&sql)?.query_map(params![list, own], |row| row.get("id"))?.collect()
}

/// How many members each of these segments has at a moment.
fn count(conn: &Connection, ids: &[SegmentId], at: Millis) -> rusqlite::Result<HashMap<SegmentId, u64>> {
    let sql = "SELECT segment_id, count(*) AS members FROM memberships
        WHERE segment_id IN (SELECT value FROM json_each(?1)) AND expires_at > ?2 GROUP BY segment_id";
    let list = IdList::of(ids.iter().map(|id| id.0));
    let mut counts: HashMap<_, _> = ids.iter().map(|id| (*id, 0)).collect();
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![list, at])?;
    while let Some(row) = rows.next()? {
        let members: i64 = row.get("members")?;
        counts.insert(row.get("segment_id")?, members.unsigned_abs());
    }
    Ok(counts)
}

fn begin(day: Date) -> Result<Millis, StoreError> {
    let zoned = day.to_zoned(TimeZone::UTC).map_err(StoreError::fault)?;
    Ok(Millis::from(zoned.timestamp()))
}

fn date(at: Millis) -> Date {
    TimeZone::UTC.to_datetime(at.timestamp()).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sizes_are_kept_for_a_minute_and_small_ones_never() {
        let (kept, segment, now) = (SegmentSizes::default(), SegmentId(1), Millis(1_000_000));
        for (members, age, known) in [
            (LARGE, 0, None),
            (LARGE + 1, 0, Some(LARGE + 1)),
            (LARGE + 2, OLDEST - 1, Some(LARGE + 2)),
            (LARGE + 3, OLDEST, None),
            (LARGE + 4, -1, None),
            (0, 0, None),
        ] {
            kept.note(segment, now, members);
            assert_eq!(kept.get(segment, now.plus(age)), known, "{members} members, {age} ms later");
        }
        assert_eq!(kept.get(SegmentId(2), now), None);
    }
}
