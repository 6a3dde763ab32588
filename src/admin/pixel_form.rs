//! The form that makes or changes a pixel.

use actix_web::web;
use askama::Template;

use super::choices::{self, Choice};
use super::extract::{Asked, Id};
use super::flash::{Flash, Kind};
use super::form::{Errors, Form};
use super::page::{Answer, Page, html, html_again};
use super::piggybacks;
use super::pixel_typed::Typed;
use super::session::{Posted, Session};
use crate::domain::{Advertiser, AdvertiserId, ConversionEvent, Pixel, PixelId};
use crate::store::{Store, StoreError};
use crate::web::State;

#[derive(Template)]
#[template(path = "pixel_form.html")]
struct FormPage {
    page: Page,
    /// None for a new pixel.
    id: Option<PixelId>,
    /// Whose it is, once that cannot change.
    advertiser: String,
    advertisers: Vec<Choice>,
    events: Vec<Choice>,
    /// The unit of the values: the advertiser's currency where there is but one.
    unit: String,
    rows: Vec<piggybacks::Shown>,
    typed: Typed,
    errors: Errors,
}

/// `GET /admin/pixels/new`
pub async fn new(state: web::Data<State>, session: Session, Asked(asked): Asked) -> Answer {
    session.editor()?;
    let advertisers = choices::all::<Advertiser>(&state.store, session.reader(), &asked.ids("advertiser_id")).await?;
    let asked: Option<AdvertiserId> = asked.ids("advertiser_id").pop();
    let typed = Typed::fresh(asked.or(advertisers.first().map(|first| first.id)));
    Ok(html(&form_page(&session, None, &advertisers, typed, Errors::default())))
}

/// `POST /admin/pixels/new`
pub async fn create(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let advertisers = choices::all::<Advertiser>(&state.store, session.reader(), &form.ids("advertiser_id")).await?;
    let typed = Typed::read(&form);
    if let Some(again) = one_more_row(&session, None, &advertisers, &form, &typed) {
        return Ok(again);
    }
    let advertiser = advertisers.iter().find(|advertiser| advertiser.id.to_string() == typed.advertiser_id);
    let mut pixel = Pixel::new(advertiser.map_or(AdvertiserId(0), |advertiser| advertiser.id), "");
    let mut errors = Errors::of_fields(typed.write_into(&mut pixel).err().unwrap_or_default(), place);
    if advertiser.is_none() {
        errors.add("advertiser_id", "Advertiser is required; choose one.");
    }
    if errors.is_empty() {
        match state.store.create(&editor, pixel).await {
            Ok(pixel) => {
                let text = format!("“{}” is made. Put its tag on a page, and attach it to a line item.", pixel.name);
                return Ok(session.go_with(format!("/admin/pixels/{}", pixel.id), &Flash::new(Kind::Good, text)));
            }
            Err(error) => errors = Errors::of_store(error, place)?,
        }
    }
    Ok(html_again(&form_page(&session, None, &advertisers, typed, errors)))
}

/// `GET /admin/pixels/{id}/edit`
pub async fn edit(state: web::Data<State>, session: Session, Id(id): Id<PixelId>) -> Answer {
    session.editor()?;
    let (pixel, advertisers) = stored(&state.store, &session, id).await?;
    Ok(html(&form_page(&session, Some(&pixel), &advertisers, Typed::of(&pixel), Errors::default())))
}

/// `POST /admin/pixels/{id}/edit`
pub async fn change(state: web::Data<State>, posted: Posted, Id(id): Id<PixelId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let (pixel, advertisers) = stored(&state.store, &session, id).await?;
    let typed = Typed { advertiser_id: pixel.advertiser_id.to_string(), ..Typed::read(&form) };
    if let Some(again) = one_more_row(&session, Some(&pixel), &advertisers, &form, &typed) {
        return Ok(again);
    }
    // The fields' own errors first, so that all are told at once; then the same into the pixel as it now stands.
    let errors = match typed.write_into(&mut pixel.clone()) {
        Err(fields) => Errors::of_fields(fields, place),
        Ok(()) => {
            let wanted = typed.clone();
            match state.store.update(&editor, id.0, move |pixel: &mut Pixel| wanted.write_into(pixel)).await {
                Ok(_) => {
                    let text = "Saved. It applies to fires from now on; earlier conversions stay as they were judged.";
                    return Ok(session.go_with(format!("/admin/pixels/{id}"), &Flash::new(Kind::Good, text)));
                }
                Err(error) => Errors::of_store(error, place)?,
            }
        }
    };
    Ok(html_again(&form_page(&session, Some(&pixel), &advertisers, typed, errors)))
}

async fn stored(store: &Store, session: &Session, id: PixelId) -> Result<(Pixel, Vec<Advertiser>), StoreError> {
    let pixel: Pixel = store.get(session.reader(), id.0).await?;
    let advertiser = store.get(session.reader(), pixel.advertiser_id.0).await?;
    Ok((pixel, vec![advertiser]))
}

/// The button of browsers without the script: the same form with a row more.
fn one_more_row(
    session: &Session,
    pixel: Option<&Pixel>,
    advertisers: &[Advertiser],
    form: &Form,
    typed: &Typed,
) -> Option<actix_web::HttpResponse> {
    (form.text("do") == "add-row").then(|| {
        let mut typed = typed.clone();
        typed.add_row();
        html(&form_page(session, pixel, advertisers, typed, Errors::default()))
    })
}

fn form_page(
    session: &Session,
    pixel: Option<&Pixel>,
    advertisers: &[Advertiser],
    typed: Typed,
    errors: Errors,
) -> FormPage {
    let title = pixel.map_or_else(|| "New pixel".to_owned(), |pixel| format!("Edit {}", pixel.name));
    let events = ConversionEvent::ALL.map(|(id, _, label)| (i64::from(id), label.to_owned()));
    FormPage {
        page: session.page("pixels", title),
        id: pixel.map(|pixel| pixel.id),
        advertiser: pixel.and(advertisers.first()).map(|advertiser| advertiser.name.clone()).unwrap_or_default(),
        advertisers: choices::options(advertisers, &typed.advertiser_id, |advertiser| {
            (advertiser.id.0, advertiser.name.clone())
        }),
        events: choices::options(&events, &typed.event, Clone::clone),
        unit: unit(advertisers),
        rows: piggybacks::shown(&typed.piggybacks, &errors),
        typed,
        errors,
    }
}

/// The one currency of all advertisers on offer, if there is one.
fn unit(advertisers: &[Advertiser]) -> String {
    match advertisers {
        [first, rest @ ..] if rest.iter().all(|other| other.default_currency == first.default_currency) => {
            first.default_currency.to_string()
        }
        _ => "each".to_owned(),
    }
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    if let Some(row) = piggybacks::place(field) {
        return Some(row);
    }
    let label = match field {
        "name" => "Name",
        "advertiser_id" => "Advertiser",
        "code" => "Code",
        "pixel_conversion_event_id" => "Event category",
        "trigger_type" => "Trigger type",
        "post_click_expire_mins" => "Lookback window for clicks",
        "post_view_expire_mins" => "Lookback window for views",
        "repeat" => "How often one visitor counts",
        "min_minutes_per_conv" => "The time between conversions",
        "post_click_value" => "Post-click value",
        "post_view_value" => "Post-view value",
        "piggyback_pixels" => "Piggybacks",
        "state" => "State",
        _ => return None,
    };
    Some((field.to_owned(), label.to_owned()))
}
