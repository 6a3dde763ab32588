//! The progress of loading sample data into a fresh database, or of removing them. The page reloads itself until that
//! is done.

use actix_web::http::header::{HeaderValue, REFRESH};
use actix_web::web;
use askama::Template;

use super::save;
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
    /// None if nobody knows.
    percent: Option<u8>,
    /// What stopped early and why, and what to do; empty if nothing did.
    failure: String,
    advice: &'static str,
}

/// `GET /admin/sample-data`
pub async fn show(state: web::Data<AppState>, session: Session) -> Answer {
    let behind = Health::of(&state.store).await.behind();
    let (title, step, percent) = match state.sample.loading() {
        Loading::No => return Ok(see_other("/admin")),
        Loading::Percent(percent) => (LOADING, "Writing 90 days of traffic".to_owned(), Some(percent)),
        Loading::Done if behind > 0 => (LOADING, format!("Attribution: {} to go", plural(behind, "event")), Some(100)),
        Loading::Done => {
            let text = "The sample data are loaded: three advertisers with 90 days of traffic.";
            return Ok(session.go_with("/admin", &Flash::new(FlashKind::Good, text)));
        }
        Loading::Removing => ("Removing sample data", "Deleting objects and traffic".to_owned(), None),
        Loading::Removed(kept) => return Ok(session.go_with(save::PATH, &removed(kept))),
        Loading::Failed(cause) => return Ok(stopped(&session, format!("Loading stopped: {cause}."), LOAD_AGAIN)),
        Loading::NotRemoved(cause) => {
            return Ok(stopped(
                &session,
                format!("Removing stopped: {cause}."),
                "Open the settings to remove the rest.",
            ));
        }
    };
    let page =
        SamplePage { title, theme: session.page("", "").theme, step, percent, failure: String::new(), advice: "" };
    let mut answer = html(&page);
    answer.headers_mut().insert(REFRESH, HeaderValue::from_static("1"));
    Ok(answer)
}

const LOADING: &str = "Loading sample data";

const LOAD_AGAIN: &str =
    "Part of the data may be there. To start again, stop the server and start it with an empty data directory.";

fn stopped(session: &Session, failure: String, advice: &'static str) -> actix_web::HttpResponse {
    let theme = session.page("", "").theme;
    html(&SamplePage {
        title: "The sample data are incomplete",
        theme,
        step: String::new(),
        percent: None,
        failure,
        advice,
    })
}

fn removed(kept: usize) -> Flash {
    match u64::try_from(kept).unwrap_or(u64::MAX) {
        0 => Flash::new(FlashKind::Good, "The sample data are removed."),
        kept => {
            let stay = if kept == 1 { "stays" } else { "stay" };
            let text = format!(
                "The sample traffic is removed. {} {stay}, since your own objects need it.",
                plural(kept, "sample object")
            );
            Flash::new(FlashKind::Warning, if kept == 1 { text } else { text.replace("need it", "need them") })
        }
    }
}
