//! What the live page is told while it is open: server-sent events, one per row of the log, written as the page writes
//! them. Overload policy: a stream reads at most [`READINGS_A_SECOND`] times a second and tells at most
//! [`MOST_AT_ONCE`] rows each time, saying so where there were more; there is a bounded number of streams
//! ([`streams::MOST`](crate::web::streams::MOST)), and one whose browser is slow waits for it.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::attention;
use super::extract::Asked;
use super::live::{self, place, unplace};
use super::live_event::events;
use super::page::Answer;
use super::session::Session;
use crate::domain::{Millis, Seq};
use crate::store::{LiveQuery, LiveRow, LiveRows, StoreError, Watched};
use crate::web::State;
use crate::web::streams::{self, Place};

/// How often the log is looked at while it grows.
const READINGS_A_SECOND: u32 = 4;
/// Rows told at once.
const MOST_AT_ONCE: u32 = 25;
/// Fires whose verdict is awaited.
const MOST_AWAITED: usize = 200;
/// How often a word is sent into the silence, so that neither side takes the other for gone.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// `GET /admin/live/events`
pub async fn stream(state: web::Data<State>, session: Session, Asked(asked): Asked, request: HttpRequest) -> Answer {
    let Some(place) = state.streams.enter() else {
        return Ok(HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE)
            .content_type("text/plain; charset=utf-8")
            .body("As many pages watch already as this server allows. Close one, or reload the page by hand.\n"));
    };
    let resumed = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()).and_then(unplace);
    let after = resumed.or_else(|| unplace(asked.text("after")));
    let query = LiveQuery { after, most: MOST_AT_ONCE, ..live::query(&asked) };
    let (sender, answer) = streams::events();
    let listener = Listener { state, session, query, awaited: Vec::new(), told: None, sender };
    actix_web::rt::spawn(listener.run(place));
    Ok(answer)
}

/// One open page.
struct Listener {
    state: web::Data<State>,
    session: Session,
    query: LiveQuery,
    /// Fires that were told before they were judged.
    awaited: Vec<Seq>,
    /// Since when nothing is taken, as was told last.
    told: Option<Millis>,
    sender: mpsc::Sender<String>,
}

/// Why a stream ends.
enum End {
    /// The browser went away.
    Left,
    /// The user may not listen any longer.
    SignedOut,
    /// The database cannot be read.
    Trouble(StoreError),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        End::Trouble(error)
    }
}

impl From<mpsc::error::SendError<String>> for End {
    fn from(_: mpsc::error::SendError<String>) -> Self {
        End::Left
    }
}

impl Listener {
    async fn run(mut self, mut place: Place) {
        let sender = self.sender.clone();
        let end = tokio::select! {
            Err(end) = self.follow() => end,
            () = place.over() => return,
            () = sender.closed() => return,
            else => return,
        };
        match end {
            End::Left => {}
            End::SignedOut => {
                let _ = sender.send("event: signed-out\ndata:\n\n".to_owned()).await;
            }
            // The browser comes back by itself, and then finds out how it stands.
            End::Trouble(error) => tracing::warn!(%error, "a live page could not be told more"),
        }
    }

    /// Tells what is there, then what comes, until there is a reason to end.
    async fn follow(&mut self) -> Result<(), End> {
        let mut commits = self.state.store.commits();
        let pause = Duration::from_secs(1) / READINGS_A_SECOND;
        let mut heartbeat = Instant::now() + HEARTBEAT;
        // A browser that lost us asks again after so long.
        self.sender.send("retry: 2000\n\n".to_owned()).await?;
        loop {
            self.tell_trouble().await?;
            self.tell_judged().await?;
            self.tell_new().await?;
            tokio::select! {
                // A store that has stopped commits no more; the server is about to stop as well.
                changed = commits.changed() => match changed {
                    // The judge mostly follows within this time, so that a fire is told with its verdict.
                    Ok(()) => sleep(pause).await,
                    Err(_) => return Err(End::Left),
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

    /// Whether the user may still listen.
    async fn check(&self) -> Result<(), End> {
        if self.session.is_alive(&self.state).await? { Ok(()) } else { Err(End::SignedOut) }
    }

    /// Tells when nothing can be written any more, and when it can again: else the page would say that it watches while
    /// every request is refused.
    async fn tell_trouble(&mut self) -> Result<(), End> {
        let trouble = self.state.store.trouble();
        let since = trouble.as_ref().map(|trouble| trouble.since);
        if since != self.told {
            self.told = since;
            let text = trouble.map(|trouble| attention::nothing_comes(&trouble)).unwrap_or_default();
            self.sender.send(format!("event: trouble\ndata: {}\n\n", text.replace(['\r', '\n'], " "))).await?;
        }
        Ok(())
    }

    /// Tells what came since the last look.
    async fn tell_new(&mut self) -> Result<(), End> {
        let LiveRows { rows, upto, more } = self.state.store.live(self.session.reader(), self.query).await?;
        self.query.after = Some(upto);
        for row in &rows {
            if let LiveRow::Fire(fire, None) = row {
                self.awaited.push(fire.seq);
            }
        }
        let too_many = self.awaited.len().saturating_sub(MOST_AWAITED);
        self.awaited.drain(..too_many);
        if more {
            self.sender.send("event: more\ndata:\n\n".to_owned()).await?;
        }
        self.tell(&rows, upto).await
    }

    /// Tells again of fires that are judged by now.
    async fn tell_judged(&mut self) -> Result<(), End> {
        if self.awaited.is_empty() {
            return Ok(());
        }
        let judged = self.state.store.live_judged(self.session.reader(), self.awaited.clone()).await?;
        for row in &judged {
            if let LiveRow::Fire(fire, _) = row {
                self.awaited.retain(|seq| *seq != fire.seq);
            }
        }
        match self.query.after {
            Some(upto) => self.tell(&judged, upto).await,
            None => Ok(()),
        }
    }

    /// One event for each row, the oldest first: the page puts each on top.
    async fn tell(&mut self, rows: &[LiveRow], upto: Watched) -> Result<(), End> {
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
            text.push_str(&format!("id: {}\n\n", place(upto)));
        }
        self.sender.send(text).await?;
        Ok(())
    }
}
