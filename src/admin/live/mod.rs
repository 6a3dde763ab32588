//! The page of live events. It shows the latest rows of the log, and `stream` sends it new ones; without
//! JavaScript the user reloads it. In test mode it offers a tag with `test=1` and waits for its fires.

mod event;
mod stream;
mod test_tag;

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::choices::{self, Choice};
use super::export::options::site_of;
use super::lists::paging;
use super::overview::rejected::RejectedRequests;
use super::shell::form::Form;
use super::shell::odd::Odd;
use super::shell::page::{Answer, Page, html};
use super::shell::session::{Asked, Session};
use super::text::format::grouped;
use crate::domain::{LogKind, Pixel, Seq, Tracker, TrackerId};
use crate::store::{LiveQuery, Store, StoreError, Watched};
use crate::web::AppState;
use event::{LiveEvent, events};
use test_tag::TestTag;

const PATH: &str = "/admin/live";

/// The rows of the page when it opens.
const LATEST: u32 = 50;

#[derive(Template)]
#[template(path = "admin/live/live.html")]
struct LivePage {
    page: Page,
    pixels: Vec<Choice>,
    kinds: Vec<KindTab>,
    /// The kind, as the address has it.
    kind: String,
    tests: bool,
    is_filtered: bool,
    /// Whether the user sees one advertiser alone.
    is_limited: bool,
    /// The numbers of rejected requests, if the page shows those.
    rejected: Option<RejectedRequests>,
    events: Vec<LiveEvent>,
    /// The address of the stream with the events that follow.
    stream: String,
    /// The address of this page.
    here: String,
    /// The address of this page in test mode.
    test_mode: String,
    test: Option<TestTag>,
}

pub fn routes(routes: &mut web::ServiceConfig) {
    routes.route("/live", web::get().to(show)).route("/live/events", web::get().to(stream::stream));
}

/// `GET /admin/live`
async fn show(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let pixels = choices::all::<Pixel>(store, by, &query.ids("pixel")).await?;
    let filters = live_query(&query, &session.odd);
    if let Some(id) = filters.pixel.filter(|id| pixels.iter().all(|pixel| pixel.id != *id)) {
        session.odd.gone("pixel", &id.to_string(), "If it was deleted, its events are shown.");
    }
    let live = store.live(by, filters).await?;
    let pixel = filters.pixel.and_then(|id| pixels.iter().find(|pixel| pixel.id == id));
    let tracker = match session.odd.id::<TrackerId>(&query, "tracker", "a tracker") {
        Some(id) if filters.tests => tracker(store, &session, id).await?,
        _ => None,
    };
    let test = match (pixel.filter(|_| filters.tests), tracker) {
        (Some(pixel), _) => Some(TestTag::of(store, by, pixel, &query, site_of(&request, &state)?, session.now).await?),
        (None, Some(tracker)) => Some(TestTag::of_tracker(&tracker, &query, site_of(&request, &state)?)),
        (None, None) => None,
    };
    let rejected = match filters.kind {
        Some(LogKind::Rejected) => RejectedRequests::load(store, by, session.now).await?,
        _ => None,
    };
    let policy = test.as_ref().and_then(TestTag::policy);
    let after = event_id(live.upto);
    let mut answer = html(&LivePage {
        page: session.page("live", "Live events"),
        pixels: choices::by_advertiser(store, by, &pixels, query.text("pixel"), |pixel| {
            (pixel.id.0, pixel.name.clone())
        })
        .await?,
        kinds: kinds(&query, filters, &store.live_counts(by, filters).await?),
        kind: query.text("kind").to_owned(),
        tests: filters.tests,
        is_filtered: filters.tests || filters.pixel.is_some() || filters.kind != DEFAULT_KIND,
        is_limited: by.scope().advertiser().is_some(),
        rejected,
        events: events(store, by, &live.rows, session.now).await?,
        stream: paging::address("/admin/live/events", &query, &[("after", &after), ("load", "")]),
        here: paging::address(PATH, &query, &[("load", "")]),
        test_mode: paging::address(PATH, &query, &[("test", "on"), ("kind", "")]),
        test,
    });
    if let Some(policy) = policy.and_then(|policy| policy.parse().ok()) {
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(answer)
}

/// The tracker to test, if the user sees it.
async fn tracker(store: &Store, session: &Session, id: TrackerId) -> Result<Option<Tracker>, StoreError> {
    match store.get(session.reader(), id.0).await {
        Ok(tracker) => Ok(Some(tracker)),
        Err(StoreError::NotFound { .. }) => {
            session.odd.gone("tracker", &id.to_string(), "Choose a pixel to test.");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The kinds of rows with their labels.
const KINDS: [(LogKind, &str); 6] = [
    (LogKind::Fire, "Pixel events"),
    (LogKind::Impression, "Ad views"),
    (LogKind::Click, "Ad clicks"),
    (LogKind::SegmentLoad, "Segments"),
    (LogKind::Adjustment, "Corrections"),
    (LogKind::Rejected, "Rejected"),
];

/// The kind that shows unless somebody chose another. Ad views would drown the events.
const DEFAULT_KIND: Option<LogKind> = Some(LogKind::Fire);

/// The word for all kinds.
const ALL: &str = "all";

/// A link to the rows of a kind.
struct KindTab {
    address: String,
    label: &'static str,
    /// How many of the latest rows are of the kind; empty for all kinds.
    count: String,
    current: bool,
}

/// The kinds that the user sees, and all. A pixel has events alone.
fn kinds(query: &Form, filters: LiveQuery, counts: &[(LogKind, u64)]) -> Vec<KindTab> {
    let tab = |kind: Option<LogKind>, label, count| KindTab {
        address: paging::address(PATH, query, &[("kind", kind.map_or(ALL, LogKind::as_str)), ("load", "")]),
        label,
        count,
        current: kind == filters.kind,
    };
    let counted = KINDS.iter().filter_map(|(kind, label)| {
        let (_, count) = counts.iter().find(|(counted, _)| counted == kind)?;
        Some(tab(Some(*kind), *label, grouped(*count)))
    });
    counted.chain([tab(None, "All", String::new())]).collect()
}

/// The store's query for the page. Leaves out values that it cannot read.
pub fn live_query(query: &Form, odd: &Odd) -> LiveQuery {
    let tests = query.some("test").is_some();
    let words: Vec<&str> = KINDS.iter().map(|(kind, _)| kind.as_str()).chain([ALL]).collect();
    let kind = odd.word(query, "kind", &words, |word| match word {
        ALL => Some(None),
        word => LogKind::parse(word).map(Some),
    });
    LiveQuery {
        // A test shows all that comes of it.
        kind: kind.unwrap_or(if tests { None } else { DEFAULT_KIND }),
        pixel: odd.id(query, "pixel", "a pixel"),
        tests,
        after: None,
        most: LATEST,
    }
}

/// The id of an event: how far the page has read the log.
pub fn event_id(read: Watched) -> String {
    format!("{}.{}", read.log, read.rejected)
}

/// Reads [`event_id`].
pub fn parse_event_id(text: &str) -> Option<Watched> {
    let (log, rejected) = text.split_once('.')?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    Some(Watched { log: Seq(number(log)?), rejected: number(rejected)? })
}
