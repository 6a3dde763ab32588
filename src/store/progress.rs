//! How far the log reaches, and the troubles that keep the writer, the checkpointer or the judge from their work.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use tokio::sync::watch;

use super::data_directory::ClaimLock;
use super::disk_watch::DiskWatch;
use super::losses::{LossCounter, LostByHour};
use super::writer::thread::CommitHooks;
use super::{StoreError, Troubles};
use crate::domain::{Millis, Seq};

/// How far the log reaches, for a thread that waits for more of it.
pub(super) struct Progress {
    state: Mutex<State>,
    moved: Condvar,
    /// Changes with every commit, and when commits begin to fail. For tasks, which cannot block.
    pub(super) commits: watch::Sender<()>,
    pub(super) troubles: Troubles,
    pub(super) checkpoints: Troubles,
    pub(super) judging: Troubles,
    pub(super) losses: LossCounter,
    pub(super) disk: DiskWatch,
    /// Why nothing may be written, and since when: the log's file is damaged, or the directory is another server's.
    refusal: Mutex<Option<(Millis, StoreError)>>,
    claim: OnceLock<Weak<ClaimLock>>,
}

#[derive(Clone, Copy)]
struct State {
    seq: Seq,
    is_stopped: bool,
}

impl Progress {
    pub(super) fn new(seq: Seq) -> Self {
        Progress {
            state: Mutex::new(State { seq, is_stopped: false }),
            moved: Condvar::new(),
            commits: watch::Sender::new(()),
            troubles: Troubles::new("a commit failed; nothing of it was taken", "commits succeed again"),
            checkpoints: Troubles::new(
                "a checkpoint failed, or a check for changes by other processes; pixeld tries again",
                "checkpoints succeed again",
            ),
            judging: Troubles::new("the judge could not continue; it tries again", "the judge continues"),
            losses: LossCounter::default(),
            disk: DiskWatch::default(),
            refusal: Mutex::default(),
            claim: OnceLock::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Seq {
        self.state().seq
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    pub(super) fn stop(&self) {
        self.state().is_stopped = true;
        self.moved.notify_all();
    }

    /// Waits until the log reaches past `seen`, or `turned` returns true. None once it is stopped and reaches no further.
    pub(super) fn wait_past(&self, seen: Seq, turned: impl Fn() -> bool) -> Option<Seq> {
        let waiting = |state: &mut State| state.seq <= seen && !state.is_stopped && !turned();
        let state = self.moved.wait_while(self.state(), waiting);
        let State { seq, is_stopped } = *state.unwrap_or_else(PoisonError::into_inner);
        (seq > seen || !is_stopped).then_some(seq)
    }

    fn refusal(&self) -> MutexGuard<'_, Option<(Millis, StoreError)>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes commits fail until [`Progress::allow`].
    pub(super) fn refuse(&self, at: Millis, error: StoreError) {
        self.refusal().get_or_insert((at, error));
    }

    /// Lets commits go on: a fresh connection finds the log's file sound.
    pub(super) fn allow(&self) {
        *self.refusal() = None;
    }

    pub(super) fn set_claim(&self, claim: Weak<ClaimLock>) {
        let _ = self.claim.set(claim);
    }

    /// Keeps the server's claim to the directory, if this process serves.
    pub(super) fn keep_claim(&self, at: Millis) -> Result<(), StoreError> {
        let Some(claim) = self.claim.get().and_then(Weak::upgrade) else { return Ok(()) };
        if claim.keep()? {
            return Ok(());
        }
        let error = StoreError::Unavailable("another pixeld serves from its directory; stop one of the two".into());
        self.refuse(at, error.clone());
        Err(error)
    }

    /// Since when nothing may be written, or the writer has failed by a fault.
    pub(super) fn faulty_since(&self) -> Option<Millis> {
        let refused = self.refusal().as_ref().map(|(since, _)| *since);
        let writer = self.troubles.now().filter(|trouble| trouble.is_fault).map(|trouble| trouble.since);
        refused.into_iter().chain(writer).min()
    }

    /// Notes that the log reaches to `logged`, whichever process wrote it.
    pub(super) fn reaches(&self, logged: Seq) {
        let mut state = self.state();
        if logged > state.seq {
            state.seq = logged;
            self.moved.notify_all();
        }
        drop(state);
        self.commits.send_replace(());
    }

    /// Wakes the waiting threads, so that they check `turned` again.
    pub(super) fn turn(&self) {
        // A thread that just checked it holds the lock until it waits. So it does not miss this.
        drop(self.state());
        self.moved.notify_all();
    }
}

impl CommitHooks for Arc<Progress> {
    fn check(&self) -> Result<(), StoreError> {
        self.refusal().as_ref().map_or(Ok(()), |(_, error)| Err(error.clone()))
    }

    fn lost(&self) -> LostByHour {
        self.losses.unwritten()
    }

    fn recorded(&self, lost: &LostByHour, now: Millis) {
        self.losses.written(lost, now);
    }

    fn committed(&self, logged: Seq) {
        self.troubles.ended();
        self.reaches(logged);
    }

    fn failed(&self, at: Millis, error: &StoreError, rows: usize) {
        if self.troubles.failed(at, error, rows) {
            self.commits.send_replace(());
        }
    }
}
