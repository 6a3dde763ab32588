//! Slows down guesses at passwords, by account and by address (`docs/rules/api.md`, *Auth*). After some failures each
//! further one doubles the wait. Failures are kept in memory; a restart forgets them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::domain::Millis;

/// Failures of an account without a wait.
const FREE_FOR_ACCOUNT: u32 = 5;
/// Failures of an address without a wait: an office may share one.
const FREE_FOR_ADDRESS: u32 = 20;
/// The first wait, in milliseconds. Each further one is twice as long.
const FIRST_WAIT: i64 = 15_000;
/// The longest wait, in milliseconds.
const LONGEST_WAIT: i64 = 15 * 60_000;
/// Failures are forgotten after this many milliseconds without another.
const FORGET_AFTER: i64 = Millis::HOUR;
/// The most accounts and addresses in memory.
const MAX_KEYS: usize = 20_000;

/// The account and the address of a guess.
pub(super) struct Guess([Option<Key>; 2]);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
}

impl Guess {
    /// Ignores the case of the name. Takes the /64 network of an IPv6 address, since one host may use all of it.
    pub(super) fn new(username: &str, address: Option<IpAddr>) -> Self {
        let network = address.map(|address| match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        });
        Guess([Some(Key::Account(username.to_lowercase())), network.map(Key::Address)])
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().flatten()
    }
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Millis,
}

impl Failures {
    /// The time of the next allowed guess.
    fn next_allowed(self, key: &Key) -> Millis {
        let free = match key {
            Key::Account(_) => FREE_FOR_ACCOUNT,
            Key::Address(_) => FREE_FOR_ADDRESS,
        };
        match self.count.checked_sub(free) {
            None => self.last,
            Some(beyond) => self.last.plus(FIRST_WAIT.saturating_mul(1 << beyond.min(20)).min(LONGEST_WAIT)),
        }
    }
}

#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<Key, Failures>>);

impl Throttle {
    /// # Errors
    /// The seconds to wait, if the guess comes too early.
    pub(super) fn check(&self, guess: &Guess, now: Millis) -> Result<(), u64> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait =
            guess.keys().filter_map(|key| Some(failures.get(key)?.next_allowed(key).since(now))).max().unwrap_or(0);
        // A clock that was set back must not prolong the wait.
        match wait.min(LONGEST_WAIT) {
            ..=0 => Ok(()),
            wait => Err(wait.unsigned_abs().div_ceil(1_000)),
        }
    }

    pub(super) fn record_failure(&self, guess: &Guess, now: Millis) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in guess.keys() {
            if failures.len() >= MAX_KEYS && !failures.contains_key(key) {
                make_room(&mut failures, now);
            }
            let entry = failures.entry(key.clone()).or_insert(Failures { count: 0, last: now });
            if now.since(entry.last) > FORGET_AFTER {
                entry.count = 0;
            }
            *entry = Failures { count: entry.count.saturating_add(1), last: now };
        }
    }

    /// A right password clears the account, but not the address: with one account of their own, guessers could otherwise
    /// go on at others.
    pub(super) fn clear_account(&self, guess: &Guess) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|key, _| !matches!(key, Key::Account(_)) || !guess.keys().any(|other| other == key));
    }
}

/// Drops old entries. If there are none, drops the half with the fewest failures.
fn make_room(failures: &mut HashMap<Key, Failures>, now: Millis) {
    failures.retain(|_, failures| now.since(failures.last) <= FORGET_AFTER);
    if failures.len() >= MAX_KEYS {
        let mut counts: Vec<u32> = failures.values().map(|failures| failures.count).collect();
        counts.sort_unstable();
        let middle = counts.get(counts.len() / 2).copied().unwrap_or(0);
        failures.retain(|_, failures| failures.count > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    #[test]
    fn waits_double_after_five_failures() {
        let throttle = Throttle::default();
        let guess = Guess::new("Ann", from("203.0.113.1"));
        let mut now = Millis(0);
        let mut waits = Vec::new();
        for _ in 0..13 {
            throttle.record_failure(&guess, now);
            let wait = throttle.check(&guess, now).err().unwrap_or(0);
            waits.push(wait);
            now = now.plus(i64::try_from(wait).unwrap() * 1_000);
            assert_eq!(throttle.check(&guess, now), Ok(()));
        }
        assert_eq!(waits, [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(throttle.check(&Guess::new("bob", from("203.0.113.1")), now), Ok(()));
    }

    #[test]
    fn guesses_at_many_accounts_slow_down_their_address() {
        let throttle = Throttle::default();
        let addresses = ["2001:db8::1", "2001:db8::2"];
        for n in 0..20 {
            throttle.record_failure(&Guess::new(&format!("user{n}"), from(addresses[n % 2])), Millis(0));
        }
        assert_eq!(throttle.check(&Guess::new("ann", from("2001:db8::3")), Millis(0)), Err(15));
        assert_eq!(throttle.check(&Guess::new("ann", from("2001:db8:0:1::3")), Millis(0)), Ok(()));
        throttle.clear_account(&Guess::new("ann", from("2001:db8::3")));
        assert_eq!(throttle.check(&Guess::new("ann", from("2001:db8::3")), Millis(0)), Err(15));
    }

    #[test]
    fn a_right_password_or_an_hour_clears_the_failures() {
        let throttle = Throttle::default();
        let guess = Guess::new("ann", None);
        (0..5).for_each(|_| throttle.record_failure(&guess, Millis(0)));
        assert_eq!(throttle.check(&Guess::new("ANN", None), Millis(0)), Err(15));
        throttle.clear_account(&Guess::new("ANN", None));
        assert_eq!(throttle.check(&guess, Millis(0)), Ok(()));
        (0..9).for_each(|_| throttle.record_failure(&guess, Millis(0)));
        let later = Millis(FORGET_AFTER + 1);
        throttle.record_failure(&guess, later);
        assert_eq!(throttle.check(&guess, later), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        (0..=MAX_KEYS).for_each(|n| throttle.record_failure(&Guess::new(&format!("user{n}"), None), Millis(0)));
        assert!(throttle.0.lock().unwrap().len() <= MAX_KEYS);
    }
}
