//! What is set up and cannot earn or lose credit as meant: line items to which no ad reports, trackers that never
//! reported, currencies that an advertiser does not use.

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::{AdvertiserId, Currency, LineItemId, Millis, PixelId, Reader, TrackerId, TrackerKind};
use crate::store::db::id_list::IdList;
use crate::store::db::sql_types::get;
use crate::store::{Store, StoreError};

/// The most line items and trackers that a query returns.
const MOST: u32 = 100;

/// An active line item without an active tracker or source, to which no ad of late reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdlessLineItem {
    pub id: LineItemId,
    pub name: String,
    pub advertiser_id: AdvertiserId,
    pub created_on: Millis,
    /// The pixels that are active on it.
    pub pixels: Vec<PixelId>,
}

/// An advertiser with sources whose site tag is on no page yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnloadedSiteTag {
    pub advertiser_id: AdvertiserId,
    pub name: String,
    /// When its first source was created.
    pub waits_since: Millis,
}

/// An active tracker that never reported an ad view or click of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnseenTracker {
    pub id: TrackerId,
    pub kind: TrackerKind,
    pub name: String,
    pub advertiser_id: AdvertiserId,
    pub created_on: Millis,
}

/// What a tracker reported, without tests, bots and prefetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackerSeen {
    pub last: Millis,
    pub exposures: u64,
}

/// How many events of an advertiser had an order value in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentCurrency {
    pub advertiser_id: AdvertiserId,
    pub currency: Currency,
    pub events: u64,
}

