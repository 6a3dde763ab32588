//! Reads one event's fields by the rules that tags have; but who sends it is a program, so that whatever breaks a rule
//! refuses the event and says so.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::answer::Refused;
use super::{Asked, MAX_AGE, MAX_AHEAD};
use crate::collect::body;
use crate::collect::params::values;
use crate::collect::warnings::{Rule, Warnings};
use crate::domain::{AdvertiserId, Millis, Pixel};
use crate::store::ByCode;

/// An event's fields.
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The fields of an event.
    pub fn of(event: &'a Value) -> Result<Self, Refused> {
        match event {
            Value::Object(fields) => Ok(Fields(fields)),
            _ => Err(Refused::field("", "must be an object")),
        }
    }

    /// The event as it came, but for these fields.
    pub fn text(&self, without: &[&str]) -> String {
        let mut kept = self.0.clone();
        for name in without {
            kept.shift_remove(*name);
        }
        Value::Object(kept).to_string()
    }

    /// The fields that say something: null and empty say nothing.
    pub fn given(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let says = |(name, value): &(&str, &Value)| body::plain(name, value).is_some_and(|text| !text.is_empty());
        let fields = self.0;
        fields.iter().map(|(name, value)| (name.as_str(), value)).filter(says)
    }

    /// A field's text; none if it is not there, null or empty. A list of texts stays JSON.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        values::given(body::plain(name, self.0.get(name)?))
    }

    /// A text, of at most so many characters. A number is one by its digits.
    pub fn short_text(&self, name: &'static str, most: usize) -> Result<Option<String>, Refused> {
        if let Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) = self.0.get(name) {
            return Err(Refused::field(name, "must be a text"));
        }
        let mut warnings = Warnings::default();
        let text = values::text(name, self.get(name), most, values::Longer::IsSetAside, &mut warnings);
        match warnings.first() {
            Some((Rule::TooLong, _)) => Err(Refused::field(name, format!("may have at most {most} characters"))),
            _ => strictly(text.map(Cow::into_owned), &warnings),
        }
    }

    /// Whatever one of the readers of tags' parameters makes of it.
    pub fn read<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&'static str, Option<Cow<'a, str>>, &mut Warnings) -> T,
    ) -> Result<T, Refused> {
        let mut warnings = Warnings::default();
        let value = read(name, self.get(name), &mut warnings);
        strictly(value, &warnings)
    }

    /// An id, if the field is there.
    pub fn id<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, Refused> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let id = text.parse().map_err(|_| Refused::field(name, Rule::NotAnId.says()))?;
        Ok(Some(id))
    }

    /// The pixel, by `pixel_id`, or by `pixel_code` with `advertiser_id` where several have it. Pixels that the caller may
    /// not see are unknown. None if neither is there.
    pub fn pixel(&self, asked: &Asked<'_>) -> Result<Option<std::sync::Arc<Pixel>>, Refused> {
        let catalog = asked.catalog;
        let (field, found) = if let Some(id) = self.id("pixel_id")? {
            ("pixel_id", catalog.pixel(id))
        } else if let Some(code) = self.get("pixel_code") {
            let of = self.id("advertiser_id")?.or(asked.by.scope().advertiser());
            match catalog.pixel_by_code(&code, of) {
                ByCode::One(pixel) => ("pixel_code", Some(pixel)),
                ByCode::Nothing => ("pixel_code", None),
                ByCode::Several => {
                    return Err(Refused::field(
                        "pixel_code",
                        "is used by several advertisers; say which by advertiser_id",
                    ));
                }
            }
        } else {
            return Ok(None);
        };
        let seen = found.filter(|pixel| asked.by.scope().includes(pixel.advertiser_id));
        seen.map(Some).ok_or_else(|| Refused::field(field, "names no pixel"))
    }

    /// An advertiser that the caller may see, if the field is there.
    pub fn advertiser(&self, asked: &Asked<'_>) -> Result<Option<AdvertiserId>, Refused> {
        let Some(id) = self.id("advertiser_id")? else { return Ok(None) };
        let known = asked.catalog.advertiser(id).is_some() && asked.by.scope().includes(id);
        if known { Ok(Some(id)) } else { Err(Refused::field("advertiser_id", "names no advertiser")) }
    }

    /// A time, if the field is there: RFC 3339, `YYYY-MM-DD HH:MM:SS` (UTC), or seconds or milliseconds since 1970.
    pub fn moment(&self, name: &'static str) -> Result<Option<Millis>, Refused> {
        let Some(text) = self.get(name) else { return Ok(None) };
        time(&text)
            .map(Some)
            .ok_or_else(|| Refused::field(name, "must be a time such as 2026-10-01T12:00:00Z, or seconds since 1970"))
    }

    /// When it happened: `event_time`, else now.
    pub fn time(&self, now: Millis) -> Result<Millis, Refused> {
        const NAME: &str = "event_time";
        let Some(at) = self.moment(NAME)? else { return Ok(now) };
        if now.since(at) > MAX_AGE {
            return Err(Refused::field(NAME, "is older than 7 days"));
        }
        if at.since(now) > MAX_AHEAD {
            return Err(Refused::field(NAME, "lies more than 10 minutes in the future"));
        }
        Ok(at.min(now))
    }
}

/// The value, if nothing was wrong with it.
pub fn strictly<T>(value: T, warnings: &Warnings) -> Result<T, Refused> {
    match warnings.first() {
        None => Ok(value),
        Some((rule, broken)) => {
            Err(Refused::field(&broken.parameter, format!("{}, and is {:?}", rule.says(), broken.raw)))
        }
    }
}

fn time(text: &str) -> Option<Millis> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        // Seconds until the year 5138, milliseconds from 1973 on.
        let number: i64 = text.parse().ok()?;
        return Some(Millis(if number < 100_000_000_000 { number * 1000 } else { number }));
    }
    Millis::parse(text).or_else(|| text.parse::<jiff::Timestamp>().ok().map(Millis::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_documented_form() {
        let noon = Some(Millis(1_790_856_000_000));
        for text in [
            "2026-10-01T12:00:00Z",
            "2026-10-01T14:00:00+02:00",
            "2026-10-01T12:00:00.000Z",
            "2026-10-01 12:00:00",
            "1790856000",
            "1790856000000",
        ] {
            assert_eq!(time(text), noon, "{text}");
        }
        for bad in ["", "yesterday", "2026-10-01T12:00:00", "-5", "1e9", "99999999999999999999", "2026-13-01 00:00:00"]
        {
            assert_eq!(time(bad), None, "{bad}");
        }
    }
}
