//! What every tracking request has in common: when it came and from whom, and the ways it ends: logged, rejected, or (for
//! `HEAD`) only answered.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, REFERER, USER_AGENT};

use super::answer::{Answer, Body, Failure};
use super::query::MAX_QUERY;
use super::rejection::Rejection;
use super::signs;
use super::visitor::Visitor;
use super::warnings::cut;
use crate::domain::{Flags, Millis, Rejected};
use crate::store::LogRow;
use crate::web::State;
use crate::web::client::Client;

/// How much of `Referer` is kept, in characters.
const MAX_REFERER: usize = 1_024;
/// How much of `User-Agent` is kept, in characters.
const MAX_USER_AGENT: usize = 512;
/// How much of a rejected request's query string is kept, in characters.
const MAX_REJECTED_QUERY: usize = 2_048;

/// A tracking request.
pub struct Visit<'a> {
    state: &'a State,
    request: &'a HttpRequest,
    /// When it came.
    pub at: Millis,
    client: Client,
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

    /// The request's headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.request.headers()
    }

    /// Who sent it.
    pub fn visitor(&self) -> Visitor {
        Visitor::of(self.headers())
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

    /// The page it was on.
    pub fn referer(&self) -> Option<String> {
        self.header(REFERER, MAX_REFERER)
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

    /// Logs `row` and waits until it is safe on disk; returns the visitor's cookie for the answer, which goes out only
    /// then. A `HEAD` request logs nothing and makes no visitor.
    ///
    /// # Errors
    /// Why it was not logged; there is no other answer to that than [`Answer::failed`].
    pub async fn log(&self, row: LogRow, visitor: Visitor) -> Result<Option<HeaderValue>, Failure> {
        if self.request.method() == Method::HEAD {
            return Ok(None);
        }
        self.state.store.append(row).await.map_err(|error| Failure::of(&error))?;
        Ok(visitor.set_cookie(self.client.https, self.state.config.cookie_days))
    }

    /// Logs that the request was rejected, and answers it with this body.
    pub async fn reject(&self, rejection: Rejection, body: Body) -> Answer {
        let row = LogRow::Rejected(Box::new(Rejected {
            at: self.at,
            path: self.request.path().to_owned(),
            reason: rejection.as_str().to_owned(),
            query: cut(self.request.query_string(), MAX_REJECTED_QUERY).to_owned(),
            referer: self.referer(),
            ip: self.ip(self.visitor()),
        }));
        match self.log(row, Visitor::Nobody).await {
            Ok(_) => Answer::rejected(body, rejection),
            Err(failure) => Answer::failed(body, failure),
        }
    }
}
