//! Reports as files: asked for in a form, followed while they are written, fetched, cancelled. The files are those of
//! the API.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::super::error::PageError;
use super::super::extract::Id;
use super::super::flash::{Flash, Kind};
use super::super::form::{Errors, sentence};
use super::super::page::{Answer, Page, html, see_other};
use super::super::session::{Posted, Session};
use super::super::wording::{Moment, bytes, plural};
use super::typed::place;
use super::{AGAIN, PATH, PATIENCE, follow, reached_words, read};
use crate::domain::{Millis, ReportRun, ReportStatus};
use crate::store::StoreError;
use crate::web::{State, report_file};

/// A file in the list.
pub struct Row {
    pub id: String,
    pub name: String,
    pub format: &'static str,
    /// "1,204 rows, 56 KiB".
    pub size: String,
    pub badge: &'static str,
    pub status: &'static str,
    pub why: String,
    pub is_ready: bool,
    pub made: Moment,
}

#[derive(Template)]
#[template(path = "report_file.html")]
struct FilePage {
    page: Page,
    row: Row,
    /// How far it is; none once it has ended.
    running: Option<(String, Option<u32>)>,
}

/// What a format is called.
pub fn label(format: &str) -> &'static str {
    match format {
        "csv" => "CSV",
        "excel" => "TSV",
        "xlsx" => "XLSX",
        "json" => "JSON",
        _ => "File",
    }
}

/// A file as the list shows it.
pub fn row(run: ReportRun, now: Millis) -> Row {
    let (badge, status) = match run.status {
        ReportStatus::Pending => ("paused", "waiting"),
        ReportStatus::Processing => ("paused", "being written"),
        ReportStatus::Ready => ("active", "ready"),
        ReportStatus::Error => ("danger", "failed"),
    };
    let size = match (run.row_count, run.report_size) {
        (Some(rows), Some(size @ ..1024)) => format!("{}, {}", plural(rows, "row"), plural(size, "byte")),
        (Some(rows), Some(size)) => format!("{}, {}", plural(rows, "row"), bytes(size)),
        _ => String::new(),
    };
    Row {
        format: label(run.format.as_str()),
        size,
        badge,
        status,
        why: run.error.as_deref().map(sentence).unwrap_or_default(),
        is_ready: run.status == ReportStatus::Ready,
        made: Moment::new(run.created_on, now),
        name: run.name,
        id: run.id,
    }
}

/// `POST /admin/reports/files`: a small one is there at once; one that takes longer has a page that follows it.
pub async fn make(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let by = session.reader();
    let typed = read(&state, &session, &form).await?;
    let back = format!("{PATH}?{}", typed.query());
    let wrong = |errors: Errors| {
        let text: Vec<_> = errors.all().iter().map(|error| error.text.clone()).collect();
        session.go_with(&back, &Flash::new(Kind::Warning, text.join(" ")))
    };
    let mut request = match typed.request() {
        Ok(request) => request,
        Err(errors) => return Ok(wrong(errors)),
    };
    request.format = form.some("format").map(str::to_owned);
    request.name = Some(form.some("name").unwrap_or(typed.words.name).to_owned());
    request.as_sent = request.to_json();
    let run = match state.reports.ask(by, request).await {
        Ok(run) => run,
        Err(error) => return Ok(wrong(Errors::of_store(error, place)?)),
    };
    let (run, _) = state.reports.follow(by, &run.id, PATIENCE).await?;
    let address = format!("{PATH}/files/{}", run.id);
    Ok(match run.status {
        ReportStatus::Ready => see_other(format!("{address}/download")),
        ReportStatus::Pending | ReportStatus::Processing | ReportStatus::Error => see_other(address),
    })
}

/// `GET /admin/reports/files/{id}`
pub async fn show(state: web::Data<State>, session: Session, Id(id): Id<String>) -> Answer {
    let (run, reached) = state.reports.follow(session.reader(), &id, PATIENCE).await?;
    let running = reached.map(|reached| (reached_words(reached), reached.percent));
    let again = running.is_some().then(|| AGAIN.to_string());
    let row = row(run, session.now);
    let mut answer = html(&FilePage { page: session.page("reports", row.name.clone()), row, running });
    follow(&mut answer, again);
    Ok(answer)
}

/// `POST /admin/reports/files/{id}/cancel`
pub async fn cancel(state: web::Data<State>, posted: Posted, Id(id): Id<String>) -> Answer {
    let by = posted.session.reader();
    state.reports.get(by, &id).await?;
    state.reports.cancel(by, &id, &posted.session.caller().name).await?;
    Ok(see_other(format!("{PATH}/files/{id}")))
}

/// `GET /admin/reports/files/{id}/download`
pub async fn download(
    request: HttpRequest,
    state: web::Data<State>,
    session: Session,
    Id(id): Id<String>,
) -> Result<HttpResponse, PageError> {
    match state.reports.open(session.reader(), &id).await {
        Ok((run, file)) => Ok(report_file::answer(&request, &run, file).map_err(StoreError::fault)?),
        // Its page says how far it is, or why there is none.
        Err(StoreError::Invalid(_)) => Ok(see_other(format!("{PATH}/files/{id}"))),
        Err(other) => Err(other.into()),
    }
}
