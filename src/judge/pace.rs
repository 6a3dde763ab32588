//! How the judge gives way to collection: what is logged is answered first and judged a little later. It takes the
//! processors that nobody else wants, lets requests gather while many come, and rests longer the longer it had to wait
//! for a processor: then all of them are busy answering.

use std::time::Duration;

use super::worker::ROWS_A_SLICE;

/// How long requests gather between two slices while many come: a slice costs less a row the more rows it has, and the
/// judge is a fraction of a second behind.
const GATHERING: Duration = Duration::from_millis(100);
/// So many rows in a slice are many. With fewer the judge follows at once.
const MANY: i64 = 100;
/// How much longer than it waited for a processor it rests.
const PATIENCE: u32 = 4;
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// The pace of the thread that it was made on.
pub(super) struct Pace {
    waited: Duration,
}

impl Pace {
    /// Makes the thread one that gives way.
    pub(super) fn new() -> Self {
        give_way();
        Pace { waited: waited() }
    }

    /// How long to rest after a slice of so many rows.
    pub(super) fn rest(&mut self, rows: i64) -> Duration {
        if rows < MANY {
            return Duration::ZERO;
        }
        let waited = waited();
        let now = waited.saturating_sub(self.waited);
        self.waited = waited;
        // A full slice means that more waits already.
        let gathering = if rows < i64::from(ROWS_A_SLICE) { GATHERING } else { Duration::ZERO };
        (now * PATIENCE).clamp(gathering, LONGEST_REST)
    }
}

#[cfg(target_os = "linux")]
fn give_way() {
    // On Linux this is the priority of the calling thread alone.
    if let Err(error) = rustix::process::setpriority_process(None, 10) {
        tracing::debug!(%error, "the judge's thread keeps the priority of the others");
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}

/// How long this thread was ready to run and waited for a processor, in all. Zero where the system does not tell.
fn waited() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').nth(1).and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}
