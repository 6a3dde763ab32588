//! The frame that every page has, and the one way from a template to an answer.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use askama::Template;

use super::alarms::Alarm;
use super::error::PageError;
use super::flash::Flash;
use super::form::capital;
use super::odd::Odd;

/// The result of a page's handler.
pub type Answer = Result<HttpResponse, PageError>;

/// The data of `base.html`.
pub struct Page {
    /// The heading.
    pub title: String,
    /// What tells its tab of the browser from others: the title, unless the page says more.
    pub tab: String,
    /// The address that this page answers, for forms that lead back.
    pub here: String,
    /// The page that its form leads back to; empty for the usual one.
    pub return_to: String,
    /// The key of its form, which is good for one creation; empty if it creates nothing.
    pub form_key: String,
    /// The fields that its form was opened with; empty if it changes nothing.
    pub opened: String,
    /// `light` or `dark` if the user chose one, else empty.
    pub theme: &'static str,
    /// Whether single keys are shortcuts in this browser.
    pub shortcuts: bool,
    /// The key of the current link in the navigation.
    pub section: &'static str,
    /// The organisation that runs the server.
    pub member: String,
    /// The signed-in user.
    pub user: String,
    pub role: &'static str,
    /// For the hidden field of every form.
    pub csrf: String,
    /// Whether the page shows controls that change something.
    pub may_edit: bool,
    /// Why the server refuses tracking requests, if it does.
    pub alarm: Option<Alarm>,
    /// The message of the form that led here.
    pub flash: Option<Flash>,
    /// What is wrong with its address.
    pub odd: Odd,
}

impl Page {
    /// Says more in the browser's tab: `Line items (14)`, `Order RC-71930, credited`.
    #[must_use]
    pub fn with_tab(mut self, tab: impl Into<String>) -> Self {
        self.tab = tab.into();
        self
    }

    /// Makes its form lead back to this page.
    #[must_use]
    pub fn returning_to(mut self, address: &str) -> Self {
        address.clone_into(&mut self.return_to);
        self
    }

    /// Gives its form a key that is good for one creation.
    #[must_use]
    pub fn keyed(mut self, key: String) -> Self {
        self.form_key = key;
        self
    }

    /// The query string of a link to a form that leads back here.
    pub fn back_here(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", &self.here).finish()
    }

    /// The letters that stand for the user: `AK` of `anna.krueger` or `Anna Krüger`.
    pub fn initials(&self) -> String {
        let parts = self.user.split(|c: char| !c.is_alphanumeric()).filter_map(|part| part.chars().next());
        parts.take(2).flat_map(char::to_uppercase).collect()
    }

    pub fn role_name(&self) -> String {
        capital(self.role)
    }
}

pub fn html(template: &impl Template) -> HttpResponse {
    html_with(StatusCode::OK, template)
}

/// Shows a form again with its errors.
pub fn html_again(template: &impl Template) -> HttpResponse {
    html_with(StatusCode::UNPROCESSABLE_ENTITY, template)
}

pub fn html_with(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(text) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(text),
        Err(error) => {
            tracing::error!(cause = %error, "a template could not be rendered");
            HttpResponse::InternalServerError().content_type("text/plain; charset=utf-8").body("The page is broken.")
        }
    }
}

/// Leads to another page after a form, so that reloading does not send the form again.
pub fn see_other(address: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address.as_ref())).finish()
}
