//! The first step: the shop, and what it counts.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::flow;
use super::flow::StepMark;
use super::region;
use crate::admin::choices::CURRENCIES;
use crate::admin::forms::parse::{FormData, currency, form_data, merge_errors, word};
use crate::admin::shell::extract::Id;
use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::form::{Errors, Labels, control_in};
use crate::admin::shell::page::{Answer, Page, html, html_again, see_other};
use crate::admin::shell::session::{Posted, Session};
use crate::domain::{Advertiser, AdvertiserId, Checks, FieldError, Goal, RedirectHosts, TrackingSetup, shop_site};
use crate::store::{NewShop, StoreError};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/tracking/shop.html")]
struct ShopPage {
    page: Page,
    steps: Vec<StepMark>,
    /// None before it is saved.
    id: Option<AdvertiserId>,
    data: ShopData,
    currencies: [(&'static str, &'static str); 24],
    zones: Vec<(String, &'static str)>,
    errors: Errors,
}

form_data! {
    ShopData {
        name: String,
        site: String,
        goal: String,
        default_currency: String,
        timezone: String,
    }
}

const TITLE: &str = "Your shop";
const FIELDS: Labels = &[
    ("name", "Name"),
    ("site", "Address"),
    ("goal", "What you count"),
    ("default_currency", "Currency"),
    ("timezone", "Time zone"),
];

impl ShopData {
    fn of(setup: &TrackingSetup, advertiser: &Advertiser) -> Self {
        ShopData {
            name: advertiser.name.clone(),
            site: setup.site.clone(),
            goal: setup.goal.to_string(),
            default_currency: advertiser.default_currency.to_string(),
            timezone: advertiser.timezone.clone(),
        }
    }

    /// Writes the form into an advertiser, and returns the shop's address.
    fn write(&self, advertiser: &mut Advertiser) -> Result<String, Vec<FieldError>> {
        let mut checks = Checks::new();
        advertiser.name.clone_from(&self.name);
        let currency = currency(&mut checks, "default_currency", &self.default_currency);
        advertiser.default_currency = currency.unwrap_or(advertiser.default_currency);
        if !self.timezone.is_empty() {
            advertiser.timezone.clone_from(&self.timezone);
        }
        let site = shop_site(&self.site);
        checks.require(site.is_some(), "site", || match self.site.is_empty() {
            true => "is required, such as shop.example".to_owned(),
            false => format!("must be the address of a website such as shop.example, and is {:?}", self.site),
        });
        let site = site.unwrap_or_default();
        allow_landing(advertiser, &site);
        merge_errors(FIELDS, checks, advertiser.check())?;
        Ok(site)
    }
}

/// Lets links of ads lead to the shop.
fn allow_landing(advertiser: &mut Advertiser, site: &str) {
    let Some(host) = url::Url::parse(site).ok().and_then(|url| url.host_str().map(str::to_owned)) else { return };
    let RedirectHosts(hosts) = &mut advertiser.redirect_hosts;
    if !hosts.contains(&host) {
        hosts.push(host);
    }
}

/// `GET /admin/tracking/new`
pub async fn new(session: Session, request: HttpRequest) -> Answer {
    session.editor_of_all()?;
    let data = ShopData {
        name: String::new(),
        site: String::new(),
        goal: Goal::Purchase.to_string(),
        default_currency: region::currency(&request).to_owned(),
        timezone: String::new(),
    };
    Ok(html(&page(&session, None, data, Errors::default())))
}

/// `POST /admin/tracking/new`
pub async fn create(state: web::Data<AppState>, Posted { session, form }: Posted) -> Answer {
    let by = session.editor_of_all()?;
    let data = ShopData::read(&form);
    let mut advertiser = Advertiser::new("");
    let made = match read_new(&data, &mut advertiser) {
        Err(fields) => Err(StoreError::Invalid(fields)),
        Ok((site, goal)) => state.store.set_up_shop(&by, NewShop { advertiser, goal, site }).await,
    };
    match made {
        Ok(id) => Ok(see_other(flow::address(id, "ads"))),
        Err(error) => again(&session, None, data, error),
    }
}

fn read_new(data: &ShopData, advertiser: &mut Advertiser) -> Result<(String, Goal), Vec<FieldError>> {
    let mut checks = Checks::new();
    let goal = word(&mut checks, "goal", Goal::parse(&data.goal), Goal::Purchase);
    let site = data.write(advertiser);
    merge_errors(FIELDS, checks, site.as_ref().map(|_| ()).map_err(Clone::clone))?;
    Ok((site?, goal))
}

/// `GET /admin/tracking/{id}/shop`
pub async fn edit(state: web::Data<AppState>, session: Session, Id(id): Id<AdvertiserId>) -> Answer {
    session.editor()?;
    let setup = flow::setup(&state.store, &session, id).await?;
    let advertiser: Advertiser = state.store.get(session.reader(), id.0).await?;
    let data = ShopData::of(&setup, &advertiser);
    Ok(html(&page(&session, Some(&setup), data, Errors::default())))
}

/// `POST /admin/tracking/{id}/shop`
pub async fn change(state: web::Data<AppState>, Posted { session, form }: Posted, Id(id): Id<AdvertiserId>) -> Answer {
    let by = session.editor()?;
    let (store, data) = (&state.store, ShopData::read(&form));
    let setup = flow::setup(store, &session, id).await?;
    let mut advertiser: Advertiser = store.get(session.reader(), id.0).await?;
    let changed = match data.write(&mut advertiser) {
        Err(fields) => Err(StoreError::Invalid(fields)),
        Ok(site) => {
            let written = data.clone();
            store.change_shop(&by, id, site, move |advertiser| written.write(advertiser).map(drop)).await
        }
    };
    match changed {
        Ok(0) => Ok(see_other(flow::address(id, "ads"))),
        Ok(ads) => {
            let links = if ads == 1 { "1 ad leads".to_owned() } else { format!("{ads} ads lead") };
            let said = format!("Saved. {links} to the new address now.");
            Ok(session.go_with(flow::address(id, "ads"), &Flash::new(FlashKind::Good, said)))
        }
        Err(error) => again(&session, Some(&setup), data, error),
    }
}

fn again(session: &Session, setup: Option<&TrackingSetup>, data: ShopData, error: StoreError) -> Answer {
    let errors = Errors::of_store(error, |field| control_in(FIELDS, field))?;
    Ok(html_again(&page(session, setup, data, errors)))
}

fn page(session: &Session, setup: Option<&TrackingSetup>, data: ShopData, errors: Errors) -> ShopPage {
    ShopPage {
        page: session.page("overview", TITLE).with_tab(format!("{TITLE} · Set up tracking")),
        steps: flow::steps(setup, "shop"),
        id: setup.map(|setup| setup.advertiser_id),
        data,
        currencies: CURRENCIES,
        zones: jiff::tz::db().available().map(|zone| (zone.to_string(), "")).collect(),
        errors,
    }
}
