//! `/imptr` and `/clktr` (also `/clktrb`): log an ad view or an ad click that was served elsewhere; a click then goes on
//! to its landing page.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use url::Url;

use super::answer::{Answer, Body, Note, preflight};
use super::macros;
use super::onward::{self, Asked};
use super::params::{self, ExposureParams};
use super::query::{self, Raw};
use super::rejection::Rejection;
use super::visit::Visit;
use super::visitor::{self, Visitor};
use super::warnings::Rule;
use crate::domain::{Exposure, ExposureKind, Seq, State as Use, Tracker, TrackerKind};
use crate::store::LogRow;
use crate::web::State;

/// What a person reads who followed a link that leads nowhere.
const NO_LANDING_PAGE: &str = "This link leads nowhere: its landing page is not known.\n";

/// `GET` and `HEAD` of `/imptr`.
pub async fn impression(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    seen(&Visit::of(&request, &state), &state).await.send(None)
}

/// `GET` and `HEAD` of `/clktr`.
pub async fn click(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    clicked(&Visit::of(&request, &state), &state).await.send(None)
}

/// `OPTIONS` of either.
pub async fn options() -> HttpResponse {
    preflight(None, "GET, HEAD, OPTIONS")
}

async fn seen(visit: &Visit<'_>, state: &State) -> Answer {
    let query = match visit.query() {
        Ok(query) => query,
        Err(rejection) => return visit.reject(rejection, Body::Gif).await,
    };
    let raw = query::parse(query);
    let kind = params::tag_kind(&raw);
    let tracker = match find(&raw, TrackerKind::Impression, state) {
        Ok(tracker) => tracker,
        Err(rejection) => return visit.reject(rejection, Body::nothing(kind)).await,
    };
    let advertiser = state.store.catalog().advertiser(tracker.advertiser_id);
    let mut params = params::exposure(raw);
    let redir = params.redir.take();
    let asked = Asked { kind, advertiser: advertiser.as_deref(), piggybacks: &[], hosts: &[], redir: redir.as_deref() };
    let onward = onward::decide(&asked, |name| value(name, &tracker, &params));
    if let (true, Some(redir)) = (onward.refused, &redir) {
        params.warnings.add("redir", redir, Rule::RedirNotAllowed);
    }
    let body = Body::onward(kind, onward);
    if tracker.state == Use::Inactive {
        return visit.reject(Rejection::TrackerInactive, body).await;
    }
    let visitor = visit.visitor();
    let exposure = exposure(visit, query, &tracker, params, visitor);
    let note = Note::of(exposure.flags, &exposure.warnings);
    match visit.log(LogRow::Exposure(Box::new(exposure)), visitor).await {
        Ok(cookie) => Answer::taken(body, note, cookie),
        Err(failure) => Answer::failed(Body::nothing(kind), failure),
    }
}

async fn clicked(visit: &Visit<'_>, state: &State) -> Answer {
    let query = match visit.query() {
        Ok(query) => query,
        Err(rejection) => return visit.reject(rejection, Body::Text(NO_LANDING_PAGE)).await,
    };
    let raw = query::parse(query);
    let tracker = match find(&raw, TrackerKind::Click, state) {
        Ok(tracker) => tracker,
        Err(rejection) => return visit.reject(rejection, Body::Text(NO_LANDING_PAGE)).await,
    };
    let mut params = params::exposure(raw);
    let Some(landing_page) = landing_page(&tracker, &mut params, state) else {
        return visit.reject(Rejection::NoLandingPage, Body::Text(NO_LANDING_PAGE)).await;
    };
    let body = Body::Redirect(landing_page);
    if tracker.state == Use::Inactive {
        return visit.reject(Rejection::TrackerInactive, body).await;
    }
    let visitor = visit.visitor();
    let exposure = exposure(visit, query, &tracker, params, visitor);
    let note = Note::of(exposure.flags, &exposure.warnings);
    match visit.log(LogRow::Exposure(Box::new(exposure)), visitor).await {
        Ok(cookie) => Answer::taken(body, note, cookie),
        Err(failure) => Answer::failed(body, failure),
    }
}

fn find(raw: &Raw<'_>, kind: TrackerKind, state: &State) -> Result<Arc<Tracker>, Rejection> {
    let tracker = state.store.catalog().tracker(params::id_of(raw)?);
    tracker.filter(|tracker| tracker.kind == kind).ok_or(Rejection::UnknownTracker)
}

/// `redir` where the advertiser allows its host, else the tracker's own.
fn landing_page(tracker: &Tracker, params: &mut ExposureParams<'_>, state: &State) -> Option<Url> {
    let advertiser = state.store.catalog().advertiser(tracker.advertiser_id);
    if let Some(redir) = params.redir.take() {
        let allowed = onward::allowed(&redir, advertiser.as_deref(), &[], |name| value(name, tracker, params));
        if allowed.is_some() {
            return allowed;
        }
        params.warnings.add("redir", &redir, Rule::RedirNotAllowed);
    }
    macros::url(tracker.click_url.as_deref()?, |name| value(name, tracker, params))
}

fn value(name: &str, tracker: &Tracker, params: &ExposureParams<'_>) -> Option<Cow<'static, str>> {
    let text = match name {
        "CACHEBUSTER" => visitor::random().unwrap_or_default().to_string(),
        "LINE_ITEM_ID" => tracker.line_item_id.to_string(),
        "PUBLISHER_ID" => tracker.publisher_id.to_string(),
        "CAMPAIGN_ID" => params.campaign_id.map(|id| id.to_string()).unwrap_or_default(),
        _ => return None,
    };
    Some(text.into())
}

fn exposure(
    visit: &Visit<'_>,
    query: &str,
    tracker: &Tracker,
    params: ExposureParams<'_>,
    visitor: Visitor,
) -> Exposure {
    Exposure {
        seq: Seq(0),
        at: visit.at,
        kind: match tracker.kind {
            TrackerKind::Impression => ExposureKind::Impression,
            TrackerKind::Click => ExposureKind::Click,
        },
        tracker_id: tracker.id,
        line_item_id: tracker.line_item_id,
        publisher_id: tracker.publisher_id,
        campaign_id: params.campaign_id,
        creative_id: params.creative_id,
        visitor_id: visitor.id(),
        flags: visit.flags(params.test, visitor),
        ancost: params.ancost,
        impression: None,
        warnings: params.warnings.into_vec(),
        query: query.to_owned(),
        referer: visit.referer(),
        user_agent: visit.user_agent(),
        ip: visit.ip(visitor),
    }
}
