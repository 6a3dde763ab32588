//! The stream of live events: its rows, where it goes on, when it ends, and how many there may be.

use std::time::{Duration, Instant};

use pixeld::domain::{ExposureKind, Flags, Pixel, Role};
use pixeld::store::LogRow;
use pixeld::web::streams;

use super::{PATIENCE, buy, every_kind, log, titles};
use crate::admin::Browser;
use crate::harness::TestApp;
use crate::judge::{exposure, fire, show};

#[actix_web::test]
async fn a_limited_user_sees_only_the_rows_of_its_advertiser() {
    let app = TestApp::start().await;
    let shop = every_kind(&app).await;
    let own = app.advertiser("Own").await;
    let stranger = Browser::of(&app, Role::Viewer, Some(own.id)).await;
    let body = stranger.get("/admin/live?kind=all").await.body;
    assert_eq!(titles(&body), [""; 0]);
    let insider = Browser::of(&app, Role::Viewer, Some(shop.advertiser.id)).await;
    let body = insider.get("/admin/live?kind=all").await.body;
    assert_eq!(titles(&body), ["Cancel order A-1", "Purchase", "Banner 300x250", "Banner 300x250"]);

    let mut events = EventReader::open(&stranger, "/admin/live/events?kind=all&after=0.0", &[]).await;
    buy(&app, &shop, "A-2", Flags::default()).await;
    let pixel = app.store.create(&app.editor(), Pixel::new(own.id, "Mine")).await.unwrap();
    log(&app, LogRow::Fire(Box::new(fire(pixel.id, 9, 10_000)))).await;
    assert_eq!(events.row().await.title, "Mine");
}

/// A reader of the stream, event by event.
struct EventReader {
    answer: reqwest::Response,
    text: String,
}

/// An event.
struct Event {
    kind: String,
    data: String,
    id: String,
    title: String,
}

impl EventReader {
    async fn open(browser: &Browser, path: &str, headers: &[(&str, &str)]) -> Self {
        let answer = browser.listen(path, headers).await;
        assert_eq!(answer.status(), 200);
        EventReader { answer, text: String::new() }
    }

    /// The next event; none at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    lines.collect::<Vec<_>>().join("\n")
                };
                let (kind, data, id) = (field("event"), field("data"), field("id"));
                let title = titles(&data).first().map(|title| (*title).to_owned()).unwrap_or_default();
                self.text = rest.to_owned();
                if !kind.is_empty() {
                    return Some(Event { kind, data, id, title });
                }
                continue;
            }
            let part = tokio::time::timeout(PATIENCE, self.answer.chunk()).await.expect("an event comes");
            self.text.push_str(std::str::from_utf8(&part.unwrap()?).unwrap());
        }
    }

    /// The next row.
    async fn row(&mut self) -> Event {
        let event = self.next().await.expect("it goes on");
        assert_eq!(event.kind, "row", "{}", event.data);
        event
    }
}

