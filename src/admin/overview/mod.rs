//! The first page. It shows the figures of a scope, lists what needs attention, and leads newcomers to *Set up tracking*.

mod attention;
mod breakdown;
mod credited_chart;
pub mod daily_chart;
pub mod dashboard;
mod filters;
pub mod rejected;
mod setups;
mod spans;
mod sums;
mod tiles;

use actix_web::{HttpRequest, web};
use askama::Template;

use super::export::options::site_of;
use super::scope::{Offer, PageScope};
use super::shell::alarms;
use super::shell::alarms::Alarm;
use super::shell::page::{Answer, Page, html};
use super::shell::session::{Asked, Session};
use super::text::format::grouped;
use crate::domain::{Advertiser, Reader};
use crate::store::{Entity, ListQuery, Store, StoreError};
use crate::web::AppState;
use crate::web::health::Health;
use attention::{Attention, AttentionRow};
use dashboard::Dashboard;
use rejected::RejectedRequests;
use setups::OpenSetup;

/// The most objects in the list of what needs attention.
const MOST_SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "admin/overview/overview.html")]
struct OverviewPage {
    page: Page,
    scope: PageScope,
    alarms: Vec<Alarm>,
    /// Whether anybody set up anything.
    is_empty: bool,
    /// Whether any event has come.
    fired: bool,
    setups: Vec<OpenSetup>,
    figures: Dashboard,
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
async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let offer = Offer::new("/admin").with_categories().with_comparison();
    let scope = PageScope::load(store, &session, &query, offer).await?;
    let figures = Dashboard::load(store, &session, &scope, &query).await?;
    let site = site_of(&request, &state)?;
    let is_set = state.live().public_url.is_some();
    let Attention { rows: attention, count, fired } =
        Attention::load(store, &session, &site, is_set, scope.advertiser_id()).await?;
    let page = OverviewPage {
        page: session.page("overview", "Overview"),
        alarms: alarms(&state, &session).await,
        rejected: RejectedRequests::load(store, by, now).await?,
        is_empty: !any::<Advertiser>(store, by).await?,
        // The pixels that fired may be deleted by now.
        fired: fired || figures.has_events,
        setups: OpenSetup::load(store, by).await?,
        many: grouped(u64::try_from(count).unwrap_or(u64::MAX)),
        more: count.saturating_sub(attention.len()),
        attention,
        figures,
        scope,
    };
    Ok(page.scope.remember(html(&page)))
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
