//! The progress of loading sample data into a fresh database. The page reloads itself until all is loaded.

use actix_web::http::header::{HeaderValue, REFRESH};
use actix_web::web;
use askama::Template;

use crate::admin::shell::flash::{Flash, FlashKind};
use crate::admin::shell::page::{Answer, html, see_other};
use crate::admin::shell::session::Session;
use crate::admin::text::format::plural;
use crate::web::AppState;
use crate::web::health::Health;
use crate::web::sample::Loading;

/// The address of the page.
pub const PATH: &str = "/admin/sample-data";

#[derive(Template)]
#[template(path = "admin/server/sample_data.html")]
struct SamplePage {
    title: &'static str,
    theme: &'static str,
    /// The current step.
    step: String,
    percent: u8,
    /// Why loading failed; empty if it did not.
    failure: String,
}

/// `GET /admin/sample-data`
pub async fn show(state: web::Data<AppState>, session: Session) -> Answer {
    let behind = Health::of(&state.store).await.behind();
    let (step, percent, failure) = match state.sample.loading() {
        Loading::No => return Ok(see_other("/admin")),
        Loading::Percent(percent) => ("Writing 90 days of traffic".to_owned(), percent, String::new()),
        Loading::Done if behind > 0 => (format!("Attribution: {} to go", plural(behind, "event")), 100, String::new()),
        Loading::Done => {
            let text = "The sample data are loaded: three advertisers with 90 days of traffic.";
            return Ok(session.go_with("/admin", &Flash::new(FlashKind::Good, text)));
        }
        Loading::Failed(cause) => (String::new(), 0, cause),
    };
    let theme = session.page("", "").theme;
    let is_running = failure.is_empty();
    let mut answer = html(&SamplePage { title: "Loading sample data", theme, step, percent, failure });
    if is_running {
        answer.headers_mut().insert(REFRESH, HeaderValue::from_static("1"));
    }
    Ok(answer)
}
