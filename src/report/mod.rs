//! Reports: definitions (which columns, from where), requests for them, their runs in the background, and their files.
//! The API and the pages use the same definitions. It knows nothing of HTTP.

mod bounds;
mod definition;
mod format;
mod request;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use tokio::sync::Semaphore;

use crate::domain::{FieldError, Millis, Reader, ReportRun, ReportStatus};
use crate::store::{REPORTS_AT_ONCE, Store, StoreError, make_directory};

use bounds::Bounds;
pub use bounds::KEPT_RULE;
pub use definition::rows::DEFINITIONS;
pub use definition::{Column, Definition, Kind, Origin, Source};
pub use format::cell::Cell;
pub use format::lines::{LineFormat, Lines};
use request::Work;
pub use request::condition::{Condition, Operator};
pub use request::interval::{INTERVALS, Interval};
pub use request::{FORMATS, Order, Plan, Request};
pub use run::background::RunProgress;
use run::background::{BackgroundRuns, ProgressCounter, Stage};
pub use run::screen::{Drawing, Line, MOST_SHOWN, Screen};

/// How long a report is kept.
const KEPT: i64 = 7 * Millis::DAY;
/// The error of a report that was under way when the program stopped.
const STOPPED: &str = "the server stopped while this report was running; ask for it again";

/// How many finished reports for pages stay in memory.
const MOST_PREVIEWS: usize = 32;
/// How many reports for pages may be under way at once for one advertiser, or for all. Reloading a page starts a new run
/// and abandons the one before.
const PREVIEWS_AT_ONCE: usize = 8;

/// How far a report for a page is.
#[derive(Clone, Debug)]
pub enum PreviewRun {
    /// It waits for its turn, or is under way.
    Running(RunProgress),
    /// Its rows are there.
    Ready(Arc<Screen>),
    /// It failed.
    Failed(StoreError),
    /// A user, or a later run, cancelled it.
    Cancelled,
}

/// Runs reports and keeps their files. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Reports(Arc<Inner>);

struct Inner {
    store: Store,
    directory: PathBuf,
    bounds: Bounds,
    turns: Arc<Semaphore>,
    files: BackgroundRuns<()>,
    previews: BackgroundRuns<Result<Arc<Screen>, StoreError>>,
}

impl Reports {
    /// Keeps its files in `reports` inside the data directory. Reports that were under way when the program stopped have
    /// failed, and their files are removed. Blocks: for the start of the program.
    ///
    /// # Errors
    /// A directory that cannot be created; database faults.
    pub fn start(store: Store, data_dir: &Path) -> Result<Self, StoreError> {
        Self::start_within(store, data_dir, Bounds::STANDARD)
    }

    fn start_within(store: Store, data_dir: &Path, bounds: Bounds) -> Result<Self, StoreError> {
        let directory = data_dir.join("reports");
        make_directory(&directory)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", directory.display()).into()))?;
        store.end_unfinished_reports(STOPPED)?;
        let ready = store.ready_reports_now()?;
        if let Err(error) = format::file::remove_leftovers(&directory, &ready) {
            tracing::warn!(%error, "files of unfinished reports could not be removed");
        }
        let turns = Arc::new(Semaphore::new(REPORTS_AT_ONCE));
        let (files, previews) = (BackgroundRuns::new(0), BackgroundRuns::new(MOST_PREVIEWS).at_once(PREVIEWS_AT_ONCE));
        Ok(Reports(Arc::new(Inner { store, directory, bounds, turns, files, previews })))
    }

