//! The read-only connections. Each kind of read has its own share, so slow reads of one kind never hold up another. A read
//! waits a few seconds for a connection, and ends early when its caller is gone.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::StoreError;
use super::connections::{Borrowed, Connections};
use super::derived::Derived;

/// Reports that may read at the same time. `report` runs no more than these at once, so a report never waits here.
pub const REPORTS_AT_ONCE: usize = 2;
/// Look-ups at the same time: each takes a millisecond or less.
const LOOK_UPS_AT_ONCE: usize = 2;
/// Reads of rows at the same time.
const ROWS_AT_ONCE: usize = 4;

/// How long a read waits for a connection. Nearly every read takes less than a second, so after this time much longer
/// reads hold the connections. People leave a page after about ten seconds, and clients and proxies give up after thirty:
/// all of them still get the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a read for a page or the API may take. The server notices a client that left quietly only after 30 seconds.
/// This limit frees the client's connection to the database before.
const LONGEST: Duration = Duration::from_secs(25);

/// How long the end of the store waits for the reads that it interrupts.
const CLOSING_PATIENCE: Duration = Duration::from_secs(2);

/// The time between two looks meanwhile.
const PAUSE: Duration = Duration::from_millis(2);

/// The purpose of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Sessions, tokens and definitions, which every request reads.
    LookUp,
    /// Rows and figures for a page or the API.
    Rows,
    /// A report in the background, or a command, which may take minutes.
    Report,
}

/// The connections, and the permits of each kind of read.
pub(super) struct Readers {
    /// None once the store is closed.
    pool: RwLock<Option<r2d2::Pool<Connections>>>,
    derived: Arc<Derived>,
    closes: Arc<AtomicBool>,
    /// Shared by every open connection.
    open: Arc<()>,
    look_ups: Arc<Semaphore>,
    rows: Arc<Semaphore>,
    reports: Arc<Semaphore>,
}

impl Readers {
    /// Opens all connections to the log in `file` and to the current derived file.
    pub(super) fn open(file: PathBuf, derived: Arc<Derived>) -> Result<Self, StoreError> {
        let all = LOOK_UPS_AT_ONCE + ROWS_AT_ONCE + REPORTS_AT_ONCE;
        let open = Arc::new(());
        let pool = r2d2::Pool::builder()
            .max_size(u32::try_from(all).map_err(StoreError::fault)?)
            .connection_timeout(PATIENCE)
            .build(Connections { log: file, derived: derived.clone(), open: open.clone() })?;
        let (pool, closes) = (RwLock::new(Some(pool)), Arc::default());
        let turns = |count| Arc::new(Semaphore::new(count));
        let (look_ups, rows, reports) = (turns(LOOK_UPS_AT_ONCE), turns(ROWS_AT_ONCE), turns(REPORTS_AT_ONCE));
        Ok(Readers { pool, derived, closes, open, look_ups, rows, reports })
    }

    /// A connection for the start of the program. It blocks, and needs no permit.
    pub(super) fn take_now(&self) -> Result<impl Deref<Target = Connection> + use<>, StoreError> {
        Borrowed::take(&self.pool()?, &Arc::default(), &self.closes)
    }

    fn pool(&self) -> Result<r2d2::Pool<Connections>, StoreError> {
        let pool = self.pool.read().unwrap_or_else(PoisonError::into_inner);
        pool.clone().ok_or_else(|| StoreError::Unreadable("the server is stopping".into()))
    }

    /// Interrupts all reads and closes the connections. A connection that only reads cannot remove the WALs, so these are
    /// closed before the last one that writes. It blocks.
    pub(super) fn close(&self) {
        self.closes.store(true, Ordering::Relaxed);
        drop(self.pool.write().unwrap_or_else(PoisonError::into_inner).take());
        let give_up = Instant::now() + CLOSING_PATIENCE;
        // A read, or a thread of the pool, may still have a connection.
        while Arc::strong_count(&self.open) > 1 && Instant::now() < give_up {
            sleep(PAUSE);
        }
    }

    /// Runs a query on a thread for blocking work. A caller that drops the future interrupts the query.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if no connection is free in time or the query takes too long; the errors of `query`.
    pub(super) async fn read<T, F>(&self, purpose: Purpose, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let turn = self.turn(purpose).await?;
        let (pool, caller) = (self.pool()?, Caller::default());
        let (gone, closes, derived) = (caller.gone.clone(), self.closes.clone(), self.derived.clone());
        let reading = spawn_blocking(move || {
            let answer = Borrowed::take(&pool, &gone, &closes).and_then(|mut conn| {
                let answer = query(&conn);
                let is_interrupted = gone.load(Ordering::Relaxed) || closes.load(Ordering::Relaxed);
                if !is_interrupted && answer.as_ref().is_err_and(StoreError::may_stick) {
                    conn.suspect();
                    derived.damage.suspect();
                }
                answer
            });
            drop((pool, turn));
            answer
        });
        let answer = match purpose {
            Purpose::LookUp | Purpose::Rows => timeout(LONGEST, reading).await.map_err(|_| StoreError::Busy)?,
            Purpose::Report => reading.await,
        };
        let answer = answer.map_err(StoreError::fault)?.map_err(StoreError::of_reading);
        answer.map_err(|error| self.derived.damage.explain(error))
    }

