//! Reads one event's fields by the rules of tags. The sender is a program, so a field that breaks its rule refuses the
//! event.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::answer::EventError;
use super::{MAX_AGE, MAX_AHEAD, RequestContext};
use crate::collect::kept::event::{self, KnownFields};
use crate::collect::params::body;
use crate::collect::params::object::Object;
use crate::collect::params::values;
use crate::collect::problems::warnings::{Rule, Warnings, cut};
use crate::domain::{AdParameter, AdvertiserId, Millis, Pixel, Warning, WrittenTime, trim_cow};
use crate::store::ByCode;
use crate::web::reading::json::fields_in;

/// The most fields of an event, those of the objects in it too.
const MAX_FIELDS: usize = 1_000;
/// The most warnings about fields that came twice.
const MAX_REPEATED: usize = 20;

pub struct Fields<'a>(&'a Map<String, Value>, &'a [(String, Value)]);

impl<'a> Fields<'a> {
    pub fn of(event: &'a Value) -> Result<Self, EventError> {
        match event {
            Value::Object(fields) => match fields_in(event) {
                ..=MAX_FIELDS => Ok(Fields(fields, &[])),
                count => {
                    let reason = format!("has {count} fields; at most {MAX_FIELDS} are taken");
                    Err(EventError::field("", reason))
                }
            },
            _ => Err(EventError::field("", "must be an object")),
        }
    }

    /// Of a field that came twice the first value counts.
    pub fn of_object(object: &'a Object) -> Self {
        Fields(&object.fields, &object.repeated)
    }

