//! What a page answers when it cannot do what was asked: always a page, in words, with a way on. The technical cause
//! of a fault goes to the log, never to the browser.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use super::form::sentence;
use super::page;
use super::sign_in::SignInPage;
use crate::domain::Denied;
use crate::store::StoreError;

/// When to try again what could not be read or written, in seconds.
pub const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// Why there is no page.
#[derive(Debug)]
pub enum PageError {
    /// Nobody is signed in; leads there and back again.
    SignIn {
        /// Where to go afterwards.
        next: String,
    },
    /// Nobody is signed in any more, and a form was posted: it waits behind the sign-in.
    Kept {
        /// Where it was posted to.
        to: String,
        /// What it holds, but for passwords.
        form: String,
    },
    /// The form is not of this session: too old, or forged.
    StaleForm,
    /// Another site sent the request.
    FromElsewhere,
    /// The request is not one that a page sends.
    BadRequest(String),
    /// The role does not allow it.
    Denied(String),
    /// No such page.
    NoPage,
    /// The store's reason.
    Store(StoreError),
    /// The store's reason, told to somebody who is not signed in yet.
    Outside(StoreError),
    /// Our fault; the cause is for the log.
    Fault(String),
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    title: &'static str,
    status: u16,
    text: String,
    /// Where the button leads, and what it says.
    way: (&'static str, &'static str),
}

impl PageError {
    /// Status, title and text.
    fn words(&self) -> (StatusCode, &'static str, String) {
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match self {
            PageError::SignIn { .. } => (StatusCode::SEE_OTHER, "Sign in", String::new()),
            PageError::Kept { .. } => (StatusCode::UNAUTHORIZED, "Sign in", String::new()),
            PageError::StaleForm => (
                StatusCode::FORBIDDEN,
                "This form is too old",
                "It was opened under another sign-in. Go back, reload the page, and send it again.".to_owned(),
            ),
            PageError::FromElsewhere => (
                StatusCode::FORBIDDEN,
                "Sent from another site",
                "Your browser says that this form was not sent from these pages. Nothing was changed.".to_owned(),
            ),
            PageError::BadRequest(text) => (StatusCode::BAD_REQUEST, "That cannot be read", sentence(text)),
            PageError::Denied(text) | PageError::Store(StoreError::Denied(text)) => {
                (StatusCode::FORBIDDEN, "Not allowed", sentence(text))
            }
            PageError::NoPage => (
                StatusCode::NOT_FOUND,
                "There is no such page",
                "The address may be mistyped, or what was here has been deleted.".to_owned(),
            ),
            PageError::Store(error @ StoreError::NotFound { .. }) => (
                StatusCode::NOT_FOUND,
                "There is no such page",
                format!("{} It may have been deleted.", sentence(&error.to_string())),
            ),
            PageError::Store(error @ StoreError::Invalid(_)) => {
                (StatusCode::BAD_REQUEST, "That cannot be saved", sentence(&error.to_string()))
            }
            PageError::Store(StoreError::Integrity(text) | StoreError::Limit(text)) => {
                (StatusCode::CONFLICT, "That cannot be done yet", sentence(text))
            }
            PageError::Store(StoreError::Overloaded) => (
                unavailable,
                "Too busy just now",
                "More is waiting to be written than usual. Nothing was changed; try again in a moment.".to_owned(),
            ),
            PageError::Store(error @ StoreError::Busy) => {
                (unavailable, "Too busy just now", sentence(&error.to_string()))
            }
            PageError::Store(StoreError::Unreadable(cause)) => (
                unavailable,
                "The database cannot be read",
                format!("{} The server's log says more. Try again in a moment.", sentence(cause)),
            ),
            PageError::Store(StoreError::Unavailable(cause)) => (
                unavailable,
                "The database cannot be written",
                format!(
                    "{} Nothing was changed. Tracking requests are answered with 503 until this is put right: make room \
                     on the disk, or give the server its directory back. It recovers by itself.",
                    sentence(cause)
                ),
            ),
            PageError::Outside(StoreError::Unavailable(cause)) => (unavailable, "You cannot sign in now", shut(cause)),
            PageError::Outside(error) => PageError::Store(error.clone()).words(),
            PageError::Store(StoreError::Fault(_)) | PageError::Fault(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on the server",
                "The cause is in the server's log. What you typed was not saved.".to_owned(),
            ),
        }
    }
}

