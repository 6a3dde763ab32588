//! The writer's thread: it takes batches from the queue, writes each in one transaction and answers the senders after
//! the commit. The policy is at the head of `writer/mod.rs`.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};

use super::queue::{Append, Queue, Task, Work};
use super::replies;
use crate::clock::Clock;
use crate::domain::{Millis, Seq};
use crate::store::StoreError;
use crate::store::catalog;
use crate::store::catalog::{Catalog, Change};
use crate::store::db::connect;
use crate::store::db::data_version;
use crate::store::db::file_identity::Presence;
use crate::store::log::{end, rejected, rows};
use crate::store::losses;
use crate::store::losses::LostByHour;
use crate::store::tx::Tx;

/// A connection that met a fault is replaced at once, but only once in this time. Meanwhile the writer tries with the
/// present one, so that a load of refused rows costs little.
const REOPEN_EVERY: Duration = Duration::from_secs(1);

/// After a fault the writer tries by itself so often, so that it notices the end of the fault without a request.
const TRY_EVERY: Duration = Duration::from_millis(500);

/// What the store does around each commit.
pub(in crate::store) trait CommitHooks: Send {
    /// Whether anything may be written; asked before each commit.
    fn check(&self) -> Result<(), StoreError>;
    /// The lost requests that no commit has written yet; asked before each commit.
    fn lost(&self) -> LostByHour;
    /// A commit has written the numbers of these lost requests.
    fn recorded(&self, lost: &LostByHour, now: Millis);
    /// The log now reaches to `logged`.
    fn committed(&self, logged: Seq);
    /// A commit with this many rows failed, and nothing of it was taken.
    fn failed(&self, at: Millis, error: &StoreError, rows: usize);
}

pub(in crate::store) struct WriterThread {
    file: PathBuf,
    presence: Presence,
    conn: Connection,
    /// Whether a panic has left the connection in an unknown state.
    needs_reopening: bool,
    /// Whether the connection met an error that may stay with it although its cause is gone.
    is_suspect: bool,
    reopened: Option<Instant>,
    /// Whether the last attempt failed by a fault of the file, which no more room on the disk ends.
    is_faulty: bool,
    clock: Clock,
    catalog: Arc<Catalog>,
    hooks: Box<dyn CommitHooks>,
    queue: Arc<Queue>,
    next_seq: i64,
    /// The number of the last row that was committed here.
    committed: i64,
    /// SQLite's counter of other connections' commits; see [`WriterThread::catch_up`].
    data_version: i64,
    /// Rows kept of rejected requests, by hour.
    rejected: HashMap<Millis, u32>,
}

impl WriterThread {
    pub(in crate::store) fn open(
        file: &Path,
        clock: Clock,
        catalog: Arc<Catalog>,
        hooks: Box<dyn CommitHooks>,
        queue: Arc<Queue>,
    ) -> Result<Self, StoreError> {
        let conn = connect::for_writing(file)?;
        let committed = end::last_seq(&conn)?.0;
        Ok(WriterThread {
            file: file.to_owned(),
            presence: Presence::of(file)?,
            next_seq: committed + 1,
            committed,
            conn,
            needs_reopening: false,
            is_suspect: false,
            reopened: None,
            is_faulty: false,
            clock,
            catalog,
            hooks,
            queue,
            data_version: data_version::UNKNOWN,
            rejected: HashMap::new(),
        })
    }

    /// Writes batches until the queue is closed and empty.
    pub(in crate::store) fn run(&mut self) {
        let mut rows = 0;
        while let Some(work) = self.queue.next_batch(rows, self.is_faulty.then_some(TRY_EVERY)) {
            rows = work.appends.len();
            // Caught here beside each task: a panic outside a task (a hook, the catalog) costs its batch, and must not
            // end the thread that everything depends on. Dropping the batch answers its senders.
            if catch_unwind(AssertUnwindSafe(|| self.take(work))).is_err() {
                self.needs_reopening = true;
                self.failed(&StoreError::fault("the writer panicked; see the log"), rows);
            }
        }
    }

    /// Writes a batch and answers it.
    fn take(&mut self, Work { appends, mut tasks }: Work) {
        let (mut changes, lost) = (Vec::new(), self.hooks.lost());
        match self.write(&appends, &mut tasks, &lost, &mut changes) {
            Ok(seqs) => {
                self.committed = seqs.last().map_or(self.committed, |seq| seq.0);
                self.is_faulty = false;
                self.is_suspect = self.is_suspect || tasks.iter().any(|task| task.may_stick());
                self.catalog.apply(changes);
                self.hooks.committed(Seq(self.next_seq - 1));
                if !lost.is_empty() {
                    self.hooks.recorded(&lost, self.clock.now());
                }
                replies::send(committed(appends, seqs));
                tasks.into_iter().for_each(|task| task.answer(Ok(())));
            }
            Err(error) => {
                self.failed(&error, appends.len());
                replies::send(appends.into_iter().map(|append| append.refuse(error.clone())));
                tasks.into_iter().for_each(|task| task.answer(Err(error.clone())));
            }
        }
    }

