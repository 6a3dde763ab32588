//! Lines of `pixeld import`: exposures and fires from elsewhere, at their own past times, as JSON objects. A line is a
//! request that came by file: its fields have the rules of `/conversions` and of trackers, and whoever sends it can be
//! told what is wrong. Pure but for the definitions; reading files and appending rows are the command's.

mod exposure;
mod marks;

use std::fmt;

use serde_json::{Map, Value};

use self::marks::Marks;
use super::consent::Needed;
use super::server::Asked;
use super::server::answer::Refused;
use super::server::conversion::{self, Sent, Who};
use super::server::fields::Fields;
use super::warnings::cut;
use crate::auth::{Auth, ExposureTokens};
use crate::config::Config;
use crate::domain::{Collector, ExposureKind, Millis, Reader, TagKind, VisitorId};
use crate::store::{Catalog, Clicked, ImportMark, ImportTargets, LogRow, Store, StoreError};

/// The longest line, in bytes.
pub const MAX_LINE: usize = super::body::MAX_BODY;
/// The longest `id` and `visitor`, in characters.
const MAX_NAME: usize = 256;
/// How much of a wrong value is shown, in characters.
const MAX_SHOWN: usize = 60;
/// Nothing happened before: 2000-01-01. Smaller numbers come from mistaken units.
const EARLIEST: Millis = Millis(946_684_800_000);

/// What any line may say, beside what only exposures or fires may.
const OF_ALL: &[&str] = &[
    "kind",
    "at",
    "id",
    "visitor",
    "visitor_id",
    "advertiser_id",
    "test",
    "gdpr",
    "gdpr_consent",
    "us_privacy",
    "gpp",
    "page_url",
    "user_agent",
];
const OF_EXPOSURES: &[&str] = &[
    "line_item_id",
    "line_item_code",
    "tracker_id",
    "tracker_code",
    "publisher_id",
    "publisher_code",
    "campaign_id",
    "creative_id",
    "ancost",
];
/// What only clicks may say, beside that.
const OF_CLICKS: &[&str] = &["impression", "imp"];
const OF_FIRES: &[&str] = &[
    "pixel_id",
    "pixel_code",
    "order_id",
    "value",
    "currency",
    "other",
    "event_id",
    "content_ids",
    "num_items",
    "reason_code",
    "reference_id",
    "parent_reference_id",
    "hashed_email",
    "sspdata",
];

/// Never kept with a line's text: what the visitor was called elsewhere may be an e-mail address.
const SECRET: &[&str] = &["visitor"];

/// A line as it is understood.
pub struct Line {
    /// When it happened.
    pub at: Millis,
    /// By what the line is known again.
    pub mark: ImportMark,
    /// What it appends to the log.
    pub row: LogRow,
    /// Of a click: the line of the impression that was clicked.
    pub clicked: Option<Clicked>,
    /// Fields that mean nothing here; they stay in the row's text.
    pub ignored: Vec<String>,
}

impl Line {
    /// What comes first of what happened at the same moment: an impression, its click, what was bought.
    pub fn rank(&self) -> u8 {
        match &self.row {
            LogRow::Exposure(exposure) if exposure.kind == ExposureKind::Impression => 0,
            LogRow::Exposure(_) => 1,
            _ => 2,
        }
    }
}

/// Why a line cannot be taken, as a sentence: `value must be a plain decimal number such as 10 or 10.50, and is "10,00"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Wrong {
    /// Its length breaks the rule.
    pub fn too_long() -> Self {
        Wrong(format!("the line is longer than {MAX_LINE} bytes"))
    }

    fn no_object(error: &serde_json::Error) -> Self {
        if error.is_data() {
            return Wrong("the line is no JSON object".to_owned());
        }
        // There is but one line.
        let why = error.to_string().replace(" at line 1 column ", " at character ");
        Wrong(format!("the line is no JSON: {why}"))
    }

    /// With the value, where the reason does not say it.
    fn of(refused: Refused, fields: &Fields<'_>) -> Self {
        let Refused { field, reason, .. } = refused;
        match fields.get(&field) {
            Some(value) if !reason.ends_with(&format!("{:?}", cut(&value, 200))) => {
                Wrong(format!("{field} {reason}: {:?}", cut(&value, MAX_SHOWN)))
            }
            _ => Wrong(format!("{field} {reason}")),
        }
    }
}

