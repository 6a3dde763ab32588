//! A tracker's page: the tag or click URL to copy, as it is wanted, with what may be added to it; and its deletion.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::delete::{self, Wanted};
use super::export_wish::place_of;
use super::extract::{Asked, Id};
use super::form::Form;
use super::page::{Answer, Page, html};
use super::session::{Posted, Session};
use super::tracker_row;
use super::trackers::PATH;
use super::wording::Moment;
use crate::domain::{Advertiser, Campaign, CampaignId, LineItem, Publisher, TagForm, Tracker, TrackerId, TrackerKind};
use crate::store::{AnyTracker, ListQuery};
use crate::tag::{Parameter, TagHost, TagOptions, tracker_tag};
use crate::web::State;

/// Campaigns that are named; the others are on the list.
const MOST_CAMPAIGNS: u32 = 10;

/// What is filled in for these in a landing page's address, by `collect`.
const MACROS: [(&str, &str); 6] = [
    ("${SSP_DATA}", "the click's token: a conversion that carries it as sspdata= needs no cookie"),
    ("${CLICK_ID}", "the same"),
    ("${LINE_ITEM_ID}", "the number of the line item"),
    ("${PUBLISHER_ID}", "the number of the publisher"),
    ("${CAMPAIGN_ID}", "what the link says in campaign_id="),
    ("${CACHEBUSTER}", "a number that differs each time"),
];

#[derive(Template)]
#[template(path = "tracker.html")]
struct TrackerPage {
    page: Page,
    tracker: Tracker,
    reports: &'static str,
    clicks: bool,
    heading: &'static str,
    line_item: LineItem,
    publisher: String,
    advertiser: Advertiser,
    campaigns: Vec<(CampaignId, String)>,
    tags: Vec<Tag>,
    secure: bool,
    /// Whether this server was reached by https, as secure tags need.
    https: bool,
    test: bool,
    parameters: Vec<Offered>,
    macros: [(&'static str, &'static str); 6],
    changed: Moment,
}

/// A tag in one of its forms.
struct Tag {
    id: &'static str,
    label: &'static str,
    text: String,
}

/// A parameter to tick.
struct Offered {
    value: &'static str,
    label: &'static str,
    help: &'static str,
    ticked: bool,
}

/// `GET /admin/trackers/{id}`
pub async fn show(
    state: web::Data<State>,
    session: Session,
    Id(id): Id<TrackerId>,
    Asked(asked): Asked,
    request: HttpRequest,
) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let tracker = store.get::<AnyTracker>(by, id.0).await?.0;
    let line_item: LineItem = store.get(by, tracker.line_item_id.0).await?;
    let advertiser: Advertiser = store.get(by, tracker.advertiser_id.0).await?;
    let publisher: Publisher = store.get(by, tracker.publisher_id.0).await?;
    let query = ListQuery { num_elements: MOST_CAMPAIGNS, ..ListQuery::default() };
    let campaigns = store.list::<Campaign>(by, query.with_id::<Campaign>("line_item_id", line_item.id.0)).await?;
    let place = place_of(&request, &state)?;
    let https = place.https;
    let wanted = wanted(&asked, place.host, https);
    let offer = |parameter: &Parameter| {
        let (label, help) = words(*parameter, tracker.kind);
        Offered { value: parameter.name(), label, help, ticked: wanted.parameters.contains(parameter) }
    };
    Ok(html(&TrackerPage {
        page: session.page("trackers", tracker.name.clone()),
        reports: tracker_row::kind(tracker.kind),
        clicks: tracker.kind == TrackerKind::Click,
        heading: if tracker.kind == TrackerKind::Click { "The click URL" } else { "The tag" },
        campaigns: campaigns.items.into_iter().map(|campaign| (campaign.id, campaign.name)).collect(),
        tags: tags(&tracker, &wanted),
        secure: wanted.secure,
        https,
        test: wanted.test,
        parameters: Parameter::OF_TRACKERS.iter().map(offer).collect(),
        macros: MACROS,
        changed: Moment::new(tracker.last_modified, session.now),
        publisher: publisher.name,
        line_item,
        advertiser,
        tracker,
    }))
}

/// Without `chosen` nobody has chosen yet, and a box that is not there is not a box unticked.
fn wanted(asked: &Form, host: TagHost, https: bool) -> TagOptions {
    let (secure, parameters) = match asked.has("chosen") {
        true => (asked.has("secure"), asked.all("param").filter_map(Parameter::parse).collect()),
        false => (https, vec![Parameter::Cachebuster]),
    };
    TagOptions { kind: TagForm::Image, secure, host, parameters, test: asked.has("test") }
}

fn tags(tracker: &Tracker, wanted: &TagOptions) -> Vec<Tag> {
    let tag = |id, label, kind| {
        let options = TagOptions { kind, ..wanted.clone() };
        Tag { id, label, text: tracker_tag(tracker, &options).html }
    };
    match tracker.kind {
        TrackerKind::Impression => {
            vec![tag("image", "Image", TagForm::Image), tag("script", "Script", TagForm::Script)]
        }
        TrackerKind::Click => vec![tag("click-url", "Click URL", TagForm::Image)],
    }
}

fn words(parameter: Parameter, kind: TrackerKind) -> (&'static str, &'static str) {
    match (parameter, kind) {
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
    }
}

/// `POST /admin/trackers/{id}/delete`: asks first.
pub async fn delete(state: web::Data<State>, posted: Posted, Id(id): Id<TrackerId>) -> Answer {
    posted.session.editor()?;
    let tracker = state.store.get::<AnyTracker>(posted.session.reader(), id.0).await?.0;
    let goes = match tracker.kind {
        TrackerKind::Impression => "Tags that are still where ads run will answer 404",
        TrackerKind::Click => "Links that still carry it will lead nowhere: whoever clicks sees an error",
    };
    let wanted = Wanted {
        section: "trackers",
        list_name: "Trackers",
        list: PATH,
        address: format!("{PATH}/{id}"),
        what: "tracker",
        name: tracker.name,
        goes: vec![goes.to_owned()],
        stays: "What it reported stays in the log and keeps its credit.".to_owned(),
        blockers: Vec::new(),
        first: "",
    };
    delete::answer::<AnyTracker>(&state.store, posted, id.0, wanted).await
}
