//! How many requests were rejected lately, and why, in words: on the overview, and above the live page's list of them.

use super::warned;
use super::wording::grouped;
use crate::domain::{Millis, Reader};
use crate::store::{Store, StoreError};

/// Reasons that are named.
const MOST_NAMED: usize = 3;

/// What was rejected in the past 24 hours: in this hour and the 23 before it.
pub struct Sums {
    /// How many: "Rejected in the past 24 hours: 21".
    pub title: String,
    /// The most frequent reasons, each in words with its number.
    pub reasons: Vec<(String, String)>,
    /// How many are of other reasons; empty if none is.
    pub others: String,
}

impl Sums {
    /// Counts them; none if there were none, or none that the caller may see.
    ///
    /// # Errors
    /// Database faults.
    pub async fn of(store: &Store, by: &Reader, now: Millis) -> Result<Option<Self>, StoreError> {
        let counts = store.rejected_since(by, now.plus(-23 * Millis::HOUR)).await?;
        Ok(Self::from(counts))
    }

    fn from(counts: Vec<(String, i64)>) -> Option<Self> {
        let said = |count: i64| grouped(u64::try_from(count).unwrap_or_default());
        let total: i64 = counts.iter().map(|(_, count)| count).sum();
        let others: i64 = counts.iter().skip(MOST_NAMED).map(|(_, count)| count).sum();
        let named = counts.iter().take(MOST_NAMED);
        (total > 0).then(|| Sums {
            title: format!("Rejected in the past 24 hours: {}", said(total)),
            reasons: named.map(|(reason, count)| (warned::rejection(reason).0, said(*count))).collect(),
            others: if others > 0 { said(others) } else { String::new() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_reasons_are_named() {
        let counts = |list: &[(&str, i64)]| list.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        assert!(Sums::from(counts(&[])).is_none());
        let sums =
            Sums::from(counts(&[("bad_id", 1_200), ("no_token", 30), ("unknown_pixel", 2), ("bad_body", 1)])).unwrap();
        let named: Vec<_> = sums.reasons.iter().map(|(words, count)| format!("{words}: {count}")).collect();
        assert_eq!(
            named,
            ["Its id is not a number: 1,200", "It brought no API token: 30", "There is no such pixel: 2"]
        );
        assert_eq!((sums.title.as_str(), sums.others.as_str()), ("Rejected in the past 24 hours: 1,233", "1"));
    }
}
