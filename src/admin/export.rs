//! Export tags: what is put on the advertiser's pages, for one or many pixels, to copy or to download. What goes together
//! is `tag`'s rule alone: a choice that it refuses is not offered, and the reason stands beside it.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::choices::{self, Choice};
use super::error::PageError;
use super::export_wish::{self, Read, Row, place_of, refusal, shares_code};
use super::export_words as words;
use super::extract::Asked;
use super::form::{Form, sentence};
use super::list;
use super::page::{Answer, Page, html, html_again};
use super::session::Session;
use super::wording::plural;
use crate::domain::{Pixel, PixelId, Segment, Status};
use crate::store::{ListQuery, Scalar, Store, StoreError, Test};
use crate::tag::{Carrier, Naming, Parameter, SegmentPart, Target, Wish, export};
use crate::web::State;

/// Longer addresses are cut or refused by some mail programs, in characters.
const LONGEST_MAIL_ADDRESS: usize = 2_000;

/// More pixels than this are chosen on the list of pixels.
const MOST_OFFERED: usize = 50;

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    page: Page,
    lede: String,
    pixels: Vec<Offered>,
    /// Whether a pixel is ticked.
    chosen: bool,
    carriers: Vec<Offered>,
    targets: Vec<Offered>,
    secure: bool,
    /// Whether this server was reached by https, as secure tags need.
    https: bool,
    test: bool,
    codes: Offered,
    noscript: Option<Offered>,
    parameters: Vec<Offered>,
    segments: Segments,
    /// Why what was chosen cannot be had; empty if it can.
    trouble: String,
    tags: Vec<Exported>,
    /// What is done with them.
    steps: &'static [&'static str],
    /// The same choice as a text file.
    download: String,
    /// A letter in the user's own mail program with the same text; empty where it would be too long.
    mail: String,
}

/// Something to tick or to choose.
struct Offered {
    value: String,
    label: String,
    help: String,
    ticked: bool,
    /// It does not go with the rest; `help` says why.
    refused: bool,
}

/// The rows of segments.
struct Segments {
    rows: Vec<SegmentRow>,
    /// Of a further row.
    options: Vec<Choice>,
    /// Why there can be none; empty if there can.
    refused: String,
}

struct SegmentRow {
    number: usize,
    row: Row,
    options: Vec<Choice>,
}

/// A finished tag.
struct Exported {
    id: PixelId,
    name: String,
    html: String,
    /// Where it is tried out; empty where no browser could.
    test: String,
}

/// `GET /admin/export`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked, request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let place = place_of(&request, &state)?;
    let https = place.https;
    let (pixels, offered) = pixels(store, &session, &asked).await?;
    let Read { wish, trouble } = export_wish::read(store, by, &asked, place, &pixels).await?;
    let trouble = if trouble.is_empty() { sentence(&refusal(&pixels, &wish)) } else { trouble };
    let tags = if trouble.is_empty() { tags(store, &pixels, &wish, &asked)? } else { Vec::new() };
    let offer = Offer { pixels: &pixels, wish: &wish, legal: trouble.is_empty() };
    let download = if tags.is_empty() { String::new() } else { download_address(&pixels, &wish, &asked) };
    let mail = if tags.is_empty() { String::new() } else { mail_address(&tags) };
    let page = ExportPage {
        page: session.page("export", "Export tags"),
        lede: match pixels.len() {
            0 => "Tick the pixels whose tags you want.".to_owned(),
            many => format!("{}. Choose what the tags shall carry, then copy them.", plural(count(many), "pixel")),
        },
        chosen: !pixels.is_empty(),
        pixels: offered.iter().take(MOST_OFFERED).map(|pixel| pixel_box(pixel, &pixels)).collect(),
        carriers: Carrier::ALL.iter().map(|carrier| offer.carrier(*carrier)).collect(),
        targets: Target::ALL.iter().map(|target| offer.target(*target)).collect(),
        secure: wish.secure,
        https,
        test: wish.test,
        codes: offer.codes(),
        noscript: offer.noscript(),
        parameters: Parameter::OF_PIXELS.iter().map(|parameter| offer.parameter(*parameter)).collect(),
        segments: segments(store, &session, &asked, &offer).await?,
        steps: words::steps(wish.carrier, wish.target),
        tags,
        download,
        mail,
        trouble,
    };
    Ok(if page.trouble.is_empty() { html(&page) } else { html_again(&page) })
}

