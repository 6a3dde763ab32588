//! `/imptr` and `/clktr` (also `/clktrb`): log an ad view or an ad click that was served elsewhere; a click then goes on
//! to its landing page. Either is named by a token, which only its place in the log can give: the answer is made after
//! the row is safe.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};
use url::Url;

use super::answer::{Answer, Body, Expects, Note};
use super::onward::{self, Asked, Onward};
use super::params::{self, ExposureParams};
use super::query;
use super::rejection::Rejection;
use super::visit::Visit;
use super::visitor::{self, Visitor};
use super::warnings::Rule;
use super::{find, macros, script, signs};
use crate::auth::TokenExposure;
use crate::domain::{
    Advertiser, CampaignId, Exposure, ExposureKind, Millis, Seq, Status, TagForm, Tracker, TrackerKind,
};
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
    let visit = Visit::of(&request, &state);
    let answer = clicked(&visit, &state).await;
    // What was fetched in advance a browser would use when the click comes, and not ask again: it would be lost.
    let answer = if signs::is_prefetch(visit.headers()) { Answer::not_yet(answer.note) } else { answer };
    answer.send(None)
}

async fn seen(visit: &Visit<'_>, state: &State) -> Answer {
    let query = match visit.query() {
        Ok(query) => query,
        Err(rejection) => return visit.reject(rejection, Body::Gif).await,
    };
    let mut raw = query::parse(query);
    let form = params::tag_form(&raw);
    let expects = Expects::Tag(form);
    let tracker = match find::tracker(&raw, TrackerKind::Impression, state.store.catalog()) {
        Ok(tracker) => tracker,
        Err(rejection) => return visit.reject(rejection, Body::nothing(expects)).await,
    };
    let advertiser = state.store.catalog().advertiser(tracker.advertiser_id);
    let mut params = params::exposure(&mut raw, visit.needed());
    let (redir, campaign) = (params.redir.take(), params.campaign_id);
    let lead_on = |token: &str| {
        let asked = Asked {
            kind: form,
            advertiser: advertiser.as_deref(),
            piggybacks: &[],
            hosts: &[],
            redir: redir.as_deref(),
        };
        onward::decide(&asked, |name| value(name, &tracker, campaign, token))
    };
    let onward = lead_on("");
    if let (true, Some(redir)) = (onward.refused, &redir) {
        params.warnings.add("redir", redir, Rule::RedirNotAllowed);
    }
    if tracker.state == Status::Inactive {
        return visit.reject(Rejection::TrackerInactive, Body::onward(expects, onward)).await;
    }
    let visitor = visit.visitor(&params.consent);
    let exposure = exposure(visit, state, query, &tracker, params, visitor);
    let (flags, kind, at) = (exposure.flags, exposure.kind, exposure.at);
    let note = Note::of(visitor, flags, &exposure.warnings);
    let logged = match visit.log(LogRow::Exposure(Box::new(exposure)), visitor).await {
        Ok(logged) => logged,
        Err(failure) => return Answer::failed(Body::nothing(expects), failure),
    };
    let token = token(state, logged.seq, at, kind, visitor);
    let onward = if redir.as_deref().is_some_and(wants_token) { lead_on(&token) } else { onward };
    let body = match (form, token.is_empty()) {
        (TagForm::Script, _) if flags.prefetch => Body::Script(script::once_shown()),
        (TagForm::Script, false) => Body::Script(tell_and_lead_on(&tracker, &token, &onward)),
        _ => Body::onward(expects, onward),
    };
    let impression = Some(token).filter(|token| !token.is_empty());
    Answer { impression, ..Answer::taken(body, note, logged.cookie) }
}

fn tell_and_lead_on(tracker: &Tracker, token: &str, onward: &Onward) -> String {
    script::impression(tracker.id, token) + &script::program(onward)
}

