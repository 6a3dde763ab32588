//! Export tags: what is put on the advertiser's pages, for one or many pixels, to copy or to download.

use actix_web::http::header::{CONTENT_DISPOSITION, HOST};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::choices;
use super::error::PageError;
use super::extract::Asked;
use super::form::{Form, sentence};
use super::page::{Answer, Page, html};
use super::session::{Session, client};
use super::wording::plural;
use crate::domain::{Pixel, PixelId, TagForm};
use crate::store::{ListQuery, Scalar, Test};
use crate::tag::{Parameter, TagHost, TagOptions, fits_image, pixel_tag};
use crate::web::State;

/// More pixels than this are chosen on the list of pixels.
const MOST_OFFERED: usize = 50;

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    page: Page,
    lede: String,
    pixels: Vec<Offered>,
    script: bool,
    /// Why an image tag is not offered; empty if it is.
    no_image: String,
    secure: bool,
    /// Whether this server was reached by https, as secure tags need.
    https: bool,
    test: bool,
    parameters: Vec<Offered>,
    tags: Vec<Exported>,
    /// The same choice as a text file.
    download: String,
}

/// Something to tick.
struct Offered {
    value: String,
    label: String,
    help: String,
    ticked: bool,
}

/// A finished tag.
struct Exported {
    id: PixelId,
    name: String,
    html: String,
    /// Where it is tried out.
    test: String,
}

/// What the page was asked for.
struct Wanted {
    pixels: Vec<Pixel>,
    no_image: String,
    options: TagOptions,
}

/// `GET /admin/export`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked, request: HttpRequest) -> Answer {
    let ids: Vec<PixelId> = asked.ids("id");
    let place = place_of(&request, &state)?;
    let wanted = wanted(&state, &session, &asked, place.clone()).await?;
    let tags = tags(&wanted)?;
    let offered = match ids.as_slice() {
        [] => choices::all::<Pixel>(&state.store, session.reader()).await?,
        _ => wanted.pixels.clone(),
    };
    let options = &wanted.options;
    let parameter = |parameter: &Parameter| Offered {
        value: parameter.name().to_owned(),
        label: label(*parameter).to_owned(),
        help: help(*parameter).to_owned(),
        ticked: options.parameters.contains(parameter),
    };
    let download = tags.first().map(|_| format!("/admin/export.txt?{}", request.query_string())).unwrap_or_default();
    Ok(html(&ExportPage {
        page: session.page("export", "Export tags"),
        lede: match tags.len() {
            0 => "Tick the pixels whose tags you want.".to_owned(),
            many => format!("{}. Choose what the tags shall carry, then copy them.", plural(count(many), "pixel")),
        },
        pixels: offered.iter().take(MOST_OFFERED).map(|pixel| offer(pixel, ids.contains(&pixel.id))).collect(),
        script: options.kind == TagForm::Script,
        no_image: wanted.no_image.clone(),
        secure: options.secure,
        https: place.https,
        test: options.test,
        parameters: Parameter::OF_PIXELS.iter().map(parameter).collect(),
        tags,
        download,
    }))
}

/// `GET /admin/export.txt`: the same tags as a file.
pub async fn download(state: web::Data<State>, session: Session, Asked(asked): Asked, request: HttpRequest) -> Answer {
    let wanted = wanted(&state, &session, &asked, place_of(&request, &state)?).await?;
    let mut text = String::new();
    for Exported { id, name, html, .. } in tags(&wanted)? {
        text.push_str(&format!("{id} {name}\n{html}\n\n"));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"tags.txt\""))
        .body(text))
}

/// Where tags lead to.
#[derive(Clone)]
pub struct Place {
    /// The host they name.
    pub host: TagHost,
    /// Whether that is reached by https.
    pub https: bool,
}

/// What the settings say, else where this page was asked for.
///
/// # Errors
/// A `Host` header that no tag could name.
pub fn place_of(request: &HttpRequest, state: &State) -> Result<Place, PageError> {
    let asked = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let (base, https) = match &state.config.public_url {
        Some(url) => (url.as_str(), url.starts_with("https://")),
        None => (asked, client(request, state).https),
    };
    let host = TagHost::parse(base)
        .ok_or_else(|| PageError::BadRequest("the host that was asked for cannot stand in a tag".to_owned()))?;
    Ok(Place { host, https })
}

