//! The health of pixels: loads, last load, conversions, warnings, and the pages that load them. A load is a fire other than
//! a test, bot or prefetch ([`Reason::is_load`]).

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::conversions::reasons;
use crate::domain::{Millis, OutcomeKind, PixelId, Reader, Reason, Scope};
use crate::store::db::id_list::IdList;
use crate::store::derived::connect;
use crate::store::{Store, StoreError};

/// Days in [`PixelHealth::loads_by_day`].
const DAYS: usize = 14;
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
    /// Attributed conversions in the past 7 days, to the millisecond, without retracted ones.
    pub conversions_7d: u64,
    /// Loads of the last 14 UTC days, today last.
    pub loads_by_day: [u64; DAYS],
    /// Loads with warnings in these 14 days.
    pub warned: u64,
}

impl PixelHealth {
    /// Loads of the last 14 UTC days.
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

/// The pixels among these that the scope includes.
fn visible(conn: &Connection, scope: Scope, ids: Vec<PixelId>) -> rusqlite::Result<Vec<PixelId>> {
    let Scope::Advertiser(own) = scope else { return Ok(ids) };
    let sql = "SELECT id FROM pixels WHERE id IN (SELECT value FROM json_each(?1)) AND advertiser_id = ?2";
    let list = IdList::of(ids.iter().map(|id| id.0));
    let mut statement = conn.prepare_cached(sql)?;
    statement.query_map(params![list, own], |row| row.get(0))?.collect()
}

const HOURS: &str = "SELECT pixel_id, hour, loads, warned, attributed FROM pixels_hourly
    WHERE pixel_id IN (SELECT value FROM json_each(?1)) AND hour >= ?2";

const LAST_LOADS: &str = "SELECT pixel_id, at FROM pixel_last_fired
    WHERE pixel_id IN (SELECT value FROM json_each(?1))";

fn health(conn: &Connection, ids: Vec<PixelId>, now: Millis) -> rusqlite::Result<HashMap<PixelId, PixelHealth>> {
    let first_day = now.day().plus(-13 * Millis::DAY);
    let (since_12h, since_7d) = (now.plus(-12 * Millis::HOUR), now.plus(-7 * Millis::DAY));
    let list = IdList::of(ids.iter().map(|id| id.0));
    let mut all: HashMap<_, _> = ids.into_iter().map(|id| (id, PixelHealth::default())).collect();
    let mut statement = conn.prepare_cached(HOURS)?;
    let mut rows = statement.query(params![list, first_day])?;
    while let Some(row) = rows.next()? {
        let Some(health) = all.get_mut(&row.get(0)?) else { continue };
        let hour: Millis = row.get(1)?;
        let (loads, warned, attributed): (u32, u32, u32) = (row.get(2)?, row.get(3)?, row.get(4)?);
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
    begun_before(conn, &list, since_12h, &loads_sql(), |id, fires| {
        all.entry(id).and_modify(|health| health.loads_12h += fires);
    })?;
    begun_before(conn, &list, since_7d, &conversions_sql(), |id, fires| {
        all.entry(id).and_modify(|health| health.conversions_7d += fires);
    })?;
    let mut statement = conn.prepare_cached(LAST_LOADS)?;
    let mut rows = statement.query([&list])?;
    while let Some(row) = rows.next()? {
        let at = row.get(1)?;
        all.entry(row.get(0)?).and_modify(|health| health.last_load = at);
    }
    Ok(all)
}

fn loads_sql() -> String {
    fires_sql(&reasons(Reason::is_load), "")
}

/// Retracted conversions do not count.
fn conversions_sql() -> String {
    let not_retracted = "AND NOT EXISTS (SELECT 1 FROM adjusted a WHERE a.seq = c.seq AND a.retracted)";
    fires_sql(&reasons(is_attributed), not_retracted)
}

fn fires_sql(reasons: &str, and: &str) -> String {
    format!(
        "SELECT pixel_id, count(*) FROM conversions c WHERE pixel_id IN (SELECT value FROM json_each(?1))
            AND at >= ?2 AND at < ?3 AND reason IN ({reasons}) {and} GROUP BY pixel_id"
    )
}

/// Counts the fires from `since` to the end of its hour. The hourly sums include those before `since`.
fn begun_before(
    conn: &Connection,
    list: &IdList,
    since: Millis,
    sql: &str,
    mut add: impl FnMut(PixelId, u64),
) -> rusqlite::Result<()> {
    if since == since.hour() {
        return Ok(());
    }
    let until = since.hour().plus(Millis::HOUR);
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![list, since, until])?;
    while let Some(row) = rows.next()? {
        let fires: u32 = row.get(1)?;
        add(row.get(0)?, fires.into());
    }
    Ok(())
}

fn is_attributed(reason: Reason) -> bool {
    reason.outcome().kind() == OutcomeKind::Attributed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_about_many_pixels_goes_by_an_index() {
        let conn = connect::in_memory();
        let by_pixel = "SEARCH c USING COVERING INDEX conversions_pixel (pixel_id=? AND at>? AND at<?)";
        for (sql, step) in [
            (HOURS.to_owned(), "SEARCH pixels_hourly USING PRIMARY KEY (pixel_id=? AND hour>?)"),
            (LAST_LOADS.to_owned(), "SEARCH pixel_last_fired USING INTEGER PRIMARY KEY (rowid=?)"),
            (loads_sql(), by_pixel),
            (conversions_sql(), by_pixel),
        ] {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let values = (0..plan.parameter_count()).map(|_| 0);
            let steps = plan.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            let steps: Vec<_> = steps.map(Result::unwrap).collect();
            assert!(steps.iter().any(|found| found == step), "{sql}: {steps:?}");
        }
    }
}
