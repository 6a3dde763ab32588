//! The fields of the pixel form as text. They read from a pixel or a posted form, and write into a pixel. Pure.

use crate::admin::forms::conflict::word_of;
use crate::admin::forms::duration::DurationInput;
use crate::admin::forms::fold;
use crate::admin::forms::parse::{FormData, amount, form_data, merge_errors, optional, word};
use crate::admin::forms::piggybacks;
use crate::admin::forms::piggybacks::PiggybackData;
use crate::admin::shell::form::Labels;
use crate::domain::{
    AdvertiserId, Checks, ConversionEvent, FieldError, MAX_CLICK_WINDOW_MINS, MAX_REPEAT_MINS, MAX_VIEW_WINDOW_MINS,
    Micros, Pixel, Status, TriggerType,
};

/// The published fields with their labels, in the order of the error summary.
pub const FIELDS: Labels = &[
    ("name", "Name"),
    ("advertiser_id", "Advertiser"),
    ("pixel_conversion_event_id", "Category"),
    ("trigger_type", "Credit for"),
    ("post_click_expire_mins", "Attribution window after a click"),
    ("post_view_expire_mins", "Attribution window after a view"),
    ("repeat", "Repeat conversions"),
    ("min_minutes_per_conv", "The time between conversions"),
    ("count_each_order_once", "Count each order once"),
    ("state", "Status"),
    ("code", "Code"),
    ("post_click_value", "Payout after a click"),
    ("post_view_value", "Payout after a view"),
    ("max_value", "Largest believable value"),
    ("piggyback_pixels", "Extra pixels"),
];

/// The choices of the page in its words.
const TRIGGERS: [(&str, &str); 3] = [("hybrid", "Clicks and views"), ("click", "Clicks only"), ("view", "Views only")];
const REPEATS: [(&str, &str); 3] = [("all", "Count all"), ("one", "Count one"), ("every", "Count with a pause")];

form_data! {
    /// Every field as text.
    PixelFormData {
        name: String,
        advertiser_id: String,
        code: String,
        pixel_conversion_event_id: String,
        trigger_type: String,
        post_click_expire_mins: DurationInput,
        post_view_expire_mins: DurationInput,
        /// `one`, `all` or `every`.
        repeat: String,
        /// The time of `every`.
        min_minutes_per_conv: DurationInput,
        count_each_order_once: bool,
        post_click_value: String,
        post_view_value: String,
        max_value: String,
        piggyback_pixels: Vec<PiggybackData>,
        state: String,
    }
}

impl PixelFormData {
    pub fn of(pixel: &Pixel) -> Self {
        let amount = |value: Option<Micros>| value.map(Micros::to_money).unwrap_or_default();
        let (repeat, every) = match pixel.min_minutes_per_conv {
            None => ("one", None),
            Some(0) => ("all", None),
            Some(minutes) => ("every", Some(minutes)),
        };
        PixelFormData {
            name: pixel.name.clone(),
            advertiser_id: pixel.advertiser_id.to_string(),
            code: pixel.code.clone().unwrap_or_default(),
            pixel_conversion_event_id: pixel
                .pixel_conversion_event
                .map(|event| event.id().to_string())
                .unwrap_or_default(),
            trigger_type: pixel.trigger_type.to_string(),
            post_click_expire_mins: DurationInput::of(pixel.post_click_expire_mins),
            post_view_expire_mins: DurationInput::of(pixel.post_view_expire_mins),
            repeat: repeat.to_owned(),
            min_minutes_per_conv: DurationInput::of(Some(every.unwrap_or(30))),
            count_each_order_once: pixel.count_each_order_once,
            post_click_value: amount(pixel.post_click_value),
            post_view_value: amount(pixel.post_view_value),
            max_value: amount(pixel.max_value),
            piggyback_pixels: piggybacks::of(&pixel.piggyback_pixels),
            state: pixel.state.to_string(),
        }
    }

