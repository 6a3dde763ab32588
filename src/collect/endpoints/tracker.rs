//! `/imptr` and `/clktr` (also `/clktrb`): log an ad view or an ad click that was served elsewhere. A click then goes
//! on to its landing page. A token names each of them, and it holds the row's number: so the answer is written after
//! the row is safe.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};
use url::Url;

use super::visit::{self, TagRequest, Visit};
use crate::auth::TokenExposure;
use crate::collect::answer::redirects;
use crate::collect::answer::redirects::{RedirectInput, Redirects};
use crate::collect::answer::refusal::Refusal;
use crate::collect::answer::{Answer, Body, Note};
use crate::collect::answer::{macros, script};
use crate::collect::params;
use crate::collect::params::ExposureParams;
use crate::collect::params::find;
use crate::collect::problems::rejection::Rejection;
use crate::collect::problems::warnings::Rule;
use crate::collect::query;
use crate::collect::visitor;
use crate::collect::visitor::Visitor;
use crate::collect::visitor::bots;
use crate::domain::{
    Advertiser, CampaignId, Exposure, ExposureKind, Millis, Seq, Status, TagForm, Tracker, TrackerKind,
};
use crate::store::LogRow;
use crate::web::AppState;
use crate::web::event_limit::Target;

/// The text for a person who followed a link that leads nowhere.
const NO_LANDING_PAGE: &str = "This link leads nowhere: its landing page is not known.\n";

/// `GET` and `HEAD` of `/imptr`.
pub async fn impression(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    visit::by_tag(&Visit::of(&request, &state), view).await.send(None)
}

/// `GET` and `HEAD` of `/clktr`.
pub async fn click(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    let result = follow_click(&visit).await;
    let answer = visit.conclude(result, request.query_string(), Body::Text(NO_LANDING_PAGE)).await;
    // A browser would show a page that it fetched in advance when the click comes, and not ask again: the click would
    // be lost.
    let answer = if bots::is_prefetch(visit.headers()) { Answer::not_yet(answer.note) } else { answer.leading_on() };
    answer.send(None)
}

async fn view(visit: &Visit<'_>, request: TagRequest<'_>) -> Result<Answer, Refusal> {
    let TagRequest { mut raw, parameters, expects } = request;
    let form = params::tag_form(&raw);
    let catalog = visit.state.store.catalog();
    let tracker = find::tracker(&raw, TrackerKind::Impression, catalog)?;
    visit.admit(Target::Tracker(tracker.id))?;
    let advertiser = catalog.advertiser(tracker.advertiser_id);
    let mut params = params::exposure(&mut raw, visit.consent_needed());
    let (redir, campaign) = (params.redir.take(), params.campaign_id);
    let redirects_with = |token: &str| {
        let (advertiser, redir) = (advertiser.as_deref(), redir.as_deref());
        let input = RedirectInput { kind: form, advertiser, piggybacks: &[], hosts: &[], redir };
        redirects::decide(&input, |name| value(name, &tracker, campaign, token))
    };
    let redirects = redirects_with("");
    if let (true, Some(redir)) = (redirects.refused, &redir) {
        params.warnings.add("redir", redir, Rule::RedirNotAllowed);
    }
    if tracker.state == Status::Inactive {
        return Err(Refusal::with(Rejection::TrackerInactive, Body::with_redirects(expects, redirects)));
    }
    let visitor = visit.visitor(&params.consent);
    let exposure = exposure(visit, parameters, &tracker, params, visitor);
    let (note, at) = (Note::of(visitor, exposure.flags, &exposure.warnings), exposure.at);
    let prefetch = exposure.flags.prefetch;
    let receipt = visit.log(LogRow::Exposure(Box::new(exposure)), visitor).await?;
    let token = token(visit, receipt.seq, at, ExposureKind::Impression, visitor);
    let redirects = if redir.as_deref().is_some_and(wants_token) { redirects_with(&token) } else { redirects };
    let body = match (form, token.is_empty()) {
        (TagForm::Script, _) if prefetch => Body::Script(script::once_shown()),
        (TagForm::Script, false) => Body::Script(token_program(&tracker, &token, &redirects)),
        _ => Body::with_redirects(expects, redirects),
    };
    let impression = Some(token).filter(|token| !token.is_empty());
    Ok(Answer { impression, ..Answer::taken(body, note, receipt.cookie) })
}

/// Gives the page the impression's token, and loads the tag's further URLs.
fn token_program(tracker: &Tracker, token: &str, redirects: &Redirects) -> String {
    script::impression(tracker.id, token) + &script::program(redirects)
}

