//! The judge's own connection to the derived file, which no other connection writes, and its look-ups for a stretch of the
//! log, from one snapshot. Nothing here decides; `slice.rs` and `memberships.rs` write.

pub mod adjust;
pub mod arrivals;
pub mod batch;
pub mod click_ids;
pub mod judged;
pub mod lookups;
mod memberships;
pub mod names;
pub mod slice;
pub mod state;
mod sums;
pub mod sweep;
mod token_uses;
pub mod versions;

use std::cell::Cell;
use std::ops::Deref;
use std::path::PathBuf;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::derived::crash_mark::Unsynced;
use super::derived::cursor::{Cursor, cursor};
use super::derived::{connect, refusal, rejudging, version};
use super::{Store, StoreError};
use crate::domain::{Millis, Rejudgements, SegmentId, Seq};
use batch::Batch;
use lookups::LookUps;
use versions::Versions;

/// A derived file, with the log attached: the connection that the judge reads and writes with. It never waits for the pool's
/// connections, nor do pages wait for it, and it writes while the writer writes the log.
pub struct JudgeFile {
    pub(super) conn: Connection,
    generation: i64,
    store: Store,
    /// The writes since the last commit. Only a rebuild counts them, whose file no other connection reads.
    uncommitted: Option<Cell<u32>>,
    /// Held while the current file may be written. A rebuild needs none.
    unsynced: Option<Unsynced>,
}

/// A rebuild commits so many writes together, since most slices change the same pages again. It does not commit all at once:
/// during a transaction the WAL of a busy server's log grows.
const WRITES_A_COMMIT: u32 = 8;

/// The database at one moment.
pub struct Snapshot<'a>(Scope<'a>);

/// A transaction of its own, or a part of the one that a rebuild is in.
pub(super) enum Scope<'a> {
    Own(Transaction<'a>),
    Part(&'a JudgeFile),
}

impl Deref for Scope<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Scope::Own(transaction) => transaction,
            Scope::Part(file) => &file.conn,
        }
    }
}

impl Scope<'_> {
    /// Commits, or leaves that to a later part.
    pub(super) fn commit(self) -> Result<(), StoreError> {
        match self {
            Scope::Own(transaction) => Ok(transaction.commit()?),
            Scope::Part(JudgeFile { uncommitted: Some(writes), .. }) if writes.get() + 1 < WRITES_A_COMMIT => {
                writes.set(writes.get() + 1);
                Ok(())
            }
            Scope::Part(file) => file.settle(),
        }
    }
}

impl Store {
    /// Opens the current derived file for judging.
    ///
    /// # Errors
    /// Why the file cannot be opened; another version of pixeld has made it.
    pub fn judge_file(&self) -> Result<JudgeFile, StoreError> {
        let current = self.0.derived.writable()?;
        let conn = connect::for_judging(&current.file, self.file())?;
        if let Some(why) = version::made_by_another(&conn)? {
            return Err(refusal(current.number, &why));
        }
        let unsynced = Some(Unsynced::begin(self.file(), &current)?);
        Ok(JudgeFile { conn, generation: current.number, store: self.clone(), uncommitted: None, unsynced })
    }
}

impl JudgeFile {
    /// Opens the file of a rebuild.
    pub(super) fn building(store: Store, generation: i64) -> rusqlite::Result<Self> {
        let conn = connect::for_building(&store.0.derived.file(generation), store.file())?;
        Ok(JudgeFile { conn, generation, store, uncommitted: Some(Cell::new(0)), unsynced: None })
    }

    /// Begins to read. Keep the snapshot for a short time: the WALs grow meanwhile.
    ///
    /// # Errors
    /// Database faults.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, StoreError> {
        match self.uncommitted {
            None => Ok(Snapshot(Scope::Own(connect::snapshot(&self.conn)?))),
            Some(_) => Ok(Snapshot(self.begin()?)),
        }
    }

    /// Whether the log's file names another file by now, so that nothing reads what is judged into this one.
    pub fn has_moved(&self) -> bool {
        self.uncommitted.is_none() && self.store.0.derived.has_left(self.generation)
    }

    /// Begins to write. After a failure nothing was written, and a rebuild has to begin again.
    pub(super) fn begin(&self) -> rusqlite::Result<Scope<'_>> {
        match self.uncommitted {
            None => Ok(Scope::Own(Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)?)),
            Some(_) => {
                if self.conn.is_autocommit() {
                    self.conn.execute_batch("BEGIN IMMEDIATE")?;
                }
                Ok(Scope::Part(self))
            }
        }
    }

    /// Commits what a rebuild has written. Its next snapshot is of that moment.
    ///
    /// # Errors
    /// Database faults.
    pub fn settle(&self) -> Result<(), StoreError> {
        self.uncommitted.iter().for_each(|writes| writes.set(0));
        if self.conn.is_autocommit() { Ok(()) } else { Ok(self.conn.execute_batch("COMMIT")?) }
    }

    /// Ends writing and closes the file; returns which it is.
    pub(super) fn close(self) -> Result<PathBuf, StoreError> {
        self.settle()?;
        Ok(self.store.0.derived.file(self.generation))
    }

    /// Publishes how far the log is judged.
    pub(super) fn tell(&self, judged: Seq) {
        if self.uncommitted.is_none() {
            self.store.0.judged.send_replace(judged);
        }
    }
}

/// Syncs the current file while the connection that wrote it is open.
impl Drop for JudgeFile {
    fn drop(&mut self) {
        if let Some(unsynced) = &self.unsynced
            && !self.has_moved()
            && let Err(error) = unsynced.end(&self.conn)
        {
            tracing::warn!(%error, "the derived file was not synced; after a power loss pixeld derives everything again");
        }
    }
}

impl Snapshot<'_> {
    /// How far the log is judged.
    ///
    /// # Errors
    /// Database faults.
    pub fn cursor(&self) -> Result<Cursor, StoreError> {
        Ok(cursor(&self.0)?)
    }

    /// The versions of the definitions in force at this place in the log.
    ///
    /// # Errors
    /// Database faults.
    pub fn in_force_at(&self, seq: Seq) -> Result<Versions, StoreError> {
        versions::in_force_at(&self.0, seq)
    }

    /// The rows after `after`, up to and with `to`. A row that cannot be read is left out, with an error in the server's log:
    /// only a damaged or foreign file holds one.
    ///
    /// # Errors
    /// Database faults.
    pub fn rows(&self, after: Seq, to: Seq) -> Result<Batch, StoreError> {
        Batch::read(&self.0, after, to)
    }

    /// The exposures after `after`, up to and with `to`, with the versions between them.
    ///
    /// # Errors
    /// Database faults.
    pub fn exposures(&self, after: Seq, to: Seq) -> Result<Batch, StoreError> {
        Batch::exposures(&self.0, after, to)
    }

    /// The decisions that this file applies.
    ///
    /// # Errors
    /// Database faults.
    pub fn rejudgements(&self) -> Result<Rejudgements, StoreError> {
        Ok(rejudging::applied(&self.0)?)
    }

    /// Looks up what a judgement depends on.
    ///
    /// # Errors
    /// Database faults.
    pub fn look_ups(&self) -> Result<LookUps<'_>, StoreError> {
        Ok(LookUps::new(&self.0)?)
    }

    /// How many members each segment has at this moment, without empty segments. It counts them one by one.
    ///
    /// # Errors
    /// Database faults.
    pub fn members_at(&self, at: Millis) -> Result<Vec<(SegmentId, i64)>, StoreError> {
        Ok(memberships::members_at(&self.0, at)?)
    }
}
