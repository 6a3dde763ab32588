//! The fields of the segment form as text. They read from a segment or a posted form, and write into a segment. Pure.

use crate::admin::forms::duration::DurationInput;
use crate::admin::forms::parse::{form_data, merge_errors, optional, word};
use crate::admin::forms::piggybacks;
use crate::admin::forms::piggybacks::PiggybackData;
use crate::admin::shell::form::Labels;
use crate::domain::{AdvertiserId, Checks, FieldError, Minutes, Segment, Status};

pub const FIELDS: Labels = &[
    ("short_name", "Name"),
    ("description", "Description"),
    ("advertiser_id", "Advertiser"),
    ("expire_minutes", "The time that visitors stay"),
    ("state", "Status"),
    ("code", "Code"),
    ("piggyback_pixels", "Extra pixels"),
];

/// Words among the units that are no units of time.
const DEFAULT: &str = "default";
const NOT_KEPT: &str = "none";

form_data! {
    /// Every field as text.
    SegmentFormData {
        short_name: String,
        description: String,
        code: String,
        /// None where the form does not offer it.
        advertiser_id: Option<String>,
        /// Its unit may also be `default` or `none`.
        expire_minutes: DurationInput,
        piggyback_pixels: Vec<PiggybackData>,
        state: String,
    }
}

impl SegmentFormData {
    pub fn of(segment: &Segment) -> Self {
        let unit = |unit: &str| DurationInput { number: String::new(), unit: unit.to_owned() };
        SegmentFormData {
            short_name: segment.short_name.clone(),
            description: segment.description.clone().unwrap_or_default(),
            code: segment.code.clone().unwrap_or_default(),
            advertiser_id: Some(segment.advertiser_id.map(|id| id.to_string()).unwrap_or_default()),
            expire_minutes: match segment.expire_minutes {
                None => unit(DEFAULT),
                Some(0) => unit(NOT_KEPT),
                minutes => DurationInput::of(minutes),
            },
            piggyback_pixels: piggybacks::of(&segment.piggyback_pixels),
            state: segment.state.to_string(),
        }
    }

    /// Adds an empty row of extra pixels.
    pub fn add_row(&mut self) {
        self.piggyback_pixels.push(PiggybackData::empty());
    }

    /// Writes the form into a segment. Fields that the form does not have stay.
    ///
    /// # Errors
    /// Every rule that the form breaks, under the published names; `piggyback_pixels[n]` counts the form's rows.
    pub fn write(&self, segment: &mut Segment) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        segment.short_name = self.short_name.clone();
        segment.description = optional(&self.description);
        segment.code = optional(&self.code);
        segment.state = word(&mut checks, "state", Status::parse(&self.state), segment.state);
        segment.advertiser_id = match self.advertiser_id.as_deref() {
            None => segment.advertiser_id,
            Some("") => None,
            Some(id) => word(&mut checks, "advertiser_id", id.parse::<AdvertiserId>().ok().map(Some), None),
        };
        segment.expire_minutes = match self.expire_minutes.unit.as_str() {
            DEFAULT => None,
            NOT_KEPT => Some(0),
            _ => self.expire_minutes.minutes(u32::MAX).unwrap_or_else(|rule| {
                checks.fail("expire_minutes", rule);
                None
            }),
        };
        let rows = piggybacks::write(&mut checks, &self.piggyback_pixels, &mut segment.piggyback_pixels);
        merge_errors(FIELDS, checks, piggybacks::by_row(segment.check(), &rows))
    }
}

/// How long a visitor stays in the segment.
pub fn lifetime(expire_minutes: Option<u32>) -> String {
    match expire_minutes {
        None => "180 days".to_owned(),
        Some(0) => "not at all".to_owned(),
        Some(minutes) => Minutes(minutes).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Piggyback, PiggybackKind};

    #[test]
    fn a_stored_segment_reads_back_from_its_form() {
        for expire in [None, Some(0), Some(90), Some(43_200), Some(u32::MAX)] {
            let mut segment = Segment::new("Cart");
            segment.expire_minutes = expire;
            segment.advertiser_id = Some(AdvertiserId(3));
            segment.max_usersync_pixels = Some(4);
            let url = "https://a.example/".to_owned();
            segment.piggyback_pixels = vec![Piggyback { kind: PiggybackKind::Script, url }];
            let mut read = Segment { max_usersync_pixels: Some(4), ..Segment::new("") };
            SegmentFormData::of(&segment).write(&mut read).unwrap();
            assert_eq!(read, segment);
        }
        assert_eq!(
            [None, Some(0), Some(1440)].map(lifetime),
            ["180 days".to_owned(), "not at all".to_owned(), "1 day".to_owned()]
        );
    }

    #[test]
    fn errors_go_down_the_page() {
        let mut data = SegmentFormData { code: "a b".into(), ..SegmentFormData::of(&Segment::new("")) };
        data.expire_minutes = DurationInput { number: "1.5".into(), unit: "days".into() };
        data.piggyback_pixels.push(PiggybackData { kind: "js".into(), url: "a.example".into() });
        let errors = data.write(&mut Segment::new("")).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["short_name", "expire_minutes", "code", "piggyback_pixels[1].url"]);
    }
}
