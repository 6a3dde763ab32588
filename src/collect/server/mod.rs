//! `/conversions` and `/adjustments`, for advertisers' servers: JSON in, with an API token. Each event is taken or
//! refused by itself, and the answer says which. One transaction commits all taken events before the answer goes out.
//! There are no cookies and no CORS: these endpoints are not for browsers.

mod adjustment;
pub(super) mod answer;
pub(super) mod conversion;
pub(super) mod fields;
mod notes;
mod results;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};

use self::answer::{EventError, EventResults, IgnoredFields, REFUSED_EVENT, RequestError, answer_for};
use self::fields::Fields;
use super::endpoints::visit;
use super::kept::addresses::may_hold_email;
use super::kept::event::KnownFields;
use super::kept::{KeptByChoice, MAX_UNKNOWN, MAX_UNKNOWN_NAME};
use super::params::body::MAX_BODY;
use super::params::object::Object;
use super::problems::warnings::cut;
use super::visitor::consent::Needed;
use crate::auth::{ExposureTokens, TokenError};
use crate::config::LiveSettings;
use crate::domain::{Collector, Millis, Rejected, Seq, SessionKind};
use crate::store::{Catalog, LogRow};
use crate::web::AppState;
use crate::web::client::Client;

/// The most events of one request.
pub const MAX_EVENTS: usize = 1_000;
/// How old an event may be, in milliseconds.
pub const MAX_AGE: i64 = 7 * Millis::DAY;
/// How far a sender's clock may be ahead, in milliseconds. Such an event counts as happening now.
pub const MAX_AHEAD: i64 = 10 * 60_000;
/// How much of a refused event is kept, in characters.
const MAX_KEPT: usize = 2_048;
/// How much of the message about it is kept, in characters.
const MAX_MESSAGE: usize = 512;

/// The sender of a request, its time, and the definitions that its events may name.
pub(super) struct RequestContext<'a> {
    pub catalog: &'a Catalog,
    pub exposures: &'a ExposureTokens,
    pub needed: Needed<'a>,
    pub choice: KeptByChoice,
    pub by: Collector,
    pub now: Millis,
}

/// `POST /conversions`
pub async fn conversions(request: HttpRequest, payload: web::Payload, state: web::Data<AppState>) -> HttpResponse {
    let live = state.live();
    let take = async |body: &mut Bytes| {
        let (context, sent) = read_request(&request, payload, (&state, &live), "events", body).await?;
        let known = conversion::KNOWN;
        let rows = sent.events.iter().map(|event| conversion::read(&Fields::of(event)?, &context)).collect();
        let (_, results) = take_events(&request, &state, &sent, known, rows).await?;
        Ok(EventResults { ignored: sent.ignored(known), ..results })
    };
    answer(&request, &state, take).await
}

/// `POST /adjustments`
pub async fn adjustments(request: HttpRequest, payload: web::Payload, state: web::Data<AppState>) -> HttpResponse {
    let live = state.live();
    let take = async |body: &mut Bytes| {
        let (context, sent) = read_request(&request, payload, (&state, &live), "adjustments", body).await?;
        let known: KnownFields<'_> = &[adjustment::FIELDS];
        let owners = adjustment::owners(&state.store, &sent.events, &context).await?;
        let read = |(event, owner)| adjustment::read(&Fields::of(event)?, owner, &context);
        let rows = sent.events.iter().zip(owners).map(read).collect();
        let (taken, results) = take_events(&request, &state, &sent, known, rows).await?;
        let ignored = sent.ignored(known);
        Ok(EventResults { results: results::results(&state.store, taken).await, ignored, ..results })
    };
    answer(&request, &state, take).await
}

/// Answers by what `take` returns. If the whole request is refused, keeps as much of its body as `take` has read.
async fn answer(
    request: &HttpRequest,
    state: &AppState,
    take: impl AsyncFnOnce(&mut Bytes) -> Result<EventResults, RequestError>,
) -> HttpResponse {
    let mut body = Bytes::new();
    let results = take(&mut body).await;
    if let Err(error) = &results
        && let Some(reason) = error.rejection()
    {
        keep(state, vec![rejected(request, state, reason, &error.message(), &names_in(&body))]).await;
    }
    answer_for(results)
}

async fn read_request<'a>(
    request: &HttpRequest,
    payload: web::Payload,
    (state, live): (&'a AppState, &'a LiveSettings),
    list: &'static str,
    body: &mut Bytes,
) -> Result<(RequestContext<'a>, SentEvents), RequestError> {
    let by = caller(request, state).await?;
    *body = crate::web::body::read(request, payload, MAX_BODY).await?;
    let context = RequestContext {
        catalog: state.store.catalog(),
        exposures: state.auth.exposures(),
        needed: Needed::by(live),
        choice: KeptByChoice::by(live),
        by,
        now: state.clock.now(),
    };
    Ok((context, SentEvents::read(body, list)?))
}

