//! A visitor's connection with an end to its patience: whoever sends a request byte by byte is cut off, also on a
//! connection that has served requests before. (The HTTP library watches over the first request's head alone.) It knows
//! nothing of HTTP: what was received must be answered, at least in part, within a time.

use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long after the first byte that is not answered yet the first byte of an answer may come. Longer than all that may
/// go into it: the first head (5 s) or the body (10 s), and the database (10 s).
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing may come and go at all; longer than idle connections are kept, and than what streams to the pages is
/// silent. It ends what waits with half a request that came along with a whole one, or for a client that reads no more.
pub const QUIET: Duration = Duration::from_secs(90);

/// A connection that is given up when what it received is not answered in time, or when nothing moves any more. One timer
/// serves all of its requests: it is set anew when it ends too early, not at each of them.
pub struct Patient<S> {
    stream: S,
    state: State,
    timer: Pin<Box<Sleep>>,
}

/// What is waited for.
#[derive(Clone, Copy)]
enum State {
    /// An answer, since something was received.
    Asked(Instant),
    /// More of an answer, or the next request, since something was sent.
    Answered(Instant),
}

impl State {
    fn ends(self) -> Instant {
        match self {
            State::Asked(since) => since + PATIENCE,
            State::Answered(since) => since + QUIET,
        }
    }
}

impl<S> Patient<S> {
    /// Watches over a stream.
    pub fn new(stream: S) -> Self {
        let state = State::Answered(Instant::now());
        Patient { stream, state, timer: Box::pin(sleep(PATIENCE)) }
    }

    /// Whether it has waited too long. If it has not, the task is woken when it may have.
    fn poll_out_of_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let ends = self.state.ends();
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

    fn answered(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(1..)) = written {
            self.state = State::Answered(Instant::now());
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
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before && matches!(self.state, State::Answered(_)) {
            self.state = State::Asked(Instant::now());
        }
        // Who sends all the time runs out of time, too.
        match self.poll_out_of_patience(context) {
            Poll::Ready(()) => Poll::Ready(Err(ErrorKind::TimedOut.into())),
            Poll::Pending => read,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.answered(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.answered(written)
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

    const SECOND: Duration = Duration::from_secs(1);

    fn connected() -> (DuplexStream, Patient<DuplexStream>) {
        pause();
        let (client, server) = duplex(64);
        (client, Patient::new(server))
    }

    async fn receive(server: &mut Patient<DuplexStream>) -> io::Result<usize> {
        server.read(&mut [0; 16]).await
    }

    #[tokio::test]
    async fn who_sends_byte_by_byte_runs_out_of_time() {
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
    async fn who_stops_half_way_is_not_waited_for() {
        let (mut client, mut server) = connected();
        client.write_all(b"GET").await.unwrap();
        assert_eq!(receive(&mut server).await.unwrap(), 3);
        let began = Instant::now();
        // The test's clock goes on by itself when there is nothing else to do: so the task was woken.
        assert_eq!(receive(&mut server).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!((PATIENCE..PATIENCE + SECOND).contains(&began.elapsed()));
    }

    #[tokio::test]
    async fn each_answer_begins_the_time_anew() {
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
