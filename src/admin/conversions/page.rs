//! A conversion's page, which explains why the conversion was credited or not. It shows the verdict, the visitor's
//! exposures as a timeline, the settings in force, the value and the request.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::raw_request::RequestView;
use super::timeline::Timeline;
use crate::admin::export::api_command;
use crate::admin::pixels::summary::PixelSettings;
use crate::admin::rows::conversion::amount;
use crate::admin::shell::extract::Id;
use crate::admin::shell::page::{Answer, Page, html};
use crate::admin::shell::parts::{Badge, ObjectName};
use crate::admin::shell::session::Session;
use crate::admin::text::format::{Moment, money};
use crate::admin::visitors::page;
use crate::attribution::words;
use crate::domain::{
    AppliedAdjustment, Campaign, Conversion, Credited, CurrentValue, Effect, ExposureKind, LineItem, LineItemId,
    Millis, Outcome, Pixel, PixelId, Publisher, PublisherId, Reader, Seq, TagKind, Taken, TakenField,
};
use crate::judge::{Explained, explain};
use crate::store::{Entity, Store, StoreError};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "admin/conversions/page.html")]
struct ConversionPage {
    page: Page,
    id: Seq,
    pixel: ObjectName<PixelId>,
    at: Moment,
    order: String,
    value: String,
    /// The dynamic value with its source.
    dynamic_value: String,
    /// Of a duplicate: the conversion that counts in its place.
    duplicate_of: Option<Seq>,
    /// The fields that it took from its duplicates.
    taken: Vec<TakenView>,
    outcome: Badge,
    verdict: Verdict,
    reason: &'static str,
    timeline: Timeline,
    steps: Vec<String>,
    settings: PixelSettings,
    /// The largest believable value; empty if there is no bound.
    max_value: String,
    version: Seq,
    credit: Option<CreditView>,
    static_value: String,
    /// The address of the page that sent the fire.
    page_url: String,
    /// Whether the fire names a visitor.
    has_visitor: bool,
    /// The page of the visitor that the judge knew; empty if it knew none.
    visitor: String,
    /// Whether a correction took it back.
    is_retracted: bool,
    /// The correction that did, if the log still has it.
    retraction: Option<AdjustmentView>,
    /// The value that reports show now, if an adjustment changed it.
    current_value: Option<String>,
    adjustments: Vec<AdjustmentView>,
    request: RequestView,
    /// The command that gets the explanation by the API.
    api_command: String,
}

/// The outcome in a sentence, and its cause.
struct Verdict {
    text: String,
    cause: String,
}

struct TakenView {
    what: &'static str,
    from: Seq,
}

struct AdjustmentView {
    at: Moment,
    text: String,
    reason: String,
    source: String,
}

struct CreditView {
    line_item: ObjectName<LineItemId>,
    campaign: String,
    publisher: String,
    creative: String,
    is_click: bool,
}

/// `GET /admin/conversions/{id}`
pub async fn show(state: web::Data<AppState>, session: Session, Id(seq): Id<Seq>, http_request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let explained = explain(store, by, seq).await?;
    let Explained { conversion, pixel, judgement, .. } = &explained;
    let fire = &conversion.fire;
    let credit = match &conversion.credit {
        Some(credit) => Some(credit_view(store, by, credit, conversion.outcome).await?),
        None => None,
    };
    let base = api_command::base(&http_request, &state)?;
    let settings = PixelSettings::from(pixel);
    let verdict = verdict(&explained, &settings, credit.as_ref());
    let steps = &judgement.explanation.steps;
    let is_retracted = conversion.current_value().retracted;
    let retraction = explained.adjustments.iter().rfind(|applied| is_retracted && applied.effect == Effect::Retracted);
    Ok(html(&ConversionPage {
        page: session.page("conversions", title(conversion.outcome, is_retracted)),
        id: seq,
        pixel: ObjectName { id: fire.pixel_id, name: name::<Pixel>(store, by, fire.pixel_id.0).await? },
        at: Moment::exact(fire.at, session.now),
        order: conversion.order_id.clone().unwrap_or_default(),
        value: amount(conversion.value, conversion.currency),
        dynamic_value: dynamic_value(conversion),
        duplicate_of: conversion.duplicate_of,
        taken: conversion.taken.iter().map(taken).collect(),
        outcome: Badge::of_outcome(conversion.outcome),
        verdict,
        reason: conversion.outcome.reason().as_str(),
        timeline: Timeline::of(store, by, &explained, session.now).await?,
        steps: steps.iter().map(words::step).collect(),
        settings,
        max_value: pixel.max_value.map(|max| money(max.amount, max.currency)).unwrap_or_default(),
        version: conversion.pixel_version,
        static_value: static_value(&explained),
        is_retracted,
        retraction: retraction.map(|applied| adjustment(applied, session.now)),
        current_value: conversion.adjusted.map(current_value),
        adjustments: explained.adjustments.iter().map(|applied| adjustment(applied, session.now)).collect(),
        credit,
        page_url: fire.referer.clone().unwrap_or_default(),
        has_visitor: fire.visitor_id.is_some(),
        visitor: conversion.visitor_id.map(page::address).unwrap_or_default(),
        request: RequestView::of_fire(fire, session.now),
        api_command: api_command::get(&base, &format!("/conversion/{seq}/explain"), &[]),
    }))
}

