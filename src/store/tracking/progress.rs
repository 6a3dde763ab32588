//! What a shop has sent since its set-up began: the first load of its site tag, ad click, sale, and credited sale.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::{Exposure, ExposureKind, Logged, Millis, Reader, Seq, TrackingSetup};
use crate::store::db::id_list::IdList;
use crate::store::derived::connect;
use crate::store::log::rows;
use crate::store::{Store, StoreError};

/// How far the look for the first click goes, in rows of the log.
const ROWS_SEARCHED: i64 = 1_000_000;

/// A load of the site tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteTagLoad {
    /// The host of the page; empty if the browser did not say.
    pub host: String,
    pub at: Millis,
    pub user_agent: Option<String>,
}

/// The first of each, without tests, bots and prefetches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetupProgress {
    pub site_tag: Option<SiteTagLoad>,
    pub click: Option<Logged<Exposure>>,
    /// The number in the log of the first event of the pixel.
    pub sale: Option<Seq>,
    /// The newest event of the pixel.
    pub latest_sale: Option<Seq>,
    pub credited: Option<Seq>,
}

impl Store {
    /// How far the shop of a set-up has come.
    ///
    /// # Errors
    /// Database faults.
    pub async fn setup_progress(&self, _: &Reader, setup: &TrackingSetup) -> Result<SetupProgress, StoreError> {
        let setup = setup.clone();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            Ok(SetupProgress {
                site_tag: site_tag(&snapshot, &setup)?,
                click: first_click(&snapshot, &setup)?,
                sale: event(&snapshot, &setup, "reason NOT IN ('test', 'bot', 'prefetch') ORDER BY at, seq")?,
                latest_sale: event(
                    &snapshot,
                    &setup,
                    "reason NOT IN ('test', 'bot', 'prefetch') ORDER BY at DESC, seq DESC",
                )?,
                credited: event(&snapshot, &setup, "outcome = 'attributed' ORDER BY at, seq")?,
            })
        })
        .await
    }
}

fn site_tag(conn: &Connection, setup: &TrackingSetup) -> rusqlite::Result<Option<SiteTagLoad>> {
    // The shop's own host first, then whichever came first.
    let sql = "SELECT host, first_at, user_agent FROM site_tag_loads WHERE advertiser_id = ?1
        ORDER BY host <> ?2, first_at LIMIT 1";
    let load = conn.prepare_cached(sql)?.query_row(params![setup.advertiser_id, setup.host()], |row| {
        Ok(SiteTagLoad { host: row.get(0)?, at: row.get(1)?, user_agent: row.get(2)? })
    });
    load.optional()
}

fn first_click(conn: &Connection, setup: &TrackingSetup) -> rusqlite::Result<Option<Logged<Exposure>>> {
    let line_items = IdList::of(setup.channels.iter().map(|(_, line_item)| line_item.0));
    // An arrival is a click of the line item that the judge chose for it.
    let sql = "SELECT e.*, a.line_item_id AS arrival_line_item_id FROM exposures e
            LEFT JOIN arrivals a ON e.advertiser_id IS NOT NULL AND a.seq = e.seq
        WHERE e.seq BETWEEN ?1 AND ?2 AND e.kind = ?3 AND e.flags & 7 = 0
            AND coalesce(a.line_item_id, e.line_item_id) IN (SELECT value FROM json_each(?4))
        ORDER BY e.seq LIMIT 1";
    let (start, end) = (setup.start, Seq(setup.start.0.saturating_add(ROWS_SEARCHED)));
    let click = |row: &Row<'_>| {
        let mut click = rows::exposure(row)?;
        if let Some(chosen) = row.get("arrival_line_item_id")? {
            click.row.line_item_id = chosen;
        }
        Ok(click)
    };
    conn.prepare_cached(sql)?.query_row(params![start, end, ExposureKind::Click, line_items], click).optional()
}

fn event(conn: &Connection, setup: &TrackingSetup, condition: &str) -> rusqlite::Result<Option<Seq>> {
    let sql = format!("SELECT seq FROM conversions WHERE pixel_id = ?1 AND seq >= ?2 AND {condition} LIMIT 1");
    conn.prepare_cached(&sql)?.query_row(params![setup.pixel_id, setup.start], |row| row.get(0)).optional()
}
