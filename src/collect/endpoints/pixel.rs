//! `/px`, the conversion pixel: parses, names the visitor, logs the fire, and only then answers. The judge decides
//! the outcome.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};

use super::visit::{self, TagRequest, Visit};
use crate::collect::answer::redirects;
use crate::collect::answer::redirects::{RedirectInput, Redirects};
use crate::collect::answer::refusal::Refusal;
use crate::collect::answer::{Answer, Body, Expects, Note};
use crate::collect::params;
use crate::collect::params::FireParams;
use crate::collect::params::find;
use crate::collect::params::segment_ops;
use crate::collect::problems::warnings::Rule;
use crate::collect::visitor;
use crate::collect::visitor::Visitor;
use crate::domain::{Advertiser, Currency, Fire, FireDetails, Flags, Pixel, SegmentOp, Status};
use crate::store::LogRow;
use crate::web::AppState;
use crate::web::event_limit::Target;

/// `GET` and `HEAD`.
pub async fn get(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    visit::by_tag(&Visit::of(&request, &state), fire).await.send(Some(request.headers()))
}

/// `POST` of a page's script.
pub async fn post(request: HttpRequest, payload: web::Payload, state: web::Data<AppState>) -> HttpResponse {
    visit::by_beacon(&Visit::of(&request, &state), payload, fire).await.send(Some(request.headers()))
}

/// A fire whose parameters are read.
struct PixelRequest<'a> {
    pixel: &'a Pixel,
    advertiser: Option<&'a Advertiser>,
    params: FireParams<'a>,
    visitor: Visitor,
    flags: Flags,
    /// The tag's currency, else the advertiser's.
    currency: Option<Currency>,
}

async fn fire(visit: &Visit<'_>, request: TagRequest<'_>) -> Result<Answer, Refusal> {
    let TagRequest { mut raw, parameters, expects } = request;
    let catalog = visit.state.store.catalog();
    let pixel = find::pixel(&raw, catalog)?;
    visit.admit(Target::Pixel(pixel.id))?;
    let advertiser = catalog.advertiser(pixel.advertiser_id);
    let mut params = params::fire(&mut raw, visit.consent_needed());
    let segments = segment_ops::read(&mut raw, None, catalog, &mut params.warnings);
    let visitor = visit.visitor(&params.consent);
    let mut known = PixelRequest {
        pixel: &pixel,
        advertiser: advertiser.as_deref(),
        visitor,
        flags: visit.flags(params.test, visitor),
        currency: params.currency.or(advertiser.as_deref().map(|advertiser| advertiser.default_currency)),
        params,
    };
    let redirects = known.redirects(expects);
    if let (true, Some(redir)) = (redirects.refused, &known.params.redir) {
        known.params.warnings.add("redir", redir, Rule::RedirNotAllowed);
    }
    let flags = known.flags;
    let fire = known.into_fire(visit, expects, segments.ops, parameters);
    let note = Note::of(visitor, flags, &fire.warnings);
    // A fire that cannot be logged leads nowhere.
    let receipt = visit.log(LogRow::Fire(Box::new(fire)), visitor).await?;
    Ok(Answer::taken(Body::of(expects, flags, redirects), note, receipt.cookie))
}

impl PixelRequest<'_> {
    fn into_fire(mut self, visit: &Visit<'_>, expects: Expects, segments: Vec<SegmentOp>, parameters: &str) -> Fire {
        let (visitor, params) = (self.visitor, &mut self.params);
        let exposure = visit.token_exposure(params.sspdata.as_deref(), visitor, &mut params.warnings);
        let params = self.params;
        let mut fire = Fire {
            at: visit.at,
            received: visit.at,
            pixel_id: self.pixel.id,
            visitor_id: visitor.id(),
            flags: self.flags,
            tag: expects.kind(),
            order_id: params.order_id.map(Cow::into_owned),
            value: params.value.map(|(value, _)| value),
            currency: self.currency,
            other: params.other.map(Cow::into_owned),
            event_id: params.event_id.map(Cow::into_owned),
            exposure,
            details: FireDetails {
                segments,
                content_ids: params.content_ids,
                num_items: params.num_items,
                consent: visit.kept_consent(params.consent, visitor),
                click_ids: params.click_ids,
                ..FireDetails::default()
            },
            warnings: visit.kept_warnings(params.warnings, visitor),
            query: visit.kept_parameters(parameters, visitor),
            referer: visit.page(visitor, params.page_url.as_deref()),
            user_agent: visit.user_agent(visitor),
            ip: visit.ip(visitor),
        };
        visit.strip(&mut fire, visitor);
        fire
    }

    fn redirects(&self, expects: Expects) -> Redirects {
        let Expects::Tag(kind) = expects else { return Redirects::default() };
        let (pixel, params) = (self.pixel, &self.params);
        let piggybacks = pixel.piggyback_pixels.as_slice();
        let input = RedirectInput {
            kind,
            advertiser: self.advertiser,
            // Partners hear only of visits that count.
            piggybacks: if pixel.state == Status::Active && self.flags.is_real() { piggybacks } else { &[] },
            hosts: piggybacks,
            redir: params.redir.as_deref(),
        };
        redirects::decide(&input, |name| {
            Some(match name {
                "ORDER_ID" => params.order_id.as_deref().unwrap_or("").into(),
                "VALUE" => params.value.as_ref().map_or("", |(_, text)| text).into(),
                "CURRENCY" => self.currency.map(|currency| currency.to_string()).unwrap_or_default().into(),
                "OTHER" => params.other.as_deref().unwrap_or("").into(),
                "EVENT_ID" => params.event_id.as_deref().unwrap_or("").into(),
                "PIXEL_ID" => pixel.id.to_string().into(),
                "CACHEBUSTER" => visitor::random().unwrap_or_default().to_string().into(),
                "USER_ID" => self.visitor.id().map(|id| id.to_string()).unwrap_or_default().into(),
                _ => return None,
            })
        })
    }
}
