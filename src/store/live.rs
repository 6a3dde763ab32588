//! The end of the log as it is watched live: the newest rows of every kind, and those that came after a place. It reads
//! by place alone, and never further back than a bounded stretch of the log.

use rusqlite::{CachedStatement, Connection, Row, params};
use tokio::sync::watch;

use super::sql_types::get;
use super::{Store, StoreError, connect, log, log_rows};
use crate::domain::{
    Adjustment, AdvertiserId, Exposure, Fire, LogKind, Millis, Outcome, PixelId, Reader, Reason, Rejected, SegmentLoad,
    Seq,
};

/// How far back a look goes at most, in places of the log and in rejected requests: a filter that finds little must
/// not read all of it.
const LOOK_BACK: i64 = 20_000;

/// How far somebody has watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The log, to this place.
    pub log: Seq,
    /// The rejected requests, which have no place in the log, to this number.
    pub rejected: i64,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct LiveQuery {
    /// Only rows of this kind.
    pub kind: Option<LogKind>,
    /// Only fires of this pixel.
    pub pixel: Option<PixelId>,
    /// Only what is marked as a test; of rejected requests those that would have been.
    pub tests: bool,
    /// Only what came after this.
    pub after: Option<Watched>,
    /// At most so many, the newest.
    pub most: u32,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveRow {
    /// A fire, with what became of it; none while it is not judged.
    Fire(Box<Fire>, Option<Outcome>),
    /// An ad seen or clicked.
    Exposure(Box<Exposure>),
    /// A load of the segment pixel.
    SegmentLoad(Box<SegmentLoad>),
    /// A correction of earlier conversions.
    Adjustment(Box<Adjustment>),
    /// A rejected request, with its number.
    Rejected(i64, Box<Rejected>),
}

impl LiveRow {
    /// When it arrived.
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

/// What was found.
#[derive(Clone, Debug)]
pub struct LiveRows {
    /// The rows, newest first.
    pub rows: Vec<LiveRow>,
    /// Where to go on from.
    pub upto: Watched,
    /// Whether there were more than were asked for.
    pub more: bool,
}

impl Store {
    /// Changes with every commit, and when commits begin to fail, so that who watches the log knows when to look again.
    pub fn commits(&self) -> watch::Receiver<()> {
        self.0.logged.commits.subscribe()
    }

    /// The newest rows that the caller may see. Segments' loads and rejected requests belong to no advertiser, so who
    /// is limited to one sees none of them.
    ///
    /// # Errors
    /// Database faults.
    pub async fn live(&self, by: &Reader, query: LiveQuery) -> Result<LiveRows, StoreError> {
        let scope = by.scope().advertiser();
        self.read(move |conn| {
            let snapshot = connect::snapshot(conn)?;
            look(&snapshot, scope, &query)
        })
        .await
    }

    /// Those of these fires that are judged and that the caller may see.
    ///
    /// # Errors
    /// Database faults.
    pub async fn live_judged(&self, by: &Reader, fires: Vec<Seq>) -> Result<Vec<LiveRow>, StoreError> {
        let scope = by.scope().advertiser();
        self.read(move |conn| {
            let sql = "SELECT f.*, c.reason FROM fires f JOIN conversions c ON c.seq = f.seq
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

fn look(conn: &Connection, scope: Option<AdvertiserId>, query: &LiveQuery) -> Result<LiveRows, StoreError> {
    let rejected_to: i64 = conn.query_row("SELECT coalesce(max(id), 0) FROM rejected", [], |row| row.get(0))?;
    let upto = Watched { log: log::last_seq(conn)?, rejected: rejected_to };
    let after = query.after.unwrap_or(Watched { log: Seq(0), rejected: 0 });
    let after = Watched {
        log: after.log.max(Seq(upto.log.0 - LOOK_BACK)),
        rejected: after.rejected.max(upto.rejected - LOOK_BACK),
    };
    let mut found = Vec::new();
    let wants = |kind| query.kind.is_none_or(|wanted| wanted == kind);
    if wants(LogKind::Fire) {
        found.extend(fires(conn, scope, query, after)?);
    }
    if query.pixel.is_none() {
        for kind in [LogKind::Impression, LogKind::Click].into_iter().filter(|kind| wants(*kind)) {
            found.extend(exposures(conn, scope, query, after, kind)?);
        }
        if wants(LogKind::SegmentLoad) && scope.is_none() {
            found.extend(segment_loads(conn, query, after)?);
        }
        if wants(LogKind::Adjustment) && !query.tests {
            found.extend(adjustments(conn, scope, query, after)?);
        }
        if wants(LogKind::Rejected) && scope.is_none() {
            found.extend(rejected(conn, query, after)?);
        }
    }
    found.sort_by_key(|row| std::cmp::Reverse((row.arrived(), row.number())));
    let most = usize::try_from(query.most).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    Ok(LiveRows { rows: found, upto, more })
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
    let sql = "SELECT f.*, c.reason FROM fires f LEFT JOIN conversions c ON c.seq = f.seq
        WHERE f.seq > ?1 AND (?2 IS NULL OR f.pixel_id = ?2) AND (NOT ?3 OR f.flags & 1)
            AND (?4 IS NULL OR f.pixel_id IN (SELECT id FROM pixels WHERE advertiser_id = ?4))
        ORDER BY f.seq DESC LIMIT ?5";
    let mut statement = conn.prepare_cached(sql)?;
    rows(&mut statement, params![after.log, query.pixel, query.tests, scope, query.most.saturating_add(1)], fire)
}

fn fire(row: &Row<'_>) -> rusqlite::Result<LiveRow> {
    let reason: Option<Reason> = get(row, "reason")?;
    Ok(LiveRow::Fire(Box::new(log::fire(row)?), reason.map(Reason::outcome)))
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
            AND (?4 IS NULL OR line_item_id IN (SELECT id FROM line_items WHERE advertiser_id = ?4))
        ORDER BY seq DESC LIMIT ?5";
    let mut statement = conn.prepare_cached(sql)?;
    let params = params![after.log, kind.exposure(), query.tests, scope, query.most.saturating_add(1)];
    rows(&mut statement, params, |row| Ok(LiveRow::Exposure(Box::new(log_rows::exposure(row)?))))
}

fn segment_loads(conn: &Connection, query: &LiveQuery, after: Watched) -> Result<Vec<LiveRow>, StoreError> {
    let sql = "SELECT * FROM segment_loads WHERE seq > ?1 AND (NOT ?2 OR flags & 1) ORDER BY seq DESC LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    rows(&mut statement, params![after.log, query.tests, query.most.saturating_add(1)], |row| {
        Ok(LiveRow::SegmentLoad(Box::new(log_rows::segment_load(row)?)))
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
        Ok(LiveRow::Adjustment(Box::new(log_rows::adjustment(row)?)))
    })
}

fn rejected(conn: &Connection, query: &LiveQuery, after: Watched) -> Result<Vec<LiveRow>, StoreError> {
    let sql = "SELECT * FROM rejected WHERE id > ?1 AND (NOT ?2 OR instr(query, 'test=1')) ORDER BY id DESC LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    rows(&mut statement, params![after.rejected, query.tests, query.most.saturating_add(1)], |row| {
        Ok(LiveRow::Rejected(get(row, "id")?, Box::new(log::rejected(row)?)))
    })
}
