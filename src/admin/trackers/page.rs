//! A tracker's page, with the tag or link to copy and the options of both, and its deletion.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::admin::export::options::site_of;
use crate::admin::export::text::{AddressNotice, Caption, address_notice};
use crate::admin::figures::tiles::Tiles;
use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::rows::change::LastChange;
use crate::admin::scope::{Offer, PageScope};
use crate::admin::shell::extract::Id;
use crate::admin::shell::form::Form;
use crate::admin::shell::object_kind::TRACKER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::{CodeBlock, ObjectName};
use crate::admin::shell::session::{Asked, Posted};
use crate::admin::text::format::{ago, grouped};
use crate::domain::{
    Advertiser, Campaign, CampaignId, LineItem, Publisher, Reader, Status, TagForm, Tracker, TrackerId, TrackerKind,
};
use crate::store::{FiguresOf, ListQuery, Store, StoreError, UnseenTracker};
use crate::tag::{Parameter, Reach, TagHost, TrackerTagOptions, tracker_tag};
use crate::web::AppState;
use crate::web::attention;
use crate::web::attention::Finding;

/// The most campaigns on the page. The list of campaigns shows them all.
const MOST_CAMPAIGNS: u32 = 10;

/// The macros that `collect` replaces in a landing page's address.
const MACROS: [(&str, &str); 6] = [
    ("${CLICK_ID}", "the click ID. A sale that is sent with it needs no cookie"),
    ("${SSP_DATA}", "the click ID too, by its older name"),
    ("${LINE_ITEM_ID}", "the ID of the line item"),
    ("${PUBLISHER_ID}", "the ID of the placement"),
    ("${CAMPAIGN_ID}", "the campaign_id= of the link"),
    ("${CACHEBUSTER}", "a random number"),
];

#[derive(Template)]
#[template(path = "admin/trackers/page.html")]
struct TrackerPage {
    page: Page,
    tracker: Tracker,
    clicks: bool,
    /// Whether the user chose what the tags carry.
    chosen: bool,
    line_item: LineItem,
    publisher: String,
    advertiser: Advertiser,
    campaigns: Vec<ObjectName<CampaignId>>,
    tags: Vec<CodeBlock>,
    /// The fault of the address that tags name; none if every page can load them.
    address: Option<AddressNotice>,
    secure: bool,
    /// Whether the user's browser reached this server by https, as secure tags must.
    https: bool,
    test: bool,
    parameters: Vec<ParameterChoice>,
    macros: [(&'static str, &'static str); 6],
    /// The names of the figures.
    words: [&'static str; 2],
    /// "3 min ago".
    last_seen: String,
    seen: String,
    scope: PageScope,
    tiles: Tiles,
    findings: Vec<Finding>,
    changed: LastChange,
}

/// A parameter to tick.
struct ParameterChoice {
    value: &'static str,
    label: &'static str,
    help: &'static str,
    ticked: bool,
}

/// `GET /admin/trackers/{id}`
pub async fn show(
    state: web::Data<AppState>,
    Asked { session, query }: Asked,
    Id(id): Id<TrackerId>,
    request: HttpRequest,
) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let tracker = store.get::<Tracker>(by, id.0).await?;
    let line_item: LineItem = store.get(by, tracker.line_item_id.0).await?;
    let advertiser: Advertiser = store.get(by, tracker.advertiser_id.0).await?;
    let publisher: Publisher = store.get(by, tracker.publisher_id.0).await?;
    let site = site_of(&request, &state)?;
    let https = site.https;
    let options = options(&query, site.host, https);
    let (seen, now) = (store.tracker_seen(by, id).await?, session.now);
    let is_on = tracker.state == Status::Active && line_item.state == Status::Active;
    let choice = |parameter: &Parameter| {
        let Caption { label, help } = caption(*parameter, tracker.kind);
        ParameterChoice { value: parameter.name(), label, help, ticked: options.parameters.contains(parameter) }
    };
    // A link leads on from an https page, too.
    let reach = Reach::of(&options.host, options.secure);
    let offer = Offer::new(KIND.address(id)).with_categories().of(advertiser.id);
    let scope = PageScope::load(store, &session, &query, offer).await?;
    let page = TrackerPage {
        page: session.page(KIND.section, tracker.name.clone()).with_tab(format!("{}, tracker", tracker.name)),
        clicks: tracker.kind == TrackerKind::Click,
        chosen: query.has("chosen"),
        campaigns: campaigns(store, by, &line_item).await?,
        tags: tags(&tracker, &options),
        address: address_notice(reach).filter(|_| tracker.kind == TrackerKind::Impression || reach.is_local()),
        secure: options.secure,
        https,
        test: options.test,
        parameters: Parameter::OF_TRACKERS.iter().map(choice).collect(),
        macros: MACROS,
        words: match tracker.kind {
            TrackerKind::Click => ["Last click", "Clicks so far"],
            TrackerKind::Impression => ["Last ad view", "Ad views so far"],
        },
        last_seen: seen.map_or_else(|| "never".to_owned(), |seen| ago(seen.last, now)),
        seen: grouped(seen.map_or(0, |seen| seen.exposures)),
        tiles: Tiles::load(store, by, &scope, FiguresOf::Tracker, id.0).await?,
        findings: match seen {
            None if is_on => attention::load::tracker(&unseen(&tracker), now),
            _ => Vec::new(),
        },
        changed: LastChange::load::<Tracker>(store, &session, id.0, tracker.last_modified, "tracker").await?,
        publisher: publisher.name,
        line_item,
        advertiser,
        tracker,
        scope,
    };
    Ok(page.scope.remember(html(&page)))
}

