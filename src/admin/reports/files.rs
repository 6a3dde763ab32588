//! Report files: a form asks for one, and a page follows its progress, offers the download and cancels it. The API has
//! the same files.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::definition::control;
use super::run::{PATIENCE, Progress};
use super::{PATH, RELOAD_SECONDS, read, reload};
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, sentence};
use crate::admin::shell::page::{Answer, Page, html, see_other};
use crate::admin::shell::parts::Mark;
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::{Moment, bytes, plural};
use crate::domain::{Millis, ReportRun, ReportStatus};
use crate::store::StoreError;
use crate::web::{AppState, report_file};

pub struct FileRow {
    pub id: String,
    pub name: String,
    pub format: &'static str,
    /// "1,204 rows, 56 KiB".
    pub size: String,
    pub status: Mark,
    /// Why the file could not be written; empty if it could.
    pub failure: String,
    pub is_ready: bool,
    pub created: Moment,
}

#[derive(Template)]
#[template(path = "admin/reports/file.html")]
struct FilePage {
    page: Page,
    row: FileRow,
    /// None once the run has ended.
    progress: Option<Progress>,
}

/// The label of a format.
pub fn label(format: &str) -> &'static str {
    match format {
        "csv" => "CSV",
        "excel" => "TSV for Excel",
        "xlsx" => "XLSX",
        "json" => "JSON",
        _ => "File",
    }
}

pub fn row(run: ReportRun, now: Millis) -> FileRow {
    let status = match run.status {
        ReportStatus::Pending => Mark::new("paused", "Waiting"),
        ReportStatus::Processing => Mark::new("paused", "In progress"),
        ReportStatus::Ready => Mark::new("active", "Ready"),
        ReportStatus::Error => Mark::new("bad", "Failed"),
    };
    let size = match (run.row_count, run.report_size) {
        (Some(rows), Some(size @ ..1024)) => format!("{}, {}", plural(rows, "row"), plural(size, "byte")),
        (Some(rows), Some(size)) => format!("{}, {}", plural(rows, "row"), bytes(size)),
        _ => String::new(),
    };
    FileRow {
        format: label(run.format.as_str()),
        size,
        status,
        failure: run.error.as_deref().map(sentence).unwrap_or_default(),
        is_ready: run.status == ReportStatus::Ready,
        created: Moment::new(run.created_on, now),
        name: run.name,
        id: run.id,
    }
}

/// `POST /admin/reports/files`: leads to the download of a small file at once, else to the page that follows its
/// progress.
pub async fn make(state: web::Data<AppState>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let by = session.reader();
    let data = read(&state, &session, &form).await?;
    let back = format!("{PATH}?{}", data.query());
    let refuse = |errors: Errors| {
        let text: Vec<_> = errors.all().iter().map(|error| error.text.clone()).collect();
        session.go_with(&back, &Flash::new(FlashKind::Warning, text.join(" ")))
    };
    let mut request = match data.request() {
        Ok(request) => request,
        Err(errors) => return Ok(refuse(errors)),
    };
    request.format = form.some("format").map(str::to_owned);
    request.name = Some(form.some("name").unwrap_or(data.labels.name).to_owned());
    request.as_sent = request.to_json();
    let run = match state.reports.ask(by, request).await {
        Ok(run) => run,
        Err(error) => return Ok(refuse(Errors::of_store(error, control)?)),
    };
    let (run, _) = state.reports.follow(by, &run.id, PATIENCE).await?;
    let address = format!("{PATH}/files/{}", run.id);
    Ok(match run.status {
        ReportStatus::Ready => see_other(format!("{address}/download")),
        ReportStatus::Pending | ReportStatus::Processing | ReportStatus::Error => see_other(address),
    })
}

/// `GET /admin/reports/files/{id}`
pub async fn show(state: web::Data<AppState>, session: Session, Id(id): Id<String>) -> Answer {
    let (run, reached) = state.reports.follow(session.reader(), &id, PATIENCE).await?;
    let progress = reached.map(Progress::of);
    let next = progress.is_some().then(|| RELOAD_SECONDS.to_string());
    let row = row(run, session.now);
    let mut answer = html(&FilePage { page: session.page("reports", row.name.clone()), row, progress });
    reload(&mut answer, next);
    Ok(answer)
}

/// `POST /admin/reports/files/{id}/cancel`
pub async fn cancel(state: web::Data<AppState>, posted: Posted, Id(id): Id<String>) -> Answer {
    let by = posted.session.reader();
    state.reports.get(by, &id).await?;
    state.reports.cancel(by, &id, &posted.session.caller().name).await?;
    Ok(see_other(format!("{PATH}/files/{id}")))
}

/// `GET /admin/reports/files/{id}/download`
pub async fn download(
    request: HttpRequest,
    state: web::Data<AppState>,
    session: Session,
    Id(id): Id<String>,
) -> Result<HttpResponse, PageError> {
    match state.reports.open(session.reader(), &id).await {
        Ok((run, file)) => Ok(report_file::answer(&request, &run, file).map_err(StoreError::fault)?),
        // The file's page shows the progress, or the failure.
        Err(StoreError::Invalid(_)) => Ok(see_other(format!("{PATH}/files/{id}"))),
        Err(other) => Err(other.into()),
    }
}
