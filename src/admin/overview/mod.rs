//! The first page. It compares today with earlier days, lists what needs attention, and leads newcomers to *Set up tracking*.

mod attention;
pub mod daily_chart;
pub mod rejected;
mod setups;
mod tiles;

use actix_web::{HttpRequest, web};
use askama::Template;

use super::choices::zone;
use super::export::options::site_of;
use super::shell::alarms;
use super::shell::alarms::Alarm;
use super::shell::page::{Answer, Page, html};
use super::shell::session::Session;
use super::text::format::grouped;
use crate::domain::{Advertiser, Days, Reader};
use crate::store::{Entity, ListQuery, Store, StoreError};
use crate::web::AppState;
use crate::web::health::Health;
use attention::{Attention, AttentionRow};
use daily_chart::DayChart;
use rejected::RejectedRequests;
use setups::OpenSetup;
use tiles::Tile;

/// The most objects in the list of what needs attention.
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
    attention: Vec<AttentionRow>,
    /// How many there are, and how many of them the page leaves out.
    many: String,
    more: usize,
    rejected: Option<RejectedRequests>,
}

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("", web::get().to(show));
}

/// `GET /admin`
async fn show(state: web::Data<AppState>, session: Session, request: HttpRequest) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let zone = zone::of_all(store, by).await?;
    let latest = Days::latest(30, now, zone.clone());
    let days = store.daily_outcomes(by, None, latest.first, latest.last, latest.zone).await?;
    let site = site_of(&request, &state)?;
    let is_set = state.live().public_url.is_some();
    let Attention { rows: attention, count, fired } = Attention::load(store, &session, &site, is_set).await?;
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
        many: grouped(u64::try_from(count).unwrap_or(u64::MAX)),
        more: count.saturating_sub(attention.len()),
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

async fn any<E: Entity>(store: &Store, by: &Reader) -> Result<bool, StoreError> {
    Ok(store.list::<E>(by, ListQuery { num_elements: 1, ..ListQuery::default() }).await?.count > 0)
}
