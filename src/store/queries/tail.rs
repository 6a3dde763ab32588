//! The newest rows of the log for the live page: of every kind, or those after a position. It reads by the rows' numbers
//! alone, and never further back than [`LOOK_BACK`].

use rusqlite::{CachedStatement, Connection, Row, params};
use tokio::sync::watch;

use crate::domain::{
    Adjustment, AdvertiserId, Exposure, Fire, LogKind, Logged, Micros, Millis, Outcome, PixelId, Reader, Reason,
    Rejected, SegmentLoad, Seq, over_max_value,
};
use crate::store::db::sql_types::get;
use crate::store::derived::connect;
use crate::store::log::{end, rejected, rows};
use crate::store::{Store, StoreError};

/// How far back a query reads, in rows of the log and in rejected requests: a filter that matches few rows must not read
/// the whole log.
const LOOK_BACK: i64 = 20_000;

/// Of how many of the latest rows each kind is counted.
const COUNTED: i64 = 5_000;

/// A position in the log and in the rejected requests, up to which a page shows everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    pub log: Seq,
    /// The number of a rejected request; these are not numbered by the log.
    pub rejected: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct LiveQuery {
    /// Only rows of this kind.
    pub kind: Option<LogKind>,
    /// Only fires of this pixel.
    pub pixel: Option<PixelId>,
    /// Only tests, and rejected requests that would have been tests.
    pub tests: bool,
    pub after: Option<Watched>,
    /// At most this many rows, the newest.
    pub most: u32,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveRow {
    /// A fire with its outcome; none while it is not judged.
    Fire(Box<Logged<Fire>>, Option<Outcome>),
    Exposure(Box<Logged<Exposure>>),
    SegmentLoad(Box<Logged<SegmentLoad>>),
    Adjustment(Box<Logged<Adjustment>>),
    /// A rejected request with its own number.
    Rejected(i64, Box<Rejected>),
}

impl LiveRow {
    /// When it arrived here.
    pub fn arrived(&self) -> Millis {
        match self {
            LiveRow::Fire(fire, _) => fire.received,
            LiveRow::Exposure(exposure) => exposure.at,
            LiveRow::SegmentLoad(load) => load.at,
            LiveRow::Adjustment(adjustment) => adjustment.received,
            LiveRow::Rejected(_, rejected) => rejected.at,
        }
    }

    fn number(&self) -> i64 {
        match self {
            LiveRow::Fire(fire, _) => fire.seq.0,
            LiveRow::Exposure(exposure) => exposure.seq.0,
            LiveRow::SegmentLoad(load) => load.seq.0,
            LiveRow::Adjustment(adjustment) => adjustment.seq.0,
            LiveRow::Rejected(number, _) => *number,
        }
    }
}

#[derive(Clone, Debug)]
pub struct LiveRows {
    /// Newest first.
    pub rows: Vec<LiveRow>,
    /// The position to continue from.
    pub upto: Watched,
    /// Whether there were more rows than the query's `most`.
    pub more: bool,
}

impl Store {
    /// Changes with every commit, and when commits begin to fail.
    pub fn commits(&self) -> watch::Receiver<()> {
        self.0.logged.commits.subscribe()
    }

    /// The newest rows that the caller may see. Segment loads and rejected requests belong to no advertiser, so a
    /// caller limited to one sees none of them.
    ///
    /// # Errors
    /// Database faults.
    pub async fn live(&self, by: &Reader, query: LiveQuery) -> Result<LiveRows, StoreError> {
        let scope = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            newest(&snapshot, scope, &query)
        })
        .await
    }

    /// How many of the latest rows of the log, and of the latest rejected requests, are of each kind that the caller may
    /// see. With a pixel, its fires alone.
    ///
    /// # Errors
    /// Database faults.
    pub async fn live_counts(&self, by: &Reader, query: LiveQuery) -> Result<Vec<(LogKind, u64)>, StoreError> {
        let scope = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            Ok(counts(&snapshot, scope, &query)?)
        })
        .await
    }

    /// Of these fires, the ones that are judged and that the caller may see.
    ///
    /// # Errors
    /// Database faults.
    pub async fn live_judged(&self, by: &Reader, fires: Vec<Seq>) -> Result<Vec<LiveRow>, StoreError> {
        let scope = by.scope().advertiser();
        self.read(move |conn| {
            let sql = "SELECT f.*, c.reason, c.max_value FROM fires f JOIN conversions c ON c.seq = f.seq
                WHERE f.seq = ?1 AND (?2 IS NULL OR c.advertiser_id = ?2)";
            let mut statement = conn.prepare_cached(sql)?;
            let mut judged = Vec::new();
            for seq in fires {
                judged.extend(rows(&mut statement, params![seq, scope], fire)?);
            }
            Ok(judged)
        })
        .await
    }
}

