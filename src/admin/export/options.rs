//! The options of the export form, read from the query string: host, carrier, target, parameters and segments. `tag`
//! says which of them go together; its refusals get the pixels' names here.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

use super::text;
use crate::admin::choices;
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::Form;
use crate::admin::shell::session::client;
use crate::domain::{Pixel, Reader, Segment, SegmentAction, SegmentId, SegmentOp};
use crate::store::{ByCode, ListQuery, MEMBER, Scalar, Store, StoreError, Test};
use crate::tag::{Carrier, Naming, Parameter, Reach, SegmentPart, TagHost, TagOptions, Target, fits_image};
use crate::web::AppState;

/// The most rows of segments that the form reads.
const MOST_SEGMENTS: usize = 20;

/// This server as the user's browser reaches it.
#[derive(Clone)]
pub struct Site {
    pub host: TagHost,
    pub https: bool,
}

impl Site {
    /// `https://px.shop.example`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.host)
    }

    /// Which browsers reach this address, and so can load its tags.
    pub fn reach(&self) -> Reach {
        Reach::of(&self.host, self.https)
    }
}

/// The site of the setting `public_url`, else that of the request.
///
/// # Errors
/// A `Host` header that no tag may hold.
pub fn site_of(request: &HttpRequest, state: &AppState) -> Result<Site, PageError> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let live = state.live();
    let (base, https) = match &live.public_url {
        Some(url) => (url.as_str(), url.starts_with("https://")),
        None => (host, client(request, state).https),
    };
    let host = TagHost::parse(base)
        .ok_or_else(|| PageError::BadRequest("this server was reached under a host that no tag can name".to_owned()))?;
    Ok(Site { host, https })
}

/// A row of the form's segments as text.
#[derive(Clone)]
pub struct SegmentOpData {
    /// The segment's id; empty for none.
    pub segment: String,
    /// `add` or `remove`.
    pub action: String,
    /// The value of the membership; empty for none.
    pub value: String,
}

impl SegmentOpData {
    pub fn empty() -> Self {
        SegmentOpData { segment: String::new(), action: "add".to_owned(), value: String::new() }
    }

    /// # Errors
    /// A sentence about a value that is no number.
    fn action(&self) -> Result<SegmentAction, String> {
        match (self.action.as_str(), self.value.as_str()) {
            ("remove", _) => Ok(SegmentAction::Remove),
            (_, "") => Ok(SegmentAction::Add { value: None }),
            (_, value) => match value.parse::<i32>() {
                Ok(value) if value >= 0 => Ok(SegmentAction::Add { value: Some(value) }),
                _ => Err(format!("“{value}” is no value for a segment. Enter a whole number from 0 to {}.", i32::MAX)),
            },
        }
    }
}

impl From<SegmentOp> for SegmentOpData {
    fn from(op: SegmentOp) -> Self {
        let (action, value) = match op.action {
            SegmentAction::Remove => ("remove", None),
            SegmentAction::Add { value } => ("add", value),
        };
        let value = value.map_or_else(String::new, |value| value.to_string());
        SegmentOpData { segment: op.segment_id.to_string(), action: action.to_owned(), value }
    }
}

/// The fields of a row.
pub const ROW_FIELDS: [&str; 3] = ["segment", "segment_do", "segment_value"];

/// The parameter in which links carry the rows: `12192:10,-23145`.
pub const IN_LINKS: &str = "segments";

/// The rows that name a segment, from a link or from the form.
pub fn rows(query: &Form) -> Vec<SegmentOpData> {
    let ops = query.text(IN_LINKS).split(',').filter_map(|op| op.parse::<SegmentOp>().ok());
    let [segment, action, value] = ROW_FIELDS.map(|name| query.all(name));
    let rows = segment.zip(action).zip(value).map(|((segment, action), value)| SegmentOpData {
        segment: segment.to_owned(),
        action: if action == "remove" { "remove" } else { "add" }.to_owned(),
        value: value.to_owned(),
    });
    ops.map(SegmentOpData::from).chain(rows).filter(|row| !row.segment.is_empty()).take(MOST_SEGMENTS).collect()
}

/// The parameter in which the form keeps the rows while its target takes no segments.
pub const KEPT: &str = "kept_segments";

/// The rows for a target: also those that the form kept while it showed another target.
pub fn rows_for(query: &Form, target: Target) -> Vec<SegmentOpData> {
    let mut rows = rows(query);
    if target.has_segments() {
        rows.extend(kept(query));
        rows.truncate(MOST_SEGMENTS);
    }
    rows
}

fn kept(query: &Form) -> impl Iterator<Item = SegmentOpData> {
    query.text(KEPT).split(',').filter_map(|op| op.parse::<SegmentOp>().ok()).map(SegmentOpData::from)
}

