//! `/conversions` and `/adjustments`, for advertisers' servers: JSON in, with an API token; each event is taken or refused
//! by itself, and the answer says which. What is taken is committed together before the answer goes out. No cookies and
//! no CORS: a browser has no business here.

mod adjustment;
pub(super) mod answer;
pub(super) mod conversion;
pub(super) mod fields;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};

use self::answer::{REFUSED_EVENT, Refusal, Refused, outcome};
use self::fields::Fields;
use super::body::MAX_BODY;
use super::consent::Needed;
use super::visit;
use super::warnings::cut;
use crate::auth::{ExposureTokens, TokenError};
use crate::domain::{Collector, Millis, Rejected, SessionKind};
use crate::store::{Catalog, LogRow, StoreError};
use crate::web::State;
use crate::web::client::Client;

/// The most events of one request.
pub const MAX_EVENTS: usize = 1_000;
/// How old an event may be, in milliseconds.
pub const MAX_AGE: i64 = 7 * Millis::DAY;
/// How far a sender's clock may be ahead, in milliseconds; what it sends is taken to have happened now.
pub const MAX_AHEAD: i64 = 10 * 60_000;
/// How much of a refused event is kept, in characters.
const MAX_KEPT: usize = 2_048;
/// How much of what was said about it is kept, in characters.
const MAX_TOLD: usize = 512;

/// Who asks, when, and what an event may name.
pub(super) struct Asked<'a> {
    pub catalog: &'a Catalog,
    pub exposures: &'a ExposureTokens,
    pub needed: Needed<'a>,
    pub by: Collector,
    pub now: Millis,
}

/// `POST /conversions`
pub async fn conversions(request: HttpRequest, payload: web::Payload, state: web::Data<State>) -> HttpResponse {
    let answer = async |body: &mut Bytes| {
        let (asked, events) = asked(&request, payload, &state, "events", body).await?;
        let rows = events.iter().map(|event| conversion::read(&Fields::of(event)?, &asked)).collect();
        take(&request, &state, &events, rows).await
    };
    told(&request, &state, answer).await
}

/// `POST /adjustments`
pub async fn adjustments(request: HttpRequest, payload: web::Payload, state: web::Data<State>) -> HttpResponse {
    let answer = async |body: &mut Bytes| {
        let (asked, events) = asked(&request, payload, &state, "adjustments", body).await?;
        let owners = adjustment::owners(&state.store, &events, &asked).await?;
        let read = |(event, owner)| adjustment::read(&Fields::of(event)?, owner, &asked);
        let rows = events.iter().zip(owners).map(read).collect();
        take(&request, &state, &events, rows).await
    };
    told(&request, &state, answer).await
}

/// Answers; keeps a note of a request of which nothing could be taken, with as much of its body as was read.
async fn told(
    request: &HttpRequest,
    state: &State,
    answer: impl AsyncFnOnce(&mut Bytes) -> Result<(usize, Vec<Refused>), Refusal>,
) -> HttpResponse {
    let mut body = Bytes::new();
    let answer = answer(&mut body).await;
    if let Err(refusal) = &answer
        && let Some(reason) = refusal.rejection()
    {
        let body = String::from_utf8_lossy(&body);
        // What it says is not read here; better no event too many.
        let (told, kept) =
            if body.contains("\"gdpr\"") { (String::new(), "") } else { (refusal.reason(), body.as_ref()) };
        note(state, vec![rejected(request, state, reason, &told, kept)]).await;
    }
    outcome(answer)
}

async fn asked<'a>(
    request: &HttpRequest,
    payload: web::Payload,
    state: &'a State,
    list: &'static str,
    body: &mut Bytes,
) -> Result<(Asked<'a>, Vec<Value>), Refusal> {
    let by = caller(request, state).await?;
    *body = crate::web::body::read(payload, MAX_BODY).await?;
    let asked = Asked {
        catalog: state.store.catalog(),
        exposures: state.auth.exposures(),
        needed: Needed::by(&state.config),
        by,
        now: state.clock.now(),
    };
    Ok((asked, events(body, list)?))
}

/// Commits what can be taken, all of it or none, and keeps a note of the rest.
async fn take(
    request: &HttpRequest,
    state: &State,
    events: &[Value],
    rows: Vec<Result<LogRow, Refused>>,
) -> Result<(usize, Vec<Refused>), Refusal> {
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for (index, row) in rows.into_iter().enumerate() {
        match row {
            Ok(row) => taken.push(row),
            Err(reason) => refused.push(Refused { index, ..reason }),
        }
    }
    let accepted = taken.len();
    if accepted > 0 {
        state.store.append_together(taken).await?;
    }
    let kept = |refused: &Refused| {
        let event = events.get(refused.index).map(|event| nameable(event, state)).unwrap_or_default();
        rejected(request, state, REFUSED_EVENT, &refused.sentence(), &event)
    };
    note(state, refused.iter().map(kept).collect()).await;
    Ok((accepted, refused))
}

/// Who asks, by the token in the header.
async fn caller(request: &HttpRequest, state: &State) -> Result<Collector, Refusal> {
    let text = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or(Refusal::NoToken)?;
    let bearer = text.trim().split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let secret = bearer.map_or(text, |(_, secret)| secret).trim();
    match state.auth.caller(SessionKind::Api, secret).await {
        Ok(caller) => Ok(caller.collector()?),
        Err(TokenError::Store(error)) => Err(error.into()),
        Err(error @ (TokenError::Unknown | TokenError::Expired | TokenError::Disabled)) => {
            Err(Refusal::BadToken(error.to_string()))
        }
    }
}

/// The list under its name; or the object itself, if it is one event.
fn events(bytes: &[u8], list: &'static str) -> Result<Vec<Value>, Refusal> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut body: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|error| Refusal::NotJson(error.to_string()))?;
    let events = match body.remove(list) {
        Some(Value::Array(events)) => events,
        // One adjustment needs no list around it.
        None if list == "adjustments" => vec![Value::Object(body)],
        Some(_) | None => return Err(Refusal::NoList(list)),
    };
    if events.len() > MAX_EVENTS { Err(Refusal::TooMany(events.len())) } else { Ok(events) }
}

/// A refused event as it is kept: without what names a visitor, unless it says plainly that the visitor may be known.
fn nameable(event: &Value, state: &State) -> String {
    let Ok(fields) = Fields::of(event) else { return event.to_string() };
    let consents = conversion::consent(&fields, Needed::by(&state.config));
    conversion::kept(&fields, !consents.is_ok_and(|consent| !consent.refused), &[])
}

/// A row for what was refused, with what its sender is told of it. The address is that of the advertiser's server.
fn rejected(request: &HttpRequest, state: &State, reason: &str, told: &str, text: &str) -> LogRow {
    let client = Client::of(request.peer_addr(), request.headers(), &state.config.trusted_proxies);
    LogRow::Rejected(Box::new(Rejected {
        at: state.clock.now(),
        method: visit::method(request),
        path: request.path().to_owned(),
        reason: reason.to_owned(),
        told: cut(told, MAX_TOLD).to_owned(),
        query: cut(text, MAX_KEPT).to_owned(),
        referer: None,
        ip: client.stored_ip(state.config.ip_storage),
    }))
}

/// Keeps what was refused with the other rejected requests, where the debugger shows it. The sender is told in any case,
/// so that it is no matter if there is no room for it.
async fn note(state: &State, refused: Vec<LogRow>) {
    let kept: Result<(), StoreError> = state.store.append_all(refused).await;
    if let Err(error) = kept {
        tracing::warn!(%error, "what was refused could not be kept");
    }
}
