//! Slows down guesses at passwords and at the set-up code (`docs/rules/limits.md`, *Signing in*). No stranger can keep a user
//! out: known browsers, and networks from which the right password came, do not wait for strangers. A restart forgets all.

mod count;
mod key;
#[cfg(test)]
mod tests;
mod turns;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::count::{Counts, Pace};
pub(super) use self::key::{Account, Key};
use self::turns::Guesses;
use crate::domain::{Millis, UserId};

/// Of a network at one account, of a known browser, and of a session.
const PAIR: Pace = Pace { free: 5, sink: Millis::HOUR };
/// Of a network at all accounts: an office may share an address.
const NETWORK: Pace = Pace { free: 20, sink: 5 * 60_000 };
/// The most keys in each map.
const MOST_KEYS: usize = 20_000;
/// The most names in memory that no user has.
const MOST_NAMES: usize = 2_000;
/// From so many accounts on, a network that fails at them may be a proxy.
const MANY_ACCOUNTS: usize = 3;
/// A warning comes at most once in this time, in milliseconds.
const WARN_AFTER: i64 = 60_000;

/// One guess: the target, and the key that its failures count for.
pub(super) struct Guess {
    pub account: Account,
    pub from: Guesser,
}

#[derive(Clone, Copy)]
pub(super) enum Guesser {
    /// A browser that signed in before, or a session. Its own failures alone make it wait.
    Known(Key),
    /// Any other client of this network.
    Stranger {
        network: Key,
        /// It sends `X-Forwarded-For`, and is not trusted to.
        forwards: bool,
    },
}

pub(super) struct Throttle(Mutex<State>);

struct State {
    /// Failures of networks at all accounts.
    networks: Counts,
    /// Failures of networks, known browsers and sessions at single users.
    pairs: Counts,
    /// Failures of networks at names that no user has. Apart, so that made-up names push nothing out.
    pairs_of_names: Counts,
    /// At most one for each user.
    users: HashMap<UserId, Guesses>,
    names: HashMap<Key, Guesses>,
    warned: Option<Millis>,
}

impl Default for Throttle {
    fn default() -> Self {
        Throttle(Mutex::new(State {
            networks: Counts::new(NETWORK, MOST_KEYS),
            pairs: Counts::new(PAIR, MOST_KEYS),
            pairs_of_names: Counts::new(PAIR, MOST_KEYS),
            users: HashMap::new(),
            names: HashMap::new(),
            warned: None,
        }))
    }
}

impl Throttle {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks whether the guesser's own failures allow a guess.
    ///
    /// # Errors
    /// The seconds to wait.
    pub(super) fn check(&self, guess: &Guess, now: Millis) -> Result<(), u64> {
        let state = self.lock();
        let pair = state.pairs_at(&guess.account).wait(&guess.pair(), now);
        match guess.from {
            Guesser::Known(_) => refuse(pair),
            Guesser::Stranger { network, .. } => refuse(pair.max(state.networks.wait(&network, now))),
        }
    }

    /// As [`Throttle::check`], and takes one of the guesses that all strangers share. [`Throttle::give_back`] undoes it.
    ///
    /// # Errors
    /// The seconds to wait.
    pub(super) fn take(&self, guess: &Guess, now: Millis) -> Result<(), u64> {
        self.check(guess, now)?;
        let Guesser::Stranger { network, .. } = guess.from else { return Ok(()) };
        let mut state = self.lock();
        let failures = state.pairs_at(&guess.account).failures(&guess.pair(), now);
        let guesses = state.guesses(&guess.account, now);
        if guesses.is_good(network, now) { Ok(()) } else { guesses.take(network, failures, now).or_else(refuse) }
    }

    /// For a guess that was taken and could not be checked.
    pub(super) fn give_back(&self, guess: &Guess, now: Millis) {
        if let Guesser::Stranger { network, .. } = guess.from {
            let mut state = self.lock();
            let guesses = state.guesses(&guess.account, now);
            if !guesses.is_good(network, now) {
                guesses.give_back(now);
            }
        }
    }

    pub(super) fn record_failure(&self, guess: &Guess, now: Millis) {
        let mut state = self.lock();
        state.pairs_at_mut(&guess.account).fail(guess.pair(), guess.account.key, 0, now);
        if let Guesser::Stranger { network, forwards } = guess.from {
            let accounts = state.networks.fail(network, guess.account.key, MANY_ACCOUNTS, now);
            if forwards && accounts >= MANY_ACCOUNTS {
                state.warn(now);
            }
        }
    }

    /// The right password clears the failures at its account and remembers the network. The failures of the network stay:
    /// with one account of their own, guessers could otherwise go on at others.
    pub(super) fn record_success(&self, guess: &Guess, now: Millis) {
        self.give_back(guess, now);
        let mut state = self.lock();
        state.pairs_at_mut(&guess.account).clear(&guess.pair());
        if let Guesser::Stranger { network, .. } = guess.from {
            state.guesses(&guess.account, now).remember_good(network, now);
        }
    }

    /// Warns of a missing setting if the refused guess came through a proxy that is not trusted.
    pub(super) fn record_refusal(&self, guess: &Guess, now: Millis) {
        if matches!(guess.from, Guesser::Stranger { forwards: true, .. }) {
            self.lock().warn(now);
        }
    }

    #[cfg(test)]
    fn warned(&self) -> Option<Millis> {
        self.lock().warned
    }
}

impl Guess {
    fn pair(&self) -> Key {
        match self.from {
            Guesser::Known(key) => key,
            Guesser::Stranger { network, .. } => Key::pair(&self.account, network),
        }
    }
}

impl State {
    fn pairs_at(&self, account: &Account) -> &Counts {
        if account.id.is_some() { &self.pairs } else { &self.pairs_of_names }
    }

    fn pairs_at_mut(&mut self, account: &Account) -> &mut Counts {
        if account.id.is_some() { &mut self.pairs } else { &mut self.pairs_of_names }
    }

    /// The guesses at an account. Those at an old password are forgotten.
    fn guesses(&mut self, account: &Account, now: Millis) -> &mut Guesses {
        let fresh = || Guesses::none(account.key, now);
        let guesses = match account.id {
            Some(id) => self.users.entry(id).or_insert_with(fresh),
            None => {
                if self.names.len() >= MOST_NAMES && !self.names.contains_key(&account.key) {
                    self.names.retain(|_, guesses| !guesses.is_idle(now));
                }
                if self.names.len() >= MOST_NAMES && !self.names.contains_key(&account.key) {
                    self.names.clear();
                }
                self.names.entry(account.key).or_insert_with(fresh)
            }
        };
        if guesses.of != account.key {
            *guesses = fresh();
        }
        guesses
    }

    fn warn(&mut self, now: Millis) {
        if self.warned.is_none_or(|at| !(0..WARN_AFTER).contains(&now.since(at))) {
            self.warned = Some(now);
            tracing::warn!(
                "failed sign-ins come from one address that sends X-Forwarded-For and is not trusted. If it is your proxy, \
                 name it in --trusted-proxies: until then all people behind it count as one, and wait for one another"
            );
        }
    }
}

/// Refuses for the rest of a wait in milliseconds.
fn refuse(wait: i64) -> Result<(), u64> {
    match wait {
        ..=0 => Ok(()),
        wait => Err(wait.unsigned_abs().div_ceil(1_000)),
    }
}
