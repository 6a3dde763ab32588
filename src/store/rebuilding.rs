//! A derived file in the making, beside the current one: begun, filled by the judge, taken into use all at once. Until then
//! nothing that anybody reads depends on it, and a process that dies leaves nothing but a file to be removed.

use std::thread::sleep;

use super::derived::Lock;
use super::{JudgeFile, Store, StoreError, checkpoint, connect, log};
use crate::domain::Seq;

/// A derived file in the making.
pub struct Rebuilding {
    store: Store,
    generation: i64,
    lock: Lock,
}

impl Store {
    /// Begins an empty derived file; none if another process is at it already. It blocks.
    ///
    /// # Errors
    /// Says why the file cannot be made.
    pub fn start_rebuild(&self) -> Result<Option<Rebuilding>, StoreError> {
        let Some(lock) = self.0.derived.lock()? else { return Ok(None) };
        let mut log = connect::for_writing(self.file())?;
        self.0.derived.remove_others(&mut log, &lock)?;
        let generation = self.0.derived.make_another(&mut log, &lock)?;
        Ok(Some(Rebuilding { store: self.clone(), generation, lock }))
    }
}

impl Rebuilding {
    /// Opens the file, for the judge to fill it. Only one may be open.
    ///
    /// # Errors
    /// Says why it cannot be opened.
    pub fn file(&self) -> Result<JudgeFile, StoreError> {
        Ok(JudgeFile::building(self.store.clone(), self.generation)?)
    }

    /// Makes the file the current one. It blocks.
    ///
    /// # Errors
    /// Why it could not be written; then what was before stays in use.
    pub fn take_into_use(&self, file: JudgeFile) -> Result<(), StoreError> {
        connect::make_durable(file.conn, &self.store.0.derived.file_of(self.generation))?;
        let log = connect::for_writing(self.store.file())?;
        log.execute("UPDATE derived_file SET generation = ?1", [self.generation])?;
        Ok(())
    }

    /// Waits until everybody who reads has heard which file is current, and removes the others.
    ///
    /// # Errors
    /// Why one could not be removed; the next start or rebuild does it.
    pub fn tidy(self) -> Result<(), StoreError> {
        // By then every process, this one too, has looked twice.
        sleep(2 * checkpoint::EVERY);
        self.remove_others()
    }

    fn remove_others(&self) -> Result<(), StoreError> {
        self.store.0.derived.remove_others(&mut connect::for_writing(self.store.file())?, &self.lock)
    }
}

impl JudgeFile {
    /// How far the log reaches at this moment, whoever appended to it.
    ///
    /// # Errors
    /// Database faults.
    pub fn log_end(&self) -> Result<Seq, StoreError> {
        Ok(log::last_seq(&self.conn)?)
    }
}
