//! The page that exports tags of one or many pixels, to copy or to download. `tag` says which choices go together; the
//! page disables what it refuses, with the reason beside it.

pub mod api_command;
pub mod options;
pub mod text;

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::choices::{self, Choice};
use super::lists::paging;
use super::shell::error::PageError;
use super::shell::extract::Query;
use super::shell::form::{Form, sentence};
use super::shell::page::{Answer, Page, html, html_again};
use super::shell::session::Session;
use super::text::format::plural;
use crate::domain::{Pixel, PixelId, Segment, Status};
use crate::store::{ListQuery, Scalar, Store, StoreError, Test};
use crate::tag::{Carrier, Naming, Parameter, SegmentPart, TagOptions, Target, export};
use crate::web::AppState;
use options::{ExportQuery, SegmentOpData, refusal, shares_code, site_of};
use text::Caption;

/// The longest address of a letter, in characters. Some mail programs cut or refuse longer ones.
const LONGEST_MAIL_ADDRESS: usize = 2_000;

/// The most pixels that the page itself offers. The list of pixels offers them all.
const MOST_OFFERED: usize = 50;

#[derive(Template)]
#[template(path = "admin/export/export.html")]
struct ExportPage {
    page: Page,
    lede: String,
    pixels: Vec<ExportChoice>,
    /// Whether the user ticked a pixel.
    chosen: bool,
    carriers: Vec<ExportChoice>,
    targets: Vec<ExportChoice>,
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
    steps: &'static [&'static str],
    /// The address of the tags as a text file.
    download: String,
    /// The address that opens a letter with the tags; empty if it would be too long.
    mail: String,
}

/// A box or radio button of the form.
struct ExportChoice {
    value: String,
    label: String,
    help: String,
    ticked: bool,
    /// Whether it does not go with the other choices. Then `help` says why.
    is_refused: bool,
}

struct SegmentRows {
    rows: Vec<SegmentOpRow>,
    /// The options of one more row.
    options: Vec<Choice>,
    /// Why the tags cannot have segments; empty if they can.
    refusal: String,
}

struct SegmentOpRow {
    /// Counts from 1.
    number: usize,
    data: SegmentOpData,
    options: Vec<Choice>,
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

/// `GET /admin/export`
pub async fn show(state: web::Data<AppState>, session: Session, Query(query): Query, request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let site = site_of(&request, &state)?;
    let https = site.https;
    let PixelSelection { offered, chosen: pixels } = pixels(store, &session, &query).await?;
    let ExportQuery { options, error } = options::read(store, by, &query, site, &pixels).await?;
    let error = if error.is_empty() { sentence(&refusal(&pixels, &options)) } else { error };
    let tags = if error.is_empty() { tags(store, &pixels, &options, &query)? } else { Vec::new() };
    let choices = ExportChoices { pixels: &pixels, options: &options, are_valid: error.is_empty() };
    let download = if tags.is_empty() { String::new() } else { download_address(&pixels, &options, &query) };
    let mail = if tags.is_empty() { String::new() } else { mail_address(&tags) };
    let page = ExportPage {
        page: session.page("export", "Export tags"),
        lede: match pixels.len() {
            0 => "Tick the pixels whose tags you want.".to_owned(),
            many => format!("{}. Choose what the tags shall carry, then copy them.", plural(count(many), "pixel")),
        },
        chosen: !pixels.is_empty(),
        pixels: offered.iter().take(MOST_OFFERED).map(|pixel| pixel_choice(pixel, &pixels)).collect(),
        carriers: Carrier::ALL.iter().map(|carrier| choices.carrier(*carrier)).collect(),
        targets: Target::ALL.iter().map(|target| choices.target(*target)).collect(),
        secure: options.secure,
        https,
        test: options.test,
        codes: choices.codes(),
        noscript: choices.noscript(),
        parameters: Parameter::OF_PIXELS.iter().map(|parameter| choices.parameter(*parameter)).collect(),
        segments: segments(store, &session, &query, &choices).await?,
        steps: text::steps(options.carrier, options.target),
        tags,
        download,
        mail,
        error,
    };
    Ok(if page.error.is_empty() { html(&page) } else { html_again(&page) })
}

/// `GET /admin/export.txt`: the same tags as a file.
pub async fn download(
    state: web::Data<AppState>,
    session: Session,
    Query(query): Query,
    request: HttpRequest,
) -> Answer {
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
    // Encoding the tags of a thousand pixels would be in vain.
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
            .map_err(|refusal| PageError::BadRequest(refusal.to_string()))?;
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

async fn segments(
    store: &Store,
    session: &Session,
    query: &Form,
    choices: &ExportChoices<'_>,
) -> Result<SegmentRows, StoreError> {
    let mut rows = options::rows(query);
    if rows.is_empty() || query.adds_row() {
        rows.push(SegmentOpData::empty());
    }
    let active =
        ListQuery::default().with::<Segment>("state", Test::In(vec![Scalar::Text(Status::Active.to_string())]));
    let ids: Vec<i64> = rows.iter().filter_map(|row| row.segment.parse().ok()).collect();
    let all = choices::all_with::<Segment>(store, session.reader(), active, &ids).await?;
    let options = |chosen: &str| {
        choices::options(&all, chosen, |segment| (segment.id.0, format!("{} ({})", segment.short_name, segment.id)))
    };
    let row = |(index, data): (usize, SegmentOpData)| SegmentOpRow {
        number: index + 1,
        options: options(&data.segment),
        data,
    };
    Ok(SegmentRows {
        rows: rows.into_iter().enumerate().map(row).collect(),
        options: options(""),
        refusal: choices.segment_refusal(),
    })
}

/// Makes the choices of the form, beside the options that the user has chosen.
struct ExportChoices<'a> {
    pixels: &'a [Pixel],
    options: &'a TagOptions,
    /// Whether the options go together. If not, the page offers everything, so that the user can put it right.
    are_valid: bool,
}

impl ExportChoices<'_> {
    /// Why the options cannot change so; empty if they can.
    fn refusal(&self, change: impl FnOnce(&mut TagOptions)) -> String {
        let mut other = self.options.clone();
        change(&mut other);
        if self.are_valid { refusal(self.pixels, &other) } else { String::new() }
    }

