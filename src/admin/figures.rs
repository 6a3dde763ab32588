//! What came of a line item, a campaign or a publisher in the last 30 days, as its page shows it.

use super::wording::{grouped, moneys};
use crate::domain::{Millis, Reader};
use crate::store::{Store, StoreError, SumsOf};

/// How far back the figures go.
const DAYS: i64 = 30;

/// The figures as text.
pub struct Figures {
    pub imps: String,
    pub clicks: String,
    /// "1.2 % of impressions"; empty without impressions.
    pub rate: String,
    pub post_click: String,
    pub post_view: String,
    /// Static values by currency; empty without any.
    pub values: String,
}

impl Figures {
    /// Those of the last 30 days, up to now.
    ///
    /// # Errors
    /// Database faults.
    pub async fn load(store: &Store, by: &Reader, of: SumsOf, now: Millis) -> Result<Self, StoreError> {
        let sums = store.sums(by, of, now.hour().plus(-DAYS * Millis::DAY), now.plus(Millis::HOUR)).await?;
        let values: Vec<_> = sums.static_values.into_iter().collect();
        Ok(Figures {
            imps: grouped(sums.imps),
            clicks: grouped(sums.clicks),
            rate: share(sums.clicks, sums.imps).map(|share| format!("{share} % of impressions")).unwrap_or_default(),
            post_click: grouped(sums.post_click),
            post_view: grouped(sums.post_view),
            values: moneys(&values),
        })
    }
}

/// In percent with two decimals.
fn share(part: u64, whole: u64) -> Option<String> {
    let hundredths = (u128::from(part) * 10_000 + u128::from(whole) / 2).checked_div(u128::from(whole))?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_hundredths_of_a_percent() {
        assert_eq!(share(1, 0), None);
        assert_eq!(share(1, 3).as_deref(), Some("33.33"));
        assert_eq!(share(2, 3).as_deref(), Some("66.67"));
        assert_eq!(share(0, 9).as_deref(), Some("0.00"));
        assert_eq!(share(u64::MAX, u64::MAX).as_deref(), Some("100.00"));
    }
}
