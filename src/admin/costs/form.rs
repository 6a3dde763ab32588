//! The form for one cost. A cost that is there already for the same day is named before it is replaced.

use actix_web::web;
use askama::Template;

use super::rows::amounts;
use super::{PATH, SECTION};
use crate::admin::choices;
use crate::admin::choices::{CURRENCIES, Choice};
use crate::admin::forms::parse::{FormData, amount, form_data};
use crate::admin::line_items::options::{LineItemChoices, LineItemGroup};
use crate::admin::shell::error::PageError;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Form, Labels, control_in};
use crate::admin::shell::page::{Answer, Page, html, html_again};
use crate::admin::shell::session::{Asked, Posted, Session};
use crate::admin::text::format::money;
use crate::domain::{
    Advertiser, AdvertiserId, Campaign, Checks, CostKey, CostWay, Currency, Day, ImportedCosts, LineItem, LineItemId,
    NewCost, Publisher,
};
use crate::store::{ListQuery, StoreError};
use crate::web::AppState;

/// The fields down the page with their labels.
const FIELDS: Labels = &[
    ("day", "Day"),
    ("line_item_id", "Line item"),
    ("amount", "Cost"),
    ("currency", "Currency"),
    ("campaign_id", "Campaign"),
    ("publisher_id", "Placement"),
];

form_data! {
    /// The form's texts.
    CostFormData {
        day: String,
        line_item_id: String,
        campaign_id: String,
        publisher_id: String,
        amount: String,
        currency: String,
        /// The old amount that the user agreed to replace.
        replaces: String,
    }
}

#[derive(Template)]
#[template(path = "admin/costs/form.html")]
struct CostFormPage {
    page: Page,
    line_items: Vec<LineItemGroup>,
    campaigns: Vec<Choice>,
    publishers: Vec<Choice>,
    currencies: [(&'static str, &'static str); 24],
    /// The amount that the new one would replace; empty if there is none.
    old: String,
    data: CostFormData,
    errors: Errors,
}

/// `GET /admin/costs/new`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    session.editor()?;
    let mut data = CostFormData::read(&query);
    let advertiser = advertiser_of(&state, &session, &query, &data).await?;
    if let Some(advertiser) = &advertiser {
        let today = advertiser.zone().to_datetime(session.now.timestamp()).date();
        if data.day.is_empty() {
            data.day = today.yesterday().unwrap_or(today).to_string();
        }
        if data.currency.is_empty() {
            data.currency = advertiser.default_currency.to_string();
        }
    }
    let owner = advertiser.map(|advertiser| advertiser.id);
    Ok(html(&page(&state, &session, owner, data, String::new(), Errors::default()).await?))
}

/// The advertiser that the address or the line item names, else the only one.
async fn advertiser_of(
    state: &AppState,
    session: &Session,
    query: &Form,
    data: &CostFormData,
) -> Result<Option<Advertiser>, StoreError> {
    let by = session.reader();
    let id = match data.line_item_id.parse() {
        Ok(id) => Some(state.store.get::<LineItem>(by, id).await?.advertiser_id),
        Err(_) => query.ids::<AdvertiserId>("advertiser_id").pop(),
    };
    match id {
        Some(id) => Ok(Some(state.store.get(by, id.0).await?)),
        None => {
            let mut all = choices::all::<Advertiser>(&state.store, by, &[]).await?;
            Ok(all.pop().filter(|_| all.is_empty()))
        }
    }
}