async fn follow_click(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let query = visit.query()?;
    let mut raw = query::parse(query);
    let catalog = visit.state.store.catalog();
    let tracker = find::tracker(&raw, TrackerKind::Click, catalog)?;
    let advertiser = catalog.advertiser(tracker.advertiser_id);
    let mut params = params::exposure(&mut raw, visit.consent_needed());
    let landing = Landing::of(&tracker, advertiser.as_deref(), &mut params);
    let mut landing = landing.ok_or(Rejection::NoLandingPage)?;
    if tracker.state == Status::Inactive {
        return Err(Refusal::with(Rejection::TrackerInactive, Body::Redirect(landing.url)));
    }
    if let Err(rejection) = visit.admit(Target::Tracker(tracker.id)) {
        return Err(Refusal::with(rejection, Body::Redirect(landing.url)));
    }
    let campaign = params.campaign_id;
    let visitor = visit.visitor(&params.consent);
    let exposure = exposure(visit, query, &tracker, params, visitor);
    let (note, at) = (Note::of(visitor, exposure.flags, &exposure.warnings), exposure.at);
    match visit.log(LogRow::Exposure(Box::new(exposure)), visitor).await {
        Ok(receipt) => {
            if wants_token(&landing.template) {
                let token = token(visit, receipt.seq, at, ExposureKind::Click, visitor);
                landing.fill(&tracker, campaign, &token);
            }
            Ok(Answer::taken(Body::Redirect(landing.url), note, receipt.cookie))
        }
        Err(failure) => Err(Refusal::with(failure, Body::Redirect(landing.url))),
    }
}

/// The page that a click arrives at.
struct Landing<'a> {
    template: Cow<'a, str>,
    /// The template, filled in; without a token until there is one.
    url: Url,
}

impl<'a> Landing<'a> {
    /// `redir` if the advertiser allows its host, else the tracker's own page.
    fn of(tracker: &'a Tracker, advertiser: Option<&Advertiser>, params: &mut ExposureParams<'a>) -> Option<Self> {
        let campaign = params.campaign_id;
        if let Some(redir) = params.redir.take() {
            match redirects::allowed(&redir, advertiser, &[], |name| value(name, tracker, campaign, "")) {
                Some(url) => return Some(Landing { template: redir, url }),
                None => params.warnings.add("redir", &redir, Rule::RedirNotAllowed),
            }
        }
        let template = tracker.click_url.as_deref()?;
        let url = macros::url(template, |name| value(name, tracker, campaign, ""))?;
        Some(Landing { template: Cow::Borrowed(template), url })
    }

    /// Fills it in once more. A token changes no host, so the URL stays allowed.
    fn fill(&mut self, tracker: &Tracker, campaign: Option<CampaignId>, token: &str) {
        if let Some(url) = macros::url(&self.template, |name| value(name, tracker, campaign, token)) {
            self.url = url;
        }
    }
}

/// Whether the URL holds the exposure's token.
fn wants_token(template: &str) -> bool {
    template.contains("${SSP_DATA}") || template.contains("${CLICK_ID}")
}

/// The token of the logged exposure. It is empty if there is none, and for private visitors: with it, later purchases
/// could be credited all the same.
fn token(visit: &Visit<'_>, seq: Option<Seq>, at: Millis, kind: ExposureKind, visitor: Visitor) -> String {
    match seq {
        Some(seq) if !visitor.is_private() => visit.state.auth.exposures().token(TokenExposure { seq, at, kind }),
        Some(_) | None => String::new(),
    }
}

fn value<'t>(name: &str, tracker: &Tracker, campaign: Option<CampaignId>, token: &'t str) -> Option<Cow<'t, str>> {
    Some(match name {
        "SSP_DATA" | "CLICK_ID" => token.into(),
        "CACHEBUSTER" => visitor::random().unwrap_or_default().to_string().into(),
        "LINE_ITEM_ID" => tracker.line_item_id.to_string().into(),
        "PUBLISHER_ID" => tracker.publisher_id.to_string().into(),
        "CAMPAIGN_ID" => campaign.map(|id| id.to_string()).unwrap_or_default().into(),
        _ => return None,
    })
}

fn exposure(
    visit: &Visit<'_>,
    query: &str,
    tracker: &Tracker,
    mut params: ExposureParams<'_>,
    visitor: Visitor,
) -> Exposure {
    let kind = match tracker.kind {
        TrackerKind::Impression => ExposureKind::Impression,
        TrackerKind::Click => ExposureKind::Click,
    };
    Exposure {
        at: visit.at,
        kind,
        tracker_id: tracker.id,
        line_item_id: tracker.line_item_id,
        publisher_id: tracker.publisher_id,
        campaign_id: params.campaign_id,
        creative_id: params.creative_id,
        visitor_id: visitor.id(),
        flags: visit.flags(params.test, visitor),
        ancost: params.ancost,
        impression: if kind == ExposureKind::Click { clicked_impression(visit, &mut params, visitor) } else { None },
        arrival: None,
        warnings: visit.kept_warnings(params.warnings, visitor),
        query: visit.kept_parameters(query, visitor),
        referer: visit.page(visitor, None),
        user_agent: visit.user_agent(visitor),
        ip: visit.ip(visitor),
    }
}

/// The impression that was clicked, by its token.
fn clicked_impression(visit: &Visit<'_>, params: &mut ExposureParams<'_>, visitor: Visitor) -> Option<(Seq, Millis)> {
    let token = params.imp.take()?;
    let rule = match visit.state.auth.exposures().read(&token) {
        Some(TokenExposure { seq, at, kind: ExposureKind::Impression }) => {
            return Some((seq, at)).filter(|_| !visitor.is_private());
        }
        Some(TokenExposure { kind: ExposureKind::Click, .. }) => Rule::NotAnImpression,
        None => Rule::BadToken,
    };
    params.warnings.add("imp", &token, rule);
    None
}
