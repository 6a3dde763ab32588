//! The form that makes or changes a line item. A new one is asked first whose it is, where there is a choice: the pixels
//! on offer are that advertiser's.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::choices::{self, CURRENCIES, Choice};
use super::extract::{Asked, Id};
use super::flash::{Flash, Kind};
use super::form::{Errors, in_table};
use super::line_item_typed::{self, FIELDS, Typed};
use super::line_items::PATH;
use super::page::{Answer, Page, html, html_again};
use super::save;
use super::session::{Posted, Session};
use crate::domain::{Advertiser, AdvertiserId, LineItem, LineItemId, MAX_PIXELS_PER_LINE_ITEM, Micros, Pixel, PixelId};
use crate::store::{ListQuery, Store, StoreError};
use crate::web::State;

/// How advertisers pay, as it is usually written.
const REVENUE_TYPES: [(&str, &str); 5] = [
    ("cpa", "per conversion"),
    ("cpc", "per click"),
    ("cpm", "per thousand impressions"),
    ("flat", "one sum"),
    ("none", "nothing"),
];

/// Where an advertiser has more pixels than a select offers.
const MORE_PIXELS: &str =
    "Only the first 1,000 pixels by name are on offer, and those that are attached; attach others by the API.";

#[derive(Template)]
#[template(path = "line_item_form.html")]
struct FormPage {
    page: Page,
    /// None for a new one.
    id: Option<LineItemId>,
    advertiser: Advertiser,
    /// What its amounts are in.
    unit: String,
    currencies: [(&'static str, &'static str); 24],
    revenue_types: [(&'static str, &'static str); 5],
    /// For rows that the script adds.
    pixels: Vec<Offered>,
    /// That there are more; empty where there are not.
    more: &'static str,
    rows: Vec<Row>,
    most_rows: usize,
    typed: Typed,
    errors: Errors,
}

/// A pixel to choose, with its own values.
struct Offered {
    id: PixelId,
    label: String,
    post_click: String,
    post_view: String,
}

/// A row with its number and errors.
struct Row {
    number: usize,
    typed: line_item_typed::Row,
    /// The chosen pixel's own values.
    own: (String, String),
    pixel_error: String,
    post_click_error: String,
    post_view_error: String,
    state_error: String,
}

/// The page that asks whose a new line item is.
#[derive(Template)]
#[template(path = "line_item_whose.html")]
struct WhosePage {
    page: Page,
    advertisers: Vec<Choice>,
}

/// What the form is about, besides what was typed.
struct Subject {
    /// None for a new one.
    line_item: Option<LineItem>,
    advertiser: Advertiser,
    pixels: Vec<Pixel>,
}

/// `GET /admin/line-items/new`
pub async fn new(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    session.editor()?;
    let (store, by) = (&state.store, session.reader());
    let advertiser = match asked.ids::<AdvertiserId>("advertiser_id").pop() {
        Some(id) => store.get::<Advertiser>(by, id.0).await?,
        None => {
            let mut advertisers = choices::all::<Advertiser>(store, by, &[]).await?;
            match (advertisers.pop(), advertisers.is_empty()) {
                (Some(only), true) => only,
                (last, _) => {
                    advertisers.extend(last);
                    let word = |advertiser: &Advertiser| (advertiser.id.0, advertiser.name.clone());
                    let page = session.page("line-items", "New line item");
                    let advertisers = choices::options(&advertisers, "", word);
                    return Ok(html(&WhosePage { page, advertisers }));
                }
            }
        }
    };
    let typed = Typed::of(&LineItem::new(advertiser.id, ""));
    let subject = Subject::new(store, &session, advertiser, None).await?;
    Ok(html(&form_page(&session, subject, typed, Errors::default())))
}

/// `POST /admin/line-items/new`
pub async fn create(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let store = &state.store;
    let owner = form.ids::<AdvertiserId>("advertiser_id").pop().unwrap_or(AdvertiserId(0));
    let advertiser: Advertiser = store.get(session.reader(), owner.0).await?;
    let subject = Subject::new(store, &session, advertiser, None).await?;
    let typed = Typed::read(&form);
    if form.text("do") == "add-row" {
        return Ok(one_more_row(&session, subject, typed));
    }
    let typed = typed.without_empty_rows();
    let write = |line_item: &mut LineItem| typed.write_into(line_item);
    match save::create(store, &editor, LineItem::new(subject.advertiser.id, ""), write, place).await? {
        Ok(line_item) => {
            let text = format!("“{}” is made. Next: the trackers that report its ads.", line_item.name);
            Ok(session.go_with(format!("{PATH}/{}", line_item.id), &Flash::new(Kind::Good, text)))
        }
        Err(errors) => Ok(again(&session, subject, typed, errors)),
    }
}

/// `GET /admin/line-items/{id}/edit`
pub async fn edit(state: web::Data<State>, session: Session, Id(id): Id<LineItemId>) -> Answer {
    session.editor()?;
    let (line_item, subject) = stored(&state.store, &session, id).await?;
    Ok(html(&form_page(&session, subject, Typed::of(&line_item), Errors::default())))
}

