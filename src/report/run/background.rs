//! Runs in the background: how far each is, how it ended, and how to cancel it. Memory alone holds them. It knows
//! nothing of reports.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::domain::Scope;

/// How far a run is. The run itself counts it up.
#[derive(Debug, Default)]
pub(in crate::report) struct ProgressCounter {
    rows: AtomicU64,
    /// Percent plus one; zero while the run cannot tell.
    percent: AtomicU32,
}

impl ProgressCounter {
    /// Counts the rows that were read, and sets how far the run is.
    pub(in crate::report) fn more(&self, rows: u64, percent: Option<u32>) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        if let Some(percent) = percent {
            self.percent.store(percent.min(100) + 1, Ordering::Relaxed);
        }
    }

    fn reached(&self) -> RunProgress {
        RunProgress {
            rows: self.rows.load(Ordering::Relaxed),
            percent: self.percent.load(Ordering::Relaxed).checked_sub(1),
        }
    }
}

/// How far a run is, as a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunProgress {
    /// Rows that were read.
    pub rows: u64,
    /// Percent of the way; none where the run cannot tell.
    pub percent: Option<u32>,
}

/// Where a run is between its start and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) enum Stage<T> {
    /// It waits for its turn, or is under way.
    Running(RunProgress),
    /// It ended with this.
    Ended(T),
    /// A user, or a later run, cancelled it.
    Cancelled,
}

struct Run<T> {
    id: String,
    scope: Scope,
    progress: Arc<ProgressCounter>,
    abort: AbortHandle,
    outcome: watch::Receiver<Option<T>>,
}

/// Runs, the latest last.
pub(in crate::report) struct BackgroundRuns<T> {
    runs: Mutex<VecDeque<Run<T>>>,
    /// How many ended runs to remember.
    most: usize,
    /// How many runs of one scope may be under way; one more cancels the oldest.
    most_at_once: Option<usize>,
}

impl<T: Clone + Send + Sync + 'static> BackgroundRuns<T> {
    /// No runs yet. Remembers at most `most` that have ended.
    pub(in crate::report) fn new(most: usize) -> Self {
        BackgroundRuns { runs: Mutex::new(VecDeque::new()), most, most_at_once: None }
    }

    /// Caps the runs under way for each scope. Starting one more cancels the oldest.
    pub(in crate::report) fn at_once(self, most: usize) -> Self {
        BackgroundRuns { most_at_once: Some(most), ..self }
    }

    /// Starts a run. Only callers of this scope can follow it.
    pub(in crate::report) fn start<F>(&self, id: String, scope: Scope, work: impl FnOnce(Arc<ProgressCounter>) -> F)
    where
        F: Future<Output = T> + Send + 'static,
    {
        let progress = Arc::new(ProgressCounter::default());
        let work = work(progress.clone());
        let (ended, outcome) = watch::channel(None);
        let task = tokio::spawn(async move {
            let outcome = work.await;
            ended.send_replace(Some(outcome));
        });
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(most) = self.most_at_once {
            let running: Vec<_> = runs.iter().filter(|run| run.scope == scope && !run.has_ended()).collect();
            let surplus = (running.len() + 1).saturating_sub(most);
            running.iter().take(surplus).for_each(|run| run.abort.abort());
        }
        runs.push_back(Run { id, scope, progress, abort: task.abort_handle(), outcome });
        let mut surplus = runs.iter().filter(|run| run.has_ended()).count().saturating_sub(self.most);
        runs.retain(|run| {
            let is_surplus = surplus > 0 && run.has_ended();
            surplus -= usize::from(is_surplus);
            !is_surplus
        });
    }

    /// How far a run is, once it has ended or `patience` is over. None for an unknown run, or one of another scope.
    pub(in crate::report) async fn stage(&self, scope: Scope, id: &str, patience: Duration) -> Option<Stage<T>> {
        let (mut outcome, progress) = {
            let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
            let run = runs.iter().find(|run| run.id == id && run.scope == scope)?;
            (run.outcome.clone(), run.progress.clone())
        };
        let ended = tokio::time::timeout(patience, outcome.wait_for(Option::is_some)).await;
        Some(match ended {
            Err(_) => Stage::Running(progress.reached()),
            // Its task was dropped before it sent anything.
            Ok(Err(_)) => Stage::Cancelled,
            Ok(Ok(outcome)) => outcome.clone().map_or(Stage::Cancelled, Stage::Ended),
        })
    }

    /// The ids of the runs under way.
    pub(in crate::report) fn running(&self) -> Vec<String> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.iter().filter(|run| !run.has_ended()).map(|run| run.id.clone()).collect()
    }

    /// Cancels a run. False if it has ended, is unknown, or is of another scope.
    pub(in crate::report) fn cancel(&self, scope: Scope, id: &str) -> bool {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(run) = runs.iter().find(|run| run.id == id && run.scope == scope) else { return false };
        let was_running = !run.has_ended();
        run.abort.abort();
        was_running
    }
}

