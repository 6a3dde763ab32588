//! The sizes of large segments, kept for a little while: members are counted one by one, a million of them in a tenth of
//! a second, and scripts ask again and again for lists of a hundred segments. Small ones are counted each time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::{Millis, SegmentId};

/// A segment with more members than this is large. To count these takes a thousandth of a second.
const LARGE: u64 = 10_000;
/// How old the size of a large segment may be, in milliseconds.
const OLDEST: i64 = 60_000;

/// See the head of this file.
#[derive(Default)]
pub(super) struct KeptSizes(Mutex<HashMap<SegmentId, (Millis, u64)>>);

impl KeptSizes {
    /// The size that was counted not long before `now`.
    pub(super) fn get(&self, segment: SegmentId, now: Millis) -> Option<u64> {
        let sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, members) = *sizes.get(&segment)?;
        // A clock that was set back says nothing of how old it is.
        (0..OLDEST).contains(&now.since(at)).then_some(members)
    }

    /// Keeps the size that was counted `now`, if it is a large segment's. Answers it.
    pub(super) fn note(&self, segment: SegmentId, now: Millis, members: u64) -> u64 {
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if members > LARGE {
            sizes.insert(segment, (now, members));
        } else {
            sizes.remove(&segment);
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sizes_are_kept_for_a_minute_and_small_ones_never() {
        let (kept, segment, now) = (KeptSizes::default(), SegmentId(1), Millis(1_000_000));
        for (members, age, found) in [
            (LARGE, 0, None),
            (LARGE + 1, 0, Some(LARGE + 1)),
            (LARGE + 2, OLDEST - 1, Some(LARGE + 2)),
            (LARGE + 3, OLDEST, None),
            (LARGE + 4, -1, None),
            (0, 0, None),
        ] {
            assert_eq!(kept.note(segment, now, members), members);
            assert_eq!(kept.get(segment, now.plus(age)), found, "{members} members, {age} ms later");
        }
        assert_eq!(kept.get(SegmentId(2), now), None);
    }
}
