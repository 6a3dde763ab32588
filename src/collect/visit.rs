//! What every tracking request has in common: when it came and from whom, and the ways it ends: logged, rejected, or (for
//! `HEAD`) only answered.

use std::borrow::Cow;

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, REFERER, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::{Answer, Body, Expects, Failure};
use super::consent::{Consent, Needed};
use super::query::{self, MAX_QUERY, Raw};
use super::rejection::Rejection;
use super::visitor::{Honoured, Visitor, Why};
use super::warnings::{Rule, Warnings, cut};
use super::{body, params, private, signs};
use crate::domain::{Flags, Millis, Rejected, Seq, Warning};
use crate::store::LogRow;
use crate::web::State;
use crate::web::client::Client;

/// How much of `Referer` is kept, in characters.
pub const MAX_REFERER: usize = 1_024;
/// How much of `User-Agent` is kept, in characters.
pub const MAX_USER_AGENT: usize = 512;
/// How much of a request's parameters is kept, in characters: all of a query string, and as much of a body.
const MAX_LOGGED: usize = MAX_QUERY;
/// How much of a rejected request's parameters is kept, in characters.
const MAX_REJECTED_QUERY: usize = 2_048;
/// How much of a method that nobody knows is kept, in characters.
const MAX_METHOD: usize = 20;

/// What came of logging a request.
#[derive(Debug, Default)]
pub struct Logged {
    /// Its place in the log; none if it was only asked what the answer would be.
    pub seq: Option<Seq>,
    /// The visitor's cookie.
    pub cookie: Option<HeaderValue>,
}

/// The parameters of a `POST`.
pub struct Sent<'a> {
    query: &'a str,
    body: String,
}

impl Sent<'_> {
    /// Read; what stands in the query string comes first.
    pub fn raw(&self) -> Raw<'_> {
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

/// Answers a tag in a page by what `take` makes of its parameters. Pages may read the answer.
pub async fn by_tag(
    request: &HttpRequest,
    state: &State,
    take: impl AsyncFnOnce(&Visit<'_>, &State, Raw<'_>, &str, Expects) -> Answer,
) -> HttpResponse {
    let visit = Visit::of(request, state);
    let answer = match visit.query() {
        Err(rejection) => visit.reject(rejection, Body::Gif).await,
        Ok(query) => {
            let raw = query::parse(query);
            let expects = Expects::Tag(params::tag_form(&raw));
            take(&visit, state, raw, query, expects).await
        }
    };
    answer.send(Some(request.headers()))
}

/// Answers what a page's script sends by what `take` makes of its parameters. Pages may read the answer.
pub async fn by_beacon(
    request: &HttpRequest,
    payload: web::Payload,
    state: &State,
    take: impl AsyncFnOnce(&Visit<'_>, &State, Raw<'_>, &str, Expects) -> Answer,
) -> HttpResponse {
    let visit = Visit::of(request, state);
    let answer = match visit.sent(payload).await {
        Err(rejection) => visit.reject(rejection, Body::Nothing).await,
        Ok(sent) => take(&visit, state, sent.raw(), &sent.text(), Expects::Nothing).await,
    };
    answer.send(Some(request.headers()))
}

/// A tracking request.
pub struct Visit<'a> {
    state: &'a State,
    request: &'a HttpRequest,
    /// When it came.
    pub at: Millis,
    /// From where.
    pub client: Client,
}

impl<'a> Visit<'a> {
    /// Reads it.
    pub fn of(request: &'a HttpRequest, state: &'a State) -> Self {
        let client = Client::of(request.peer_addr(), request.headers(), &state.config.trusted_proxies);
        Visit { state, request, at: state.clock.now(), client }
    }

