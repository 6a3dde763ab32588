//! How fast the database's disk fills: its free space once a minute, and when it is full if the last hour goes on.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::domain::Millis;

/// The time between two looks, in milliseconds.
const EVERY: i64 = 60_000;
/// The time that the rate is of, in milliseconds.
const WINDOW: i64 = Millis::HOUR;
/// A rate of less time says too little, in milliseconds.
const ENOUGH: i64 = 10 * 60_000;

/// The free space of one moment, in bytes.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: Millis,
    left: u64,
}

/// The looks of the last hour, the oldest first.
#[derive(Debug, Default)]
pub(super) struct DiskWatch(Mutex<VecDeque<Look>>);

impl DiskWatch {
    /// Looks at the disk of a directory, once a minute. Where the system does not tell, nothing is known.
    pub(super) fn look(&self, directory: &Path, now: Millis) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.back().is_some_and(|last| (0..EVERY).contains(&now.since(last.at))) {
            return;
        }
        if let Ok(disk) = rustix::fs::statvfs(directory) {
            note(&mut looks, Look { at: now, left: disk.f_bavail.saturating_mul(disk.f_frsize) });
        }
    }

    /// In how many milliseconds the disk is full at the rate of the last hour. None if it does not fill, or if less than
    /// ten minutes are known.
    pub(super) fn full_in(&self) -> Option<i64> {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        full_in(looks.front()?, looks.back()?)
    }
}

/// Keeps the looks of an hour. If the clock was set back, it begins with this one.
fn note(looks: &mut VecDeque<Look>, look: Look) {
    if looks.back().is_some_and(|last| look.at <= last.at) {
        looks.clear();
    }
    looks.push_back(look);
    while looks.front().is_some_and(|first| look.at.since(first.at) > WINDOW) {
        looks.pop_front();
    }
}

fn full_in(first: &Look, last: &Look) -> Option<i64> {
    let time = last.at.since(first.at);
    let used = first.left.checked_sub(last.left).filter(|used| *used > 0 && time >= ENOUGH)?;
    let ms = u128::from(last.left) * u128::from(time.unsigned_abs()) / u128::from(used);
    Some(i64::try_from(ms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;
    const MINUTE: i64 = 60_000;

    /// The forecast after looks of (minute, bytes left).
    fn forecast(looks: &[(i64, u64)]) -> Option<i64> {
        let mut kept = VecDeque::new();
        for (minute, left) in looks {
            note(&mut kept, Look { at: Millis(minute * MINUTE), left: *left });
        }
        full_in(kept.front()?, kept.back()?)
    }

    #[test]
    fn the_rate_of_the_last_hour_goes_on() {
        for (looks, minutes) in [
            (vec![], None),
            (vec![(0, 10 * GIB)], None),
            // A burst of five minutes says nothing yet.
            (vec![(0, 10 * GIB), (5, 5 * GIB)], None),
            (vec![(0, 10 * GIB), (10, 9 * GIB)], Some(90)),
            (vec![(0, 10 * GIB), (60, 9 * GIB)], Some(9 * 60)),
            (vec![(0, 10 * GIB), (30, 9 * GIB), (60, 8 * GIB)], Some(8 * 30)),
            // What came before the last hour does not count.
            (vec![(0, 90 * GIB), (60, 10 * GIB), (120, 9 * GIB)], Some(9 * 60)),
            (vec![(0, 10 * GIB), (60, 10 * GIB)], None),
            (vec![(0, 10 * GIB), (60, 11 * GIB)], None),
            (vec![(0, 10 * GIB), (60, 0)], Some(0)),
            // The clock was set back.
            (vec![(60, 10 * GIB), (0, 9 * GIB)], None),
            (vec![(0, u64::MAX), (60, u64::MAX - 1)], Some(i64::MAX / MINUTE)),
        ] {
            assert_eq!(forecast(&looks).map(|ms| ms / MINUTE), minutes, "{looks:?}");
        }
    }
}
