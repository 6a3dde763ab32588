//! What is to be done in the background as long as the store is open: moves committed pages from the log's WAL into its
//! file, so that no commit waits for it; tells those who follow the log when another process appended to it, or has
//! made another derived file the current one. Derived files are checkpointed by whoever writes them: nobody waits for it.
//! What fails, or panics, is done again at the next look.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};

use super::derived::Derived;
use super::{Progress, StoreError, connect, log_end};
use crate::clock::Clock;

/// No data version: whoever knows only this has everything to learn.
pub(super) const UNKNOWN: i64 = -1;

/// How often it looks.
pub(super) const EVERY: Duration = Duration::from_millis(500);

/// Runs until it is stopped or dropped.
pub(super) struct Checkpointer(Mutex<Option<(Sender<()>, JoinHandle<()>)>>);

struct Background {
    log: Connection,
    clock: Clock,
    derived: Arc<Derived>,
    /// The derived file that was current at the last look.
    current: Connection,
    generation: i64,
    progress: Arc<Progress>,
    /// The data version of the log that was last looked at.
    seen: i64,
}

impl Checkpointer {
    pub(super) fn start(
        log: &Path,
        clock: Clock,
        derived: Arc<Derived>,
        progress: Arc<Progress>,
    ) -> Result<Self, StoreError> {
        let log = connect::for_writing(log)?;
        let generation = derived.generation();
        let current = connect::for_deriving(&derived.file_of(generation))?;
        let mut background = Background { log, clock, derived, current, generation, progress, seen: UNKNOWN };
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || {
                while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                    background.look();
                }
                if let Err(error) = caught(|| background.finish()) {
                    tracing::warn!(%error, "the last checkpoint failed; the next start makes up for it");
                }
            })
            .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        Ok(Checkpointer(Mutex::new(Some((stop, thread)))))
    }

    /// Moves what is left, so that each file is whole without its WAL, and ends.
    pub(super) fn stop(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = running {
            drop(stop);
            let _ = thread.join();
        }
    }
}

/// A panic must not end what is done as long as the store is open.
fn caught(work: impl FnOnce() -> rusqlite::Result<()>) -> Result<(), StoreError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => Ok(done?),
        Err(_) => Err(StoreError::fault("a panic; see the log")),
    }
}

impl Background {
    fn look(&mut self) {
        // Neither keeps the other from being done.
        let (moved, followed) = (caught(|| self.checkpoint()), caught(|| self.follow()));
        match moved.and(followed) {
            Ok(()) => self.progress.checkpoints.ended(),
            Err(error) => {
                self.progress.checkpoints.failed(self.clock.now(), &error, 0);
            }
        }
    }

    /// PASSIVE never waits for the writer or for readers, and never makes them wait.
    fn checkpoint(&self) -> rusqlite::Result<()> {
        self.sound(self.log.execute_batch("PRAGMA wal_checkpoint(PASSIVE)"))
    }

    /// Lets the writer know when the log's file is found damaged: it works on pages that it knows already, and would go
    /// on for long.
    fn sound<T>(&self, done: rusqlite::Result<T>) -> rusqlite::Result<T> {
        if let Err(error) = &done
            && let Some(DatabaseCorrupt | NotADatabase) = error.sqlite_error_code()
        {
            self.progress.damaged(StoreError::fault(error));
        }
        done
    }

    /// Looks what has become of the log, if anybody has written since the last look.
    fn follow(&mut self) -> rusqlite::Result<()> {
        let now = self.sound(data_version(&self.log))?;
        if now == self.seen {
            return Ok(());
        }
        self.progress.reaches(self.sound(log_end::last_seq(&self.log))?);
        let generation = self.derived.follow(&self.log)?;
        if generation != self.generation {
            let file = self.derived.file_of(generation);
            tracing::info!(file = %file.display(), "what is derived from the log is read from another file now");
            self.progress.turn();
            (self.current, self.generation) = (connect::for_deriving(&file)?, generation);
        }
        self.seen = now;
        Ok(())
    }

    fn finish(&self) -> rusqlite::Result<()> {
        self.checkpoint()?;
        self.current.execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
    }
}

/// Changes with every commit of another connection, whichever process it is of.
pub(super) fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop();
    }
}
