//! Turns a [`PageError`] into an answer: a page with the error and a way on. The cause of a fault goes to the log,
//! never to the browser.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;
use percent_encoding::percent_decode_str;

use super::error::PageError;
use super::form::sentence;
use super::odd::Odd;
use super::page;
use super::page::Page;
use super::parts::DeletedView;
use super::session::Session;
use super::sign_in_page::{RETRY_AFTER_SECONDS, SignInPage, outage};
use crate::store::StoreError;

/// The longest part of a path that fills the search, in characters.
const LONGEST_SOUGHT: usize = 100;

#[derive(Template)]
#[template(path = "admin/shell/error.html")]
struct ErrorPage {
    /// `light` or `dark` if one was chosen in this browser, else empty.
    theme: &'static str,
    title: &'static str,
    status: u16,
    text: String,
    /// The label of the button that leads to the overview.
    button: &'static str,
}

/// The same for a signed-in user, in the frame.
#[derive(Template)]
#[template(path = "admin/shell/error_in_frame.html")]
struct ErrorInFrame {
    page: Page,
    status: u16,
    text: String,
    /// The address of the list that the page belonged to; empty if it is no object's.
    list: String,
    deleted: Option<DeletedView>,
    /// The address of the events of a deleted pixel.
    events: Option<String>,
    /// What the search is filled with.
    sought: String,
}

impl ErrorInFrame {
    /// The entry of the bin that holds the object.
    fn restores(&self) -> Option<i64> {
        self.deleted.as_ref()?.entry
    }
}

/// The error's page in the frame of this user; none for errors that lead elsewhere, or that no session may see.
pub fn in_frame(
    error: &PageError,
    session: &Session,
    path: &str,
    deleted: Option<DeletedView>,
) -> Option<HttpResponse> {
    if matches!(error, PageError::SignIn { .. } | PageError::SessionEnded { .. } | PageError::Outside(_)) {
        return None;
    }
    let Wording { title, text } = Wording::of(error);
    let status = error.status();
    let (title, text) = match error {
        PageError::Store(StoreError::NotFound { what, id }) => {
            (format!("There is no {} {id}", on_screens(what)), "Perhaps someone deleted it.".to_owned())
        }
        _ => (title.to_owned(), text),
    };
    let list = match error {
        PageError::Store(StoreError::NotFound { what: "saved report", .. }) => "/admin/reports".to_owned(),
        PageError::Store(StoreError::NotFound { .. }) => path.split('/').take(3).collect::<Vec<_>>().join("/"),
        _ => String::new(),
    };
    let events = match error {
        PageError::Store(StoreError::NotFound { what: "pixel", id }) if deleted.is_some() => {
            Some(format!("/admin/conversions?pixel={id}"))
        }
        _ => None,
    };
    // The address of a request that was refused is not written back.
    let page = Page { here: "/admin".to_owned(), odd: Odd::default(), ..session.page("", title) };
    Some(page::html_with(
        status,
        &ErrorInFrame { page, status: status.as_u16(), text, list, deleted, events, sought: sought(path) },
    ))
}

/// The last part of a path, if it is an ID or a word that somebody may look for.
fn sought(path: &str) -> String {
    let is_action = |part: &&str| ["", "admin", "new", "edit", "delete", "correct", "shop"].contains(part);
    let last = path.rsplit('/').find(|part| !is_action(part)).unwrap_or_default();
    let text = percent_decode_str(last).decode_utf8().unwrap_or_default();
    let is_word = |sign: char| sign.is_alphanumeric() || "-_.#@ ".contains(sign);
    if text.chars().count() <= LONGEST_SOUGHT && text.chars().all(is_word) { text.into_owned() } else { String::new() }
}

/// The word of the screens for a kind of object.
fn on_screens(what: &str) -> &str {
    match what {
        "publisher" => "placement",
        "conversion" => "event",
        "imptracker" | "clicktracker" => "tracker",
        what => what.strip_prefix("the ").unwrap_or(what),
    }
}

