//! The first page. It compares today with earlier days, lists the pixels that need attention, and leads newcomers
//! to *Set up tracking*.

pub mod daily_chart;
pub mod figures;
pub mod problems;
pub mod rejected;
mod setups;
mod tiles;

use std::collections::HashMap;

use actix_web::web;
use askama::Template;
use tokio::task::spawn_blocking;

use super::choices;
use super::choices::zone;
use super::shell::alarms;
use super::shell::alarms::Alarm;
use super::shell::page::{Answer, Page, html};
use super::shell::session::Session;
use super::text::format::{grouped, plural};
use crate::domain::{Advertiser, AdvertiserId, Days, Millis, Pixel, PixelId, Reader, Status};
use crate::store::{Entity, ListQuery, PixelHealth, PixelLinks, Scalar, Store, StoreError, Test};
use crate::web::AppState;
use crate::web::health::Health;
use daily_chart::DayChart;
use problems::Problem;
use rejected::RejectedRequests;
use setups::OpenSetup;
use tiles::Tile;

/// The most pixels in the list of those that need attention.
const MOST_SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "admin/overview/overview.html")]
struct OverviewPage {
    page: Page,
    alarms: Vec<Alarm>,
    zone: String,
    /// Whether anybody set up anything.
    is_empty: bool,
    /// Whether any event has come.
    fired: bool,
    setups: Vec<OpenSetup>,
    tiles: Vec<Tile>,
    chart: DayChart,
    attention: Vec<Attention>,
    /// How many the page leaves out.
    more: usize,
    /// "3 of 14 pixels".
    share: String,
    rejected: Option<RejectedRequests>,
}

/// A pixel that needs attention.
struct Attention {
    id: PixelId,
    name: String,
    advertiser_id: AdvertiserId,
    /// Its advertiser's name.
    advertiser: String,
    danger: bool,
    never_loaded: bool,
    problems: Vec<Problem>,
}

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("", web::get().to(show));
}

/// `GET /admin`
async fn show(state: web::Data<AppState>, session: Session) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let zone = zone::of_all(store, by).await?;
    let latest = Days::latest(30, now, zone.clone());
    let days = store.daily_outcomes(by, None, latest.first, latest.last, latest.zone).await?;
    let Found { mut attention, pixels, fired } = attention(store, by, now).await?;
    let (many, more) = (attention.len(), attention.len().saturating_sub(MOST_SHOWN));
    attention.truncate(MOST_SHOWN);
    name_advertisers(store, by, &mut attention).await?;
    // The pixels that fired may be deleted by now.
    let fired = fired || days.iter().any(|day| day.post_click + day.post_view + day.unattributed + day.not_counted > 0);
    Ok(html(&OverviewPage {
        page: session.page("overview", "Overview"),
        alarms: alarms(&state, &session).await,
        rejected: RejectedRequests::load(store, by, now).await?,
        zone: zone::name(&zone).to_owned(),
        is_empty: !any::<Advertiser>(store, by).await?,
        fired,
        setups: OpenSetup::load(store, by).await?,
        tiles: tiles::load(store, by, &days, &zone, now).await?,
        chart: daily_chart::draw("by-day", &days, "/admin/conversions?"),
        share: format!("{} of {}", count(many), plural_of(pixels)),
        more,
        attention,
    }))
}

/// The troubles that an admin can mend before the server refuses requests. Once it refuses them, the frame of every
/// page says so to every user.
async fn alarms(state: &AppState, session: &Session) -> Vec<Alarm> {
    let mut alarms = alarms::alarms(&Health::of(&state.store).await, session.now);
    alarms.retain(|alarm| !alarm.danger && session.admin().is_ok());
    alarms
}

fn count(items: usize) -> String {
    grouped(u64::try_from(items).unwrap_or(u64::MAX))
}

fn plural_of(pixels: usize) -> String {
    plural(u64::try_from(pixels).unwrap_or(u64::MAX), "pixel")
}

/// The pixels that need attention, the worst first; how many active ones there are; whether any has ever loaded.
struct Found {
    attention: Vec<Attention>,
    pixels: usize,
    fired: bool,
}

async fn attention(store: &Store, by: &Reader, now: Millis) -> Result<Found, StoreError> {
    let in_use = Test::In(vec![Scalar::Text(Status::Active.to_string())]);
    let pixels = choices::every::<Pixel>(store, by, ListQuery::default().with::<Pixel>("state", in_use)).await?;
    let ids: Vec<PixelId> = pixels.iter().map(|pixel| pixel.id).collect();
    let links = store.pixel_links(by, ids.clone()).await?;
    let health = store.pixel_health(by, ids).await?;
    let fired = health.values().any(|health| health.last_load.is_some());
    let count = pixels.len();
    // There may be thousands, and this thread also answers `/px`.
    let troubled = spawn_blocking(move || troubled(&pixels, &links, &health, now));
    Ok(Found { attention: troubled.await.map_err(StoreError::fault)?, pixels: count, fired })
}

async fn name_advertisers(store: &Store, by: &Reader, attention: &mut [Attention]) -> Result<(), StoreError> {
    let names = store.names::<Advertiser>(by, attention.iter().map(|pixel| pixel.advertiser_id.0).collect()).await?;
    for pixel in attention {
        pixel.advertiser = names.get(&pixel.advertiser_id.0).cloned().unwrap_or_default();
    }
    Ok(())
}

fn troubled(
    pixels: &[Pixel],
    links: &HashMap<PixelId, PixelLinks>,
    health: &HashMap<PixelId, PixelHealth>,
    now: Millis,
) -> Vec<Attention> {
    let mut troubled = Vec::new();
    for pixel in pixels {
        let (Some(links), Some(health)) = (links.get(&pixel.id), health.get(&pixel.id)) else { continue };
        let problems = problems::problems(pixel, links, health, now);
        if !problems.is_empty() {
            let danger = problems.iter().any(|problem| problem.danger);
            let never_loaded = health.last_load.is_none();
            troubled.push(Attention {
                id: pixel.id,
                name: pixel.name.clone(),
                advertiser_id: pixel.advertiser_id,
                advertiser: String::new(),
                danger,
                never_loaded,
                problems,
            });
        }
    }
    // A pixel that loads and has a problem loses conversions; one that never loaded can wait.
    troubled.sort_by_key(|attention| (!attention.danger, attention.never_loaded));
    troubled
}

async fn any<E: Entity>(store: &Store, by: &Reader) -> Result<bool, StoreError> {
    Ok(store.list::<E>(by, ListQuery { num_elements: 1, ..ListQuery::default() }).await?.count > 0)
}
