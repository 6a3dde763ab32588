//! The health of pixels: loads, last load, conversions, warnings, and the pages that load them. A load is a fire other than
//! a test, bot or prefetch ([`Reason::is_load`]).

use std::collections::HashMap;

use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::conversions::reasons;
use crate::domain::{Days, Millis, PixelId, Reader, Reason, Scope};
use crate::store::db::id_list::IdList;
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

/// Days in [`PixelHealth::loads_by_day`].
const DAYS: usize = COUNT as usize;
const COUNT: u16 = 14;
/// The most pages that [`Store::top_urls`] returns.
const MOST_URLS: u32 = 25;
/// The most fires that [`Store::top_urls`] reads, the newest ones. It bounds the work for a busy pixel.
const MOST_FIRES: u32 = 50_000;

/// The health of a pixel. All zero for one that has never fired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PixelHealth {
    /// Loads in the past 12 hours, to the millisecond.
    pub loads_12h: u64,
    /// The time of the last load.
    pub last_load: Option<Millis>,
    /// Attributed conversions of the last 7 days of the advertiser, without retracted ones.
    pub conversions_7d: u64,
    /// Loads of the last 14 days of the advertiser, today last.
    pub loads_by_day: [u64; DAYS],
    /// Loads with warnings in these 14 days.
    pub warned: u64,
    /// The days among them before today in which the pixel existed.
    pub days_before: u16,
    /// Of the last 7 days of the advertiser.
    pub week: PixelWeek,
}

/// Loads of the last 7 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PixelWeek {
    /// Conversions that no ad earned.
    pub unattributed: u64,
    /// Those that browsers sent.
    pub browsers: u64,
    /// Of these, the ones that came without a cookie and without a token.
    pub without_cookie: u64,
    /// Of these, the ones of visitors who are not to be known, without a token.
    pub private: u64,
}

impl PixelWeek {
    fn add(&mut self, day: PixelWeek) {
        self.unattributed += day.unattributed;
        self.browsers += day.browsers;
        self.without_cookie += day.without_cookie;
        self.private += day.private;
    }
}

impl PixelHealth {
    /// Loads of the last 14 days.
    pub fn loads(&self) -> u64 {
        self.loads_by_day.iter().sum()
    }
}

/// A page that a pixel was loaded on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUrl {
    /// The page's address from the `Referer` header; none for loads without one.
    pub url: Option<String>,
    /// How often it loaded the pixel.
    pub loads: u64,
    /// The time of the last load.
    pub last_load: Millis,
}

