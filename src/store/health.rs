//! How pixels fare: loads, last load, conversions, warnings, and the pages they are on (`spec/reports.md`, *Health*).
//! A load is a fire that is no test, bot or prefetch ([`Reason::is_load`]).

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::conversions::reasons;
use super::{Store, StoreError, connect};
use crate::domain::{Millis, OutcomeKind, PixelId, Reader, Reason, Scope};

/// Days in [`PixelHealth::loads_by_day`].
const DAYS: usize = 14;
/// The most pages that [`Store::top_urls`] names.
const MOST_URLS: u32 = 25;
/// The most fires that [`Store::top_urls`] looks at, the newest: it bounds the work for a pixel that is loaded all the
/// time.
const MOST_FIRES: u32 = 50_000;

/// How a pixel fares. All zero for one that has never fired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PixelHealth {
    /// Loads in the past 12 hours, to the millisecond.
    pub loads_12h: u64,
    /// The time of the last load; none if there was none yet.
    pub last_load: Option<Millis>,
    /// Attributed conversions in the past 7 days, to the millisecond, without retracted ones.
    pub conversions_7d: u64,
    /// Loads of the last 14 UTC days, the running one last.
    pub loads_by_day: [u64; DAYS],
    /// Of the loads of these 14 days, those with warnings.
    pub warned: u64,
}

impl PixelHealth {
    /// Loads of the last 14 UTC days.
    pub fn loads(&self) -> u64 {
        self.loads_by_day.iter().sum()
    }

    /// The share of these with warnings, in percent, rounded down; 0 without loads.
    pub fn warned_percent(&self) -> u64 {
        (self.warned * 100).checked_div(self.loads()).unwrap_or(0)
    }
}

/// A page that a pixel was loaded on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUrl {
    /// The page as its `Referer` named it; none for loads that named none.
    pub url: Option<String>,
    /// How often it loaded the pixel.
    pub loads: u64,
    /// When it last did.
    pub last_load: Millis,
}

impl Store {
    /// How these pixels fare; those that the caller may not see are left out.
    ///
    /// # Errors
    /// Database faults.
    pub async fn pixel_health(
        &self,
        by: &Reader,
        ids: Vec<PixelId>,
    ) -> Result<HashMap<PixelId, PixelHealth>, StoreError> {
        let (scope, now) = (by.scope(), self.clock().now());
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            let mut fares = HashMap::new();
            for id in ids {
                if sees(&snapshot, scope, id)? {
                    fares.insert(id, health(&snapshot, id, now)?);
                }
            }
            Ok(fares)
        })
        .await
    }

    /// The 25 pages with most loads of a pixel since then, of its newest 50,000 loads.
    ///
    /// # Errors
    /// Database faults.
    pub async fn top_urls(&self, by: &Reader, pixel: PixelId, since: Millis) -> Result<Vec<TopUrl>, StoreError> {
        let scope = by.scope();
        self.read(move |conn| {
            let sql = format!(
                "SELECT f.referer, count(*), max(c.at) FROM (
                    SELECT seq, at FROM conversions WHERE pixel_id = ?1 AND at >= ?2 AND reason IN ({})
                        AND (?3 IS NULL OR advertiser_id = ?3) ORDER BY at DESC LIMIT {MOST_FIRES}) AS c
                CROSS JOIN fires f ON f.seq = c.seq GROUP BY f.referer
                ORDER BY count(*) DESC, max(c.at) DESC, f.referer LIMIT {MOST_URLS}",
                reasons(Reason::is_load)
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let urls = statement.query_map(params![pixel, since, scope.advertiser()], |row| {
                let loads: u32 = row.get(1)?;
                Ok(TopUrl { url: row.get(0)?, loads: loads.into(), last_load: row.get(2)? })
            })?;
            Ok(urls.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn sees(conn: &Connection, scope: Scope, pixel: PixelId) -> rusqlite::Result<bool> {
    match scope {
        Scope::All => Ok(true),
        Scope::Advertiser(own) => conn
            .prepare_cached("SELECT 1 FROM pixels WHERE id = ?1 AND advertiser_id = ?2")?
            .exists(params![pixel, own]),
    }
}

fn health(conn: &Connection, pixel: PixelId, now: Millis) -> rusqlite::Result<PixelHealth> {
    let first_day = now.day().plus(-13 * Millis::DAY);
    let (since_12h, since_7d) = (now.plus(-12 * Millis::HOUR), now.plus(-7 * Millis::DAY));
    let mut health = PixelHealth::default();
    let sql = "SELECT hour, loads, warned, attributed FROM pixels_hourly WHERE pixel_id = ?1 AND hour >= ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![pixel, first_day])?;
    while let Some(row) = rows.next()? {
        let hour: Millis = row.get(0)?;
        let (loads, warned, attributed): (u32, u32, u32) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let day = usize::try_from(hour.since(first_day) / Millis::DAY).ok();
        if let Some(on_day) = day.and_then(|day| health.loads_by_day.get_mut(day)) {
            *on_day += u64::from(loads);
            health.warned += u64::from(warned);
        }
        if hour >= since_12h {
            health.loads_12h += u64::from(loads);
        }
        if hour >= since_7d {
            health.conversions_7d += u64::from(attributed);
        }
    }
    health.loads_12h += begun_before(conn, pixel, since_12h, &reasons(Reason::is_load), "")?;
    health.conversions_7d += begun_before(conn, pixel, since_7d, &reasons(is_attributed), STANDS)?;
    let sql = "SELECT at FROM pixel_last_fired WHERE pixel_id = ?1";
    health.last_load = conn.prepare_cached(sql)?.query_row([pixel], |row| row.get(0)).optional()?;
    Ok(health)
}

/// That a conversion was not taken back.
const STANDS: &str = "AND NOT EXISTS (SELECT 1 FROM adjusted a WHERE a.seq = c.seq AND a.retracted)";

/// Fires from `since` on in the hour that has begun before it, which the sums by hour cannot tell apart.
fn begun_before(conn: &Connection, pixel: PixelId, since: Millis, reasons: &str, and: &str) -> rusqlite::Result<u64> {
    if since == since.hour() {
        return Ok(0);
    }
    let sql = format!(
        "SELECT count(*) FROM conversions c
        WHERE pixel_id = ?1 AND at >= ?2 AND at < ?3 AND reason IN ({reasons}) {and}"
    );
    let until = since.hour().plus(Millis::HOUR);
    let fires: u32 = conn.prepare_cached(&sql)?.query_row(params![pixel, since, until], |row| row.get(0))?;
    Ok(fires.into())
}

fn is_attributed(reason: Reason) -> bool {
    reason.outcome().kind() == OutcomeKind::Attributed
}