impl<T> Run<T> {
    fn has_ended(&self) -> bool {
        self.outcome.borrow().is_some() || self.abort.is_finished()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::domain::AdvertiserId;

    const AT_ONCE: Duration = Duration::ZERO;
    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_run_is_followed_to_its_end_by_its_own_callers_alone() {
        let runs = BackgroundRuns::new(8);
        let (go, waits) = oneshot::channel::<()>();
        runs.start("a".to_owned(), Scope::All, |progress| async move {
            progress.more(5_000, Some(40));
            let _ = waits.await;
            7
        });
        let other = Scope::Advertiser(AdvertiserId(1));
        assert_eq!(runs.stage(other, "a", AT_ONCE).await, None);
        assert_eq!(runs.stage(Scope::All, "b", AT_ONCE).await, None);
        assert!(!runs.cancel(other, "a"));
        tokio::task::yield_now().await;
        let running = RunProgress { rows: 5_000, percent: Some(40) };
        assert_eq!(runs.stage(Scope::All, "a", AT_ONCE).await, Some(Stage::Running(running)));
        go.send(()).unwrap();
        assert_eq!(runs.stage(Scope::All, "a", PATIENCE).await, Some(Stage::Ended(7)));
        assert!(!runs.cancel(Scope::All, "a"), "it has ended");
    }

    #[tokio::test]
    async fn a_cancelled_run_says_so_at_once() {
        let runs = BackgroundRuns::<()>::new(8);
        runs.start("a".to_owned(), Scope::All, |_| std::future::pending());
        assert!(runs.cancel(Scope::All, "a"));
        assert_eq!(runs.stage(Scope::All, "a", PATIENCE).await, Some(Stage::Cancelled));
    }

    #[tokio::test]
    async fn of_too_many_at_once_the_oldest_goes() {
        let runs = BackgroundRuns::<()>::new(8).at_once(2);
        let other = Scope::Advertiser(AdvertiserId(1));
        for (id, scope) in [("a", Scope::All), ("b", other), ("c", Scope::All), ("d", Scope::All)] {
            runs.start(id.to_owned(), scope, |_| std::future::pending());
        }
        assert_eq!(runs.stage(Scope::All, "a", PATIENCE).await, Some(Stage::Cancelled));
        for (id, scope) in [("b", other), ("c", Scope::All), ("d", Scope::All)] {
            assert_eq!(runs.stage(scope, id, AT_ONCE).await, Some(Stage::Running(RunProgress::default())), "{id}");
        }
    }

    #[tokio::test]
    async fn the_oldest_that_have_ended_are_forgotten() {
        let runs = BackgroundRuns::new(2);
        runs.start("slow".to_owned(), Scope::All, |_| std::future::pending());
        for id in ["a", "b", "c", "d"] {
            runs.start(id.to_owned(), Scope::All, |_| async { 1 });
            assert!(runs.stage(Scope::All, id, PATIENCE).await.is_some());
        }
        assert_eq!(runs.stage(Scope::All, "a", AT_ONCE).await, None);
        assert!(runs.stage(Scope::All, "d", AT_ONCE).await.is_some());
        assert!(runs.cancel(Scope::All, "slow"), "what runs is kept");
    }
}
