//! The one writer: a thread that owns the only connection that writes. Everything waiting goes into one synced
//! transaction (group commit), and each answer goes out after the commit, never before.
//!
//! Overload policy. The queue of log rows is bounded ([`MAX_WAITING`]): a row that finds it full is refused at once
//! with [`StoreError::Overloaded`] (503 with `Retry-After` outside) and is never counted as taken. Edits and the
//! judge's work have a bounded queue of their own; log rows go first in every batch, and a batch takes few of these
//! tasks, so that a long import cannot hold up collection. A task runs in a savepoint: one that fails is undone alone.
//! A caller that has gone away is ignored; its row is stored all the same. A failed commit answers every waiter
//! with the error, and the thread goes on: when the disk has room again, so has the queue. So does a panic, after which
//! it goes on with a fresh connection; and should the thread ever end otherwise, all who wait or come are told so.
//!
//! While one commit syncs, the next batch gathers by itself. Under load it gathers a moment longer, until half of those
//! who were answered or wait are there again ([`GATHERING`] at most): a commit costs the same for thirty rows as for one,
//! and while it syncs the other half comes in. A row that comes alone never waits.
//!
//! Another process may append too (`pixeld import`): SQLite lets one of them write at a time, and each reads anew where
//! the log ends if the other has written since.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::answers::{self, Waiter};
use super::catalog::{Catalog, Change};
use super::log::LogRow;
use super::presence::Presence;
use super::{StoreError, checkpoint, connect, gone, log, parties};
use crate::clock::Clock;
use crate::domain::{Millis, Seq};

/// The most log rows that may wait.
pub const MAX_WAITING: usize = 16_384;
/// The most tasks (edits, the judge's work) that may wait.
const MAX_TASKS: usize = 1_024;
/// The most log rows in one transaction.
const MAX_BATCH: usize = 1_024;
/// The most tasks in one transaction.
const MAX_TASKS_A_BATCH: usize = 4;

/// How long a batch gathers at most, while other senders are known to be about.
const GATHERING: Duration = Duration::from_micros(500);

/// A write transaction, as a task sees it.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub(super) conn: &'a Connection,
    /// The time of this batch.
    pub(super) now: Millis,
    next_seq: &'a mut i64,
    changes: &'a mut Vec<Change>,
}

impl Tx<'_> {
    /// Takes the next place in the log.
    pub(super) fn next_seq(&mut self) -> Seq {
        let seq = *self.next_seq;
        *self.next_seq += 1;
        Seq(seq)
    }

    /// Notes a definition that tags depend on; the catalog follows after the commit.
    pub(super) fn changed(&mut self, change: Change) {
        self.changes.push(change);
    }
}

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

struct Append {
    row: LogRow,
    waiter: Waiter,
}

/// A closure that writes, with somebody waiting for its result.
trait Task: Send {
    /// Runs it; true keeps what it wrote.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Answers whoever waits, once the commit held or failed.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

type Tasks = Vec<Box<dyn Task>>;

struct Job<F, T> {
    work: Option<F>,
    result: Result<T, StoreError>,
    reply: Reply<T>,
}

impl<F, T> Task for Job<F, T>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        if let Some(work) = self.work.take() {
            // A panic in one task must not end the writer that everybody depends on.
            self.result = catch_unwind(AssertUnwindSafe(|| work(tx)))
                .unwrap_or_else(|_| Err(StoreError::fault("a write task panicked; see the log")));
        }
        self.result.is_ok()
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let result = self.result.and_then(|value| commit.map(|()| value));
        let _ = self.reply.send(result);
    }
}

