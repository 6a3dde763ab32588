//! Counts the events of a list by their outcome.

use std::ops::ControlFlow;

use rusqlite::Connection;

use super::lead::Plan;
use super::scan::ScanEnd;
use super::{EventPlace, EventStart};
use crate::domain::{OutcomeKind, Reason};
use crate::store::queries::conversions::reasons;

/// How many events fit the filter, whatever outcome it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    pub attributed: u64,
    pub unattributed: u64,
    pub not_counted: u64,
    /// Whether counting stopped, so that there may be more: of each of these.
    pub more: [bool; 3],
    /// Of the filter's own outcome, how many are newer than the page; none if counting stopped before it.
    pub newer: Option<u64>,
}

impl EventCounts {
    /// How many have this outcome; all without one.
    pub fn of(&self, outcome: Option<OutcomeKind>) -> u64 {
        match outcome {
            None => self.attributed + self.unattributed + self.not_counted,
            Some(OutcomeKind::Attributed) => self.attributed,
            Some(OutcomeKind::Unattributed) => self.unattributed,
            Some(OutcomeKind::NotCounted) => self.not_counted,
        }
    }

    /// Whether there may be more than [`EventCounts::of`] says.
    pub fn is_more(&self, outcome: Option<OutcomeKind>) -> bool {
        KINDS.iter().zip(self.more).any(|(kind, more)| more && outcome.is_none_or(|outcome| outcome == *kind))
    }
}

const KINDS: [OutcomeKind; 3] = [OutcomeKind::Attributed, OutcomeKind::Unattributed, OutcomeKind::NotCounted];

/// The most events that an index by reason counts of each outcome.
const COUNTED: i64 = 100_000;

/// Counts by the index of reasons, which needs no other condition. `first` is the first event of the page.
pub(super) fn by_reason(
    conn: &Connection,
    plan: &Plan,
    only: Option<Reason>,
    first: Option<EventPlace>,
) -> rusqlite::Result<EventCounts> {
    let (from, to) = (plan.from.map_or(i64::MIN, |at| at.0), plan.to.map_or(i64::MAX, |at| at.0));
    let count = |kind: OutcomeKind, range: &str, values: [i64; 2]| -> rusqlite::Result<i64> {
        let reasons = reasons(|reason| reason.outcome().kind() == kind && only.is_none_or(|only| only == reason));
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM conversions c WHERE c.reason IN ({reasons}) AND {range} LIMIT {COUNTED})"
        );
        conn.prepare_cached(&sql)?.query_row(values, |row| row.get(0))
    };
    let mut counts = EventCounts::default();
    let mut newer = 0;
    for (place, kind) in KINDS.into_iter().enumerate() {
        let found = count(kind, "c.at >= ? AND c.at < ?", [from, to])?;
        let of_kind = match kind {
            OutcomeKind::Attributed => &mut counts.attributed,
            OutcomeKind::Unattributed => &mut counts.unattributed,
            OutcomeKind::NotCounted => &mut counts.not_counted,
        };
        *of_kind = found.unsigned_abs();
        if let Some(more) = counts.more.get_mut(place) {
            *more = found >= COUNTED;
        }
        if let Some(EventPlace { at, seq }) = first
            && plan.outcome.is_none_or(|outcome| outcome == kind)
        {
            newer += count(kind, "c.at > ? AND c.at < ?", [at.0, to])?;
            newer += count(kind, "c.at = ? AND +c.seq > ?", [at.0, seq.0])?;
        }
    }
    counts.newer = (first.is_some() && newer < COUNTED).then_some(newer.unsigned_abs());
    Ok(counts)
}

/// Counts from the newest event on, with the first places of the filter's own outcome: `most` and one more. `first` is the
/// first event of another page.
pub(super) fn count(
    conn: &Connection,
    plan: &Plan,
    first: Option<EventPlace>,
    most: usize,
) -> rusqlite::Result<(EventCounts, Vec<EventPlace>, ScanEnd)> {
    let (mut counts, mut places) = (EventCounts::default(), Vec::new());
    let (mut newer, mut is_reached) = (0, false);
    let end = plan.scan(conn, EventStart::Newest, |candidate| {
        is_reached |= first.is_some_and(|first| candidate.place <= first);
        if candidate.fits {
            match candidate.kind {
                OutcomeKind::Attributed => counts.attributed += 1,
                OutcomeKind::Unattributed => counts.unattributed += 1,
                OutcomeKind::NotCounted => counts.not_counted += 1,
            }
            if plan.outcome.is_none_or(|outcome| outcome == candidate.kind) {
                newer += u64::from(!is_reached);
                if most > 0 && places.len() <= most {
                    places.push(candidate.place);
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    counts.newer = if most > 0 { Some(0) } else { is_reached.then_some(newer) };
    counts.more = [matches!(end, ScanEnd::Bound(_)); 3];
    Ok((counts, places, end))
}
