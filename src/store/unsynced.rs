//! What makes it safe to write a derived file without syncs. A process that dies takes nothing with it: what it wrote is
//! the system's already. Only when the machine itself goes down the file may be left in pieces. So as long as it is being
//! written, the log's file (which is synced) says in which run of the machine; whoever finds a run that has ended has it
//! made anew from the log, and who stops in good order syncs it and takes that back.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::params;
use rustix::fs::{FlockOperation, flock};

use super::{StoreError, connect};

/// The machine's run: a name that Linux gives to each. None where the system gives none.
pub(super) fn run() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Whether it would be noticed that the machine went down.
pub(super) fn is_noticed() -> bool {
    run().is_some()
}

/// Held as long as this process writes a derived file.
pub(super) struct Unsynced {
    log: PathBuf,
    derived: PathBuf,
    generation: i64,
    /// Shared by all processes that write it.
    held: File,
}

impl Unsynced {
    /// Records that the file is being written, before it is.
    pub(super) fn begin(log: &Path, derived: &Path, generation: i64) -> Result<Self, StoreError> {
        let held = File::open(derived)?;
        flock(&held, FlockOperation::LockShared).map_err(io::Error::from)?;
        let unsynced = Unsynced { log: log.to_owned(), derived: derived.to_owned(), generation, held };
        unsynced.record(run())?;
        Ok(unsynced)
    }

    fn record(&self, run: Option<String>) -> Result<(), StoreError> {
        let sql = "UPDATE derived_file SET written_in = ?1 WHERE generation = ?2 AND written_in IS NOT ?1";
        connect::for_writing(&self.log)?.execute(sql, params![run, self.generation])?;
        Ok(())
    }

    /// Syncs the file, unless another process writes it too, and takes back that it may be in pieces.
    fn end(&self) -> Result<(), StoreError> {
        if flock(&self.held, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(());
        }
        // The WAL first: with it, pages that another thread is just moving to the file can be told again.
        let wal = PathBuf::from(format!("{}-wal", self.derived.display()));
        for file in [&wal, &self.derived] {
            match File::open(file) {
                Ok(file) => file.sync_all()?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.record(None)
    }
}

impl Drop for Unsynced {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(%error, "what was derived could not be synced; if the machine goes down it is made anew");
        }
    }
}
