//! The second step: where the shop advertises, and the system that it runs on.

use actix_web::web;
use askama::Template;

use super::channels::{CHANNELS, Channel, SHOP_SYSTEMS, channel};
use super::flow;
use super::flow::StepMark;
use crate::admin::shell::extract::Id;
use crate::admin::shell::form::{Errors, Form, Labels, control_in};
use crate::admin::shell::page::{Answer, Page, html, html_again, see_other};
use crate::admin::shell::session::{Posted, Session};
use crate::domain::{AdvertiserId, SourceTemplate, TrackingSetup};
use crate::store::{NewChannel, NewSource};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/tracking/ads.html")]
struct AdsPage {
    page: Page,
    steps: Vec<StepMark>,
    id: AdvertiserId,
    common: Vec<Tick>,
    rare: Vec<Tick>,
    /// Whether a rare kind is ticked.
    shows_rare: bool,
    systems: &'static [(&'static str, &'static str)],
    system: String,
    errors: Errors,
}

/// A kind of advertising with its box.
struct Tick {
    channel: &'static Channel,
    is_ticked: bool,
    /// It exists already, and its own pages change it.
    is_fixed: bool,
}

const TITLE: &str = "Where do you advertise?";
const FIELDS: Labels = &[("ads", "Advertising"), ("shop_system", "What your shop runs on")];

/// `GET /admin/tracking/{id}/ads`
pub async fn show(state: web::Data<AppState>, session: Session, Id(id): Id<AdvertiserId>) -> Answer {
    session.editor()?;
    let setup = flow::setup(&state.store, &session, id).await?;
    let system = setup.shop_system.clone().unwrap_or_else(|| "page".to_owned());
    Ok(html(&page(&session, &setup, &[], system, Errors::default())))
}

/// `POST /admin/tracking/{id}/ads`
pub async fn save(state: web::Data<AppState>, Posted { session, form }: Posted, Id(id): Id<AdvertiserId>) -> Answer {
    let by = session.editor()?;
    let setup = flow::setup(&state.store, &session, id).await?;
    let (chosen, system) = (chosen(&form), form.text("shop_system").to_owned());
    let mut errors = Errors::default();
    if chosen.is_empty() && setup.channels.is_empty() {
        errors.add("ads", "Choose at least one. Without it no sale can be credited.");
    }
    if SHOP_SYSTEMS.iter().all(|(name, _)| *name != system) {
        errors.add("shop_system", "Choose what your shop runs on.");
    }
    if !errors.is_empty() {
        return Ok(html_again(&page(&session, &setup, &chosen, system, errors)));
    }
    let channels = chosen.iter().map(|channel| new_channel(channel, &setup)).collect();
    match state.store.add_channels(&by, id, system.clone(), channels).await {
        Ok(()) => Ok(see_other(flow::address(id, "snippets"))),
        Err(error) => {
            let errors = Errors::of_store(error, |field| control_in(FIELDS, field))?;
            Ok(html_again(&page(&session, &setup, &chosen, system, errors)))
        }
    }
}

/// The kinds that are ticked, each once. Unknown names are left out.
fn chosen(form: &Form) -> Vec<&'static Channel> {
    let ticked: Vec<&str> = form.all("ads").collect();
    CHANNELS.iter().filter(|channel| ticked.contains(&channel.key)).collect()
}

fn new_channel(channel: &Channel, setup: &TrackingSetup) -> NewChannel {
    NewChannel {
        channel: channel.key.to_owned(),
        line_item: channel.name.to_owned(),
        publisher: channel.publisher.to_owned(),
        // The site tag reads the click ID from the address: so the click follows a visitor whose cookie is lost.
        landing_page: channel.is_tracked.then(|| format!("{}/?px=${{CLICK_ID}}", setup.site)),
        source: SourceTemplate::of(channel.key).map(|template| NewSource {
            condition: template.condition(),
            campaign_by: template.campaign_by.to_owned(),
        }),
    }
}

fn page(
    session: &Session,
    setup: &TrackingSetup,
    chosen: &[&'static Channel],
    system: String,
    errors: Errors,
) -> AdsPage {
    let tick = |channel: &'static Channel| {
        let is_fixed = setup.line_item_of(channel.key).is_some();
        Tick { channel, is_fixed, is_ticked: is_fixed || chosen.iter().any(|one| one.key == channel.key) }
    };
    let (common, rare): (Vec<Tick>, Vec<Tick>) = CHANNELS.iter().map(tick).partition(|tick| tick.channel.is_common);
    AdsPage {
        page: session.page("overview", TITLE).with_tab("Where you advertise · Set up tracking"),
        steps: flow::steps(Some(setup), "ads"),
        id: setup.advertiser_id,
        shows_rare: rare.iter().any(|tick| tick.is_ticked),
        common,
        rare,
        systems: SHOP_SYSTEMS,
        system,
        errors,
    }
}

/// The kinds that the set-up covers.
pub fn covered(setup: &TrackingSetup) -> impl Iterator<Item = &'static Channel> {
    setup.channels.iter().filter_map(|(key, _)| channel(key))
}
