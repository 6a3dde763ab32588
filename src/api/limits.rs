//! How many reads and how many writes each caller may send a minute.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::error::ApiError;
use crate::clock::Clock;
use crate::domain::{Caller, TokenId, UserId};

/// The time that a limit is for, in seconds.
pub(super) const SECONDS: u32 = 60;

/// The user or token whose requests count together.
type Key = (Option<UserId>, Option<TokenId>);

/// The time that limits go by: the system's steady clock, so setting the wall clock back locks nobody out. In tests,
/// the clock that a test sets.
#[derive(Clone)]
struct Steady {
    clock: Clock,
    start: Instant,
}

impl governor::clock::Clock for Steady {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        match &self.clock {
            Clock::System => self.start.elapsed().into(),
            fixed @ Clock::Fixed(_) => Duration::from_millis(fixed.now().0.unsigned_abs()).into(),
        }
    }
}

type Limiter = RateLimiter<Key, DashMapStateStore<Key>, Steady, StateInformationMiddleware>;

/// One limit.
pub(super) struct Limit {
    kind: &'static str,
    most: NonZero<u32>,
    limiter: Limiter,
    clock: Steady,
    /// How much each caller had used, and when. A read's answer also tells how many writes are used, and asking the
    /// limiter would count as one.
    used: Mutex<HashMap<Key, (u32, Nanos)>>,
}

impl Limit {
    fn new(kind: &'static str, most: NonZero<u32>, clock: &Steady) -> Self {
        let limiter: Limiter = RateLimiter::new(Quota::per_minute(most), DashMapStateStore::default(), clock.clone());
        Limit { kind, most, limiter, clock: clock.clone(), used: Mutex::default() }
    }

    /// Requests a minute.
    pub(super) fn most(&self) -> u32 {
        self.most.get()
    }

    /// Counts one request.
    pub(super) fn take(&self, caller: &Caller) -> Result<(), ApiError> {
        let (key, now) = (key(caller), self.clock.now());
        let (outcome, used) = match self.limiter.check_key(&key) {
            Ok(state) => (Ok(()), self.most().saturating_sub(state.remaining_burst_capacity())),
            Err(refused) => {
                let wait = refused.wait_time_from(now).as_millis().div_ceil(1_000).max(1);
                let retry_after = u64::try_from(wait).unwrap_or(u64::MAX);
                (Err(ApiError::TooManyRequests { limit: self.most(), kind: self.kind, retry_after }), self.most())
            }
        };
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (used, now));
        outcome
    }

    /// How much of it the caller has used. It comes back evenly, all of it within a minute.
    pub(super) fn used(&self, caller: &Caller) -> u32 {
        let known = self.used.lock().unwrap_or_else(PoisonError::into_inner).get(&key(caller)).copied();
        known.map_or(0, |(used, at)| {
            let passed = Duration::from(self.clock.now().saturating_sub(at));
            let back = passed.as_millis() * u128::from(self.most()) / (u128::from(SECONDS) * 1_000);
            used.saturating_sub(u32::try_from(back).unwrap_or(u32::MAX))
        })
    }
}

fn key(caller: &Caller) -> Key {
    (caller.user_id, caller.token_id)
}

/// Both limits.
pub(super) struct Limits {
    /// `GET`.
    pub reads: Limit,
    /// Everything else.
    pub writes: Limit,
}

impl Limits {
    /// Limits of so many requests a minute.
    pub(super) fn new(reads: NonZero<u32>, writes: NonZero<u32>, clock: Clock) -> Self {
        let clock = Steady { clock, start: Instant::now() };
        Limits { reads: Limit::new("reads", reads, &clock), writes: Limit::new("writes", writes, &clock) }
    }
}
