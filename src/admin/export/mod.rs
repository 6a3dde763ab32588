//! The page that exports tags of one or many pixels, to copy or to download. `tag` says which choices go together; the
//! page disables what it refuses, with the reason beside it.

pub mod api_command;
mod form;
mod odd;
pub mod options;
mod pick;
mod tags;
pub mod text;

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::shell::error::PageError;
use super::shell::page::{Answer, Page, html};
use super::shell::session::Asked;
use crate::store::StoreError;
use crate::tag::{Reach, Step, download as file_of};
use crate::web::AppState;
use form::{ExportChoice, ExportChoices, SegmentRows};
use options::{ExportQuery, refusal, shares_code, site_of};
use pick::PixelPick;
use tags::{ExportLinks, PixelTags};
use text::AddressNotice;

#[derive(Template)]
#[template(path = "admin/export/export.html")]
struct ExportPage {
    page: Page,
    pick: PixelPick,
    targets: Vec<ExportChoice>,
    /// The word of the chosen target.
    target: &'static str,
    /// Whether the site tag belongs beside the pixel there.
    has_site_tag: bool,
    /// Whether the page shows the site tag.
    site_tag: bool,
    /// The fault of the address that tags name; none if every page can load them.
    notice: Option<AddressNotice>,
    /// What the tags are like, in one line.
    summary: String,
    /// Whether the choices are in sight.
    is_open: bool,
    carriers: Vec<ExportChoice>,
    secure: bool,
    /// Whether the user's browser reached this server by https, as secure tags must.
    https: bool,
    test: bool,
    codes: Option<ExportChoice>,
    noscript: Option<ExportChoice>,
    consent: Option<ExportChoice>,
    net: Option<ExportChoice>,
    parameters: Vec<ExportChoice>,
    segments: SegmentRows,
    /// Why the choices do not go together; empty if they do.
    error: String,
    tags: Vec<PixelTags>,
    /// How to put the tags to work.
    install: String,
    minutes: u8,
    steps: Vec<&'static Step>,
    notes: &'static [&'static str],
    /// The words of the buttons that download a file; none if the target has none.
    file_label: Option<&'static str>,
    links: ExportLinks,
}

pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/export", web::get().to(show))
        .route("/export.txt", web::get().to(download))
        .route("/export/file", web::get().to(file));
}

/// `GET /admin/export`
async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let site = site_of(&request, &state)?;
    let (https, host) = (site.https, site.host.clone());
    let pick = PixelPick::load(store, &session, &query).await?;
    let pixels = &pick.chosen;
    let ExportQuery { options, error } = options::read(store, by, &query, site, pixels).await?;
    let error = if error.is_empty() { refusal(pixels, &options) } else { error };
    let tags = if error.is_empty() { tags::of(store, pixels, &options, &query)? } else { Vec::new() };
    let form = ExportChoices { pixels, options: &options, are_valid: error.is_empty() };
    let target = options.target;
    odd::say(&session.odd, &query, &pick, error.is_empty().then_some(&options));
    let page = ExportPage {
        page: session.page("export", "Export tags"),
        targets: form.targets(),
        target: target.as_str(),
        has_site_tag: target.has_site_tag(),
        site_tag: options.site,
        notice: text::address_notice(Reach::of(&host, options.secure)),
        summary: text::summary(&options),
        is_open: query.has("chosen"),
        carriers: form.carriers(),
        secure: options.secure,
        https,
        test: options.test,
        codes: form.codes(),
        noscript: form.noscript(),
        consent: form.consent(),
        net: form.net(),
        parameters: form.parameters(),
        segments: form::segments(store, &session, &query, &form).await?,
        install: text::install(target),
        minutes: target.minutes(),
        steps: target.steps(options.site).collect(),
        notes: target.notes(),
        file_label: target.file_label(),
        links: ExportLinks::of(&tags, pixels, &options, &query),
        tags,
        error,
        pick,
    };
    Ok(html(&page))
}

/// `GET /admin/export.txt`: the same tags as a text file.
async fn download(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let site = site_of(&request, &state)?;
    let pixels = PixelPick::chosen(&state.store, &session, &query).await?;
    let ExportQuery { options, error } = options::read(&state.store, session.reader(), &query, site, &pixels).await?;
    if !error.is_empty() {
        return Err(PageError::BadRequest(error));
    }
    let text = tags::to_text(&tags::of(&state.store, &pixels, &options, &query)?);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"tags.txt\""))
        .body(text))
}

/// `GET /admin/export/file`: the plugin, module or container of one pixel.
async fn file(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let site = site_of(&request, &state)?;
    let pixels = PixelPick::chosen(&state.store, &session, &query).await?;
    let [pixel] = pixels.as_slice() else {
        return Err(PageError::BadRequest("Choose one pixel for this file.".to_owned()));
    };
    let ExportQuery { options, error } = options::read(&state.store, session.reader(), &query, site, &pixels).await?;
    if !error.is_empty() {
        return Err(PageError::BadRequest(error));
    }
    let file = file_of(pixel, shares_code(&state.store, pixel), &options)
        .map_err(|refusal| PageError::BadRequest(text::refusal(refusal, &pixel.name)))?
        .ok_or(PageError::NoPage)?
        .map_err(StoreError::fault)?;
    Ok(HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)))
        .body(file.bytes))
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
