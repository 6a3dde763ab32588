//! Reports: choose a type, a range, columns and filters; see table and drawing; download; save; the same by curl. The
//! definition stands in the page's address, and what runs is the same that the API runs.

mod curl;
mod files;
mod offer;
mod saved;
mod shown;
mod typed;
mod words;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::tz::TimeZone;

use super::by_api;
use super::choices;
use super::error::PageError;
use super::extract::{Asked, Id};
use super::form::{Errors, Form, sentence};
use super::page::{Answer, Page, html, html_with};
use super::session::{Posted, Session, local};
use super::wording::{Moment, plural};
use super::zone;
use crate::domain::{AdvertiserId, Campaign, LineItem, Pixel, Reader, SavedReport, SavedReportId};
use crate::report::{FORMATS, Look, Reached};
use crate::store::{Store, StoreError};
use crate::web::State;
use offer::{How, Offer};
use shown::Shown;
use typed::{Typed, place};
use words::{REPORTS, Words};

const PATH: &str = "/admin/reports";

/// So long a page waits for what it asked for; then it shows how far it is, and asks again.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Seconds until a page that follows something asks again.
const AGAIN: u64 = 2;
/// Files in the list of the latest.
const MOST_FILES: u32 = 20;

/// Adds the addresses.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/reports", web::get().to(show))
        .route("/reports/looks/{id}/cancel", web::post().to(cancel_look))
        .route("/reports/files", web::post().to(files::make))
        .route("/reports/files/{id}", web::get().to(files::show))
        .route("/reports/files/{id}/cancel", web::post().to(files::cancel))
        .route("/reports/files/{id}/download", web::get().to(files::download))
        .route("/reports/saved", web::post().to(saved::save))
        .route("/reports/saved/{id}", web::get().to(saved::show))
        .route("/reports/saved/{id}", web::post().to(saved::rename))
        .route("/reports/saved/{id}/delete", web::post().to(saved::delete));
}

#[derive(Template)]
#[template(path = "reports.html")]
struct StartPage {
    page: Page,
    reports: &'static [Words],
    saved: Vec<SavedRow>,
    files: Vec<files::Row>,
}

/// A saved report in the list.
struct SavedRow {
    id: SavedReportId,
    name: String,
    /// Where it is run.
    address: String,
    /// The type, as people know it.
    what: &'static str,
    owner: String,
    made: Moment,
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    page: Page,
    words: &'static Words,
    typed: Typed,
    /// The address of this definition.
    here: String,
    offer: Offer,
    zones: Vec<(String, &'static str)>,
    errors: Errors,
    outcome: Outcome,
    /// Everything of the definition, for forms that carry it.
    kept: Vec<(&'static str, String)>,
    formats: Vec<(&'static str, &'static str)>,
    commands: String,
    /// The saved report that this is a run of.
    saved: Option<SavedReport>,
    /// The name in the form that saves it.
    save_as: String,
}

/// What became of the run.
enum Outcome {
    /// The definition is not good yet.
    None,
    /// It is under way: its id, how far it is in words, in hundredths where that can be told.
    Running(String, String, Option<u32>),
    /// It ended without rows to show: why, and where it is run again.
    Ended(String, String),
    /// It can be shown.
    Ready(Box<Shown>),
}

/// `GET /admin/reports`; with a type, that report.
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked, request: HttpRequest) -> Answer {
    if asked.some("type").is_none() {
        return start(&state, &session).await;
    }
    report(&state, &session, &request, &asked, String::new(), Errors::default()).await
}

async fn start(state: &State, session: &Session) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let saved = choices::all::<SavedReport>(store, by, &[]).await?;
    let files = state.reports.latest(by, MOST_FILES).await?;
    Ok(html(&StartPage {
        page: session.page("reports", "Reports"),
        reports: &REPORTS,
        saved: saved.into_iter().map(|saved| saved_row(saved, session)).collect(),
        files: files.into_iter().map(|run| files::row(run, session.now)).collect(),
    }))
}

fn saved_row(saved: SavedReport, session: &Session) -> SavedRow {
    SavedRow {
        address: saved::address(&saved),
        what: saved::what(&saved),
        id: saved.id,
        made: Moment::new(saved.created_on, session.now),
        name: saved.name,
        owner: saved.owner,
    }
}

/// The page of one report: runs it, or shows what is wrong with it.
async fn report(
    state: &State,
    session: &Session,
    request: &HttpRequest,
    asked: &Form,
    name: String,
    mut errors: Errors,
) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let typed = read(state, session, asked).await?;
    let offer = Offer::load(store, by, &typed).await?;
    let saved = match asked.ids::<SavedReportId>("saved").first() {
        Some(id) => match store.get::<SavedReport>(by, id.0).await {
            Ok(saved) => Some(saved),
            Err(StoreError::NotFound { .. }) => None,
            Err(other) => return Err(other.into()),
        },
        None => None,
    };
    let mut here = format!("{PATH}?{}", typed.query());
    if let Some(saved) = &saved {
        here.push_str(&format!("&saved={}", saved.id));
    }
    let is_good = errors.is_empty();
    let mut commands = String::new();
    let outcome = match typed.request() {
        Err(found) => {
            errors = found;
            for error in all_but_dates(&typed, session).all() {
                errors.add(&error.id, error.text.clone());
            }
            Outcome::None
        }
        Ok(request_for) => {
            let base = by_api::base(request, state)?;
            commands = curl::commands(&base, &session.caller().name, &request_for.to_json(), "report.csv");
            match look(state, session, asked.some("run"), &request_for, &typed, &here).await {
                Ok(outcome) => outcome,
                Err(error) => {
                    errors = Errors::of_store(error, place)?;
                    Outcome::None
                }
            }
        }
    };
    let again = match &outcome {
        Outcome::Running(id, ..) => Some(format!("{AGAIN}; url={here}&run={id}")),
        _ => None,
    };
    let title = saved.as_ref().map_or_else(|| typed.words.name.to_owned(), |saved| saved.name.clone());
    let page = ReportPage {
        page: session.page("reports", title),
        words: typed.words,
        offer,
        zones: jiff::tz::db().available().map(|zone| (zone.to_string(), "")).collect(),
        kept: typed.pairs(),
        here,
        typed,
        commands,
        formats: FORMATS.iter().map(|format| (*format, files::label(format))).collect(),
        outcome,
        save_as: name,
        saved,
        errors,
    };
    let is_good = is_good && page.errors.is_empty();
    let mut answer = html_with(if is_good { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &page);
    follow(&mut answer, again);
    Ok(answer)
}

