//! What is known of one visitor: the segments that it is in, the ads that it saw and clicked, what it was credited with.
//! Only what an index leads to: fires that earned no credit cannot be found by their visitor. A caller who is limited to
//! one advertiser is told of that advertiser's alone, and of segments that all share.

use std::cmp::Reverse;
use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::conversions::find;
use super::lookups::LookUps;
use super::{Store, StoreError, connect};
use crate::attribution::Touch;
use crate::domain::{AdvertiserId, Conversion, LineItemId, Membership, Millis, PixelId, Reader, Seq, VisitorId};

const MEMBERSHIPS: &str = "
    SELECT m.segment_id, m.visitor_id, m.seq, m.value, m.added_at, m.expires_at, s.code, s.short_name
    FROM memberships m JOIN segments s ON s.id = m.segment_id
    WHERE m.visitor_id = ?1 AND m.expires_at > ?2 AND (?3 IS NULL OR s.advertiser_id IS NULL OR s.advertiser_id = ?3)
    ORDER BY m.segment_id";

/// The next pixel that was ever credited: hops in the key of the table instead of a walk through all of it.
const NEXT_PIXEL: &str = "SELECT min(pixel_id) FROM counted WHERE pixel_id > ?1";

const CREDITED: &str = "
    SELECT n.at, n.seq FROM counted n CROSS JOIN conversions c ON c.seq = n.seq
    WHERE n.pixel_id = ?1 AND n.visitor_id = ?2 AND (?3 IS NULL OR c.advertiser_id = ?3)
    ORDER BY n.at DESC, n.seq DESC LIMIT ?4";

/// A visitor's membership, with what the segment is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InSegment {
    /// The membership.
    pub membership: Membership,
    /// The segment's code.
    pub code: Option<String>,
    /// The segment's name.
    pub short_name: String,
}

impl Store {
    /// The segments that a visitor is in now, by their number: of those that the caller may see.
    ///
    /// # Errors
    /// Database faults.
    pub async fn segments_of(&self, by: &Reader, visitor: VisitorId) -> Result<Vec<InSegment>, StoreError> {
        let (own, now) = (by.scope().advertiser(), self.clock().now());
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(MEMBERSHIPS)?;
            let found = statement.query_map(params![visitor, now, own], |row| {
                let membership = Membership {
                    segment_id: row.get(0)?,
                    visitor_id: row.get(1)?,
                    seq: row.get(2)?,
                    value: row.get(3)?,
                    added_at: row.get(4)?,
                    expires_at: row.get(5)?,
                };
                Ok(InSegment { membership, code: row.get(6)?, short_name: row.get(7)? })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// A visitor's latest exposures, at most so many, newest first by their own time: of those that a judgement would
    /// consider ([`super::MAX_TOUCHES_OF_A_KIND`]), and of line items that the caller may see.
    ///
    /// # Errors
    /// Database faults.
    pub async fn exposures_of(&self, by: &Reader, visitor: VisitorId, most: usize) -> Result<Vec<Touch>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let mut touches = LookUps::new(&snapshot)?.touches(visitor, Seq(i64::MAX))?;
            if let Some(own) = own {
                let line_items = line_items(&snapshot, own)?;
                touches.retain(|touch| line_items.contains(&touch.line_item_id));
            }
            touches.sort_unstable_by_key(|touch| Reverse((touch.at, touch.seq)));
            touches.truncate(most);
            Ok(touches)
        })
        .await
    }

    /// A visitor's latest attributed conversions that the caller may see, at most so many, newest first by their own
    /// time.
    ///
    /// # Errors
    /// Database faults.
    pub async fn credited_of(&self, by: &Reader, visitor: VisitorId, most: u32) -> Result<Vec<Conversion>, StoreError> {
        let by = *by;
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let (mut next, mut credited) = (snapshot.prepare_cached(NEXT_PIXEL)?, snapshot.prepare_cached(CREDITED)?);
            let mut places: Vec<(Millis, Seq)> = Vec::new();
            let mut last = PixelId(i64::MIN);
            while let Some(pixel) = next.query_row([last], |row| row.get(0))? {
                let of_pixel = params![pixel, visitor, by.scope().advertiser(), most];
                let found = credited.query_map(of_pixel, |row| Ok((row.get(0)?, row.get(1)?)))?;
                for place in found {
                    places.push(place?);
                }
                last = pixel;
            }
            places.sort_unstable_by_key(|place| Reverse(*place));
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            places.into_iter().take(most).map(|(_, seq)| find(&snapshot, &by, seq)).collect()
        })
        .await
    }
}

fn line_items(conn: &Connection, of: AdvertiserId) -> rusqlite::Result<HashSet<LineItemId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM line_items WHERE advertiser_id = ?1")?;
    let ids = statement.query_map([of], |row| row.get(0))?;
    ids.collect()
}
