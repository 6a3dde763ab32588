//! `POST /landing`: an ad's visitor has arrived at the shop. The site tag or the shop's server reports what the landing
//! page's address carried. It is logged as a click; the judge decides whose.

use actix_web::{HttpRequest, HttpResponse, web};

use super::visit::Visit;
use crate::attribution::sources;
use crate::collect::answer::refusal::Refusal;
use crate::collect::answer::{Answer, Body, Note};
use crate::collect::kept::{addresses, private};
use crate::collect::params::arrival;
use crate::collect::params::landing::{LandingText, host_of, origin};
use crate::collect::params::wanted::Wanted;
use crate::collect::params::{find, gdpr, values};
use crate::collect::problems::rejection::Rejection;
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::collect::query;
use crate::collect::visitor::{OPTED_OUT, Visitor, Why};
use crate::domain::{
    AdvertiserId, Arrival, Exposure, ExposureKind, LineItemId, PublisherId, Status, TrackerId, VisitorId,
};
use crate::store::LogRow;
use crate::web::AppState;
use crate::web::event_limit::Target;

pub async fn post(request: HttpRequest, payload: web::Payload, state: web::Data<AppState>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    let answer = match visit.sent(payload).await.and_then(|sent| Ok(LandingText::of(&sent.text())?)) {
        Err(refusal) => visit.conclude(Err(refusal), request.query_string(), Body::Nothing).await,
        Ok(text) => {
            let result = arrive(&visit, &text).await;
            visit.conclude(result, &text.for_log, Body::Nothing).await
        }
    };
    answer.send(Some(request.headers()))
}

async fn arrive(visit: &Visit<'_>, text: &LandingText) -> Result<Answer, Refusal> {
    let mut raw = query::parse(&text.fields);
    let advertiser = find::advertiser(&raw, visit.state.store.catalog()).map_err(refuse)?;
    visit.admit(Target::Arrivals(advertiser.id)).map_err(refuse)?;
    if advertiser.state == Status::Inactive {
        return Err(refuse(Rejection::AdvertiserInactive));
    }
    let mut warnings = Warnings::default();
    let test = values::switch("test", raw.test.take(), &mut warnings);
    let consent = gdpr::consent(&mut raw, visit.consent_needed(), &mut warnings);
    let page_url = values::url("page_url", raw.page_url.take(), &mut warnings);
    let visitor = named_visitor(text, visit.visitor(&consent), &mut warnings);
    let from = referrer_host(text, page_url.as_deref(), &mut warnings);
    let arrival = arrival_of(visit, text, advertiser.id, from, &mut warnings);
    let mut arrival = arrival.ok_or_else(|| refuse(Rejection::NothingOfAnAd))?;
    if visitor.is_private() {
        private::without_names_in_arrival(&mut arrival, &mut warnings);
    }
    let flags = visit.flags(test, visitor);
    if flags.is_real() && !visit.is_head() {
        make_campaign(visit, &arrival).await;
    }
    let exposure = Exposure {
        at: visit.at,
        kind: ExposureKind::Click,
        tracker_id: TrackerId::NONE,
        line_item_id: LineItemId::NONE,
        publisher_id: PublisherId::NONE,
        campaign_id: None,
        creative_id: None,
        visitor_id: visitor.id(),
        flags,
        ancost: None,
        impression: None,
        arrival: Some(Box::new(arrival)),
        warnings: visit.kept_warnings(warnings, visitor),
        query: visit.kept_parameters(&text.for_log, visitor),
        referer: visit.page(visitor, page_url.as_deref()),
        user_agent: visit.user_agent(visitor),
        // A shop's server has its own.
        ip: visit.ip(visitor).filter(|_| text.visitor_id.is_none()),
    };
    let note = Note::of(visitor, exposure.flags, &exposure.warnings);
    let receipt = visit.log(LogRow::Exposure(Box::new(exposure)), visitor).await?;
    Ok(Answer::taken(Body::Nothing, note, receipt.cookie))
}

