//! `/px`, the conversion pixel: parses, names the visitor, logs the fire, and only then answers. What becomes of the fire
//! is for the judge.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::{Answer, Body, Expects, Note};
use super::find;
use super::onward::{self, Asked, Onward};
use super::params::{self, FireParams};
use super::query::Raw;
use super::segment_ops;
use super::visit::{self, Visit};
use super::visitor::{self, Visitor};
use super::warnings::Rule;
use crate::domain::{Advertiser, Currency, Fire, FireDetails, Flags, Pixel, Seq, Status};
use crate::store::LogRow;
use crate::web::State;

/// `GET` and `HEAD`.
pub async fn get(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    visit::by_tag(&request, &state, fire).await
}

/// `POST`: what a page's script sends.
pub async fn post(request: HttpRequest, payload: web::Payload, state: web::Data<State>) -> HttpResponse {
    visit::by_beacon(&request, payload, &state, fire).await
}

async fn fire(visit: &Visit<'_>, state: &State, mut raw: Raw<'_>, parameters: &str, expects: Expects) -> Answer {
    let catalog = state.store.catalog();
    let pixel = match find::pixel(&raw, catalog) {
        Ok(pixel) => pixel,
        Err(rejection) => return visit.reject_sent(rejection, parameters, Body::nothing(expects)).await,
    };
    let advertiser = catalog.advertiser(pixel.advertiser_id);
    let mut params = params::fire(&mut raw, visit.needed());
    let visitor = visit.visitor(&params.consent);
    let segments = segment_ops::read(&mut raw, None, catalog, &mut params.warnings);
    // A value is in the advertiser's currency unless the tag names another.
    let currency = params.currency.or(advertiser.as_deref().map(|advertiser| advertiser.default_currency));
    let flags = visit.flags(params.test, visitor);
    let onward = lead_on(expects, &pixel, flags, advertiser.as_deref(), &params, currency, visitor);
    if let (true, Some(redir)) = (onward.refused, &params.redir) {
        params.warnings.add("redir", redir, Rule::RedirNotAllowed);
    }
    let exposure = visit.named(params.sspdata.as_deref(), visitor, &mut params.warnings);
    let fire = Fire {
        seq: Seq(0),
        at: visit.at,
        received: visit.at,
        pixel_id: pixel.id,
        visitor_id: visitor.id(),
        flags,
        tag: expects.kind(),
        order_id: params.order_id.map(Cow::into_owned),
        value: params.value.map(|(value, _)| value),
        currency,
        other: params.other.map(Cow::into_owned),
        event_id: params.event_id.map(Cow::into_owned),
        exposure,
        details: FireDetails {
            segments: segments.ops,
            content_ids: params.content_ids,
            num_items: params.num_items,
            consent: visit.signals(params.consent, visitor),
            ..FireDetails::default()
        },
        warnings: visit.warned(params.warnings, visitor),
        query: visit.logged(parameters, visitor),
        referer: visit.referer(visitor),
        user_agent: visit.user_agent(),
        ip: visit.ip(visitor),
    };
    let note = Note::of(visitor, flags, &fire.warnings);
    match visit.log(LogRow::Fire(Box::new(fire)), visitor).await {
        Ok(logged) => Answer::taken(Body::of(expects, flags, onward), note, logged.cookie),
        // What was not logged leads nowhere either.
        Err(failure) => Answer::failed(Body::nothing(expects), failure),
    }
}

fn lead_on(
    expects: Expects,
    pixel: &Pixel,
    flags: Flags,
    advertiser: Option<&Advertiser>,
    params: &FireParams<'_>,
    currency: Option<Currency>,
    visitor: Visitor,
) -> Onward {
    let Expects::Tag(kind) = expects else { return Onward::default() };
    let piggybacks = pixel.piggyback_pixels.as_slice();
    let asked = Asked {
        kind,
        advertiser,
        // A partner is told of what counts alone.
        piggybacks: if pixel.state == Status::Active && flags.is_real() { piggybacks } else { &[] },
        hosts: piggybacks,
        redir: params.redir.as_deref(),
    };
    onward::decide(&asked, |name| {
        Some(match name {
            "ORDER_ID" => params.order_id.as_deref().unwrap_or("").into(),
            "VALUE" => params.value.as_ref().map_or("", |(_, text)| text).into(),
            "CURRENCY" => currency.map(|currency| currency.to_string()).unwrap_or_default().into(),
            "OTHER" => params.other.as_deref().unwrap_or("").into(),
            "EVENT_ID" => params.event_id.as_deref().unwrap_or("").into(),
            "PIXEL_ID" => pixel.id.to_string().into(),
            "CACHEBUSTER" => visitor::random().unwrap_or_default().to_string().into(),
            "USER_ID" => visitor.id().map(|id| id.to_string()).unwrap_or_default().into(),
            _ => return None,
        })
    })
}
