//! The figures of a line item, a campaign or a placement over the last 30 days.

use jiff::tz::TimeZone;

use crate::admin::choices::zone;
use crate::admin::text::format::{grouped, moneys, number};
use crate::domain::{Days, Millis, Reader};
use crate::store::{Store, StoreError, SumsOf};

pub struct Figures {
    /// The time zone of the days.
    pub zone: String,
    pub imps: String,
    pub clicks: String,
    /// "1.20% of impressions"; empty without impressions.
    pub rate: String,
    pub conversions: String,
    /// "496 click · 607 view"; empty without conversions.
    pub split: String,
    /// The payout in the first currency, without it; a dash if there is none.
    pub payout: String,
    pub currency: String,
    /// The payout in the other currencies.
    pub others: String,
}

impl Figures {
    /// Adds up the last 30 days of a zone.
    pub async fn load(store: &Store, by: &Reader, of: SumsOf, zone: TimeZone, now: Millis) -> Result<Self, StoreError> {
        let days = Days::latest(30, now, zone);
        let (from, to) = days.between().unwrap_or((now, now));
        let sums = store.sums(by, of, from, to).await?;
        let mut payouts = sums.static_values.into_iter();
        let first = payouts.next();
        let others: Vec<_> = payouts.collect();
        let conversions = sums.post_click.saturating_add(sums.post_view);
        Ok(Figures {
            zone: zone::name(&days.zone).to_owned(),
            imps: grouped(sums.imps),
            clicks: grouped(sums.clicks),
            rate: share(sums.clicks, sums.imps).map(|share| format!("{share}% of impressions")).unwrap_or_default(),
            conversions: grouped(conversions),
            split: match conversions {
                0 => String::new(),
                _ => format!("{} click · {} view", grouped(sums.post_click), grouped(sums.post_view)),
            },
            payout: first.map_or_else(|| "–".to_owned(), |(_, amount)| number(&amount.to_money())),
            currency: first.map(|(currency, _)| currency.to_string()).unwrap_or_default(),
            others: moneys(&others),
        })
    }
}

/// A share in percent, with two decimals.
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
