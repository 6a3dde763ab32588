//! Opens the store, either whole or with the definitions only. It refuses a data directory that another version uses.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;

use super::catalog::Catalog;
use super::data_directory::SharedUse;
use super::db::file_identity::Presence;
use super::db::private::make_directory;
use super::db::{connect, migrate};
use super::definitions::bin::purge::purge;
use super::derived::Derived;
use super::error::OpenError;
use super::log::end;
use super::people::secrets;
use super::queries::segment_sizes::SegmentSizes;
use super::readers::Readers;
use super::tracking::site_tag::RecentLoads;
use super::upkeep::background::Checkpointer;
use super::writer::Writer;
use super::{FILE_NAME, Inner, Progress, Store, StoreError, catalog, missing_log};
use crate::clock::Clock;
use crate::domain::Seq;

impl Store {
    /// Opens the database in `directory`, and creates both if they do not exist.
    ///
    /// # Errors
    /// Why it cannot be opened: another version uses or wrote it; no permission; no room.
    pub fn open(directory: &Path, clock: Clock) -> Result<Self, OpenError> {
        let (used, mut log) = open_log(directory)?;
        let (derived, cursor) = Derived::open(directory, &mut log)?;
        Ok(Self::start(directory, clock, &log, used, derived, cursor.seq)?)
    }

    /// Opens the definitions only, for a command that reads and writes accounts. It neither needs nor makes a derived file.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_definitions(directory: &Path, clock: Clock) -> Result<Self, OpenError> {
        let (used, log) = open_log(directory)?;
        Ok(Self::start(directory, clock, &log, used, Derived::none(directory), Seq(0))?)
    }

    /// Whether `directory` holds a log.
    ///
    /// # Errors
    /// [`OpenError::Refused`] if the log is missing beside files that it left.
    pub fn has_log(directory: &Path) -> Result<bool, OpenError> {
        missing_log::refuse_missing(directory)?;
        Ok(missing_log::exists(directory))
    }

    fn start(
        directory: &Path,
        clock: Clock,
        log: &Connection,
        used: SharedUse,
        derived: Derived,
        judged: Seq,
    ) -> Result<Self, StoreError> {
        let file = directory.join(FILE_NAME);
        let (derived, catalog) = (Arc::new(derived), Arc::new(Catalog::default()));
        let logged = Arc::new(Progress::new(end::last_seq(log)?));
        secrets::make_keys(log)?;
        if derived.current().number > 0 {
            catalog.apply(catalog::load(log)?);
        }
        let writer = Writer::start(&file, clock.clone(), catalog.clone(), Box::new(logged.clone()))?;
        let empty_bin = Box::new(writer.caller_of(purge));
        let start = || Checkpointer::start(&file, clock.clone(), derived.clone(), logged.clone(), empty_bin);
        let checkpointer = (derived.current().number > 0).then(start).transpose()?;
        let readers = Readers::open(file.clone(), derived.clone())?;
        Ok(Store(Arc::new(Inner {
            presence: Presence::of(&file)?,
            file,
            derived,
            clock,
            catalog,
            readers,
            writer,
            logged,
            judged: watch::channel(judged).0,
            checkpointer,
            sizes: SegmentSizes::default(),
            site_tag_loads: RecentLoads::default(),
            is_stopped: AtomicBool::new(false),
            _used: used,
        })))
    }

    /// Why the derived file in `directory` cannot be used, as the end of a sentence. None if it can be used, or there is
    /// none yet. Unlike [`Store::open`], it does not replace the file.
    ///
    /// # Errors
    /// As [`Store::open`]; the log cannot be read.
    pub fn unfit(directory: &Path) -> Result<Option<String>, OpenError> {
        let used = SharedUse::begin(directory)?;
        missing_log::refuse_foreign_wal(directory, &used)?;
        // A connection that only reads would leave a WAL behind.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let log = Connection::open_with_flags(directory.join(FILE_NAME), flags).map_err(StoreError::from)?;
        if migrate::is_new(&log)? {
            missing_log::refuse_beside_remains(directory)?;
            return Err(OpenError::Refused(format!("{FILE_NAME} is empty")));
        }
        Ok(Derived::unfit(directory, &log)?)
    }
}

/// Opens the log for writing, unless another version uses the directory.
fn open_log(directory: &Path) -> Result<(SharedUse, Connection), OpenError> {
    make_directory(directory)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", directory.display()).into()))?;
    missing_log::refuse_missing(directory)?;
    let used = SharedUse::begin(directory)?;
    missing_log::refuse_foreign_wal(directory, &used)?;
    let file = directory.join(FILE_NAME);
    let log = connect::open_log(&file, || missing_log::refuse_beside_remains(directory))?;
    Ok((used, log))
}