    fn choice(&self, value: &str, Caption { label, help }: Caption, ticked: bool, refusal: String) -> ExportChoice {
        let help = if refusal.is_empty() { help.to_owned() } else { format!("Not offered here: {refusal}") };
        ExportChoice { value: value.to_owned(), label: label.to_owned(), is_refused: !refusal.is_empty(), help, ticked }
    }

    fn carrier(&self, carrier: Carrier) -> ExportChoice {
        // Only the pixels themselves forbid images, so images stay refused while other options are wrong.
        let refusal = match carrier {
            Carrier::Image if !self.are_valid => {
                let plain = TagOptions { carrier, target: Target::Page, naming: Naming::Ids, ..self.options.clone() };
                refusal(self.pixels, &plain)
            }
            _ => self.refusal(|options| options.carrier = carrier),
        };
        self.choice(carrier.as_str(), text::carrier(carrier), self.options.carrier == carrier, refusal)
    }

    fn target(&self, target: Target) -> ExportChoice {
        let refusal = self.refusal(|options| options.target = target);
        self.choice(target.as_str(), text::target(target), self.options.target == target, refusal)
    }

    fn parameter(&self, parameter: Parameter) -> ExportChoice {
        let caption = text::parameter(parameter, self.options.target);
        let ticked = self.options.parameters.contains(&parameter);
        let refusal = self.refusal(|options| options.parameters.push(parameter));
        self.choice(parameter.name(), caption, ticked, refusal)
    }

    fn codes(&self) -> ExportChoice {
        let codes = Naming::Codes(crate::store::MEMBER);
        let caption = Caption {
            label: "Use codes",
            help: "Name pixels and segments by their codes, which survive a move to another server.",
        };
        let refusal = self.refusal(|options| options.naming = codes);
        self.choice("on", caption, self.options.naming == codes, refusal)
    }

    /// Only for script tags on pages.
    fn noscript(&self) -> Option<ExportChoice> {
        let caption = Caption {
            label: "With an image for browsers without scripts",
            help: "It counts the fire; script piggybacks are left out.",
        };
        let has_noscript = self.options.carrier == Carrier::Script && self.options.target == Target::Page;
        has_noscript.then(|| self.choice("on", caption, self.options.noscript, String::new()))
    }

    fn segment_refusal(&self) -> String {
        let any = SegmentPart::new(&Segment::new("any"), crate::domain::SegmentAction::Remove);
        self.refusal(|options| options.segments.push(any))
    }
}

fn pixel_choice(pixel: &Pixel, chosen: &[Pixel]) -> ExportChoice {
    let mut help = pixel.id.to_string();
    if let Some(code) = &pixel.code {
        help.push_str(&format!(" · code {code}"));
    }
    if !pixel.piggyback_pixels.is_empty() {
        help.push_str(&format!(" · {}", plural(count(pixel.piggyback_pixels.len()), "piggyback")));
    }
    let ticked = chosen.iter().any(|other| other.id == pixel.id);
    ExportChoice { value: pixel.id.to_string(), label: pixel.name.clone(), help, ticked, is_refused: false }
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