    /// The fields that the form proposes for a new pixel: hybrid, with 14 days for clicks and one day for views. Every
    /// conversion counts, and each order once.
    pub fn blank(advertiser: Option<AdvertiserId>) -> Self {
        let mut pixel = Pixel::new(advertiser.unwrap_or(AdvertiserId(0)), "");
        pixel.trigger_type = TriggerType::Hybrid;
        pixel.post_click_expire_mins = Some(14 * 1440);
        pixel.post_view_expire_mins = Some(1440);
        pixel.min_minutes_per_conv = Some(0);
        pixel.count_each_order_once = true;
        PixelFormData::of(&pixel)
    }

    /// What is set in the fold of the form, in words.
    pub fn advanced(&self) -> Vec<String> {
        let has_payout = !self.post_click_value.is_empty() || !self.post_view_value.is_empty();
        vec![
            fold::code(&self.code),
            if has_payout { "own payout".to_owned() } else { String::new() },
            if self.max_value.is_empty() { String::new() } else { "largest believable value".to_owned() },
            piggybacks::words(&self.piggyback_pixels),
        ]
    }

    /// A field in the words of the page.
    pub fn in_words(&self, field: &str) -> String {
        match field {
            "trigger_type" => word_of(&TRIGGERS, &self.trigger_type),
            "repeat" => word_of(&REPEATS, &self.repeat),
            "pixel_conversion_event_id" => {
                let event = self.pixel_conversion_event_id.parse().ok().and_then(ConversionEvent::new);
                event.map(|event| event.label().to_owned()).unwrap_or_default()
            }
            "state" => word_of(&[], &self.state),
            _ => FormData::words(self, field),
        }
    }

    /// Adds an empty piggyback.
    pub fn add_row(&mut self) {
        self.piggyback_pixels.push(PiggybackData::empty());
    }

    /// Writes the form into a pixel. Fields that the form does not have stay.
    ///
    /// # Errors
    /// Every rule that the form breaks, under the published names; `piggyback_pixels[n]` counts the form's rows.
    pub fn write(&self, pixel: &mut Pixel, has_owner: bool) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        pixel.name = self.name.clone();
        pixel.code = optional(&self.code);
        pixel.trigger_type =
            word(&mut checks, "trigger_type", TriggerType::parse(&self.trigger_type), pixel.trigger_type);
        pixel.state = word(&mut checks, "state", Status::parse(&self.state), pixel.state);
        pixel.post_click_expire_mins =
            duration(&mut checks, "post_click_expire_mins", &self.post_click_expire_mins, MAX_CLICK_WINDOW_MINS);
        pixel.post_view_expire_mins =
            duration(&mut checks, "post_view_expire_mins", &self.post_view_expire_mins, MAX_VIEW_WINDOW_MINS);
        pixel.min_minutes_per_conv = match self.repeat.as_str() {
            "one" => None,
            "all" => Some(0),
            "every" => duration(&mut checks, "min_minutes_per_conv", &self.min_minutes_per_conv, MAX_REPEAT_MINS),
            _ => word(&mut checks, "repeat", None, pixel.min_minutes_per_conv),
        };
        pixel.count_each_order_once = self.count_each_order_once;
        pixel.post_click_value = amount(&mut checks, "post_click_value", &self.post_click_value);
        pixel.post_view_value = amount(&mut checks, "post_view_value", &self.post_view_value);
        pixel.max_value = amount(&mut checks, "max_value", &self.max_value);
        pixel.pixel_conversion_event = match self.pixel_conversion_event_id.as_str() {
            "" => None,
            id => {
                let event = id.parse().ok().and_then(ConversionEvent::new);
                checks.require(event.is_some(), "pixel_conversion_event_id", || "is not one of the list".to_owned());
                event
            }
        };
        checks.require(has_owner, "advertiser_id", || "is required; choose one".to_owned());
        let rows = piggybacks::write(&mut checks, &self.piggyback_pixels, &mut pixel.piggyback_pixels);
        merge_errors(FIELDS, checks, piggybacks::by_row(pixel.check(), &rows))
    }
}

