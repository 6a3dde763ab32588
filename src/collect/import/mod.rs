//! Lines of `pixeld import`: exposures and fires from elsewhere, at their own past times, as JSON objects. A line is
//! like a request that came by file: its fields follow the rules of `/conversions` and of trackers. The command reads
//! files and appends rows.

mod arrival;
mod exposure;
mod marks;

use std::fmt;

use self::arrival::OF_ARRIVALS;
use self::exposure::{ExposureBasics, OF_EXPOSURES};
use self::marks::Marks;
use super::kept::KeptByChoice;
use super::kept::addresses::length_of;
use super::kept::event::{self, KnownFields};
use super::params::object::Object;
use super::params::wanted::Wanted;
use super::problems::warnings::{Warnings, cut};
use super::server::RequestContext;
use super::server::answer::EventError;
use super::server::conversion::{self, FIELDS_OF_ALL, FireBasics, VisitorRef};
use super::server::fields::Fields;
use super::visitor::bots;
use super::visitor::consent::Needed;
use crate::auth::{Auth, ExposureTokens};
use crate::config::{Bots, LiveSettings};
use crate::domain::{Collector, ExposureKind, Millis, Reader, TagKind, VisitorId};
use crate::store::{Catalog, ClickedImpression, ImportMark, ImportTargets, LogRow, Store, StoreError};

/// The longest line, in bytes.
pub const MAX_LINE: usize = super::params::body::MAX_BODY;
/// The longest `id` and `visitor`, in characters.
const MAX_NAME: usize = 256;
/// How much of a wrong value a message quotes, in characters.
const MAX_QUOTED: usize = 60;
/// 2000-01-01. EarlierFire times come from mistaken units.
const EARLIEST: Millis = Millis(946_684_800_000);

/// The fields that every line may have, besides those of `/conversions`.
const OF_ALL: &[&str] = &["kind", "at", "id", "visitor"];
/// The fields that only clicks may have.
const OF_CLICKS: &[&str] = &["impression", "imp"];

pub struct Line {
    pub at: Millis,
    pub mark: ImportMark,
    pub row: LogRow,
    /// For a click that names the line of its impression.
    pub clicked: Option<ClickedImpression>,
    /// Unknown fields.
    pub ignored: Vec<String>,
}

impl Line {
    /// The order of lines of the same moment: an impression, then its click, then the purchase.
    pub fn rank(&self) -> u8 {
        match &self.row {
            LogRow::Exposure(exposure) if exposure.kind == ExposureKind::Impression => 0,
            LogRow::Exposure(_) => 1,
            _ => 2,
        }
    }
}

/// Why a line cannot be taken, as a sentence: `value must be a plain decimal number such as 10 or 10.50, and is
/// "10,00"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError(String);

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LineError {
    pub fn too_long() -> Self {
        LineError(format!("the line is longer than {MAX_LINE} bytes"))
    }

    /// No line of JSON holds a NUL as such, and every line of UTF-16 does.
    fn of_text(line: &[u8], error: &serde_json::Error) -> Self {
        if line.contains(&0) {
            return LineError("the line is UTF-16; save the file as UTF-8".to_owned());
        }
        if error.is_data() {
            return LineError("the line is no JSON object".to_owned());
        }
        // The text is a single line, so its number says nothing.
        let why = error.to_string().replace(" at line 1 column ", " at character ");
        LineError(format!("the line is no JSON: {why}"))
    }

    /// Quotes the value if the reason does not.
    fn of(error: EventError, fields: &Fields<'_>) -> Self {
        let EventError { field, reason, .. } = error;
        match fields.get(&field) {
            Some(value) if event::wrong_name(&field, &value).is_some() => {
                LineError(format!("{field} {reason}: {}", length_of(&value)))
            }
            Some(value) if !reason.contains(&format!("{:?}", cut(&value, MAX_QUOTED))) => {
                LineError(format!("{field} {reason}: {:?}", cut(&value, MAX_QUOTED)))
            }
            _ => LineError(format!("{field} {reason}")),
        }
    }
}

/// Reads lines by the current definitions.
pub struct Lines<'a> {
    catalog: &'a Catalog,
    exposures: &'a ExposureTokens,
    needed: Needed<'a>,
    bots: Bots,
    choice: KeptByChoice,
    by: Collector,
    places: ImportTargets,
    marks: Marks,
}

impl<'a> Lines<'a> {
    /// # Errors
    /// The store's.
    pub async fn new(
        store: &'a Store,
        auth: &'a Auth,
        settings: &'a LiveSettings,
        reader: &Reader,
        by: &Collector,
    ) -> Result<Self, StoreError> {
        let (places, marks) = (store.import_targets(reader).await?, Marks::with_key(&store.import_key(by).await?)?);
        let (catalog, exposures, needed) = (store.catalog(), auth.exposures(), Needed::by(settings));
        Ok(Lines {
            catalog,
            exposures,
            needed,
            bots: settings.bots,
            choice: KeptByChoice::by(settings),
            by: by.clone(),
            places,
            marks,
        })
    }

