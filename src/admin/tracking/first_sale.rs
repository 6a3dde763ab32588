//! The last step: waits for the first visit, ad click, sale and credited sale, and says what goes wrong meanwhile.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::advertise::covered;
use super::flow;
use super::flow::StepMark;
use super::mistakes;
use super::mistakes::Mistake;
use crate::admin::conversions::raw_request::place;
use crate::admin::export::options::site_of;
use crate::admin::rows::conversion::amount;
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Id;
use crate::admin::shell::page::{Answer, Page, html, see_other};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::agent;
use crate::admin::text::format::Moment;
use crate::domain::{AdvertiserId, Conversion, Exposure, LineItem, LineItemId, Millis, Seq, TrackingSetup};
use crate::store::{SetupProgress, SiteTagLoad, Store, StoreError};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/tracking/first_sale.html")]
struct FirstSalePage {
    page: Page,
    steps: Vec<StepMark>,
    id: AdvertiserId,
    ticks: [Tick; 4],
    /// "2 of 4 done, one problem", for those who do not see the mark.
    words: String,
    /// A link that acts like an ad; empty if the user must follow a real one.
    link: String,
    /// The credited event.
    credited: Option<Seq>,
}

/// One of the four pixels to light up.
struct Tick {
    name: &'static str,
    /// `on`, `trouble` or `off`.
    state: &'static str,
    text: String,
    at: Option<Moment>,
    mistakes: Vec<Mistake>,
}

impl Tick {
    fn new(name: &'static str, done: Option<(String, Millis)>, waits: &str, now: Millis) -> Self {
        let (state, text, at) = match done {
            Some((text, at)) => ("on", text, Some(Moment::new(at, now))),
            None => ("off", waits.to_owned(), None),
        };
        Tick { name, state, text, at, mistakes: Vec::new() }
    }

    fn with(mut self, mistakes: Vec<Mistake>) -> Self {
        if !mistakes.is_empty() {
            self.state = "trouble";
        }
        self.mistakes = mistakes;
        self
    }
}

/// `GET /admin/tracking/{id}/first-sale`
pub async fn show(
    state: web::Data<AppState>,
    session: Session,
    Id(id): Id<AdvertiserId>,
    request: HttpRequest,
) -> Answer {
    let (store, now) = (&state.store, session.now);
    let setup = flow::setup(store, &session, id).await?;
    let progress = store.setup_progress(session.reader(), &setup).await?;
    let site = site_of(&request, &state)?;
    let ticks = ticks(store, &session, &setup, &progress, &site.url(), now).await?;
    let title = if progress.credited.is_some() { "Your first sale is credited" } else { "Waiting for your first sale" };
    let done = ticks.iter().filter(|tick| tick.state == "on").count();
    let troubles = ticks.iter().filter(|tick| tick.state == "trouble").count();
    Ok(html(&FirstSalePage {
        page: session.page("overview", title).with_tab(format!("{title} · Set up tracking")),
        steps: flow::steps(Some(&setup), "first-sale"),
        id,
        words: match troubles {
            0 => format!("{done} of 4 done"),
            _ => format!("{done} of 4 done, {troubles} with a problem"),
        },
        ticks,
        link: test_link(&setup),
        credited: progress.credited,
    }))
}

/// `POST /admin/tracking/{id}/hide`: takes the steps off the overview.
pub async fn hide(state: web::Data<AppState>, Posted { session, .. }: Posted, Id(id): Id<AdvertiserId>) -> Answer {
    state.store.hide_setup(&session.editor()?, id, true).await?;
    Ok(see_other("/admin"))
}

/// The shop's address as the first kind of ad without a tracker would write it.
fn test_link(setup: &TrackingSetup) -> String {
    let sample = covered(setup).find(|channel| !channel.is_tracked).map(|channel| channel.sample);
    sample.map(|sample| format!("{}/?{sample}", setup.site)).unwrap_or_default()
}

async fn ticks(
    store: &Store,
    session: &Session,
    setup: &TrackingSetup,
    progress: &SetupProgress,
    tag_site: &str,
    now: Millis,
) -> Result<[Tick; 4], PageError> {
    let by = session.reader();
    let event = async |seq: Option<Seq>| match seq {
        Some(seq) => store.conversion(by, seq).await.map(Some),
        None => Ok(None),
    };
    let (sale, latest) = (event(progress.sale).await?, event(progress.latest_sale).await?);
    let credited = event(progress.credited).await?;
    let click = match &progress.click {
        Some(click) => Some((clicked(store, session, &click.row).await?, click.at)),
        None => None,
    };
    let credited_words = match &credited {
        Some(event) => Some((credit(store, session, event).await?, event.fire.at)),
        None => None,
    };
    let visit = progress.site_tag.as_ref().map(|load| (visited(load), load.at));
    let received = sale.as_ref().map(|event| (sold(event), event.fire.at));
    Ok([
        Tick::new("First visit", visit, "Open any page of your shop with the site tag on it.", now)
            .with(mistakes::of_address(tag_site, setup, progress)),
        Tick::new("First ad click", click, "Click one of your ads.", now),
        Tick::new("First sale received", received, "Buy something, or open your thank-you page.", now)
            .with(latest.as_ref().map(|event| mistakes::of_event(event, setup, tag_site)).unwrap_or_default()),
        Tick::new("First sale credited", credited_words, "Comes by itself with the next sale after an ad click.", now)
            .with(mistakes::of_credit(progress, latest.as_ref(), setup)),
    ])
}

/// "shop.example, Firefox on Linux".
fn visited(load: &SiteTagLoad) -> String {
    let host = if load.host.is_empty() { "a page" } else { load.host.as_str() };
    match load.user_agent.as_deref().map(agent::words).filter(|words| !words.is_empty()) {
        Some(browser) => format!("{host}, {browser}"),
        None => host.to_owned(),
    }
}

/// "Google Ads, landed on /green-tea".
async fn clicked(store: &Store, session: &Session, click: &Exposure) -> Result<String, PageError> {
    let name = line_item_name(store, session, click.line_item_id).await?;
    let page = click.referer.as_deref().map(place).unwrap_or_default();
    Ok(match (page.is_empty(), click.arrival.is_some()) {
        (true, _) => name,
        (false, true) => format!("{name}, landed on {page}"),
        (false, false) => format!("{name}, from {page}"),
    })
}

/// "49.90 EUR on /thank-you".
fn sold(event: &Conversion) -> String {
    let value = amount(event.value, event.currency);
    let page = event.fire.referer.as_deref().map(place).unwrap_or_default();
    match (value.is_empty(), page.is_empty()) {
        (false, false) => format!("{value} on {page}"),
        (false, true) => value,
        (true, false) => format!("Without an order value, on {page}"),
        (true, true) => "Without an order value".to_owned(),
    }
}

/// "To Google Ads".
async fn credit(store: &Store, session: &Session, event: &Conversion) -> Result<String, PageError> {
    let Some(credit) = event.credit else { return Ok(String::new()) };
    Ok(format!("To {}", line_item_name(store, session, credit.line_item_id).await?))
}

async fn line_item_name(store: &Store, session: &Session, id: LineItemId) -> Result<String, StoreError> {
    Ok(store.names::<LineItem>(session.reader(), vec![id.0]).await?.remove(&id.0).unwrap_or_default())
}
