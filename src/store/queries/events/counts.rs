//! Counts the events of a list by their outcome.

use std::ops::ControlFlow;

use rusqlite::Connection;

use super::lead::Plan;
use super::scan::ScanEnd;
use super::{EventPlace, EventStart};
use crate::domain::OutcomeKind;

/// How many events fit the filter, whatever outcome it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    pub attributed: u64,
    pub unattributed: u64,
    pub not_counted: u64,
    /// Where counting stopped, if there may be more.
    pub upto: Option<EventPlace>,
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
    counts.upto = match end {
        ScanEnd::Bound(place) => Some(place),
        ScanEnd::All | ScanEnd::Enough => None,
    };
    Ok((counts, places, end))
}
