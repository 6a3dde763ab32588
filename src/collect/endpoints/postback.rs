//! `/sspx`, the pixel for an advertiser's server. A token names the exposure that earns the sale, so no cookie is
//! needed. The caller is a program: any mistake refuses the request, and a line of text says why.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::visit::Visit;
use crate::collect::answer::{Answer, Body, Note};
use crate::collect::params;
use crate::collect::params::FireParams;
use crate::collect::params::find;
use crate::collect::params::values::non_empty;
use crate::collect::problems::rejection::Rejection;
use crate::collect::query;
use crate::collect::query::Raw;
use crate::collect::visitor::{Visitor, Why};
use crate::domain::{Fire, FireDetails, Flags, PixelId, TagKind};
use crate::store::LogRow;
use crate::web::AppState;
use crate::web::event_limit::Target;

/// `GET` and `HEAD`.
pub async fn get(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    match fire(&visit).await {
        Ok(answer) => answer.send(None),
        Err(rejection) => {
            let answer = visit.reject(rejection, Body::Text(reason(rejection))).await;
            // Here a mistake in a parameter is 400, never 404.
            let status = match answer.status {
                StatusCode::NOT_FOUND => StatusCode::BAD_REQUEST,
                other => other,
            };
            Answer { status, ..answer }.send(None)
        }
    }
}

async fn fire(visit: &Visit<'_>) -> Result<Answer, Rejection> {
    let query = visit.query()?;
    let mut raw = query::parse(query);
    let catalog = visit.state.store.catalog();
    let pixel = find::pixel(&raw, catalog)?;
    visit.admit(Target::Pixel(pixel.id))?;
    if names_segments(&raw) {
        return Err(Rejection::SegmentsRefused);
    }
    if raw.redir.is_some() {
        return Err(Rejection::RedirRefused);
    }
    // A placeholder in its place is a bad token: nothing else names the exposure.
    let token = non_empty(raw.sspdata.take()).ok_or(Rejection::MissingToken)?;
    let params = params::fire(&mut raw, visit.consent_needed());
    let exposure = visit.state.auth.exposures().read(&token).ok_or(Rejection::BadToken)?;
    let visitor = Visitor::Anonymous(if params.consent.refused { Why::NoConsent } else { Why::NoBrowser });
    let advertiser = catalog.advertiser(pixel.advertiser_id);
    let mut fire = Fire {
        currency: params.currency.or(advertiser.as_deref().map(|advertiser| advertiser.default_currency)),
        exposure: Some(exposure.seq).filter(|_| !visitor.is_private()),
        ..without_reference(visit, query, pixel.id, params, visitor)
    };
    visit.strip(&mut fire, visitor);
    let note = Note::of(visitor, fire.flags, &fire.warnings);
    Ok(match visit.log(LogRow::Fire(Box::new(fire)), visitor).await {
        Ok(_) => Answer::taken(Body::Text("OK"), note, None),
        Err(failure) => Answer::failed(Body::Text("Not taken; please send it again.\n"), failure),
    })
}

/// The fire without what the token and the catalog say.
fn without_reference(
    visit: &Visit<'_>,
    query: &str,
    pixel_id: PixelId,
    params: FireParams<'_>,
    visitor: Visitor,
) -> Fire {
    Fire {
        at: visit.at,
        received: visit.at,
        pixel_id,
        visitor_id: None,
        flags: Flags { test: params.test, ..Flags::default() },
        tag: TagKind::Postback,
        order_id: params.order_id.map(Cow::into_owned),
        value: params.value.map(|(value, _)| value),
        currency: None,
        other: params.other.map(Cow::into_owned),
        event_id: params.event_id.map(Cow::into_owned),
        exposure: None,
        details: FireDetails {
            content_ids: params.content_ids,
            num_items: params.num_items,
            consent: params.consent.signals,
            click_ids: params.click_ids,
            ..FireDetails::default()
        },
        warnings: visit.kept_warnings(params.warnings, visitor),
        query: visit.kept_parameters(query, visitor),
        referer: visit.page_url(visitor, params.page_url.as_deref()),
        user_agent: visit.user_agent(visitor),
        ip: None,
    }
}

fn names_segments(raw: &Raw<'_>) -> bool {
    [&raw.seg, &raw.add, &raw.remove, &raw.seg_code, &raw.add_code, &raw.remove_code].into_iter().any(Option::is_some)
}

/// The message for the program's author.
fn reason(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::MissingId => "id is missing: which pixel?\n",
        Rejection::BadId => "id must be a whole number from 1 up\n",
        Rejection::UnknownPixel => "no pixel has this id or code\n",
        Rejection::MissingMember => "member is missing: a code needs the member it belongs to\n",
        Rejection::UnknownMember => "there is no such member here\n",
        Rejection::BadAdvertiserId => "advertiser_id must be a whole number from 1 up\n",
        Rejection::AmbiguousCode => "several advertisers have a pixel with this code; say which by advertiser_id\n",
        Rejection::MissingToken => "sspdata is missing: which exposure?\n",
        Rejection::BadToken => {
            "sspdata is no token of this server, or was altered; send it as it came, to the last character\n"
        }
        Rejection::TooMany => "too many requests from this address in a minute; send it again later\n",
        Rejection::SegmentsRefused => "segments cannot be changed from a server\n",
        Rejection::RedirRefused => "redir has no meaning here\n",
        Rejection::QueryTooLong => "the query string is longer than 8192 bytes\n",
        Rejection::UnknownTracker
        | Rejection::TrackerInactive
        | Rejection::NoLandingPage
        | Rejection::MissingSegment
        | Rejection::UnknownSegment
        | Rejection::UnknownAdvertiser
        | Rejection::AdvertiserInactive
        | Rejection::NothingOfAnAd
        | Rejection::BodyTooLong
        | Rejection::BodyIncomplete
        | Rejection::BadBody
        | Rejection::UnknownEncoding
        | Rejection::BodyUtf16
        | Rejection::WrongMethod => "this request cannot be taken\n",
    }
}
