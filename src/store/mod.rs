//! The only module that knows SQL, rusqlite and r2d2. It takes and gives domain types: reads go through a pool of
//! read-only connections, writes through the one writer. It knows nothing of HTTP, and nothing of how conversions
//! are decided.

mod catalog;
mod data_directory;
mod db;
mod definitions;
mod derived;
mod error;
mod judge;
mod log;
mod open;
mod outage;
mod people;
mod queries;
mod readers;
mod tx;
mod upkeep;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

pub use catalog::{ByCode, Catalog};
pub use data_directory::{Claim, is_served};
pub use db::list::{Filter, ListQuery, Listed, Page, Scalar, Test};
pub use definitions::Entity;
pub use definitions::pixels::PixelLinks;
pub use definitions::record::Record;
pub use definitions::trackers::{ClickTracker, ImpTracker};
pub use derived::cursor::Cursor;
pub use error::{OpenError, StoreError};
pub use judge::adjust::{AdjustmentEffects, AdjustmentTarget, MAX_ADJUSTED_AT_ONCE};
pub use judge::batch::{Batch, JudgeExposure, JudgeSegmentLoad, LogItem};
pub use judge::judged::Judged;
pub use judge::lookups::{CountedAround, LookUps, MAX_TOUCHES_OF_A_KIND, NamedExposure};
pub use judge::slice::{Applied, Slice};
pub use judge::versions::{PixelVersion, Versions};
pub use judge::{JudgeFile, Snapshot};
pub use log::import::{Clicked, ImportMark, ImportRow, Imported};
pub use log::rejected::REJECTED_ROWS_AN_HOUR;
pub use log::row::LogRow;
pub use log::sort_file::{Spool, Spooled};
pub use outage::{Trouble, Troubles};
pub use people::member::MEMBER;
pub use queries::advertiser_counts::AdvertiserCounts;
pub use queries::conversions::{COUNTED_AT_MOST, ConversionQuery};
pub use queries::hourly::daily::{DayOutcomes, DayValues};
pub use queries::hourly::report::{
    Dimension, Grain, MOST_SUM_ROWS, Measure, Named, SumFilter, SumQuery, SumRow, SumSource,
};
pub use queries::hourly::totals::{Sums, SumsOf};
pub use queries::import_targets::ImportTargets;
pub use queries::pixel_health::{PixelHealth, TopUrl};
pub use queries::report_rows::{ReportPlace, ReportQuery, ReportSource};
pub use queries::segment_sizes::SegmentLoads;
pub use queries::tail::{LiveQuery, LiveRow, LiveRows, Watched};
pub use queries::visitors::InSegment;
pub use readers::REPORTS_AT_ONCE;
pub use tx::Tx;
pub use upkeep::compare::Standing;
pub use upkeep::rebuild::Rebuilding;
pub use upkeep::verify::{Fault, Verification};

use readers::Purpose;

use crate::clock::Clock;
use crate::domain::{Millis, Seq};

/// The name of the file with the log and the definitions inside the data directory. pixeld can derive all else from it.
pub const FILE_NAME: &str = "pixeld.sqlite3";

/// The database. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    file: PathBuf,
    derived: Arc<derived::Derived>,
    clock: Clock,
    catalog: Arc<Catalog>,
    readers: readers::Readers,
    writer: writer::Writer,
    logged: Arc<Progress>,
    judged: watch::Sender<Seq>,
    /// None in a store of definitions only.
    checkpointer: Option<upkeep::background::Checkpointer>,
    sizes: queries::segment_sizes::SegmentSizes,
    _used: data_directory::SharedUse,
}

impl Store {
    /// The definitions that tags depend on.
    pub fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// The clock that stamps what is written.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The file with the log and the definitions.
    pub fn file(&self) -> &Path {
        &self.0.file
    }

    /// The file with all that is derived from the log: the current one, which a rebuild replaces by another.
    pub fn derived_file(&self) -> PathBuf {
        self.0.derived.current().file.clone()
    }

    /// How many log rows wait to be committed.
    pub fn queue_depth(&self) -> usize {
        self.0.writer.depth()
    }

    /// Whether the writer's thread runs.
    pub fn is_alive(&self) -> bool {
        self.0.writer.is_alive()
    }

    /// What keeps the database from being written; none once a commit has held.
    pub fn trouble(&self) -> Option<Trouble> {
        self.0.logged.troubles.now()
    }

    /// What keeps committed pages from being moved into the log's file.
    pub fn checkpoint_trouble(&self) -> Option<Trouble> {
        self.0.logged.checkpoints.now()
    }

    /// What keeps the judge from going on, as it says itself.
    pub fn judging(&self) -> &Troubles {
        &self.0.logged.judging
    }

    /// How far the log reaches.
    pub fn logged(&self) -> Seq {
        self.0.logged.now()
    }

    /// How far the judge has come; await its changes to follow it.
    pub fn judged(&self) -> watch::Receiver<Seq> {
        self.0.judged.subscribe()
    }

