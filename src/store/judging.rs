//! What the judge works with: its own connection to the derived file, which nothing else writes, and everything it looks
//! up for a stretch of the log, all from one snapshot. It decides nothing; `slice.rs` and `memberships.rs` write.

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
    /// Whether it is the current one, that people read, or one in the making.
    current: bool,
    /// Held as long as the current one may be written.
    _unsynced: Option<Unsynced>,
}

/// The database as it stands at one moment.
pub struct Snapshot<'a>(Transaction<'a>);

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
        Ok(JudgeFile { conn, generation, store: self.clone(), current: true, _unsynced: Some(unsynced) })
    }
}

impl JudgeFile {
    /// Opens one in the making.
    pub(super) fn building(store: Store, generation: i64) -> rusqlite::Result<Self> {
        let conn = connect::for_building(&store.0.derived.file_of(generation), store.file())?;
        Ok(JudgeFile { conn, generation, store, current: false, _unsynced: None })
    }

    /// Begins to read. The snapshot should be short: while it stands, the WALs cannot be reset.
    ///
    /// # Errors
    /// Database faults.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, StoreError> {
        Ok(Snapshot(connect::snapshot(&self.conn)?))
    }

    /// Whether another file has become the current one, so that what is judged into this one is of no use.
    pub fn has_moved(&self) -> bool {
        self.current && self.store.0.derived.generation() != self.generation
    }

    /// Begins to write. In doubt nothing was written.
    pub(super) fn begin(&self) -> rusqlite::Result<Transaction<'_>> {
        Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)
    }

    /// Tells those who follow how far the log is judged.
    pub(super) fn tell(&self, judged: Seq) {
        if self.current {
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
