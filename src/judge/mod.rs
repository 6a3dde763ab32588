//! The judge follows the log: it reads new rows, decides them in the log's order with `attribution`, and passes the store a
//! slice with the results. The store writes the slice together with the judge's cursor. The judge runs on a thread of its
//! own, and depends neither on SQL nor on the web.
//!
//! Failures:
//!
//! - If it cannot read or write a slice, it tries again after a pause that grows to [`LONGEST_PAUSE`]. It never skips a
//!   slice. Collection continues meanwhile, and the judge catches up when the disk has room.
//! - If the store refuses a slice because the cursor has moved (a rebuild), it continues from the new cursor.
//! - If the derived file turns out to be damaged, `mending.rs` derives it again beside the running judge.
//! - A fire that it cannot judge (a panic in the rules), or a row that it cannot read (a damaged file), must not stop
//!   all later rows. It logs an error and leaves the row out. A rebuild tries it again.
//! - A fire whose pixel is deleted or never existed is `pixel_inactive`. If it never existed, only callers who see all
//!   advertisers see the conversion ([`crate::domain::AdvertiserId::UNKNOWN`]).

mod adjust;
mod arrivals;
mod case;
mod decide;
mod explain;
mod mending;
mod names;
mod pace;
mod pending;
mod rebuild;
mod rules;
mod segments;
mod states;
mod twins;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

pub use explain::{Explained, explain};
pub use rebuild::{RebuildProgress, compare, rebuild};
pub use worker::{ROWS_A_SLICE, Worker};

use self::mending::Mender;
use self::pace::Pace;
use crate::domain::Seq;
use crate::store::{Store, StoreError};

/// The pause after a first failure.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two attempts.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A running judge. Its drop stops it after the present slice.
pub struct Judge {
    store: Store,
    /// Its drop stops the thread after the present slice.
    running: Option<Sender<()>>,
    /// Disconnected when the thread ends.
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
    _mender: Mender,
}

impl Judge {
    /// Starts to follow the log from the derived file's cursor.
    ///
    /// # Errors
    /// The file cannot be opened, or there is no room for a thread.
    pub fn start(store: Store) -> Result<Self, StoreError> {
        let worker = Worker::new(store.clone(), ROWS_A_SLICE)?;
        let (running, stop) = channel();
        let (ending, ended) = channel();
        let following = store.clone();
        let thread = std::thread::Builder::new()
            .name("judge".to_owned())
            .spawn(move || {
                follow(worker, &following, &stop);
                drop(ending);
            })
            .map_err(StoreError::fault)?;
        let mender = Mender::start(store.clone())?;
        Ok(Judge { store, running: Some(running), ended, thread: Some(thread), _mender: mender })
    }

    /// Judges the rest of the log for at most this long, and ends. The next start continues.
    pub fn finish(self, at_most: Duration) {
        self.store.end_log();
        if self.ended.recv_timeout(at_most) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the judge did not reach the end of the log; it continues at the next start");
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.running.take();
        self.store.end_log();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn follow(mut worker: Worker, store: &Store, stop: &Receiver<()>) {
    let (mut pace, mut pause) = (Pace::new(), Duration::ZERO);
    // The wait on `stop` is also the pause after a slice or a failure.
    while stop.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        // Caught around the whole turn, including its wait: no panic may end the judge while collection continues. The
        // worker keeps its state only after success, so the next turn loads it again.
        let turn = catch_unwind(AssertUnwindSafe(|| turn(&mut worker, &mut pace)))
            .unwrap_or_else(|_| Err(StoreError::fault("the judge panicked; see the log")));
        match turn {
            Ok(None) => break,
            Ok(Some(rest)) => {
                pause = rest;
                store.judging().ended();
            }
            Err(error) => {
                pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                worker.suspect();
                store.suspect_derived(&error);
                store.judging().failed(store.clock().now(), &error, 0);
            }
        }
    }
}

/// Waits for more of the log and judges a slice of it; returns how long to rest. None once the log has ended.
fn turn(worker: &mut Worker, pace: &mut Pace) -> Result<Option<Duration>, StoreError> {
    let Some(logged) = worker.wait() else { return Ok(None) };
    let Seq(from) = worker.cursor();
    worker.step(logged)?;
    let Seq(to) = worker.cursor();
    Ok(Some(pace.rest(to - from)))
}