/// Reads lines by the definitions there are.
pub struct Lines<'a> {
    catalog: &'a Catalog,
    exposures: &'a ExposureTokens,
    needed: Needed<'a>,
    by: Collector,
    places: ImportTargets,
    marks: Marks,
}

impl<'a> Lines<'a> {
    /// With the definitions of this moment.
    ///
    /// # Errors
    /// The store's.
    pub async fn new(
        store: &'a Store,
        auth: &'a Auth,
        config: &'a Config,
        (reader, by): (&Reader, &Collector),
    ) -> Result<Self, StoreError> {
        let (places, marks) = (store.import_targets(reader).await?, Marks::with_key(&store.import_key(by).await?)?);
        let (catalog, exposures, needed) = (store.catalog(), auth.exposures(), Needed::by(config));
        Ok(Lines { catalog, exposures, needed, by: by.clone(), places, marks })
    }

    /// Reads one, which arrives at `now`.
    ///
    /// # Errors
    /// Why it cannot be taken.
    pub fn read(&self, line: &[u8], now: Millis) -> Result<Line, Wrong> {
        let object: Map<String, Value> = serde_json::from_slice(line).map_err(|error| Wrong::no_object(&error))?;
        let object = Value::Object(object);
        let fields = Fields::of(&object).map_err(|refused| Wrong(refused.reason))?;
        self.understand(&fields, now).map_err(|refused| Wrong::of(refused, &fields))
    }

    fn understand(&self, fields: &Fields<'_>, now: Millis) -> Result<Line, Refused> {
        let Lines { catalog, exposures, needed, .. } = *self;
        let asked = &Asked { catalog, exposures, needed, by: self.by.clone(), now };
        let (kind, own) = match fields.get("kind").as_deref() {
            Some("impression") => (Some(ExposureKind::Impression), OF_EXPOSURES),
            Some("click") => (Some(ExposureKind::Click), OF_EXPOSURES),
            Some("fire") => (None, OF_FIRES),
            Some(_) => return Err(Refused::field("kind", "must be impression, click or fire")),
            None => return Err(Refused::field("kind", "is missing: say impression, click or fire")),
        };
        let at = at(fields, now)?;
        let id = fields.short_text("id", MAX_NAME)?;
        let visitor = self.visitor(fields)?;
        let row = match kind {
            Some(kind) => LogRow::Exposure(Box::new(self.exposure(kind, fields, asked, (at, visitor))?)),
            None => {
                let pixel = conversion::pixel(fields, asked)?;
                let who = Who { visitor_id: visitor, ..Who::of(fields, asked)? };
                let sent = Sent { pixel, at, who, tag: TagKind::Import, secret: SECRET };
                LogRow::Fire(Box::new(conversion::fire(fields, asked, sent)?))
            }
        };
        let clicked = if kind == Some(ExposureKind::Click) { self.clicked(fields, asked)? } else { None };
        let of_clicks = if kind == Some(ExposureKind::Click) { OF_CLICKS } else { &[] };
        let known = |name: &&str| OF_ALL.contains(name) || own.contains(name) || of_clicks.contains(name);
        let ignored = fields.given().map(|(name, _)| name).filter(|name| !known(name)).map(str::to_owned).collect();
        Ok(Line { at, mark: self.marks.line(fields, id.as_deref(), at), row, clicked, ignored })
    }

    /// Whose browser: what it was called elsewhere, or its number here.
    fn visitor(&self, fields: &Fields<'_>) -> Result<Option<VisitorId>, Refused> {
        let elsewhere = fields.short_text("visitor", MAX_NAME)?.map(|text| self.marks.visitor(&text));
        match (elsewhere, Who::visitor_id(fields)?) {
            (Some(_), Some(_)) => Err(Refused::field("visitor_id", "is one too many: there is a visitor already")),
            (elsewhere, here) => Ok(elsewhere.or(here)),
        }
    }
}

fn at(fields: &Fields<'_>, now: Millis) -> Result<Millis, Refused> {
    let at = fields.moment("at")?.ok_or_else(|| Refused::field("at", "is missing: when did it happen?"))?;
    if at > now {
        return Err(Refused::field("at", "lies in the future"));
    }
    if at < EARLIEST {
        return Err(Refused::field("at", "lies before the year 2000"));
    }
    Ok(at)
}