async fn clicked(visit: &Visit<'_>, state: &State) -> Answer {
    let query = match visit.query() {
        Ok(query) => query,
        Err(rejection) => return visit.reject(rejection, Body::Text(NO_LANDING_PAGE)).await,
    };
    let mut raw = query::parse(query);
    let tracker = match find::tracker(&raw, TrackerKind::Click, state.store.catalog()) {
        Ok(tracker) => tracker,
        Err(rejection) => return visit.reject(rejection, Body::Text(NO_LANDING_PAGE)).await,
    };
    let advertiser = state.store.catalog().advertiser(tracker.advertiser_id);
    let mut params = params::exposure(&mut raw, visit.needed());
    let Some(mut landing) = Landing::of(&tracker, advertiser.as_deref(), &mut params) else {
        return visit.reject(Rejection::NoLandingPage, Body::Text(NO_LANDING_PAGE)).await;
    };
    if tracker.state == Status::Inactive {
        return visit.reject(Rejection::TrackerInactive, Body::Redirect(landing.url)).await;
    }
    let campaign = params.campaign_id;
    let visitor = visit.visitor(&params.consent);
    let exposure = exposure(visit, state, query, &tracker, params, visitor);
    let (note, kind, at) = (Note::of(visitor, exposure.flags, &exposure.warnings), exposure.kind, exposure.at);
    match visit.log(LogRow::Exposure(Box::new(exposure)), visitor).await {
        Ok(logged) => {
            if wants_token(&landing.template) {
                landing.fill(&tracker, campaign, &token(state, logged.seq, at, kind, visitor));
            }
            Answer::taken(Body::Redirect(landing.url), note, logged.cookie)
        }
        Err(failure) => Answer::failed(Body::Redirect(landing.url), failure),
    }
}

/// Where a click arrives.
struct Landing<'a> {
    template: Cow<'a, str>,
    /// The template, filled in; without a token until there is one.
    url: Url,
}

impl<'a> Landing<'a> {
    /// `redir` where the advertiser allows its host, else the tracker's own.
    fn of(tracker: &'a Tracker, advertiser: Option<&Advertiser>, params: &mut ExposureParams<'a>) -> Option<Self> {
        let campaign = params.campaign_id;
        if let Some(redir) = params.redir.take() {
            match onward::allowed(&redir, advertiser, &[], |name| value(name, tracker, campaign, "")) {
                Some(url) => return Some(Landing { template: redir, url }),
                None => params.warnings.add("redir", &redir, Rule::RedirNotAllowed),
            }
        }
        let template = tracker.click_url.as_deref()?;
        let url = macros::url(template, |name| value(name, tracker, campaign, ""))?;
        Some(Landing { template: Cow::Borrowed(template), url })
    }

    /// Fills it in once more. A token changes no host, so that what was allowed stays allowed.
    fn fill(&mut self, tracker: &Tracker, campaign: Option<CampaignId>, token: &str) {
        if let Some(url) = macros::url(&self.template, |name| value(name, tracker, campaign, token)) {
            self.url = url;
        }
    }
}

/// Whether the exposure's token stands in the URL.
fn wants_token(template: &str) -> bool {
    template.contains("${SSP_DATA}") || template.contains("${CLICK_ID}")
}

/// The token of what was logged. None (an empty text) where nothing was, and for visitors who are not to be known: with
/// it, what they buy could be credited all the same.
fn token(state: &State, seq: Option<Seq>, at: Millis, kind: ExposureKind, visitor: Visitor) -> String {
    match seq {
        Some(seq) if !visitor.is_private() => state.auth.exposures().token(TokenExposure { seq, at, kind }),
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
    state: &State,
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
        seq: Seq(0),
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
        impression: if kind == ExposureKind::Click { clicked_impression(state, &mut params, visitor) } else { None },
        warnings: visit.warned(params.warnings, visitor),
        query: visit.logged(query, visitor),
        referer: visit.referer(visitor),
        user_agent: visit.user_agent(),
        ip: visit.ip(visitor),
    }
}

/// The impression that was clicked, by its token.
fn clicked_impression(state: &State, params: &mut ExposureParams<'_>, visitor: Visitor) -> Option<(Seq, Millis)> {
    let token = params.imp.take()?;
    let rule = match state.auth.exposures().read(&token) {
        Some(TokenExposure { seq, at, kind: ExposureKind::Impression }) => {
            return Some((seq, at)).filter(|_| !visitor.is_private());
        }
        Some(TokenExposure { kind: ExposureKind::Click, .. }) => Rule::NotAnImpression,
        None => Rule::BadToken,
    };
    params.warnings.add("imp", &token, rule);
    None
}
