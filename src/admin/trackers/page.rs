//! A tracker's page, with the tag or click URL to copy and the options of both, and its deletion.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::admin::export::options::site_of;
use crate::admin::export::text::Caption;
use crate::admin::forms::confirm_delete;
use crate::admin::forms::confirm_delete::DeleteRequest;
use crate::admin::rows::tracker;
use crate::admin::shell::extract::Id;
use crate::admin::shell::form::Form;
use crate::admin::shell::object_kind::TRACKER as KIND;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::{CodeBlock, ObjectName};
use crate::admin::shell::session::{Asked, Posted};
use crate::admin::text::format::Moment;
use crate::domain::{
    Advertiser, Campaign, CampaignId, LineItem, Publisher, Reader, TagForm, Tracker, TrackerId, TrackerKind,
};
use crate::store::{ListQuery, Store, StoreError};
use crate::tag::{Parameter, TagHost, TrackerTagOptions, tracker_tag};
use crate::web::AppState;

/// The most campaigns on the page. The list of campaigns shows them all.
const MOST_CAMPAIGNS: u32 = 10;

/// The macros that `collect` replaces in a landing page's address.
const MACROS: [(&str, &str); 6] = [
    ("${SSP_DATA}", "the click's token: a conversion that carries it as sspdata= needs no cookie"),
    ("${CLICK_ID}", "the same"),
    ("${LINE_ITEM_ID}", "the number of the line item"),
    ("${PUBLISHER_ID}", "the number of the publisher"),
    ("${CAMPAIGN_ID}", "what the link says in campaign_id="),
    ("${CACHEBUSTER}", "a number that differs each time"),
];

#[derive(Template)]
#[template(path = "admin/trackers/page.html")]
struct TrackerPage {
    page: Page,
    tracker: Tracker,
    reports: &'static str,
    clicks: bool,
    heading: &'static str,
    line_item: LineItem,
    publisher: String,
    advertiser: Advertiser,
    campaigns: Vec<ObjectName<CampaignId>>,
    tags: Vec<CodeBlock>,
    secure: bool,
    /// Whether the user's browser reached this server by https, as secure tags must.
    https: bool,
    test: bool,
    parameters: Vec<ParameterChoice>,
    macros: [(&'static str, &'static str); 6],
    changed: Moment,
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
    let choice = |parameter: &Parameter| {
        let Caption { label, help } = caption(*parameter, tracker.kind);
        ParameterChoice { value: parameter.name(), label, help, ticked: options.parameters.contains(parameter) }
    };
    Ok(html(&TrackerPage {
        page: session.page(KIND.section, tracker.name.clone()),
        reports: tracker::kind(tracker.kind),
        clicks: tracker.kind == TrackerKind::Click,
        heading: if tracker.kind == TrackerKind::Click { "The click URL" } else { "The tag" },
        campaigns: campaigns(store, by, &line_item).await?,
        tags: tags(&tracker, &options),
        secure: options.secure,
        https,
        test: options.test,
        parameters: Parameter::OF_TRACKERS.iter().map(choice).collect(),
        macros: MACROS,
        changed: Moment::new(tracker.last_modified, session.now),
        publisher: publisher.name,
        line_item,
        advertiser,
        tracker,
    }))
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
        TrackerKind::Click => vec![tag("click-url", "Click URL", TagForm::Image)],
    }
}

fn caption(parameter: Parameter, kind: TrackerKind) -> Caption {
    let (label, help) = match (parameter, kind) {
        (Parameter::Cachebuster, _) => {
            ("Cachebuster", "Your ad server writes another number each time, so that no cache answers in our place.")
        }
        (Parameter::Ancost, _) => ("Media cost", "What the ad cost, as a plain number with a point: 0.0042."),
        (Parameter::Redir, TrackerKind::Click) => {
            ("Landing page in the link", "Each link says itself where it leads to, instead of the landing page here.")
        }
        (Parameter::Redir, TrackerKind::Impression) => {
            ("Redirect URL", "A further pixel to go on to, on a host that the advertiser allows.")
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
        TrackerKind::Impression => "Tags that are still where ads run will answer 404",
        TrackerKind::Click => "Links that still carry it will lead nowhere: whoever clicks sees an error",
    };
    let request = DeleteRequest {
        cascade: vec![consequence.to_owned()],
        stays: "What it reported stays in the log and keeps its credit.".to_owned(),
        ..DeleteRequest::new(KIND, id, tracker.name)
    };
    confirm_delete::answer::<Tracker>(&state.store, posted, id.0, request).await
}
