//! Waits until a running server has judged the imported lines, or judges them in this process.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::cli::progress::{Progress, share};
use crate::cli::rebuild;
use crate::domain::{Millis, Reader, Rejudge, Rejudgement, Seq};
use crate::judge::{ROWS_A_SLICE, Worker};
use crate::store::{Store, is_served};

/// The time between two checks of the server's progress.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The time between two checks whether a server runs. A check touches the server's lock.
const SERVER_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// After this time without progress of the server's judge, this process judges too.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether a server runs on a data directory.
pub(super) struct Served<'a> {
    directory: &'a Path,
    checked_at: Instant,
    is_served: bool,
}

impl<'a> Served<'a> {
    pub(super) fn of(directory: &'a Path) -> Self {
        Served { directory, checked_at: Instant::now(), is_served: is_served(directory) }
    }

    /// Checks again once a second.
    pub(super) fn now(&mut self) -> bool {
        if self.checked_at.elapsed() > SERVER_CHECK_INTERVAL {
            *self = Served::of(self.directory);
        }
        self.is_served
    }
}

/// Whether an earlier decision lets exposures from this time on and up to this row earn credit for fires before them.
pub(super) async fn is_rejudged(store: &Store, by: &Reader, from: Millis, upto: Seq) -> anyhow::Result<bool> {
    let rejudgements = store.rejudgements(by).await?;
    let covers = |past: &Rejudgement| past.decision.exposures && past.decision.from <= from && past.upto >= upto;
    Ok(rejudgements.0.iter().any(covers))
}

/// Derives everything again, so that fires from this time on see every exposure of the log.
pub(super) async fn rejudge(store: &Store, from: Millis) -> anyhow::Result<()> {
    let store = store.clone();
    let decision = Rejudge { from, settings: false, exposures: true };
    let done = tokio::task::spawn_blocking(move || rebuild::rebuild(&store, Some(decision))).await?;
    done.context("the lines are appended, but not judged; run the import again to continue")
}

/// Waits until the log is judged from `from` up to `to`.
pub(super) async fn judge(store: &Store, served: &mut Served<'_>, from: Seq, to: Seq) -> anyhow::Result<()> {
    let mut progress = Progress::new("Judging", "rows");
    let mut file = store.judge_file()?;
    let mut seen = (from, Instant::now());
    let mut worker = None;
    loop {
        if file.has_moved() {
            file = store.judge_file()?;
        }
        let judged = file.snapshot()?.cursor()?.seq;
        if judged >= to {
            break;
        }
        let rows = |seq: Seq| u64::try_from(seq.0 - from.0).unwrap_or(0);
        progress.at(rows(judged), share(rows(judged), rows(to)));
        if judged > seen.0 {
            seen = (judged, Instant::now());
        }
        if served.now() && seen.1.elapsed() < PATIENCE {
            tokio::time::sleep(POLL_INTERVAL).await;
        } else {
            // Two judges do no harm: each slice is written once.
            worker = Some(step(store, worker.take(), to).await?);
        }
    }
    progress.done("Judged.");
    Ok(())
}

/// Judges a slice of the log in this process.
async fn step(store: &Store, worker: Option<Worker>, to: Seq) -> anyhow::Result<Worker> {
    let mut worker = match worker {
        Some(worker) => worker,
        None => Worker::new(store.clone(), ROWS_A_SLICE)?,
    };
    let stepped = tokio::task::spawn_blocking(move || worker.step(to).map(|()| worker)).await;
    stepped
        .context("the judge stopped")?
        .context("the lines are appended, but cannot be judged; run the import again to continue")
}
