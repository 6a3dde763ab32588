//! Has the imported lines judged: by the server that runs, or by this process.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::cli::progress::{Progress, share};
use crate::cli::rebuild;
use crate::domain::{Millis, Reader, Rejudge, Rejudgement, Seq};
use crate::judge::{ROWS_A_SLICE, Worker};
use crate::store::{Store, is_served};

/// How often it looks how far a server's judge has come.
const LOOKS: Duration = Duration::from_millis(50);

/// How often it looks whether a server runs. That touches the server's lock.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long a server's judge may make no progress before this process judges, too.
const STILL: Duration = Duration::from_secs(2);

/// Whether a server runs on a data directory.
pub(super) struct Served<'a> {
    directory: &'a Path,
    looked: Instant,
    is_served: bool,
}

impl<'a> Served<'a> {
    pub(super) fn of(directory: &'a Path) -> Self {
        Served { directory, looked: Instant::now(), is_served: is_served(directory) }
    }

    /// Looks once a second.
    pub(super) fn now(&mut self) -> bool {
        if self.looked.elapsed() > LOOK_AGAIN {
            *self = Served::of(self.directory);
        }
        self.is_served
    }
}

/// Whether an earlier decision let exposures from this time on, up to this place, earn credit for the fires before them.
pub(super) async fn is_rejudged(store: &Store, by: &Reader, from: Millis, upto: Seq) -> anyhow::Result<bool> {
    let taken = store.rejudgements(by).await?;
    let covers = |taken: &Rejudgement| taken.decision.exposures && taken.decision.from <= from && taken.upto >= upto;
    Ok(taken.0.iter().any(covers))
}

/// Derives everything again, so that fires from this time on see every exposure of the log.
pub(super) async fn rejudge(store: &Store, from: Millis) -> anyhow::Result<()> {
    let store = store.clone();
    let decision = Rejudge { from, settings: false, exposures: true };
    let done = tokio::task::spawn_blocking(move || rebuild::rebuild(&store, Some(decision))).await?;
    done.context("the lines are appended, but not judged; run it again to go on")
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
        if served.now() && seen.1.elapsed() < STILL {
            tokio::time::sleep(LOOKS).await;
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
    stepped.context("the judge stopped")?.context("the lines are appended, but cannot be judged; run it again to go on")
}
