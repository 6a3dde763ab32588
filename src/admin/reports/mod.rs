//! The pages of reports. The user chooses a report, a range, columns and filters, sees the table and a chart, and
//! downloads or saves the report. The page's address holds the form, and the API runs the same requests.

mod curl;
mod definition;
mod drawing;
mod files;
mod labels;
mod odd;
mod options;
mod result;
mod run;
mod saved;
mod value;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::tz::TimeZone;

use super::choices;
use super::choices::zone;
use super::forms::form_key;
use super::shell::error::PageError;
use super::shell::extract::Id;
use super::shell::form::{Errors, Form};
use super::shell::local::local;
use super::shell::page::{Answer, Page, html, html_with, see_other};
use super::shell::session::{Asked, Posted, Session};
use super::text::format::Moment;
use crate::domain::{AdvertiserId, Campaign, LineItem, Pixel, Reader, SavedReport, SavedReportId};
use crate::report::{FORMATS, KEPT_RULE};
use crate::store::{Entity, ListQuery, Scalar, Store, StoreError, Test};
use crate::web::AppState;
use definition::ReportFormData;
use labels::{REPORTS, ReportLabels};
use options::{FilterInput, ReportFormOptions};
use run::RunView;

const PATH: &str = "/admin/reports";

/// The seconds between two reloads of a page that shows progress.
const RELOAD_SECONDS: u64 = 2;
/// The most files on the start page.
const MOST_FILES: u32 = 20;

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/reports", web::get().to(show))
        .route("/reports/looks/{id}/cancel", web::post().to(cancel))
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
#[template(path = "admin/reports/list.html")]
struct StartPage {
    page: Page,
    reports: &'static [ReportLabels],
    saved: Vec<SavedReportRow>,
    files: Vec<files::FileRow>,
    kept_rule: &'static str,
}

struct SavedReportRow {
    id: SavedReportId,
    name: String,
    /// The address that runs it.
    address: String,
    /// The report's name on the pages.
    report: &'static str,
    owner: String,
    created: Moment,
}

#[derive(Template)]
#[template(path = "admin/reports/report.html")]
struct ReportPage {
    page: Page,
    labels: &'static ReportLabels,
    data: ReportFormData,
    /// The address of this page.
    here: String,
    options: ReportFormOptions,
    zones: Vec<(String, &'static str)>,
    errors: Errors,
    run: RunView,
    /// The fields of the form, for other forms that carry them along.
    hidden_fields: Vec<(&'static str, String)>,
    formats: Vec<(&'static str, &'static str)>,
    /// Empty while the form is wrong.
    commands: String,
    /// The saved report that the page shows.
    saved: Option<SavedReport>,
    /// The name in the form that saves the report.
    save_as: String,
}

/// The form that saves a report under a name, as the user sent it.
#[derive(Default)]
struct SaveForm {
    name: String,
    errors: Errors,
}

/// `GET /admin/reports`: the start page or, with a type, that report.
async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let name = query.text("type");
    if labels::find(name).is_none() {
        session.odd.unknown(&query, &["type"]);
        if !name.is_empty() {
            session.odd.gone("report", name, "Choose one of these.");
        }
        return start(&state, &session).await;
    }
    report(&state, &session, &request, &query, SaveForm::default()).await
}

/// The page to choose a report.
async fn start(state: &AppState, session: &Session) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let saved = choices::all::<SavedReport>(store, by, &[]).await?;
    let files = state.reports.latest(by, MOST_FILES).await?;
    Ok(html(&StartPage {
        page: session.page("reports", "Reports"),
        reports: &REPORTS,
        saved: saved.into_iter().map(|saved| saved_row(saved, session)).collect(),
        files: files.into_iter().map(|run| files::row(run, session.now)).collect(),
        kept_rule: KEPT_RULE,
    }))
}

fn saved_row(saved: SavedReport, session: &Session) -> SavedReportRow {
    SavedReportRow {
        address: saved::address(&saved),
        report: saved::report_name(&saved),
        id: saved.id,
        created: Moment::new(saved.created_on, session.now),
        name: saved.name,
        owner: saved.owner,
    }
}