/// Reads a definition. Where no time zone is said it is that of the one advertiser that it is about, else of all.
async fn read(state: &State, session: &Session, form: &Form) -> Result<Typed, PageError> {
    let (store, by) = (&state.store, session.reader());
    let zone = match about_one(store, by, form).await {
        _ if form.some("timezone").is_some() => TimeZone::UTC,
        Ok(Some(id)) => match zone::of(store, by, id).await {
            Err(StoreError::NotFound { .. }) => zone::of_all(store, by).await?,
            found => found?,
        },
        Ok(None) | Err(StoreError::NotFound { .. }) => zone::of_all(store, by).await?,
        Err(other) => return Err(other.into()),
    };
    Typed::read(form, zone::name(&zone)).ok_or(PageError::NoPage)
}

/// The one advertiser that a definition is about; none where it may be several.
async fn about_one(store: &Store, by: &Reader, form: &Form) -> Result<Option<AdvertiserId>, StoreError> {
    let only = |name: &str| match form.ids::<i64>(name).as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    if let Some(id) = only("advertiser_id") {
        return Ok(Some(AdvertiserId(id)));
    }
    if let Some(id) = only("pixel_id") {
        return Ok(Some(store.get::<Pixel>(by, id).await?.advertiser_id));
    }
    if let Some(id) = only("line_item_id") {
        return Ok(Some(store.get::<LineItem>(by, id).await?.advertiser_id));
    }
    match only("campaign_id") {
        Some(id) => Ok(Some(store.get::<Campaign>(by, id).await?.advertiser_id)),
        None => Ok(None),
    }
}

/// What else is wrong where the dates are, so that all is told at once.
fn all_but_dates(typed: &Typed, session: &Session) -> Errors {
    let otherwise = Typed { range: "today".to_owned(), ..typed.clone() };
    let checked = otherwise.request().map(|request| request.check(session.now));
    match checked {
        Ok(Err(fields)) => Errors::of_fields(fields, place),
        Ok(Ok(_)) | Err(_) => Errors::default(),
    }
}

/// Lets the browser ask again by itself, with scripts or without.
fn follow(answer: &mut HttpResponse, again: Option<String>) {
    if let Some(value) = again.and_then(|again| HeaderValue::from_str(&again).ok()) {
        answer.headers_mut().insert(HeaderName::from_static("refresh"), value);
    }
}

/// Runs a report for its page, or follows the run that the address names.
async fn look(
    state: &State,
    session: &Session,
    run: Option<&str>,
    request: &crate::report::Request,
    typed: &Typed,
    here: &str,
) -> Result<Outcome, StoreError> {
    let (reports, by) = (&state.reports, session.reader());
    let known = match run {
        Some(id) => reports.looked(by, id, PATIENCE).await.map(|look| (id.to_owned(), look)),
        None => None,
    };
    let (id, look) = match known {
        Some(known) => known,
        None => {
            let figure = Some(typed.chart.as_str()).filter(|figure| !figure.is_empty());
            let id = reports.look(by, request, figure)?;
            let look = reports.looked(by, &id, PATIENCE).await.unwrap_or(Look::Cancelled);
            (id, look)
        }
    };
    let ended = |why: &str| Outcome::Ended(why.to_owned(), here.to_owned());
    Ok(match look {
        Look::Ready(screen) => Outcome::Ready(Box::new(Shown::of(&screen, typed, PATH))),
        Look::Running(reached) => Outcome::Running(id, reached_words(reached), reached.percent),
        Look::Cancelled => ended("The report was cancelled."),
        Look::Failed(StoreError::Limit(text)) => ended(&sentence(&text)),
        Look::Failed(_) => ended("Something went wrong on the server. The cause is in its log."),
    })
}

/// How far something is.
fn reached_words(reached: Reached) -> String {
    match (reached.rows, reached.percent) {
        (0, _) => "It waits for its turn, or adds up.".to_owned(),
        (rows, None) => format!("{} read so far.", plural(rows, "row")),
        (rows, Some(percent)) => format!("{} read so far, {percent} % of the way.", plural(rows, "row")),
    }
}

/// `POST /admin/reports/looks/{id}/cancel`
pub async fn cancel_look(state: web::Data<State>, posted: Posted, Id(id): Id<String>) -> Answer {
    let Posted { session, form } = posted;
    state.reports.cancel(session.reader(), &id, &session.caller().name).await?;
    Ok(super::page::see_other(format!("{}&run={id}", local(form.text("back")))))
}
