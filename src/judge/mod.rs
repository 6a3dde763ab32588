//! The judge follows the log: it reads new rows, decides them in the log's order with `attribution`, and hands the
//! store a slice with all that follows. The store writes the slice together with the judge's cursor. The judge runs on
//! one thread of its own, and knows neither SQL nor the web.
//!
//! What it does when something is wrong:
//!
//! - It tries a slice that it cannot read or write again, after a pause that grows to [`LONGEST_PAUSE`]. It never skips
//!   one, and collection goes on meanwhile. It catches up when the disk has room again.
//! - If the store refuses a slice because the cursor has moved (a rebuild), it goes on from the new cursor.
//! - A fire that it cannot judge (a panic in the rules), or a row that it cannot read (a damaged file), must not stop
//!   all later rows. It logs an error and leaves the row out. A rebuild tries it again.
//! - A fire whose pixel is deleted, or never was, is `pixel_inactive`. If it never was, only callers who see all
//!   advertisers see the conversion ([`crate::domain::AdvertiserId::UNKNOWN`]).

mod adjust;
mod case;
mod decide;
mod explain;
mod pace;
mod pending;
mod rebuild;
mod rules;
mod segments;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

pub use explain::{Explained, explain};
pub use rebuild::{RebuildProgress, compare, rebuild};
pub use worker::{ROWS_A_SLICE, Worker};

use self::pace::Pace;
use crate::domain::Seq;
use crate::store::{Store, StoreError};

/// The pause after a first failure.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two attempts.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A running judge. Dropped, it stops after the slice at hand.
pub struct Judge {
    store: Store,
    /// Dropped to make it stop after the slice at hand.
    go_on: Option<Sender<()>>,
    /// Disconnected when the thread ends.
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Judge {
    /// Starts to follow the log from the derived file's cursor.
    ///
    /// # Errors
    /// The file cannot be opened, or there is no room for a thread.
    pub fn start(store: Store) -> Result<Self, StoreError> {
        let worker = Worker::new(store.clone(), ROWS_A_SLICE)?;
        let (go_on, stop) = channel();
        let (ending, ended) = channel();
        let following = store.clone();
        let thread = std::thread::Builder::new()
            .name("judge".to_owned())
            .spawn(move || {
                follow(worker, &following, &stop);
                drop(ending);
            })
            .map_err(StoreError::fault)?;
        Ok(Judge { store, go_on: Some(go_on), ended, thread: Some(thread) })
    }

    /// Judges what is logged, for at most this long, and ends. The next start judges the rest.
    pub fn finish(self, at_most: Duration) {
        self.store.end_log();
        if self.ended.recv_timeout(at_most) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the judge did not come to the end of the log; it goes on at the next start");
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.go_on.take();
        self.store.end_log();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn follow(mut worker: Worker, store: &Store, stop: &Receiver<()>) {
    let (mut pace, mut pause) = (Pace::new(), Duration::ZERO);
    // One wait on `stop` both asks whether to stop and pauses after a failure.
    while stop.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        // Caught around the whole turn, waiting included: no panic may end the judge while collection goes on. The
        // worker puts back what it keeps only after success, so the next turn begins afresh.
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