/// `POST /admin/costs/new`
pub async fn create(state: web::Data<AppState>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let data = CostFormData::read(&form);
    let (cost, errors) = read(&data);
    let line_item = match data.line_item_id.parse() {
        Ok(id) => Some(state.store.get::<LineItem>(session.reader(), id).await?),
        Err(_) => None,
    };
    let owner = line_item.as_ref().map(|line_item| line_item.advertiser_id);
    let (Some(cost), Some(line_item)) = (cost, line_item) else {
        return Ok(html_again(&page(&state, &session, owner, data, String::new(), errors).await?));
    };
    let said = money(cost.amount, cost.currency);
    let costs = ImportedCosts::new(CostWay::Typed, line_item.advertiser_id, vec![cost]);
    let preview = match state.store.preview_costs(&editor, costs.clone()).await {
        Ok(preview) => preview,
        Err(error) => {
            let errors = Errors::of_store(error, |field| control_in(FIELDS, field))?;
            return Ok(html_again(&page(&state, &session, owner, data, String::new(), errors).await?));
        }
    };
    let old: Vec<String> =
        preview.replaced.iter().filter(|replaced| !replaced.is_same()).map(|replaced| amounts(&replaced.old)).collect();
    let old = old.join(" and ");
    if old != data.replaces {
        return Ok(html_again(&page(&state, &session, owner, data, old, Errors::default()).await?));
    }
    match state.store.import_costs(&editor, costs).await {
        Ok(_) => {
            let text = format!("{said} entered for {}.", line_item.name);
            let address = format!("{PATH}?advertiser_id={}", line_item.advertiser_id);
            Ok(session.go_with(address, &Flash::new(FlashKind::Good, text)))
        }
        Err(error) => {
            let errors = Errors::of_store(error, |field| control_in(FIELDS, field))?;
            Ok(html_again(&page(&state, &session, owner, data, String::new(), errors).await?))
        }
    }
}

/// The cost that the form describes, or what is wrong with it.
fn read(data: &CostFormData) -> (Option<NewCost>, Errors) {
    let mut checks = Checks::new();
    let day = Day::parse(&data.day);
    checks.require(day.is_some(), "day", || "must be a day such as 2026-11-03".to_owned());
    let line_item: Option<LineItemId> = data.line_item_id.parse().ok();
    checks.require(line_item.is_some(), "line_item_id", || "must be chosen".to_owned());
    checks.require(!data.amount.is_empty(), "amount", || "must be an amount such as 12.50".to_owned());
    let amount = amount(&mut checks, "amount", &data.amount);
    let currency = Currency::parse(&data.currency);
    checks.require(currency.is_some(), "currency", || "must be a currency such as EUR".to_owned());
    let errors = checks.done().err().unwrap_or_default();
    let errors = Errors::of_fields(errors, |field| control_in(FIELDS, field));
    match (day, line_item, currency, amount) {
        (Some(day), Some(line_item), Some(currency), Some(amount)) if errors.is_empty() => {
            let key = CostKey {
                line_item_id: line_item,
                campaign_id: data.campaign_id.parse().ok(),
                publisher_id: data.publisher_id.parse().ok(),
            };
            (Some(NewCost { key, ..NewCost::new(day, line_item, currency, amount) }), errors)
        }
        _ => (None, errors),
    }
}

async fn page(
    state: &AppState,
    session: &Session,
    advertiser: Option<AdvertiserId>,
    data: CostFormData,
    old: String,
    errors: Errors,
) -> Result<CostFormPage, PageError> {
    let (store, by) = (&state.store, session.reader());
    let query = match advertiser {
        Some(id) => ListQuery::default().with_id::<Campaign>("advertiser_id", id.0),
        None => ListQuery::default(),
    };
    let campaign = data.campaign_id.parse().ok();
    let publisher = data.publisher_id.parse().ok();
    let campaigns = choices::all_with::<Campaign>(store, by, query, campaign.as_slice()).await?;
    let publishers = choices::all::<Publisher>(store, by, publisher.as_slice()).await?;
    let line_items = LineItemChoices::load(store, by, advertiser, data.line_item_id.parse().ok()).await?;
    Ok(CostFormPage {
        page: session.page(SECTION, "Enter a cost"),
        line_items: line_items.groups(&data.line_item_id),
        campaigns: choices::options(&campaigns, &data.campaign_id, |one| (one.id.0, one.name.clone())),
        publishers: choices::options(&publishers, &data.publisher_id, |one| (one.id.0, one.name.clone())),
        currencies: CURRENCIES,
        old,
        data,
        errors,
    })
}
