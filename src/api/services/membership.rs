//! `/membership`: the segments that one visitor is in now. Ours: the published API has none. Nothing here can be changed:
//! tags put visitors in and take them out.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::envelope::Answer;
use crate::api::error::ApiError;
use crate::api::json::moment;
use crate::api::limits::Limits;
use crate::api::list::Reading;
use crate::api::service;
use crate::domain::{Membership, VisitorId, fields};
use crate::store::{Filter, InSegment, ListQuery, Scalar, Test};
use crate::web::State;

const SINGULAR: &str = "membership";
const PLURAL: &str = "memberships";

/// For the API's description.
pub(super) const DESCRIBED: service::Described = service::Described {
    path: SINGULAR,
    what: "membership",
    singular: SINGULAR,
    plural: PLURAL,
    fields: fields::MEMBERSHIP,
    methods: &["GET"],
    is_one: false,
    post_lists: false,
};

/// Adds its addresses.
pub(super) fn routes(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/membership").to(handle));
    routes.service(web::resource("/membership/meta").to(handle_meta));
}

async fn handle(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, SINGULAR);
    let outcome = answer(&mut call, payload).await;
    call.finish(outcome)
}

async fn handle_meta(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
    limits: web::Data<Limits>,
) -> HttpResponse {
    let mut call = Call::new(request, state, limits, SINGULAR);
    let outcome = service::meta(&mut call, payload, fields::MEMBERSHIP).await;
    call.finish(outcome)
}

async fn answer(call: &mut Call, payload: web::Payload) -> Result<Answer, ApiError> {
    call.authenticate().await?;
    let by = call.reader()?;
    call.read_body(payload).await?;
    if *call.method() != Method::GET {
        return Err(call.wrong_method("GET: memberships are what tags make of them, and cannot be changed"));
    }
    let reading = Reading::new(fields::MEMBERSHIP, &call.params);
    let (warnings, paging, visitor) = (reading.warnings(), reading.paging()?, named(&reading.query()?)?);
    let found = call.store().segments_of(&by, visitor).await?;
    let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let page = found.iter().skip(place(paging.start_element)).take(place(paging.num_elements));
    let mut memberships: Vec<_> = page.map(to_json).collect();
    Reading::new(fields::MEMBERSHIP, &call.params).select(&mut memberships);
    warnings.into_iter().for_each(|warning| call.warn(warning));
    Ok(Answer::new(PLURAL, memberships.into()).counted(count, paging))
}

/// The one visitor that is asked for.
fn named(list: &ListQuery) -> Result<VisitorId, ApiError> {
    let refused = |text: &str| Err(ApiError::Syntax(text.to_owned()));
    if list.search.is_some() {
        return refused("memberships cannot be searched; name a visitor by visitor_id or user_id");
    }
    match list.filters.as_slice() {
        [] => refused(
            "visitor_id is required: whose segments? Or user_id, which is the same number in decimal digits, as in \
             conversions and reports",
        ),
        [one] => read(one),
        [_, _, ..] => refused("a visitor is named once, by visitor_id or by user_id; leave the other out"),
    }
}

fn read(Filter { field, test }: &Filter) -> Result<VisitorId, ApiError> {
    let name = field.name;
    let text = match test {
        Test::In(values) => match values.as_slice() {
            [Scalar::Text(text)] => Ok(text),
            _ => Err(()),
        },
        _ => Err(()),
    };
    let text = text.map_err(|()| {
        ApiError::Syntax(format!("memberships are those of one visitor, as {name}=..., and of no other form of it"))
    })?;
    let broken = |rule: String| ApiError::Syntax(format!("{name} {rule}, and is {text:?}"));
    match name {
        "user_id" => {
            VisitorId::from_digits(text).map_err(|_| broken(format!("must be a whole number from 1 to {}", i64::MAX)))
        }
        _ => text.parse().map_err(|rule: crate::domain::BadVisitorId| broken(rule.to_string())),
    }
}

fn to_json(InSegment { membership, code, short_name }: &InSegment) -> Value {
    let Membership { segment_id, visitor_id, value, added_at, expires_at, .. } = membership;
    json!({
        "visitor_id": visitor_id.to_string(),
        // As of conversions: digits, and as a text since they outrun what JavaScript counts exactly.
        "user_id": visitor_id.0.to_string(),
        "segment_id": segment_id.0,
        "code": code,
        "short_name": short_name,
        "value": value,
        "added_at": moment(*added_at),
        "expires_at": moment(*expires_at),
    })
}
