//! `/px`, the conversion pixel: parses, names the visitor, logs the fire, and only then answers. What becomes of the fire
//! is for the judge.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::{Answer, Body, Note, preflight};
use super::onward::{self, Asked, Onward};
use super::params::{self, FireParams};
use super::query::{self, Raw};
use super::rejection::Rejection;
use super::visit::Visit;
use super::visitor::{self, Visitor};
use super::warnings::Rule;
use crate::domain::{Advertiser, Currency, Fire, FireDetails, Pixel, Seq, State as Use, TagForm};
use crate::store::LogRow;
use crate::web::State;

/// `GET` and `HEAD`.
pub async fn get(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    answer(&Visit::of(&request, &state), &state).await.send(Some(request.headers()))
}

/// `OPTIONS`.
pub async fn options(request: HttpRequest) -> HttpResponse {
    preflight(Some(request.headers()), "GET, HEAD, OPTIONS")
}

async fn answer(visit: &Visit<'_>, state: &State) -> Answer {
    let query = match visit.query() {
        Ok(query) => query,
        Err(rejection) => return visit.reject(rejection, Body::Gif).await,
    };
    let raw = query::parse(query);
    let kind = params::tag_kind(&raw);
    let pixel = match find(&raw, state) {
        Ok(pixel) => pixel,
        Err(rejection) => return visit.reject(rejection, Body::nothing(kind)).await,
    };
    let advertiser = state.store.catalog().advertiser(pixel.advertiser_id);
    let mut params = params::fire(raw);
    let visitor = visit.visitor();
    // A value is in the advertiser's currency unless the tag names another.
    let currency = params.currency.or(advertiser.as_deref().map(|advertiser| advertiser.default_currency));
    let onward = lead_on(kind, &pixel, advertiser.as_deref(), &params, currency, visitor);
    if let (true, Some(redir)) = (onward.refused, &params.redir) {
        params.warnings.add("redir", redir, Rule::RedirNotAllowed);
    }
    let fire = Fire {
        seq: Seq(0),
        at: visit.at,
        received: visit.at,
        pixel_id: pixel.id,
        visitor_id: visitor.id(),
        flags: visit.flags(params.test, visitor),
        tag: kind.into(),
        order_id: params.order_id.map(Cow::into_owned),
        value: params.value.map(|(value, _)| value),
        currency,
        other: params.other.map(Cow::into_owned),
        event_id: params.event_id.map(Cow::into_owned),
        exposure: None,
        details: FireDetails::default(),
        warnings: params.warnings.into_vec(),
        query: query.to_owned(),
        referer: visit.referer(),
        user_agent: visit.user_agent(),
        ip: visit.ip(visitor),
    };
    let note = Note::of(fire.flags, &fire.warnings);
    match visit.log(LogRow::Fire(Box::new(fire)), visitor).await {
        Ok(cookie) => Answer::taken(Body::onward(kind, onward), note, cookie),
        // What was not logged leads nowhere either.
        Err(failure) => Answer::failed(Body::nothing(kind), failure),
    }
}

fn find(raw: &Raw<'_>, state: &State) -> Result<Arc<Pixel>, Rejection> {
    state.store.catalog().pixel(params::id_of(raw)?).ok_or(Rejection::UnknownPixel)
}

fn lead_on(
    kind: TagForm,
    pixel: &Pixel,
    advertiser: Option<&Advertiser>,
    params: &FireParams<'_>,
    currency: Option<Currency>,
    visitor: Visitor,
) -> Onward {
    let piggybacks = pixel.piggyback_pixels.as_slice();
    let asked = Asked {
        kind,
        advertiser,
        piggybacks: if pixel.state == Use::Active { piggybacks } else { &[] },
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