fn counts(conn: &Connection, scope: Option<AdvertiserId>, query: &LiveQuery) -> rusqlite::Result<Vec<(LogKind, u64)>> {
    let after = Seq(end::last_seq(conn)?.0 - COUNTED);
    let count = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        conn.prepare_cached(sql)?.query_row(params, |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    };
    let (tests, pixel) = (query.tests, query.pixel);
    let fires = "SELECT count(*) FROM fires WHERE seq > ?1 AND (?2 IS NULL OR pixel_id = ?2) AND (NOT ?3 OR flags & 1)
        AND (?4 IS NULL OR pixel_id IN (SELECT id FROM pixels WHERE advertiser_id = ?4))";
    let mut counts = vec![(LogKind::Fire, count(fires, params![after, pixel, tests, scope])?)];
    if query.pixel.is_some() {
        return Ok(counts);
    }
    let exposures = "SELECT count(*) FROM exposures WHERE seq > ?1 AND kind = ?2 AND (NOT ?3 OR flags & 1)
        AND (?4 IS NULL OR advertiser_id = ?4 OR line_item_id IN (SELECT id FROM line_items WHERE advertiser_id = ?4))";
    for kind in [LogKind::Impression, LogKind::Click] {
        counts.push((kind, count(exposures, params![after, kind.exposure(), tests, scope])?));
    }
    let adjustments =
        "SELECT count(*) FROM adjustments WHERE seq > ?1 AND NOT ?2 AND (?3 IS NULL OR advertiser_id = ?3)";
    let adjustments = count(adjustments, params![after, tests, scope])?;
    if scope.is_some() {
        counts.push((LogKind::Adjustment, adjustments));
        return Ok(counts);
    }
    let loads = "SELECT count(*) FROM segment_loads WHERE seq > ?1 AND (NOT ?2 OR flags & 1)";
    counts.push((LogKind::SegmentLoad, count(loads, params![after, tests])?));
    counts.push((LogKind::Adjustment, adjustments));
    let rejected = "SELECT count(*) FROM rejected WHERE id > (SELECT coalesce(max(id), 0) FROM rejected) - ?1
        AND (NOT ?2 OR instr(query, 'test=1'))";
    counts.push((LogKind::Rejected, count(rejected, params![COUNTED, tests])?));
    Ok(counts)
}

fn newest(conn: &Connection, scope: Option<AdvertiserId>, query: &LiveQuery) -> Result<LiveRows, StoreError> {
    let last_rejected: i64 = conn.query_row("SELECT coalesce(max(id), 0) FROM rejected", [], |row| row.get(0))?;
    let upto = Watched { log: end::last_seq(conn)?, rejected: last_rejected };
    let after = query.after.unwrap_or(Watched { log: Seq::START, rejected: 0 });
    let after = Watched {
        log: after.log.max(Seq(upto.log.0 - LOOK_BACK)),
        rejected: after.rejected.max(upto.rejected - LOOK_BACK),
    };
    let mut rows = Vec::new();
    let wants = |kind| query.kind.is_none_or(|wanted| wanted == kind);
    if wants(LogKind::Fire) {
        rows.extend(fires(conn, scope, query, after)?);
    }
    if query.pixel.is_none() {
        for kind in [LogKind::Impression, LogKind::Click].into_iter().filter(|kind| wants(*kind)) {
            rows.extend(exposures(conn, scope, query, after, kind)?);
        }
        if wants(LogKind::SegmentLoad) && scope.is_none() {
            rows.extend(segment_loads(conn, query, after)?);
        }
        if wants(LogKind::Adjustment) && !query.tests {
            rows.extend(adjustments(conn, scope, query, after)?);
        }
        if wants(LogKind::Rejected) && scope.is_none() {
            rows.extend(rejected(conn, query, after)?);
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.arrived(), row.number())));
    let most = usize::try_from(query.most).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    Ok(LiveRows { rows, upto, more })
}