fn duration(checks: &mut Checks, field: &str, input: &DurationInput, longest: u32) -> Option<u32> {
    input.minutes(longest).unwrap_or_else(|rule| {
        checks.fail(field, rule);
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::forms::parse::FormData;
    use crate::admin::shell::form::Form;
    use crate::domain::{Piggyback, PiggybackKind};

    fn post(change: &[(&str, &str)]) -> Result<Pixel, Vec<String>> {
        let mut fields = vec![
            ("name", "Sale"),
            ("trigger_type", "hybrid"),
            ("state", "active"),
            ("repeat", "all"),
            ("post_click_expire_mins", "14"),
            ("post_click_expire_mins_unit", "days"),
            ("post_view_expire_mins", ""),
            ("post_view_expire_mins_unit", "max"),
        ];
        fields.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        fields.extend(change);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut pixel = Pixel::new(AdvertiserId(1), "Before");
        match PixelFormData::read(&Form::parse(body.as_bytes())).write(&mut pixel, true) {
            Ok(()) => Ok(pixel),
            Err(errors) => Err(errors.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn a_stored_pixel_reads_back_from_its_form() {
        let mut pixel = Pixel::new(AdvertiserId(1), "Sale");
        pixel.code = Some("sale".into());
        pixel.min_minutes_per_conv = Some(90);
        pixel.post_click_value = Some(Micros(12_500_000));
        pixel.max_value = Some(Micros(5_000_000_000));
        pixel.piggyback_pixels = vec![Piggyback { kind: PiggybackKind::Script, url: "https://a.example/t.js".into() }];
        pixel.pixel_conversion_event = ConversionEvent::new(7);
        let mut read = Pixel::new(AdvertiserId(1), "");
        PixelFormData::of(&pixel).write(&mut read, true).unwrap();
        assert_eq!(read, pixel);
    }

    #[test]
    fn the_proposal_is_hybrid_with_14_days_after_a_click_and_one_after_a_view() {
        let mut pixel = Pixel::new(AdvertiserId(1), "");
        PixelFormData { name: "Sale".into(), ..PixelFormData::blank(None) }.write(&mut pixel, true).unwrap();
        assert_eq!(pixel.trigger_type, TriggerType::Hybrid);
        assert_eq!((pixel.post_click_expire_mins, pixel.post_view_expire_mins), (Some(20_160), Some(1440)));
    }

    #[test]
    fn all_errors_come_at_once_each_under_its_field() {
        let errors = post(&[
            ("name", " "),
            ("post_click_expire_mins", "120"),
            ("post_click_value", "12.50 EUR"),
            ("repeat", "every"),
            ("min_minutes_per_conv", ""),
            ("min_minutes_per_conv_unit", "hours"),
            ("pixel_conversion_event_id", "1"),
            ("trigger_type", "both"),
        ]);
        assert_eq!(
            errors.unwrap_err(),
            [
                "name is required and must not be blank",
                "pixel_conversion_event_id is not one of the list",
                "trigger_type must be one of the choices",
                "post_click_expire_mins must be at most 90 days",
                "min_minutes_per_conv needs a number",
                "post_click_value must be a plain decimal number such as 10 or 10.50: no sign, currency symbol or thousands mark",
            ]
        );
    }

    #[test]
    fn an_empty_row_is_dropped_and_errors_count_the_rows_of_the_form() {
        let rows = [
            ("piggyback_type", "img"),
            ("piggyback_url", ""),
            ("piggyback_type", "js"),
            ("piggyback_url", "https://a.example/t.js"),
            ("piggyback_type", "img"),
            ("piggyback_url", "a.example"),
        ];
        assert_eq!(
            post(&rows).unwrap_err(),
            ["piggyback_pixels[2].url must be an absolute http or https URL, and is \"a.example\""]
        );
        assert_eq!(post(&rows[..4]).unwrap().piggyback_pixels.len(), 1);
    }
}
