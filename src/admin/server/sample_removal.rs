//! The page that asks before it removes the sample data. It names what goes and what stays, and wants a word typed.

use actix_web::web;
use askama::Template;

use super::{sample_data, save};
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::Errors;
use crate::admin::shell::page::{Answer, Page, html, html_again, see_other};
use crate::admin::shell::session::{Posted, Session};
use crate::admin::text::format::{and, plural};
use crate::domain::{Advertiser, Campaign, LineItem, Pixel, Publisher, Segment, Tracker};
use crate::store::SampleObjects;
use crate::web::AppState;

/// The words that a user types to confirm.
const WORDS: &str = "sample data";

#[derive(Template)]
#[template(path = "admin/server/sample_removal.html")]
struct RemovalPage {
    page: Page,
    /// A line each: `3 advertisers: …`, `15 pixels`.
    goes: Vec<String>,
    words: &'static str,
    typed: String,
    errors: Errors,
}

/// What the page of settings says about the sample data; empty if there are none.
pub async fn summary(state: &AppState, session: &Session) -> Result<String, PageError> {
    let sample = state.store.sample_objects(&session.admin()?).await?;
    Ok(sample.map_or_else(String::new, |sample| and(&counts(&sample))))
}

/// `GET /admin/settings/sample-data`
pub async fn show(state: web::Data<AppState>, session: Session) -> Answer {
    page(&state, &session, String::new(), Errors::default()).await
}

/// `POST /admin/settings/sample-data`
pub async fn remove(state: web::Data<AppState>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let by = session.admin()?;
    let typed = form.text("confirm");
    if !typed.eq_ignore_ascii_case(WORDS) {
        let mut errors = Errors::default();
        errors.add("confirm", format!("Type “{WORDS}” to confirm."));
        return page(&state, &session, typed.to_owned(), errors).await;
    }
    state.sample.remove(by);
    Ok(see_other(sample_data::PATH))
}

async fn page(state: &AppState, session: &Session, typed: String, errors: Errors) -> Answer {
    let Some(sample) = state.store.sample_objects(&session.admin()?).await? else {
        return Ok(see_other(save::PATH));
    };
    let names = state.store.names::<Advertiser>(session.reader(), sample.of::<Advertiser>().to_vec()).await?;
    let mut names: Vec<String> = names.into_values().collect();
    names.sort();
    let mut goes = counts(&sample);
    if let Some(first) = goes.first_mut().filter(|_| !names.is_empty()) {
        *first = format!("{first}: {}", and(&names));
    }
    goes.push("all their recorded traffic".to_owned());
    let has_errors = !errors.is_empty();
    let page = RemovalPage { page: session.page("settings", "Remove sample data"), goes, words: WORDS, typed, errors };
    Ok(if has_errors { html_again(&page) } else { html(&page) })
}

fn counts(sample: &SampleObjects) -> Vec<String> {
    let counts = [
        (sample.of::<Advertiser>().len(), "advertiser"),
        (sample.of::<Pixel>().len(), "pixel"),
        (sample.of::<LineItem>().len(), "line item"),
        (sample.of::<Campaign>().len(), "campaign"),
        (sample.of::<Tracker>().len(), "tracker"),
        (sample.of::<Publisher>().len(), "placement"),
        (sample.of::<Segment>().len(), "segment"),
    ];
    let some = counts.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, noun)| plural(u64::try_from(count).unwrap_or(u64::MAX), noun)).collect()
}
