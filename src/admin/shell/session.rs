//! The signed-in user, as handlers take it. A handler that takes a [`Session`] serves only signed-in users. One that
//! takes [`Posted`] gets a form only if it belongs to that session. `auth` knows passwords and secrets.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

use super::alarms::{self, Alarm};
use super::csrf;
use super::error::PageError;
use super::extract::{ExtractFuture, query_of};
use super::flash::{self, Flash};
use super::form::Form;
use super::local::local;
use super::odd::Odd;
use super::page::{Page, see_other};
use super::theme;
use crate::auth::{Secret, TokenError};
use crate::domain::{Admin, Caller, Editor, Millis, Reader, SessionKind};
use crate::store::StoreError;
use crate::web::AppState;
use crate::web::client::Client;
use crate::web::cookies::CookieName;
use crate::web::query::MAX_QUERY;

/// The cookie with the session's secret.
const COOKIE: CookieName = CookieName("pixeld_session");
/// The cookie with the advertiser and the range of days that the pages show.
pub const SCOPE: CookieName = CookieName("pixeld_scope");
/// The cookie with the columns of lists, and the rows of a page.
pub const LISTS: CookieName = CookieName("pixeld_lists");

/// A signed-in user.
pub struct Session {
    caller: Caller,
    reader: Reader,
    member: String,
    secret: String,
    secure: bool,
    flash: Option<Flash>,
    alarm: Option<Alarm>,
    theme: &'static str,
    /// The value of the cookie of the scope.
    scope: Option<String>,
    shortcuts: bool,
    /// The value of the cookie of the lists.
    lists: Option<String>,
    /// The address of the request.
    here: String,
    /// The time of the request.
    pub now: Millis,
    /// What is wrong with the address of the request.
    pub odd: Odd,
}

/// A form that a page of this very session posted.
pub struct Posted {
    pub session: Session,
    pub form: Form,
}

/// The query string of a signed-in user. Nothing of it is read for anybody else.
pub struct Asked {
    pub session: Session,
    pub query: Form,
}

impl Session {
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The address of the request, without its query string.
    pub fn path(&self) -> &str {
        self.here.split('?').next().unwrap_or("/admin")
    }

    /// The right to edit.
    ///
    /// # Errors
    /// The page that refuses it.
    pub fn editor(&self) -> Result<Editor, PageError> {
        Ok(self.caller.editor()?)
    }

    /// The right to edit objects that all advertisers share. Users limited to one advertiser do not have it.
    ///
    /// # Errors
    /// The page that refuses it.
    pub fn editor_of_all(&self) -> Result<Editor, PageError> {
        match self.reader.scope().advertiser() {
            None => self.editor(),
            Some(own) => {
                let text = format!("you are limited to advertiser {own}, and this is for who sees them all");
                Err(PageError::Denied(text))
            }
        }
    }

    /// The right to manage users and tokens.
    ///
    /// # Errors
    /// The page that refuses it.
    pub fn admin(&self) -> Result<Admin, PageError> {
        Ok(self.caller.admin()?)
    }

    /// Whether the user is still signed in, with the same rights. A long answer checks this repeatedly.
    ///
    /// # Errors
    /// Database faults.
    pub async fn is_alive(&self, state: &AppState) -> Result<bool, StoreError> {
        match state.auth.caller(SessionKind::Browser, &self.secret).await {
            Ok(caller) => Ok(caller == self.caller),
            Err(TokenError::Unknown | TokenError::Expired | TokenError::Disabled) => Ok(false),
            Err(TokenError::Store(error)) => Err(error),
        }
    }

    /// Whether the browser speaks https.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// What the browser remembers of the scope of its pages, as it sent it.
    pub fn remembered_scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// What the browser remembers of its lists, as it sent it.
    pub fn remembered_lists(&self) -> Option<&str> {
        self.lists.as_deref()
    }

    /// The secret in the cookie, for signing out.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The frame of a page of this user.
    pub fn page(&self, section: &'static str, title: impl Into<String>) -> Page {
        let title = title.into();
        Page {
            tab: title.clone(),
            title,
            here: self.here.clone(),
            return_to: String::new(),
            form_key: String::new(),
            opened: String::new(),
            theme: self.theme,
            shortcuts: self.shortcuts,
            section,
            member: self.member.clone(),
            user: self.caller.name.clone(),
            role: self.caller.role.as_str(),
            csrf: csrf::token(&self.secret),
            may_edit: self.caller.editor().is_ok(),
            alarm: self.alarm.clone(),
            flash: self.flash.clone(),
            odd: self.odd.clone(),
        }
    }

