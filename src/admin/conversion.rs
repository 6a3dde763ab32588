//! Why a conversion was, or was not, credited (`spec/attribution.md`, *Explain*): the verdict in words, the visitor's
//! exposures as a timeline, the settings in force, what it is worth, and the request itself.

use actix_web::web;
use askama::Template;

use super::by_api;
use super::conversion_row::{amount, badge};
use super::extract::Id;
use super::page::{Answer, Page, html};
use super::pixel_words::Settings;
use super::request::Request;
use super::session::Session;
use super::timeline::Timeline;
use super::visitor;
use super::wording::Moment;
use crate::attribution::words;
use crate::domain::{
    AppliedAdjustment, Campaign, Credited, CurrentValue, ExposureKind, LineItem, Millis, Outcome, Pixel, Publisher,
    PublisherId, Reader, Seq,
};
use crate::judge::{Explained, explain};
use crate::store::{Entity, Store, StoreError};
use crate::web::State;

#[derive(Template)]
#[template(path = "conversion.html")]
struct ConversionPage {
    page: Page,
    id: Seq,
    pixel: (i64, String),
    at: Moment,
    order: String,
    value: String,
    badge: &'static str,
    outcome: &'static str,
    verdict: String,
    why: String,
    reason: &'static str,
    timeline: Timeline,
    steps: Vec<String>,
    settings: Settings,
    version: Seq,
    credit: Option<CreditShown>,
    static_value: String,
    /// The page it was on.
    page_url: String,
    /// Whether the visitor is known.
    known: bool,
    /// The page of whose exposures these are; empty if nobody knows.
    visitor: String,
    /// What is reported now, if that is something else than what was sent.
    stands: Option<String>,
    adjustments: Vec<AdjustmentShown>,
    request: Request,
    /// The command that gets the same by the API.
    by_api: String,
}

/// What was said of it later.
struct AdjustmentShown {
    at: Moment,
    what: String,
    reason: String,
    source: String,
}

/// What it was credited to.
struct CreditShown {
    line_item: (i64, String),
    campaign: String,
    publisher: String,
    creative: String,
    clicked: bool,
}

/// `GET /admin/conversions/{id}`
pub async fn show(
    state: web::Data<State>,
    session: Session,
    Id(seq): Id<Seq>,
    asked: actix_web::HttpRequest,
) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let explained = explain(store, by, seq).await?;
    let Explained { conversion, pixel, judgement, .. } = &explained;
    let fire = &conversion.fire;
    let credit = match &conversion.credit {
        Some(credit) => Some(credited(store, by, credit, conversion.outcome).await?),
        None => None,
    };
    let (badge, outcome) = badge(conversion.outcome);
    let settings = Settings::from(pixel);
    let (verdict, why) = verdict(&explained, &settings, credit.as_ref());
    let steps = &judgement.explanation.steps;
    Ok(html(&ConversionPage {
        page: session.page("conversions", title(conversion.outcome)),
        id: seq,
        pixel: (fire.pixel_id.0, name::<Pixel>(store, by, fire.pixel_id.0).await?),
        at: Moment::exact(fire.at, session.now),
        order: fire.order_id.clone().unwrap_or_default(),
        value: amount(fire.value, fire.currency),
        badge,
        outcome,
        verdict,
        why,
        reason: conversion.outcome.reason().as_str(),
        timeline: Timeline::of(store, by, &judgement.explanation.touches, session.now).await?,
        steps: steps.iter().map(words::step).collect(),
        settings,
        version: conversion.pixel_version,
        static_value: static_value(&explained),
        stands: conversion.adjusted.map(stands),
        adjustments: explained.adjustments.iter().map(|applied| shown(applied, session.now)).collect(),
        credit,
        page_url: fire.referer.clone().unwrap_or_default(),
        known: fire.visitor_id.is_some(),
        visitor: conversion.visitor_id.map(visitor::address).unwrap_or_default(),
        request: Request::of_fire(fire, session.now),
        by_api: by_api::get(&by_api::base(&asked, &state)?, &format!("/conversion/{seq}/explain"), &[]),
    }))
}