#[actix_web::test]
async fn a_stream_sends_new_rows_and_resumes_after_the_last_id() {
    let app = TestApp::start().await;
    let shop = every_kind(&app).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let page = browser.get("/admin/live?kind=fire").await;
    let (_, rest) = page.body.split_once(r#"data-live=""#).unwrap();
    let address = rest.split('"').next().unwrap().replace("&#38;", "&");
    let mut events = EventReader::open(&browser, &address, &[("accept-encoding", "gzip")]).await;
    assert_eq!(events.answer.headers()["content-type"], "text/event-stream");
    assert_eq!(events.answer.headers()["content-encoding"], "identity");
    assert_eq!(events.answer.headers()["cache-control"], "no-store");

    show(&app.store, exposure(ExposureKind::Click, shop.line_item.id, 7, 8_000)).await;
    let seq = buy(&app, &shop, "A-2", Flags::default()).await;
    let first = events.row().await;
    assert!(first.data.contains(&format!(r#"id="log-{seq}""#)) && first.data.contains("order A-2"), "{}", first.data);
    assert!(!first.data.contains("<img"), "{}", first.data);
    drop(events);

    buy(&app, &shop, "A-3", Flags::default()).await;
    let mut events = EventReader::open(&browser, &address, &[("last-event-id", &first.id)]).await;
    let second = events.row().await;
    assert!(second.data.contains("order A-3"), "neither lost nor sent twice: {}", second.data);
    // The stream sends a fire again once the judge has a verdict.
    let mut last = second;
    while last.data.contains("Being processed") {
        last = events.row().await;
    }
    assert!(last.data.contains("order A-3") && last.data.contains("Ignored"), "{}", last.data);
}

#[actix_web::test]
async fn a_stream_says_that_it_left_rows_out() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for order in 0..30 {
        buy(&app, &shop, &format!("A-{order}"), Flags::default()).await;
    }
    app.judged().await;
    let mut events = EventReader::open(&browser, "/admin/live/events?kind=all&after=0.0", &[]).await;
    assert_eq!(events.next().await.unwrap().kind, "more");
    let rows = [events.row().await, events.row().await];
    assert!(rows[0].data.contains("order A-5<") || rows[0].data.contains("order A-5 "), "{}", rows[0].data);
    assert!(rows[1].data.contains("order A-6"), "the oldest of the newest first");
}

#[actix_web::test]
async fn a_stream_ends_with_the_session_and_with_the_server() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let (leaving, staying) = (Browser::of(&app, Role::Viewer, None).await, Browser::of(&app, Role::Editor, None).await);
    let mut left = EventReader::open(&leaving, "/admin/live/events?kind=all&after=0.0", &[]).await;
    let mut stayed = EventReader::open(&staying, "/admin/live/events?kind=all&after=0.0", &[]).await;
    assert_eq!(leaving.submit("/admin/sign-out", &[]).await.status, 303);
    buy(&app, &shop, "A-1", Flags::default()).await;
    assert_eq!(left.next().await.unwrap().kind, "signed-out");
    assert!(left.next().await.is_none());
    assert_eq!(stayed.row().await.title, "Purchase");

    let began = Instant::now();
    app.stop();
    assert!(began.elapsed() < Duration::from_secs(8), "an open page does not hold the server up");
    while stayed.next().await.is_some() {}
}

/// A session's fifth page takes the place of its first, which is told not to come back by itself.
#[actix_web::test]
async fn the_newest_pages_of_a_session_have_streams() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let mut open = Vec::new();
    for _ in 0..=streams::MOST_OF_SESSION {
        open.push(EventReader::open(&browser, "/admin/live/events?kind=all&after=0.0", &[]).await);
    }
    let mut first = open.remove(0);
    assert_eq!(first.next().await.unwrap().kind, "replaced");
    assert!(first.next().await.is_none());
    let shop = app.shop().await;
    buy(&app, &shop, "A-1", Flags::default()).await;
    for events in &mut open {
        assert_eq!(events.row().await.title, "Purchase");
    }
}

/// However many streams others ask for, an admin who opens the page gets its own.
#[actix_web::test]
async fn others_never_take_all_streams() {
    let app = TestApp::start().await;
    let mut others = Vec::new();
    for role in [Role::Viewer, Role::Editor] {
        let browser = Browser::of(&app, role, None).await;
        for _ in 0..streams::MOST {
            others.push(EventReader::open(&browser, "/admin/live/events", &[]).await);
        }
    }
    let admin = Browser::of(&app, Role::Admin, None).await;
    let mut events = EventReader::open(&admin, "/admin/live/events?kind=all&after=0.0", &[]).await;
    let shop = app.shop().await;
    buy(&app, &shop, "A-1", Flags::default()).await;
    assert_eq!(events.row().await.title, "Purchase");
    assert_eq!(Browser::new(&app).get("/admin/live/events").await.status, 303, "for signed-in users alone");
}
