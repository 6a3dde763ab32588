//! Endless answers, such as the live page's events: limits how many are open, ends them all when the server stops, and
//! sends their text. Knows nothing of its meaning.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::{mpsc, watch};

/// How many may be open at once on one server: each reads the log after every commit.
pub const MOST: usize = 64;

/// How many one session may have open.
pub const MOST_OF_SESSION: usize = 4;

/// How many all sessions of one user may have open.
pub const MOST_OF_USER: usize = 8;

/// How many parts may wait for a slow browser before its stream waits too.
const WAITING: usize = 8;

/// The streams of one server. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    /// The oldest first.
    streams: Vec<OpenStream>,
    next_id: u64,
    is_over: bool,
}

struct OpenStream {
    id: u64,
    reader: StreamReader,
    end: watch::Sender<Option<StreamOver>>,
}

/// Who reads a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReader {
    /// The user's name.
    pub user: String,
    /// The session's secret.
    pub session: String,
}

/// Why the server ends a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamOver {
    /// The server stops.
    Stopping,
    /// A newer stream has taken its place.
    Replaced,
}

/// The right to one open stream; dropping it frees the place.
pub struct Place {
    id: u64,
    streams: Streams,
    end: watch::Receiver<Option<StreamOver>>,
}

impl Place {
    /// Returns when the stream must end.
    pub async fn over(&mut self) -> StreamOver {
        // If the sender is gone, the server has stopped as well.
        self.end.wait_for(Option::is_some).await.ok().and_then(|end| *end).unwrap_or(StreamOver::Stopping)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.streams.open().streams.retain(|stream| stream.id != self.id);
    }
}

impl Streams {
    /// Takes a place. The newest page is the one that its user looks at. So a user's oldest stream ends when the session
    /// or the user has too many; when the server has, the oldest of the user who has most. None if that is the same user.
    pub fn enter(&self, reader: StreamReader) -> Option<Place> {
        let mut open = self.open();
        if let Some(oldest) = open.too_many(&reader)? {
            let replaced = open.streams.remove(oldest);
            replaced.end.send_replace(Some(StreamOver::Replaced));
        }
        let id = open.next_id;
        open.next_id += 1;
        let (end, ends) = watch::channel(open.is_over.then_some(StreamOver::Stopping));
        open.streams.push(OpenStream { id, reader, end });
        Some(Place { id, streams: self.clone(), end: ends })
    }

    /// Ends all streams: a server that waits for them never stops.
    pub fn end(&self) {
        let mut open = self.open();
        open.is_over = true;
        for stream in &open.streams {
            stream.end.send_replace(Some(StreamOver::Stopping));
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Where the stream is that ends so that this reader may have one more; `Some(None)` if none needs to, `None` if none
    /// may.
    fn too_many(&self, reader: &StreamReader) -> Option<Option<usize>> {
        let oldest = |belongs: &dyn Fn(&StreamReader) -> bool| self.streams.iter().position(|s| belongs(&s.reader));
        let mut by_user: HashMap<&str, usize> = HashMap::new();
        for stream in &self.streams {
            *by_user.entry(&stream.reader.user).or_default() += 1;
        }
        let of_session = self.streams.iter().filter(|stream| stream.reader == *reader).count();
        let of_user = by_user.get(reader.user.as_str()).copied().unwrap_or(0);
        if of_session >= MOST_OF_SESSION {
            return Some(oldest(&|other| other == reader));
        }
        if of_user >= MOST_OF_USER {
            return Some(oldest(&|other| other.user == reader.user));
        }
        if self.streams.len() < MOST {
            return Some(None);
        }
        let (most, count) = by_user.into_iter().max_by_key(|(_, count)| *count)?;
        if count > of_user.max(1) { Some(oldest(&|other| other.user == most)) } else { None }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(user: usize, session: usize) -> StreamReader {
        StreamReader { user: format!("user {user}"), session: format!("session {user}.{session}") }
    }

    fn is_replaced(place: &Place) -> bool {
        *place.end.borrow() == Some(StreamOver::Replaced)
    }

    #[test]
    fn the_newest_page_of_a_session_and_of_a_user_always_gets_a_stream() {
        let streams = Streams::default();
        let first: Vec<_> = (0..5).filter_map(|_| streams.enter(reader(1, 1))).collect();
        assert_eq!(first.iter().map(is_replaced).collect::<Vec<_>>(), [true, false, false, false, false]);
        let second: Vec<_> = (0..4).filter_map(|_| streams.enter(reader(1, 2))).collect();
        assert_eq!(second.len(), 4);
        let third = streams.enter(reader(1, 3)).unwrap();
        assert!(is_replaced(&first[1]) && !is_replaced(&first[2]) && !is_replaced(&third));
        drop((first, second, third));
        assert!(streams.open().streams.is_empty());
    }

    #[test]
    fn a_user_without_a_stream_gets_one_from_the_user_who_has_most() {
        let streams = Streams::default();
        let mut open: Vec<_> = (0..MOST).map(|number| streams.enter(reader(number / 8, number / 4)).unwrap()).collect();
        let admin = streams.enter(reader(100, 1)).unwrap();
        assert_eq!(open.iter().filter(|place| is_replaced(place)).count(), 1);
        open.retain(|place| !is_replaced(place));
        for user in 200..200 + MOST {
            open.extend(streams.enter(reader(user, 1)));
            open.retain(|place| !is_replaced(place));
            assert!(open.len() < MOST && !is_replaced(&admin));
        }
        let users: std::collections::HashSet<_> =
            streams.open().streams.iter().map(|stream| stream.reader.user.clone()).collect();
        assert_eq!(users.len(), MOST, "one for each");
        assert!(streams.enter(reader(1_000, 1)).is_none());
    }
}