fn rows<P: rusqlite::Params>(
    statement: &mut CachedStatement<'_>,
    params: P,
    read: fn(&Row<'_>) -> rusqlite::Result<LiveRow>,
) -> Result<Vec<LiveRow>, StoreError> {
    Ok(statement.query_map(params, read)?.collect::<Result<_, _>>()?)
}

fn fires(
    conn: &Connection,
    scope: Option<AdvertiserId>,
    query: &LiveQuery,
    after: Watched,
) -> Result<Vec<LiveRow>, StoreError> {
    let sql = "SELECT f.*, c.reason, c.max_value FROM fires f LEFT JOIN conversions c ON c.seq = f.seq
        WHERE f.seq > ?1 AND (?2 IS NULL OR f.pixel_id = ?2) AND (NOT ?3 OR f.flags & 1)
            AND (?4 IS NULL OR f.pixel_id IN (SELECT id FROM pixels WHERE advertiser_id = ?4))
        ORDER BY f.seq DESC LIMIT ?5";
    let mut statement = conn.prepare_cached(sql)?;
    rows(&mut statement, params![after.log, query.pixel, query.tests, scope, query.most.saturating_add(1)], fire)
}

fn fire(row: &Row<'_>) -> rusqlite::Result<LiveRow> {
    let reason: Option<Reason> = get(row, "reason")?;
    let mut fire = rows::fire(row)?;
    if let (Some(Micros(_)), Some(value)) = (get(row, "max_value")?, fire.value) {
        fire.row.warnings.push(over_max_value(value));
    }
    Ok(LiveRow::Fire(Box::new(fire), reason.map(Reason::outcome)))
}

fn exposures(
    conn: &Connection,
    scope: Option<AdvertiserId>,
    query: &LiveQuery,
    after: Watched,
    kind: LogKind,
) -> Result<Vec<LiveRow>, StoreError> {
    let sql = "SELECT * FROM exposures
        WHERE seq > ?1 AND kind = ?2 AND (NOT ?3 OR flags & 1)
            AND (?4 IS NULL OR advertiser_id = ?4 OR line_item_id IN (SELECT id FROM line_items WHERE advertiser_id = ?4))
        ORDER BY seq DESC LIMIT ?5";
    let mut statement = conn.prepare_cached(sql)?;
    let params = params![after.log, kind.exposure(), query.tests, scope, query.most.saturating_add(1)];
    rows(&mut statement, params, |row| Ok(LiveRow::Exposure(Box::new(rows::exposure(row)?))))
}

fn segment_loads(conn: &Connection, query: &LiveQuery, after: Watched) -> Result<Vec<LiveRow>, StoreError> {
    let sql = "SELECT * FROM segment_loads WHERE seq > ?1 AND (NOT ?2 OR flags & 1) ORDER BY seq DESC LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    rows(&mut statement, params![after.log, query.tests, query.most.saturating_add(1)], |row| {
        Ok(LiveRow::SegmentLoad(Box::new(rows::segment_load(row)?)))
    })
}

fn adjustments(
    conn: &Connection,
    scope: Option<AdvertiserId>,
    query: &LiveQuery,
    after: Watched,
) -> Result<Vec<LiveRow>, StoreError> {
    let sql = "SELECT * FROM adjustments WHERE seq > ?1 AND (?2 IS NULL OR advertiser_id = ?2)
        ORDER BY seq DESC LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    rows(&mut statement, params![after.log, scope, query.most.saturating_add(1)], |row| {
        Ok(LiveRow::Adjustment(Box::new(rows::adjustment(row)?)))
    })
}

fn rejected(conn: &Connection, query: &LiveQuery, after: Watched) -> Result<Vec<LiveRow>, StoreError> {
    let sql = "SELECT * FROM rejected WHERE id > ?1 AND (NOT ?2 OR instr(query, 'test=1')) ORDER BY id DESC LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    rows(&mut statement, params![after.rejected, query.tests, query.most.saturating_add(1)], |row| {
        Ok(LiveRow::Rejected(get(row, "id")?, Box::new(rejected::read(row)?)))
    })
}
