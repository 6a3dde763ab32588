//! Reports: definitions (which columns, from where), requests for them, their run in the background, and the files
//! they leave (`spec/reports.md`). The API and the pages ask for the same definitions. It knows nothing of HTTP.

mod as_json;
mod cell;
mod condition;
mod definition;
mod definitions;
mod delimited;
mod interval;
mod objects;
mod points;
mod request;
mod run;
mod screen;
mod sheet;
mod sum_definitions;
mod sums;
mod under_way;
mod workbook;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::domain::{FieldError, Millis, Reader, ReportRun, ReportStatus};
use crate::store::{Store, StoreError};

pub use condition::{Condition, Operator};
pub use definition::{Column, Definition, Kind, Origin, Source};
pub use definitions::DEFINITIONS;
pub use interval::{INTERVALS, Interval};
pub use request::{FORMATS, Order, Plan, Request};
pub use screen::{Drawing, Line, MOST_SHOWN, Screen};
pub use under_way::Reached;
use under_way::{Progress, Stage, UnderWay};

/// Reports that run at the same time; further ones wait.
const AT_A_TIME: usize = 2;
/// How long a report is kept.
const KEPT: i64 = 7 * Millis::DAY;
/// What is said of a report that was under way when the program stopped.
const STOPPED: &str = "the server stopped while this report was running; ask for it again";

/// So many reports that were made for pages are remembered.
const LOOKS: usize = 32;
/// So many of one advertiser, or of all, may be in the making for pages: whoever reloads a page asks anew, and never comes
/// back to what was asked for before.
const LOOKS_AT_ONCE: usize = 8;

/// Where a report for a page stands.
#[derive(Clone, Debug)]
pub enum Look {
    /// It waits for its turn, or is under way.
    Running(Reached),
    /// It can be shown.
    Ready(Arc<Screen>),
    /// It could not be made.
    Failed(StoreError),
    /// Somebody cancelled it.
    Cancelled,
}

/// Runs reports and keeps their files. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Reports(Arc<Inner>);

struct Inner {
    store: Store,
    directory: PathBuf,
    turns: Arc<Semaphore>,
    files: UnderWay<()>,
    looks: UnderWay<Result<Arc<Screen>, StoreError>>,
}

impl Reports {
    /// Keeps its files in `reports` inside the data directory. What was under way when the program stopped
    /// has failed.
    ///
    /// # Errors
    /// A directory that cannot be made; database faults.
    pub fn start(store: Store, data_dir: &Path) -> Result<Self, StoreError> {
        let directory = data_dir.join("reports");
        fs::create_dir_all(&directory)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", directory.display()).into()))?;
        store.end_unfinished_reports(STOPPED)?;
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        let (files, looks) = (UnderWay::new(0), UnderWay::new(LOOKS).at_once(LOOKS_AT_ONCE));
        Ok(Reports(Arc::new(Inner { store, directory, turns, files, looks })))
    }

    /// Checks a request and begins to run it in the background. Old reports are forgotten on this occasion.
    ///
    /// # Errors
    /// What is wrong with the request, all of it.
    pub async fn ask(&self, by: &Reader, request: Request) -> Result<ReportRun, StoreError> {
        let Inner { store, turns, files, .. } = &*self.0;
        let now = store.clock().now();
        let plan = request.check(now)?;
        self.forget(now.plus(-KEPT)).await?;
        let asked = store.put_report_run(by, request.into_run(plan.format)?).await?;
        let (reports, by, id, turns) = (self.clone(), *by, asked.id.clone(), turns.clone());
        files.start(asked.id.clone(), by.scope(), |progress| async move {
            let Ok(_turn) = turns.acquire_owned().await else { return };
            let outcome = reports.run(&by, &id, plan, &progress).await;
            if let Err(error) = outcome {
                tracing::error!(%error, id, "a report failed");
                let told = reports.0.store.update_report_run(id, ReportStatus::Error, None, Some(error.to_string()));
                if let Err(error) = told.await {
                    tracing::error!(%error, "and that could not be noted");
                }
            }
        });
        Ok(asked)
    }

    async fn run(&self, by: &Reader, id: &str, plan: Plan, progress: &Progress) -> Result<(), StoreError> {
        let Inner { store, directory, .. } = &*self.0;
        store.update_report_run(id.to_owned(), ReportStatus::Processing, None, None).await?;
        let path = file_in(directory, id);
        let unfinished = unfinished(&path);
        let written = run::run(store, by, plan, &unfinished, progress).await;
        let finished = written.and_then(|counts| {
            fs::rename(&unfinished, &path).map_err(unwritable)?;
            Ok(counts)
        });
        if finished.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        store.update_report_run(id.to_owned(), ReportStatus::Ready, Some(finished?), None).await
    }

