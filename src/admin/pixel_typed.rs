//! The pixel form's content: what is shown, what was typed, and the pixel that it describes. Pure; the handlers are in
//! `pixel_form`.

use super::form::Form;
use super::piggybacks::{self, Row};
use super::span::Span;
use super::typed::{all, amount, optional, word};
use crate::domain::{
    AdvertiserId, Checks, ConversionEvent, FieldError, MAX_CLICK_WINDOW_MINS, MAX_REPEAT_MINS, MAX_VIEW_WINDOW_MINS,
    Micros, Pixel, Status, TriggerType,
};

/// The fields as they stand in the form, so that its summary of errors goes down the page.
const ORDER: [&str; 12] = [
    "name",
    "pixel_conversion_event_id",
    "code",
    "trigger_type",
    "post_click_expire_mins",
    "post_view_expire_mins",
    "repeat",
    "min_minutes_per_conv",
    "post_click_value",
    "post_view_value",
    "piggyback_pixels",
    "state",
];

/// Every field as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub name: String,
    pub advertiser_id: String,
    pub code: String,
    pub event: String,
    pub trigger_type: String,
    pub click: Span,
    pub view: Span,
    /// `one`, `all` or `every`.
    pub repeat: String,
    pub every: Span,
    pub once_an_order: bool,
    pub click_value: String,
    pub view_value: String,
    pub piggybacks: Vec<Row>,
    pub state: String,
}

impl Typed {
    /// A new pixel as the form proposes it: hybrid, 14 days after a click, one day after a view, every time, each
    /// order once (`spec/admin.md`, *Pixel form*).
    pub fn fresh(advertiser: Option<AdvertiserId>) -> Self {
        let mut pixel = Pixel::new(advertiser.unwrap_or(AdvertiserId(0)), "");
        pixel.trigger_type = TriggerType::Hybrid;
        pixel.post_click_expire_mins = Some(14 * 1440);
        pixel.post_view_expire_mins = Some(1440);
        pixel.min_minutes_per_conv = Some(0);
        pixel.count_each_order_once = true;
        Typed::of(&pixel)
    }

    /// A stored pixel.
    pub fn of(pixel: &Pixel) -> Self {
        let amount = |value: Option<Micros>| value.map(Micros::to_money).unwrap_or_default();
        let (repeat, every) = match pixel.min_minutes_per_conv {
            None => ("one", None),
            Some(0) => ("all", None),
            Some(minutes) => ("every", Some(minutes)),
        };
        Typed {
            name: pixel.name.clone(),
            advertiser_id: pixel.advertiser_id.to_string(),
            code: pixel.code.clone().unwrap_or_default(),
            event: pixel.pixel_conversion_event.map(|event| event.id().to_string()).unwrap_or_default(),
            trigger_type: pixel.trigger_type.to_string(),
            click: Span::of(pixel.post_click_expire_mins),
            view: Span::of(pixel.post_view_expire_mins),
            repeat: repeat.to_owned(),
            every: Span::of(Some(every.unwrap_or(30))),
            once_an_order: pixel.count_each_order_once,
            click_value: amount(pixel.post_click_value),
            view_value: amount(pixel.post_view_value),
            piggybacks: piggybacks::of(&pixel.piggyback_pixels),
            state: pixel.state.to_string(),
        }
    }

