//! The form of a new ad: what it is called, where it runs, where its clicks lead. The placement is typed, and created with
//! the ad if it is new.

use actix_web::web;
use askama::Template;

use crate::admin::choices;
use crate::admin::choices::Choice;
use crate::admin::forms::detour;
use crate::admin::forms::form_key;
use crate::admin::forms::parse::{FormData, form_data, required};
use crate::admin::line_items::options::{LineItemChoices, LineItemGroup};
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Form, Labels, control_in};
use crate::admin::shell::object_kind::TRACKER;
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Asked, Posted, Session};
use crate::domain::{AdvertiserId, Checks, FieldError, LineItemId, Publisher, PublisherId, Tracker, TrackerKind};
use crate::store::{Ad, AdPlacement, ListQuery, NewAd, Store, StoreError};
use crate::web::AppState;

const FIELDS: Labels = &[
    ("name", "Name"),
    ("line_item_id", "Line item"),
    ("placement", "Placement"),
    ("publisher_id", "Placement"),
    ("click_url", "Landing page"),
];

#[derive(Template)]
#[template(path = "admin/ads/form.html")]
struct AdFormPage {
    page: Page,
    line_items: Vec<LineItemGroup>,
    placements: Vec<Choice>,
    data: AdFormData,
    errors: Errors,
}

form_data! {
    /// Every field as text.
    AdFormData {
        name: String,
        line_item_id: String,
        placement: String,
        click_url: String,
    }
}

/// The choices that the form offers.
struct AdForm {
    line_items: LineItemChoices,
    publishers: Vec<Publisher>,
}

/// `GET /admin/ads/new`
pub async fn new(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    session.editor()?;
    let form = AdForm::load(&state.store, &session, &query).await?;
    let mut data = AdFormData::read(&query);
    if let Some(id) = query.ids::<PublisherId>("publisher_id").pop() {
        let named = form.placements().into_iter().find(|placement| placement.id == id.to_string());
        data.placement = named.map(|placement| placement.name).unwrap_or_default();
    }
    if let (true, Some(only)) = (data.line_item_id.is_empty(), form.line_items.only()) {
        data.line_item_id = only.to_string();
    }
    Ok(html(&form.page(&session, &query, data, Errors::default())))
}

/// `POST /admin/ads/new`
pub async fn create(state: web::Data<AppState>, Posted { session, form: posted }: Posted) -> Answer {
    let by = session.editor()?;
    if let Some(away) = detour::away(&posted, session.path()) {
        return Ok(away);
    }
    let form = AdForm::load(&state.store, &session, &posted).await?;
    let data = AdFormData::read(&posted);
    let control = |field: &str| control_in(FIELDS, if field == "publisher_id" { "placement" } else { field });
    let errors = match form.ad(&data) {
        Err(fields) => Errors::of_fields(fields, control),
        Ok(ad) => match state.store.create_ad(&by, form_key::of(&posted), ad).await {
            Ok(Ad { click, .. }) => {
                let text = format!("Ad “{}” created. Use its link in the ad.", click.name);
                return Ok(session.go_with(format!("/admin/ads/{}", click.id), &Flash::new(FlashKind::Good, text)));
            }
            Err(StoreError::Repeated { id }) => {
                let flash = Flash::new(FlashKind::Warning, form_key::sent_before(&data.name));
                return Ok(session.go_with(format!("/admin/ads/{id}"), &flash));
            }
            Err(error) => Errors::of_store(error, control)?,
        },
    };
    Ok(html_again(&form.page(&session, &posted, data, errors)))
}

impl AdForm {
    async fn load(store: &Store, session: &Session, form: &Form) -> Result<Self, PageError> {
        let by = session.reader();
        let line_item = form.ids::<LineItemId>("line_item_id").pop();
        let publishers: Vec<i64> = form.ids::<PublisherId>("publisher_id").iter().map(|id| id.0).collect();
        Ok(AdForm {
            line_items: LineItemChoices::load(store, by, None, line_item).await?,
            publishers: choices::all_with::<Publisher>(store, by, ListQuery::default(), &publishers).await?,
        })
    }

    /// The placements by the names that the form proposes.
    fn placements(&self) -> Vec<Choice> {
        let name = |publisher: &Publisher| (publisher.id.0, publisher.name.clone());
        choices::options(&self.publishers, "", name).into_iter().filter(|choice| !choice.disabled).collect()
    }

    /// An existing placement by its proposed name, whatever its capitals; else a new one.
    fn placement(&self, typed: &str) -> AdPlacement {
        let is_typed = |choice: &Choice| choice.name.to_lowercase() == typed.to_lowercase();
        let known = self.placements().into_iter().find(is_typed).and_then(|choice| choice.id.parse().ok());
        known.map_or_else(|| AdPlacement::New(typed.to_owned()), AdPlacement::Known)
    }

    /// # Errors
    /// Every rule that the form breaks.
    fn ad(&self, data: &AdFormData) -> Result<NewAd, Vec<FieldError>> {
        let line_item = self.line_items.find(&data.line_item_id);
        let (advertiser_id, line_item_id) =
            line_item.map_or((AdvertiserId(0), LineItemId(0)), |line_item| (line_item.advertiser_id, line_item.id));
        let mut checks = Checks::new();
        required(&mut checks, "line_item_id", line_item.map(|line_item| line_item.id), line_item_id);
        checks.name("placement", &data.placement, 255);
        checks.require(!data.click_url.is_empty(), "click_url", || "is required".to_owned());
        let tracker = Tracker::new(TrackerKind::Click, advertiser_id, line_item_id, PublisherId(0), data.name.as_str());
        let click_url = Some(data.click_url.clone()).filter(|url| !url.is_empty());
        let mut errors = checks.done().err().unwrap_or_default();
        errors.extend(Tracker { click_url, ..tracker }.check().err().unwrap_or_default());
        errors.sort_by_key(|error| FIELDS.iter().position(|(name, _)| *name == error.field));
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(NewAd {
            name: data.name.clone(),
            advertiser_id,
            line_item_id,
            placement: self.placement(&data.placement),
            click_url: data.click_url.clone(),
        })
    }

    /// `form` may say where it leads back to.
    fn page(&self, session: &Session, form: &Form, data: AdFormData, errors: Errors) -> AdFormPage {
        AdFormPage {
            page: session
                .page(TRACKER.section, "New ad")
                .returning_to(detour::return_to(form))
                .keyed(form_key::next(form)),
            line_items: self.line_items.groups(&data.line_item_id),
            placements: self.placements(),
            data,
            errors,
        }
    }
}