/// `GET /admin/export.txt`: the same tags as a file.
pub async fn download(state: web::Data<State>, session: Session, Asked(asked): Asked, request: HttpRequest) -> Answer {
    let place = place_of(&request, &state)?;
    let (pixels, _) = pixels(&state.store, &session, &asked).await?;
    let Read { wish, trouble } = export_wish::read(&state.store, session.reader(), &asked, place, &pixels).await?;
    if !trouble.is_empty() {
        return Err(PageError::BadRequest(trouble));
    }
    let text = as_text(&tags(&state.store, &pixels, &wish, &asked)?);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"tags.txt\""))
        .body(text))
}

/// The tags one below the other, each under its pixel's id and name.
fn as_text(tags: &[Exported]) -> String {
    tags.iter().map(|Exported { id, name, html, .. }| format!("{id} {name}\n{html}\n\n")).collect()
}

/// What opens a letter with the tags (RFC 6068); empty where it would be too long.
fn mail_address(tags: &[Exported]) -> String {
    // The tags of a thousand pixels are not encoded for nothing.
    if tags.iter().map(|tag| tag.html.len()).sum::<usize>() > LONGEST_MAIL_ADDRESS {
        return String::new();
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let subject = match tags {
        [only] => format!("Tag of the pixel {}", only.name),
        _ => format!("Tags of {}", plural(count(tags.len()), "pixel")),
    };
    // Lines of a letter end in CR LF.
    let body = as_text(tags).replace('\n', "\r\n");
    let address = format!("mailto:?subject={}&body={}", encoded(&subject), encoded(&body));
    if address.len() <= LONGEST_MAIL_ADDRESS { address } else { String::new() }
}

/// The pixels that were ticked, and those that can be. Where there is one only, it is ticked.
async fn pixels(store: &Store, session: &Session, asked: &Form) -> Result<(Vec<Pixel>, Vec<Pixel>), StoreError> {
    let ids: Vec<PixelId> = asked.ids("id");
    if !ids.is_empty() {
        let ids = ids.into_iter().map(|id| Scalar::Int(id.0)).collect();
        let query = ListQuery::default().with::<Pixel>("id", Test::In(ids));
        let pixels = choices::all_that(store, session.reader(), query).await?;
        return Ok((pixels.clone(), pixels));
    }
    let all = choices::all::<Pixel>(store, session.reader(), &[]).await?;
    let ticked = if all.len() == 1 && !asked.has("chosen") { all.clone() } else { Vec::new() };
    Ok((ticked, all))
}

fn tags(store: &Store, pixels: &[Pixel], wish: &Wish, asked: &Form) -> Result<Vec<Exported>, PageError> {
    let export = |pixel: &Pixel| {
        let tag = export(pixel, shares_code(store, pixel), wish)
            .map_err(|refusal| PageError::BadRequest(refusal.to_string()))?;
        Ok(Exported { id: pixel.id, name: pixel.name.clone(), html: tag.html, test: test_address(pixel, wish, asked) })
    };
    pixels.iter().map(export).collect()
}

/// The live page, carrying this tag as a test.
fn test_address(pixel: &Pixel, wish: &Wish, asked: &Form) -> String {
    if wish.carrier == Carrier::Server {
        return String::new();
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("test", "on").append_pair("pixel", &pixel.id.to_string());
    query.append_pair("tag", wish.carrier.as_str()).append_pair("load", "on");
    for parameter in &wish.parameters {
        query.append_pair("param", parameter.name());
    }
    if asked.has("codes") {
        query.append_pair("codes", "on");
    }
    if !wish.segments.is_empty() {
        query.append_pair(export_wish::IN_LINKS, &export_wish::linked(wish));
    }
    format!("/admin/live?{}", query.finish())
}

async fn segments(store: &Store, session: &Session, asked: &Form, offer: &Offer<'_>) -> Result<Segments, StoreError> {
    let mut rows: Vec<Row> = export_wish::rows(asked);
    if rows.is_empty() || asked.text("do") == "add-row" {
        rows.push(Row::empty());
    }
    let active =
        ListQuery::default().with::<Segment>("state", Test::In(vec![Scalar::Text(Status::Active.to_string())]));
    let named: Vec<i64> = rows.iter().filter_map(|row| row.segment.parse().ok()).collect();
    let all = choices::all_with::<Segment>(store, session.reader(), active, &named).await?;
    let options = |chosen: &str| {
        choices::options(&all, chosen, |segment| (segment.id.0, format!("{} ({})", segment.short_name, segment.id)))
    };
    let row = |(place, row): (usize, Row)| SegmentRow { number: place + 1, options: options(&row.segment), row };
    Ok(Segments {
        rows: rows.into_iter().enumerate().map(row).collect(),
        options: options(""),
        refused: offer.segments(),
    })
}

/// What can be chosen beside what is.
struct Offer<'a> {
    pixels: &'a [Pixel],
    wish: &'a Wish,
    /// Whether what is chosen goes together. If not, everything is on offer, to put it right.
    legal: bool,
}

impl Offer<'_> {
    /// Why this change of the wish cannot be had; empty if it can.
    fn refused(&self, change: impl FnOnce(&mut Wish)) -> String {
        let mut other = self.wish.clone();
        change(&mut other);
        if self.legal { refusal(self.pixels, &other) } else { String::new() }
    }

    fn choice(&self, value: &str, (label, help): (&str, &str), ticked: bool, refused: String) -> Offered {
        let help = if refused.is_empty() { help.to_owned() } else { format!("Not offered here: {refused}") };
        Offered { value: value.to_owned(), label: label.to_owned(), refused: !refused.is_empty(), help, ticked }
    }

    fn carrier(&self, carrier: Carrier) -> Offered {
        // Images are refused for the pixels' sake also while something else is wrong.
        let refused = match carrier {
            Carrier::Image if !self.legal => {
                let plain = Wish { carrier, target: Target::Page, naming: Naming::Ids, ..self.wish.clone() };
                refusal(self.pixels, &plain)
            }
            _ => self.refused(|wish| wish.carrier = carrier),
        };
        self.choice(carrier.as_str(), words::carrier(carrier), self.wish.carrier == carrier, refused)
    }

    fn target(&self, target: Target) -> Offered {
        let refused = self.refused(|wish| wish.target = target);
        let words = (target.label(), words::target(target));
        self.choice(target.as_str(), words, self.wish.target == target, refused)
    }

    fn parameter(&self, parameter: Parameter) -> Offered {
        let words = (words::label(parameter), words::help(parameter, self.wish.target));
        let ticked = self.wish.parameters.contains(&parameter);
        self.choice(parameter.name(), words, ticked, self.refused(|wish| wish.parameters.push(parameter)))
    }

    fn codes(&self) -> Offered {
        let codes = Naming::Codes(crate::store::MEMBER);
        let words = ("Use codes", "Name pixels and segments by their codes, which survive a move to another server.");
        self.choice("on", words, self.wish.naming == codes, self.refused(|wish| wish.naming = codes))
    }

    /// Only script tags on pages have it.
    fn noscript(&self) -> Option<Offered> {
        let words =
            ("With an image for browsers without scripts", "It counts the fire; script piggybacks are left out.");
        let has = self.wish.carrier == Carrier::Script && self.wish.target == Target::Page;
        has.then(|| self.choice("on", words, self.wish.noscript, String::new()))
    }

    fn segments(&self) -> String {
        let some = SegmentPart::new(&Segment::new("any"), crate::domain::SegmentAction::Remove);
        self.refused(|wish| wish.segments.push(some))
    }
}

fn pixel_box(pixel: &Pixel, ticked: &[Pixel]) -> Offered {
    let mut help = pixel.id.to_string();
    if let Some(code) = &pixel.code {
        help.push_str(&format!(" · code {code}"));
    }
    if !pixel.piggyback_pixels.is_empty() {
        help.push_str(&format!(" · {}", plural(count(pixel.piggyback_pixels.len()), "piggyback")));
    }
    let ticked = ticked.iter().any(|other| other.id == pixel.id);
    Offered { value: pixel.id.to_string(), label: pixel.name.clone(), help, ticked, refused: false }
}

/// The same choices, for the file.
fn download_address(pixels: &[Pixel], wish: &Wish, asked: &Form) -> String {
    let ids = pixels.iter().map(|pixel| pixel.id.to_string()).collect::<Vec<_>>().join(",");
    let [segment, action, value] = export_wish::ROW_FIELDS;
    let segments = export_wish::linked(wish);
    let change = [("id", ids.as_str()), (segment, ""), (action, ""), (value, ""), (export_wish::IN_LINKS, &segments)];
    list::address("/admin/export.txt", asked, &change)
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
