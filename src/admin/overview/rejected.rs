//! The numbers of recently rejected requests by reason, for the overview and the live page.

use crate::admin::text::format::grouped;
use crate::admin::text::warnings;
use crate::domain::{Millis, Reader};
use crate::store::{Store, StoreError};

/// The most reasons that have a line of their own.
const MOST_REASONS: usize = 3;

/// The rejected requests of this hour and the 23 before it.
pub struct RejectedRequests {
    /// "Rejected in the past 24 hours: 21".
    pub title: String,
    /// The most frequent reasons.
    pub reasons: Vec<ReasonCount>,
    /// The number for all other reasons; empty if there are none.
    pub others: String,
}

pub struct ReasonCount {
    pub text: String,
    pub count: String,
}

impl RejectedRequests {
    /// Counts the requests; none if the caller may see none.
    pub async fn load(store: &Store, by: &Reader, now: Millis) -> Result<Option<Self>, StoreError> {
        let counts = store.rejected_since(by, now.plus(-23 * Millis::HOUR)).await?;
        Ok(Self::from(counts))
    }

    fn from(counts: Vec<(String, i64)>) -> Option<Self> {
        let text = |count: i64| grouped(u64::try_from(count).unwrap_or_default());
        let total: i64 = counts.iter().map(|(_, count)| count).sum();
        let others: i64 = counts.iter().skip(MOST_REASONS).map(|(_, count)| count).sum();
        let named = counts.iter().take(MOST_REASONS);
        (total > 0).then(|| RejectedRequests {
            title: format!("Rejected in the past 24 hours: {}", text(total)),
            reasons: named
                .map(|(reason, count)| ReasonCount { text: warnings::rejection(reason).title, count: text(*count) })
                .collect(),
            others: if others > 0 { text(others) } else { String::new() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_reasons_have_lines_of_their_own() {
        let counts = |list: &[(&str, i64)]| list.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        assert!(RejectedRequests::from(counts(&[])).is_none());
        let rejected = RejectedRequests::from(counts(&[
            ("bad_id", 1_200),
            ("no_token", 30),
            ("unknown_pixel", 2),
            ("bad_body", 1),
        ]))
        .unwrap();
        let named: Vec<_> =
            rejected.reasons.iter().map(|ReasonCount { text, count }| format!("{text}: {count}")).collect();
        assert_eq!(named, ["The ID is not a number: 1,200", "No API token: 30", "Unknown pixel: 2"]);
        assert_eq!((rejected.title.as_str(), rejected.others.as_str()), ("Rejected in the past 24 hours: 1,233", "1"));
    }
}
