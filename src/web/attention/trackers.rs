//! The rules about trackers.

use super::Found;
use super::facts::TrackerFacts;
use super::words::roughly;
use crate::domain::{Millis, TrackerKind};

/// How long it may take until a new tracker's ad runs, in milliseconds.
pub(super) const FIRST_REPORT_MS: i64 = Millis::DAY;

pub(super) fn never_reported(facts: &TrackerFacts) -> Found {
    let TrackerFacts { tracker, now } = facts;
    let age = now.since(tracker.created_on);
    (age > FIRST_REPORT_MS).then(|| {
        let (what, question, action) = match tracker.kind {
            TrackerKind::Impression => ("ad view", "Is its tag next to the ad?", "Copy its tag"),
            TrackerKind::Click => ("click", "Is its link in the ad?", "Copy its link"),
        };
        let text = format!("No {what} yet, {} after it was created. {question}", roughly(age));
        (text, action, format!("/admin/trackers/{}", tracker.id))
    })
}
