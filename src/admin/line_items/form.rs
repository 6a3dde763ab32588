//! The form of a line item. `fields` reads and writes its fields. The form offers the pixels of one advertiser, so a
//! user who sees several must first choose an advertiser.

use actix_web::HttpResponse;
use askama::Template;

use super::fields::{FIELDS, LineItemFormData, PixelEntryData};
use crate::admin::choices;
use crate::admin::choices::{CURRENCIES, Choice};
use crate::admin::forms::conflict::{name_of, word_of};
use crate::admin::forms::detour;
use crate::admin::forms::fold;
use crate::admin::forms::fold::Fold;
use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::parse::{FormData, lines};
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Control, Errors, Form, Labels, control_in};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::{Page, html};
use crate::admin::shell::session::Session;
use crate::domain::{
    Advertiser, AdvertiserId, FieldError, LineItem, LineItemId, MAX_PIXELS_PER_LINE_ITEM, Micros, Pixel, PixelId,
};
use crate::store::{ListQuery, Store};

/// How advertisers pay, in the usual words.
const REVENUE_TYPES: [(&str, &str); 5] = [
    ("cpa", "per conversion"),
    ("cpc", "per click"),
    ("cpm", "per thousand ad views"),
    ("flat", "fixed price"),
    ("none", "free"),
];

/// The note for an advertiser whose pixels do not fit into one select.
const MORE_PIXELS: &str =
    "Only the first 1,000 pixels by name are shown, and those that are attached. The API attaches others.";

const NOTHING_CREDITED: &str = "No pixel is attached: nothing will be credited. Create anyway?";

pub struct LineItemForm {
    advertiser: Advertiser,
    /// The advertiser's pixels.
    pixels: Vec<Pixel>,
    /// Whether it has more than the form can offer.
    leaves_some_out: bool,
}

#[derive(Template)]
#[template(path = "admin/line_items/form.html")]
struct LineItemFormPage {
    page: Page,
    id: Option<LineItemId>,
    advertiser: Advertiser,
    /// The currency of the amounts.
    unit: String,
    currencies: [(&'static str, &'static str); 24],
    revenue_types: [(&'static str, &'static str); 5],
    pixels: Vec<PixelChoice>,
    /// Empty if all pixels fit into the select.
    more: &'static str,
    rows: Vec<PixelEntryRow>,
    most_rows: usize,
    /// The dates and the price.
    notes: Fold,
    advanced: Fold,
    /// Whether it asks to create it without pixels.
    asks: bool,
    data: LineItemFormData,
    errors: Errors,
}

/// An option of the pixels' select, with the pixel's own values.
struct PixelChoice {
    id: PixelId,
    label: String,
    post_click: String,
    post_view: String,
}

/// A row of the page.
struct PixelEntryRow {
    /// Counts from 1.
    number: usize,
    data: PixelEntryData,
    /// The values of the chosen pixel, which the page shows in grey if the row has none.
    own_post_click: String,
    own_post_view: String,
    pixel_error: String,
    post_click_error: String,
    post_view_error: String,
    state_error: String,
}

/// The page that asks for the advertiser of a new line item.
#[derive(Template)]
#[template(path = "admin/line_items/choose_advertiser.html")]
struct ChooseAdvertiserPage {
    page: Page,
    advertisers: Vec<Choice>,
}

impl ObjectForm for LineItemForm {
    type Object = LineItem;
    type Data = LineItemFormData;

    const KIND: ObjectKind = object_kind::LINE_ITEM;
    const FIELDS: Labels = FIELDS;