fn unseen(tracker: &Tracker) -> UnseenTracker {
    UnseenTracker {
        id: tracker.id,
        kind: tracker.kind,
        name: tracker.name.clone(),
        advertiser_id: tracker.advertiser_id,
        created_on: tracker.created_on,
    }
}

async fn campaigns(
    store: &Store,
    by: &Reader,
    line_item: &LineItem,
) -> Result<Vec<ObjectName<CampaignId>>, StoreError> {
    let query = ListQuery { num_elements: MOST_CAMPAIGNS, ..ListQuery::default() };
    let campaigns = store.list::<Campaign>(by, query.with_id::<Campaign>("line_item_id", line_item.id.0)).await?.items;
    Ok(campaigns.into_iter().map(|Campaign { id, name, .. }| ObjectName { id, name }).collect())
}

/// The form always sends `chosen`. Without it, a missing box does not mean that the user unticked it.
fn options(query: &Form, host: TagHost, https: bool) -> TrackerTagOptions {
    let (secure, parameters) = match query.has("chosen") {
        true => (query.has("secure"), query.all("param").filter_map(Parameter::parse).collect()),
        false => (https, vec![Parameter::Cachebuster]),
    };
    TrackerTagOptions { kind: TagForm::Image, secure, host, parameters, test: query.has("test") }
}

fn tags(tracker: &Tracker, options: &TrackerTagOptions) -> Vec<CodeBlock> {
    let tag = |id, label, kind| {
        let options = TrackerTagOptions { kind, ..options.clone() };
        CodeBlock { id, label, text: tracker_tag(tracker, &options).html }
    };
    match tracker.kind {
        TrackerKind::Impression => {
            vec![tag("image", "Image", TagForm::Image), tag("script", "Script", TagForm::Script)]
        }
        TrackerKind::Click => vec![tag("click-url", "Link", TagForm::Image)],
    }
}

fn caption(parameter: Parameter, kind: TrackerKind) -> Caption {
    let (label, help) = match (parameter, kind) {
        (Parameter::Cachebuster, _) => ("Cachebuster", "A random number from your ad server, which prevents caching."),
        (Parameter::Ancost, _) => ("Media cost", "What the ad cost, as a number such as 0.0042."),
        (Parameter::Redir, TrackerKind::Click) => {
            ("Landing page", "Each link sets its own landing page, instead of the one saved here.")
        }
        (Parameter::Redir, TrackerKind::Impression) => {
            ("Further pixel", "The address of another pixel to load, on a host that the advertiser allows.")
        }
        _ => (parameter.name(), ""),
    };
    Caption { label, help }
}

/// `POST /admin/trackers/{id}/delete`: asks first.
pub async fn delete(state: web::Data<AppState>, posted: Posted, Id(id): Id<TrackerId>) -> Answer {
    posted.session.editor()?;
    let tracker = state.store.get::<Tracker>(posted.session.reader(), id.0).await?;
    let consequence = match tracker.kind {
        TrackerKind::Impression => "Tags that are still next to ads stop working",
        TrackerKind::Click => "Ads that still use this link lead to an error page",
    };
    let request = DeleteRequest {
        cascade: vec![consequence.to_owned()],
        stays: "Its recorded ad views and clicks stay, and keep their credit.".to_owned(),
        ..DeleteRequest::new(KIND, id, tracker.name)
    };
    confirm_delete::answer::<Tracker>(&state.store, posted, id.0, request).await
}
