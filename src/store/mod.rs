//! The database: the only module that uses SQL, rusqlite and r2d2. Its functions take and return domain types. Reads use
//! a pool of read-only connections, and writes use the one writer. The store depends neither on HTTP nor on the rules
//! that decide conversions.

mod catalog;
mod connections;
mod costs;
mod data_directory;
mod db;
mod definitions;
mod derived;
mod disk_watch;
mod error;
mod form_keys;
mod judge;
mod log;
mod losses;
mod missing_log;
mod open;
mod outage;
mod people;
mod progress;
mod queries;
mod readers;
mod table_choices;
mod tracking;
mod tx;
mod upkeep;
mod words;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

pub use catalog::{ByCode, Catalog};
pub use costs::{CostPreview, CostRunSum, ReplacedCost};
pub use data_directory::{Claim, is_served};
pub use db::list::{Filter, ListQuery, Listed, Page, Scalar, Test};
pub use db::private::{make_directory, warn_if_open};
pub use definitions::Entity;
pub use definitions::bin::BIN_DAYS;
pub use definitions::bin::entries::{Belongings, BinEntry, Deletion, MOST_ENTRIES as MOST_BIN_ENTRIES};
pub use definitions::bin::restore::{BinObject, MissingObject, Restored, TakenName};
pub use definitions::pixels::PixelLinks;
pub use definitions::record::Record;
pub use definitions::sample::SampleObjects;
pub use definitions::trackers::{Ad, AdPlacement, ClickTracker, ImpTracker, NewAd};
pub use derived::cursor::Cursor;
pub use derived::damage::{LostRows, Mending};
pub use error::{OpenError, StoreError};
pub use form_keys::FormKey;
pub use judge::adjust::MAX_ADJUSTED_AT_ONCE;
pub use judge::arrivals::{ArrivalClick, EarlierArrival, JudgedArrival, MOST_UNMATCHED_A_DAY, StoredArrivals};
pub use judge::batch::{Batch, JudgeArrival, JudgeExposure, JudgeSegmentLoad, LogItem};
pub use judge::click_ids::{ClickIdKey, TextHash};
pub use judge::judged::Judged;
pub use judge::lookups::{CountedAround, LookUps, MAX_TOUCHES_OF_A_KIND, NamedExposure};
pub use judge::names::{Bearer, Name, NamedFire};
pub use judge::slice::{Applied, Slice};
pub use judge::state::{ConversionState, Duplicate, Retraction, is_new_visitor};
pub use judge::versions::{PixelVersion, Versions};
pub use judge::{JudgeFile, Snapshot};
pub use log::import::{ClickedImpression, ImportMark, ImportResult, ImportRow};
pub use log::rejected::REJECTED_ROWS_AN_HOUR;
pub use log::row::LogRow;
pub use log::sort_file::{Spool, SpooledText};
pub use outage::{Trouble, Troubles};
pub use people::member::MEMBER;
pub use people::settings::{MemberChange, SettingChange};
pub use queries::adjustments::{ADJUSTMENTS_LISTED, AdjustmentEffects, AdjustmentQuery};
pub use queries::advertiser_counts::AdvertiserCounts;
pub use queries::arrivals::JudgedArrivalRow;
pub use queries::arrivals::unmatched::{UNMATCHED_DAYS, Unmatched};
pub use queries::attention::{AdlessLineItem, SentCurrency, TrackerSeen, UnloadedSiteTag, UnseenTracker};
pub use queries::conversions::{COUNTED_AT_MOST, ConversionQuery};
pub use queries::events::{
    EVENTS_OF_A_NAME, EVENTS_SCANNED, EventCounts, EventFilter, EventPage, EventPlace, EventQuery, EventSearch,
    EventStart,
};
pub use queries::figures::{Counting, Figures, FiguresKey, FiguresOf, FiguresQuery, FiguresRow};
pub use queries::import_targets::ImportTargets;
pub use queries::near_misses::NearMiss;
pub use queries::pixel_health::{PixelHealth, PixelWeek, TopUrl};
pub use queries::report_rows::{ReportPlace, ReportQuery, ReportSource};
pub use queries::report_runs::RunBounds;
pub use queries::search::{ClickIdHit, EventHits, EventsBy};
pub use queries::segment_sizes::SegmentLoads;
pub use queries::sums::costs::{CostSum, CostSumQuery};
pub use queries::sums::daily::{DayOutcomes, DayValues};
pub use queries::sums::report::MOST_SUM_ROWS;
pub use queries::sums::sum_query::{Dimension, Measure, Named, SumFilter, SumQuery, SumRow, SumSource};
pub use queries::tail::{LiveQuery, LiveRow, LiveRows, Watched};
pub use queries::value_history::ValueHistory;
pub use queries::visitors::InSegment;
pub use readers::REPORTS_AT_ONCE;
pub use table_choices::CostName;
pub use tracking::progress::{SetupProgress, SiteTagLoad};
pub use tracking::setups::{NewChannel, NewShop, NewSource};
pub use tx::Tx;
pub use upkeep::compare::CurrentFile;
pub use upkeep::rebuild::Rebuilding;
pub use upkeep::verify::{Fault, Verification};