    /// Reads a line that arrives at `now`.
    ///
    /// # Errors
    /// The first rule that the line breaks.
    pub fn read(&self, line: &[u8], now: Millis) -> Result<Line, LineError> {
        let object: Object = serde_json::from_slice(line).map_err(|error| LineError::of_text(line, &error))?;
        let fields = Fields::of_object(&object);
        self.line(&fields, now).map_err(|error| LineError::of(error, &fields))
    }

    /// The mark of a line that cannot be taken: it may have been imported before, when its objects were there.
    pub fn mark(&self, line: &[u8]) -> Option<ImportMark> {
        let object: Object = serde_json::from_slice(line).ok()?;
        let fields = Fields::of_object(&object);
        let id = fields.short_text("id", MAX_NAME).ok()?;
        // The log may hold lines whose time was a day alone.
        let day = || fields.get("at").and_then(|at| Millis::parse(&at).ok());
        let at = fields.moment("at").ok().flatten().or_else(day);
        id.map(|id| self.marks.of_id(&id)).or_else(|| Some(self.marks.line(&fields, None, at?)))
    }

    fn line(&self, fields: &Fields<'_>, now: Millis) -> Result<Line, EventError> {
        let Lines { catalog, exposures, needed, choice, .. } = *self;
        let context = &RequestContext { catalog, exposures, needed, choice, by: self.by.clone(), now };
        let (kind, own) = match fields.get("kind").as_deref() {
            Some("impression") => (Some(ExposureKind::Impression), OF_EXPOSURES),
            Some("click") => (Some(ExposureKind::Click), OF_EXPOSURES),
            Some("fire") => (None, conversion::FIELDS),
            Some(_) => return Err(EventError::field("kind", "must be impression, click or fire")),
            None => return Err(EventError::field("kind", "is missing: say impression, click or fire")),
        };
        let at = at(fields, now)?;
        let mut warnings = Warnings::default();
        let id = fields.identity("id", MAX_NAME, &mut warnings)?;
        let visitor = self.visitor(fields, &mut warnings)?;
        let is_click = kind == Some(ExposureKind::Click);
        let is_arrival = is_click && arrival::is_arrival(fields)?;
        let is_click = is_click && !is_arrival;
        let of_clicks: &[&str] = if is_click { OF_CLICKS } else { &[] };
        let own = if is_arrival { OF_ARRIVALS } else { own };
        let advertiser = if is_arrival { fields.advertiser(context)? } else { None };
        let wanted = advertiser.map_or_else(Wanted::default, |id| Wanted::of(&catalog.sources(id)));
        let of_sources: Vec<&str> = wanted.parameters.iter().map(String::as_str).collect();
        let known: KnownFields<'_> = &[OF_ALL, FIELDS_OF_ALL, own, of_clicks, &of_sources];
        let clicked = if is_click { self.clicked(fields, context, &mut warnings)? } else { None };
        let row = match kind {
            Some(kind) => {
                let basics = ExposureBasics { kind, at, visitor_id: visitor, known, warnings };
                LogRow::Exposure(Box::new(match is_arrival {
                    true => self.arrival(fields, context, basics, &wanted)?,
                    false => self.exposure(fields, context, basics)?,
                }))
            }
            None => {
                let pixel = conversion::pixel(fields, context)?;
                let named = VisitorRef::of(fields, context, &mut warnings)?;
                let visitor = VisitorRef { visitor_id: visitor, ..named };
                let bot = self.is_bot(fields);
                let basics = FireBasics { pixel, at, visitor, tag: TagKind::Import, bot, known, warnings };
                LogRow::Fire(Box::new(conversion::fire(fields, context, basics)?))
            }
        };
        let is_known = |name: &&str| event::is_known(name, known);
        let ignored =
            fields.present().map(|(name, _)| name).filter(|name| !is_known(name)).map(str::to_owned).collect();
        Ok(Line { at, mark: self.marks.line(fields, id.as_deref(), at), row, clicked, ignored })
    }

    /// Whether the line names a bot's user agent, by the rule of tags. A line without one says nothing of its sender.
    fn is_bot(&self, fields: &Fields<'_>) -> bool {
        fields.get("user_agent").is_some_and(|agent| bots::is_bot_agent(agent.as_bytes(), self.bots))
    }

    /// The visitor, by the name it had elsewhere or by its number here.
    fn visitor(&self, fields: &Fields<'_>, warnings: &mut Warnings) -> Result<Option<VisitorId>, EventError> {
        let elsewhere = fields.identity("visitor", MAX_NAME, warnings)?.map(|text| self.marks.visitor(&text));
        match (elsewhere, VisitorRef::visitor_id(fields)?) {
            (Some(_), Some(_)) => Err(EventError::field("visitor_id", "is one too many: there is a visitor already")),
            (elsewhere, here) => Ok(elsewhere.or(here)),
        }
    }
}

fn at(fields: &Fields<'_>, now: Millis) -> Result<Millis, EventError> {
    let at = fields.moment("at")?.ok_or_else(|| EventError::field("at", "is missing: when did it happen?"))?;
    if at > now {
        return Err(EventError::field("at", format!("lies in the future ({at} UTC)")));
    }
    if at < EARLIEST {
        return Err(EventError::field("at", format!("lies before the year 2000 ({at} UTC)")));
    }
    Ok(at)
}