    /// All fields as they came.
    pub fn all(&self) -> &'a Map<String, Value> {
        self.0
    }

    /// The warnings about fields that came twice. The value is what the log would keep of it.
    pub fn repeated(&self, known: KnownFields<'_>) -> Vec<Warning> {
        let mut warnings = Warnings::default();
        // Of click ids the last counts, and its reader says so.
        let is_click_id = |name: &str| matches!(AdParameter::of(name), Some(AdParameter::ClickId(_)));
        let is_kept = |name: &str| event::is_known(name, known) && !event::is_secret(name) && !is_click_id(name);
        let known = self.1.iter().filter(|(name, _)| is_kept(name));
        for (name, value) in known.take(MAX_REPEATED) {
            let raw = body::plain(name, value).unwrap_or_default();
            let raw = event::wrong_name(name, &raw).map_or(raw, Cow::Owned);
            warnings.add_once(cut(name, values::MAX_LISTED), &raw, Rule::Repeated);
        }
        warnings.into_vec()
    }

    /// The later values of a field that came more than once.
    pub fn again(&self, name: &'static str) -> Vec<(&'static str, Cow<'a, str>)> {
        let later = self.1.iter().filter(|(other, _)| other == name);
        later.filter_map(|(_, value)| Some((name, body::plain(name, value)?))).collect()
    }

    /// The fields with a value: null and empty count as missing.
    pub fn present(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let has_value = |(name, value): &(&str, &Value)| body::plain(name, value).is_some_and(|text| !text.is_empty());
        let fields = self.0;
        fields.iter().map(|(name, value)| (name.as_str(), value)).filter(has_value)
    }

    /// Click ids under any spelling of their names, also those that came again. They refuse no event.
    pub fn click_ids(&self) -> impl Iterator<Item = (&'static str, Cow<'a, str>)> {
        let again = self.1.iter().map(|(name, value)| (name, value));
        self.0.iter().chain(again).filter_map(|(name, value)| match AdParameter::of(name)? {
            AdParameter::ClickId(id) => Some((id.name, body::plain(name, value).map(trim_cow)?)),
            AdParameter::Campaign(_) => None,
        })
    }

    /// A field's text without blanks around it; none if it is missing, null or blank. A list of texts stays JSON.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        values::non_empty(body::plain(name, self.0.get(name)?).map(trim_cow))
    }

    /// A text of at most `most` characters. A number counts as the text of its digits.
    pub fn short_text(&self, name: &'static str, most: usize) -> Result<Option<String>, EventError> {
        short(name, self.plain_text(name)?, most)
    }

    /// The same, of a text that is compared. A placeholder that was not filled in is set aside with a warning: the
    /// rest of the event counts all the same.
    pub fn identity(
        &self,
        name: &'static str,
        most: usize,
        warnings: &mut Warnings,
    ) -> Result<Option<String>, EventError> {
        short(name, values::filled_in(name, self.plain_text(name)?, warnings), most)
    }

    fn plain_text(&self, name: &'static str) -> Result<Option<Cow<'a, str>>, EventError> {
        match self.0.get(name) {
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(EventError::field(name, "must be a text")),
            _ => Ok(self.get(name)),
        }
    }

    /// Reads a field with one of the readers of tags' parameters.
    pub fn read<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&'static str, Option<Cow<'a, str>>, &mut Warnings) -> T,
    ) -> Result<T, EventError> {
        let mut warnings = Warnings::default();
        let value = read(name, self.get(name), &mut warnings);
        strictly(value, &warnings)
    }

    /// An id; none if the field is missing.
    pub fn id<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, EventError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let id = text.parse().map_err(|_| EventError::field(name, Rule::NotAnId.says()))?;
        Ok(Some(id))
    }

    /// The pixel, by `pixel_id`, or by `pixel_code` with `advertiser_id` if several use the code. Pixels that the
    /// caller may not see count as unknown. None if both fields are missing.
    pub fn pixel(&self, context: &RequestContext<'_>) -> Result<Option<std::sync::Arc<Pixel>>, EventError> {
        let catalog = context.catalog;
        let (field, pixel) = if let Some(id) = self.id("pixel_id")? {
            ("pixel_id", catalog.pixel(id))
        } else if let Some(code) = self.get("pixel_code") {
            let of = self.id("advertiser_id")?.or(context.by.scope().advertiser());
            match catalog.pixel_by_code(&code, of) {
                ByCode::One(pixel) => ("pixel_code", Some(pixel)),
                ByCode::Nothing => ("pixel_code", None),
                ByCode::Several => {
                    return Err(EventError::field(
                        "pixel_code",
                        "is used by several advertisers; say which by advertiser_id",
                    ));
                }
            }
        } else {
            return Ok(None);
        };
        let visible = pixel.filter(|pixel| context.by.scope().includes(pixel.advertiser_id));
        visible.map(Some).ok_or_else(|| EventError::field(field, "names no pixel"))
    }

    /// An advertiser that the caller may see; none if the field is missing.
    pub fn advertiser(&self, context: &RequestContext<'_>) -> Result<Option<AdvertiserId>, EventError> {
        let Some(id) = self.id("advertiser_id")? else { return Ok(None) };
        let known = context.catalog.advertiser(id).is_some() && context.by.scope().includes(id);
        if known { Ok(Some(id)) } else { Err(EventError::field("advertiser_id", "names no advertiser")) }
    }

    /// A time of day on a day, in any form that [`WrittenTime`] takes; none if the field is missing.
    pub fn moment(&self, name: &'static str) -> Result<Option<Millis>, EventError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let time = match self.0.get(name) {
            Some(Value::Number(number)) => WrittenTime::of_number(number.as_str()).map(WrittenTime::in_utc),
            _ => WrittenTime::read_moment(&text),
        };
        let refused = |error| {
            EventError::field(
                name,
                format!("must be a time such as 2026-10-01T12:00:00Z, or seconds since 1970, and {error}"),
            )
        };
        time.map(Some).map_err(refused)
    }

    /// When it happened: `event_time`, else now.
    pub fn time(&self, now: Millis) -> Result<Millis, EventError> {
        const NAME: &str = "event_time";
        let Some(at) = self.moment(NAME)? else { return Ok(now) };
        if now.since(at) > MAX_AGE {
            return Err(EventError::field(NAME, format!("is older than 7 days ({at} UTC)")));
        }
        if at.since(now) > MAX_AHEAD {
            return Err(EventError::field(NAME, format!("lies more than 10 minutes in the future ({at} UTC)")));
        }
        Ok(at.min(now))
    }
}

fn short(name: &'static str, text: Option<Cow<'_, str>>, most: usize) -> Result<Option<String>, EventError> {
    let mut warnings = Warnings::default();
    let text = values::text(name, text, most, values::Longer::IsSetAside, &mut warnings);
    match warnings.first_broken() {
        Some((Rule::TooLong, _)) => Err(EventError::field(name, format!("may have at most {most} characters"))),
        _ => strictly(text.map(Cow::into_owned), &warnings),
    }
}

/// The value, if reading it gave no warning.
pub fn strictly<T>(value: T, warnings: &Warnings) -> Result<T, EventError> {
    match warnings.first_broken() {
        None => Ok(value),
        Some((rule, broken)) => {
            Err(EventError::field(&broken.parameter, format!("{}, and is {:?}", rule.says(), broken.raw)))
        }
    }
}