#[derive(Default)]
struct Waiting {
    appends: Vec<Append>,
    tasks: VecDeque<Box<dyn Task>>,
    /// The writer sleeps until so many rows wait.
    wanted: usize,
    closed: bool,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by the thread: however it ends, nobody waits for it any longer.
struct Serving(Arc<Queue>);

impl Drop for Serving {
    fn drop(&mut self) {
        // Whose answer is dropped is told that the writer has stopped; that happens outside the lock.
        let left = std::mem::replace(&mut *self.0.lock(), Waiting { closed: true, ..Waiting::default() });
        drop(left);
    }
}

/// Who is told of each commit.
pub(super) trait Followers: Send {
    /// Whether anything may be written; asked before each commit.
    fn allow(&self) -> Result<(), StoreError>;
    /// The log now reaches to `logged`.
    fn committed(&self, logged: Seq);
    /// A commit with so many rows failed, and nothing of it was taken.
    fn failed(&self, at: Millis, error: &StoreError, rows: usize);
}

/// A handle to the writer's thread.
pub(super) struct Writer {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Opens the writing connection and starts the thread.
    pub(super) fn start(
        file: &Path,
        clock: Clock,
        catalog: Arc<Catalog>,
        followers: Box<dyn Followers>,
    ) -> Result<Self, StoreError> {
        let conn = connect::for_writing(file)?;
        let next_seq = log::last_seq(&conn)?.0 + 1;
        let presence = Presence::of(file)?;
        let queue = Arc::new(Queue::default());
        let mut thread = WriterThread {
            file: file.to_owned(),
            presence,
            conn,
            starts_afresh: false,
            clock,
            catalog,
            followers,
            queue: queue.clone(),
            next_seq,
            answered: 0,
            others: checkpoint::UNKNOWN,
            rejected: HashMap::new(),
        };
        let handle = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                let _serving = Serving(thread.queue.clone());
                thread.run();
            })
            .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        Ok(Writer { queue, thread: Mutex::new(Some(handle)) })
    }

    /// Queues a log row; the receiver gets its place once it is committed and synced.
    pub(super) fn append(&self, row: LogRow) -> Result<oneshot::Receiver<Result<Seq, StoreError>>, StoreError> {
        let (waiter, receiver) = Waiter::new();
        let mut waiting = self.queue.lock();
        if waiting.closed {
            return Err(gone());
        }
        if waiting.appends.len() >= MAX_WAITING {
            return Err(StoreError::Overloaded);
        }
        waiting.appends.push(Append { row, waiter });
        let are_enough = waiting.appends.len() == waiting.wanted;
        drop(waiting);
        if are_enough {
            self.queue.wake.notify_one();
        }
        Ok(receiver)
    }

    /// Queues a task; the receiver gets its result once it is committed.
    pub(super) fn submit<T, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        let result = Err(StoreError::fault("the task did not run"));
        let task = Box::new(Job { work: Some(work), result, reply });
        let mut waiting = self.queue.lock();
        if waiting.closed {
            return Err(gone());
        }
        if waiting.tasks.len() >= MAX_TASKS {
            return Err(StoreError::Overloaded);
        }
        waiting.tasks.push_back(task);
        drop(waiting);
        self.queue.wake.notify_one();
        Ok(receiver)
    }

    /// How many log rows wait.
    pub(super) fn depth(&self) -> usize {
        self.queue.lock().appends.len()
    }

    /// Whether the thread runs.
    pub(super) fn is_alive(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Takes nothing more, commits and answers what waits, and closes the database.
    pub(super) fn stop(&self) {
        self.queue.lock().closed = true;
        self.queue.wake.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

struct WriterThread {
    file: PathBuf,
    presence: Presence,
    conn: Connection,
    /// Whether a panic has left the connection as nobody knows.
    starts_afresh: bool,
    clock: Clock,
    catalog: Arc<Catalog>,
    followers: Box<dyn Followers>,
    queue: Arc<Queue>,
    next_seq: i64,
    /// How many rows the last batch had.
    answered: usize,
    /// What SQLite counts of other connections' commits; see [`WriterThread::catch_up`].
    others: i64,
    /// Rows kept of rejected requests, by hour.
    rejected: HashMap<Millis, u32>,
}

impl WriterThread {
    fn run(&mut self) {
        while let Some((appends, tasks)) = self.next_batch() {
            let rows = appends.len();
            // Who waits for a batch that panics is told so when it is dropped.
            if catch_unwind(AssertUnwindSafe(|| self.take(appends, tasks))).is_err() {
                self.starts_afresh = true;
                self.failed(&StoreError::fault("the writer panicked; see the log"), rows);
            }
        }
    }

    /// Writes a batch and answers it.
    fn take(&mut self, appends: Vec<Append>, mut tasks: Tasks) {
        let mut changes = Vec::new();
        match self.write(&appends, &mut tasks, &mut changes) {
            Ok(seqs) => {
                self.catalog.apply(changes);
                self.followers.committed(Seq(self.next_seq - 1));
                answers::answer(appends.into_iter().zip(seqs).map(|(append, seq)| (append.waiter, Ok(seq))));
                for task in tasks {
                    task.answer(Ok(()));
                }
            }
            Err(error) => {
                self.failed(&error, appends.len());
                answers::answer(appends.into_iter().map(|append| (append.waiter, Err(error.clone()))));
                for task in tasks {
                    task.answer(Err(error.clone()));
                }
            }
        }
    }

    fn failed(&mut self, error: &StoreError, rows: usize) {
        self.others = checkpoint::UNKNOWN;
        // The rows that were counted as kept are not.
        self.rejected.clear();
        self.followers.failed(self.clock.now(), error, rows);
    }

    /// Waits for work; none once the queue is closed and empty.
    fn next_batch(&mut self) -> Option<(Vec<Append>, Tasks)> {
        let mut waiting = self.queue.lock();
        waiting.wanted = 1;
        while waiting.appends.is_empty() && waiting.tasks.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self.queue.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let half = (self.answered + waiting.appends.len()) / 2;
        waiting.wanted = half.min(MAX_BATCH);
        let gathered = self.queue.wake.wait_timeout_while(waiting, GATHERING, |waiting| {
            waiting.appends.len() < waiting.wanted && waiting.tasks.is_empty() && !waiting.closed
        });
        let (mut waiting, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        let most = waiting.appends.len().min(MAX_BATCH);
        let rest = waiting.appends.split_off(most);
        let appends = std::mem::replace(&mut waiting.appends, rest);
        let few = waiting.tasks.len().min(MAX_TASKS_A_BATCH);
        let tasks = waiting.tasks.drain(..few).collect();
        self.answered = most;
        Some((appends, tasks))
    }

    /// Reads where the log ends, if anybody else has written since the last transaction.
    fn catch_up(tx: &Connection, others: &mut i64, next_seq: &mut i64) -> rusqlite::Result<()> {
        let seen = checkpoint::data_version(tx)?;
        if *others != seen {
            *next_seq = log::last_seq(tx)?.0 + 1;
            *others = seen;
        }
        Ok(())
    }

    fn write(
        &mut self,
        appends: &[Append],
        tasks: &mut [Box<dyn Task>],
        changes: &mut Vec<Change>,
    ) -> Result<Vec<Seq>, StoreError> {
        let now = self.clock.now();
        self.presence.check()?;
        self.followers.allow()?;
        if self.starts_afresh {
            self.conn = connect::for_writing(&self.file)?;
            self.catalog.apply(parties::load_catalog(&self.conn)?);
            self.starts_afresh = false;
        }
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Self::catch_up(&tx, &mut self.others, &mut self.next_seq)?;
        let mut seqs = Vec::with_capacity(appends.len());
        for append in appends {
            seqs.push(match &append.row {
                LogRow::Rejected(rejected) => {
                    log::insert_rejected(&tx, rejected, &mut self.rejected)?;
                    Seq(0)
                }
                row => {
                    let seq = Seq(self.next_seq);
                    self.next_seq += 1;
                    log::insert(&tx, seq, row)?;
                    seq
                }
            });
        }
        for task in tasks {
            let (seq_before, changes_before) = (self.next_seq, changes.len());
            tx.execute_batch("SAVEPOINT task")?;
            let mut task_tx = Tx { conn: &tx, now, next_seq: &mut self.next_seq, changes };
            if task.run(&mut task_tx) {
                tx.execute_batch("RELEASE task")?;
            } else {
                tx.execute_batch("ROLLBACK TO task; RELEASE task")?;
                self.next_seq = seq_before;
                changes.truncate(changes_before);
            }
        }
        tx.commit()?;
        Ok(seqs)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// Panics once, when it is told of a commit.
    struct Startled(AtomicBool, Arc<Mutex<Vec<String>>>);

    impl Followers for Startled {
        fn allow(&self) -> Result<(), StoreError> {
            Ok(())
        }

        fn committed(&self, _: Seq) {
            assert!(self.0.swap(true, Ordering::SeqCst), "startled by a commit");
        }

        fn failed(&self, _: Millis, error: &StoreError, _: usize) {
            self.1.lock().unwrap().push(error.cause());
        }
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_the_writer_goes_on() {
        let directory = tempfile::TempDir::new().unwrap();
        let (file, failures) = (directory.path().join("log"), Arc::default());
        connect::open_log(&file).unwrap();
        let followers = Box::new(Startled(AtomicBool::new(false), Arc::clone(&failures)));
        let clock = Clock::fixed(Millis(0));
        let writer = Writer::start(&file, clock, Arc::default(), followers).unwrap();
        let write = async || super::super::answer(writer.submit(|tx| Ok(tx.next_seq())).unwrap()).await;
        let told = write().await.unwrap_err();
        assert_eq!((told.cause().as_str(), writer.is_alive()), ("the writer has stopped", true));
        assert_eq!(write().await.unwrap(), Seq(1));
        assert_eq!(*failures.lock().unwrap(), ["the writer panicked; see the log"]);
    }

    #[tokio::test]
    async fn who_waits_for_a_thread_that_ends_is_told() {
        let (queue, thread) = (Arc::new(Queue::default()), Mutex::new(None));
        let writer = Writer { queue: queue.clone(), thread };
        let serving = Serving(queue);
        let waits = writer.submit(|_| Ok(())).unwrap();
        drop(serving);
        let told = super::super::answer(waits).await.unwrap_err();
        assert_eq!(told.cause(), "the writer has stopped");
        assert!(matches!(writer.submit(|_| Ok(())), Err(StoreError::Unavailable(_))));
        assert!(!writer.is_alive());
    }
}
