//! How the judge gives way to collection: what is logged is answered first and judged a little later. It takes the
//! processors that nobody else wants, lets requests gather while many come, and rests longer the longer it had to wait
//! for a processor beside the time it ran: then all of them are busy answering.

use std::time::Duration;

use super::worker::ROWS_A_SLICE;

/// How long requests gather between two slices while many come: a slice costs less a row the more rows it has, and the
/// judge is a fraction of a second behind.
const GATHERING: Duration = Duration::from_millis(100);
/// So many rows in a slice are many. With fewer the judge follows at once.
const MANY: i64 = 100;
/// Waits of up to one part in so many of the time it ran are nothing to rest for: with half of the load that collection
/// can take they are a third of it, with all of that load as long or longer (benches/README.md).
const USUAL_WAITS: u32 = 2;
/// Waits of less than one part in so many mean that a processor is free.
const ALONE: u32 = 8;
/// How much longer than it waited beyond that it rests.
const PATIENCE: u32 = 12;
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// The pace of the thread that it was made on.
pub(super) struct Pace {
    scheduled: Scheduled,
}

/// What became of a thread's wish to run, in all since it began.
#[derive(Clone, Copy, Default)]
struct Scheduled {
    ran: Duration,
    /// Was ready to run and waited for a processor.
    waited: Duration,
}

impl Pace {
    /// Makes the thread one that gives way.
    pub(super) fn new() -> Self {
        give_way();
        Pace { scheduled: Scheduled::of_this_thread() }
    }

    /// How long to rest after a slice of so many rows.
    pub(super) fn rest(&mut self, rows: i64) -> Duration {
        if rows < MANY {
            return Duration::ZERO;
        }
        let scheduled = Scheduled::of_this_thread();
        let ran = scheduled.ran.saturating_sub(self.scheduled.ran);
        let waited = scheduled.waited.saturating_sub(self.scheduled.waited);
        self.scheduled = scheduled;
        // A full slice means that more waits already: then it rests only where it had to wait.
        let alone = waited < ran / ALONE;
        let gathering = if alone && rows >= i64::from(ROWS_A_SLICE) { Duration::ZERO } else { GATHERING };
        (waited.saturating_sub(ran / USUAL_WAITS) * PATIENCE).clamp(gathering, LONGEST_REST)
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

impl Scheduled {
    /// Nothing where the system does not tell.
    fn of_this_thread() -> Self {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let mut nanos = told.split(' ').map(|nanos| Duration::from_nanos(nanos.parse().unwrap_or(0)));
        Scheduled { ran: nanos.next().unwrap_or_default(), waited: nanos.next().unwrap_or_default() }
    }
}
