//! Answers that have no end of their own, as the live page's events: how many there may be at once, the word that ends
//! them all when the server stops, and how their text goes out. Knows nothing of what they tell.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header;
use actix_web::web::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// How many may be open at once on one server: each reads the log whenever something is written.
pub const MOST: usize = 64;

/// Parts that may wait for a slow browser; its stream waits with them.
const WAITING: usize = 8;

/// The streams of one server. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Streams {
    places: Arc<Semaphore>,
    over: watch::Sender<bool>,
}

/// One of the places; free again once it is dropped.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    over: watch::Receiver<bool>,
}

impl Place {
    /// Returns when the server stops.
    pub async fn over(&mut self) {
        // A server that is gone has stopped as well.
        let _ = self.over.wait_for(|over| *over).await;
    }
}

impl Default for Streams {
    fn default() -> Self {
        Streams { places: Arc::new(Semaphore::new(MOST)), over: watch::Sender::new(false) }
    }
}

impl Streams {
    /// Takes a place, if there is one.
    pub fn enter(&self) -> Option<Place> {
        let permit = self.places.clone().try_acquire_owned().ok()?;
        Some(Place { _permit: permit, over: self.over.subscribe() })
    }

    /// Ends them all: a server that waited for them would not stop.
    pub fn end(&self) {
        self.over.send_replace(true);
    }
}

/// An answer of server-sent events, and where to put its text; a reader that went away closes it.
pub fn events() -> (mpsc::Sender<String>, HttpResponse) {
    let (sender, parts) = mpsc::channel(WAITING);
    let answer = HttpResponse::Ok()
        .content_type("text/event-stream")
        // Neither we nor a proxy may hold parts back to compress or gather them.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .body(Parts(parts));
    (sender, answer)
}

struct Parts(mpsc::Receiver<String>);

impl MessageBody for Parts {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| Ok(Bytes::from(part))))
    }
}
