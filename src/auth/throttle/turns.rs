//! All guesses of strangers at one account, from however many networks. They share a number of guesses an hour. Where it is
//! used up, networks take turns: those with the fewest failures at the account first, then those that asked first.

use super::count::Count;
use super::key::Key;
use crate::domain::Millis;

/// Guesses that strangers may make at once.
pub(super) const AT_ONCE: u32 = 40;
/// Then one in this time, in milliseconds. So no hour sees more than 100.
pub(super) const INTERVAL: i64 = 60_000;
/// How long a turn waits for its network, in milliseconds.
const GRACE: i64 = 60_000;
/// The most networks that wait for a turn.
const MOST_TURNS: usize = 64;
/// The most networks that are remembered because the right password came from them.
const MOST_GOOD: usize = 16;
/// How long they are remembered, in milliseconds.
const GOOD_FOR: i64 = 30 * Millis::DAY;

/// A network that waits for its turn.
#[derive(Clone, Copy)]
struct Turn {
    network: Key,
    failures: u32,
    asked: Millis,
    /// After this time the turn is lost.
    until: Millis,
}

impl Turn {
    fn is_before(&self, other: &Turn) -> bool {
        (self.failures, self.asked) < (other.failures, other.asked)
    }
}

/// The guesses at one account.
pub(super) struct Guesses {
    /// The account's key at that time.
    pub of: Key,
    spent: Count,
    turns: Vec<Turn>,
    /// Networks from which the right password came, the last one last.
    good: Vec<(Key, Millis)>,
}

impl Guesses {
    pub(super) fn none(of: Key, now: Millis) -> Self {
        Guesses { of, spent: Count::none(now), turns: Vec::new(), good: Vec::new() }
    }

    /// Whether nothing of it matters any more.
    pub(super) fn is_idle(&self, now: Millis) -> bool {
        self.spent.debt(now) == 0
    }

    /// Takes a guess for a network that has failed so often at this account.
    ///
    /// # Errors
    /// The milliseconds to wait. The turn is kept until a little later.
    pub(super) fn take(&mut self, network: Key, failures: u32, now: Millis) -> Result<(), i64> {
        self.turns.retain(|turn| now <= turn.until);
        let asked = self.turns.iter().find(|turn| turn.network == network).map_or(now, |turn| turn.asked);
        let mut own = Turn { network, failures, asked, until: now };
        self.turns.retain(|turn| turn.network != network);
        let ahead = self.turns.iter().filter(|turn| turn.is_before(&own)).count();
        let needed = i64::try_from(ahead + 1).unwrap_or(i64::MAX).saturating_mul(INTERVAL);
        let wait = self.spent.debt(now).saturating_add(needed) - i64::from(AT_ONCE) * INTERVAL;
        if wait <= 0 {
            self.spent.add(INTERVAL, now);
            return Ok(());
        }
        own.until = now.plus(wait + GRACE);
        self.turns.push(own);
        if self.turns.len() > MOST_TURNS {
            self.turns.sort_by_key(|turn| (turn.failures, turn.asked));
            self.turns.truncate(MOST_TURNS);
        }
        Err(wait)
    }

    /// Gives back a guess that was right, or that could not be checked.
    pub(super) fn give_back(&mut self, now: Millis) {
        self.spent.add(-INTERVAL, now);
    }

    pub(super) fn is_good(&self, network: Key, now: Millis) -> bool {
        self.good.iter().any(|(good, at)| *good == network && now.since(*at) <= GOOD_FOR)
    }

    pub(super) fn remember_good(&mut self, network: Key, now: Millis) {
        self.good.retain(|(good, _)| *good != network);
        self.good.push((network, now));
        if self.good.len() > MOST_GOOD {
            self.good.remove(0);
        }
    }
}
