//! Live events: what comes in as it comes in. The page shows the latest rows of the log; `live_stream` tells it of
//! further ones, and without JavaScript it is reloaded by hand. In test mode it hands out a tag that carries `test=1`,
//! and watches for it.

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::choices::{self, Choice};
use super::export_wish::place_of;
use super::extract::Asked;
use super::form::Form;
use super::list;
use super::live_event::{LiveEvent, events};
use super::page::{Answer, Page, html};
use super::rejected;
use super::session::Session;
use super::test_tag::TestTag;
use crate::domain::{LogKind, Pixel, Seq};
use crate::store::{LiveQuery, Watched};
use crate::web::State;

const PATH: &str = "/admin/live";

/// Rows on the page as it is first shown.
const LATEST: u32 = 50;

#[derive(Template)]
#[template(path = "live.html")]
struct LivePage {
    page: Page,
    pixels: Vec<Choice>,
    kinds: Vec<Choice>,
    tests: bool,
    /// Whether something is left out by a filter.
    filtered: bool,
    /// Whether this user sees one advertiser alone.
    limited: bool,
    /// What was rejected lately, if that is what is looked at.
    rejected: Option<rejected::Sums>,
    events: Vec<LiveEvent>,
    /// Where the events that follow are told.
    stream: String,
    /// This page again.
    here: String,
    /// The same with test mode on.
    test_mode: String,
    test: Option<TestTag>,
}

/// `GET /admin/live`
pub async fn show(state: web::Data<State>, session: Session, Asked(asked): Asked, request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let pixels = choices::all::<Pixel>(store, by, &asked.ids("pixel")).await?;
    let query = query(&asked);
    let found = store.live(by, query).await?;
    let chosen = query.pixel.and_then(|id| pixels.iter().find(|pixel| pixel.id == id));
    let test = match chosen.filter(|_| query.tests) {
        Some(pixel) => Some(TestTag::of(store, by, pixel, &asked, place_of(&request, &state)?, session.now).await?),
        None => None,
    };
    let rejected = match query.kind {
        Some(LogKind::Rejected) => rejected::Sums::of(store, by, session.now).await?,
        _ => None,
    };
    let policy = test.as_ref().and_then(TestTag::policy);
    let after = place(found.upto);
    let mut answer = html(&LivePage {
        page: session.page("live", "Live events"),
        pixels: choices::options(&pixels, asked.text("pixel"), |pixel| (pixel.id.0, pixel.name.clone())),
        kinds: choices::words(&KINDS, asked.text("kind")),
        tests: query.tests,
        filtered: query.tests || query.pixel.is_some() || query.kind.is_some(),
        limited: by.scope().advertiser().is_some(),
        rejected,
        events: events(store, by, &found.rows, session.now).await?,
        stream: list::address("/admin/live/events", &asked, &[("after", &after), ("load", "")]),
        here: list::address(PATH, &asked, &[("load", "")]),
        test_mode: list::address(PATH, &asked, &[("test", "on"), ("kind", "")]),
        test,
    });
    if let Some(policy) = policy.and_then(|policy| policy.parse().ok()) {
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(answer)
}

/// The kinds of rows as people call them.
const KINDS: [(&str, &str); 6] = [
    ("fire", "Fires"),
    ("impression", "Impressions"),
    ("click", "Clicks"),
    ("segment_load", "Segments"),
    ("adjustment", "Corrections"),
    ("rejected", "Rejected"),
];

/// What is watched for. What cannot be read is not filtered by.
pub fn query(asked: &Form) -> LiveQuery {
    LiveQuery {
        kind: LogKind::parse(asked.text("kind")),
        pixel: asked.text("pixel").parse().ok(),
        tests: asked.has("test"),
        after: None,
        most: LATEST,
    }
}

/// A place in the log as text, for the events' ids.
pub fn place(watched: Watched) -> String {
    format!("{}.{}", watched.log, watched.rejected)
}

/// Reads [`place`].
pub fn unplace(text: &str) -> Option<Watched> {
    let (log, rejected) = text.split_once('.')?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    Some(Watched { log: Seq(number(log)?), rejected: number(rejected)? })
}
