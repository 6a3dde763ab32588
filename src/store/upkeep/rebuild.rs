//! A rebuild makes a new derived file beside the current one, and the judge fills it. Then the new file becomes the
//! current one all at once, or is compared with it and removed. A process that dies before leaves only a file to remove.

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

/// How long a rebuild waits until no process has the old file open. A server checks twice a second which file is current.
const PATIENCE: Duration = Duration::from_secs(10);

/// The time between two checks meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// A rebuild, and the file that it makes.
pub struct Rebuilding {
    store: Store,
    generation: i64,
    /// The decision that the rebuild applies.
    rejudgement: Option<Rejudgement>,
    lock: RebuildLock,
}

impl Store {
    /// Makes an empty derived file, in which the judge will apply this decision. None if another process rebuilds. It
    /// blocks.
    ///
    /// # Errors
    /// Why the file cannot be made.
    pub fn start_rebuild(&self, decision: Option<Rejudge>) -> Result<Option<Rebuilding>, StoreError> {
        let Some(lock) = self.0.derived.lock()? else { return Ok(None) };
        let mut log = connect::for_writing(self.file())?;
        self.0.derived.remove_others(&mut log, &lock)?;
        let (generation, rejudgement) = self.0.derived.make_another(&mut log, decision, &lock)?;
        Ok(Some(Rebuilding { store: self.clone(), generation, rejudgement, lock }))
    }
}

impl Rebuilding {
    /// The store that is rebuilt.
    pub(in crate::store) fn store(&self) -> &Store {
        &self.store
    }

    /// Opens the file for the judge. Only one [`JudgeFile`] of it may be open.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn file(&self) -> Result<JudgeFile, StoreError> {
        Ok(JudgeFile::building(self.store.clone(), self.generation)?)
    }

    /// Makes the file the current one, and writes the decision into the log. It blocks.
    ///
    /// # Errors
    /// Why it could not be written. Then the old file stays the current one.
    pub fn publish(&self, file: JudgeFile) -> Result<(), StoreError> {
        file.settle()?;
        make_durable(&file.conn)?;
        drop(file);
        let mut log = connect::for_writing(self.store.file())?;
        let tx = log.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(rejudgement) = &self.rejudgement {
            rejudging::log(&tx, self.store.clock().now(), rejudgement)?;
        }
        tx.execute("UPDATE derived_file SET generation = ?1, written_in = NULL", [self.generation])?;
        tx.commit()?;
        // This process need not wait for the next check of the checkpointer.
        self.store.0.derived.follow(&log)?;
        self.store.0.logged.committed(end::last_seq(&log)?);
        Ok(())
    }

    /// Removes the old files once no process uses them. Returns false if one still does after ten seconds. Then the next
    /// start or rebuild removes them.
    ///
    /// # Errors
    /// Why one could not be removed; the next start or rebuild tries again.
    pub fn remove_old(self) -> Result<bool, StoreError> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            match self.remove_others()? {
                false if Instant::now() < give_up => sleep(PAUSE),
                removed => return Ok(removed),
            }
        }
    }

    /// Removes the new file after a comparison.
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
