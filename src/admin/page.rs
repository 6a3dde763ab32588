//! What every page has in common: the data of its frame, and the one way from a template to an answer.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use askama::Template;

use super::attention::Alarm;
use super::error::PageError;
use super::flash::Flash;

/// What a handler of this face answers.
pub type Answer = Result<HttpResponse, PageError>;

/// The data of `base.html`.
pub struct Page {
    /// The heading and the window's title.
    pub title: String,
    /// Which link of the navigation is the current one.
    pub section: &'static str,
    /// The organisation that runs the server.
    pub member: String,
    /// Who is signed in.
    pub user: String,
    /// As what.
    pub role: &'static str,
    /// For the hidden field of every form.
    pub csrf: String,
    /// Whether controls that change something are shown.
    pub may_edit: bool,
    /// Why no tracking request is taken, if so.
    pub alarm: Option<Alarm>,
    /// A message from the form before.
    pub flash: Option<Flash>,
}

/// A page.
pub fn html(template: &impl Template) -> HttpResponse {
    html_with(StatusCode::OK, template)
}

/// A form shown again with its errors.
pub fn html_again(template: &impl Template) -> HttpResponse {
    html_with(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// A page with another status.
pub fn html_with(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(text) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(text),
        Err(error) => {
            tracing::error!(cause = %error, "a template could not be rendered");
            HttpResponse::InternalServerError().content_type("text/plain; charset=utf-8").body("The page is broken.")
        }
    }
}

/// Goes on to another page after a form was taken, so that reloading does not send it again.
pub fn see_other(address: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address.as_ref())).finish()
}
