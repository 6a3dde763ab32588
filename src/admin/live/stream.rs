//! The server-sent events of an open live page, one per row of the log. Overload policy: a stream reads at most
//! [`READINGS_A_SECOND`] times a second and sends at most [`MOST_AT_ONCE`] rows each time. It tells the page if it left
//! rows out, and waits for a slow browser. [`streams::MOST`] limits the number of streams.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::event::events;
use super::{event_id, live_query, parse_event_id};
use crate::admin::shell::alarms;
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::{Asked, Session};
use crate::admin::shell::sign_in_page::RETRY_AFTER_SECONDS;
use crate::domain::{Millis, Seq};
use crate::store::{LiveQuery, LiveRow, LiveRows, StoreError, Watched};
use crate::web::AppState;
use crate::web::streams::{self, Place, StreamOver, StreamReader};

/// The readings of the log in a second while it grows.
const READINGS_A_SECOND: u32 = 4;
/// The most rows that one reading sends.
const MOST_AT_ONCE: u32 = 25;
/// The most fires that a stream sends again after their judgement.
const MOST_UNJUDGED: usize = 200;
/// The time between comments on a silent stream, which show both sides that the other still lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// `GET /admin/live/events`
pub async fn stream(state: web::Data<AppState>, Asked { session, query }: Asked, request: HttpRequest) -> Answer {
    let reader = StreamReader { user: session.caller().name.clone(), session: session.secret().to_owned() };
    let Some(slot) = state.streams.enter(reader) else {
        return Ok(HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE)
            .content_type("text/plain; charset=utf-8")
            .insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS))
            .body("Too many live pages are open. Close one, or reload this page.\n"));
    };
    let resumed = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()).and_then(parse_event_id);
    let after = resumed.or_else(|| parse_event_id(query.text("after")));
    let query = LiveQuery { after, most: MOST_AT_ONCE, ..live_query(&query, &session.odd) };
    let (sender, answer) = streams::events();
    let listener = Listener { state, session, query, unjudged: Vec::new(), trouble_since: None, sender };
    actix_web::rt::spawn(listener.run(slot));
    Ok(answer)
}

/// The stream of one open page.
struct Listener {
    state: web::Data<AppState>,
    session: Session,
    query: LiveQuery,
    /// Fires that the stream sent before their judgement.
    unjudged: Vec<Seq>,
    /// The start of the trouble that the page shows.
    trouble_since: Option<Millis>,
    sender: mpsc::Sender<String>,
}

/// Why a stream ends.
enum StreamEnd {
    /// The browser went away, or the server stops.
    Closed,
    /// The session ended, or the user has other rights now.
    SignedOut,
    /// A newer page took its place. The browser must not take it back by itself.
    Replaced,
    Store(StoreError),
}

impl From<StoreError> for StreamEnd {
    fn from(error: StoreError) -> Self {
        StreamEnd::Store(error)
    }
}

impl From<mpsc::error::SendError<String>> for StreamEnd {
    fn from(_: mpsc::error::SendError<String>) -> Self {
        StreamEnd::Closed
    }
}

impl Listener {
    async fn run(mut self, mut slot: Place) {
        let sender = self.sender.clone();
        let end = tokio::select! {
            Err(end) = self.follow() => end,
            over = slot.over() => match over {
                StreamOver::Stopping => return,
                StreamOver::Replaced => StreamEnd::Replaced,
            },
            () = sender.closed() => return,
            else => return,
        };
        match end {
            StreamEnd::Closed => {}
            StreamEnd::SignedOut => {
                let _ = sender.send("event: signed-out\ndata:\n\n".to_owned()).await;
            }
            StreamEnd::Replaced => {
                // A browser that reads no more must not keep the connection.
                let _ = sender.try_send("event: replaced\ndata:\n\n".to_owned());
            }
            // The browser reconnects by itself and then gets an answer.
            StreamEnd::Store(error) => tracing::warn!(%error, "the events of a live page cannot be read"),
        }
    }

