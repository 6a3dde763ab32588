//! The first step: the shop, and what it counts.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::flow;
use super::flow::StepMark;
use super::region;
use crate::admin::choices::CURRENCIES;
use crate::admin::forms::conflict::{Meeting, Met, OPENED, Opened, Others};
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
        Err(error) => {
            let errors = Errors::of_store(error, |field| control_in(FIELDS, field))?;
            Ok(html_again(&page(&session, None, data, errors)))
        }
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
    let opened = Opened { data: data.clone(), modified: advertiser.last_modified };
    Ok(html(&page(&session, Some(&setup), data, Errors::default()).opened_with(opened.text())))
}

/// `POST /admin/tracking/{id}/shop`
pub async fn change(state: web::Data<AppState>, Posted { session, form }: Posted, Id(id): Id<AdvertiserId>) -> Answer {
    let by = session.editor()?;
    let (store, data) = (&state.store, ShopData::read(&form));
    let setup = flow::setup(store, &session, id).await?;
    let (opened, meeting) = (Opened::of(&form), Meeting::begin());
    let write = writer(opened.clone(), data.clone(), meeting.clone());
    // The user sees all errors of the form at once.
    let mut advertiser: Advertiser = store.get(session.reader(), id.0).await?;
    let changed = match data.write(&mut advertiser) {
        Err(fields) => Err(StoreError::Invalid(fields)),
        Ok(_) => store.change_shop(&by, id, write).await,
    };
    let others = match (meeting.take(), &opened) {
        (Some(met), Some(opened)) => {
            Some((Others::load::<Advertiser>(store, &session, id.0, opened.modified).await?, met))
        }
        _ => None,
    };
    match (changed, others) {
        (Ok(ads), others) => Ok(saved(&session, id, ads, others)),
        (Err(_), Some((others, met))) if !met.merge.collisions.is_empty() => {
            let mut errors = Errors::default();
            for field in &met.merge.collisions {
                let now = met.theirs.data.words(field);
                errors.add(
                    field,
                    format!("{} changed this to “{now}” meanwhile. Save again to keep yours.", others.names),
                );
            }
            let again = page(&session, Some(&setup), met.data, errors).opened_with(met.theirs.text());
            Ok(html_again(&again))
        }
        (Err(error), _) => {
            let errors = Errors::of_store(error, |field| control_in(FIELDS, field))?;
            let again = page(&session, Some(&setup), data, errors);
            Ok(html_again(&again.opened_with(form.text(OPENED).to_owned())))
        }
    }
}

/// Writes the fields into the stored shop, merged with what others saved since the form was opened.
fn writer(
    opened: Option<Opened<ShopData>>,
    mine: ShopData,
    meeting: Meeting<ShopData>,
) -> impl FnOnce(&mut Advertiser, &TrackingSetup) -> Result<String, Vec<FieldError>> + Send + 'static {
    move |advertiser, setup| {
        let Some(opened) = opened else { return mine.write(advertiser) };
        let theirs = Opened { data: ShopData::of(setup, advertiser).as_sent(), modified: advertiser.last_modified };
        match meeting.merge(&opened, &mine, theirs, |field| control_in(FIELDS, field).is_some()) {
            // The form shows what the other one saved.
            None => Err(Vec::new()),
            Some(merged) => merged.write(advertiser),
        }
    }
}

/// Leads to the next step, and says which ads follow the address and what others changed.
fn saved(session: &Session, id: AdvertiserId, ads: usize, others: Option<(Others, Met<ShopData>)>) -> HttpResponse {
    let mut said = Vec::new();
    if ads > 0 {
        let links = if ads == 1 { "1 ad leads".to_owned() } else { format!("{ads} ads lead") };
        said.push(format!("{links} to the new address now."));
    }
    if let Some((others, met)) = others.filter(|(_, met)| !met.merge.taken.is_empty()) {
        let labels = met.merge.taken.iter().filter_map(|field| control_in(FIELDS, field));
        said.push(others.kept(&labels.map(|control| control.label).collect::<Vec<_>>()));
    }
    match said.is_empty() {
        true => see_other(flow::address(id, "ads")),
        false => {
            let text = format!("Saved. {}", said.join(" "));
            session.go_with(flow::address(id, "ads"), &Flash::new(FlashKind::Good, text))
        }
    }
}

impl ShopPage {
    /// Carries what its form was opened with.
    fn opened_with(mut self, opened: String) -> Self {
        self.page.opened = opened;
        self
    }
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