use progress::Progress;
use readers::Purpose;
use upkeep::background::{last, passive};

use crate::clock::Clock;
use crate::domain::{Losses, LostKind, Millis, Seq};

/// The name of the file with the log and the definitions inside the data directory. pixeld derives everything else from it.
pub const FILE_NAME: &str = "pixeld.sqlite3";

/// The database. A clone is cheap, and shares everything with the others.
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
    site_tag_loads: tracking::site_tag::RecentLoads,
    presence: db::file_identity::Presence,
    is_stopped: AtomicBool,
    _used: data_directory::SharedUse,
}

impl Inner {
    fn stop(&self) {
        if self.is_stopped.swap(true, Ordering::SeqCst) {
            return;
        }
        self.writer.stop();
        self.logged.losses.finish(self.clock.now());
        self.logged.stop();
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.stop();
        }
        self.readers.close();
        // These are the last connections to each file unless another process has it open. So SQLite removes the WALs.
        last(|| {
            self.presence.check()?;
            Ok(passive(&db::connect::for_writing(&self.file)?)?)
        });
        let current = self.derived.current();
        if current.number > 0 && current.file.exists() {
            last(|| Ok(passive(&derived::connect::for_deriving(&current.file)?)?));
        }
    }
}

/// A store that a failed start leaves closes its files, too.
impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Store {
    /// The definitions that tags depend on.
    pub fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// The clock of the stamps in the database.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The file with the log and the definitions.
    pub fn file(&self) -> &Path {
        &self.0.file
    }

    /// The current derived file. A rebuild replaces it by another one.
    pub fn derived_file(&self) -> PathBuf {
        self.0.derived.current().file.clone()
    }

    /// How many log rows wait to be committed.
    pub fn queue_depth(&self) -> usize {
        self.0.writer.depth()
    }

    /// In how many milliseconds the disk is full at the rate of the last hour; none if it does not fill.
    pub fn disk_full_in(&self) -> Option<i64> {
        self.0.logged.disk.full_in()
    }

    /// Whether the writer's thread runs.
    pub fn is_alive(&self) -> bool {
        self.0.writer.is_alive()
    }

    /// Why commits fail; none after a commit that succeeded.
    pub fn trouble(&self) -> Option<Trouble> {
        self.0.logged.troubles.now()
    }

    /// Since when the log's file has been faulty, so that the writer fails although its connection is fresh.
    pub fn faulty_since(&self) -> Option<Millis> {
        self.0.logged.faulty_since()
    }

    /// Looks now and then that the lock of this claim is in the directory. Once another server has claimed it, commits fail.
    pub fn guard(&self, claim: &Claim) {
        self.0.logged.set_claim(claim.lock());
    }

    /// Counts a request that could not be recorded and comes only once.
    pub fn lost(&self, kind: LostKind, at: Millis) {
        self.0.logged.losses.add(kind, at);
    }

    /// The requests of the latest outage since the start that could not be recorded.
    pub fn losses(&self) -> Option<Losses> {
        self.0.logged.losses.latest()
    }

    /// Why checkpoints fail, which move committed pages into the log's file.
    pub fn checkpoint_trouble(&self) -> Option<Trouble> {
        self.0.logged.checkpoints.now()
    }

    /// Why the judge cannot continue. The judge reports it here.
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

    /// Waits until the judge has reached the present end of the log.
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

    /// Waits until the log reaches past `seen`, or `file` is no longer the current derived file. Returns how far the log
    /// reaches; none after [`Store::end_log`] if that is not past `seen`. It blocks.
    pub fn wait_past(&self, seen: Seq, file: &JudgeFile) -> Option<Seq> {
        self.0.logged.wait_past(seen, || file.has_moved())
    }

    /// Whether [`Store::end_log`] was called.
    pub fn log_ended(&self) -> bool {
        self.0.logged.is_stopped()
    }

    /// Lets the judge end at the end of the log, instead of waiting for more.
    pub fn end_log(&self) {
        self.0.logged.stop();
    }

    /// Refuses new writes, commits and answers the waiting ones, and leaves both files whole without their WALs.
    pub fn stop(&self) {
        self.0.stop();
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
