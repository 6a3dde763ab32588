//! What the judge works with: its own connection to the derived file, which nothing else writes, and everything it looks
//! up for a stretch of the log, all from one snapshot. It decides nothing; `slice.rs` and `memberships.rs` write.

use std::cell::Cell;
use std::ops::Deref;
use std::path::PathBuf;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::batch::Batch;
use super::lookups::LookUps;
use super::unsynced::Unsynced;
use super::versions::{self, Versions};
use super::{Store, StoreError, connect, memberships, rejudging};
use crate::domain::{Millis, Rejudgements, SegmentId, Seq};

/// A derived file, with the log beside it: the connection that the judge reads and writes with. It never waits for one of
/// the pool's, nor makes a page wait, and it writes while the log's own file is being written.
pub struct JudgeFile {
    pub(super) conn: Connection,
    generation: i64,
    store: Store,
    /// Of one in the making, that nobody reads: the writes since the last commit.
    uncommitted: Option<Cell<u32>>,
    /// Held as long as the current one may be written.
    _unsynced: Option<Unsynced>,
}

/// So many writes of a file in the making are committed together, since each commit writes the pages again that most
/// slices change; not all of them, since while a transaction stands the WAL of the log grows under a server's load.
const WRITES_A_COMMIT: u32 = 8;

/// The database as it stands at one moment.
pub struct Snapshot<'a>(Scope<'a>);

/// A transaction of its own, or a part of the one that a file in the making is in.
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
    /// Keeps what was written.
    pub(super) fn commit(self) -> rusqlite::Result<()> {
        match self {
            Scope::Own(transaction) => transaction.commit(),
            Scope::Part(JudgeFile { uncommitted: Some(writes), .. }) if writes.get() + 1 < WRITES_A_COMMIT => {
                writes.set(writes.get() + 1);
                Ok(())
            }
            Scope::Part(file) => file.settle(),
        }
    }
}

/// How far the log is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Up to and with this place.
    pub seq: Seq,
    /// The latest UTC day on which some of that was logged; 1970 at the very beginning.
    pub day: Millis,
    /// Up to here exposures are looked up in the file, whether they are judged or not: see [`JudgeFile::touch`].
    pub touched: Seq,
}

impl Store {
    /// Opens the current derived file for judging.
    ///
    /// # Errors
    /// Says why the file cannot be opened.
    pub fn judge_file(&self) -> Result<JudgeFile, StoreError> {
        let generation = self.0.derived.generation();
        let file = self.0.derived.file_of(generation);
        let unsynced = Unsynced::begin(self.file(), &file, generation)?;
        let conn = connect::for_judging(&file, self.file())?;
        Ok(JudgeFile { conn, generation, store: self.clone(), uncommitted: None, _unsynced: Some(unsynced) })
    }
}

impl JudgeFile {
    /// Opens one in the making.
    pub(super) fn building(store: Store, generation: i64) -> rusqlite::Result<Self> {
        let conn = connect::for_building(&store.0.derived.file_of(generation), store.file())?;
        Ok(JudgeFile { conn, generation, store, uncommitted: Some(Cell::new(0)), _unsynced: None })
    }

    /// Begins to read. The snapshot should be short: while it stands, the WALs cannot be reset.
    ///
    /// # Errors
    /// Database faults.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, StoreError> {
        match self.uncommitted {
            None => Ok(Snapshot(Scope::Own(connect::snapshot(&self.conn)?))),
            Some(_) => Ok(Snapshot(self.begin()?)),
        }
    }

    /// Whether another file has become the current one, so that what is judged into this one is of no use.
    pub fn has_moved(&self) -> bool {
        self.uncommitted.is_none() && self.store.0.derived.generation() != self.generation
    }

    /// Begins to write. In doubt nothing was written; of a file in the making nothing is of use then.
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

    /// Commits what was written of a file in the making.
    pub(super) fn settle(&self) -> rusqlite::Result<()> {
        self.uncommitted.iter().for_each(|writes| writes.set(0));
        if self.conn.is_autocommit() { Ok(()) } else { self.conn.execute_batch("COMMIT") }
    }

    /// Ends writing and lets go of the file; says which it is.
    pub(super) fn close(self) -> Result<PathBuf, StoreError> {
        self.settle()?;
        let file = self.store.0.derived.file_of(self.generation);
        self.conn.close().map_err(|(_, error)| error)?;
        Ok(file)
    }

    /// Tells those who follow how far the log is judged.
    pub(super) fn tell(&self, judged: Seq) {
        if self.uncommitted.is_none() {
            self.store.0.judged.send_replace(judged);
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

    /// The versions of all definitions that are in force at this place in the log.
    ///
    /// # Errors
    /// Database faults.
    pub fn in_force_at(&self, seq: Seq) -> Result<Versions, StoreError> {
        versions::in_force_at(&self.0, seq)
    }

    /// The rows after `after`, up to and with `to`. A row that cannot be read (which only a damaged or foreign file
    /// holds) is left out and logged as an error.
    ///
    /// # Errors
    /// Database faults.
    pub fn rows(&self, after: Seq, to: Seq) -> Result<Batch, StoreError> {
        Batch::read(&self.0, after, to)
    }

    /// The decisions by which fires are judged in this file.
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

    /// How many members each segment has at this moment; those without are left out. It counts them one by one.
    ///
    /// # Errors
    /// Database faults.
    pub fn members_at(&self, at: Millis) -> Result<Vec<(SegmentId, i64)>, StoreError> {
        Ok(memberships::members_at(&self.0, at)?)
    }
}

/// Where the judge's cursor stands.
pub(super) fn cursor(conn: &Connection) -> rusqlite::Result<Cursor> {
    let mut cursor = conn.prepare_cached("SELECT seq, day, touched FROM judge_cursor")?;
    cursor.query_row([], |row| Ok(Cursor { seq: row.get(0)?, day: row.get(1)?, touched: row.get(2)? }))
}