    /// Sends the rows that are there, then those that follow, until the stream ends.
    async fn follow(&mut self) -> Result<(), StreamEnd> {
        let mut commits = self.state.store.commits();
        let pause = Duration::from_secs(1) / READINGS_A_SECOND;
        let mut heartbeat = Instant::now() + HEARTBEAT;
        // The time in milliseconds after which a browser reconnects.
        self.sender.send("retry: 2000\n\n".to_owned()).await?;
        loop {
            self.send_trouble().await?;
            self.send_judged().await?;
            self.send_new().await?;
            tokio::select! {
                // The sender is gone when the store has stopped, and the server stops too.
                changed = commits.changed() => match changed {
                    // The judge mostly needs less time than this, so the stream sends most fires once, with their
                    // outcome.
                    Ok(()) => sleep(pause).await,
                    Err(_) => return Err(StreamEnd::Closed),
                },
                () = sleep_until(heartbeat) => {}
            }
            if Instant::now() >= heartbeat {
                heartbeat = Instant::now() + HEARTBEAT;
                self.check().await?;
                self.sender.send(":\n\n".to_owned()).await?;
            }
        }
    }

    /// Ends the stream if the user may not see its rows any more.
    async fn check(&self) -> Result<(), StreamEnd> {
        if self.session.is_alive(&self.state).await? { Ok(()) } else { Err(StreamEnd::SignedOut) }
    }

    /// Sends a message when the server begins to refuse requests, and an empty one when it accepts them again.
    /// Otherwise a silent page would look like a shop without visitors.
    async fn send_trouble(&mut self) -> Result<(), StreamEnd> {
        let trouble = self.state.store.trouble();
        let since = trouble.as_ref().map(|trouble| trouble.since);
        if since != self.trouble_since {
            self.trouble_since = since;
            let text = trouble.map(|trouble| alarms::live_page_outage(&trouble)).unwrap_or_default();
            self.sender.send(format!("event: trouble\ndata: {}\n\n", text.replace(['\r', '\n'], " "))).await?;
        }
        Ok(())
    }

    /// Sends the rows since the last reading.
    async fn send_new(&mut self) -> Result<(), StreamEnd> {
        let LiveRows { rows, upto, more } = self.state.store.live(self.session.reader(), self.query).await?;
        self.query.after = Some(upto);
        for row in &rows {
            if let LiveRow::Fire(fire, None) = row {
                self.unjudged.push(fire.seq);
            }
        }
        let too_many = self.unjudged.len().saturating_sub(MOST_UNJUDGED);
        self.unjudged.drain(..too_many);
        if more {
            self.sender.send("event: more\ndata:\n\n".to_owned()).await?;
        }
        self.send_rows(&rows, upto).await
    }

    /// Sends fires again that the judge has judged since.
    async fn send_judged(&mut self) -> Result<(), StreamEnd> {
        if self.unjudged.is_empty() {
            return Ok(());
        }
        let judged = self.state.store.live_judged(self.session.reader(), self.unjudged.clone()).await?;
        for row in &judged {
            if let LiveRow::Fire(fire, _) = row {
                self.unjudged.retain(|seq| *seq != fire.seq);
            }
        }
        match self.query.after {
            Some(upto) => self.send_rows(&judged, upto).await,
            None => Ok(()),
        }
    }

    /// Sends an event for each row, the oldest first, since the page puts each on top.
    async fn send_rows(&mut self, rows: &[LiveRow], upto: Watched) -> Result<(), StreamEnd> {
        if rows.is_empty() {
            return Ok(());
        }
        self.check().await?;
        let now = self.state.clock.now();
        let mut text = String::new();
        for event in events(&self.state.store, self.session.reader(), rows, now).await?.iter().rev() {
            text.push_str("event: row\n");
            for line in event.to_string().lines().filter(|line| !line.trim().is_empty()) {
                text.push_str("data: ");
                text.push_str(line);
                text.push('\n');
            }
            text.push_str(&format!("id: {}\n\n", event_id(upto)));
        }
        self.sender.send(text).await?;
        Ok(())
    }
}
