//! The course that all tracking requests share: their time and sender, the kept parts, and the end: logged, rejected,
//! or (for `HEAD`) only answered.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, REFERER, USER_AGENT};
use actix_web::{HttpRequest, web};
use arc_swap::Guard;

use crate::collect::answer::refusal::{Cause, Refusal};
use crate::collect::answer::{Answer, Body, Expects, Failure};
use crate::collect::kept::parameters::Keep;
use crate::collect::kept::{self, addresses, names, private};
use crate::collect::params;
use crate::collect::params::body;
use crate::collect::params::gdpr;
use crate::collect::problems::rejection::Rejection;
use crate::collect::problems::warnings::{Rule, Warnings, cut};
use crate::collect::query;
use crate::collect::query::{MAX_QUERY, Raw};
use crate::collect::visitor::bots;
use crate::collect::visitor::consent::{Consent, Needed};
use crate::collect::visitor::{HonouredSignals, Visitor, Why};
use crate::config::LiveSettings;
use crate::domain::{Fire, Flags, LostKind, Millis, Rejected, Seq, TagKind, Warning};
use crate::store::{LogRow, StoreError};
use crate::web::AppState;
use crate::web::client::Client;
use crate::web::event_limit::Target;

/// How much of `Referer` is kept, in characters.
pub const MAX_REFERER: usize = 1_024;
/// How much of `User-Agent` is kept, in characters.
pub const MAX_USER_AGENT: usize = 512;
/// How much of a request's parameters is kept, in characters: all of a query string, and as much of a body.
const MAX_LOGGED: usize = MAX_QUERY;
/// How much of a rejected request's parameters is kept, in characters.
const MAX_REJECTED_QUERY: usize = 2_048;
/// How much of a rejected request's path is kept, in characters.
const MAX_PATH: usize = 100;
/// How much of an unknown method is kept, in characters.
const MAX_METHOD: usize = 20;

/// A request that was logged.
#[derive(Debug, Default)]
pub struct Receipt {
    /// None for a `HEAD` request, which is not logged.
    pub seq: Option<Seq>,
    /// The visitor's cookie.
    pub cookie: Option<HeaderValue>,
}

/// The parameters that a tag or a page's script sent.
pub struct TagRequest<'r> {
    pub raw: Raw<'r>,
    /// The same as one text, for the log.
    pub parameters: &'r str,
    pub expects: Expects,
}

/// The parameters of a `POST`.
pub struct Sent<'a> {
    query: &'a str,
    body: String,
}

impl Sent<'_> {
    /// Reads them; those of the query string come first.
    fn raw(&self) -> Raw<'_> {
        let mut raw = query::parse(self.query);
        query::add(&mut raw, &self.body);
        raw
    }

    /// As one query string, for the log.
    pub fn text(&self) -> String {
        let and = if self.query.is_empty() || self.body.is_empty() { "" } else { "&" };
        format!("{}{and}{}", self.query, self.body)
    }
}

/// Answers a tag in a page. `take` handles its parameters.
pub async fn by_tag(
    visit: &Visit<'_>,
    take: impl AsyncFnOnce(&Visit<'_>, TagRequest<'_>) -> Result<Answer, Refusal>,
) -> Answer {
    let parameters = match visit.query() {
        Err(rejection) => return visit.reject(rejection, Body::Gif).await,
        Ok(query) => query,
    };
    let raw = query::parse(parameters);
    let expects = Expects::Tag(params::tag_form(&raw));
    let result = take(visit, TagRequest { raw, parameters, expects }).await;
    visit.conclude(result, parameters, Body::nothing(expects)).await
}

/// Answers a page's script. `take` handles its parameters.
pub async fn by_beacon(
    visit: &Visit<'_>,
    payload: web::Payload,
    take: impl AsyncFnOnce(&Visit<'_>, TagRequest<'_>) -> Result<Answer, Refusal>,
) -> Answer {
    let sent = match visit.sent(payload).await {
        Err(refusal) => return visit.conclude(Err(refusal), visit.request.query_string(), Body::Nothing).await,
        Ok(sent) => sent,
    };
    let (raw, parameters, expects) = (sent.raw(), &sent.text(), Expects::Nothing);
    let result = take(visit, TagRequest { raw, parameters, expects }).await;
    visit.conclude(result, parameters, Body::Nothing).await
}

/// A tracking request.
pub struct Visit<'a> {
    pub state: &'a AppState,
    request: &'a HttpRequest,
    pub at: Millis,
    pub client: Client,
    /// The settings by which it is answered, to its end.
    live: Guard<Arc<LiveSettings>>,
}

impl<'a> Visit<'a> {
    pub fn of(request: &'a HttpRequest, state: &'a AppState) -> Self {
        let client = Client::of(request.peer_addr(), request.headers(), &state.config.trusted_proxies);
        Visit { state, request, at: state.clock.now(), client, live: state.live() }
    }