    /// Waits for a permit as a task: blocked threads would leave none for look-ups.
    async fn turn(&self, purpose: Purpose) -> Result<OwnedSemaphorePermit, StoreError> {
        let turns = match purpose {
            Purpose::LookUp => &self.look_ups,
            Purpose::Rows => &self.rows,
            Purpose::Report => &self.reports,
        };
        let turn = timeout(PATIENCE, turns.clone().acquire_owned()).await;
        turn.map_err(|_| StoreError::Busy)?.map_err(StoreError::fault)
    }
}

/// Lives as long as the future of a read. Its drop interrupts the query.
#[derive(Default)]
struct Caller {
    gone: Arc<AtomicBool>,
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;

    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::clock::Clock;
    use crate::domain::Millis;
    use crate::store::Store;

    /// Never ends by itself.
    const ENDLESS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    /// Takes so many steps that SQLite asks a hundred times whether to go on.
    const LONG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000)
        SELECT count(*) FROM n";

    fn store() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), Clock::fixed(Millis(0))).unwrap();
        (directory, store)
    }

    fn count(conn: &Connection, sql: &str) -> Result<i64, StoreError> {
        Ok(conn.query_row(sql, [], |row| row.get(0))?)
    }

    /// Begins endless reads, and returns once their queries have begun.
    async fn hold(store: &Store, purpose: Purpose, reads: usize) -> Vec<JoinHandle<Result<i64, StoreError>>> {
        let mut held = Vec::new();
        for _ in 0..reads {
            let (store, (begins, begun)) = (store.clone(), oneshot::channel());
            held.push(tokio::spawn(async move {
                let query = move |conn: &Connection| {
                    let _ = begins.send(());
                    count(conn, ENDLESS)
                };
                store.0.readers.read(purpose, query).await
            }));
            begun.await.unwrap();
        }
        held
    }

    fn long(store: &Store, purpose: Purpose) -> impl Future<Output = Result<i64, StoreError>> {
        store.0.readers.read(purpose, |conn| count(conn, LONG))
    }

    #[tokio::test]
    async fn each_kind_of_read_waits_for_its_own_kind_alone() {
        let (_directory, store) = store();
        for (busy, reads, others) in [
            (Purpose::Rows, ROWS_AT_ONCE, [Purpose::LookUp, Purpose::Report]),
            (Purpose::Report, REPORTS_AT_ONCE, [Purpose::LookUp, Purpose::Rows]),
            (Purpose::LookUp, LOOK_UPS_AT_ONCE, [Purpose::Rows, Purpose::Report]),
        ] {
            let held = hold(&store, busy, reads).await;
            for other in others {
                assert_eq!(long(&store, other).await.unwrap(), 10_000, "{busy:?} holds up {other:?}");
            }
            tokio::time::pause();
            let (refused, ()) = tokio::join!(long(&store, busy), tokio::time::advance(2 * PATIENCE));
            assert!(matches!(refused, Err(StoreError::Busy)), "{busy:?}: {refused:?}");
            tokio::time::resume();
            held.iter().for_each(JoinHandle::abort);
        }
    }

    #[tokio::test]
    async fn a_read_whose_caller_is_gone_ends_and_harms_no_later_one() {
        let (_directory, store) = store();
        for _ in 0..20 {
            hold(&store, Purpose::Rows, ROWS_AT_ONCE).await.iter().for_each(JoinHandle::abort);
            // Every connection is free again, and none of them is interrupted.
            let next: Vec<_> = (0..ROWS_AT_ONCE).map(|_| long(&store, Purpose::Rows)).collect();
            for read in next {
                assert_eq!(read.await.unwrap(), 10_000);
            }
        }
    }

    #[tokio::test]
    async fn a_page_is_not_read_for_longer_than_anybody_waits() {
        let (_directory, store) = store();
        let held = hold(&store, Purpose::Rows, ROWS_AT_ONCE).await;
        let reports = hold(&store, Purpose::Report, REPORTS_AT_ONCE).await;
        tokio::time::pause();
        tokio::time::advance(2 * LONGEST).await;
        for read in held {
            assert!(matches!(read.await.unwrap(), Err(StoreError::Busy)));
        }
        tokio::time::resume();
        assert_eq!(long(&store, Purpose::Rows).await.unwrap(), 10_000);
        assert!(reports.iter().all(|read| !read.is_finished()), "reports take the time they need");
        reports.iter().for_each(JoinHandle::abort);
    }

    #[tokio::test]
    async fn a_read_that_panics_leaves_its_connection_as_it_was() {
        let (_directory, store) = store();
        for _ in 0..=LOOK_UPS_AT_ONCE + ROWS_AT_ONCE + REPORTS_AT_ONCE {
            let panics = |_: &Connection| -> Result<i64, StoreError> { panic!("a fault of ours") };
            assert!(matches!(store.0.readers.read(Purpose::Rows, panics).await, Err(StoreError::Fault(_))));
        }
        assert_eq!(long(&store, Purpose::Rows).await.unwrap(), 10_000);
    }
}