/// The page of one report: runs it, or shows the form's errors.
async fn report(state: &AppState, session: &Session, request: &HttpRequest, form: &Form, save: SaveForm) -> Answer {
    let mut data = read(state, session, form).await?;
    odd::take_bad_currency(&session.odd, &mut data);
    let options = ReportFormOptions::load(&state.store, session.reader(), &data).await?;
    odd::take_bad_chart(&session.odd, &mut data, &options);
    odd::say(&state.store, session, form, &data).await?;
    let saved = saved_report(&state.store, session.reader(), form).await?;
    let mut here = format!("{PATH}?{}", data.query());
    if let Some(saved) = &saved {
        here.push_str(&format!("&saved={}", saved.id));
    }
    let run = run::start_or_follow(state, session, request, form.some("run"), &data, &here).await?;
    let next = match &run.view {
        RunView::Running { id, .. } => Some(format!("{RELOAD_SECONDS}; url={here}&run={id}")),
        RunView::Invalid | RunView::Ended { .. } | RunView::Ready(_) => None,
    };
    // What is wrong with the address shows beside its fields. Only a form that was sent fails.
    let is_good = save.errors.is_empty();
    let title = saved.as_ref().map_or_else(|| data.labels.name.to_owned(), |saved| saved.name.clone());
    let page = ReportPage {
        page: session.page("reports", title.clone()).with_tab(format!("{title}, report")).keyed(form_key::next(form)),
        labels: data.labels,
        options,
        zones: jiff::tz::db().available().map(|zone| (zone.to_string(), "")).collect(),
        hidden_fields: data.pairs(),
        here,
        data,
        commands: run.commands,
        formats: FORMATS.iter().map(|format| (*format, files::label(format))).collect(),
        errors: if run.errors.is_empty() { save.errors } else { run.errors },
        run: run.view,
        save_as: save.name,
        saved,
    };
    let mut answer = html_with(if is_good { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &page);
    reload(&mut answer, next);
    Ok(answer)
}

/// The saved report that an address names, if it still exists.
async fn saved_report(store: &Store, by: &Reader, form: &Form) -> Result<Option<SavedReport>, StoreError> {
    let Some(id) = form.ids::<SavedReportId>("saved").first().copied() else { return Ok(None) };
    match store.get::<SavedReport>(by, id.0).await {
        Ok(saved) => Ok(Some(saved)),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Reads the form. The default time zone is that of the advertisers that it is about, so that the report's days are
/// those of the page that led here.
async fn read(state: &AppState, session: &Session, form: &Form) -> Result<ReportFormData, PageError> {
    let (store, by) = (&state.store, session.reader());
    let zone = match form.some("timezone") {
        Some(_) => TimeZone::UTC,
        None => zone::of_these(store, by, advertisers(store, by, form).await?).await?,
    };
    ReportFormData::read(form, zone::name(&zone)).ok_or(PageError::NoPage)
}

/// The advertisers that the form names, by themselves or by their pixels, line items or campaigns.
async fn advertisers(store: &Store, by: &Reader, form: &Form) -> Result<Vec<AdvertiserId>, StoreError> {
    let named = form.ids::<AdvertiserId>("advertiser_id");
    if !named.is_empty() {
        return Ok(named);
    }
    let owners = owners_of::<Pixel>(store, by, form, "pixel_id", |pixel| pixel.advertiser_id).await?;
    if !owners.is_empty() {
        return Ok(owners);
    }
    let owners = owners_of::<LineItem>(store, by, form, "line_item_id", |line_item| line_item.advertiser_id).await?;
    if !owners.is_empty() {
        return Ok(owners);
    }
    owners_of::<Campaign>(store, by, form, "campaign_id", |campaign| campaign.advertiser_id).await
}

/// The owners of the objects that a field of the form names.
async fn owners_of<E: Entity>(
    store: &Store,
    by: &Reader,
    form: &Form,
    field: &str,
    owner: fn(&E) -> AdvertiserId,
) -> Result<Vec<AdvertiserId>, StoreError> {
    let ids: Vec<Scalar> = form.ids::<i64>(field).into_iter().map(Scalar::Int).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let objects = choices::every::<E>(store, by, ListQuery::default().with::<E>("id", Test::In(ids))).await?;
    Ok(objects.iter().map(owner).collect())
}

/// Makes the browser load `next` by itself, with or without scripts.
fn reload(answer: &mut HttpResponse, next: Option<String>) {
    if let Some(value) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
        answer.headers_mut().insert(HeaderName::from_static("refresh"), value);
    }
}

/// `POST /admin/reports/looks/{id}/cancel`
async fn cancel(state: web::Data<AppState>, posted: Posted, Id(id): Id<String>) -> Answer {
    let Posted { session, form } = posted;
    state.reports.cancel(session.reader(), &id, &session.caller().name).await?;
    Ok(see_other(format!("{}&run={id}", local(form.text("back")))))
}