/// Commits the good events, all of them or none, and keeps the others with the rejected requests. Returns the index and
/// number of each that was taken, and the results.
async fn take_events(
    request: &HttpRequest,
    state: &AppState,
    sent: &SentEvents,
    known: KnownFields<'_>,
    rows: Vec<Result<LogRow, EventError>>,
) -> Result<(Vec<(usize, Seq)>, EventResults), RequestError> {
    let (mut indexes, mut good, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (index, row) in rows.into_iter().enumerate() {
        match row {
            Ok(row) => {
                indexes.push(index);
                good.push(row);
            }
            Err(error) => errors.push(EventError { index, ..error }),
        }
    }
    let warnings = notes::warnings(indexes.iter().copied().zip(&good));
    let seqs = if good.is_empty() { Vec::new() } else { state.store.append_together(good).await? };
    let rejected_event = |error: &EventError| {
        let event = sent.events.get(error.index).unwrap_or(&Value::Null);
        let (event, private) = kept_event(event, known, state);
        let message = if private { error.sentence_without_value() } else { error.sentence() };
        rejected(request, state, REFUSED_EVENT, &message, &event)
    };
    keep(state, errors.iter().map(rejected_event).collect()).await;
    let results = EventResults { accepted: seqs.len(), rejected: errors, warnings, ..EventResults::default() };
    Ok((indexes.into_iter().zip(seqs).collect(), results))
}

/// The caller, by the token in the header.
async fn caller(request: &HttpRequest, state: &AppState) -> Result<Collector, RequestError> {
    let text =
        request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or(RequestError::NoToken)?;
    let bearer = text.trim().split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let secret = bearer.map_or(text, |(_, secret)| secret).trim();
    match state.auth.caller(SessionKind::Api, secret).await {
        Ok(caller) => Ok(caller.collector()?),
        Err(TokenError::Store(error)) => Err(error.into()),
        Err(error @ (TokenError::Unknown | TokenError::Expired | TokenError::Disabled)) => {
            Err(RequestError::BadToken(error.to_string()))
        }
    }
}

/// The events of a request.
struct SentEvents {
    events: Vec<Value>,
    /// The fields beside their list.
    beside: Map<String, Value>,
}

impl SentEvents {
    /// Reads the list under its name; or the object itself, if it is one adjustment.
    fn read(bytes: &[u8], list: &'static str) -> Result<Self, RequestError> {
        let Object { fields: mut body, .. } =
            serde_json::from_slice(bytes).map_err(|error| RequestError::NotJson(without_value(&error)))?;
        let sent = match body.shift_remove(list) {
            Some(Value::Array(events)) => SentEvents { events, beside: body },
            // A single adjustment needs no list around it.
            None if list == "adjustments" => SentEvents { events: vec![Value::Object(body)], beside: Map::new() },
            Some(_) | None => return Err(RequestError::NoList(list)),
        };
        let count = sent.events.len();
        if count > MAX_EVENTS { Err(RequestError::TooMany(count)) } else { Ok(sent) }
    }

    fn ignored(&self, known: KnownFields<'_>) -> Vec<IgnoredFields> {
        notes::ignored(&self.beside, &self.events, known)
    }
}

/// A refused event as the log keeps it, and whether its visitor is private: without plain consent, it is.
fn kept_event(event: &Value, known: KnownFields<'_>, state: &AppState) -> (String, bool) {
    let Ok(fields) = Fields::of(event) else { return (String::new(), true) };
    let live = state.live();
    let consents = conversion::consent(&fields, Needed::by(&live));
    let private = !consents.is_ok_and(|consent| !consent.refused);
    (conversion::kept(&fields, known, private, KeptByChoice::by(&live)), private)
}

/// What the log keeps of a body that was refused as a whole: the names at its top. Its values may name anybody.
fn names_in(body: &[u8]) -> String {
    let Ok(Object { fields, .. }) = serde_json::from_slice(body) else { return String::new() };
    let names = fields.keys().filter(|name| name.len() <= MAX_UNKNOWN_NAME && !may_hold_email(name));
    let names: Map<_, _> = names.take(MAX_UNKNOWN).map(|name| (name.clone(), Value::Null)).collect();
    Value::Object(names).to_string()
}

/// Why a body is no object of JSON. The parser quotes a text or a number that is none, and it may name anybody.
fn without_value(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(", expected ") {
        Some((found, expected)) => {
            let kind = found.split([' ', '"', '`']).take(3).collect::<Vec<_>>().join(" ");
            format!("{kind}, expected {expected}")
        }
        None => text,
    }
}

/// The row about a refused request or event. Its address is the advertiser's server's.
fn rejected(request: &HttpRequest, state: &AppState, reason: &str, message: &str, text: &str) -> Rejected {
    let client = Client::of(request.peer_addr(), request.headers(), &state.config.trusted_proxies);
    Rejected {
        at: state.clock.now(),
        method: visit::method(request),
        path: request.path().to_owned(),
        reason: reason.to_owned(),
        message: cut(message, MAX_MESSAGE).to_owned(),
        query: cut(text, MAX_KEPT).to_owned(),
        referer: None,
        ip: client.stored_ip(state.live().ip_storage),
    }
}

/// Keeps refused events with the other rejected requests, for the live page. The answer reports them too, so a failure
/// here costs only the page.
async fn keep(state: &AppState, rejected: Vec<Rejected>) {
    if let Err(error) = state.store.reject_all(rejected).await {
        tracing::warn!(%error, "refused events could not be kept");
    }
}
