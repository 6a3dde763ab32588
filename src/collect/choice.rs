//! `/optout` and `/optin`: the visitor's own choice, kept in the cookie, and a plain page that says what it means.

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::answer::forbid_caching;
use super::visit::Visit;
use super::visitor;
use crate::web::State;

#[derive(Template)]
#[template(path = "choice.html")]
struct ChoicePage {
    title: &'static str,
    opted_out: bool,
    /// It was asked for from within another page, and so was not done.
    embedded: bool,
}

/// `GET` and `HEAD` of `/optout`.
pub async fn out(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    let page = ChoicePage { title: "You are opted out", opted_out: true, embedded: false };
    show(&page, (!visit.is_head()).then(|| visitor::opted_out(visit.client.https)).flatten())
}

/// `GET` and `HEAD` of `/optin`. Only the visitor takes an opt-out back: a page that loads this address as an image or
/// in a frame does not.
pub async fn back_in(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    if is_embedded(visit.headers()) {
        return show(&ChoicePage { title: "Nothing was changed", opted_out: false, embedded: true }, None);
    }
    let page = ChoicePage { title: "You take part", opted_out: false, embedded: false };
    show(&page, (!visit.is_head()).then(|| visitor::opted_in(visit.client.https)).flatten())
}

fn is_embedded(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-dest").is_some_and(|destination| destination != "document")
}

fn show(page: &ChoicePage, cookie: Option<actix_web::http::header::HeaderValue>) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    forbid_caching(&mut answer);
    if let Some(cookie) = cookie {
        answer.insert_header((SET_COOKIE, cookie));
    }
    match page.render() {
        Ok(text) => answer.insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(text),
        // The choice holds all the same.
        Err(error) => {
            tracing::error!(cause = %error, "a template could not be rendered");
            answer.insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(page.title)
        }
    }
}
