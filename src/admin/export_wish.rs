//! What the export form asks for: the tags' host, carrier, target, parameters and segments, read from the query string.
//! Which of them go together is `tag`'s rule; here it is only put into words for the pixels at hand.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

use super::choices;
use super::error::PageError;
use super::form::Form;
use super::session::client;
use crate::domain::{Pixel, Reader, Segment, SegmentAction, SegmentId, SegmentOp};
use crate::store::{ByCode, ListQuery, MEMBER, Scalar, Store, StoreError, Test};
use crate::tag::{Carrier, Naming, Parameter, SegmentPart, TagHost, TagRefusal, Target, Wish, fits_image};
use crate::web::State;

/// More rows of segments than this are nobody's by hand.
const MOST_SEGMENTS: usize = 20;

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

/// One row of the form's segments, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The segment's id; a row without one is left out.
    pub segment: String,
    /// `add` or `remove`.
    pub action: String,
    /// The membership's value; may be empty.
    pub value: String,
}

impl Row {
    /// One to fill in.
    pub fn empty() -> Self {
        Row { segment: String::new(), action: "add".to_owned(), value: String::new() }
    }

    /// What the visitor's membership becomes.
    ///
    /// # Errors
    /// A value that is none, in words.
    fn action(&self) -> Result<SegmentAction, String> {
        match (self.action.as_str(), self.value.as_str()) {
            ("remove", _) => Ok(SegmentAction::Remove),
            (_, "") => Ok(SegmentAction::Add { value: None }),
            (_, value) => match value.parse::<i32>() {
                Ok(value) if value >= 0 => Ok(SegmentAction::Add { value: Some(value) }),
                _ => Err(format!(
                    "The value of a segment must be a whole number from 0 to {}, and is “{value}”.",
                    i32::MAX
                )),
            },
        }
    }
}

impl From<SegmentOp> for Row {
    fn from(op: SegmentOp) -> Self {
        let (action, value) = match op.action {
            SegmentAction::Remove => ("remove", None),
            SegmentAction::Add { value } => ("add", value),
        };
        let value = value.map_or_else(String::new, |value| value.to_string());
        Row { segment: op.segment_id.to_string(), action: action.to_owned(), value }
    }
}

/// The fields of the form's rows.
pub const ROW_FIELDS: [&str; 3] = ["segment", "segment_do", "segment_value"];

/// The parameter in which links carry the rows: `12192:10,-23145`.
pub const IN_LINKS: &str = "segments";

/// The rows that were sent, by a link or by the form.
pub fn rows(asked: &Form) -> Vec<Row> {
    let linked = asked.text(IN_LINKS).split(',').filter_map(|op| op.parse::<SegmentOp>().ok()).map(Row::from);
    let [segment, action, value] = ROW_FIELDS.map(|name| asked.all(name));
    let typed = segment.zip(action).zip(value).map(|((segment, action), value)| Row {
        segment: segment.to_owned(),
        action: if action == "remove" { "remove" } else { "add" }.to_owned(),
        value: value.to_owned(),
    });
    linked.chain(typed).filter(|row| !row.segment.is_empty()).take(MOST_SEGMENTS).collect()
}

/// The same for a link.
pub fn linked(wish: &Wish) -> String {
    let op = |part: &SegmentPart| SegmentOp { segment_id: part.id, action: part.action }.to_string();
    wish.segments.iter().map(op).collect::<Vec<_>>().join(",")
}

/// What was wished for, and what of it could not be read.
pub struct Read {
    /// The wish.
    pub wish: Wish,
    /// What is wrong with the segments' values, in words; empty if nothing is.
    pub trouble: String,
}

/// Reads the wish for these pixels' tags.
///
/// # Errors
/// Database faults.
pub async fn read(
    store: &Store,
    by: &Reader,
    asked: &Form,
    place: Place,
    pixels: &[Pixel],
) -> Result<Read, StoreError> {
    // Without this field nobody has chosen yet, and a box that is not there is not a box unticked.
    let chosen = asked.has("chosen");
    let fits = pixels.iter().all(|pixel| fits_image(pixel).is_ok());
    let carrier = Carrier::parse(asked.text("kind")).filter(|carrier| fits || *carrier != Carrier::Image);
    let (segments, trouble) = segments(store, by, &rows(asked)).await?;
    let wish = Wish {
        carrier: carrier.unwrap_or(if fits { Carrier::Image } else { Carrier::Script }),
        target: Target::parse(asked.text("for")).unwrap_or(Target::Page),
        secure: if chosen { asked.has("secure") } else { place.https },
        host: place.host,
        parameters: match chosen || asked.has("param") {
            true => asked.all("param").filter_map(Parameter::parse).collect(),
            false => vec![Parameter::OrderId, Parameter::Value],
        },
        test: asked.has("test"),
        noscript: asked.has("noscript"),
        naming: if asked.has("codes") { Naming::Codes(MEMBER) } else { Naming::Ids },
        segments,
    };
    Ok(Read { wish, trouble })
}

/// What the rows say, of segments that this user sees.
async fn segments(store: &Store, by: &Reader, rows: &[Row]) -> Result<(Vec<SegmentPart>, String), StoreError> {
    let ids: Vec<SegmentId> = rows.iter().filter_map(|row| row.segment.parse().ok()).collect();
    if ids.is_empty() {
        return Ok((Vec::new(), String::new()));
    }
    let ids = ids.into_iter().map(|id| Scalar::Int(id.0)).collect();
    let found =
        choices::all_that::<Segment>(store, by, ListQuery::default().with::<Segment>("id", Test::In(ids))).await?;
    let (mut parts, mut troubles) = (Vec::new(), Vec::new());
    for row in rows {
        let id = row.segment.parse::<SegmentId>().ok();
        let Some(segment) = found.iter().find(|segment| Some(segment.id) == id) else { continue };
        match row.action() {
            Ok(action) => parts.push(SegmentPart::new(segment, action)),
            Err(trouble) => troubles.push(trouble),
        }
    }
    Ok((parts, troubles.join(" ")))
}

/// Whether pixels of several advertisers bear this pixel's code.
pub fn shares_code(store: &Store, pixel: &Pixel) -> bool {
    let code = pixel.code.as_deref();
    code.is_some_and(|code| matches!(store.catalog().pixel_by_code(code, None), ByCode::Several))
}

/// Why the wish cannot be had for these pixels, to follow a colon; empty if it can.
pub fn refusal(pixels: &[Pixel], wish: &Wish) -> String {
    let refused = pixels.iter().find_map(|pixel| wish.check(pixel).err().map(|refusal| words(pixel, refusal)));
    refused.unwrap_or_default()
}

/// A reason with the pixel's name in place of its number.
fn words(pixel: &Pixel, refusal: TagRefusal) -> String {
    format!("{refusal}.").replacen(&format!("pixel {}", pixel.id), &format!("“{}”", pixel.name), 1)
}