/// Why nobody can come in, for whom no page says more.
pub fn shut(cause: &str) -> String {
    format!(
        "{} You cannot sign in until the database can be written again. Tracking requests are answered 503 meanwhile. Make \
         room on the disk, or give the server its directory back; it goes on by itself.",
        sentence(cause)
    )
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PageError::Store(error) | PageError::Outside(error) => error.fmt(f),
            PageError::Fault(cause) => f.write_str(cause),
            other => f.write_str(other.words().1),
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        self.words().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, title, text) = self.words();
        if let PageError::SignIn { next } = self {
            let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            return HttpResponse::build(status)
                .insert_header((LOCATION, format!("/admin/sign-in?next={next}")))
                .finish();
        }
        if let PageError::Kept { to, form } = self {
            return page::html_with(status, &SignInPage::keeping(to.clone(), form.clone()));
        }
        // Why nothing can be written the store tells the log, not once a page.
        let is_unread = matches!(self, PageError::Store(error) | PageError::Outside(error) if matches!(error, StoreError::Unreadable(_)));
        if status == StatusCode::INTERNAL_SERVER_ERROR || is_unread {
            tracing::error!(status = status.as_u16(), cause = %self, "a page could not be made");
        }
        let way = match self {
            PageError::Outside(_) => ("/admin", "Try again"),
            _ => ("/admin", "To the overview"),
        };
        let mut answer = page::html_with(status, &ErrorPage { title, status: status.as_u16(), text, way });
        if status == StatusCode::SERVICE_UNAVAILABLE {
            answer.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        answer
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        PageError::Store(error)
    }
}

impl From<Denied> for PageError {
    fn from(denied: Denied) -> Self {
        PageError::Denied(denied.to_string())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    async fn answered(error: PageError) -> (u16, String) {
        let answer = error.error_response();
        let status = answer.status().as_u16();
        (status, String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn every_trouble_is_a_page_in_words() {
        let cause = || "disk I/O error".into();
        for (error, status, words) in [
            (PageError::NoPage, 404, "There is no such page"),
            (PageError::StaleForm, 403, "This form is too old"),
            (PageError::FromElsewhere, 403, "Nothing was changed"),
            (PageError::Denied("the role viewer may not change anything".into()), 403, "The role viewer may not"),
            (PageError::BadRequest("no".into()), 400, "No."),
            (StoreError::not_found("pixel", 7).into(), 404, "Pixel 7 not found."),
            (StoreError::Denied("you are limited".into()).into(), 403, "You are limited."),
            (StoreError::invalid("name", "is required").into(), 400, "Name is required."),
            (StoreError::Integrity("pixel 7 is used".into()).into(), 409, "Pixel 7 is used."),
            (StoreError::Limit("at most 20".into()).into(), 409, "At most 20."),
            (StoreError::Overloaded.into(), 503, "Too busy just now"),
            (StoreError::Busy.into(), 503, "The server is busy reading; try again in a moment."),
            (StoreError::Unreadable(cause()).into(), 503, "The database cannot be read"),
            (PageError::Outside(StoreError::Busy), 503, "The server is busy reading; try again in a moment."),
            (StoreError::Unavailable(cause()).into(), 503, "It recovers by itself."),
            (PageError::Outside(StoreError::Unavailable(cause())), 503, "You cannot sign in until"),
            (PageError::Outside(StoreError::Overloaded), 503, "Too busy just now"),
        ] {
            let (found, page) = answered(error).await;
            assert_eq!(found, status, "{words}");
            assert!(page.contains(words) && page.contains("<h1>"), "{words}: {page}");
        }
    }

    #[actix_web::test]
    async fn who_is_not_signed_in_is_not_led_to_the_overview() {
        let (_, page) = answered(PageError::Outside(StoreError::Unavailable("the disk is full".into()))).await;
        assert!(page.contains("The disk is full.") && page.contains("Try again"), "{page}");
        assert!(!page.contains("To the overview") && !page.contains("Nothing was changed"), "{page}");
    }

    #[actix_web::test]
    async fn the_cause_of_a_fault_is_for_the_log_alone() {
        for error in [StoreError::Fault("secret cause".into()).into(), PageError::Fault("secret cause".into())] {
            let (status, page) = answered(error).await;
            assert_eq!(status, 500);
            assert!(!page.contains("secret cause") && page.contains("in the server"), "{page}");
        }
    }

    #[actix_web::test]
    async fn who_may_wait_is_told_how_long() {
        for error in [StoreError::Overloaded, StoreError::Busy, StoreError::Unreadable("disk I/O error".into())] {
            let answer = PageError::from(error).error_response();
            assert_eq!(answer.headers().get(RETRY_AFTER).unwrap(), "5");
        }
    }
}
