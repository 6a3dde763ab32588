//! The template of the sign-in page, and its text for a database that cannot be written. The handlers are in `sign_in`.

use actix_web::http::header::HeaderValue;
use askama::Template;

use super::form::sentence;

/// How long a browser waits before it repeats a request that found the server busy, in seconds.
pub const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

#[derive(Template)]
#[template(path = "admin/people/sign_in.html")]
pub struct SignInPage {
    pub title: &'static str,
    /// `light` or `dark` if one was chosen in this browser, else empty.
    pub theme: &'static str,
    pub member: String,
    /// Where to go after signing in.
    pub next: String,
    pub user: String,
    pub error: String,
    /// Why no user can sign in now; empty if they can.
    pub outage: String,
    /// A form that is sent after the sign-in.
    pub pending_form: Option<String>,
}

impl SignInPage {
    /// For a user whose session ended before this form came.
    pub fn with_pending_form(theme: &'static str, to: String, form: String) -> Self {
        SignInPage {
            title: "Sign in",
            theme,
            member: String::new(),
            next: to,
            user: String::new(),
            error: String::new(),
            outage: String::new(),
            pending_form: Some(form),
        }
    }
}

/// Why no user can sign in, from the store's cause.
pub fn outage(cause: &str) -> String {
    format!(
        "{} You cannot sign in until the database can be written again. Tracking requests are answered 503 meanwhile. Make \
         room on the disk, or give the server its directory back. The server then continues by itself.",
        sentence(cause)
    )
}
