//! Derives a derived file again that is found damaged while the server runs: errors of reads and of the judge make it suspect,
//! a look through the whole file decides, and a rebuild takes its place. Tracking goes on meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::rebuild::rebuild;
use crate::domain::Millis;
use crate::store::{Mending, Store, StoreError};

/// How often it looks whether the file is suspect.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A disk that fails for a moment does no damage. So a second look follows after this time.
const SURE_AFTER: Duration = Duration::from_secs(2);

/// The time between two looks through a file that is sound in spite of errors.
const LOOKS_APART: Duration = Duration::from_secs(60);

/// After a derivation it begins no other one for this long, in milliseconds.
const REST: i64 = 15 * 60_000;

/// How long the end of the server waits for the present slice.
const PATIENCE: Duration = Duration::from_secs(5);

/// The thread. Its drop stops it after the present slice of a rebuild.
pub(super) struct Mender {
    running: Option<Sender<()>>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

struct Watch {
    store: Store,
    stop: Receiver<()>,
    /// When the last derivation began.
    last: Option<Millis>,
    /// When the file was last found sound in spite of errors.
    sound: Option<Instant>,
}

impl Mender {
    pub(super) fn start(store: Store) -> Result<Self, StoreError> {
        let (running, stop) = channel();
        let (ending, ended) = channel();
        let mut watch = Watch { store, stop, last: None, sound: None };
        let thread = std::thread::Builder::new()
            .name("mender".to_owned())
            .spawn(move || {
                watch.run();
                drop(watch);
                drop(ending);
            })
            .map_err(StoreError::fault)?;
        Ok(Mender { running: Some(running), ended, thread: Some(thread) })
    }
}

impl Drop for Mender {
    fn drop(&mut self) {
        self.running.take();
        if self.ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected)
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

impl Watch {
    fn run(&mut self) {
        while self.pauses(LOOK_EVERY) {
            // A panic must not end the thread while the server runs.
            let done = catch_unwind(AssertUnwindSafe(|| self.look()));
            let done = done.unwrap_or_else(|_| Err(StoreError::fault("a panic; see the log")));
            if let Err(error) = done {
                tracing::warn!(%error, "the derived file could not be looked through for damage");
            }
        }
    }

    /// False once the server stops.
    fn pauses(&self, at_most: Duration) -> bool {
        self.stop.recv_timeout(at_most) == Err(RecvTimeoutError::Timeout)
    }

    fn look(&mut self) -> Result<(), StoreError> {
        let mending = self.store.mending();
        if mending.as_ref().is_some_and(|mending| mending.file != self.store.derived_file()) {
            // Another process has rebuilt it.
            self.store.set_mending(None);
            return Ok(());
        }
        let is_due = match &mending {
            Some(_) => !self.rests(),
            None => self.sound.is_none_or(|at| at.elapsed() > LOOKS_APART) && self.store.take_suspicion(),
        };
        if !is_due {
            return Ok(());
        }
        let Some(damage) = self.damage()? else {
            self.sound = Some(Instant::now());
            self.store.set_mending(None);
            return Ok(());
        };
        let since = mending.map_or(self.store.clock().now(), |mending| mending.since);
        self.mend(Mending { since, damage, file: self.store.derived_file(), waits: None });
        Ok(())
    }

    /// The damage that two looks find.
    fn damage(&self) -> Result<Option<String>, StoreError> {
        match self.store.derived_damage()? {
            Some(_) if self.pauses(SURE_AFTER) => self.store.derived_damage(),
            Some(_) | None => Ok(None),
        }
    }

    /// Whether the last derivation began a short time ago.
    fn rests(&self) -> bool {
        self.last.is_some_and(|last| self.store.clock().now().since(last).abs() < REST)
    }

    fn mend(&mut self, mending: Mending) {
        let wait = |why: String| {
            let waiting = Mending { waits: Some(why), ..mending.clone() };
            tracing::error!("{waiting}");
            self.store.set_mending(Some(waiting));
        };
        if self.rests() {
            return wait(
                "that was done a short time ago, so the disk may fail; it is tried again in 15 minutes".to_owned(),
            );
        }
        tracing::error!("{mending}; tags are answered as before");
        self.store.set_mending(Some(mending.clone()));
        let begun = self.store.clock().now();
        match self.derive() {
            Ok(true) => {
                self.store.set_mending(None);
                tracing::info!("the derived file is derived again, and in use");
            }
            Ok(false) => wait("another rebuild is running".to_owned()),
            Err(error) => wait(format!("{error}; it is tried again in 15 minutes")),
        }
        self.last = Some(begun);
    }

    /// Returns false if another rebuild runs.
    fn derive(&self) -> Result<bool, StoreError> {
        let Some(rebuilding) = self.store.start_rebuild(None)? else { return Ok(false) };
        let rebuilt = rebuild(&self.store, &rebuilding, &mut |_| ());
        let removed = rebuilding.remove_old();
        rebuilt?;
        if let Err(error) = removed {
            tracing::warn!(%error, "the damaged derived file could not be removed; the next start removes it");
        }
        Ok(true)
    }
}
