//! An event's page, which explains why the event was credited or not: the verdict, the ads of the visitor as ruler and
//! timeline, the checks, the facts and the request.

use std::slice;

use actix_web::{HttpRequest, web};
use askama::Template;

use super::facts::{self, CreditNames, Facts};
use super::no_cookie::{self, NoCookie};
use super::raw_request::{self, RequestView};
use super::segment_changes::{self, SegmentChange};
use super::timeline::{self, Timeline};
use super::verdict::{self, VerdictView};
use crate::admin::export::api_command;
use crate::admin::pixels::summary::PixelSettings;
use crate::admin::rows::conversion::{amount, lacks_cookie};
use crate::admin::shell::extract::Id;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::Link;
use crate::admin::shell::session::Session;
use crate::admin::text::checks;
use crate::admin::text::format::{Moment, short_span};
use crate::admin::visitors::page;
use crate::attribution::Step;
use crate::domain::{
    Advertiser, Campaign, Conversion, GoodClickId, LineItem, MAX_CLICK_WINDOW_MINS, MAX_VIEW_WINDOW_MINS, Minutes,
    Outcome, Pixel, PixelId, Publisher, PublisherId, Reader, Segment, Seq, Source, Tracker, TriggerType,
};
use crate::judge::{Explained, explain};
use crate::store::{Entity, EventPlace, Store, StoreError};
use crate::web::AppState;
use crate::web::chart::{Ruler, ruler};

