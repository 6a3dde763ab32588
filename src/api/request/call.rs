//! A request while a service answers it: the caller, the parameters and body, and the warnings for the client.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::info::Access;
use super::params::Params;
use super::repeated::repeated;
use crate::api::envelope;
use crate::api::envelope::{Answer, Context};
use crate::api::error::ApiError;
use crate::api::limits::Limits;
use crate::auth::Origin;
use crate::domain::{Admin, Caller, Editor, Millis, Reader, SessionKind};
use crate::store::Store;
use crate::tag::TagHost;
use crate::web::AppState;
use crate::web::body::{self, BodyError};
use crate::web::client::{Client, named_host};
use crate::web::cookies::CookieName;
use crate::web::elsewhere::{host_of_url, is_from_elsewhere};
use crate::web::origin::origin;
use crate::web::reading::json::fields_in;

/// The longest body, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// The most fields of a body, those of all its objects together.
const MAX_FIELDS: usize = 5_000;

/// The most warnings of an answer. One more says how many there were beside them.
const MAX_WARNINGS: usize = 20;

/// The cookie that holds the token.
pub(in crate::api) const TOKEN_COOKIE: CookieName = CookieName("pixeld_token");

/// One request on its way through a service.
pub(in crate::api) struct Call {
    pub request: HttpRequest,
    pub state: web::Data<AppState>,
    limits: web::Data<Limits>,
    service: String,
    started: Millis,
    caller: Option<Caller>,
    /// Those of the query string, once the caller is known and may use the service.
    pub params: Params,
    /// The body of a POST or PUT.
    pub body: Option<Value>,
    /// For the client, in `dbg_info`.
    pub warnings: Vec<String>,
}

impl Call {
    /// Begins to answer a request to a service.
    pub(in crate::api) fn new(
        request: HttpRequest,
        state: web::Data<AppState>,
        limits: web::Data<Limits>,
        service: &str,
    ) -> Self {
        let params = Params::default();
        let (service, started) = (service.to_owned(), state.clock.now());
        Call { request, state, limits, service, started, caller: None, params, body: None, warnings: Vec::new() }
    }

    pub(in crate::api) fn store(&self) -> &Store {
        &self.state.store
    }

    pub(in crate::api) fn method(&self) -> &Method {
        self.request.method()
    }

    /// Signs the caller in and asks whether it may send this. Only then it reads the parameters and the body.
    pub(in crate::api) async fn open(&mut self, payload: web::Payload, access: &Access) -> Result<Reader, ApiError> {
        self.authenticate().await?;
        let by = self.reader()?;
        if !access.methods.contains(&self.method().as_str()) {
            return Err(self.wrong_method(access.takes));
        }
        (access.may)(self.caller()?, self.method())?;
        self.params = Params::of_query(self.request.query_string())?;
        self.read_body(payload).await?;
        Ok(by)
    }

    /// Identifies the caller, and counts the request.
    async fn authenticate(&mut self) -> Result<(), ApiError> {
        let token = self.token().ok_or(ApiError::NoToken)?;
        // A browser sends the cookie by itself, so another site may have made it send this.
        if !self.request.headers().contains_key(header::AUTHORIZATION) {
            self.refuse_elsewhere()?;
        }
        let caller = self.state.auth.caller(SessionKind::Api, &token).await?;
        self.caller = Some(caller.clone());
        let limit = if *self.method() == Method::GET { &self.limits.reads } else { &self.limits.writes };
        limit.take(&caller)
    }

    /// Refuses what a browser sends for a page of another site.
    pub(in crate::api) fn refuse_elsewhere(&self) -> Result<(), ApiError> {
        let live = self.state.live();
        let own = [&self.host(), host_of_url(live.public_url.as_deref())];
        match is_from_elsewhere(self.method(), self.request.headers(), &own) {
            true => Err(ApiError::FromElsewhere),
            false => Ok(()),
        }
    }

    /// Reads the body: parameters for GET and DELETE, JSON of any content type for the rest.
    pub(in crate::api) async fn read_body(&mut self, payload: web::Payload) -> Result<(), ApiError> {
        self.read_body_within(payload, MAX_BODY).await
    }

