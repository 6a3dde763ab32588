//! Moves committed pages from the WAL into the database file on a thread of its own, so that no commit waits for it; and
//! tells those who follow the log when another process appended to it.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::writer::Followers;
use super::{StoreError, connect, log};

/// No data version: whoever knows only this has everything to learn.
pub(super) const UNKNOWN: i64 = -1;

/// How often it looks.
const EVERY: Duration = Duration::from_millis(500);

/// Runs until it is dropped.
pub(super) struct Checkpointer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(file: &Path, followers: impl Followers + 'static) -> Result<Self, StoreError> {
        let conn = connect::for_writing(file)?;
        let (stop, stopped) = channel();
        let mut seen = UNKNOWN;
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || {
                // PASSIVE never waits for the writer or for readers, and never makes them wait.
                while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                    if let Err(error) = conn.execute_batch("PRAGMA wal_checkpoint(PASSIVE)") {
                        tracing::warn!(%error, "a checkpoint failed");
                    }
                    if let Err(error) = follow(&conn, &mut seen, &followers) {
                        tracing::warn!(%error, "cannot see whether another process appended to the log");
                    }
                }
            })
            .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        Ok(Checkpointer { stop: Some(stop), thread: Some(thread) })
    }
}

/// Says how far the log reaches, if anybody has written since `seen`.
fn follow(conn: &Connection, seen: &mut i64, followers: &impl Followers) -> rusqlite::Result<()> {
    let now = data_version(conn)?;
    if now != *seen {
        followers.committed(log::last_seq(conn)?);
        *seen = now;
    }
    Ok(())
}

/// Changes with every commit of another connection, whichever process it is of.
pub(super) fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
