//! A derived file in the making, beside the current one: begun, filled by the judge, taken into use all at once; or only
//! compared with the current one. Nothing that anybody reads depends on it before, and a process that dies leaves nothing
//! but a file to be removed.

use std::thread::sleep;

use rusqlite::TransactionBehavior;

use super::derived::Lock;
use super::writer_thread::CommitHooks;
use super::{JudgeFile, Store, StoreError, checkpoint, connect, log_end, rejudging};
use crate::domain::{Rejudge, Rejudgement, Seq};

/// A derived file in the making.
pub struct Rebuilding {
    store: Store,
    generation: i64,
    /// What was decided with it.
    taken: Option<Rejudgement>,
    lock: Lock,
}

impl Store {
    /// Begins an empty derived file, by which fires are judged as this decides; none if another process is at it
    /// already. It blocks.
    ///
    /// # Errors
    /// Says why the file cannot be made.
    pub fn start_rebuild(&self, decision: Option<Rejudge>) -> Result<Option<Rebuilding>, StoreError> {
        let Some(lock) = self.0.derived.lock()? else { return Ok(None) };
        let mut main = connect::for_writing(self.file())?;
        self.0.derived.remove_others(&mut main, &lock)?;
        let (generation, taken) = self.0.derived.make_another(&mut main, decision, &lock)?;
        Ok(Some(Rebuilding { store: self.clone(), generation, taken, lock }))
    }
}

impl Rebuilding {
    /// Where it is made.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Opens the file, for the judge to fill it. Only one may be open.
    ///
    /// # Errors
    /// Says why it cannot be opened.
    pub fn file(&self) -> Result<JudgeFile, StoreError> {
        Ok(JudgeFile::building(self.store.clone(), self.generation)?)
    }

    /// Makes the file the current one, and writes what was decided with it into the log. It blocks.
    ///
    /// # Errors
    /// Why it could not be written; then what was before stays in use.
    pub fn take_into_use(&self, file: JudgeFile) -> Result<(), StoreError> {
        file.settle()?;
        connect::make_durable(file.conn, &self.store.0.derived.file_of(self.generation))?;
        let mut main = connect::for_writing(self.store.file())?;
        let tx = main.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(taken) = &self.taken {
            rejudging::log(&tx, self.store.clock().now(), taken)?;
        }
        tx.execute("UPDATE derived_file SET generation = ?1, written_in = NULL", [self.generation])?;
        tx.commit()?;
        // This process need not find it out.
        self.store.0.derived.follow(&main)?;
        self.store.0.logged.committed(log_end::last_seq(&main)?);
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

    /// Removes what was made, since it is not to be taken into use.
    ///
    /// # Errors
    /// Why it could not be removed; the next start or rebuild does it.
    pub fn discard(self) -> Result<(), StoreError> {
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
        Ok(log_end::last_seq(&self.conn)?)
    }
}
