//! The page that exports tags of one or many pixels, to copy or to download. `tag` says which choices go together; the
//! page disables what it refuses, with the reason beside it.

pub mod api_command;
mod form;
pub mod options;
pub mod text;

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::choices;
use super::lists::paging;
use super::shell::error::PageError;
use super::shell::form::Form;
use super::shell::page::{Answer, Page, html, html_again};
use super::shell::session::{Asked, Session};
use super::text::format::plural;
use crate::domain::{Advertiser, Pixel, PixelId};
use crate::store::{ListQuery, Scalar, Store, StoreError, Test};
use crate::tag::{Carrier, Parameter, TagOptions, export};
use crate::web::AppState;
use form::{ExportChoice, ExportChoices, SegmentRows, pixel_choice};
use options::{ExportQuery, refusal, shares_code, site_of};
use text::Step;

/// The longest address of a letter, in characters. Some mail programs cut or refuse longer ones.
const LONGEST_MAIL_ADDRESS: usize = 2_000;

/// The most pixels that the page itself offers. The list of pixels offers them all.
const MOST_OFFERED: usize = 50;

#[derive(Template)]
#[template(path = "admin/export/export.html")]
struct ExportPage {
    page: Page,
    pixels: Vec<ExportChoice>,
    /// "50 of 2,000 pixels"; empty if the page offers them all.
    cut_note: String,
    /// Whether the user ticked a pixel.
    chosen: bool,
    carriers: Vec<ExportChoice>,
    targets: Vec<ExportChoice>,
    /// Why some targets are not offered; empty if all are.
    targets_note: String,
    /// The host of the tags, if only this computer reaches it.
    own_host: Option<String>,
    /// What the tags are like, in one line.
    summary: String,
    /// Whether the choices are in sight.
    is_open: bool,
    secure: bool,
    /// Whether the user's browser reached this server by https, as secure tags must.
    https: bool,
    test: bool,
    codes: ExportChoice,
    noscript: Option<ExportChoice>,
    parameters: Vec<ExportChoice>,
    segments: SegmentRows,
    /// Why the choices do not go together; empty if they do.
    error: String,
    tags: Vec<PixelTag>,
    /// How to put the tags to work.
    install: String,
    steps: &'static [Step],
    /// The address of the tags as a text file.
    download: String,
    /// The address that opens a letter with the tags; empty if it would be too long.
    mail: String,
}

/// The finished tag of one pixel.
struct PixelTag {
    id: PixelId,
    name: String,
    html: String,
    /// The address that tests it; empty if no browser can.
    test: String,
}

/// The pixels of the form.
struct PixelSelection {
    /// All that the page offers.
    offered: Vec<Pixel>,
    chosen: Vec<Pixel>,
}

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/export", web::get().to(show)).route("/export.txt", web::get().to(download));
}

/// `GET /admin/export`
async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let site = site_of(&request, &state)?;
    let (https, own_host) = (site.https, site.reach().is_local().then(|| site.host.to_string()));
    let PixelSelection { offered, chosen: pixels } = pixels(store, &session, &query).await?;
    let ExportQuery { options, error } = options::read(store, by, &query, site, &pixels).await?;
    let error = if error.is_empty() { refusal(&pixels, &options) } else { error };
    let tags = if error.is_empty() { tags(store, &pixels, &options, &query)? } else { Vec::new() };
    let form = ExportChoices { pixels: &pixels, options: &options, are_valid: error.is_empty() };
    let download = if tags.is_empty() { String::new() } else { download_address(&pixels, &options, &query) };
    let mail = if tags.is_empty() { String::new() } else { mail_address(&tags) };
    let (targets, targets_note) = form.targets();
    let page = ExportPage {
        page: session.page("export", "Export tags"),
        chosen: !pixels.is_empty(),
        cut_note: cut_note(offered.len()),
        pixels: pixel_choices(store, &session, &offered, &pixels).await?,
        carriers: Carrier::ALL.iter().map(|carrier| form.carrier(*carrier)).collect(),
        targets,
        targets_note,
        own_host,
        summary: text::summary(&options),
        is_open: query.has("chosen"),
        secure: options.secure,
        https,
        test: options.test,
        codes: form.codes(),
        noscript: form.noscript(),
        parameters: Parameter::OF_PIXELS.iter().map(|parameter| form.parameter(*parameter)).collect(),
        segments: form::segments(store, &session, &query, &form).await?,
        install: text::install(options.carrier, options.target),
        steps: text::steps(options.carrier, options.target),
        tags,
        download,
        mail,
        error,
    };
    Ok(if page.error.is_empty() { html(&page) } else { html_again(&page) })
}