/// The rows that the form must keep for a target with segments, as a link carries them.
pub fn rows_to_keep(query: &Form) -> String {
    let op = |row: SegmentOpData| Some(SegmentOp { segment_id: row.segment.parse().ok()?, action: row.action().ok()? });
    let ops = rows(query).into_iter().chain(kept(query)).take(MOST_SEGMENTS).filter_map(op);
    ops.map(|op| op.to_string()).collect::<Vec<_>>().join(",")
}

/// The options' segments as a link carries them.
pub fn segments_in_link(options: &TagOptions) -> String {
    let op = |part: &SegmentPart| SegmentOp { segment_id: part.id, action: part.action }.to_string();
    options.segments.iter().map(op).collect::<Vec<_>>().join(",")
}

/// The options that a query string asks for.
pub struct ExportQuery {
    pub options: TagOptions,
    /// The error in the values of segments; empty if there is none.
    pub error: String,
}

/// Reads the options of these pixels' tags.
pub async fn read(
    store: &Store,
    by: &Reader,
    query: &Form,
    site: Site,
    pixels: &[Pixel],
) -> Result<ExportQuery, StoreError> {
    // The form always sends this field. Without it, a missing box does not mean that the user unticked it.
    let chosen = query.has("chosen");
    let target = target(query);
    // The boxes of another target say nothing about this one.
    let boxes = query.some("was").is_none_or(|was| was == target.as_str());
    let fits = pixels.iter().all(|pixel| fits_image(pixel).is_ok());
    let can = |carrier: &Carrier| target.carriers().contains(carrier) && (fits || *carrier != Carrier::Image);
    let usual = target.carriers().iter().copied().find(can).unwrap_or(Carrier::Script);
    let carrier = Carrier::parse(query.text("kind")).filter(can).unwrap_or(usual);
    let (segments, error) = segments(store, by, &rows_for(query, target)).await?;
    let options = TagOptions {
        carrier,
        target,
        secure: if chosen { query.has("secure") } else { site.https },
        host: site.host,
        parameters: match boxes && (chosen || query.has("param")) {
            true => query.all("param").filter_map(Parameter::parse).collect(),
            false => target.usual().to_vec(),
        },
        test: query.has("test"),
        noscript: query.has("noscript") && carrier == Carrier::Script,
        net: query.has("net") && target.has_net(),
        consent: match (target.consent(), boxes && chosen) {
            (None, _) => false,
            (Some(_), true) => query.has("consent"),
            (Some(consent), false) => consent.usual,
        },
        site: target.has_site_tag() && query.text("site") != "no",
        naming: if query.has("codes") && target.has_codes() { Naming::Codes(MEMBER) } else { Naming::Ids },
        segments: if boxes || target.has_segments() { segments } else { Vec::new() },
    };
    Ok(ExportQuery { options, error })
}

/// The place that the query names. Links from before there were postback URLs name a server instead.
fn target(query: &Form) -> Target {
    let target = Target::parse(query.text("for")).unwrap_or(Target::PAGE);
    let is_server = query.text("kind") == Carrier::Server.as_str() && query.some("was").is_none();
    if is_server && target == Target::PAGE { Target::POSTBACK } else { target }
}

/// The operations of the rows, for segments that this user sees, and the errors in their values.
async fn segments(
    store: &Store,
    by: &Reader,
    rows: &[SegmentOpData],
) -> Result<(Vec<SegmentPart>, String), StoreError> {
    let ids: Vec<SegmentId> = rows.iter().filter_map(|row| row.segment.parse().ok()).collect();
    if ids.is_empty() {
        return Ok((Vec::new(), String::new()));
    }
    let ids = ids.into_iter().map(|id| Scalar::Int(id.0)).collect();
    let query = ListQuery::default().with::<Segment>("id", Test::In(ids));
    let segments = choices::all_that::<Segment>(store, by, query).await?;
    let (mut parts, mut errors) = (Vec::new(), Vec::new());
    for row in rows {
        let id = row.segment.parse::<SegmentId>().ok();
        let Some(segment) = segments.iter().find(|segment| Some(segment.id) == id) else { continue };
        match row.action() {
            Ok(action) => parts.push(SegmentPart::new(segment, action)),
            Err(error) => errors.push(error),
        }
    }
    Ok((parts, errors.join(" ")))
}

/// Whether pixels of several advertisers have this pixel's code.
pub fn shares_code(store: &Store, pixel: &Pixel) -> bool {
    let code = pixel.code.as_deref();
    code.is_some_and(|code| matches!(store.catalog().pixel_by_code(code, None), ByCode::Several))
}

/// Why one of these pixels cannot have these options; empty if all can.
pub fn refusal(pixels: &[Pixel], options: &TagOptions) -> String {
    let refusal = |pixel: &Pixel| options.check(pixel).err().map(|refusal| text::refusal(refusal, &pixel.name));
    pixels.iter().find_map(refusal).unwrap_or_default()
}
