//! The form of a pixel. `fields` reads and writes its fields.

use askama::Template;

use super::fields::{FIELDS, PixelFormData};
use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::forms::fold::Fold;
use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::piggybacks;
use crate::admin::forms::piggybacks::PiggybackRow;
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Control, Errors, Form, Labels, control_in};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::Page;
use crate::admin::shell::parts::ObjectName;
use crate::admin::shell::session::Session;
use crate::domain::{Advertiser, AdvertiserId, ConversionEvent, FieldError, Pixel, PixelId};
use crate::store::Store;

pub struct PixelForm {
    /// The owner of a stored pixel; for a new one, all that may own it.
    advertisers: Vec<Advertiser>,
    may_create_advertisers: bool,
}

#[derive(Template)]
#[template(path = "admin/pixels/form.html")]
struct PixelFormPage {
    page: Page,
    id: Option<PixelId>,
    /// A stored pixel's advertiser, which cannot change.
    owner: Option<ObjectName<AdvertiserId>>,
    advertisers: Vec<Choice>,
    may_create_advertisers: bool,
    events: Vec<Choice>,
    /// The unit of the values: the currency, if all advertisers have the same.
    unit: String,
    rows: Vec<PiggybackRow>,
    advanced: Fold,
    data: PixelFormData,
    errors: Errors,
}

impl ObjectForm for PixelForm {
    type Object = Pixel;
    type Data = PixelFormData;

    const KIND: ObjectKind = object_kind::PIXEL;
    const FIELDS: Labels = FIELDS;

    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, Pixel>) -> Result<Self, PageError> {
        let by = session.reader();
        let advertisers = match occasion {
            Occasion::New(form) | Occasion::Create(form) => {
                choices::all::<Advertiser>(store, by, &form.ids("advertiser_id")).await?
            }
            Occasion::Change(pixel) => vec![store.get(by, pixel.advertiser_id.0).await?],
        };
        Ok(PixelForm { advertisers, may_create_advertisers: session.editor_of_all().is_ok() })
    }

    fn data(pixel: &Pixel) -> PixelFormData {
        PixelFormData::of(pixel)
    }

    fn blank(&self, query: &Form) -> PixelFormData {
        let only = match self.advertisers.as_slice() {
            [only] => Some(only.id),
            _ => None,
        };
        PixelFormData::blank(query.ids("advertiser_id").pop().or(only))
    }

    fn propose(data: &mut PixelFormData, query: &Form) {
        if let Some(proposed) = query.some("max_value") {
            proposed.clone_into(&mut data.max_value);
        }
    }

    fn keep_fixed(data: &mut PixelFormData, pixel: &Pixel) {
        data.advertiser_id = pixel.advertiser_id.to_string();
    }

    fn add_row(data: &mut PixelFormData) -> bool {
        data.add_row();
        true
    }

    fn new_object(&self, data: &PixelFormData) -> Pixel {
        Pixel::new(self.owner(data).unwrap_or(AdvertiserId(0)), "")
    }

    fn write(&self, data: &PixelFormData, pixel: &mut Pixel) -> Result<(), Vec<FieldError>> {
        data.write(pixel, self.owner(data).is_some())
    }

    fn page(&self, page: Page, pixel: Option<&Pixel>, data: PixelFormData, errors: Errors) -> impl Template {
        let events = ConversionEvent::ALL.map(|(id, _, label)| (i64::from(id), label.to_owned()));
        let owner = pixel.and(self.advertisers.first());
        PixelFormPage {
            page,
            id: pixel.map(|pixel| pixel.id),
            owner: owner.map(|advertiser| ObjectName { id: advertiser.id, name: advertiser.name.clone() }),
            advertisers: choices::options(&self.advertisers, &data.advertiser_id, |advertiser| {
                (advertiser.id.0, advertiser.name.clone())
            }),
            may_create_advertisers: self.may_create_advertisers,
            events: choices::options(&events, &data.pixel_conversion_event_id, Clone::clone),
            unit: unit(&self.advertisers),
            rows: piggybacks::rows(&data.piggyback_pixels, &errors),
            advanced: advanced(&data, &errors),
            data,
            errors,
        }
    }

    fn words(&self, data: &PixelFormData, field: &str) -> String {
        data.in_words(field)
    }

    fn name(pixel: &Pixel) -> &str {
        &pixel.name
    }

    fn created(pixel: &Pixel) -> String {
        format!("Pixel “{}” created.", pixel.name)
    }

    fn changed(_: &Pixel) -> String {
        "Saved. Changes apply to new events. Past conversions stay as they are.".to_owned()
    }

    fn control(field: &str) -> Option<Control> {
        piggybacks::control(field).or_else(|| control_in(FIELDS, field))
    }
}

impl PixelForm {
    /// The advertiser that the form names, if the form offers it.
    fn owner(&self, data: &PixelFormData) -> Option<AdvertiserId> {
        self.advertisers.iter().map(|advertiser| advertiser.id).find(|id| id.to_string() == data.advertiser_id)
    }
}

/// The ids of the fields in the fold, or how they begin.
const ADVANCED: [&str; 5] = ["code", "post_click_value", "post_view_value", "max_value", "piggyback_"];

fn advanced(data: &PixelFormData, errors: &Errors) -> Fold {
    let mut fold =
        Fold::new(errors, &ADVANCED, "code, own payout, largest believable value, extra pixels", &data.advanced());
    fold.open |= piggybacks::has_new_row(&data.piggyback_pixels);
    fold
}

fn unit(advertisers: &[Advertiser]) -> String {
    match advertisers {
        [first, rest @ ..] if rest.iter().all(|other| other.default_currency == first.default_currency) => {
            first.default_currency.to_string()
        }
        _ => "its currency".to_owned(),
    }
}