/// `POST /admin/line-items/{id}/edit`
pub async fn change(state: web::Data<State>, posted: Posted, Id(id): Id<LineItemId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let (line_item, subject) = stored(&state.store, &session, id).await?;
    let typed = Typed::read(&form);
    if form.text("do") == "add-row" {
        return Ok(one_more_row(&session, subject, typed));
    }
    let typed = typed.without_empty_rows();
    let wanted = typed.clone();
    let write = move |line_item: &mut LineItem| wanted.write_into(line_item);
    match save::change(&state.store, &editor, &line_item, write, place).await? {
        Ok(_) => {
            let text = "Saved. It applies to fires from now on; earlier conversions stay as they were judged.";
            Ok(session.go_with(format!("{PATH}/{id}"), &Flash::new(Kind::Good, text)))
        }
        Err(errors) => Ok(again(&session, subject, typed, errors)),
    }
}

/// The button of browsers without the script: the same form with a row more.
fn one_more_row(session: &Session, subject: Subject, mut typed: Typed) -> HttpResponse {
    typed.add_row();
    html(&form_page(session, subject, typed, Errors::default()))
}

async fn stored(store: &Store, session: &Session, id: LineItemId) -> Result<(LineItem, Subject), StoreError> {
    let line_item: LineItem = store.get(session.reader(), id.0).await?;
    let advertiser = store.get(session.reader(), line_item.advertiser_id.0).await?;
    let subject = Subject::new(store, session, advertiser, Some(line_item.clone())).await?;
    Ok((line_item, subject))
}

impl Subject {
    async fn new(
        store: &Store,
        session: &Session,
        advertiser: Advertiser,
        line_item: Option<LineItem>,
    ) -> Result<Self, StoreError> {
        let own = ListQuery::default().with_id::<Pixel>("advertiser_id", advertiser.id.0);
        let attached: Vec<i64> = line_item.iter().flat_map(|one| &one.pixels).map(|entry| entry.pixel_id.0).collect();
        let pixels = choices::all_with::<Pixel>(store, session.reader(), own, &attached).await?;
        Ok(Subject { line_item, advertiser, pixels })
    }
}

/// The form with its errors; with a row to fill in, if it has none.
fn again(session: &Session, subject: Subject, mut typed: Typed, errors: Errors) -> HttpResponse {
    if typed.pixels.is_empty() {
        typed.add_row();
    }
    html_again(&form_page(session, subject, typed, errors))
}

fn form_page(session: &Session, subject: Subject, typed: Typed, errors: Errors) -> FormPage {
    let Subject { line_item, advertiser, pixels } = subject;
    let money = |amount: Option<Micros>| amount.map(Micros::to_money).unwrap_or_default();
    let offer = |pixel: &Pixel| Offered {
        id: pixel.id,
        label: format!("{} ({})", pixel.name, pixel.id),
        post_click: money(pixel.post_click_value),
        post_view: money(pixel.post_view_value),
    };
    let pixels: Vec<Offered> = pixels.iter().map(offer).collect();
    let row = |(place, typed): (usize, &line_item_typed::Row)| {
        let number = place + 1;
        let chosen = pixels.iter().find(|offered| offered.id.to_string() == typed.pixel);
        let error = |name: &str| errors.of(&format!("{name}_{number}"));
        Row {
            number,
            own: chosen.map(|pixel| (pixel.post_click.clone(), pixel.post_view.clone())).unwrap_or_default(),
            pixel_error: error("pixel"),
            post_click_error: error("post_click_revenue"),
            post_view_error: error("post_view_revenue"),
            state_error: error("pixel_state"),
            typed: typed.clone(),
        }
    };
    let title = line_item.as_ref().map_or_else(|| "New line item".to_owned(), |one| format!("Edit {}", one.name));
    let stored = line_item.as_ref().and_then(|line_item| line_item.currency);
    FormPage {
        page: session.page("line-items", title),
        id: line_item.map(|line_item| line_item.id),
        unit: stored.unwrap_or(advertiser.default_currency).to_string(),
        advertiser,
        currencies: CURRENCIES,
        revenue_types: REVENUE_TYPES,
        rows: typed.pixels.iter().enumerate().map(row).collect(),
        most_rows: MAX_PIXELS_PER_LINE_ITEM,
        more: if choices::are_too_many(pixels.len()) { MORE_PIXELS } else { "" },
        pixels,
        typed,
        errors,
    }
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    if let Some((place, name)) = field.strip_prefix("pixels[").and_then(|rest| rest.split_once("].")) {
        let number = place.parse::<usize>().ok()? + 1;
        let (id, label) = match name {
            "id" => ("pixel", "Pixel"),
            "post_click_revenue" => ("post_click_revenue", "Post-click revenue of pixel"),
            "post_view_revenue" => ("post_view_revenue", "Post-view revenue of pixel"),
            "state" => ("pixel_state", "State of pixel"),
            _ => return None,
        };
        return Some((format!("{id}_{number}"), format!("{label} {number}")));
    }
    in_table(&FIELDS, field)
}