    /// Checks a request and begins to run it in the background. Deletes old reports on this occasion.
    ///
    /// # Errors
    /// All that is wrong with the request; [`StoreError::Limit`] if the caller has too many, or the disk too little room.
    pub async fn ask(&self, by: &Reader, request: Request) -> Result<ReportRun, StoreError> {
        let Inner { store, turns, files, bounds, directory, .. } = &*self.0;
        let now = store.clock().now();
        let plan = request.check(now)?;
        self.remove_files(store.forget_report_runs(now.plus(-KEPT)).await?).await?;
        let file = bounds.of_file(directory);
        off_thread(move || file.check_room()).await??;
        let run = request.into_run(plan.format)?;
        let (run, gone) = store.put_report_run(by, run, bounds.runs, files.running()).await?;
        let (reports, by, id, turns) = (self.clone(), *by, run.id.clone(), turns.clone());
        files.start(run.id.clone(), by.scope(), |progress| async move {
            let Ok(_turn) = turns.acquire_owned().await else { return };
            if let Err(error) = reports.run(&by, &id, plan, &progress).await {
                tracing::error!(%error, id, "a report failed");
                let update = reports.0.store.update_report_run(id, ReportStatus::Error, Some(error.to_string()));
                if let Err(error) = update.await {
                    tracing::error!(%error, "the failure of a report could not be saved");
                }
            }
        });
        self.remove_files(gone).await?;
        Ok(run)
    }

    async fn run(&self, by: &Reader, id: &str, plan: Plan, progress: &ProgressCounter) -> Result<(), StoreError> {
        let Inner { store, directory, bounds, .. } = &*self.0;
        store.update_report_run(id.to_owned(), ReportStatus::Processing, None).await?;
        let file = bounds.of_file(directory);
        let (file, rows, size) = run::run(store, by, plan, directory.join(id), file, progress).await?;
        file.keep();
        let gone = store.end_report_run(id.to_owned(), rows, size, bounds.runs.bytes).await?;
        self.remove_files(gone).await
    }

    /// Waits until a report's file is written, for `patience` at most. Also returns its progress while it is under way.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it.
    pub async fn follow(
        &self,
        by: &Reader,
        id: &str,
        patience: Duration,
    ) -> Result<(ReportRun, Option<RunProgress>), StoreError> {
        self.get(by, id).await?;
        match self.0.files.stage(by.scope(), id, patience).await {
            Some(Stage::Running(reached)) => Ok((self.get(by, id).await?, Some(reached))),
            Some(Stage::Ended(()) | Stage::Cancelled) | None => Ok((self.get(by, id).await?, None)),
        }
    }

    /// Cancels a report that is under way, for a file or for a page. `whom` is the name of the user who cancels it. A report
    /// that has ended stays as it is.
    ///
    /// # Errors
    /// Database faults.
    pub async fn cancel(&self, by: &Reader, id: &str, whom: &str) -> Result<(), StoreError> {
        let Inner { store, directory, files, previews, .. } = &*self.0;
        previews.cancel(by.scope(), id);
        if !files.cancel(by.scope(), id) {
            return Ok(());
        }
        // The run removes its file, unless it was just about to say that the file is ready.
        let path = directory.join(id);
        off_thread(move || drop(fs::remove_file(path))).await?;
        store.update_report_run(id.to_owned(), ReportStatus::Error, Some(format!("cancelled by {whom}"))).await
    }

    /// Checks a request and begins to run it for a page. `figure` is the column for its drawing. Returns its id.
    ///
    /// # Errors
    /// All that is wrong with the request.
    pub fn start_preview(&self, by: &Reader, request: &Request, figure: Option<&str>) -> Result<String, StoreError> {
        let Inner { store, turns, previews, .. } = &*self.0;
        let plan = request.check(store.clock().now())?;
        let id = format::file::fresh_id()?;
        let (store, by, turns, figure) = (store.clone(), *by, turns.clone(), figure.map(str::to_owned));
        previews.start(id.clone(), by.scope(), |progress| async move {
            let _turn = turns.acquire_owned().await.map_err(StoreError::fault)?;
            let screen = match plan.work.clone() {
                Work::Sums(sums) => run::screen_sums::run(&store, &by, plan, sums, figure, &progress).await,
                Work::Scan(query) => run::screen_rows::run(&store, &by, plan, query, &progress).await,
            };
            screen.map(Arc::new).inspect_err(|error| tracing::error!(%error, "a report for a page failed"))
        });
        Ok(id)
    }

