//! Cuts off connections that stay slow: a client that sends a request byte by byte, or that reads no more. The HTTP
//! library limits only the first request's head. This knows nothing of HTTP: received bytes must be answered in time.
//! Also ends those that make room for others ([`registry`](super::registry)).

use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::registry::{Connection, Motion};

/// How long the first byte of an answer may take, counted from the first unanswered byte received. Longer than all its
/// parts together: the first head (5 s) or the body (10 s), and the database (10 s).
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a connection may be silent in both directions. Longer than idle connections are kept, and than the streams to
/// pages pause. It ends a connection with half a request behind a whole one, and one whose client reads no more.
pub const QUIET: Duration = Duration::from_secs(90);

/// The most bytes that are received at once. The HTTP library doubles its buffer of 8 KiB when less than 1 KiB is left.
const AT_ONCE: usize = 7 * 1024;

/// After so many bytes the HTTP library must first use what it has. By itself it reads 32 KiB ahead, which takes more than
/// 100 KiB of memory for each connection. The head of a usual request is shorter.
const IN_A_ROW: usize = 4 * 1024;

/// A connection that fails when its requests are not answered in time, or when nothing moves any more. One timer serves
/// all requests: it is reset when it ends too early, not at each request.
pub struct Patient<S> {
    stream: S,
    turn: Turn,
    timer: Pin<Box<Sleep>>,
    place: Connection,
    /// The bytes received without a pause.
    in_a_row: usize,
}

/// Which side moves next.
#[derive(Clone, Copy)]
enum Turn {
    /// The server owes an answer to bytes that were received then.
    Server(Instant),
    /// The server sent something then; more of the answer or the next request follows.
    Client(Instant),
}

impl Turn {
    fn ends(self) -> Instant {
        match self {
            Turn::Server(since) => since + PATIENCE,
            Turn::Client(since) => since + QUIET,
        }
    }
}

impl<S> Patient<S> {
    /// The time for the first answer begins with the first byte received.
    pub fn new(stream: S, place: Connection) -> Self {
        let turn = Turn::Client(Instant::now());
        Patient { stream, turn, timer: Box::pin(sleep(PATIENCE)), place, in_a_row: 0 }
    }

    /// The connection's place among the others.
    pub fn place(&self) -> &Connection {
        &self.place
    }

    /// Whether the time is up. If not, the timer wakes the task when it may be.
    fn poll_out_of_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let ends = self.turn.ends();
        if self.timer.deadline() > ends {
            self.timer.as_mut().reset(ends);
        }
        loop {
            ready!(self.timer.as_mut().poll(context));
            if Instant::now() >= ends {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(ends);
        }
    }

    fn answered(&mut self, context: &Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(1..)) => {
                let now = Instant::now();
                self.turn = Turn::Client(now);
                self.place.link().moved(now, Motion::Idle);
            }
            Poll::Pending => {
                self.place.link().stuck();
                if self.place.poll_ending(context) {
                    return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
                }
            }
            Poll::Ready(_) => {}
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.in_a_row >= IN_A_ROW {
            self.in_a_row = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut part = [MaybeUninit::uninit(); AT_ONCE];
        let at_once = part.get_mut(..buffer.remaining().min(AT_ONCE)).unwrap_or_default();
        let mut part = ReadBuf::uninit(at_once);
        let read = Pin::new(&mut self.stream).poll_read(context, &mut part);
        let received = part.filled();
        buffer.put_slice(received);
        self.in_a_row = if read.is_pending() { 0 } else { self.in_a_row + received.len() };
        if !received.is_empty() && matches!(self.turn, Turn::Client(_)) {
            let now = Instant::now();
            self.turn = Turn::Server(now);
            self.place.link().moved(now, Motion::Received);
            return read;
        }
        // A client that never stops sending runs out of time, too.
        match self.poll_out_of_patience(context) {
            Poll::Ready(()) => Poll::Ready(Err(ErrorKind::TimedOut.into())),
            // As if the client had closed its side.
            Poll::Pending if read.is_pending() && self.place.poll_ending(context) => Poll::Ready(Ok(())),
            Poll::Pending => read,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.answered(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.answered(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{advance, pause};

    use super::*;
    use crate::web::connection::registry::Connections;

    const SECOND: Duration = Duration::from_secs(1);

    fn connected() -> (DuplexStream, Patient<DuplexStream>) {
        pause();
        let (client, server) = duplex(64);
        let place = Connections::new(8, None, Vec::new()).enter(None).unwrap();
        (client, Patient::new(server, place))
    }

    async fn receive(server: &mut Patient<DuplexStream>) -> io::Result<usize> {
        server.read(&mut [0; 16]).await
    }

    #[tokio::test]
    async fn a_client_that_sends_byte_by_byte_runs_out_of_time() {
        let (mut client, mut server) = connected();
        for _ in 0..PATIENCE.as_secs() {
            client.write_all(b"x").await.unwrap();
            assert_eq!(receive(&mut server).await.unwrap(), 1);
            advance(SECOND).await;
        }
        advance(SECOND).await;
        client.write_all(b"x").await.unwrap();
        assert_eq!(receive(&mut server).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_request_that_stops_half_way_runs_out_of_time() {
        let (mut client, mut server) = connected();
        client.write_all(b"GET").await.unwrap();
        assert_eq!(receive(&mut server).await.unwrap(), 3);
        let began = Instant::now();
        // The test's clock moves by itself when nothing else can run, so this shows that the timer woke the task.
        assert_eq!(receive(&mut server).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!((PATIENCE..PATIENCE + SECOND).contains(&began.elapsed()));
    }

    #[tokio::test]
    async fn each_answer_restarts_the_time() {
        let (mut client, mut server) = connected();
        for _ in 0..10 {
            client.write_all(b"GET").await.unwrap();
            assert_eq!(receive(&mut server).await.unwrap(), 3);
            advance(PATIENCE - SECOND).await;
            server.write_all(b"ok").await.unwrap();
            assert_eq!(client.read(&mut [0; 16]).await.unwrap(), 2);
            advance(2 * SECOND).await;
        }
        client.write_all(b"GET").await.unwrap();
        assert_eq!(receive(&mut server).await.unwrap(), 3);
        assert_eq!(receive(&mut server).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_idle_connection_is_left_alone_for_a_while() {
        let (mut client, mut server) = connected();
        client.write_all(b"GET").await.unwrap();
        receive(&mut server).await.unwrap();
        server.write_all(b"ok").await.unwrap();
        advance(QUIET - SECOND).await;
        client.write_all(b"GET").await.unwrap();
        assert_eq!(receive(&mut server).await.unwrap(), 3);
        server.write_all(b"ok").await.unwrap();
        let began = Instant::now();
        assert_eq!(receive(&mut server).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!((QUIET..QUIET + SECOND).contains(&began.elapsed()));
    }
}
