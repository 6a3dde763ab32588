//! Makes it safe to write a derived file without syncs. A process that dies takes nothing with it: the system has all that it
//! wrote. A power loss may leave the file in pieces. So while a judge writes the file, the log's file, which is synced,
//! records the boot id of the machine. A start that finds an old boot id derives everything again. A judge that stops in
//! order syncs the file and takes the mark back.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::connect::sync;
use super::generations::Generation;
use crate::store::db::boot::boot_id;
use crate::store::db::connect::for_writing;
use crate::store::db::lock_file::LockFile;
use crate::store::error::StoreError;

/// Held while this process writes a derived file.
pub(in crate::store) struct Unsynced {
    log: PathBuf,
    generation: i64,
    /// Shared by all that write the file.
    judges: LockFile,
}

impl Unsynced {
    /// Records that the file is written without syncs, before it is.
    pub(in crate::store) fn begin(log: &Path, derived: &Generation) -> Result<Self, StoreError> {
        let judges = derived.judges()?;
        judges.share()?;
        let unsynced = Unsynced { log: log.to_owned(), generation: derived.number, judges };
        unsynced.record(boot_id())?;
        Ok(unsynced)
    }

    /// Syncs the file and takes the mark back, unless another judge writes the file too. `derived` is the connection that
    /// wrote it. The lock keeps others from writing until this value is dropped.
    pub(in crate::store) fn end(&self, derived: &Connection) -> Result<(), StoreError> {
        if !self.judges.try_own()? {
            return Ok(());
        }
        match sync(derived)? {
            true => self.record(None),
            false => Err(StoreError::Unavailable("another connection has read it for long".into())),
        }
    }

    fn record(&self, boot_id: Option<String>) -> Result<(), StoreError> {
        let sql = "UPDATE derived_file SET written_in = ?1 WHERE generation = ?2 AND written_in IS NOT ?1";
        for_writing(&self.log)?.execute(sql, params![boot_id, self.generation])?;
        Ok(())
    }
}
