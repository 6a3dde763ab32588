//! The thread that runs while the store is open. It moves committed pages from the log's WAL into its file, so that no commit
//! waits for that. And it looks what other processes did: append to the log, or make another derived file the current one. It
//! repeats work that fails or panics at its next look. It has the writer empty the bin. The judges checkpoint the derived file themselves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};

use crate::clock::Clock;
use crate::store::db::connect;
use crate::store::db::data_version::{UNKNOWN, data_version};
use crate::store::db::file_identity::Presence;
use crate::store::db::probe::read_first_pages;
use crate::store::definitions::bin::purge::is_due;
use crate::store::derived::Derived;
use crate::store::log::end;
use crate::store::{Progress, StoreError};

/// How long it waits for what it asked the writer to remove from the bin.
const EMPTIES_EVERY: Duration = Duration::from_secs(60);

/// Asks the writer to remove what the bin kept long enough.
pub(in crate::store) type EmptyBin = Box<dyn Fn() -> Result<(), StoreError> + Send>;

/// How often it looks.
const EVERY: Duration = Duration::from_millis(500);

/// A thread that runs until it is stopped or dropped.
pub(in crate::store) struct Checkpointer(Mutex<Option<(Sender<()>, JoinHandle<()>)>>);

struct Background {
    file: PathBuf,
    presence: Presence,
    log: Connection,
    /// Whether the connection met an error that may stay with it although its cause is gone.
    is_suspect: bool,
    clock: Clock,
    derived: Arc<Derived>,
    progress: Arc<Progress>,
    empty_bin: EmptyBin,
    /// When it last asked the writer to empty the bin.
    emptied: Option<Instant>,
    /// The data version of the log at the last look.
    seen: i64,
}

impl Checkpointer {
    pub(in crate::store) fn start(
        log: &Path,
        clock: Clock,
        derived: Arc<Derived>,
        progress: Arc<Progress>,
        empty_bin: EmptyBin,
    ) -> Result<Self, StoreError> {
        let (file, presence, log) = (log.to_owned(), Presence::of(log)?, connect::for_writing(log)?);
        let mut background = Background {
            file,
            presence,
            log,
            is_suspect: false,
            clock,
            derived,
            progress,
            empty_bin,
            emptied: None,
            seen: UNKNOWN,
        };
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || {
                while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                    background.look();
                }
                last(|| background.checkpoint());
            })
            .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        Ok(Checkpointer(Mutex::new(Some((stop, thread)))))
    }

    /// Moves the remaining pages, so that the log's file is whole without its WAL, and ends the thread.
    pub(in crate::store) fn stop(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = running {
            drop(stop);
            let _ = thread.join();
        }
    }
}

/// The checkpoint when the store closes, so that the log's file is whole without its WAL.
pub(in crate::store) fn last(checkpoint: impl FnOnce() -> Result<(), StoreError>) {
    if let Err(error) = caught(checkpoint) {
        tracing::warn!(%error, "the last checkpoint failed; the next start makes up for it");
    }
}

/// A passive checkpoint never waits for the writer or for readers, and they never wait for it.
pub(in crate::store) fn passive(log: &Connection) -> rusqlite::Result<()> {
    log.execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
}

/// Catches a panic, which must not end the thread while the store is open.
fn caught(work: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(StoreError::fault("a panic; see the log")))
}

impl Background {
    fn look(&mut self) {
        if let Some(directory) = self.file.parent() {
            self.progress.disk.look(directory, self.clock.now());
        }
        // A failure of the one must not keep the others from running.
        let claimed = caught(|| self.progress.keep_claim(self.clock.now()));
        let done = caught(|| self.reopen()).and_then(|()| {
            let (moved, followed) = (caught(|| self.checkpoint()), caught(|| self.follow()));
            moved.and(followed).and(caught(|| self.empty_bin()))
        });
        match claimed.and(done) {
            Ok(()) => {
                self.progress.checkpoints.ended();
                self.progress.allow();
            }
            Err(error) => {
                self.is_suspect = self.is_suspect || error.may_stick();
                self.progress.checkpoints.failed(self.clock.now(), &error, 0);
            }
        }
    }

    /// Replaces a suspect connection by a fresh one, and reads a page of each table: the pages that a damaged file would
    /// else show only to the writer.
    fn reopen(&mut self) -> Result<(), StoreError> {
        if self.is_suspect {
            self.presence.check()?;
            let log = connect::for_writing(&self.file)?;
            self.sound(read_first_pages(&log))?;
            (self.log, self.seen, self.is_suspect) = (log, UNKNOWN, false);
        }
        Ok(())
    }

    fn checkpoint(&self) -> Result<(), StoreError> {
        Ok(self.sound(passive(&self.log))?)
    }

    /// Has the writer remove what the bin kept long enough.
    fn empty_bin(&mut self) -> Result<(), StoreError> {
        if self.emptied.is_some_and(|at| at.elapsed() < EMPTIES_EVERY) {
            return Ok(());
        }
        if self.sound(is_due(&self.log, self.clock.now()))? {
            self.emptied = Some(Instant::now());
            (self.empty_bin)()?;
        }
        Ok(())
    }

    /// Tells the writer when the log's file is damaged. The writer has pages in memory, and would go on for long.
    fn sound<T>(&self, done: rusqlite::Result<T>) -> rusqlite::Result<T> {
        if let Err(error) = &done
            && let Some(DatabaseCorrupt | NotADatabase) = error.sqlite_error_code()
        {
            self.progress.refuse(self.clock.now(), StoreError::fault(error));
        }
        done
    }

    /// Looks at the log, if a process has written since the last look.
    fn follow(&mut self) -> Result<(), StoreError> {
        let now = self.sound(data_version(&self.log))?;
        if now == self.seen {
            return Ok(());
        }
        self.progress.reaches(self.sound(end::last_seq(&self.log))?);
        let moved = self.derived.follow(&self.log);
        if !matches!(moved, Ok(false)) {
            // The judge leaves the file that it writes, whether it may write the other one or not.
            self.progress.turn();
        }
        if moved? {
            let file = &self.derived.current().file;
            tracing::info!(file = %file.display(), "pixeld reads from another derived file now");
        }
        self.seen = now;
        Ok(())
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop();
    }
}