    /// What was posted.
    pub fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Typed {
            name: text("name"),
            advertiser_id: text("advertiser_id"),
            code: text("code"),
            event: text("pixel_conversion_event_id"),
            trigger_type: text("trigger_type"),
            click: Span::typed(form, "post_click_expire_mins"),
            view: Span::typed(form, "post_view_expire_mins"),
            repeat: text("repeat"),
            every: Span::typed(form, "min_minutes_per_conv"),
            once_an_order: form.has("count_each_order_once"),
            click_value: text("post_click_value"),
            view_value: text("post_view_value"),
            piggybacks: piggybacks::read(form),
            state: text("state"),
        }
    }

    /// Adds an empty row: the button of browsers without the script.
    pub fn add_row(&mut self) {
        self.piggybacks.push(Row::empty());
    }

    /// Writes it into a pixel, which keeps what the form does not hold. An emptied row is left out.
    ///
    /// # Errors
    /// All the rules it breaks, under the published names; `piggyback_pixels[n]` counts the form's rows.
    pub fn write_into(&self, pixel: &mut Pixel) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        pixel.name = self.name.clone();
        pixel.code = optional(&self.code);
        pixel.trigger_type =
            word(&mut checks, "trigger_type", TriggerType::parse(&self.trigger_type), pixel.trigger_type);
        pixel.state = word(&mut checks, "state", Status::parse(&self.state), pixel.state);
        pixel.post_click_expire_mins = span(&mut checks, "post_click_expire_mins", &self.click, MAX_CLICK_WINDOW_MINS);
        pixel.post_view_expire_mins = span(&mut checks, "post_view_expire_mins", &self.view, MAX_VIEW_WINDOW_MINS);
        pixel.min_minutes_per_conv = match self.repeat.as_str() {
            "one" => None,
            "all" => Some(0),
            "every" => span(&mut checks, "min_minutes_per_conv", &self.every, MAX_REPEAT_MINS),
            _ => word(&mut checks, "repeat", None, pixel.min_minutes_per_conv),
        };
        pixel.count_each_order_once = self.once_an_order;
        pixel.post_click_value = amount(&mut checks, "post_click_value", &self.click_value);
        pixel.post_view_value = amount(&mut checks, "post_view_value", &self.view_value);
        pixel.pixel_conversion_event = match self.event.as_str() {
            "" => None,
            id => {
                let event = id.parse().ok().and_then(ConversionEvent::new);
                checks.require(event.is_some(), "pixel_conversion_event_id", || "is not one of the list".to_owned());
                event
            }
        };
        let (piggybacks, rows) = piggybacks::write(&mut checks, &self.piggybacks);
        pixel.piggyback_pixels = piggybacks;
        let broken = piggybacks::by_row(pixel.check(), &rows);
        all(checks, broken).map_err(|mut errors| {
            errors.sort_by_key(|error| ORDER.iter().position(|field| error.field.starts_with(field)));
            errors
        })
    }
}

fn span(checks: &mut Checks, field: &str, span: &Span, longest: u32) -> Option<u32> {
    span.minutes(longest).unwrap_or_else(|rule| {
        checks.fail(field, rule);
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Piggyback, PiggybackKind};

    fn posted(change: &[(&str, &str)]) -> Result<Pixel, Vec<String>> {
        let mut given = vec![
            ("name", "Sale"),
            ("trigger_type", "hybrid"),
            ("state", "active"),
            ("repeat", "all"),
            ("post_click_expire_mins", "14"),
            ("post_click_expire_mins_unit", "days"),
            ("post_view_expire_mins", ""),
            ("post_view_expire_mins_unit", "max"),
        ];
        given.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        given.extend(change);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        let mut pixel = Pixel::new(AdvertiserId(1), "Before");
        match Typed::read(&Form::parse(body.as_bytes())).write_into(&mut pixel) {
            Ok(()) => Ok(pixel),
            Err(errors) => Err(errors.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn what_is_shown_reads_back_as_it_was_stored() {
        let mut pixel = Pixel::new(AdvertiserId(1), "Sale");
        pixel.code = Some("sale".into());
        pixel.min_minutes_per_conv = Some(90);
        pixel.post_click_value = Some(Micros(12_500_000));
        pixel.piggyback_pixels = vec![Piggyback { kind: PiggybackKind::Script, url: "https://a.example/t.js".into() }];
        pixel.pixel_conversion_event = ConversionEvent::new(7);
        let mut read = Pixel::new(AdvertiserId(1), "");
        Typed::of(&pixel).write_into(&mut read).unwrap();
        assert_eq!(read, pixel);
    }

    #[test]
    fn the_proposal_is_hybrid_with_14_days_after_a_click_and_one_after_a_view() {
        let mut pixel = Pixel::new(AdvertiserId(1), "");
        Typed { name: "Sale".into(), ..Typed::fresh(None) }.write_into(&mut pixel).unwrap();
        assert_eq!(pixel.trigger_type, TriggerType::Hybrid);
        assert_eq!((pixel.post_click_expire_mins, pixel.post_view_expire_mins), (Some(20_160), Some(1440)));
    }

    #[test]
    fn every_error_is_told_at_once_under_its_own_field() {
        let errors = posted(&[
            ("name", " "),
            ("post_click_expire_mins", "120"),
            ("post_click_value", "12,50"),
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
    fn an_emptied_row_is_left_out_and_errors_name_the_row_of_the_form() {
        let rows = [
            ("piggyback_type", "img"),
            ("piggyback_url", ""),
            ("piggyback_type", "js"),
            ("piggyback_url", "https://a.example/t.js"),
            ("piggyback_type", "img"),
            ("piggyback_url", "a.example"),
        ];
        assert_eq!(
            posted(&rows).unwrap_err(),
            ["piggyback_pixels[2].url must be an absolute http or https URL, and is \"a.example\""]
        );
        assert_eq!(posted(&rows[..4]).unwrap().piggyback_pixels.len(), 1);
    }
}