    /// The same, of at most so many bytes.
    pub(in crate::api) async fn read_body_within(
        &mut self,
        payload: web::Payload,
        most: usize,
    ) -> Result<(), ApiError> {
        let bytes = body::read(&self.request, payload, most).await.map_err(|error| match error {
            BodyError::TooLong => ApiError::Syntax(format!("the body is too large: at most {most} bytes are taken")),
            BodyError::NoRoom => ApiError::NoRoom(error),
            BodyError::Incomplete => ApiError::Syntax("the body did not arrive in time, or not whole".to_owned()),
            BodyError::Damaged => ApiError::Syntax("the body is not what its Content-Encoding says".to_owned()),
            BodyError::UnknownEncoding | BodyError::Utf16 => ApiError::UnreadableBody(error),
        })?;
        let json = bytes.trim_ascii();
        if json.is_empty() {
            return Ok(());
        }
        let body: Value = serde_json::from_slice(json)
            .map_err(|error| ApiError::Syntax(format!("the body is not valid JSON: {error}")))?;
        let fields = fields_in(&body);
        if fields > MAX_FIELDS {
            return Err(ApiError::Syntax(format!("the body has {fields} fields; at most {MAX_FIELDS} are taken")));
        }
        for field in repeated(json) {
            self.warn(format!("{field:?} came more than once in the body; the last one counts"));
        }
        if matches!(*self.method(), Method::GET | Method::DELETE) {
            return self.params.add_body(&body);
        }
        self.body = Some(body);
        Ok(())
    }

    /// The token in the header, bare or as Bearer; without such a header, the token in the cookie.
    pub(in crate::api) fn token(&self) -> Option<String> {
        let Some(header) = self.request.headers().get(header::AUTHORIZATION) else {
            return TOKEN_COOKIE.value(&self.request, self.client().https);
        };
        let text = header.to_str().unwrap_or("").trim();
        let bearer = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        Some(bearer.map_or(text, |(_, token)| token.trim()).to_owned())
    }

    /// The signed-in caller.
    pub(in crate::api) fn caller(&self) -> Result<&Caller, ApiError> {
        self.caller.as_ref().ok_or(ApiError::NoToken)
    }

    /// Asks to read.
    pub(in crate::api) fn reader(&self) -> Result<Reader, ApiError> {
        Ok(self.caller()?.reader()?)
    }

    /// Asks to create, change and delete.
    pub(in crate::api) fn editor(&self) -> Result<Editor, ApiError> {
        Ok(self.caller()?.editor()?)
    }

    /// Asks to manage users and settings.
    pub(in crate::api) fn admin(&self) -> Result<Admin, ApiError> {
        Ok(self.caller()?.admin()?)
    }

    /// Adds a warning to the answer.
    pub(in crate::api) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// Where the request came from.
    pub(in crate::api) fn client(&self) -> Client {
        Client::of(self.request.peer_addr(), self.request.headers(), &self.state.config.trusted_proxies)
    }

    /// The same for signing in.
    pub(in crate::api) fn origin(&self) -> Origin {
        origin(&self.request, &self.state)
    }

    /// The host that the client named.
    fn host(&self) -> String {
        named_host(self.request.peer_addr(), self.request.headers(), &self.state.config.trusted_proxies).to_owned()
    }

    /// The host that tags name, and whether they are `https`.
    pub(in crate::api) fn tag_host(&self) -> (Option<TagHost>, bool) {
        match &self.state.live().public_url {
            Some(url) => (TagHost::parse(url), url.starts_with("https:")),
            None => (TagHost::parse(&self.host()), self.client().https),
        }
    }

    /// The address that tags load from, without a slash at its end; without a host if it is not a plain one.
    pub(in crate::api) fn tag_site(&self) -> String {
        let (host, https) = self.tag_host();
        format!("{}://{}", if https { "https" } else { "http" }, host.map(|host| host.to_string()).unwrap_or_default())
    }

    /// The error for a method that the service does not take. `takes` completes `it takes ...`.
    pub(in crate::api) fn wrong_method(&self, takes: &'static str) -> ApiError {
        ApiError::WrongMethod { service: self.service.clone(), method: self.method().to_string(), takes }
    }

    /// Wraps the outcome in the envelope.
    pub(in crate::api) fn finish(mut self, outcome: Result<Answer, ApiError>) -> HttpResponse {
        let overridden = self.params.overridden();
        overridden.iter().for_each(|name| self.warn(format!("{name:?} came more than once; the last one counts")));
        if self.warnings.len() > MAX_WARNINGS {
            let more = self.warnings.split_off(MAX_WARNINGS).len();
            self.warn(format!("and {more} more"));
        }
        let context = Context {
            service: &self.service,
            method: self.request.method().as_str(),
            caller: self.caller.as_ref(),
            limits: &self.limits,
            warnings: &self.warnings,
            time: self.state.clock.now().since(self.started).max(0),
        };
        match outcome {
            Ok(answer) => envelope::success(answer, &context),
            Err(error) => envelope::failure(&error, &context),
        }
    }
}
