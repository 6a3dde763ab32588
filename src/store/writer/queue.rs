//! The writer's bounded queue of log rows, rejected requests and tasks. It puts batches together.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::replies::{Answer, Waiter};
use crate::domain::{Rejected, Seq};
use crate::store::log::row::LogRow;
use crate::store::tx::Tx;
use crate::store::{StoreError, gone};

/// The most rows that may wait.
pub(in crate::store) const MAX_WAITING: usize = 16_384;
/// The most tasks (edits, imports) that may wait.
const MAX_TASKS: usize = 1_024;
/// The most rows in one transaction.
const MAX_BATCH: usize = 1_024;
/// The most tasks in one transaction.
const MAX_TASKS_A_BATCH: usize = 4;

/// The longest time that a batch gathers while other senders are active.
const GATHERING: Duration = Duration::from_micros(500);

/// A waiting row and its sender.
pub(in crate::store) enum Append {
    Row(LogRow, Waiter<Seq>),
    Rejected(Box<Rejected>, Waiter<()>),
}

impl Append {
    /// The answer if nothing of the batch was stored.
    pub(in crate::store) fn refuse(self, error: StoreError) -> Answer {
        match self {
            Append::Row(_, waiter) => waiter.answer(Err(error)),
            Append::Rejected(_, waiter) => waiter.answer(Err(error)),
        }
    }
}

/// A closure that writes. Its sender waits for the result.
pub(in crate::store) trait Task: Send {
    /// Runs it. True keeps what it wrote.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Whether it met an error that may stick to the connection.
    fn may_stick(&self) -> bool;
    /// Answers the sender, once the commit succeeded or failed.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Job<F, T> {
    work: Option<F>,
    result: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Task for Job<F, T>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        if let Some(work) = self.work.take() {
            // Caught here and not only around the batch: a task that panics is undone alone, and the rows and tasks
            // beside it are committed.
            self.result = catch_unwind(AssertUnwindSafe(|| work(tx)))
                .unwrap_or_else(|_| Err(StoreError::fault("a write task panicked; see the log")));
        }
        self.result.is_ok()
    }

    fn may_stick(&self) -> bool {
        self.result.as_ref().is_err_and(StoreError::may_stick)
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let result = match commit {
            // The transaction failed before its turn.
            Err(error) if self.work.is_some() => Err(error),
            commit => self.result.and_then(|value| commit.map(|()| value)),
        };
        let _ = self.reply.send(result);
    }
}

/// The content of one transaction.
pub(in crate::store) struct Work {
    pub(in crate::store) appends: Vec<Append>,
    pub(in crate::store) tasks: Vec<Box<dyn Task>>,
}

#[derive(Default)]
struct Waiting {
    appends: Vec<Append>,
    tasks: VecDeque<Box<dyn Task>>,
    /// The writer sleeps until this many rows wait.
    wanted: usize,
    closed: bool,
}

#[derive(Default)]
pub(in crate::store) struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a row.
    ///
    /// # Errors
    /// [`StoreError::Overloaded`] at [`MAX_WAITING`] rows; the queue is closed.
    pub(in crate::store) fn append(&self, append: Append) -> Result<(), StoreError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(gone());
        }
        if waiting.appends.len() >= MAX_WAITING {
            return Err(StoreError::Overloaded);
        }
        waiting.appends.push(append);
        let are_enough = waiting.appends.len() == waiting.wanted;
        drop(waiting);
        if are_enough {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Queues a task. The receiver gets its result once it is committed.
    ///
    /// # Errors
    /// [`StoreError::Overloaded`] if too many tasks wait; the queue is closed.
    pub(in crate::store) fn submit<T, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        let result = Err(StoreError::fault("the task did not run"));
        let task = Box::new(Job { work: Some(work), result, reply });
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(gone());
        }
        if waiting.tasks.len() >= MAX_TASKS {
            return Err(StoreError::Overloaded);
        }
        waiting.tasks.push_back(task);
        drop(waiting);
        self.wake.notify_one();
        Ok(receiver)
    }

    /// How many rows wait.
    pub(in crate::store) fn depth(&self) -> usize {
        self.lock().appends.len()
    }

    /// Refuses everything from now on. The writer takes what waits already, and ends.
    pub(in crate::store) fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_one();
    }

    /// Waits for the next batch; none once the queue is closed and empty. `last_rows` is the number of rows in the batch
    /// before. It gathers until half as many rows wait as that batch had and now wait together. With a longest wait, the batch
    /// is empty after that time.
    pub(in crate::store) fn next_batch(&self, last_rows: usize, longest: Option<Duration>) -> Option<Work> {
        let mut waiting = self.lock();
        waiting.wanted = 1;
        while waiting.appends.is_empty() && waiting.tasks.is_empty() {
            if waiting.closed {
                return None;
            }
            let Some(longest) = longest else {
                waiting = self.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let (woken, waited) = self.wake.wait_timeout(waiting, longest).unwrap_or_else(PoisonError::into_inner);
            waiting = woken;
            if waited.timed_out() {
                break;
            }
        }
        let half = (last_rows + waiting.appends.len()) / 2;
        waiting.wanted = half.min(MAX_BATCH);
        let gathered = self.wake.wait_timeout_while(waiting, GATHERING, |waiting| {
            waiting.appends.len() < waiting.wanted && waiting.tasks.is_empty() && !waiting.closed
        });
        let (mut waiting, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        let most = waiting.appends.len().min(MAX_BATCH);
        let rest = waiting.appends.split_off(most);
        let appends = std::mem::replace(&mut waiting.appends, rest);
        let few = waiting.tasks.len().min(MAX_TASKS_A_BATCH);
        let tasks = waiting.tasks.drain(..few).collect();
        Some(Work { appends, tasks })
    }
}

/// The writer's thread holds this. However the thread ends, the queue closes and its waiters get an error.
pub(in crate::store) struct ClosesQueue(pub(in crate::store) Arc<Queue>);

impl Drop for ClosesQueue {
    fn drop(&mut self) {
        // Dropping an answer wakes its sender with an error. That happens outside the lock.
        let left = std::mem::replace(&mut *self.0.lock(), Waiting { closed: true, ..Waiting::default() });
        drop(left);
    }
}
