//! `/seg`, the segment pixel: puts the visitor into segments and takes it out of them. It logs what was asked for; the
//! memberships are the judge's.

use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::{Answer, Body, Expects, Note};
use super::onward::{self, Asked, Onward};
use super::params::{self, LoadParams};
use super::query::Raw;
use super::rejection::Rejection;
use super::segment_ops::{self, SegmentOps};
use super::visit::{self, Visit};
use super::visitor::{self, Visitor};
use super::warnings::Rule;
use crate::domain::{Advertiser, Flags, Piggyback, SegmentLoad, Seq, Status};
use crate::store::{Catalog, LogRow};
use crate::web::State;

/// `GET` and `HEAD`.
pub async fn get(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    visit::by_tag(&request, &state, load).await
}

/// `POST`: what a page's script sends.
pub async fn post(request: HttpRequest, payload: web::Payload, state: web::Data<State>) -> HttpResponse {
    visit::by_beacon(&request, payload, &state, load).await
}

async fn load(visit: &Visit<'_>, state: &State, mut raw: Raw<'_>, parameters: &str, expects: Expects) -> Answer {
    let catalog = state.store.catalog();
    let mut params = params::segment_load(&mut raw, visit.needed());
    let visitor = visit.visitor(&params.consent);
    let segments = segment_ops::read(&mut raw, params.value, catalog, &mut params.warnings);
    if segments.ops.is_empty() {
        let rejection = if segments.asked { Rejection::UnknownSegment } else { Rejection::MissingSegment };
        return visit.reject_sent(rejection, parameters, Body::nothing(expects)).await;
    }
    let flags = visit.flags(params.test, visitor);
    let onward = lead_on(expects, &segments, flags, &params, catalog, visitor);
    if let (true, Some(redir)) = (onward.refused, &params.redir) {
        params.warnings.add("redir", redir, Rule::RedirNotAllowed);
    }
    let load = SegmentLoad {
        seq: Seq(0),
        at: visit.at,
        visitor_id: visitor.id(),
        flags,
        tag: expects.kind(),
        segments: segments.ops,
        warnings: visit.warned(params.warnings, visitor),
        query: visit.logged(parameters, visitor),
        referer: visit.referer(visitor),
        user_agent: visit.user_agent(),
        ip: visit.ip(visitor),
    };
    let note = Note::of(visitor, flags, &load.warnings);
    match visit.log(LogRow::SegmentLoad(Box::new(load)), visitor).await {
        Ok(logged) => Answer::taken(Body::of(expects, flags, onward), note, logged.cookie),
        Err(failure) => Answer::failed(Body::nothing(expects), failure),
    }
}

/// The piggybacks of the segments that are added, unless it is no real visit; and `redir`, if it leads to one of their hosts, or to one that the
/// advertiser of a segment allows.
fn lead_on(
    expects: Expects,
    segments: &SegmentOps,
    flags: Flags,
    params: &LoadParams<'_>,
    catalog: &Catalog,
    visitor: Visitor,
) -> Onward {
    let Expects::Tag(kind) = expects else { return Onward::default() };
    let active = segments.added.iter().filter(|segment| segment.state == Status::Active && flags.is_real());
    let piggybacks: Vec<Piggyback> = active.flat_map(|segment| segment.piggyback_pixels.clone()).collect();
    let hosts: Vec<Piggyback> = segments.added.iter().flat_map(|segment| segment.piggyback_pixels.clone()).collect();
    let value = |name: &str| {
        Some(match name {
            "CACHEBUSTER" => visitor::random().unwrap_or_default().to_string().into(),
            "USER_ID" => visitor.id().map(|id| id.to_string()).unwrap_or_default().into(),
            _ => return None,
        })
    };
    let owners = segments.added.iter().filter_map(|segment| catalog.advertiser(segment.advertiser_id?));
    let allows = |owner: &Advertiser| {
        params.redir.as_deref().is_some_and(|redir| onward::allowed(redir, Some(owner), &[], value).is_some())
    };
    let owner = owners.into_iter().find(|owner| allows(owner));
    let asked = Asked {
        kind,
        advertiser: owner.as_deref(),
        piggybacks: &piggybacks,
        hosts: &hosts,
        redir: params.redir.as_deref(),
    };
    onward::decide(&asked, value)
}
