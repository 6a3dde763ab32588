//! `/optout` and `/optin`: the visitor's own choice, kept in the cookie, and a plain page that says what it means.

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::answer::forbid_caching;
use super::signs;
use super::visit::Visit;
use super::visitor::{self, Honoured, Why};
use crate::web::State;

#[derive(Template)]
#[template(path = "choice.html")]
struct ChoicePage {
    title: &'static str,
    /// Whose server it is; empty where nobody has said.
    member: String,
    said: Said,
}

/// What the page says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    OptedOut,
    /// Opted in; but the browser itself says, by this name, that nobody is to be known, and that is honoured.
    OptedIn(Option<&'static str>),
    /// It was asked for from within another page, and so was not done.
    Embedded,
}

/// `GET` and `HEAD` of `/optout`.
pub async fn out(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    if signs::is_prefetch(visit.headers()) {
        return not_yet();
    }
    let cookie = (!visit.is_head()).then(|| visitor::opted_out(visit.client.https)).flatten();
    show(&state, "You have opted out", Said::OptedOut, cookie).await
}

/// `GET` and `HEAD` of `/optin`. Only the visitor takes an opt-out back: a page that loads this address as an image or
/// in a frame does not.
pub async fn back_in(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    if signs::is_prefetch(visit.headers()) {
        return not_yet();
    }
    if is_embedded(visit.headers()) {
        return show(&state, "Nothing was changed", Said::Embedded, None).await;
    }
    let cookie = (!visit.is_head()).then(|| visitor::opted_in(visit.client.https)).flatten();
    let honoured = Honoured { gpc: state.config.honour_gpc, dnt: state.config.honour_dnt };
    match visitor::asked_for(visit.headers(), honoured) {
        Some(Why::Gpc) => {
            show(&state, "Your opt-out is taken back", Said::OptedIn(Some("Global Privacy Control")), cookie).await
        }
        Some(_) => show(&state, "Your opt-out is taken back", Said::OptedIn(Some("Do Not Track")), cookie).await,
        None => show(&state, "You take part", Said::OptedIn(None), cookie).await,
    }
}

fn is_embedded(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-dest").is_some_and(|destination| destination != "document")
}

/// To a browser that fetches in advance, since nobody has chosen yet: it throws this away, and asks again when somebody
/// comes.
fn not_yet() -> HttpResponse {
    let mut answer = HttpResponse::ServiceUnavailable();
    forbid_caching(&mut answer);
    answer.finish()
}

async fn show(
    state: &State,
    title: &'static str,
    said: Said,
    cookie: Option<actix_web::http::header::HeaderValue>,
) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    forbid_caching(&mut answer);
    if let Some(cookie) = cookie {
        answer.insert_header((SET_COOKIE, cookie));
    }
    // The choice holds whoever it was, so that a name that cannot be read is left out.
    let member = state.store.member().await.map(|member| member.name).unwrap_or_default();
    match (ChoicePage { title, member, said }).render() {
        Ok(text) => answer.insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(text),
        // The choice holds all the same.
        Err(error) => {
            tracing::error!(cause = %error, "a template could not be rendered");
            answer.insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(title)
        }
    }
}
