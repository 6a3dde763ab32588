//! Keeps the judge from slowing collection down. The judge runs at a low priority, and lets requests gather while many
//! come. The longer it waits for a processor, the longer it rests, since the processors are busy answering requests.

use std::time::Duration;

use super::worker::ROWS_A_SLICE;

/// How long requests gather between two slices while many come. Larger slices cost less a row, and the judge stays only
/// a fraction of a second behind.
const GATHERING: Duration = Duration::from_millis(100);
/// From this many rows in a slice on, requests gather. With fewer the judge follows at once.
const MANY: i64 = 100;
/// Run-queue wait below one part in this many of the run time is normal load; the judge only rests for the excess.
/// Measured: a third at half of the load that collection can take, as long or longer at all of it (benches/README.md).
const USUAL_WAITS: u32 = 2;
/// Run-queue wait below one part in this many of the run time means that a processor is free.
const ALONE: u32 = 8;
/// How many times the excess wait it rests.
const PATIENCE: u32 = 12;
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// The pace of the thread that created it.
pub(super) struct Pace {
    scheduled: Scheduled,
}

/// How long a thread ran and waited since it began.
#[derive(Clone, Copy, Default)]
struct Scheduled {
    ran: Duration,
    /// Ready to run, but waiting for a processor.
    waited: Duration,
}

impl Pace {
    /// Lowers the calling thread's priority.
    pub(super) fn new() -> Self {
        give_way();
        Pace { scheduled: Scheduled::of_this_thread() }
    }

    /// How long to rest after a slice of this many rows.
    pub(super) fn rest(&mut self, rows: i64) -> Duration {
        if rows < MANY {
            return Duration::ZERO;
        }
        let scheduled = Scheduled::of_this_thread();
        let ran = scheduled.ran.saturating_sub(self.scheduled.ran);
        let waited = scheduled.waited.saturating_sub(self.scheduled.waited);
        self.scheduled = scheduled;
        // A full slice means that more rows wait already: then it rests only for the excess.
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
    /// Zero where the system does not report it.
    fn of_this_thread() -> Self {
        let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let mut nanos = schedstat.split(' ').map(|nanos| Duration::from_nanos(nanos.parse().unwrap_or(0)));
        Scheduled { ran: nanos.next().unwrap_or_default(), waited: nanos.next().unwrap_or_default() }
    }
}
