//! Endless answers, such as the live page's events: limits how many are open, ends them all when the server stops, and
//! sends their text. Knows nothing of its meaning.

use std::convert::Infallible;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// How many may be open at once on one server: each reads the log after every commit.
pub const MOST: usize = 64;

/// How many parts may wait for a slow browser before its stream waits too.
const WAITING: usize = 8;

/// The streams of one server. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Streams {
    places: Arc<Semaphore>,
    over: watch::Sender<bool>,
}

/// The right to one open stream; dropping it frees the place.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    over: watch::Receiver<bool>,
}

impl Place {
    /// Returns when the server stops.
    pub async fn over(&mut self) {
        // If the sender is gone, the server has stopped as well.
        let _ = self.over.wait_for(|over| *over).await;
    }
}

impl Default for Streams {
    fn default() -> Self {
        Streams { places: Arc::new(Semaphore::new(MOST)), over: watch::Sender::new(false) }
    }
}

impl Streams {
    /// Takes a place, if one is free.
    pub fn enter(&self) -> Option<Place> {
        let permit = self.places.clone().try_acquire_owned().ok()?;
        Some(Place { _permit: permit, over: self.over.subscribe() })
    }

    /// Ends all streams: a server that waits for them never stops.
    pub fn end(&self) {
        self.over.send_replace(true);
    }
}

/// An answer of server-sent events, and the sender of its text. The sender fails once the reader is gone.
pub fn events() -> (mpsc::Sender<String>, HttpResponse) {
    let (sender, mut parts) = mpsc::channel(WAITING);
    let parts = stream::poll_fn(move |context| parts.poll_recv(context));
    let answer = HttpResponse::Ok()
        .content_type("text/event-stream")
        // Neither this server nor a proxy may hold parts back to compress or collect them.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(parts.map(|part: String| Ok::<_, Infallible>(Bytes::from(part))));
    (sender, answer)
}