    async fn question(store: &Store, session: &Session, query: &Form) -> Result<Option<HttpResponse>, PageError> {
        if !query.ids::<AdvertiserId>("advertiser_id").is_empty() {
            return Ok(None);
        }
        let advertisers = choices::all::<Advertiser>(store, session.reader(), &[]).await?;
        if advertisers.len() == 1 {
            return Ok(None);
        }
        let page = session.page(Self::KIND.section, "New line item").returning_to(detour::return_to(query));
        let option = |advertiser: &Advertiser| (advertiser.id.0, advertiser.name.clone());
        Ok(Some(html(&ChooseAdvertiserPage { page, advertisers: choices::options(&advertisers, "", option) })))
    }

    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, LineItem>) -> Result<Self, PageError> {
        let by = session.reader();
        let (owner, attached) = match occasion {
            Occasion::New(query) => match query.ids("advertiser_id").pop() {
                Some(id) => (id, Vec::new()),
                // `question` asks for the advertiser before this runs.
                None => match choices::all::<Advertiser>(store, by, &[]).await?.pop() {
                    Some(advertiser) => (advertiser.id, Vec::new()),
                    None => return Err(PageError::NoPage),
                },
            },
            Occasion::Create(form) => (form.ids("advertiser_id").pop().unwrap_or(AdvertiserId(0)), Vec::new()),
            Occasion::Change(line_item) => {
                (line_item.advertiser_id, line_item.pixels.iter().map(|entry| entry.pixel_id.0).collect())
            }
        };
        let advertiser: Advertiser = store.get(by, owner.0).await?;
        let query = ListQuery::default().with_id::<Pixel>("advertiser_id", owner.0);
        let mut pixels = choices::all_with::<Pixel>(store, by, query, &attached).await?;
        let leaves_some_out = pixels.len() > choices::MOST_IN_ROWS;
        let rest = pixels.split_off(pixels.len().min(choices::MOST_IN_ROWS));
        pixels.extend(rest.into_iter().filter(|pixel| attached.contains(&pixel.id.0)));
        Ok(LineItemForm { advertiser, pixels, leaves_some_out })
    }

    fn data(line_item: &LineItem) -> LineItemFormData {
        LineItemFormData::of(line_item)
    }

    /// Proposes the pixel that a link names, or the only one there is.
    fn blank(&self, query: &Form) -> LineItemFormData {
        let mut data = LineItemFormData::of(&LineItem::new(self.advertiser.id, ""));
        let named = self.pixels.iter().find(|pixel| pixel.id.to_string() == query.text("pixel"));
        let only = self.pixels.first().filter(|_| self.pixels.len() == 1);
        if let Some(pixel) = named.or(only) {
            data.attach(&pixel.id.to_string());
        }
        data
    }

    /// Attaches the pixel that was created on the way.
    fn propose(data: &mut LineItemFormData, query: &Form) {
        let attach = query.some(detour::ATTACH).and_then(|id| id.parse::<PixelId>().ok()).map(|id| id.to_string());
        if let Some(pixel) = attach.filter(|id| data.pixels.iter().all(|row| row.pixel != *id)) {
            data.attach(&pixel);
        }
    }

    fn doubt(data: &LineItemFormData) -> Option<(&'static str, &'static str)> {
        data.pixels.is_empty().then_some(("pixels", NOTHING_CREDITED))
    }

    fn add_row(data: &mut LineItemFormData) -> bool {
        data.add_row();
        true
    }

    fn new_object(&self, _: &LineItemFormData) -> LineItem {
        LineItem::new(self.advertiser.id, "")
    }

    fn write(&self, data: &LineItemFormData, line_item: &mut LineItem) -> Result<(), Vec<FieldError>> {
        data.write(line_item)
    }

    fn page(
        &self,
        page: Page,
        line_item: Option<&LineItem>,
        mut data: LineItemFormData,
        errors: Errors,
    ) -> impl Template {
        if data.pixels.is_empty() {
            data.add_row();
        }
        let currency = line_item.and_then(|line_item| line_item.currency).unwrap_or(self.advertiser.default_currency);
        let pixels: Vec<PixelChoice> = self.pixels.iter().map(PixelChoice::of).collect();
        let entries = data.pixels.iter().enumerate();
        LineItemFormPage {
            page,
            id: line_item.map(|line_item| line_item.id),
            unit: currency.to_string(),
            advertiser: self.advertiser.clone(),
            currencies: CURRENCIES,
            revenue_types: REVENUE_TYPES,
            rows: entries.map(|(index, entry)| PixelEntryRow::of(index, entry, &pixels, &errors)).collect(),
            most_rows: MAX_PIXELS_PER_LINE_ITEM,
            more: if self.leaves_some_out { MORE_PIXELS } else { "" },
            notes: notes(&data, &errors),
            advanced: advanced(&data, &errors),
            asks: errors.of("pixels") == NOTHING_CREDITED,
            pixels,
            data,
            errors,
        }
    }

    fn words(&self, data: &LineItemFormData, field: &str) -> String {
        match field {
            "pixels" => {
                let name = |row: &PixelEntryData| {
                    name_of(&self.pixels, &row.pixel, |pixel| (pixel.id.0, format!("{} ({})", pixel.name, pixel.id)))
                };
                lines(data.pixels.iter().map(|row| row.words(&name(row))))
            }
            "revenue_type" => word_of(&REVENUE_TYPES, &data.revenue_type),
            "state" => word_of(&[], &data.state),
            _ => data.words(field),
        }
    }

    fn name(line_item: &LineItem) -> &str {
        &line_item.name
    }

    fn created(line_item: &LineItem) -> String {
        format!("Line item “{}” created.", line_item.name)
    }

    fn changed(_: &LineItem) -> String {
        "Saved. Changes apply to new events. Past conversions stay as they are.".to_owned()
    }

    fn control(field: &str) -> Option<Control> {
        match field.strip_prefix("pixels[").and_then(|rest| rest.split_once("].")) {
            Some((index, name)) => row_control(index.parse().ok()?, name),
            None => control_in(FIELDS, field),
        }
    }
}