async fn wanted(state: &State, session: &Session, asked: &Form, place: Place) -> Result<Wanted, PageError> {
    let ids: Vec<PixelId> = asked.ids("id");
    let pixels = match ids.as_slice() {
        [] => Vec::new(),
        _ => {
            let ids = ids.iter().map(|id| Scalar::Int(id.0)).collect();
            let query = ListQuery::default().with::<Pixel>("id", Test::In(ids));
            choices::all_that(&state.store, session.reader(), query).await?
        }
    };
    let refusal = pixels.iter().find_map(|pixel| fits_image(pixel).err().map(|refusal| (pixel, refusal)));
    let no_image = refusal.map(|(pixel, refusal)| {
        let text = sentence(&refusal.to_string());
        format!("Not offered here: {}", text.replacen(&format!("Pixel {}", pixel.id), &format!("“{}”", pixel.name), 1))
    });
    // Without this field nobody has chosen yet, and a box that is not there is not a box unticked.
    let chosen = asked.has("chosen");
    let kind = match asked.text("kind") {
        "script" => TagForm::Script,
        _ if no_image.is_some() => TagForm::Script,
        _ => TagForm::Image,
    };
    let parameters = match chosen {
        true => asked.all("param").filter_map(Parameter::parse).collect(),
        false => vec![Parameter::OrderId, Parameter::Value],
    };
    let secure = if chosen { asked.has("secure") } else { place.https };
    let options = TagOptions { kind, secure, host: place.host, parameters, test: asked.has("test") };
    Ok(Wanted { pixels, no_image: no_image.unwrap_or_default(), options })
}

fn tags(wanted: &Wanted) -> Result<Vec<Exported>, PageError> {
    let export = |pixel: &Pixel| {
        let tag = pixel_tag(pixel, &wanted.options).map_err(|refusal| PageError::BadRequest(refusal.to_string()))?;
        Ok(Exported {
            id: pixel.id,
            name: pixel.name.clone(),
            html: tag.html,
            test: test_address(pixel, &wanted.options),
        })
    };
    wanted.pixels.iter().map(export).collect()
}

/// The live page, carrying this tag as a test.
fn test_address(pixel: &Pixel, options: &TagOptions) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("test", "on").append_pair("pixel", &pixel.id.to_string());
    query.append_pair("tag", options.kind.as_str()).append_pair("load", "on");
    for parameter in &options.parameters {
        query.append_pair("param", parameter.name());
    }
    format!("/admin/live?{}", query.finish())
}

fn offer(pixel: &Pixel, ticked: bool) -> Offered {
    let piggybacks = match pixel.piggyback_pixels.len() {
        0 => String::new(),
        many => format!(" · {}", plural(count(many), "piggyback")),
    };
    let help = format!("{}{piggybacks}", pixel.id);
    Offered { value: pixel.id.to_string(), label: pixel.name.clone(), help, ticked }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

fn label(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::OrderId => "Order id",
        Parameter::Value => "Value",
        Parameter::Currency => "Currency",
        Parameter::Other => "Other",
        Parameter::EventId => "Event id",
        Parameter::Cachebuster => "Cachebuster",
        Parameter::Ancost => "Media cost",
        Parameter::Redir => "Redirect URL",
    }
}

fn help(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::OrderId => "Up to 36 characters. With “count each order once” a reload does no harm.",
        Parameter::Value => "A plain number with a point: 129.00.",
        Parameter::Currency => "Three letters, such as EUR. Without it the advertiser's currency is taken.",
        Parameter::Other => "Up to 20 characters of your own.",
        Parameter::EventId => "The same event sent by tag and by server counts once.",
        Parameter::Redir => "Where to go on to; followed to the hosts that the advertiser allows.",
        Parameter::Cachebuster | Parameter::Ancost => "",
    }
}
