//! Opens the store, either whole or with the definitions only. It refuses a data directory that another version uses.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;

use super::catalog::Catalog;
use super::data_directory::SharedUse;
use super::db::connect;
use super::db::private::make_directory;
use super::derived::Derived;
use super::error::OpenError;
use super::log::end;
use super::people::secrets;
use super::queries::segment_sizes::SegmentSizes;
use super::readers::Readers;
use super::upkeep::background::Checkpointer;
use super::writer::Writer;
use super::{FILE_NAME, Inner, Progress, Store, StoreError, catalog};
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

    fn start(
        directory: &Path,
        clock: Clock,
        log: &Connection,
        used: SharedUse,
        derived: Derived,
        judged: Seq,
    ) -> Result<Self, StoreError> {
        let file = directory.join(FILE_NAME);
        let is_whole = derived.current().number > 0;
        let (derived, catalog) = (Arc::new(derived), Arc::new(Catalog::default()));
        let logged = Arc::new(Progress::new(end::last_seq(log)?));
        secrets::make_keys(log)?;
        let mut checkpointer = None;
        if is_whole {
            catalog.apply(catalog::load(log)?);
            let (clock, derived) = (clock.clone(), derived.clone());
            checkpointer = Some(Checkpointer::start(&file, clock, derived, logged.clone())?);
        }
        let writer = Writer::start(&file, clock.clone(), catalog.clone(), Box::new(logged.clone()))?;
        let readers = Readers::open(file.clone(), derived.clone())?;
        let (judged, _) = watch::channel(judged);
        let sizes = SegmentSizes::default();
        let inner =
            Inner { file, derived, clock, catalog, readers, writer, logged, judged, checkpointer, sizes, _used: used };
        Ok(Store(Arc::new(inner)))
    }

    /// Why the derived file in `directory` cannot be used, as the end of a sentence. None if it can be used, or there is
    /// none yet. Unlike [`Store::open`], it does not replace the file.
    ///
    /// # Errors
    /// As [`Store::open`]; the log cannot be read.
    pub fn unfit(directory: &Path) -> Result<Option<String>, OpenError> {
        let _used = SharedUse::begin(directory)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let log = Connection::open_with_flags(directory.join(FILE_NAME), flags).map_err(StoreError::from)?;
        Ok(Derived::unfit(directory, &log)?)
    }
}

/// Opens the log for writing, unless another version uses the directory.
fn open_log(directory: &Path) -> Result<(SharedUse, Connection), OpenError> {
    make_directory(directory)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", directory.display()).into()))?;
    let used = SharedUse::begin(directory)?;
    Ok((used, connect::open_log(&directory.join(FILE_NAME))?))
}
