//! `/seg`, the segment pixel: logs which segments the visitor joins and leaves. The judge makes the memberships.

use actix_web::{HttpRequest, HttpResponse, web};

use super::visit::{self, TagRequest, Visit};
use crate::collect::answer::redirects;
use crate::collect::answer::redirects::{RedirectInput, Redirects};
use crate::collect::answer::refusal::Refusal;
use crate::collect::answer::{Answer, Body, Expects, Note};
use crate::collect::params;
use crate::collect::params::segment_ops;
use crate::collect::params::segment_ops::SegmentOps;
use crate::collect::problems::rejection::Rejection;
use crate::collect::problems::warnings::Rule;
use crate::collect::visitor;
use crate::collect::visitor::Visitor;
use crate::domain::{Advertiser, Flags, Piggyback, SegmentLoad, Status};
use crate::store::{Catalog, LogRow};
use crate::web::AppState;
use crate::web::event_limit::Target;

/// `GET` and `HEAD`.
pub async fn get(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    visit::by_tag(&Visit::of(&request, &state), load).await.send(Some(request.headers()))
}

/// `POST` of a page's script.
pub async fn post(request: HttpRequest, payload: web::Payload, state: web::Data<AppState>) -> HttpResponse {
    visit::by_beacon(&Visit::of(&request, &state), payload, load).await.send(Some(request.headers()))
}

async fn load(visit: &Visit<'_>, request: TagRequest<'_>) -> Result<Answer, Refusal> {
    let TagRequest { mut raw, parameters, expects } = request;
    let catalog = visit.state.store.catalog();
    let mut params = params::segment_load(&mut raw, visit.consent_needed());
    let visitor = visit.visitor(&params.consent);
    let segments = segment_ops::read(&mut raw, params.value, catalog, &mut params.warnings);
    if segments.ops.is_empty() {
        let names_some = segments.names_some;
        return Err(if names_some { Rejection::UnknownSegment } else { Rejection::MissingSegment }.into());
    }
    if let Some(op) = segments.ops.first() {
        visit.admit(Target::Segment(op.segment_id))?;
    }
    let flags = visit.flags(params.test, visitor);
    let redirects = redirects(expects, &segments, flags, params.redir.as_deref(), catalog, visitor);
    if let (true, Some(redir)) = (redirects.refused, &params.redir) {
        params.warnings.add("redir", redir, Rule::RedirNotAllowed);
    }
    let load = SegmentLoad {
        at: visit.at,
        visitor_id: visitor.id(),
        flags,
        tag: expects.kind(),
        segments: segments.ops,
        warnings: visit.kept_warnings(params.warnings, visitor),
        query: visit.kept_parameters(parameters, visitor),
        referer: visit.page(visitor, params.page_url.as_deref()),
        user_agent: visit.user_agent(visitor),
        ip: visit.ip(visitor),
    };
    let note = Note::of(visitor, flags, &load.warnings);
    let receipt = visit.log(LogRow::SegmentLoad(Box::new(load)), visitor).await?;
    Ok(Answer::taken(Body::of(expects, flags, redirects), note, receipt.cookie))
}

/// The piggybacks of the segments that the visitor joins, unless the visit is not real. And `redir`, if it leads to a
/// host of theirs, or to one that the advertiser of a segment allows.
fn redirects(
    expects: Expects,
    segments: &SegmentOps,
    flags: Flags,
    redir: Option<&str>,
    catalog: &Catalog,
    visitor: Visitor,
) -> Redirects {
    let Expects::Tag(kind) = expects else { return Redirects::default() };
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
    let host = redir.and_then(|redir| redirects::host(redir, value));
    let allows = |owner: &Advertiser| host.as_deref().is_some_and(|host| owner.allows_redirect_to(host));
    let mut owners = segments.added.iter().filter_map(|segment| catalog.advertiser(segment.advertiser_id?));
    let owner = owners.find(|owner| allows(owner));
    let input = RedirectInput { kind, advertiser: owner.as_deref(), piggybacks: &piggybacks, hosts: &hosts, redir };
    redirects::decide(&input, value)
}