    /// The query string as it came.
    ///
    /// # Errors
    /// It is longer than [`MAX_QUERY`].
    pub fn query(&self) -> Result<&'a str, Rejection> {
        let query = self.request.query_string();
        if query.len() > MAX_QUERY { Err(Rejection::QueryTooLong) } else { Ok(query) }
    }

    /// The query string and the body's parameters.
    ///
    /// # Errors
    /// They are too long, incomplete, or neither a form nor a JSON object.
    pub async fn sent(&self, payload: web::Payload) -> Result<Sent<'a>, Refusal> {
        let query = self.query()?;
        let bytes = body::read(self.request, payload).await?;
        Ok(Sent { query, body: body::parameters(self.headers(), &bytes)? })
    }

    pub fn headers(&self) -> &'a HeaderMap {
        self.request.headers()
    }

    /// The consent that the operator needs where the GDPR applies.
    pub fn consent_needed(&self) -> Needed<'_> {
        Needed::by(&self.live)
    }

    /// The sender, if pixeld may know it.
    pub fn visitor(&self, consent: &Consent) -> Visitor {
        match Visitor::of(self.headers(), HonouredSignals::by(&self.live)) {
            Visitor::Known(_) | Visitor::New(_) if consent.refused => Visitor::Anonymous(Why::NoConsent),
            visitor => visitor,
        }
    }

    /// The request's parameters as the log keeps them.
    pub fn kept_parameters(&self, parameters: &str, visitor: Visitor) -> String {
        let (unknown_values, page_query) = (self.live.keep_unknown_parameters, self.live.keep_page_query);
        let keep = Keep { private: visitor.is_private(), unknown_values, page_query };
        let nature = match self.request.path() {
            "/landing" => names::of_landing,
            path if path.starts_with("/pixels/") || path.starts_with("/tracked_actions/") => names::of_invoca,
            _ => names::of_tag,
        };
        cut(&kept::parameters::kept(parameters, nature, keep), MAX_LOGGED).to_owned()
    }

    /// Sets aside the texts of a private visitor's fire that name a person, and the values of click ids.
    pub fn strip(&self, fire: &mut Fire, visitor: Visitor) {
        if visitor.is_private() {
            private::without_names(fire);
        }
    }

    /// # Errors
    /// The request's address made too many to the same target in this minute.
    pub fn admit(&self, target: Target) -> Result<(), Rejection> {
        let Some(most) = self.live.events_per_minute.filter(|_| !self.is_head()) else { return Ok(()) };
        let limit = &self.state.event_limit;
        let within = self.client.ip.is_none_or(|address| limit.take(most, address, target, self.at));
        if within { Ok(()) } else { Err(Rejection::TooMany) }
    }

    /// The consent signals for the log: those that came as parameters, and the browser's own.
    pub fn kept_consent(&self, consent: Consent, visitor: Visitor) -> Option<String> {
        let header = match visitor {
            Visitor::Anonymous(Why::Gpc) => "sec-gpc=1",
            Visitor::Anonymous(Why::Dnt) => "dnt=1",
            Visitor::Known(_) | Visitor::New(_) | Visitor::Anonymous(_) => return consent.signals,
        };
        Some(consent.signals.map_or_else(|| header.to_owned(), |signals| format!("{signals}&{header}")))
    }

    /// Whether the request is only a trial: it gets its answer, and is not logged.
    pub fn is_head(&self) -> bool {
        self.request.method() == Method::HEAD
    }

    pub fn flags(&self, test: bool, visitor: Visitor) -> Flags {
        let headers = self.headers();
        Flags {
            test,
            bot: bots::is_bot(headers, self.live.bots),
            prefetch: bots::is_prefetch(headers),
            new_visitor: visitor.is_new(),
        }
    }

    /// The exposure that a token names; none for a private visitor.
    pub fn token_exposure(&self, token: Option<&str>, visitor: Visitor, warnings: &mut Warnings) -> Option<Seq> {
        let token = token?;
        match self.state.auth.exposures().read(token) {
            Some(exposure) => Some(exposure.seq).filter(|_| !visitor.is_private()),
            None => {
                warnings.add("sspdata", token, Rule::BadToken);
                None
            }
        }
    }

    /// The warnings for the log.
    pub fn kept_warnings(&self, warnings: Warnings, visitor: Visitor) -> Vec<Warning> {
        let mut kept = warnings.into_vec();
        private::warnings(&mut kept, visitor.is_private());
        kept
    }

    /// The page it was on, as the log keeps it: the one that the request names itself, else `Referer`.
    pub fn page(&self, visitor: Visitor, page_url: Option<&str>) -> Option<String> {
        self.page_url(visitor, page_url)
            .or_else(|| self.header(REFERER).map(|referer| self.kept_page(&query::url_text(referer), visitor)))
    }

    /// The page that the request names itself, as the log keeps it.
    pub fn page_url(&self, visitor: Visitor, page_url: Option<&str>) -> Option<String> {
        page_url.map(|url| self.kept_page(url, visitor))
    }

    fn kept_page(&self, url: &str, visitor: Visitor) -> String {
        let page = if visitor.is_private() {
            addresses::private_page(url)
        } else {
            addresses::page(url, self.live.keep_page_query)
        };
        cut(page, MAX_REFERER).to_owned()
    }

    /// The browser; none of a private visitor, whom it may name.
    pub fn user_agent(&self, visitor: Visitor) -> Option<String> {
        if visitor.is_private() {
            return None;
        }
        let agent = String::from_utf8_lossy(self.header(USER_AGENT)?);
        Some(cut(&agent, MAX_USER_AGENT).to_owned())
    }

    fn header(&self, name: HeaderName) -> Option<&'a [u8]> {
        self.headers().get(name).map(HeaderValue::as_bytes)
    }

    /// The address, shortened as the privacy setting says; none of a private visitor.
    pub fn ip(&self, visitor: Visitor) -> Option<String> {
        visitor.id().and_then(|_| self.client.stored_ip(self.live.ip_storage))
    }

    /// Logs `row` and waits until it is safe on disk. Only then may the answer go out. A `HEAD` request logs nothing
    /// and makes no visitor.
    ///
    /// # Errors
    /// Why it was not logged.
    pub async fn log(&self, row: LogRow, visitor: Visitor) -> Result<Receipt, Failure> {
        if self.is_head() {
            return Ok(Receipt::default());
        }
        let lost = lost_kind(&row);
        let seq = self.state.store.append(row).await.map_err(|error| self.not_recorded(lost, &error))?;
        let cookie = visitor.set_cookie(self.client.https, self.live.cookie_days);
        Ok(Receipt { seq: Some(seq), cookie })
    }

    /// Counts a loss. The failure is for the answer.
    pub fn not_recorded(&self, lost: Option<LostKind>, error: &StoreError) -> Failure {
        if let Some(kind) = lost {
            self.state.store.lost(kind, self.at);
        }
        Failure::of(error)
    }

    /// The endpoint's answer, or the one to its refusal. A rejected request that sent `parameters` is kept first.
    /// `usual` is the body of a refusal that brings none.
    pub async fn conclude(&self, result: Result<Answer, Refusal>, parameters: &str, usual: Body) -> Answer {
        let Refusal { cause, body } = match result {
            Ok(answer) => return answer,
            Err(refusal) => refusal,
        };
        let body = body.unwrap_or(usual);
        match cause {
            Cause::Failed(failure) => Answer::failed(body, failure),
            Cause::Rejected(rejection) => match self.keep_rejected(rejection, parameters).await {
                Ok(()) => Answer::rejected(body, rejection),
                Err(failure) => Answer::failed(body, failure),
            },
        }
    }

    /// Rejects a request whose parameters are all in its query string.
    pub async fn reject(&self, rejection: Rejection, body: Body) -> Answer {
        self.conclude(Err(rejection.into()), self.request.query_string(), body).await
    }

    async fn keep_rejected(&self, rejection: Rejection, parameters: &str) -> Result<(), Failure> {
        if self.is_head() {
            return Ok(());
        }
        // pixeld does not read the consent of a rejected request. Where the GDPR may apply, the visitor is private.
        let refused = gdpr::may_apply(parameters);
        let visitor = self.visitor(&Consent { refused, ..Consent::default() });
        let rejected = Rejected {
            at: self.at,
            method: method(self.request),
            path: cut(self.request.path(), MAX_PATH).to_owned(),
            reason: rejection.as_str().to_owned(),
            message: String::new(),
            query: cut(&self.kept_parameters(parameters, visitor), MAX_REJECTED_QUERY).to_owned(),
            referer: self.page(visitor, None),
            ip: self.ip(visitor),
        };
        self.state.store.reject(rejected).await.map_err(|error| Failure::of(&error))
    }
}

/// The kind of the loss if the row cannot be written; none if its sender asks again.
fn lost_kind(row: &LogRow) -> Option<LostKind> {
    match row {
        LogRow::Exposure(exposure) => Some(exposure.kind.into()).filter(|_| !exposure.flags.prefetch),
        LogRow::Fire(fire) => Some(LostKind::Fire).filter(|_| fire.tag != TagKind::Postback && !fire.flags.prefetch),
        LogRow::SegmentLoad(load) => Some(LostKind::SegmentLoad).filter(|_| !load.flags.prefetch),
        LogRow::Adjustment(_) => None,
    }
}

/// The request's method, as it is kept.
pub fn method(request: &HttpRequest) -> String {
    cut(request.method().as_str(), MAX_METHOD).to_owned()
}
