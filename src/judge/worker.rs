//! One step of the judge: reads the next rows of the log from one snapshot, decides them in order and writes them as one
//! slice. Between steps it keeps the rules in force and the rows that it has read. After a failure it loads both again.

use super::decide::{Decided, decide, take_exposures};
use super::rules::RuleBook;
use crate::domain::Seq;
use crate::store::{Applied, Batch, Cursor, JudgeFile, Slice, Snapshot, Store, StoreError};

/// The most rows of the log in one slice: enough that the fixed costs of a slice do not matter, and few enough for memory.
pub const ROWS_A_SLICE: u16 = 8_000;

/// Judges step by step, on the calling thread.
pub struct Worker {
    store: Store,
    file: JudgeFile,
    rows_a_slice: u16,
    cursor: Cursor,
    /// None at first and after a failure.
    kept: Option<Kept>,
    /// Whether the connection met an error that may stay with it although its cause is gone.
    is_suspect: bool,
    /// Whether there may be rows to sweep: a day has begun, or a segment was deleted.
    sweeps: bool,
}

/// State that the next step need not load again.
struct Kept {
    /// The rules in force at the cursor.
    rules: RuleBook,
    rest: Option<Rest>,
}

/// Rows that were read but not judged, since a day ended before them.
struct Rest {
    batch: Batch,
    /// The last row of the batch.
    to: Seq,
}

impl Worker {
    /// A worker on the current derived file. It starts at the file's cursor.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn new(store: Store, rows_a_slice: u16) -> Result<Self, StoreError> {
        let file = store.judge_file()?;
        Self::on(file, store, rows_a_slice)
    }

    pub(super) fn on(file: JudgeFile, store: Store, rows_a_slice: u16) -> Result<Self, StoreError> {
        let cursor = file.snapshot()?.cursor()?;
        Ok(Worker {
            store,
            file,
            rows_a_slice: rows_a_slice.max(1),
            cursor,
            kept: None,
            is_suspect: false,
            sweeps: true,
        })
    }

    pub(super) fn into_file(self) -> JudgeFile {
        self.file
    }

    /// Commits the rows that a rebuild has judged, so that the next step sees the present end of the log.
    pub(super) fn commit(&self) -> Result<(), StoreError> {
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

    /// Waits until there are rows to judge or to sweep. Returns how far the log reaches; none once the log has ended and is
    /// judged.
    pub fn wait(&self) -> Option<Seq> {
        if self.sweeps && !self.store.log_ended() {
            return Some(self.store.logged());
        }
        self.store.wait_past(self.cursor.seq, &self.file)
    }

    /// Lets the next step begin with a fresh connection.
    pub fn suspect(&mut self) {
        self.is_suspect = true;
    }

    /// Judges the next slice of a log that reaches to `logged`, and sweeps some expired rows.
    ///
    /// # Errors
    /// Why it could not be read or written. Trying again is safe.
    pub fn step(&mut self, logged: Seq) -> Result<(), StoreError> {
        // Taken out, and put back only at the end, so that an error or a panic leaves nothing half-changed.
        let mut kept = self.kept.take();
        if self.file.has_moved() || self.is_suspect {
            self.file = self.store.judge_file()?;
            (kept, self.sweeps, self.is_suspect) = (None, true, false);
        }
        let kept = self.judge_next(logged, kept)?;
        self.sweep()?;
        self.kept = kept;
        Ok(())
    }

    /// Sweeps some expired rows; returns whether there may be more.
    ///
    /// # Errors
    /// Why it could not be written. Trying again is safe.
    pub fn sweep(&mut self) -> Result<bool, StoreError> {
        self.sweeps = self.sweeps && self.file.sweep(self.cursor)?;
        Ok(self.sweeps)
    }

    /// Returns the state that the next step may keep.
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
            let (slice, to) = self.exposures_ahead(&snapshot, exposures_upto)?;
            drop(snapshot);
            self.cursor = self.file.touch(slice, to)?;
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

    /// The next exposures after those that were taken ahead of their turn. Decisions let earlier fires see those up to
    /// `upto`.
    fn exposures_ahead(&self, snapshot: &Snapshot, upto: Seq) -> Result<(Slice, Seq), StoreError> {
        let from = self.cursor.touched.max(self.cursor.seq);
        let to = Seq(from.0.saturating_add(i64::from(self.rows_a_slice)).min(upto.0));
        let mut rules = RuleBook::at(snapshot, from)?;
        let batch = snapshot.exposures(from, to)?;
        Ok((take_exposures(snapshot, &mut rules, self.cursor, batch)?, to))
    }

    /// Writes a slice. Returns false if another process has moved the cursor.
    fn apply(&mut self, decided: Decided) -> Result<bool, StoreError> {
        match self.file.apply(decided.slice)? {
            Applied::Upto(cursor) => {
                self.sweeps = self.sweeps || decided.deletes_segment || cursor.day > self.cursor.day;
                self.cursor = cursor;
                Ok(true)
            }
            Applied::Moved(cursor) => {
                let (from, to) = (self.cursor.seq, cursor.seq);
                tracing::info!(%from, %to, "the judge's cursor was moved; the judge continues from there");
                self.cursor = cursor;
                Ok(false)
            }
        }
    }
}
