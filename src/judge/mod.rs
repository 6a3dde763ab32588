//! The judge follows the log: it reads what was appended, decides in the log's order with `attribution`, and hands the
//! store a slice with all that follows, which is written together with the judge's cursor. It runs on one thread of
//! its own, and knows neither SQL nor the web.
//!
//! What it does when something is wrong:
//!
//! - A slice that cannot be read or written is done again after a pause that grows to [`LONGEST_PAUSE`]: nothing is
//!   ever skipped, and collection goes on meanwhile. The log catches up when the disk has room again.
//! - A slice that is refused because the cursor has moved (a rebuild) makes it begin anew from where the cursor stands.
//! - A fire that cannot be judged (a panic in the rules) and a row that cannot be read (a damaged file) are logged as
//!   errors and left out: they must not keep all later ones from being judged. A rebuild takes them up.
//! - A fire whose pixel is deleted, or was never known, is `pixel_inactive`; without any version its conversion bears
//!   version 0 and advertiser 0, so that only callers who see everything see it.

mod adjust;
mod case;
mod explain;
mod pace;
mod rebuild;
mod rules;
mod segments;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

pub use explain::{Explained, explain};
pub use rebuild::{Rebuilt, compare, rebuild};
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
    /// Starts to follow the log from where it was left.
    ///
    /// # Errors
    /// Says why it cannot: the file cannot be opened, or there is no room for a thread.
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

    /// Judges what is logged, for at most so long, and ends. What is left is judged at the next start.
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
    // Waiting on `stop` is at once a look whether to stop and the pause after a failure.
    while stop.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        // A panic, wherever, must not end the judge while collection goes on.
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

/// Waits for more of the log and judges a slice of it; says how long to rest. None once the log has ended.
fn turn(worker: &mut Worker, pace: &mut Pace) -> Result<Option<Duration>, StoreError> {
    let Some(logged) = worker.wait() else { return Ok(None) };
    let Seq(from) = worker.cursor();
    worker.step(logged)?;
    let Seq(to) = worker.cursor();
    Ok(Some(pace.rest(to - from)))
}
