//! While sample data are loaded into a fresh database: how far that is. The page asks for itself again until it is done.

use actix_web::http::header::{HeaderValue, REFRESH};
use actix_web::web;
use askama::Template;

use super::flash::{Flash, Kind};
use super::page::{Answer, html, see_other};
use super::session::Session;
use super::wording::plural;
use crate::web::State;
use crate::web::health::Health;
use crate::web::sample::Loading;

/// Where the page is.
pub const PATH: &str = "/admin/sample-data";

#[derive(Template)]
#[template(path = "sample.html")]
struct SamplePage {
    title: &'static str,
    /// What is being done.
    doing: String,
    percent: u8,
    /// Why it ended early; empty while it goes on.
    failed: String,
}

/// `GET /admin/sample-data`
pub async fn show(state: web::Data<State>, session: Session) -> Answer {
    let behind = Health::of(&state.store).await.behind();
    let (doing, percent, failed) = match state.sample.loading() {
        Loading::No => return Ok(see_other("/admin")),
        Loading::Percent(percent) => ("Writing ninety days of history".to_owned(), percent, String::new()),
        Loading::Done if behind > 0 => (format!("Judging it: {} to go", plural(behind, "row")), 100, String::new()),
        Loading::Done => {
            let text = "The sample data are loaded: three advertisers and ninety days of what came in.";
            return Ok(session.go_with("/admin", &Flash::new(Kind::Good, text)));
        }
        Loading::Failed(cause) => (String::new(), 0, cause),
    };
    let goes_on = failed.is_empty();
    let mut answer = html(&SamplePage { title: "Loading sample data", doing, percent, failed });
    if goes_on {
        answer.headers_mut().insert(REFRESH, HeaderValue::from_static("1"));
    }
    Ok(answer)
}
