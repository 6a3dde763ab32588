//! Requests that could not be recorded and come only once. They are counted in memory until a commit succeeds,
//! which writes their numbers by hour. The program's log gets one line a minute about them at most.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params};

use crate::domain::{Losses, LostKind, Millis};

/// Losses further apart than this are of different outages, in milliseconds.
const APART: i64 = Millis::HOUR;

/// The shortest time between two log lines, in milliseconds.
const REPORT_EVERY: i64 = 60_000;

/// How many requests were lost, by hour and kind.
pub(super) type LostByHour = BTreeMap<(Millis, LostKind), u32>;

/// The losses since the start.
#[derive(Debug, Default)]
pub(super) struct LossCounter(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Those that no commit has written yet.
    unwritten: LostByHour,
    /// Those of the latest outage.
    latest: Option<Losses>,
    /// Those that the program's log has no line about.
    unreported: Option<Losses>,
    reported_at: Option<Millis>,
}

impl LossCounter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, kind: LostKind, at: Millis) {
        let mut state = self.state();
        *state.unwritten.entry((at.hour(), kind)).or_default() += 1;
        state.latest = state.latest.filter(|latest| at.since(latest.last) < APART);
        let State { latest, unreported, .. } = &mut *state;
        for losses in [latest, unreported] {
            match losses {
                Some(losses) => losses.add(kind, at),
                None => *losses = Some(Losses::one(kind, at)),
            }
        }
    }

    /// The losses of the latest outage.
    pub(super) fn latest(&self) -> Option<Losses> {
        self.state().latest
    }

    /// Those that the next commit should write.
    pub(super) fn unwritten(&self) -> LostByHour {
        self.state().unwritten.clone()
    }

    /// A commit has written these.
    pub(super) fn written(&self, lost: &LostByHour, now: Millis) {
        let mut state = self.state();
        for (key, count) in lost {
            if let Some(unwritten) = state.unwritten.get_mut(key) {
                *unwritten = unwritten.saturating_sub(*count);
            }
        }
        state.unwritten.retain(|_, count| *count > 0);
        if state.reported_at.is_none_or(|last| now.since(last).abs() >= REPORT_EVERY) {
            Self::report(&mut state, now);
        }
    }

    /// Reports what has no line yet, before the store closes.
    pub(super) fn finish(&self, now: Millis) {
        Self::report(&mut self.state(), now);
    }

    fn report(state: &mut State, now: Millis) {
        if let Some(losses) = state.unreported.take() {
            state.reported_at = Some(now);
            tracing::warn!("{losses}");
        }
    }
}

/// Adds them to the numbers of rejected requests, which pages show by hour.
pub(super) fn insert(conn: &Connection, lost: &LostByHour) -> rusqlite::Result<()> {
    let sql = "INSERT INTO rejected_hours (hour, reason, requests) VALUES (?1, ?2, ?3)
        ON CONFLICT DO UPDATE SET requests = requests + excluded.requests";
    for ((hour, kind), count) in lost {
        conn.prepare_cached(sql)?.execute(params![hour, kind.as_str(), count])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_stay_until_a_commit_has_written_them() {
        let counter = LossCounter::default();
        let (hour, half) = (Millis::HOUR, Millis::HOUR / 2);
        for at in [0, half, hour] {
            counter.add(LostKind::Click, Millis(at));
        }
        let unwritten = counter.unwritten();
        let expected = [((Millis(0), LostKind::Click), 2), ((Millis(hour), LostKind::Click), 1)];
        assert_eq!(unwritten, BTreeMap::from(expected));
        // One more comes while the commit runs.
        counter.add(LostKind::Click, Millis(hour));
        counter.written(&unwritten, Millis(hour));
        assert_eq!(counter.unwritten(), BTreeMap::from([((Millis(hour), LostKind::Click), 1)]));
        assert!(counter.latest().unwrap().to_string().starts_with("4 ad clicks"));
        counter.add(LostKind::Fire, Millis(2 * hour));
        assert!(counter.latest().unwrap().to_string().starts_with("1 pixel event"), "another outage");
    }
}