impl Store {
    /// The health of these pixels, without those that the caller may not see.
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
            Ok(health(&snapshot, visible(&snapshot, scope, ids)?, now)?)
        })
        .await
    }

    /// The 25 pages with most loads of a pixel since `since`, among its newest 50,000 loads.
    ///
    /// # Errors
    /// Database faults.
    pub async fn top_urls(&self, by: &Reader, pixel: PixelId, since: Millis) -> Result<Vec<TopUrl>, StoreError> {
        let scope = by.scope();
        self.read(move |conn| {
            let sql = format!(
                "SELECT f.referer, count(*), max(c.at) FROM (
                    SELECT seq, at FROM conversions WHERE pixel_id = ?1 AND at >= ?2 AND +reason IN ({})
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

/// The pixels among these that the scope includes.
fn visible(conn: &Connection, scope: Scope, ids: Vec<PixelId>) -> rusqlite::Result<Vec<PixelId>> {
    let Scope::Advertiser(own) = scope else { return Ok(ids) };
    let sql = "SELECT id FROM pixels WHERE id IN (SELECT value FROM json_each(?1)) AND advertiser_id = ?2";
    let list = IdList::of(ids.iter().map(|id| id.0));
    let mut statement = conn.prepare_cached(sql)?;
    statement.query_map(params![list, own], |row| row.get(0))?.collect()
}

const SUMS: &str = "SELECT pixel_id, sum(loads), sum(warned), sum(attributed), sum(unattributed), sum(browsers),
        sum(without_cookie), sum(private) FROM pixels_quarters
    WHERE pixel_id IN (SELECT value FROM json_each(?1)) AND quarter >= ?2 AND quarter < ?3 GROUP BY pixel_id";

const LAST_LOADS: &str = "SELECT pixel_id, at FROM pixel_last_fired
    WHERE pixel_id IN (SELECT value FROM json_each(?1))";

const ZONES: &str = "SELECT a.timezone, p.id, p.created_on FROM pixels p JOIN advertisers a ON a.id = p.advertiser_id
    WHERE p.id IN (SELECT value FROM json_each(?1))";

type AllHealth = HashMap<PixelId, PixelHealth>;

fn health(conn: &Connection, ids: Vec<PixelId>, now: Millis) -> rusqlite::Result<AllHealth> {
    let list = IdList::of(ids.iter().map(|id| id.0));
    let mut all: AllHealth = ids.into_iter().map(|id| (id, PixelHealth::default())).collect();
    for (zone, pixels) in by_zone(conn, &list)? {
        add_days(conn, &zone, &pixels, now, &mut all)?;
    }
    add_past_12_hours(conn, &list, now, &mut all)?;
    let mut statement = conn.prepare_cached(LAST_LOADS)?;
    let mut rows = statement.query([&list])?;
    while let Some(row) = rows.next()? {
        let at = row.get(1)?;
        all.entry(row.get(0)?).and_modify(|health| health.last_load = at);
    }
    Ok(all)
}

/// Pixels and their creation by the advertiser's time zone.
fn by_zone(conn: &Connection, list: &IdList) -> rusqlite::Result<HashMap<String, Vec<(PixelId, Millis)>>> {
    let mut zones: HashMap<String, Vec<(PixelId, Millis)>> = HashMap::new();
    let mut statement = conn.prepare_cached(ZONES)?;
    let mut rows = statement.query([list])?;
    while let Some(row) = rows.next()? {
        zones.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?));
    }
    Ok(zones)
}

/// Adds the sums of the latest days of one zone.
fn add_days(
    conn: &Connection,
    zone: &str,
    pixels: &[(PixelId, Millis)],
    now: Millis,
    all: &mut AllHealth,
) -> rusqlite::Result<()> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let list = IdList::of(pixels.iter().map(|(id, _)| id.0));
    for (place, (from, to)) in Days::latest(COUNT, now, zone).each().enumerate() {
        for (id, sums) in sums(conn, &list, from, to)? {
            let Some(health) = all.get_mut(&id) else { continue };
            if let Some(loads) = health.loads_by_day.get_mut(place) {
                *loads = sums.loads;
            }
            health.warned += sums.warned;
            if place + 7 >= DAYS {
                health.conversions_7d += sums.attributed;
                health.week.add(sums.week);
            }
        }
        for (id, created) in pixels {
            if let Some(health) = all.get_mut(id).filter(|_| place + 1 < DAYS && *created < to) {
                health.days_before += 1;
            }
        }
    }
    Ok(())
}

fn add_past_12_hours(conn: &Connection, list: &IdList, now: Millis, all: &mut AllHealth) -> rusqlite::Result<()> {
    let since = now.plus(-12 * Millis::HOUR);
    let first_full = if since == since.quarter() { since } else { since.quarter().plus(Millis::QUARTER) };
    for (id, sums) in sums(conn, list, first_full, Millis(i64::MAX))? {
        all.entry(id).and_modify(|health| health.loads_12h += sums.loads);
    }
    let mut statement = conn.prepare_cached(&loads_sql())?;
    let mut rows = statement.query(params![list, since, first_full])?;
    while let Some(row) = rows.next()? {
        let fires: u32 = row.get(1)?;
        all.entry(row.get(0)?).and_modify(|health| health.loads_12h += u64::from(fires));
    }
    Ok(())
}

struct LoadSums {
    loads: u64,
    warned: u64,
    attributed: u64,
    week: PixelWeek,
}

/// The sums of the quarter hours from `from` on and before `to`.
fn sums(conn: &Connection, list: &IdList, from: Millis, to: Millis) -> rusqlite::Result<Vec<(PixelId, LoadSums)>> {
    let mut statement = conn.prepare_cached(SUMS)?;
    let rows = statement.query_map(params![list, from, to], |row| {
        let count = |place| row.get::<_, i64>(place).map(i64::unsigned_abs);
        let week =
            PixelWeek { unattributed: count(4)?, browsers: count(5)?, without_cookie: count(6)?, private: count(7)? };
        Ok((row.get(0)?, LoadSums { loads: count(1)?, warned: count(2)?, attributed: count(3)?, week }))
    })?;
    rows.collect()
}

/// The loads of pixels between two moments, from the conversions themselves.
fn loads_sql() -> String {
    format!(
        "SELECT pixel_id, count(*) FROM conversions c WHERE pixel_id IN (SELECT value FROM json_each(?1))
            AND at >= ?2 AND at < ?3 AND +reason IN ({}) GROUP BY pixel_id",
        reasons(Reason::is_load)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_about_many_pixels_goes_by_an_index() {
        let conn = connect::in_memory();
        let by_pixel = "SEARCH c USING COVERING INDEX conversions_pixel (pixel_id=? AND at>? AND at<?)";
        for (sql, step) in [
            (SUMS.to_owned(), "SEARCH pixels_quarters USING PRIMARY KEY (pixel_id=? AND quarter>? AND quarter<?)"),
            (LAST_LOADS.to_owned(), "SEARCH pixel_last_fired USING INTEGER PRIMARY KEY (rowid=?)"),
            (loads_sql(), by_pixel),
        ] {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let values = (0..plan.parameter_count()).map(|_| 0);
            let steps = plan.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            let steps: Vec<_> = steps.map(Result::unwrap).collect();
            assert!(steps.iter().any(|found| found == step), "{sql}: {steps:?}");
            assert!(!steps.iter().any(|found| found.contains("TEMP B-TREE")), "{sql}: {steps:?}");
        }
    }
}