    fn failed(&mut self, error: &StoreError, rows: usize) {
        self.data_version = data_version::UNKNOWN;
        // The rows that it counted as kept were not.
        self.rejected.clear();
        self.is_suspect = self.is_suspect || error.may_stick();
        self.is_faulty = matches!(error, StoreError::Fault(_));
        self.hooks.failed(self.clock.now(), error, rows);
    }

    /// Reads the log's end again if another connection has written since the last transaction.
    fn catch_up(tx: &Connection, data_version: &mut i64, next_seq: &mut i64) -> rusqlite::Result<()> {
        let now = data_version::data_version(tx)?;
        if *data_version != now {
            *next_seq = end::last_seq(tx)?.0 + 1;
            *data_version = now;
        }
        Ok(())
    }

    /// Replaces the connection by a fresh one, which knows nothing of errors before.
    fn reopen(&mut self) -> Result<(), StoreError> {
        self.reopened = Some(Instant::now());
        let conn = connect::for_writing(&self.file)?;
        if end::last_seq(&conn)?.0 < self.committed {
            return Err(StoreError::fault(
                "the log's file ends before rows that were answered, as after an older backup; restart the server",
            ));
        }
        self.catalog.apply(catalog::load(&conn)?);
        self.conn = conn;
        (self.needs_reopening, self.is_suspect) = (false, false);
        Ok(())
    }

    /// Writes everything in one transaction; returns the numbers of the log rows.
    fn write(
        &mut self,
        appends: &[Append],
        tasks: &mut [Box<dyn Task>],
        lost: &LostByHour,
        changes: &mut Vec<Change>,
    ) -> Result<Vec<Seq>, StoreError> {
        let now = self.clock.now();
        self.presence.check()?;
        self.hooks.check()?;
        let is_time = self.reopened.is_none_or(|reopened| reopened.elapsed() >= REOPEN_EVERY);
        if self.needs_reopening || (self.is_suspect && is_time) {
            self.reopen()?;
        }
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Self::catch_up(&tx, &mut self.data_version, &mut self.next_seq)?;
        losses::insert(&tx, lost)?;
        let seqs = write_rows(&tx, appends, &mut self.next_seq, &mut self.rejected)?;
        for task in tasks {
            run_task(&mut **task, &mut Tx { conn: &tx, now, next_seq: &mut self.next_seq, changes })?;
        }
        tx.commit()?;
        Ok(seqs)
    }
}

/// Returns the numbers of the log rows, in their order.
fn write_rows(
    tx: &Connection,
    appends: &[Append],
    next_seq: &mut i64,
    rejected_by_hour: &mut HashMap<Millis, u32>,
) -> rusqlite::Result<Vec<Seq>> {
    let mut seqs = Vec::with_capacity(appends.len());
    for append in appends {
        match append {
            Append::Rejected(request, _) => rejected::insert(tx, request, rejected_by_hour)?,
            Append::Row(row, _) => {
                let seq = Seq(*next_seq);
                *next_seq += 1;
                rows::insert(tx, seq, row)?;
                seqs.push(seq);
            }
        }
    }
    Ok(seqs)
}

/// Runs a task in a savepoint, so that one that fails is undone alone.
fn run_task(task: &mut dyn Task, tx: &mut Tx<'_>) -> rusqlite::Result<()> {
    let (seq_before, changes_before) = (*tx.next_seq, tx.changes.len());
    tx.conn.execute_batch("SAVEPOINT task")?;
    if task.run(tx) {
        return tx.conn.execute_batch("RELEASE task");
    }
    *tx.next_seq = seq_before;
    tx.changes.truncate(changes_before);
    tx.conn.execute_batch("ROLLBACK TO task; RELEASE task")
}

/// The answers of a batch that was committed; `seqs` are the numbers of its log rows, in their order.
fn committed(appends: Vec<Append>, seqs: Vec<Seq>) -> impl Iterator<Item = replies::Answer> {
    let mut seqs = seqs.into_iter();
    appends.into_iter().filter_map(move |append| match append {
        Append::Row(_, waiter) => seqs.next().map(|seq| waiter.answer(Ok(seq))),
        Append::Rejected(_, waiter) => Some(waiter.answer(Ok(()))),
    })
}