/// The name in pixeld's own sample links. It is no campaign's.
const OF_TESTS: &str = "pixeld-test";

/// Creates the campaign that the arrival's code names, if its source asks for that. It comes before the arrival in the log,
/// so the judge finds it. A fault costs the campaign, never the arrival.
async fn make_campaign(visit: &Visit<'_>, arrival: &Arrival) {
    let store = &visit.state.store;
    let sources = store.catalog().sources(arrival.advertiser_id);
    let source = sources::choose(&sources, arrival).filter(|source| source.makes_campaigns);
    let Some((source, by)) = source.and_then(|source| Some((source, source.campaign_by.as_deref()?))) else { return };
    let Some(code) = arrival.parameter(by).filter(|code| !code.eq_ignore_ascii_case(OF_TESTS)) else { return };
    if let Err(error) = store.make_campaign(arrival.advertiser_id, source.line_item_id, code.to_owned()).await {
        tracing::warn!(cause = %error, "the campaign of an arrival could not be created");
    }
}

/// What the address and the page before say of an ad; none if they say nothing.
fn arrival_of(
    visit: &Visit<'_>,
    text: &LandingText,
    advertiser: AdvertiserId,
    from: Option<String>,
    warnings: &mut Warnings,
) -> Option<Arrival> {
    let wanted = Wanted::of(&visit.state.store.catalog().sources(advertiser));
    let mut of_address = Warnings::default();
    let carried = arrival::read(&text.address, &wanted.parameters, visit.state.auth.exposures(), &mut of_address);
    let from_ad = from.as_deref().is_some_and(|from| wanted.has_host(from));
    if carried.is_empty() && of_address.is_empty() && !from_ad {
        return None;
    }
    warnings.append(of_address);
    Some(carried.into_arrival(advertiser, from, from_ad))
}

/// A refusal with a line for the author of the program that sent it; a page's script reads none.
fn refuse(rejection: Rejection) -> Refusal {
    Refusal::with(
        rejection,
        Body::Text(match rejection {
            Rejection::MissingId => "id is missing: which advertiser?\n",
            Rejection::BadId => "id must be a whole number from 1 up\n",
            Rejection::UnknownAdvertiser => "no advertiser has this id or code\n",
            Rejection::MissingMember => "member is missing: a code needs the member it belongs to\n",
            Rejection::UnknownMember => "there is no such member here\n",
            Rejection::AdvertiserInactive => "the advertiser is inactive: its arrivals are not recorded\n",
            Rejection::NothingOfAnAd => {
                "the address has no campaign parameter, click id or token: only arrivals from ads are recorded\n"
            }
            Rejection::TooMany => "too many requests from this address in a minute; send it again later\n",
            _ => "this request cannot be taken\n",
        }),
    )
}

/// The visitor that the shop's server names by the value of the cookie, unless the request itself brought one.
fn named_visitor(text: &LandingText, visitor: Visitor, warnings: &mut Warnings) -> Visitor {
    let Some(sent) = text.visitor_id.as_deref() else { return visitor };
    if sent.eq_ignore_ascii_case(OPTED_OUT) {
        return Visitor::Anonymous(Why::OptedOut);
    }
    match (VisitorId::from_hex(sent), visitor) {
        (Some(id), Visitor::New(_)) => Visitor::Known(id),
        (Some(_), _) => visitor,
        (None, _) => {
            warnings.add("visitor_id", &addresses::length_of(sent), Rule::NotAVisitor);
            visitor
        }
    }
}

/// The host of the page before; none if the visitor was on the shop's own host.
fn referrer_host(text: &LandingText, page_url: Option<&str>, warnings: &mut Warnings) -> Option<String> {
    let sent = text.referrer.as_deref()?;
    let Some(host) = host_of(sent) else {
        warnings.add("referrer", origin(sent), Rule::NotAPage);
        return None;
    };
    Some(host).filter(|from| page_url.and_then(host_of).as_ref() != Some(from))
}
