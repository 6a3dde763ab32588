//! The one writer: a thread that owns the only writing connection. It commits all waiting rows in one synced transaction
//! (group commit), and answers their senders only after the commit. This file is the handle, `thread.rs` has the thread,
//! and `queue.rs` has the queue.
//!
//! Overload. The queue of rows is bounded ([`MAX_WAITING`]). A full queue refuses a row at once with
//! [`StoreError::Overloaded`], which the web answers with 503 and `Retry-After`. Edits and imports have a bounded queue of
//! their own. Each batch takes rows first, and then a few tasks, so a long import cannot hold up collection.
//!
//! Failures. A task runs in a savepoint, so a failed task is undone alone. The writer stores a row even if its sender is
//! gone. A failed commit answers every waiter with the error, and the thread continues: once the disk has room, commits
//! succeed again. After a panic the thread continues with a new connection. If it ever ends otherwise, all present and
//! later senders get an error.
//!
//! Gathering. While one commit syncs, the next batch gathers. Under load it gathers a moment longer (half a millisecond at
//! most), until half of the senders that were answered or wait are back. The other half arrives while it syncs, and a
//! commit of thirty rows costs as much as one of a single row. A single row never waits.
//!
//! Other processes. `pixeld import` appends too. SQLite lets one process write at a time, and each reads the log's end
//! again if another has written since.

mod append;
mod queue;
mod replies;
pub mod thread;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::StoreError;
use super::catalog::Catalog;
use super::log::row::LogRow;
use super::tx::Tx;
use crate::clock::Clock;
use crate::domain::{Rejected, Seq};
use queue::{Append, ClosesQueue, MAX_WAITING, Queue};
use replies::Waiter;
use thread::{CommitHooks, WriterThread};