/// The pixels of "404" on their page: where each lies, and whether it is the lost one that is lit.
pub fn lost_pixels() -> &'static [(u16, u16, bool)] {
    static PIXELS: LazyLock<Vec<(u16, u16, bool)>> = LazyLock::new(|| {
        let rows = ["#.#.###.#.#", "#.#.#.#.#.#", "###.#.*.###", "..#.#.#...#", "..#.###...#"];
        let mut pixels = Vec::new();
        for (y, row) in (0_u16..).zip(rows) {
            for (x, sign) in (0_u16..).zip(row.chars()).filter(|(_, sign)| *sign != '.') {
                pixels.push((x * 27, y * 28, sign == '*'));
            }
        }
        pixels
    });
    &PIXELS
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        // The store logs an outage once, so that not every page does.
        let store_error =
            if let PageError::Store(error) | PageError::Outside(error) = self { Some(error) } else { None };
        let is_unreadable = matches!(store_error, Some(StoreError::Unreadable(_)));
        if self.status() == StatusCode::INTERNAL_SERVER_ERROR || is_unreadable {
            tracing::error!(status = self.status().as_u16(), cause = %self, "a page failed");
        }
        alone(self, "")
    }
}

/// The error's page without the frame, in the theme of this browser.
pub fn alone(error: &PageError, theme: &'static str) -> HttpResponse {
    let status = error.status();
    if let PageError::SignIn { next } = error {
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        return HttpResponse::build(status).insert_header((LOCATION, format!("/admin/sign-in?next={next}"))).finish();
    }
    if let PageError::SessionEnded { to, form } = error {
        return page::html_with(status, &SignInPage::with_pending_form(theme, to.clone(), form.clone()));
    }
    let Wording { title, text } = Wording::of(error);
    let button = if matches!(error, PageError::Outside(_)) { "Try again" } else { "Overview" };
    let mut answer = page::html_with(status, &ErrorPage { theme, title, status: status.as_u16(), text, button });
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    answer
}

/// The text of an error's page.
struct Wording {
    title: &'static str,
    text: String,
}

impl Wording {
    fn new(title: &'static str, text: impl Into<String>) -> Self {
        Wording { title, text: text.into() }
    }

    fn of(error: &PageError) -> Self {
        match error {
            // `error_response` answers these two before, without a page of their own.
            PageError::SignIn { .. } | PageError::SessionEnded { .. } => Self::new("Sign in", ""),
            PageError::StaleForm => Self::new(
                "This form has expired",
                "You signed in again since you opened it. Go back, reload the page and try again.",
            ),
            PageError::FromElsewhere => {
                Self::new("Sent from another site", "This form was not sent from these pages. Nothing was changed.")
            }
            PageError::BadRequest(text) => Self::new("This form cannot be read", sentence(text)),
            PageError::QueryTooLong { .. } => Self::new("This address is too long", sentence(&error.to_string())),
            PageError::Busy(text) => Self::new("The server is busy", sentence(text)),
            PageError::Denied(text) => Self::new("Not allowed", sentence(text)),
            PageError::NoPage => Self::new("Page not found", "The address is wrong, or the item was deleted."),
            PageError::Outside(StoreError::Unavailable(cause)) => Self::new("You cannot sign in now", outage(cause)),
            PageError::Store(error) | PageError::Outside(error) => Self::of_store(error),
            PageError::Fault(_) => Self::of_fault(),
        }
    }

    fn of_store(error: &StoreError) -> Self {
        match error {
            StoreError::Denied(text) => Self::new("Not allowed", sentence(text)),
            StoreError::NotFound { .. } => {
                Self::new("Page not found", format!("{} Perhaps someone deleted it.", sentence(&error.to_string())))
            }
            StoreError::Invalid(_) => Self::new("This cannot be saved", sentence(&error.to_string())),
            StoreError::Integrity(text) | StoreError::Limit(text) => {
                Self::new("This cannot be done yet", sentence(text))
            }
            StoreError::Repeated { .. } => {
                Self::new("Sent already", "This form was sent before, and has created one object. Nothing was changed.")
            }
            StoreError::Overloaded => Self::new("The server is busy", "Nothing was saved. Try again in a moment."),
            StoreError::Busy => Self::new("The server is busy", sentence(&error.to_string())),
            StoreError::Unreadable(cause) => Self::new(
                "The database cannot be read",
                format!("{} The server log shows more. Try again in a moment.", sentence(cause)),
            ),
            StoreError::Unavailable(cause) => Self::new(
                "The database cannot be written",
                format!(
                    "{} Nothing was changed. Until this is put right, tracking requests are answered with 503. Make room \
                     on the disk, or give the server its directory back. The server then continues by itself.",
                    sentence(cause)
                ),
            ),
            StoreError::Fault(_) => Self::of_fault(),
        }
    }