    /// The query string as it came.
    ///
    /// # Errors
    /// If it is too long to be taken.
    pub fn query(&self) -> Result<&'a str, Rejection> {
        let query = self.request.query_string();
        if query.len() > MAX_QUERY { Err(Rejection::QueryTooLong) } else { Ok(query) }
    }

    /// The query string and the body's parameters.
    ///
    /// # Errors
    /// If one of them cannot be taken.
    pub async fn sent(&self, payload: web::Payload) -> Result<Sent<'a>, Rejection> {
        let query = self.query()?;
        let bytes = body::read(payload).await?;
        Ok(Sent { query, body: body::parameters(self.headers(), &bytes)? })
    }

    /// The request's headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.request.headers()
    }

    /// What consent is needed where the GDPR applies.
    pub fn needed(&self) -> Needed<'a> {
        Needed::by(&self.state.config)
    }

    /// Who sent it, if that may be known.
    pub fn visitor(&self, consent: &Consent) -> Visitor {
        let config = &self.state.config;
        match Visitor::of(self.headers(), Honoured { gpc: config.honour_gpc, dnt: config.honour_dnt }) {
            Visitor::Known(_) | Visitor::New(_) if consent.refused => Visitor::Nobody(Why::NoConsent),
            visitor => visitor,
        }
    }

    /// The request's parameters as they are kept: as they came, but for those that name somebody who is not to be known.
    pub fn logged(&self, parameters: &str, visitor: Visitor) -> String {
        let kept = if visitor.is_private() { private::parameters(parameters) } else { Cow::Borrowed(parameters) };
        cut(&kept, MAX_LOGGED).to_owned()
    }

    /// The consent signals as they are kept: what came as parameters, and what the browser itself says.
    pub fn signals(&self, consent: Consent, visitor: Visitor) -> Option<String> {
        let header = match visitor {
            Visitor::Nobody(Why::Gpc) => "sec-gpc=1",
            Visitor::Nobody(Why::Dnt) => "dnt=1",
            Visitor::Known(_) | Visitor::New(_) | Visitor::Nobody(_) => return consent.signals,
        };
        Some(consent.signals.map_or_else(|| header.to_owned(), |signals| format!("{signals}&{header}")))
    }

    /// Whether it is only asked what the answer would be.
    pub fn is_head(&self) -> bool {
        self.request.method() == Method::HEAD
    }

    /// What decides whether it may count.
    pub fn flags(&self, test: bool, visitor: Visitor) -> Flags {
        let headers = self.headers();
        Flags {
            test,
            bot: signs::is_bot(headers, self.state.config.bots),
            prefetch: signs::is_prefetch(headers),
            new_visitor: visitor.is_new(),
        }
    }

    /// The exposure that a token names. A visitor who is not to be known has none.
    pub fn named(&self, token: Option<&str>, visitor: Visitor, warnings: &mut Warnings) -> Option<Seq> {
        let token = token?;
        match self.state.auth.exposures().read(token) {
            Some(exposure) => Some(exposure.seq).filter(|_| !visitor.is_private()),
            None => {
                warnings.add("sspdata", token, Rule::BadToken);
                None
            }
        }
    }

    /// What was noted of its parameters, as it is kept.
    pub fn warned(&self, warnings: Warnings, visitor: Visitor) -> Vec<Warning> {
        let mut noted = warnings.into_vec();
        if visitor.is_private() {
            private::warnings(&mut noted);
        }
        noted
    }

    /// The page it was on; without its query where the visitor is not to be known.
    pub fn referer(&self, visitor: Visitor) -> Option<String> {
        let mut page = self.header(REFERER, MAX_REFERER)?;
        if visitor.is_private() {
            page.truncate(private::address(&page).len());
        }
        Some(page)
    }

    /// The browser.
    pub fn user_agent(&self) -> Option<String> {
        self.header(USER_AGENT, MAX_USER_AGENT)
    }

    fn header(&self, name: HeaderName, most: usize) -> Option<String> {
        let text = String::from_utf8_lossy(self.headers().get(name)?.as_bytes());
        Some(cut(&text, most).to_owned())
    }

    /// The address, as it is stored; none of a visitor who is not to be known.
    pub fn ip(&self, visitor: Visitor) -> Option<String> {
        visitor.id().and_then(|_| self.client.stored_ip(self.state.config.ip_storage))
    }

    /// Logs `row` and waits until it is safe on disk; returns its place and the visitor's cookie for the answer, which
    /// goes out only then. A `HEAD` request logs nothing and makes no visitor.
    ///
    /// # Errors
    /// Why it was not logged; there is no other answer to that than [`Answer::failed`].
    pub async fn log(&self, row: LogRow, visitor: Visitor) -> Result<Logged, Failure> {
        if self.is_head() {
            return Ok(Logged::default());
        }
        let seq = self.state.store.append(row).await.map_err(|error| Failure::of(&error))?;
        let cookie = visitor.set_cookie(self.client.https, self.state.config.cookie_days);
        Ok(Logged { seq: Some(seq), cookie })
    }

    /// Logs that the request was rejected, and answers it with this body.
    pub async fn reject(&self, rejection: Rejection, body: Body) -> Answer {
        self.reject_sent(rejection, self.request.query_string(), body).await
    }

    /// The same of one that sent these parameters, in its query string or its body.
    pub async fn reject_sent(&self, rejection: Rejection, parameters: &str, body: Body) -> Answer {
        // What the parameters say is not read here; better no address too many.
        let refused = parameters.contains("gdpr=1");
        let visitor = self.visitor(&Consent { refused, ..Consent::default() });
        let row = LogRow::Rejected(Box::new(Rejected {
            at: self.at,
            method: method(self.request),
            path: self.request.path().to_owned(),
            reason: rejection.as_str().to_owned(),
            told: String::new(),
            query: cut(&self.logged(parameters, visitor), MAX_REJECTED_QUERY).to_owned(),
            referer: self.referer(visitor),
            ip: self.ip(visitor),
        }));
        match self.log(row, Visitor::Nobody(Why::NoBrowser)).await {
            Ok(_) => Answer::rejected(body, rejection),
            Err(failure) => Answer::failed(body, failure),
        }
    }
}

/// The request's method, as it is kept.
pub fn method(request: &HttpRequest) -> String {
    cut(request.method().as_str(), MAX_METHOD).to_owned()
}