/// The result of a commit, for the sender that waits for it.
pub(super) type Receiver<T> = oneshot::Receiver<Result<T, StoreError>>;

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
        hooks: Box<dyn CommitHooks>,
    ) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::default());
        let mut thread = WriterThread::open(file, clock, catalog, hooks, queue.clone())?;
        let closes_queue = ClosesQueue(queue.clone());
        let handle = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                let _closes_queue = closes_queue;
                thread.run();
            })
            .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        Ok(Writer { queue, thread: Mutex::new(Some(handle)) })
    }

    /// Queues a log row. The receiver gets its number once it is committed and synced.
    pub(super) fn append(&self, row: LogRow) -> Result<Receiver<Seq>, StoreError> {
        let (waiter, receiver) = Waiter::new();
        self.queue.append(Append::Row(row, waiter))?;
        Ok(receiver)
    }

    /// Queues a rejected request.
    pub(super) fn reject(&self, rejected: Rejected) -> Result<Receiver<()>, StoreError> {
        let (waiter, receiver) = Waiter::new();
        self.queue.append(Append::Rejected(Box::new(rejected), waiter))?;
        Ok(receiver)
    }

    /// Queues a task. The receiver gets its result once it is committed.
    pub(super) fn submit<T, F>(&self, work: F) -> Result<Receiver<T>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.queue.submit(work)
    }

    /// A call that queues this task and waits for nothing.
    pub(super) fn caller_of(
        &self,
        task: fn(&mut Tx<'_>) -> Result<(), StoreError>,
    ) -> impl Fn() -> Result<(), StoreError> + Send + 'static {
        let queue = self.queue.clone();
        move || queue.submit(task).map(drop)
    }

    /// How many rows wait.
    pub(super) fn depth(&self) -> usize {
        self.queue.depth()
    }

    /// Whether bulk senders should wait before they queue more rows. The other half of the queue is for live requests.
    pub(super) fn is_half_full(&self) -> bool {
        self.depth() >= MAX_WAITING / 2
    }

    /// Whether the thread runs.
    pub(super) fn is_alive(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Refuses further work, commits and answers what waits, and closes the database.
    pub(super) fn stop(&self) {
        self.queue.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::domain::{Flags, Millis, SegmentLoad, TagKind};
    use crate::store::db::connect;
    use crate::store::losses::LostByHour;

    /// Panics at the first commit.
    struct PanicsOnce(AtomicBool, Arc<Mutex<Vec<String>>>);

    impl CommitHooks for PanicsOnce {
        fn check(&self) -> Result<(), StoreError> {
            Ok(())
        }

        fn lost(&self) -> LostByHour {
            LostByHour::new()
        }

        fn recorded(&self, _: &LostByHour, _: Millis) {}

        fn committed(&self, _: Seq) {
            assert!(self.0.swap(true, Ordering::SeqCst), "the first commit");
        }

        fn failed(&self, _: Millis, error: &StoreError, _: usize) {
            self.1.lock().unwrap().push(error.cause());
        }
    }

    /// Does nothing.
    struct NoHooks;

    impl CommitHooks for NoHooks {
        fn check(&self) -> Result<(), StoreError> {
            Ok(())
        }

        fn lost(&self) -> LostByHour {
            LostByHour::new()
        }

        fn recorded(&self, _: &LostByHour, _: Millis) {}

        fn committed(&self, _: Seq) {}

        fn failed(&self, _: Millis, _: &StoreError, _: usize) {}
    }

    fn load() -> LogRow {
        LogRow::SegmentLoad(Box::new(SegmentLoad {
            at: Millis(0),
            visitor_id: None,
            flags: Flags::default(),
            tag: TagKind::Image,
            segments: Vec::new(),
            warnings: Vec::new(),
            query: String::new(),
            referer: None,
            user_agent: None,
            ip: None,
        }))
    }

    fn rejected() -> Rejected {
        let (method, path, reason) = ("GET".to_owned(), "/px".to_owned(), "bad_id".to_owned());
        let (message, query) = (String::new(), String::new());
        Rejected { at: Millis(0), method, path, reason, message, query, referer: None, ip: None }
    }

    #[tokio::test]
    async fn rejected_requests_take_no_number_of_the_rows_beside_them() {
        let directory = tempfile::TempDir::new().unwrap();
        let clock = Clock::fixed(Millis(0));
        let file = directory.path().join("log");
        connect::open_log(&file, || Ok(())).unwrap();
        let writer = Writer::start(&file, clock, Arc::default(), Box::new(NoHooks)).unwrap();
        let mut numbers = Vec::new();
        for _ in 0..20 {
            // Each round waits in the queue together, so that batches mix both.
            let rounds: Vec<_> =
                (0..3).map(|_| (writer.reject(rejected()).unwrap(), writer.append(load()).unwrap())).collect();
            for (rejection, row) in rounds {
                super::super::answer(rejection).await.unwrap();
                numbers.push(super::super::answer(row).await.unwrap().0);
            }
        }
        assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_the_writer_goes_on() {
        let directory = tempfile::TempDir::new().unwrap();
        let (file, failures) = (directory.path().join("log"), Arc::default());
        connect::open_log(&file, || Ok(())).unwrap();
        let hooks = Box::new(PanicsOnce(AtomicBool::new(false), Arc::clone(&failures)));
        let clock = Clock::fixed(Millis(0));
        let writer = Writer::start(&file, clock, Arc::default(), hooks).unwrap();
        let write = async || super::super::answer(writer.submit(|tx| Ok(tx.next_seq())).unwrap()).await;
        let error = write().await.unwrap_err();
        assert_eq!((error.cause().as_str(), writer.is_alive()), ("the writer has stopped", true));
        assert_eq!(write().await.unwrap(), Seq(1));
        assert_eq!(*failures.lock().unwrap(), ["the writer panicked; see the log"]);
    }

    #[tokio::test]
    async fn a_thread_that_ends_answers_all_who_wait() {
        let (queue, thread) = (Arc::new(Queue::default()), Mutex::new(None));
        let writer = Writer { queue: queue.clone(), thread };
        let closes_queue = ClosesQueue(queue);
        let waits = writer.submit(|_| Ok(())).unwrap();
        drop(closes_queue);
        let error = super::super::answer(waits).await.unwrap_err();
        assert_eq!(error.cause(), "the writer has stopped");
        assert!(matches!(writer.submit(|_| Ok(())), Err(StoreError::Unavailable(_))));
        assert!(!writer.is_alive());
    }
}
