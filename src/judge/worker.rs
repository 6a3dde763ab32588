//! One step of the judge: reads the next rows of the log from one snapshot, decides them in order and writes them as
//! one slice. Between steps it keeps only the rules in force and rows that were read; after any failure it loads both
//! again.

use super::decide::{Decided, decide};
use super::rules::RuleBook;
use crate::domain::Seq;
use crate::store::{Applied, Batch, Cursor, JudgeFile, Store, StoreError};

/// How many rows of the log are judged at once, if that many wait: enough that a slice's fixed costs do not matter, and
/// few enough to hold in memory.
pub const ROWS_A_SLICE: u16 = 8_000;

/// Judges step by step, on the calling thread.
pub struct Worker {
    store: Store,
    file: JudgeFile,
    rows_a_slice: u16,
    cursor: Cursor,
    /// None at first and after a failure.
    kept: Option<Kept>,
    /// Whether there may be something to sweep: a day has begun, or a segment was deleted.
    sweeps: bool,
}

/// What the next step need not load again.
struct Kept {
    /// The rules in force at the cursor.
    rules: RuleBook,
    rest: Option<Rest>,
}

/// Rows that were read and not judged, since a day ended before them.
struct Rest {
    batch: Batch,
    /// The row that the batch reaches to.
    to: Seq,
}

impl Worker {
    /// A worker on the current derived file. It goes on from the file's cursor.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn new(store: Store, rows_a_slice: u16) -> Result<Self, StoreError> {
        let file = store.judge_file()?;
        Self::on(file, store, rows_a_slice)
    }

    /// A worker on this file.
    pub(super) fn on(file: JudgeFile, store: Store, rows_a_slice: u16) -> Result<Self, StoreError> {
        let cursor = file.snapshot()?.cursor()?;
        Ok(Worker { store, file, rows_a_slice: rows_a_slice.max(1), cursor, kept: None, sweeps: true })
    }

    pub(super) fn into_file(self) -> JudgeFile {
        self.file
    }

    /// Commits what a rebuild has judged, so that the next step sees all that is logged by then.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        self.file.settle()
    }

    /// How far the log reaches at this moment.
    pub(super) fn log_end(&self) -> Result<Seq, StoreError> {
        self.file.log_end()
    }

    /// The last row that it has judged.
    pub fn cursor(&self) -> Seq {
        self.cursor.seq
    }

    /// Waits until there is something to judge or to sweep; returns how far the log reaches. None once the log has
    /// ended and is judged.
    pub fn wait(&self) -> Option<Seq> {
        if self.sweeps && !self.store.log_ended() {
            return Some(self.store.logged());
        }
        self.store.wait_past(self.cursor.seq, &self.file)
    }

    /// Judges the next slice of a log that reaches to `logged`, and sweeps some of what has expired.
    ///
    /// # Errors
    /// Why it could not be read or written. The caller need only try again.
    pub fn step(&mut self, logged: Seq) -> Result<(), StoreError> {
        // Taken out, and put back only at the end: an error or a panic on the way leaves nothing half-changed.
        let mut kept = self.kept.take();
        if self.file.has_moved() {
            self.file = self.store.judge_file()?;
            (kept, self.sweeps) = (None, true);
        }
        let kept = self.judge_next(logged, kept)?;
        self.sweep()?;
        self.kept = kept;
        Ok(())
    }

    /// Sweeps some of what has expired; returns whether there may be more.
    ///
    /// # Errors
    /// Why it could not be written. Trying again is safe.
    pub fn sweep(&mut self) -> Result<bool, StoreError> {
        self.sweeps = self.sweeps && self.file.sweep(self.cursor)?;
        Ok(self.sweeps)
    }

    /// Returns what the next step may keep.
    fn judge_next(&mut self, logged: Seq, kept: Option<Kept>) -> Result<Option<Kept>, StoreError> {
        let snapshot = self.file.snapshot()?;
        if kept.is_none() {
            self.cursor = snapshot.cursor()?;
        }
        let to = Seq(self.cursor.seq.0.saturating_add(i64::from(self.rows_a_slice)).min(logged.0));
        if to <= self.cursor.seq {
            return Ok(kept);
        }
        let Kept { mut rules, rest } = match kept {
            Some(kept) => kept,
            None => Kept { rules: RuleBook::at(&snapshot, self.cursor.seq)?, rest: None },
        };
        let exposures_upto = rules.exposures_upto();
        if self.cursor.touched < exposures_upto && self.cursor.seq < exposures_upto {
            drop(snapshot);
            self.cursor = self.file.touch(exposures_upto, u16::MAX)?;
            return Ok(Some(Kept { rules, rest }));
        }
        let Rest { mut batch, to } = match rest {
            Some(rest) => rest,
            None => Rest { batch: snapshot.rows(self.cursor.seq, to)?, to },
        };
        let decided = decide(&snapshot, &mut rules, self.cursor, &mut batch, to)?;
        drop(snapshot);
        let applied = self.apply(decided)?;
        let rest = batch.peek().is_some().then_some(Rest { batch, to });
        Ok(applied.then_some(Kept { rules, rest }))
    }

    /// Writes a slice. False if the cursor was moved instead.
    fn apply(&mut self, decided: Decided) -> Result<bool, StoreError> {
        match self.file.apply(decided.slice)? {
            Applied::Upto(cursor) => {
                self.sweeps = self.sweeps || decided.deletes_segment || cursor.day > self.cursor.day;
                self.cursor = cursor;
                Ok(true)
            }
            Applied::Moved(cursor) => {
                let (from, to) = (self.cursor.seq, cursor.seq);
                tracing::info!(%from, %to, "the judge's cursor was moved; it goes on from there");
                self.cursor = cursor;
                Ok(false)
            }
        }
    }
}