fn stands(standing: CurrentValue) -> String {
    match (standing.retracted, amount(standing.value, standing.currency)) {
        (true, _) => "nothing: it was retracted".to_owned(),
        (false, none) if none.is_empty() => "none".to_owned(),
        (false, value) => value,
    }
}

fn shown(applied: &AppliedAdjustment, now: Millis) -> AdjustmentShown {
    AdjustmentShown {
        at: Moment::exact(applied.received, now),
        what: words::adjustment(applied),
        reason: applied.reason_code.clone().unwrap_or_default(),
        source: applied.source.clone().unwrap_or_else(|| format!("fire {}", applied.seq)),
    }
}

fn title(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Attributed(_) => "Why this conversion counts",
        Outcome::Unattributed(_) => "Why this conversion is credited to nobody",
        Outcome::NotCounted(_) => "Why this fire does not count",
    }
}

/// The verdict in a sentence, and what led to it.
fn verdict(explained: &Explained, settings: &Settings, credit: Option<&CreditShown>) -> (String, String) {
    let outcome = explained.conversion.outcome;
    let deciding = explained.judgement.explanation.steps.last().map(words::step).unwrap_or_default();
    match (explained.conversion.credit, credit) {
        (Some(credit), Some(shown)) => {
            let kind = if shown.clicked { "a click" } else { "a view" };
            let age = words::span(explained.conversion.fire.at.since(credit.exposure_at));
            let why = match shown.clicked {
                true => "This was the last click in time, and any such click beats every view, however recent.",
                false => "This was the last view in time.",
            };
            let on = if shown.publisher.is_empty() { String::new() } else { format!(" on {}", shown.publisher) };
            (format!("Credited to {kind}{on}, {age} before."), format!("The pixel takes {}. {why}", settings.credits()))
        }
        _ => (words::reason(outcome.reason()).to_owned(), deciding),
    }
}

async fn credited(store: &Store, by: &Reader, credit: &Credited, outcome: Outcome) -> Result<CreditShown, StoreError> {
    let line_item = credit.line_item_id.0;
    Ok(CreditShown {
        line_item: (line_item, name::<LineItem>(store, by, line_item).await?),
        campaign: match credit.campaign_id {
            Some(id) => name::<Campaign>(store, by, id.0).await?,
            None => String::new(),
        },
        publisher: match credit.publisher_id {
            PublisherId::NONE => String::new(),
            PublisherId(id) => name::<Publisher>(store, by, id).await?,
        },
        creative: credit.creative_id.map(|id| id.to_string()).unwrap_or_default(),
        clicked: outcome == Outcome::Attributed(ExposureKind::Click),
    })
}

/// Its name, or its kind and number if it was deleted.
async fn name<E: Entity>(store: &Store, by: &Reader, id: i64) -> Result<String, StoreError> {
    Ok(store.names::<E>(by, vec![id]).await?.remove(&id).unwrap_or_else(|| format!("{} {id} (deleted)", E::WHAT)))
}

/// The static value, and where it comes from.
fn static_value(explained: &Explained) -> String {
    let Some(credit) = explained.conversion.credit else { return "none: it is credited to no line item".to_owned() };
    let Some(value) = credit.static_value else { return "none: neither line item nor pixel has one".to_owned() };
    let entry = explained.line_items.iter().find(|line_item| line_item.line_item_id == credit.line_item_id);
    let entry = entry.and_then(|rules| rules.entries.iter().find(|entry| entry.pixel_id == explained.pixel.pixel_id));
    let own = entry.and_then(|entry| match explained.conversion.outcome {
        Outcome::Attributed(ExposureKind::Click) => entry.post_click_revenue,
        _ => entry.post_view_revenue,
    });
    let source = if own.is_some() { "line item" } else { "pixel" };
    format!("{}, from the {source}", amount(Some(value), Some(credit.static_currency)))
}