#[derive(Template)]
#[template(path = "admin/conversions/page.html")]
struct EventPage {
    page: Page,
    id: Seq,
    pixel_id: PixelId,
    pixel: Link,
    /// The pixel's advertiser; empty if there is none.
    advertiser: String,
    at: Moment,
    verdict: VerdictView,
    /// "Purchase, 212.00 EUR".
    what: String,
    /// Where it happened; empty if the browser did not say.
    place: String,
    /// The windows beside the lanes of the ruler.
    windows: [String; 2],
    ruler: String,
    timeline: Timeline,
    /// Whether the judge knew the visitor.
    has_visitor: bool,
    /// The page of the visitor that the judge knew; empty if it knew none.
    visitor: String,
    no_cookie: Option<NoCookie>,
    checks: Checks,
    /// The event, its credit, its browser.
    facts: [(&'static str, Facts); 3],
    user_agent: String,
    request: RequestView,
    /// Whether a correction can change it.
    is_counted: bool,
    /// The events before and after it in time; none at the ends.
    older: Option<Seq>,
    newer: Option<Seq>,
    /// The published name of the reason.
    reason: &'static str,
    /// The command that gets the explanation by the API.
    api_command: String,
}

/// The checks that decided.
struct Checks {
    title: String,
    summary: String,
    list: Vec<CheckRow>,
}

struct CheckRow {
    /// `no` for those that stopped the event or were not reached; `here` beside it for the one that decided.
    class: &'static str,
    text: String,
}

/// `GET /admin/conversions/{id}`
pub async fn show(state: web::Data<AppState>, session: Session, Id(seq): Id<Seq>, http_request: HttpRequest) -> Answer {
    let (store, by, now) = (&state.store, session.reader(), session.now);
    let base = api_command::base(&http_request, &state)?;
    let explained = explain(store, by, seq).await?;
    let conversion = &explained.conversion;
    let fire = &conversion.fire;
    let settings = PixelSettings::from(&explained.pixel);
    let pixel = object::<Pixel>(store, by, fire.pixel_id.0, "pixels").await?;
    let credit = credit_names(store, by, conversion).await?;
    let segments = fire.details.segments.iter().map(|op| op.segment_id.0).collect();
    let segments = store.names::<Segment>(by, segments).await?;
    let no_cookie = no_cookie(store, by, conversion, &base).await?;
    let click_ids = store.click_ids_of(by, slice::from_ref(conversion)).await?.pop().unwrap_or_default();
    let timeline = Timeline::of(store, by, &explained, now).await?;
    let placement = credit.placement.as_ref().map_or("", |link| link.name.as_str());
    let verdict = verdict::verdict(&explained, &settings, placement, no_cookie.as_ref());
    let (older, newer) = store.beside(by, EventPlace::of(conversion)).await?;
    Ok(html(&EventPage {
        older,
        newer,
        page: frame(&session, conversion, &pixel),
        id: seq,
        pixel_id: fire.pixel_id,
        advertiser: advertiser(store, by, conversion).await?,
        at: Moment::exact(fire.at, now),
        verdict,
        what: what(&pixel, conversion),
        place: fire.referer.as_deref().map(raw_request::place).unwrap_or_default(),
        windows: [
            window_name(settings.trigger_type != TriggerType::View, settings.click_window),
            window_name(settings.trigger_type != TriggerType::Click, settings.view_window),
        ],
        ruler: draw(&explained, &settings, &timeline, no_cookie.is_some()),
        timeline,
        has_visitor: fire.visitor_id.is_some() || fire.exposure.is_some(),
        visitor: conversion.visitor_id.map(page::address).unwrap_or_default(),
        checks: Checks::of(&explained.judgement.explanation.steps, conversion.outcome, no_cookie.as_ref()),
        no_cookie,
        facts: facts(&explained, &settings, &pixel, &credit, &click_ids, segment_changes::of_fire(fire, &segments)),
        pixel,
        user_agent: fire.user_agent.clone().unwrap_or_default(),
        request: RequestView::of_fire(fire, &segments, now),
        is_counted: !matches!(conversion.outcome, Outcome::NotCounted(_)) && !conversion.current_value().retracted,
        reason: conversion.outcome.reason().as_str(),
        api_command: api_command::get(&base, &format!("/conversion/{seq}/explain"), &[]),
    }))
}

fn frame(session: &Session, conversion: &Conversion, pixel: &Link) -> Page {
    let title = match &conversion.order_id {
        Some(order) => format!("Order {order}"),
        None => format!("{} event", pixel.name),
    };
    let tab = format!("{title}, {}", verdict::outcome_word(conversion));
    session.page("conversions", title).with_tab(tab)
}

/// The event in words: "Purchase, 212.00 EUR".
fn what(pixel: &Link, conversion: &Conversion) -> String {
    match amount(conversion.value, conversion.currency) {
        none if none.is_empty() => pixel.name.clone(),
        value => format!("{}, {value}", pixel.name),
    }
}

fn facts(
    explained: &Explained,
    settings: &PixelSettings,
    pixel: &Link,
    credit: &CreditNames,
    click_ids: &[GoodClickId],
    segments: Vec<SegmentChange>,
) -> [(&'static str, Facts); 3] {
    let conversion = &explained.conversion;
    [
        ("Event", facts::of_event(explained)),
        (
            if conversion.credit.is_some() { "Credit" } else { "Pixel" },
            facts::of_credit(explained, settings, pixel, credit, click_ids),
        ),
        ("Browser and page", facts::of_browser(conversion, segments)),
    ]
}

async fn no_cookie(
    store: &Store,
    by: &Reader,
    conversion: &Conversion,
    base: &str,
) -> Result<Option<NoCookie>, StoreError> {
    if !lacks_cookie(conversion) {
        return Ok(None);
    }
    let latest = store.recent_fires(by, conversion.fire.pixel_id, no_cookie::LATEST).await?;
    Ok(Some(NoCookie::of(conversion, base, &latest)))
}

impl Checks {
    /// The steps that were taken, the last of which decided, and those that were not reached.
    fn of(steps: &[Step], outcome: Outcome, no_cookie: Option<&NoCookie>) -> Self {
        let passed = |step: &Step| step.outcome().is_none() || matches!(step, Step::Credit { .. });
        let class = |at: usize, step: &Step| match (passed(step), at + 1 == steps.len()) {
            (true, true) => "here",
            (true, false) => "",
            (false, _) => "no here",
        };
        let row = |(at, step): (usize, &Step)| CheckRow { class: class(at, step), text: checks::check(step) };
        let lead = no_cookie.map(|no_cookie| CheckRow { class: "no here", text: no_cookie.check() });
        let mut list: Vec<CheckRow> = lead.into_iter().chain(steps.iter().enumerate().map(row)).collect();
        let extra = steps.iter().filter(|step| matches!(step, Step::Parent(_) | Step::Twin { .. })).count();
        let decided_by_twin = matches!(steps.last(), Some(Step::Twin { .. }));
        let reached = steps.len().saturating_sub(extra);
        if !decided_by_twin {
            let rest = checks::ALL.iter().skip(reached);
            list.extend(rest.map(|name| CheckRow { class: "no", text: format!("{name}: not checked") }));
        }
        let (title, summary) = match outcome {
            Outcome::Attributed(_) => (format!("All {} checks passed", list.len()), "The last one decided".to_owned()),
            _ if no_cookie.is_some() => ("How it was decided".to_owned(), "The browser sent no cookie".to_owned()),
            _ if decided_by_twin => ("How it was decided".to_owned(), "The last check decided".to_owned()),
            _ => ("How it was decided".to_owned(), format!("Stopped at check {} of {}", steps.len(), list.len())),
        };
        Checks { title, summary, list }
    }
}

/// The windows of clicks and of views with their names; none if the pixel credits no such ad.
fn windows(settings: &PixelSettings) -> [Option<(f64, String)>; 2] {
    let window = |own: Minutes, longest: u32| {
        let minutes = if own.0 == 0 { Minutes(longest) } else { own };
        (timeline::seconds(minutes.as_millis()), short_span(minutes.as_millis()))
    };
    let click = window(settings.click_window, MAX_CLICK_WINDOW_MINS);
    let view = window(settings.view_window, MAX_VIEW_WINDOW_MINS);
    match settings.trigger_type {
        TriggerType::Hybrid => [Some(click), Some(view)],
        TriggerType::Click => [Some(click), None],
        TriggerType::View => [None, Some(view)],
    }
}

fn draw(explained: &Explained, settings: &PixelSettings, timeline: &Timeline, no_cookie: bool) -> String {
    let fire = &explained.conversion.fire;
    let unknown = match (fire.visitor_id, fire.exposure) {
        (None, None) => "Unknown: no visitor, no click ID",
        _ if no_cookie => "Unknown: no cookie, no click ID",
        _ => "",
    };
    let desc = match timeline.marks.len() {
        0 => "No ad view or click is known before the event.",
        _ => "Ads of this visitor on a time line that ends at the event. The list below has the same facts.",
    };
    ruler(&Ruler { desc, windows: windows(settings), marks: &timeline.marks, unknown })
}

/// A window beside its lane.
fn window_name(earns_credit: bool, window: Minutes) -> String {
    match (earns_credit, window) {
        (false, _) => "no credit".to_owned(),
        (true, Minutes(0)) => "longest".to_owned(),
        (true, window) => window.to_string(),
    }
}

async fn credit_names(store: &Store, by: &Reader, conversion: &Conversion) -> Result<CreditNames, StoreError> {
    let Some(credit) = &conversion.credit else { return Ok(CreditNames::default()) };
    Ok(CreditNames {
        line_item: Some(object::<LineItem>(store, by, credit.line_item_id.0, "line-items").await?),
        placement: match credit.publisher_id {
            PublisherId::NONE => None,
            PublisherId(id) => Some(object::<Publisher>(store, by, id, "publishers").await?),
        },
        campaign: match credit.campaign_id {
            Some(id) => Some(object::<Campaign>(store, by, id.0, "campaigns").await?),
            None => None,
        },
        tracker: match credit.tracker_id {
            Some(id) => Some(object::<Tracker>(store, by, id.0, "trackers").await?),
            None => None,
        },
        source: match credit.source_id {
            Some(id) => Some(object::<Source>(store, by, id.0, "sources").await?),
            None => None,
        },
    })
}

/// The object's name with its page, or its kind and id if it was deleted.
async fn object<E: Entity>(store: &Store, by: &Reader, id: i64, path: &str) -> Result<Link, StoreError> {
    Ok(match store.names::<E>(by, vec![id]).await?.remove(&id) {
        Some(name) => Link { address: format!("/admin/{path}/{id}"), name },
        None => Link { address: String::new(), name: format!("{} {id} (deleted)", E::WHAT) },
    })
}

async fn advertiser(store: &Store, by: &Reader, conversion: &Conversion) -> Result<String, StoreError> {
    let id = conversion.advertiser_id.0;
    Ok(store.names::<Advertiser>(by, vec![id]).await?.remove(&id).unwrap_or_default())
}