    /// Waits until all that is logged by now is judged, too.
    ///
    /// # Errors
    /// [`StoreError::Overloaded`] if that takes longer than `at_most`.
    pub async fn caught_up(&self, at_most: Duration) -> Result<(), StoreError> {
        let (logged, mut judged) = (self.logged(), self.judged());
        match tokio::time::timeout(at_most, judged.wait_for(|seq| *seq >= logged)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(StoreError::Overloaded),
        }
    }

    /// Waits until the log reaches past `seen` or another derived file than `file` has become the current one, on a
    /// thread that may block; says how far the log reaches. None once the log is said to have ended and reaches no
    /// further.
    pub fn wait_past(&self, seen: Seq, file: &JudgeFile) -> Option<Seq> {
        self.0.logged.wait_past(seen, || file.has_moved())
    }

    /// Whether the log was said to have ended.
    pub fn log_ended(&self) -> bool {
        self.0.logged.is_stopped()
    }

    /// Lets those who follow the log come to its end instead of waiting for more.
    pub fn end_log(&self) {
        self.0.logged.stop();
    }

    /// Takes nothing more, commits and answers what waits, and leaves both files whole without their WALs.
    pub fn stop(&self) {
        self.0.writer.stop();
        self.0.logged.stop();
        match &self.0.checkpointer {
            Some(checkpointer) => checkpointer.stop(),
            None => {
                upkeep::background::last(|| Ok(upkeep::background::passive(&db::connect::for_writing(&self.0.file)?)?))
            }
        }
    }

    fn writer(&self) -> &writer::Writer {
        &self.0.writer
    }

    /// Reads rows or figures.
    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.0.readers.read(Purpose::Rows, query).await
    }

    /// Reads sessions, tokens or definitions. Only for queries that take milliseconds: every request waits for these.
    async fn look_up<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.0.readers.read(Purpose::LookUp, query).await
    }

    /// Reads for a report in the background, or for a command.
    async fn read_report<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.0.readers.read(Purpose::Report, query).await
    }

    /// Writes through the one writer and waits for the commit.
    async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        answer(self.0.writer.submit(work)?).await
    }
}

async fn answer<T>(receiver: oneshot::Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
    receiver.await.unwrap_or_else(|_| Err(gone()))
}

fn gone() -> StoreError {
    StoreError::Unavailable("the writer has stopped".into())
}

/// How far the log reaches, for a thread that waits for more of it.
struct Progress {
    state: Mutex<(Seq, bool)>,
    moved: Condvar,
    /// Changes with every commit, and when commits begin to fail, for those who cannot block.
    commits: watch::Sender<()>,
    troubles: Troubles,
    checkpoints: Troubles,
    judging: Troubles,
    /// What is wrong with the log's file. It needs a person and a backup, so it is never taken back.
    damage: OnceLock<StoreError>,
}

impl Progress {
    fn new(seq: Seq) -> Self {
        Progress {
            state: Mutex::new((seq, false)),
            moved: Condvar::new(),
            commits: watch::Sender::new(()),
            troubles: Troubles::new("a commit failed; nothing of it was taken", "commits hold again"),
            checkpoints: Troubles::new(
                "a checkpoint, or a look at what other processes did, failed; it is tried again",
                "checkpoints are made again",
            ),
            judging: Troubles::new("the judge could not go on; it tries again", "the judge goes on"),
            damage: OnceLock::new(),
        }
    }

    fn now(&self) -> Seq {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn is_stopped(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn stop(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.moved.notify_all();
    }

    /// Waits until the log reaches past `seen`, or for a turn; none once it is stopped and reaches no further.
    fn wait_past(&self, seen: Seq, turned: impl Fn() -> bool) -> Option<Seq> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.moved.wait_while(state, |(seq, stopped)| *seq <= seen && !*stopped && !turned());
        let (seq, stopped) = *state.unwrap_or_else(PoisonError::into_inner);
        (seq > seen || !stopped).then_some(seq)
    }

    /// The log's file was found damaged.
    fn damaged(&self, error: StoreError) {
        let _ = self.damage.set(error);
    }

    /// The log reaches so far, whoever has written it.
    fn reaches(&self, logged: Seq) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if logged > state.0 {
            state.0 = logged;
            self.moved.notify_all();
        }
        drop(state);
        self.commits.send_replace(());
    }

    /// Something else has changed that those who wait look at.
    fn turn(&self) {
        drop(self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.moved.notify_all();
    }
}

impl writer::thread::CommitHooks for Arc<Progress> {
    fn check(&self) -> Result<(), StoreError> {
        self.damage.get().cloned().map_or(Ok(()), Err)
    }

    fn committed(&self, logged: Seq) {
        self.troubles.ended();
        self.reaches(logged);
    }

    fn failed(&self, at: Millis, error: &StoreError, rows: usize) {
        if self.troubles.failed(at, error, rows) {
            self.commits.send_replace(());
        }
    }
}