impl PixelChoice {
    fn of(pixel: &Pixel) -> Self {
        let money = |amount: Option<Micros>| amount.map(Micros::to_money).unwrap_or_default();
        PixelChoice {
            id: pixel.id,
            label: format!("{} ({})", pixel.name, pixel.id),
            post_click: money(pixel.post_click_value),
            post_view: money(pixel.post_view_value),
        }
    }
}

impl PixelEntryRow {
    fn of(index: usize, entry: &PixelEntryData, pixels: &[PixelChoice], errors: &Errors) -> Self {
        let number = index + 1;
        let pixel = pixels.iter().find(|pixel| pixel.id.to_string() == entry.pixel);
        let error = |name: &str| errors.of(&format!("{name}_{number}"));
        PixelEntryRow {
            number,
            data: entry.clone(),
            own_post_click: pixel.map(|pixel| pixel.post_click.clone()).unwrap_or_default(),
            own_post_view: pixel.map(|pixel| pixel.post_view.clone()).unwrap_or_default(),
            pixel_error: error("pixel"),
            post_click_error: error("post_click_revenue"),
            post_view_error: error("post_view_revenue"),
            state_error: error("pixel_state"),
        }
    }
}

fn notes(data: &LineItemFormData, errors: &Errors) -> Fold {
    let join = |parts: [&str; 2], between: &str| {
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
    };
    let set = [join([&data.start_date, &data.end_date], " – "), join([&data.revenue_value, &data.revenue_type], " ")];
    Fold::new(errors, &["start_date", "end_date", "revenue_"], "first and last day, pricing model", &set)
}

fn advanced(data: &LineItemFormData, errors: &Errors) -> Fold {
    let set = [fold::code(&data.code), data.currency.clone()];
    Fold::new(errors, &["code", "currency"], "code, currency", &set)
}

/// The control of a field in a row.
fn row_control(index: usize, name: &str) -> Option<Control> {
    let (id, label) = match name {
        "id" => ("pixel", "Pixel"),
        "post_click_revenue" => ("post_click_revenue", "Payout after a click of pixel"),
        "post_view_revenue" => ("post_view_revenue", "Payout after a view of pixel"),
        "state" => ("pixel_state", "Status of pixel"),
        _ => return None,
    };
    let number = index + 1;
    Some(Control::new(format!("{id}_{number}"), format!("{label} {number}")))
}
