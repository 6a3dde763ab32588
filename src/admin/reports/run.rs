//! Runs a report for its page: starts the run or follows it, and shows its progress, its end or the report.

use std::time::Duration;

use actix_web::HttpRequest;

use super::definition::{ReportFormData, control};
use super::result::ReportView;
use super::{PATH, curl};
use crate::admin::export::api_command;
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Errors, sentence};
use crate::admin::shell::session::Session;
use crate::admin::text::format::plural;
use crate::report::{PreviewRun, Request, RunProgress};
use crate::store::StoreError;
use crate::web::AppState;

/// How long a page waits for a run before it shows the progress.
pub const PATIENCE: Duration = Duration::from_millis(1_500);

/// The part of a report's page below its form.
pub enum RunView {
    /// The form has errors.
    Invalid,
    Running {
        id: String,
        progress: Progress,
    },
    /// The run ended without a report. `again` is the address that repeats it.
    Ended {
        reason: String,
        again: String,
    },
    Ready(Box<ReportView>),
}

/// The progress of a run.
pub struct Progress {
    pub text: String,
    pub percent: Option<u32>,
}

/// A run with its errors and the commands that get the same report by the API.
pub struct Run {
    pub view: RunView,
    pub errors: Errors,
    pub commands: String,
}

/// Runs the report, or follows the run with this id.
pub async fn start_or_follow(
    state: &AppState,
    session: &Session,
    http_request: &HttpRequest,
    id: Option<&str>,
    data: &ReportFormData,
    here: &str,
) -> Result<Run, PageError> {
    let request = match data.request() {
        Ok(request) => request,
        Err(mut errors) => {
            for error in errors_but_dates(data, session).all() {
                errors.add(&error.id, error.text.clone());
            }
            return Ok(Run { view: RunView::Invalid, errors, commands: String::new() });
        }
    };
    let base = api_command::base(http_request, state)?;
    let commands = curl::commands(&base, &session.caller().name, &request.to_json(), "report.csv");
    match preview(state, session, id, &request, data, here).await {
        Ok(view) => Ok(Run { view, errors: Errors::default(), commands }),
        Err(error) => Ok(Run { view: RunView::Invalid, errors: Errors::of_store(error, control)?, commands }),
    }
}

/// The errors of the form apart from its dates, so that the page shows all errors at once.
fn errors_but_dates(data: &ReportFormData, session: &Session) -> Errors {
    let other = ReportFormData { range: "today".to_owned(), ..data.clone() };
    match other.request().map(|request| request.check(session.now)) {
        Ok(Err(fields)) => Errors::of_fields(fields, control),
        Ok(Ok(_)) | Err(_) => Errors::default(),
    }
}

/// Starts a run for the page, unless the run with this id is still known.
async fn preview(
    state: &AppState,
    session: &Session,
    id: Option<&str>,
    request: &Request,
    data: &ReportFormData,
    here: &str,
) -> Result<RunView, StoreError> {
    let (reports, by) = (&state.reports, session.reader());
    let known = match id {
        Some(id) => reports.preview_status(by, id, PATIENCE).await.map(|status| (id.to_owned(), status)),
        None => None,
    };
    let (id, status) = match known {
        Some(known) => known,
        None => {
            let figure = Some(data.chart.as_str()).filter(|figure| !figure.is_empty());
            let id = reports.start_preview(by, request, figure)?;
            let status = reports.preview_status(by, &id, PATIENCE).await.unwrap_or(PreviewRun::Cancelled);
            (id, status)
        }
    };
    let ended = |reason: &str| RunView::Ended { reason: reason.to_owned(), again: here.to_owned() };
    Ok(match status {
        PreviewRun::Ready(screen) => RunView::Ready(Box::new(ReportView::of(&screen, data, PATH, session.now))),
        PreviewRun::Running(reached) => RunView::Running { id, progress: Progress::of(reached) },
        PreviewRun::Cancelled => ended("The report was cancelled."),
        PreviewRun::Failed(StoreError::Limit(text)) => ended(&sentence(&text)),
        PreviewRun::Failed(_) => ended("The server could not make the report. The server log shows the cause."),
    })
}

impl Progress {
    pub fn of(reached: RunProgress) -> Self {
        let text = match (reached.rows, reached.percent) {
            (0, _) => "Waiting or calculating …".to_owned(),
            (rows, None) => format!("{} read so far.", plural(rows, "row")),
            (rows, Some(percent)) => format!("{} read, {percent}% done.", plural(rows, "row")),
        };
        Progress { text, percent: reached.percent }
    }
}