    /// How far a report for a page is, once it has ended or `patience` is over. None if it is no longer in memory.
    pub async fn preview_status(&self, by: &Reader, id: &str, patience: Duration) -> Option<PreviewRun> {
        Some(match self.0.previews.stage(by.scope(), id, patience).await? {
            Stage::Running(reached) => PreviewRun::Running(reached),
            Stage::Ended(Ok(screen)) => PreviewRun::Ready(screen),
            Stage::Ended(Err(error)) => PreviewRun::Failed(error),
            Stage::Cancelled => PreviewRun::Cancelled,
        })
    }

    /// Waits for the reports under way, and holds further ones back while the returned value lives.
    pub async fn hold(&self) -> impl Send + Sync + use<> {
        let all = u32::try_from(REPORTS_AT_ONCE).unwrap_or(u32::MAX);
        self.0.turns.clone().acquire_many_owned(all).await
    }

    async fn remove_files(&self, ids: Vec<String>) -> Result<(), StoreError> {
        let directory = self.0.directory.clone();
        off_thread(move || {
            for id in ids {
                // A file that is gone, or that cannot be removed, must not stop a new report.
                let _ = fs::remove_file(directory.join(&id));
            }
        })
        .await
    }

    /// How far a report has come.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it.
    pub async fn get(&self, by: &Reader, id: &str) -> Result<ReportRun, StoreError> {
        self.0.store.report_run(by, id).await
    }

    /// The latest reports, newest first.
    ///
    /// # Errors
    /// Database faults.
    pub async fn latest(&self, by: &Reader, most: u32) -> Result<Vec<ReportRun>, StoreError> {
        self.0.store.report_runs(by, most).await
    }

    /// A report that is ready, and its open file.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] while it is not ready.
    pub async fn open(&self, by: &Reader, id: &str) -> Result<(ReportRun, fs::File), StoreError> {
        let run = self.get(by, id).await?;
        match run.status {
            ReportStatus::Ready => {}
            ReportStatus::Pending | ReportStatus::Processing => {
                return Err(StoreError::invalid("id", format!("names a report that is still {}", run.status)));
            }
            ReportStatus::Error => {
                let error = run.error.unwrap_or_default();
                return Err(StoreError::invalid("id", format!("names a report that failed: {error}")));
            }
        }
        let path = self.0.directory.join(&run.id);
        let file = off_thread(move || fs::File::open(path)).await?.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::not_found("the file of report", &run.id),
            _ => StoreError::Unreadable(format!("a report's file: {error}").into()),
        })?;
        Ok((run, file))
    }
}

/// Runs work that blocks, or that goes over many rows, on a thread of its own: the web workers' threads also answer
/// `/px`.
async fn off_thread<T, F>(work: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(StoreError::fault)
}

fn unwritable(error: std::io::Error) -> StoreError {
    if error.kind() == std::io::ErrorKind::InvalidInput {
        return StoreError::Limit(error.to_string());
    }
    StoreError::Unavailable(format!("a report's file: {error}").into())
}

/// One broken rule.
fn broken(field: &str, message: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::Caller;

    #[actix_web::test]
    async fn a_run_under_way_when_the_program_stopped_has_failed() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), Clock::fixed(Millis(0))).unwrap();
        let by = Caller::shell().reader().unwrap();
        let request = Request { report_type: "pixel_fired".to_owned(), ..Request::default() };
        let run = request.into_run(crate::domain::ReportFormat::Csv).unwrap();
        let (run, _) = store.put_report_run(&by, run, Bounds::STANDARD.runs, Vec::new()).await.unwrap();
        assert_eq!(run.status, ReportStatus::Pending);
        let reports = Reports::start(store.clone(), directory.path()).unwrap();
        let refused = reports.ask(&by, Request::default()).await.unwrap_err();
        assert!(refused.to_string().starts_with("report_type must be one of"), "{refused}");
        // The writer keeps its order, so this write comes after the one of the start.
        store.forget_report_runs(Millis(0)).await.unwrap();
        let run = reports.get(&by, &run.id).await.unwrap();
        assert_eq!((run.status, run.error.as_deref()), (ReportStatus::Error, Some(STOPPED)));
        let refused = reports.open(&by, &run.id).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("id names a report that failed: {STOPPED}"));
    }
}
