//! A derived file that a rebuild makes beside the current one. The judge fills it; then it becomes the current one all at
//! once, or it is only compared with that. Nothing reads it before, and a process that dies leaves only a file to remove.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::TransactionBehavior;

use crate::domain::{Rejudge, Rejudgement, Seq};
use crate::store::db::connect;
use crate::store::derived::connect::make_durable;
use crate::store::derived::generations::RebuildLock;
use crate::store::derived::rejudging;
use crate::store::log::end;
use crate::store::writer::thread::CommitHooks;
use crate::store::{JudgeFile, Store, StoreError};

/// How long a rebuild waits until no process may open the file before. A server looks twice a second which file is current.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it looks meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// A derived file that a rebuild makes.
pub struct Rebuilding {
    store: Store,
    generation: i64,
    /// The decision that the rebuild applies.
    taken: Option<Rejudgement>,
    lock: RebuildLock,
}

impl Store {
    /// Makes an empty derived file, in which fires are judged by this decision; none if another process rebuilds. It blocks.
    ///
    /// # Errors
    /// Why the file cannot be made.
    pub fn start_rebuild(&self, decision: Option<Rejudge>) -> Result<Option<Rebuilding>, StoreError> {
        let Some(lock) = self.0.derived.lock()? else { return Ok(None) };
        let mut log = connect::for_writing(self.file())?;
        self.0.derived.remove_others(&mut log, &lock)?;
        let (generation, taken) = self.0.derived.make_another(&mut log, decision, &lock)?;
        Ok(Some(Rebuilding { store: self.clone(), generation, taken, lock }))
    }
}

impl Rebuilding {
    /// The store that is rebuilt.
    pub(in crate::store) fn store(&self) -> &Store {
        &self.store
    }

    /// Opens the file for the judge to fill it. Only one may be open.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn file(&self) -> Result<JudgeFile, StoreError> {
        Ok(JudgeFile::building(self.store.clone(), self.generation)?)
    }

    /// Makes the file the current one, and writes the decision into the log. It blocks.
    ///
    /// # Errors
    /// Why it could not be written; then the file before stays the current one.
    pub fn take_into_use(&self, file: JudgeFile) -> Result<(), StoreError> {
        file.settle()?;
        make_durable(&file.conn)?;
        drop(file);
        let mut log = connect::for_writing(self.store.file())?;
        let tx = log.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(taken) = &self.taken {
            rejudging::log(&tx, self.store.clock().now(), taken)?;
        }
        tx.execute("UPDATE derived_file SET generation = ?1, written_in = NULL", [self.generation])?;
        tx.commit()?;
        // This process need not wait for its next look.
        self.store.0.derived.follow(&log)?;
        self.store.0.logged.committed(end::last_seq(&log)?);
        Ok(())
    }

    /// Removes the files before, once no process may open them any more. Returns false if one still may after ten seconds;
    /// then the next start or rebuild removes them.
    ///
    /// # Errors
    /// Why one could not be removed; the next start or rebuild tries again.
    pub fn tidy(self) -> Result<bool, StoreError> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            match self.remove_others()? {
                false if Instant::now() < give_up => sleep(PAUSE),
                removed => return Ok(removed),
            }
        }
    }

    /// Removes the file again, after a comparison.
    ///
    /// # Errors
    /// Why it could not be removed; the next start or rebuild tries again.
    pub fn discard(self) -> Result<(), StoreError> {
        self.remove_others().map(|_| ())
    }

    fn remove_others(&self) -> Result<bool, StoreError> {
        self.store.0.derived.remove_others(&mut connect::for_writing(self.store.file())?, &self.lock)
    }
}

impl JudgeFile {
    /// How far the log reaches at this moment, whichever process appended to it.
    ///
    /// # Errors
    /// Database faults.
    pub fn log_end(&self) -> Result<Seq, StoreError> {
        Ok(end::last_seq(&self.conn)?)
    }
}
