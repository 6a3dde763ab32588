//! Sign in and sign out.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::csrf;
use super::error::{self, PageError, RETRY_AFTER_SECONDS};
use super::extract::Asked;
use super::form::Form;
use super::page::{Answer, html, html_with, see_other};
use super::session::{self, Posted, client, local};
use crate::auth::SignInError;
use crate::domain::{Role, SessionKind};
use crate::store::StoreError;
use crate::web::State;

/// The page that asks who it is.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    title: &'static str,
    member: String,
    next: String,
    user: String,
    error: String,
    /// Why nobody can sign in; empty if everybody can.
    shut: String,
    /// A form that waits; none if there is none.
    kept: Option<String>,
}

impl SignInPage {
    /// For somebody whose session ended before this form came.
    pub fn keeping(to: String, form: String) -> Self {
        let empty = String::new;
        let (member, user, error, shut) = (empty(), empty(), empty(), empty());
        SignInPage { title: "Sign in", member, next: to, user, error, shut, kept: Some(form) }
    }
}

/// The last step of a form that waited.
#[derive(Template)]
#[template(path = "sign_in_go_on.html")]
struct GoOnPage {
    title: &'static str,
    user: String,
    to: String,
    csrf: String,
    fields: Vec<(String, String)>,
}

/// `GET /admin/sign-in`; on a fresh server it leads to the set-up.
pub async fn show(state: web::Data<State>, Asked(asked): Asked) -> Answer {
    if state.auth.needs_setup().await? {
        return Ok(see_other("/admin/setup"));
    }
    page(&state, asked.text("next"), "", None, None).await
}

/// `POST /admin/sign-in`
pub async fn enter(state: web::Data<State>, request: HttpRequest, form: Form) -> Answer {
    let (user, next) = (form.text("user"), local(form.text("next")));
    let kept = form.has("kept").then(|| form.raw("kept"));
    let client = client(&request, &state);
    let signed_in = state.auth.sign_in(SessionKind::Browser, user, form.raw("password"), client.ip).await;
    match signed_in {
        Ok((secret, caller)) if caller.role == Role::Collector => {
            state.auth.sign_out(SessionKind::Browser, secret.expose()).await?;
            let text = "This account is for sending conversions from a server, and sees no pages.".to_owned();
            page(&state, next, user, kept, Some((StatusCode::FORBIDDEN, text))).await
        }
        Ok((secret, caller)) => {
            let mut answer = match kept {
                Some(kept) => html(&GoOnPage {
                    title: "Signed in",
                    user: caller.name,
                    to: next.to_owned(),
                    csrf: csrf::token(secret.expose()),
                    fields: Form::parse(kept.as_bytes()).into_pairs(),
                }),
                None => see_other(next),
            };
            let _ = answer.add_cookie(&session::cookie(&secret, client.https));
            Ok(answer)
        }
        Err(SignInError::Wrong) => {
            let text = "User and password do not match.".to_owned();
            page(&state, next, user, kept, Some((StatusCode::UNAUTHORIZED, text))).await
        }
        Err(SignInError::Disabled) => {
            let text = "This account is inactive. Ask an admin to activate it.".to_owned();
            page(&state, next, user, kept, Some((StatusCode::UNAUTHORIZED, text))).await
        }
        Err(SignInError::Throttled { retry_after }) => {
            let text = format!("Too many wrong passwords. Try again in {}.", wait(retry_after));
            let mut answer = page(&state, next, user, kept, Some((StatusCode::TOO_MANY_REQUESTS, text))).await?;
            answer.headers_mut().insert(RETRY_AFTER, retry_after.into());
            Ok(answer)
        }
        Err(SignInError::Store(StoreError::Unavailable(cause))) => {
            let shut = error::shut(&cause);
            let page = SignInPage { shut, ..sign_in_page(&state, next, user, kept, String::new()).await? };
            let mut answer = html_with(StatusCode::SERVICE_UNAVAILABLE, &page);
            answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
            Ok(answer)
        }
        Err(SignInError::Store(error)) => Err(PageError::Outside(error)),
    }
}

/// `POST /admin/sign-out`
pub async fn leave(state: web::Data<State>, posted: Posted) -> Answer {
    state.auth.sign_out(SessionKind::Browser, posted.session.secret()).await?;
    let mut answer: HttpResponse = see_other("/admin/sign-in");
    let _ = answer.add_cookie(&session::no_cookie());
    Ok(answer)
}

async fn page(
    state: &State,
    next: &str,
    user: &str,
    kept: Option<&str>,
    error: Option<(StatusCode, String)>,
) -> Answer {
    let (status, error) = error.unwrap_or((StatusCode::OK, String::new()));
    let page = sign_in_page(state, next, user, kept, error).await?;
    Ok(if status == StatusCode::OK { html(&page) } else { html_with(status, &page) })
}

async fn sign_in_page(
    state: &State,
    next: &str,
    user: &str,
    kept: Option<&str>,
    error: String,
) -> Result<SignInPage, PageError> {
    let member = state.store.member().await.map_err(PageError::Outside)?.name;
    // Said before anybody types a password in vain.
    let shut = state.store.trouble().map(|trouble| error::shut(&trouble.cause)).unwrap_or_default();
    let (next, user, kept) = (local(next).to_owned(), user.to_owned(), kept.map(str::to_owned));
    Ok(SignInPage { title: "Sign in", member, next, user, error, shut, kept })
}

/// `40 seconds`, `2 minutes`: rounded up.
pub fn wait(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        ..60 => format!("{seconds} seconds"),
        60 => "1 minute".to_owned(),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}