/// The pixels of the form with their advertisers.
async fn pixel_choices(
    store: &Store,
    session: &Session,
    offered: &[Pixel],
    chosen: &[Pixel],
) -> Result<Vec<ExportChoice>, StoreError> {
    let offered = offered.get(..MOST_OFFERED).unwrap_or(offered);
    let ids = offered.iter().map(|pixel| pixel.advertiser_id.0).collect();
    let names = store.names::<Advertiser>(session.reader(), ids).await?;
    let name = |pixel: &Pixel| names.get(&pixel.advertiser_id.0).map_or("", String::as_str);
    Ok(offered.iter().map(|pixel| pixel_choice(pixel, name(pixel), chosen)).collect())
}

fn cut_note(offered: usize) -> String {
    let (offered, most) = (count(offered), count(MOST_OFFERED));
    if offered > most { format!("{most} of {}.", plural(offered, "pixel")) } else { String::new() }
}

/// `GET /admin/export.txt`: the same tags as a file.
async fn download(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let site = site_of(&request, &state)?;
    let pixels = pixels(&state.store, &session, &query).await?.chosen;
    let ExportQuery { options, error } = options::read(&state.store, session.reader(), &query, site, &pixels).await?;
    if !error.is_empty() {
        return Err(PageError::BadRequest(error));
    }
    let text = to_text(&tags(&state.store, &pixels, &options, &query)?);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"tags.txt\""))
        .body(text))
}

/// The tags one below the other, each under its pixel's id and name.
fn to_text(tags: &[PixelTag]) -> String {
    tags.iter().map(|PixelTag { id, name, html, .. }| format!("{id} {name}\n{html}\n\n")).collect()
}

/// The address that opens a letter with the tags (RFC 6068); empty if it would be too long.
fn mail_address(tags: &[PixelTag]) -> String {
    // Encoded tags are longer still, so there is no need to encode them.
    if tags.iter().map(|tag| tag.html.len()).sum::<usize>() > LONGEST_MAIL_ADDRESS {
        return String::new();
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let subject = match tags {
        [only] => format!("Tag of the pixel {}", only.name),
        _ => format!("Tags of {}", plural(count(tags.len()), "pixel")),
    };
    // Lines of a letter end in CR LF.
    let body = to_text(tags).replace('\n', "\r\n");
    let address = format!("mailto:?subject={}&body={}", encoded(&subject), encoded(&body));
    if address.len() <= LONGEST_MAIL_ADDRESS { address } else { String::new() }
}

/// Loads the pixels. If there is only one, the form begins with that one ticked.
async fn pixels(store: &Store, session: &Session, query: &Form) -> Result<PixelSelection, StoreError> {
    let ids: Vec<PixelId> = query.ids("id");
    if !ids.is_empty() {
        let ids = ids.into_iter().map(|id| Scalar::Int(id.0)).collect();
        let pixels = ListQuery::default().with::<Pixel>("id", Test::In(ids));
        let pixels = choices::all_that(store, session.reader(), pixels).await?;
        return Ok(PixelSelection { offered: pixels.clone(), chosen: pixels });
    }
    let offered = choices::all::<Pixel>(store, session.reader(), &[]).await?;
    let chosen = if offered.len() == 1 && !query.has("chosen") { offered.clone() } else { Vec::new() };
    Ok(PixelSelection { offered, chosen })
}

fn tags(store: &Store, pixels: &[Pixel], options: &TagOptions, query: &Form) -> Result<Vec<PixelTag>, PageError> {
    let export = |pixel: &Pixel| {
        let tag = export(pixel, shares_code(store, pixel), options)
            .map_err(|refusal| PageError::BadRequest(text::refusal(refusal, &pixel.name)))?;
        let test = test_address(pixel, options, query);
        Ok(PixelTag { id: pixel.id, name: pixel.name.clone(), html: tag.html, test })
    };
    pixels.iter().map(export).collect()
}

/// The address of the live page with this tag on it, as a test.
fn test_address(pixel: &Pixel, options: &TagOptions, query: &Form) -> String {
    if options.carrier == Carrier::Server {
        return String::new();
    }
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("test", "on").append_pair("pixel", &pixel.id.to_string());
    pairs.append_pair("tag", options.carrier.as_str()).append_pair("load", "on");
    for parameter in &options.parameters {
        pairs.append_pair("param", parameter.name());
    }
    if query.has("codes") {
        pairs.append_pair("codes", "on");
    }
    if !options.segments.is_empty() {
        pairs.append_pair(options::IN_LINKS, &options::segments_in_link(options));
    }
    format!("/admin/live?{}", pairs.finish())
}

/// The address of the file with the same options.
fn download_address(pixels: &[Pixel], options: &TagOptions, query: &Form) -> String {
    let ids = pixels.iter().map(|pixel| pixel.id.to_string()).collect::<Vec<_>>().join(",");
    let [segment, action, value] = options::ROW_FIELDS;
    let segments = options::segments_in_link(options);
    let change = [("id", ids.as_str()), (segment, ""), (action, ""), (value, ""), (options::IN_LINKS, &segments)];
    paging::address("/admin/export.txt", query, &change)
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