    fn of_fault() -> Self {
        Self::new("Something went wrong on the server", "Your changes were not saved. The server log shows the cause.")
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    async fn answer_of(error: PageError) -> (u16, String) {
        let answer = error.error_response();
        let status = answer.status().as_u16();
        (status, String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn every_error_has_a_page_with_its_text() {
        let cause = || "disk I/O error".into();
        for (error, status, words) in [
            (PageError::NoPage, 404, "Page not found"),
            (PageError::StaleForm, 403, "This form has expired"),
            (PageError::FromElsewhere, 403, "Nothing was changed"),
            (PageError::Denied("the role viewer may not change anything".into()), 403, "The role viewer may not"),
            (PageError::BadRequest("no".into()), 400, "No."),
            (StoreError::not_found("pixel", 7).into(), 404, "Pixel 7 not found."),
            (StoreError::Denied("you are limited".into()).into(), 403, "You are limited."),
            (StoreError::invalid("name", "is required").into(), 400, "Name is required."),
            (StoreError::Integrity("pixel 7 is used".into()).into(), 409, "Pixel 7 is used."),
            (StoreError::Limit("at most 20".into()).into(), 409, "At most 20."),
            (StoreError::Overloaded.into(), 503, "The server is busy"),
            (PageError::Busy("too many".into()), 503, "Too many."),
            (StoreError::Busy.into(), 503, "The server is busy reading; try again in a moment."),
            (StoreError::Unreadable(cause()).into(), 503, "The database cannot be read"),
            (PageError::Outside(StoreError::Busy), 503, "The server is busy reading; try again in a moment."),
            (StoreError::Unavailable(cause()).into(), 503, "The server then continues by itself."),
            (PageError::Outside(StoreError::Unavailable(cause())), 503, "You cannot sign in until"),
            (PageError::Outside(StoreError::Overloaded), 503, "The server is busy"),
        ] {
            let (code, page) = answer_of(error).await;
            assert_eq!(code, status, "{words}");
            assert!(page.contains(words) && page.contains("<h1>"), "{words}: {page}");
        }
    }

    #[actix_web::test]
    async fn a_visitor_who_is_not_signed_in_gets_no_link_to_the_overview() {
        let (_, page) = answer_of(PageError::Outside(StoreError::Unavailable("the disk is full".into()))).await;
        assert!(page.contains("The disk is full.") && page.contains("Try again"), "{page}");
        assert!(!page.contains(">Overview") && !page.contains("Nothing was changed"), "{page}");
    }

    #[actix_web::test]
    async fn the_page_of_a_fault_hides_its_cause() {
        for error in [StoreError::Fault("secret cause".into()).into(), PageError::Fault("secret cause".into())] {
            let (status, page) = answer_of(error).await;
            assert_eq!(status, 500);
            assert!(!page.contains("secret cause") && page.contains("The server log"), "{page}");
        }
    }

    #[test]
    fn the_search_is_filled_with_the_last_word_of_a_path() {
        for (path, text) in [
            ("/admin/pixels/99", "99"),
            ("/admin/pixels/99/edit", "99"),
            ("/admin/order/RC-71930", "RC-71930"),
            ("/admin/summer%20sale/", "summer sale"),
            ("/admin/Ros%C3%A9", "Rosé"),
            ("/admin", ""),
            ("/admin/%3Cscript%3E", ""),
            ("/admin/%FF", ""),
        ] {
            assert_eq!(sought(path), text, "{path}");
        }
        assert_eq!(sought(&format!("/admin/{}", "x".repeat(101))), "");
    }

    #[actix_web::test]
    async fn a_busy_server_says_when_to_try_again() {
        for error in [StoreError::Overloaded, StoreError::Busy, StoreError::Unreadable("disk I/O error".into())] {
            let answer = PageError::from(error).error_response();
            assert_eq!(answer.headers().get(RETRY_AFTER).unwrap(), "5");
        }
    }
}