fn current_value(current: CurrentValue) -> String {
    match (current.retracted, amount(current.value, current.currency)) {
        (true, _) => "nothing: it was retracted".to_owned(),
        (false, none) if none.is_empty() => "none".to_owned(),
        (false, value) => value,
    }
}

/// The dynamic value with its source, or why there is none.
fn dynamic_value(conversion: &Conversion) -> String {
    let value = amount(conversion.value, conversion.currency);
    let taken = conversion.taken.iter().find(|taken| taken.field == TakenField::Value);
    let is_amount = |parameter: &str| matches!(parameter, "value" | "sale_amount" | "amount");
    match taken {
        Some(taken) => format!("{value}, from fire {}", taken.from),
        None if conversion.fire.tag == TagKind::Server && !value.is_empty() => format!("{value}, from the server"),
        None if !value.is_empty() => format!("{value}, from the tag"),
        None if conversion.fire.warnings.iter().any(|warning| is_amount(&warning.parameter)) => {
            "none: it was set aside, see the warnings".to_owned()
        }
        None => "none was sent".to_owned(),
    }
}

fn taken(taken: &Taken) -> TakenView {
    let what = match taken.field {
        TakenField::Value => "value",
        TakenField::OrderId => "order id",
        TakenField::ContentIds => "articles",
        TakenField::NumItems => "number of items",
    };
    TakenView { what, from: taken.from }
}

fn adjustment(applied: &AppliedAdjustment, now: Millis) -> AdjustmentView {
    AdjustmentView {
        at: Moment::exact(applied.received, now),
        text: words::adjustment(applied),
        reason: applied.reason_code.clone().unwrap_or_default(),
        source: applied.source.clone().unwrap_or_else(|| format!("fire {}", applied.seq)),
    }
}

fn title(outcome: Outcome, is_retracted: bool) -> &'static str {
    match outcome {
        _ if is_retracted => "This conversion was retracted",
        Outcome::Attributed(_) => "Why this conversion counts",
        Outcome::Unattributed(_) => "Why this conversion is credited to nobody",
        Outcome::NotCounted(_) => "Why this fire does not count",
    }
}

fn verdict(explained: &Explained, settings: &PixelSettings, view: Option<&CreditView>) -> Verdict {
    let outcome = explained.conversion.outcome;
    match (explained.conversion.credit, view) {
        (Some(credit), Some(view)) => {
            let kind = if view.is_click { "a click" } else { "a view" };
            let age = words::span(explained.conversion.fire.at.since(credit.exposure_at));
            let rule = match view.is_click {
                true => "This was the last click in time, and any such click beats every view, however recent.",
                false => "This was the last view in time.",
            };
            let on = if view.publisher.is_empty() { String::new() } else { format!(" on {}", view.publisher) };
            Verdict {
                text: format!("Credited to {kind}{on}, {age} before."),
                cause: format!("The pixel takes {}. {rule}", settings.credits()),
            }
        }
        _ => Verdict {
            text: words::reason(outcome.reason()).to_owned(),
            cause: explained.judgement.explanation.steps.last().map(words::step).unwrap_or_default(),
        },
    }
}

async fn credit_view(
    store: &Store,
    by: &Reader,
    credit: &Credited,
    outcome: Outcome,
) -> Result<CreditView, StoreError> {
    let line_item = credit.line_item_id;
    Ok(CreditView {
        line_item: ObjectName { id: line_item, name: name::<LineItem>(store, by, line_item.0).await? },
        campaign: match credit.campaign_id {
            Some(id) => name::<Campaign>(store, by, id.0).await?,
            None => String::new(),
        },
        publisher: match credit.publisher_id {
            PublisherId::NONE => String::new(),
            PublisherId(id) => name::<Publisher>(store, by, id).await?,
        },
        creative: credit.creative_id.map(|id| id.to_string()).unwrap_or_default(),
        is_click: outcome == Outcome::Attributed(ExposureKind::Click),
    })
}

/// The object's name, or its kind and id if it was deleted.
async fn name<E: Entity>(store: &Store, by: &Reader, id: i64) -> Result<String, StoreError> {
    Ok(store.names::<E>(by, vec![id]).await?.remove(&id).unwrap_or_else(|| format!("{} {id} (deleted)", E::WHAT)))
}

/// The static value with its source.
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
