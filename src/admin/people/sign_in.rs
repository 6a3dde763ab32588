//! Sign in and sign out.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::admin::shell::csrf;
use crate::admin::shell::error::PageError;
use crate::admin::shell::extract::Query;
use crate::admin::shell::form::Form;
use crate::admin::shell::local::local;
use crate::admin::shell::page::{Answer, html, html_with, see_other};
use crate::admin::shell::session;
use crate::admin::shell::session::{Posted, client};
use crate::admin::shell::sign_in_page::{RETRY_AFTER_SECONDS, SignInPage, outage};
use crate::admin::shell::theme;
use crate::auth::{Secret, SignInError};
use crate::domain::{Caller, Role, SessionKind};
use crate::store::StoreError;
use crate::web::AppState;
use crate::web::origin::{browser_cookie, origin};

/// The page that sends a form again whose session had ended.
#[derive(Template)]
#[template(path = "admin/people/send_again.html")]
struct SendAgainPage {
    title: &'static str,
    theme: &'static str,
    user: String,
    to: String,
    csrf: String,
    fields: Vec<(String, String)>,
}

/// The fields of the form, without the password, and the theme of the page.
#[derive(Default)]
struct SignInForm {
    user: String,
    next: String,
    pending_form: Option<String>,
    theme: &'static str,
}

/// `GET /admin/sign-in`: a fresh server leads to the set-up.
pub async fn show(state: web::Data<AppState>, request: HttpRequest, Query(query): Query) -> Answer {
    if state.auth.needs_setup().await? {
        return Ok(see_other("/admin/setup"));
    }
    let next = local(query.text("next")).to_owned();
    let form = SignInForm { next, theme: theme_of(&request, &state), ..SignInForm::default() };
    Ok(html(&page(&state, form, String::new()).await?))
}

/// `POST /admin/sign-in`
pub async fn enter(state: web::Data<AppState>, request: HttpRequest, posted: Form) -> Answer {
    let form = SignInForm {
        user: posted.text("user").to_owned(),
        next: local(posted.text("next")).to_owned(),
        pending_form: posted.has("kept").then(|| posted.raw("kept").to_owned()),
        theme: theme_of(&request, &state),
    };
    let password = posted.raw("password");
    match state.auth.sign_in(SessionKind::Browser, &form.user, password, &origin(&request, &state)).await {
        Ok((secret, caller)) if caller.role == Role::Collector => {
            state.auth.sign_out(SessionKind::Browser, secret.expose()).await?;
            let text = "This account can only send data through the API. It cannot sign in here.".to_owned();
            Ok(html_with(StatusCode::FORBIDDEN, &page(&state, form, text).await?))
        }
        Ok((secret, caller)) => {
            let mut answer = match form.pending_form {
                Some(pending_form) => html(&SendAgainPage {
                    title: "Welcome back",
                    theme: form.theme,
                    user: caller.name.clone(),
                    to: form.next,
                    csrf: csrf::token(secret.expose()),
                    fields: Form::parse(pending_form.as_bytes()).into_pairs(),
                }),
                None => see_other(form.next),
            };
            remember(&state, &request, &mut answer, &secret, &caller).await?;
            Ok(answer)
        }
        Err(error) => refuse(&state, form, error).await,
    }
}

/// Adds the cookies of a new session: the session's own, and the one by which the browser is known from now on.
pub async fn remember(
    state: &AppState,
    request: &HttpRequest,
    answer: &mut HttpResponse,
    secret: &Secret,
    caller: &Caller,
) -> Result<(), PageError> {
    let https = client(request, state).https;
    let _ = answer.add_cookie(&session::cookie(secret, https));
    know_browser(state, request, answer, caller).await
}

/// Adds the cookie by which the browser is known from now on.
pub async fn know_browser(
    state: &AppState,
    request: &HttpRequest,
    answer: &mut HttpResponse,
    caller: &Caller,
) -> Result<(), PageError> {
    let Some(user) = caller.user_id else { return Ok(()) };
    let value = state.auth.known_browser(user, &origin(request, state)).await.map_err(PageError::Outside)?;
    let _ = answer.add_cookie(&browser_cookie(value, client(request, state).https));
    Ok(())
}

/// Shows the page again with the reason.
async fn refuse(state: &AppState, form: SignInForm, error: SignInError) -> Answer {
    match error {
        SignInError::Wrong => {
            let text = "Wrong username or password.".to_owned();
            Ok(html_with(StatusCode::UNAUTHORIZED, &page(state, form, text).await?))
        }
        SignInError::Disabled => {
            let text = "This account is inactive. Ask an admin to activate it.".to_owned();
            Ok(html_with(StatusCode::UNAUTHORIZED, &page(state, form, text).await?))
        }
        SignInError::Throttled { retry_after } => {
            let text = format!("Too many wrong passwords. Try again in {}.", wait(retry_after));
            let mut answer = html_with(StatusCode::TOO_MANY_REQUESTS, &page(state, form, text).await?);
            answer.headers_mut().insert(RETRY_AFTER, retry_after.into());
            Ok(answer)
        }
        SignInError::Store(StoreError::Unavailable(cause)) => {
            let page = page(state, form, String::new()).await?;
            let page = SignInPage { outage: outage(&cause), ..page };
            let mut answer = html_with(StatusCode::SERVICE_UNAVAILABLE, &page);
            answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
            Ok(answer)
        }
        SignInError::Store(error) => Err(PageError::Outside(error)),
    }
}

/// `POST /admin/sign-out`
pub async fn leave(state: web::Data<AppState>, posted: Posted) -> Answer {
    state.auth.sign_out(SessionKind::Browser, posted.session.secret()).await?;
    let mut answer: HttpResponse = see_other("/admin/sign-in");
    let _ = answer.add_cookie(&session::no_cookie(posted.session.is_secure()));
    Ok(answer)
}

async fn page(state: &AppState, form: SignInForm, error: String) -> Result<SignInPage, PageError> {
    let member = state.store.member().await.map_err(PageError::Outside)?.name;
    // The page says so before the user types a password.
    let outage = state.store.trouble().map(|trouble| outage(&trouble.cause)).unwrap_or_default();
    let SignInForm { user, next, pending_form, theme } = form;
    Ok(SignInPage { title: "Sign in", theme, member, next, user, error, outage, pending_form })
}

/// The theme that was chosen in this browser.
pub fn theme_of(request: &HttpRequest, state: &AppState) -> &'static str {
    theme::of(request, client(request, state).https)
}

/// `40 seconds`, `2 minutes`: rounds up.
pub fn wait(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        ..60 => format!("{seconds} seconds"),
        60 => "1 minute".to_owned(),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}