impl Store {
    /// The active line items with pixels to which no ad reports: without an active tracker, and without ad views and clicks
    /// since `since`. With `only`, of these alone. At most 100, the oldest first.
    ///
    /// # Errors
    /// Database faults.
    pub async fn adless_line_items(
        &self,
        by: &Reader,
        only: Option<Vec<LineItemId>>,
        since: Millis,
    ) -> Result<Vec<AdlessLineItem>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| Ok(adless(conn, own, only, since)?)).await
    }

    /// The active trackers of active line items that were created before `before` and never reported. Of an ad, only the
    /// click tracker, and none once one of its trackers has reported. At most 100, the latest first.
    ///
    /// # Errors
    /// Database faults.
    pub async fn unseen_trackers(&self, by: &Reader, before: Millis) -> Result<Vec<UnseenTracker>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(UNSEEN)?;
            let rows = statement.query_map(params![own, before, MOST], |row| {
                Ok(UnseenTracker {
                    id: get(row, "id")?,
                    kind: get(row, "kind")?,
                    name: get(row, "name")?,
                    advertiser_id: get(row, "advertiser_id")?,
                    created_on: get(row, "created_on")?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The advertisers with a source from before `before`, whose site tag no page has loaded, and from whose server no
    /// arrival came since `since`. At most 100.
    ///
    /// # Errors
    /// Database faults.
    pub async fn unloaded_site_tags(
        &self,
        by: &Reader,
        before: Millis,
        since: Millis,
    ) -> Result<Vec<UnloadedSiteTag>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(UNLOADED)?;
            let rows = statement.query_map(params![own, before, MOST], |row| {
                Ok(UnloadedSiteTag {
                    advertiser_id: get(row, "id")?,
                    name: get(row, "name")?,
                    waits_since: get(row, "waits_since")?,
                })
            })?;
            let mut found: Vec<UnloadedSiteTag> = rows.collect::<Result<_, _>>()?;
            if !found.is_empty() {
                let sql = "SELECT DISTINCT advertiser_id FROM exposures_quarters WHERE quarter >= ?1 AND source_id > 0";
                let mut statement = conn.prepare_cached(sql)?;
                let heard = statement.query_map([since], |row| row.get(0))?;
                let heard: Vec<AdvertiserId> = heard.collect::<Result<_, _>>()?;
                found.retain(|tag| !heard.contains(&tag.advertiser_id));
            }
            Ok(found)
        })
        .await
    }

    /// What a tracker reported; none if it never did, or the caller may not see it.
    ///
    /// # Errors
    /// Database faults.
    pub async fn tracker_seen(&self, by: &Reader, id: TrackerId) -> Result<Option<TrackerSeen>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let sql = "SELECT s.at, s.exposures FROM tracker_seen s JOIN trackers t ON t.id = s.tracker_id
                WHERE s.tracker_id = ?1 AND (?2 IS NULL OR t.advertiser_id = ?2)";
            let mut statement = conn.prepare_cached(sql)?;
            let seen = statement.query_row(params![id, own], |row| {
                let exposures: i64 = row.get(1)?;
                Ok(TrackerSeen { last: row.get(0)?, exposures: exposures.unsigned_abs() })
            });
            Ok(seen.optional()?)
        })
        .await
    }

    /// The currencies of the order values since `since`, by advertiser.
    ///
    /// # Errors
    /// Database faults.
    pub async fn sent_currencies(&self, by: &Reader, since: Millis) -> Result<Vec<SentCurrency>, StoreError> {
        let own = by.scope().advertiser();
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(CURRENCIES)?;
            let rows = statement.query_map(params![since, own], |row| {
                let events: i64 = row.get(2)?;
                Ok(SentCurrency { advertiser_id: row.get(0)?, currency: row.get(1)?, events: events.unsigned_abs() })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

const ADLESS: &str = "SELECT l.id, l.name, l.advertiser_id, l.created_on FROM line_items l
    WHERE l.state = 'active' AND (?1 IS NULL OR l.advertiser_id = ?1)
        AND (?2 IS NULL OR l.id IN (SELECT value FROM json_each(?2)))
        AND EXISTS (SELECT 1 FROM line_item_pixels p WHERE p.line_item_id = l.id AND p.state = 'active')
        AND NOT EXISTS (SELECT 1 FROM trackers t WHERE t.line_item_id = l.id AND t.state = 'active')
        AND NOT EXISTS (SELECT 1 FROM sources s WHERE s.line_item_id = l.id AND s.state = 'active')
    ORDER BY l.id LIMIT ?3";

/// Advertisers with sources whose site tag no page has loaded.
const UNLOADED: &str = "SELECT a.id, a.name, min(s.created_on) AS waits_since
    FROM sources s JOIN advertisers a ON a.id = s.advertiser_id
    WHERE s.state = 'active' AND a.state = 'active' AND (?1 IS NULL OR a.id = ?1)
        AND NOT EXISTS (SELECT 1 FROM site_tag_loads l WHERE l.advertiser_id = a.id)
    GROUP BY a.id HAVING min(s.created_on) < ?2 ORDER BY a.id LIMIT ?3";

const UNSEEN: &str = "SELECT t.id, t.kind, t.name, t.advertiser_id, t.created_on FROM trackers t
    JOIN line_items l ON l.id = t.line_item_id AND l.state = 'active'
    LEFT JOIN tracker_seen s ON s.tracker_id = t.id
    WHERE t.state = 'active' AND s.tracker_id IS NULL AND t.created_on < ?2
        AND (?1 IS NULL OR t.advertiser_id = ?1)
        AND NOT EXISTS (SELECT 1 FROM trackers o LEFT JOIN tracker_seen os ON os.tracker_id = o.id
            WHERE o.line_item_id = t.line_item_id AND o.publisher_id = t.publisher_id AND o.name = t.name
                AND o.kind <> t.kind AND (os.tracker_id IS NOT NULL OR t.kind = 'imptracker'))
    ORDER BY t.id DESC LIMIT ?3";

/// XXX stands for a value without a currency.
const CURRENCIES: &str = "SELECT advertiser_id, currency, sum(fires) FROM conversions_quarters
    WHERE quarter >= ?1 AND currency NOT IN ('', 'XXX') AND reason NOT IN ('bot', 'prefetch')
        AND (?2 IS NULL OR advertiser_id = ?2)
    GROUP BY advertiser_id, currency HAVING sum(fires) > 0";

fn adless(
    conn: &Connection,
    own: Option<AdvertiserId>,
    only: Option<Vec<LineItemId>>,
    since: Millis,
) -> rusqlite::Result<Vec<AdlessLineItem>> {
    let only = only.map(|ids| IdList::of(ids.iter().map(|id| id.0)));
    let mut statement = conn.prepare_cached(ADLESS)?;
    let rows = statement.query_map(params![own, only, MOST], |row| {
        Ok(AdlessLineItem {
            id: get(row, "id")?,
            name: get(row, "name")?,
            advertiser_id: get(row, "advertiser_id")?,
            created_on: get(row, "created_on")?,
            pixels: Vec::new(),
        })
    })?;
    let mut found: Vec<AdlessLineItem> = rows.collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Ok(found);
    }
    let list = IdList::of(found.iter().map(|line_item| line_item.id.0));
    let sql = "SELECT DISTINCT line_item_id FROM exposures_quarters
        WHERE quarter >= ?2 AND line_item_id IN (SELECT value FROM json_each(?1))";
    let mut statement = conn.prepare_cached(sql)?;
    let heard = statement.query_map(params![list, since], |row| row.get(0))?;
    let heard: Vec<LineItemId> = heard.collect::<Result<_, _>>()?;
    found.retain(|line_item| !heard.contains(&line_item.id));
    let sql = "SELECT line_item_id, pixel_id FROM line_item_pixels
        WHERE state = 'active' AND line_item_id IN (SELECT value FROM json_each(?1))";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([&list])?;
    while let Some(row) = rows.next()? {
        let of: LineItemId = row.get(0)?;
        if let Some(line_item) = found.iter_mut().find(|line_item| line_item.id == of) {
            line_item.pixels.push(row.get(1)?);
        }
    }
    Ok(found)
}
