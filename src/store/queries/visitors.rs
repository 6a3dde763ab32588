//! One visitor: its segments, the ads that it saw and clicked, and its attributed conversions. No index finds other fires
//! by their visitor. A caller limited to one advertiser sees that advertiser's, and shared segments.

use std::cmp::Reverse;
use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::conversions::find;
use crate::attribution::Touch;
use crate::domain::{AdvertiserId, Conversion, LineItemId, Membership, Millis, PixelId, Reader, Seq, VisitorId};
use crate::store::derived::connect;
use crate::store::judge::lookups::LookUps;
use crate::store::{Store, StoreError};

const MEMBERSHIPS: &str = "
    SELECT m.segment_id, m.visitor_id, m.seq, m.value, m.added_at, m.expires_at, s.code, s.short_name
    FROM memberships m JOIN segments s ON s.id = m.segment_id
    WHERE m.visitor_id = ?1 AND m.expires_at > ?2 AND (?3 IS NULL OR s.advertiser_id IS NULL OR s.advertiser_id = ?3)
    ORDER BY m.segment_id";

/// The next pixel with credited conversions. It jumps from key to key instead of reading the whole table.
const NEXT_PIXEL: &str = "SELECT min(pixel_id) FROM counted WHERE pixel_id > ?1";

const CREDITED: &str = "
    SELECT n.at, n.seq FROM counted n CROSS JOIN conversions c ON c.seq = n.seq
    WHERE n.pixel_id = ?1 AND n.visitor_id = ?2 AND (?3 IS NULL OR c.advertiser_id = ?3)
    ORDER BY n.at DESC, n.seq DESC LIMIT ?4";

/// A visitor's membership, with the code and name of the segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InSegment {
    pub membership: Membership,
    pub code: Option<String>,
    pub short_name: String,
}

impl Store {
    /// The segments that a visitor is in now, by id, among those that the caller may see.
    pub async fn segments_of(&self, by: &Reader, visitor: VisitorId) -> Result<Vec<InSegment>, StoreError> {
        let (own, now) = (by.scope().advertiser(), self.clock().now());
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(MEMBERSHIPS)?;
            let memberships = statement.query_map(params![visitor, now, own], |row| {
                let membership = Membership {
                    segment_id: row.get("segment_id")?,
                    visitor_id: row.get("visitor_id")?,
                    seq: row.get("seq")?,
                    value: row.get("value")?,
                    added_at: row.get("added_at")?,
                    expires_at: row.get("expires_at")?,
                };
                Ok(InSegment { membership, code: row.get("code")?, short_name: row.get("short_name")? })
            })?;
            Ok(memberships.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The latest exposures of a visitor, newest first by the time of the event: of those that a judgement would consider
    /// ([`crate::store::MAX_TOUCHES_OF_A_KIND`]), and of line items that the caller may see.
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

    /// The latest attributed conversions of a visitor that the caller may see, newest first by the time of the event.
    pub async fn credited_of(&self, by: &Reader, visitor: VisitorId, most: u32) -> Result<Vec<Conversion>, StoreError> {
        let by = *by;
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let (mut next, mut credited) = (snapshot.prepare_cached(NEXT_PIXEL)?, snapshot.prepare_cached(CREDITED)?);
            let mut conversions: Vec<(Millis, Seq)> = Vec::new();
            let mut last = PixelId(i64::MIN);
            while let Some(pixel) = next.query_row([last], |row| row.get(0))? {
                let of_pixel = params![pixel, visitor, by.scope().advertiser(), most];
                for conversion in credited.query_map(of_pixel, |row| Ok((row.get("at")?, row.get("seq")?)))? {
                    conversions.push(conversion?);
                }
                last = pixel;
            }
            conversions.sort_unstable_by_key(|conversion| Reverse(*conversion));
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            conversions.into_iter().take(most).map(|(_, seq)| find(&snapshot, &by, seq)).collect()
        })
        .await
    }
}

fn line_items(conn: &Connection, of: AdvertiserId) -> rusqlite::Result<HashSet<LineItemId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM line_items WHERE advertiser_id = ?1")?;
    let ids = statement.query_map([of], |row| row.get(0))?;
    ids.collect()
}