    /// Waits until a report's file is written or so long has passed; answers how far a report is that is under way.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also if the caller may not see it.
    pub async fn follow(
        &self,
        by: &Reader,
        id: &str,
        patience: Duration,
    ) -> Result<(ReportRun, Option<Reached>), StoreError> {
        self.get(by, id).await?;
        match self.0.files.stage(by.scope(), id, patience).await {
            Some(Stage::Running(reached)) => Ok((self.get(by, id).await?, Some(reached))),
            Some(Stage::Ended(()) | Stage::Cancelled) | None => Ok((self.get(by, id).await?, None)),
        }
    }

    /// Ends a report that is under way, whatever it is made for; `whom` is told to who asks for it. One that has ended
    /// stays as it is.
    ///
    /// # Errors
    /// Database faults.
    pub async fn cancel(&self, by: &Reader, id: &str, whom: &str) -> Result<(), StoreError> {
        let Inner { store, directory, files, looks, .. } = &*self.0;
        looks.cancel(by.scope(), id);
        if !files.cancel(by.scope(), id) {
            return Ok(());
        }
        let path = file_in(directory, id);
        for path in [unfinished(&path), path] {
            let _ = fs::remove_file(path);
        }
        store.update_report_run(id.to_owned(), ReportStatus::Error, None, Some(format!("cancelled by {whom}"))).await
    }

    /// Checks a request and begins to make it ready for a page. `figure` is the column that is wanted in its drawing.
    /// Answers its id.
    ///
    /// # Errors
    /// What is wrong with the request, all of it.
    pub fn look(&self, by: &Reader, request: &Request, figure: Option<&str>) -> Result<String, StoreError> {
        let Inner { store, turns, looks, .. } = &*self.0;
        let plan = request.check(store.clock().now())?;
        let id = fresh_id()?;
        let (store, by, turns, figure) = (store.clone(), *by, turns.clone(), figure.map(str::to_owned));
        looks.start(id.clone(), by.scope(), |progress| async move {
            let _turn = turns.acquire_owned().await.map_err(StoreError::fault)?;
            let made = screen::look(&store, &by, plan, figure, &progress).await;
            made.map(Arc::new).inspect_err(|error| tracing::error!(%error, "a report for a page failed"))
        });
        Ok(id)
    }

    /// Where a report for a page stands, once it has ended or so long has passed; none if there is none any more.
    pub async fn looked(&self, by: &Reader, id: &str, patience: Duration) -> Option<Look> {
        Some(match self.0.looks.stage(by.scope(), id, patience).await? {
            Stage::Running(reached) => Look::Running(reached),
            Stage::Ended(Ok(screen)) => Look::Ready(screen),
            Stage::Ended(Err(error)) => Look::Failed(error),
            Stage::Cancelled => Look::Cancelled,
        })
    }

    /// Holds further reports back while the answer lives; those under way are waited for.
    pub async fn hold(&self) -> impl Send + Sync + use<> {
        let all = u32::try_from(AT_A_TIME).unwrap_or(u32::MAX);
        self.0.turns.clone().acquire_many_owned(all).await
    }

    async fn forget(&self, before: Millis) -> Result<(), StoreError> {
        for id in self.0.store.forget_report_runs(before).await? {
            // A file that is gone already, or that cannot be removed, must not keep a new report from being made.
            let _ = fs::remove_file(file_in(&self.0.directory, &id));
        }
        Ok(())
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
        let file = fs::File::open(file_in(&self.0.directory, &run.id)).map_err(unwritable)?;
        Ok((run, file))
    }
}

fn file_in(directory: &Path, id: &str) -> PathBuf {
    directory.join(id)
}

/// Where it is while it is written.
fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("part")
}

/// 32 hexadecimal digits that nobody can guess.
fn fresh_id() -> Result<String, StoreError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(StoreError::fault)?;
    Ok(hex::encode(bytes))
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
    async fn what_was_under_way_when_the_program_stopped_has_failed() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), Clock::fixed(Millis(0))).unwrap();
        let by = Caller::shell().reader().unwrap();
        let request = Request { report_type: "pixel_fired".to_owned(), ..Request::default() };
        let run = request.into_run(crate::domain::ReportFormat::Csv).unwrap();
        let run = store.put_report_run(&by, run).await.unwrap();
        assert_eq!(run.status, ReportStatus::Pending);
        let reports = Reports::start(store.clone(), directory.path()).unwrap();
        let refused = reports.ask(&by, Request::default()).await.unwrap_err();
        assert!(refused.to_string().starts_with("report_type must be one of"), "{refused}");
        // Whatever is written after the start is written after the end of what was under way.
        store.forget_report_runs(Millis(0)).await.unwrap();
        let run = reports.get(&by, &run.id).await.unwrap();
        assert_eq!((run.status, run.error.as_deref()), (ReportStatus::Error, Some(STOPPED)));
        let refused = reports.open(&by, &run.id).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("id names a report that failed: {STOPPED}"));
    }
}