    /// Leads to another page, which shows the message once.
    pub fn go_with(&self, address: impl AsRef<str>, flash: &Flash) -> HttpResponse {
        let mut answer = see_other(address);
        // A cookie that cannot be set costs the message, never the answer.
        let _ = answer.add_cookie(&flash.to_cookie(&self.secret, self.secure));
        answer
    }
}

/// The cookie of a new session. It ends with the browser at the latest.
pub fn cookie(secret: &Secret, secure: bool) -> Cookie<'static> {
    build(secret.expose().to_owned(), secure)
}

/// The cookie that removes the session's.
pub fn no_cookie(secure: bool) -> Cookie<'static> {
    let mut cookie = build(String::new(), secure);
    cookie.make_removal();
    cookie
}

fn build(value: String, secure: bool) -> Cookie<'static> {
    COOKIE.build(value, secure).same_site(SameSite::Lax).finish()
}

/// The state that `app` gave to all handlers.
pub fn state(request: &HttpRequest) -> Result<web::Data<AppState>, PageError> {
    let state = request.app_data::<web::Data<AppState>>();
    state.cloned().ok_or_else(|| PageError::Fault("the application has no state".to_owned()))
}

/// The client that sent a request.
pub fn client(request: &HttpRequest, state: &AppState) -> Client {
    Client::of(request.peer_addr(), request.headers(), &state.config.trusted_proxies)
}

/// The session that a request's cookie names.
async fn find(request: HttpRequest) -> Result<Session, PageError> {
    let state = state(&request)?;
    let sign_in = || PageError::SignIn { next: next_after(&request) };
    let secure = client(&request, &state).https;
    let secret = COOKIE.value(&request, secure).ok_or_else(sign_in)?;
    let caller = match state.auth.caller(SessionKind::Browser, &secret).await {
        Ok(caller) => caller,
        Err(TokenError::Unknown | TokenError::Expired | TokenError::Disabled) => return Err(sign_in()),
        Err(TokenError::Store(error)) => return Err(error.into()),
    };
    let now = state.clock.now();
    let flash = flash::COOKIE.value(&request, secure).and_then(|value| Flash::from_cookie(&secret, &value));
    Ok(Session {
        reader: caller.reader()?,
        member: state.store.member().await?.name,
        secure,
        alarm: alarms::of_every_page(&state.store, now),
        theme: theme::of(&request, secure),
        scope: SCOPE.value(&request, secure),
        shortcuts: theme::has_shortcuts(&request, secure),
        lists: LISTS.value(&request, secure),
        here: here(&request),
        odd: Odd::of(&request),
        now,
        caller,
        secret,
        flash,
    })
}

/// Where to go after signing in: the page of this request. A form cannot be sent again.
fn next_after(request: &HttpRequest) -> String {
    match *request.method() {
        Method::GET => here(request),
        _ => "/admin".to_owned(),
    }
}

/// The address of a request. What is too long to be read is not sent back either.
fn here(request: &HttpRequest) -> String {
    match request.query_string().len() {
        ..=MAX_QUERY => request.uri().path_and_query().map_or("/admin", |path| path.as_str()).to_owned(),
        _ => "/admin".to_owned(),
    }
}

impl FromRequest for Session {
    type Error = PageError;
    type Future = ExtractFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(find(request.clone()))
    }
}

impl FromRequest for Asked {
    type Error = PageError;
    type Future = ExtractFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let session = find(request.clone()).await?;
            Ok(Asked { session, query: query_of(&request)? })
        })
    }
}

impl FromRequest for Posted {
    type Error = PageError;
    type Future = ExtractFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (session, form) = (find(request.clone()), Form::from_request(request, payload));
        let to = request.uri().path_and_query().map_or("", |to| to.as_str()).to_owned();
        // A session that has ended has no token to compare, but the browser says that the form comes from a page of
        // ours. The form has no effect until the user sends it again from a page of the new session.
        let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
        let from_here = site == Some("same-origin") && local(&to) == to;
        Box::pin(async move {
            let session = match session.await {
                Err(PageError::SignIn { .. }) if from_here => {
                    let form = form.await?;
                    return Err(PageError::SessionEnded { to, form: form.to_keep() });
                }
                session => session?,
            };
            let form = form.await?;
            if csrf::is_genuine(&session.secret, form.raw(csrf::FIELD)) {
                Ok(Posted { session, form })
            } else {
                Err(PageError::StaleForm)
            }
        })
    }
}
