//! `/optout` and `/optin`: the visitor's own choice, kept in the cookie, and a plain page that explains it.

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::visit::Visit;
use crate::collect::answer::headers::forbid_caching;
use crate::collect::visitor;
use crate::collect::visitor::bots;
use crate::collect::visitor::{HonouredSignals, Why};
use crate::web::AppState;

#[derive(Template)]
#[template(path = "collect/opt_out.html")]
struct ChoicePage {
    title: &'static str,
    /// The organisation's name; empty if it has none yet.
    member: String,
    message: Message,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    OptedOut,
    /// Opted in. But the browser itself sends an opt-out signal of this name, which pixeld honours.
    OptedIn(Option<&'static str>),
    /// The request came from another page, so it changed nothing.
    Embedded,
}

/// `GET` and `HEAD` of `/optout`.
pub async fn out(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    if bots::is_prefetch(visit.headers()) {
        return not_yet();
    }
    if !is_navigation(visit.headers()) {
        return show(&state, "Nothing was changed", Message::Embedded, None).await;
    }
    let cookie = (!visit.is_head()).then(|| visitor::opted_out(visit.client.https)).flatten();
    show(&state, "You have opted out", Message::OptedOut, cookie).await
}

/// `GET` and `HEAD` of `/optin`.
pub async fn back_in(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    if bots::is_prefetch(visit.headers()) {
        return not_yet();
    }
    if !is_navigation(visit.headers()) {
        return show(&state, "Nothing was changed", Message::Embedded, None).await;
    }
    let cookie = (!visit.is_head()).then(|| visitor::opted_in(visit.client.https)).flatten();
    let honoured = HonouredSignals::by(&state.live());
    match visitor::opt_out_signal(visit.headers(), honoured) {
        Some(Why::Gpc) => {
            show(&state, "Your opt-out has ended", Message::OptedIn(Some("Global Privacy Control")), cookie).await
        }
        Some(_) => show(&state, "Your opt-out has ended", Message::OptedIn(Some("Do Not Track")), cookie).await,
        None => show(&state, "You have opted in", Message::OptedIn(None), cookie).await,
    }
}

/// Whether the visitor opens the address. Only then is it a choice: pages load it as images, scripts or frames too.
/// Browsers without these headers get the benefit of the doubt.
fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name, wanted: &[u8]| headers.get_all(name).all(|value| value.as_bytes().trim_ascii() == wanted);
    is("sec-fetch-mode", b"navigate") && is("sec-fetch-dest", b"document")
}

/// For a browser that fetches in advance, before the visitor has chosen. It throws this away, and asks again when the
/// visitor comes.
fn not_yet() -> HttpResponse {
    let mut answer = HttpResponse::ServiceUnavailable();
    forbid_caching(&mut answer);
    answer.finish()
}

async fn show(
    state: &AppState,
    title: &'static str,
    message: Message,
    cookie: Option<actix_web::http::header::HeaderValue>,
) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    forbid_caching(&mut answer);
    if let Some(cookie) = cookie {
        answer.insert_header((SET_COOKIE, cookie));
    }
    // The choice holds all the same if the name cannot be read.
    let member = state.store.member().await.map(|member| member.name).unwrap_or_default();
    match (ChoicePage { title, member, message }).render() {
        Ok(text) => answer.insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(text),
        // The choice holds all the same.
        Err(error) => {
            tracing::error!(cause = %error, "a template could not be rendered");
            answer.insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(title)
        }
    }
}
