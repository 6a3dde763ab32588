//! Counts of failures that sink with time, also while failures go on, and the bounded maps that hold them.

use std::collections::HashMap;

use super::key::Key;
use crate::domain::Millis;

/// The first wait, in milliseconds. Each further failure doubles it.
const FIRST_WAIT: i64 = 15_000;
/// The longest wait, in milliseconds.
pub(super) const LONGEST_WAIT: i64 = 15 * 60_000;

/// How failures of one kind of key make guesses wait.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// Failures without a wait.
    pub free: u32,
    /// The count sinks by one in this time, in milliseconds.
    pub sink: i64,
}

/// A count that sinks with time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    /// The milliseconds until the count is zero, as they were at `last`.
    debt: i64,
    last: Millis,
}

impl Count {
    pub(super) fn none(now: Millis) -> Self {
        Count { debt: 0, last: now }
    }

    /// The milliseconds until the count is zero. A clock that was set back prolongs nothing.
    pub(super) fn debt(self, now: Millis) -> i64 {
        (self.debt - now.since(self.last).max(0)).max(0)
    }

    /// Adds to the count. A negative number takes away.
    pub(super) fn add(&mut self, debt: i64, now: Millis) {
        *self = Count { debt: (self.debt(now) + debt).max(0), last: now };
    }

    /// The failures that have not sunk, rounded up.
    pub(super) fn failures(self, pace: Pace, now: Millis) -> u32 {
        rounded_up(self.debt(now), pace.sink)
    }

    /// The milliseconds until the next allowed guess.
    pub(super) fn wait(self, pace: Pace, now: Millis) -> i64 {
        let Some(beyond) = rounded_up(self.debt, pace.sink).checked_sub(pace.free) else { return 0 };
        let wait = FIRST_WAIT.saturating_mul(1 << beyond.min(20)).min(LONGEST_WAIT);
        (wait - now.since(self.last)).clamp(0, LONGEST_WAIT)
    }
}

fn rounded_up(debt: i64, sink: i64) -> u32 {
    u32::try_from((debt + sink - 1) / sink).unwrap_or(u32::MAX)
}

/// The failures of one key.
pub(super) struct Failures {
    count: Count,
    /// Some of the accounts that were guessed at.
    accounts: Vec<Key>,
}

/// The failures of many keys of one kind. At the most it drops those with the lowest counts, so that new keys cannot push
/// out one that waits.
pub(super) struct Counts {
    pace: Pace,
    most: usize,
    kept: HashMap<Key, Failures>,
}

impl Counts {
    pub(super) fn new(pace: Pace, most: usize) -> Self {
        Counts { pace, most, kept: HashMap::new() }
    }

    pub(super) fn wait(&self, key: &Key, now: Millis) -> i64 {
        self.kept.get(key).map_or(0, |failures| failures.count.wait(self.pace, now))
    }

    pub(super) fn failures(&self, key: &Key, now: Millis) -> u32 {
        self.kept.get(key).map_or(0, |failures| failures.count.failures(self.pace, now))
    }

    /// Counts a failure. Answers how many different accounts the key is known to have guessed at, at most `notable`.
    pub(super) fn fail(&mut self, key: Key, account: Key, notable: usize, now: Millis) -> usize {
        if self.kept.len() >= self.most && !self.kept.contains_key(&key) {
            self.make_room(now);
        }
        let fresh = || Failures { count: Count::none(now), accounts: Vec::new() };
        let failures = self.kept.entry(key).or_insert_with(fresh);
        if failures.count.debt(now) == 0 {
            failures.accounts.clear();
        }
        failures.count.add(self.pace.sink, now);
        if failures.accounts.len() < notable && !failures.accounts.contains(&account) {
            failures.accounts.push(account);
        }
        failures.accounts.len()
    }

    pub(super) fn clear(&mut self, key: &Key) {
        self.kept.remove(key);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    fn make_room(&mut self, now: Millis) {
        self.kept.retain(|_, failures| failures.count.debt(now) > 0);
        if self.kept.len() >= self.most {
            let mut debts: Vec<i64> = self.kept.values().map(|failures| failures.count.debt(now)).collect();
            debts.sort_unstable();
            let middle = debts.get(debts.len() / 2).copied().unwrap_or(0);
            self.kept.retain(|_, failures| failures.count.debt(now) > middle);
        }
    }
}
