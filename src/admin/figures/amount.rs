//! One figure of a row: how a page shows it, how a file has it, and how a list sorts by it.

use crate::admin::text::format::{grouped, number};
use crate::domain::TotalMicros;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    Count(u64),
    Money(TotalMicros),
    /// In hundredths.
    Ratio(i128),
    /// In hundredths of a percent.
    Percent(i128),
}

impl Amount {
    /// For a page: `5,443,768`, `293,601.30`, `7.32`, `0.36%`.
    pub fn text(self) -> String {
        match self {
            Amount::Count(count) => grouped(count),
            Amount::Money(micros) => number(&decimals(divide(micros.0, 10_000))),
            Amount::Ratio(hundredths) => number(&decimals(hundredths)),
            Amount::Percent(hundredths) => format!("{}%", number(&decimals(hundredths))),
        }
    }

    /// For a file: without commas, and money to the last digit.
    pub fn plain(self) -> String {
        match self {
            Amount::Count(count) => count.to_string(),
            Amount::Money(micros) => micros.to_money(),
            Amount::Ratio(hundredths) | Amount::Percent(hundredths) => decimals(hundredths),
        }
    }

    /// Its place among others of its column.
    pub fn rank(self) -> i128 {
        match self {
            Amount::Count(count) => count.into(),
            Amount::Money(micros) => micros.0,
            Amount::Ratio(hundredths) | Amount::Percent(hundredths) => hundredths,
        }
    }
}

/// `part` of `whole` in hundredths; none of nothing.
pub fn ratio(part: i128, whole: i128) -> Option<i128> {
    (whole > 0).then(|| divide(part.saturating_mul(100), whole))
}

/// Divides, and rounds halves away from zero.
pub fn divide(part: i128, whole: i128) -> i128 {
    let half = if part < 0 { -(whole / 2) } else { whole / 2 };
    part.saturating_add(half).checked_div(whole).unwrap_or(0)
}

/// `732` becomes `7.32`.
fn decimals(hundredths: i128) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let hundredths = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals_and_commas() {
        let money = |micros| Amount::Money(TotalMicros(micros));
        assert_eq!(money(293_601_300_000).text(), "293,601.30");
        assert_eq!(
            (money(4_995).text(), money(5_000).text(), money(-5_000).text()),
            ("0.00".into(), "0.01".into(), "–0.01".into())
        );
        assert_eq!((money(4_200).plain(), money(10_000_000).plain()), ("0.0042".into(), "10.00".into()));
        assert_eq!(Amount::Count(5_443_768).text(), "5,443,768");
        assert_eq!(Amount::Percent(36).text(), "0.36%");
        assert_eq!(
            (Amount::Ratio(123_456).text(), Amount::Ratio(123_456).plain()),
            ("1,234.56".into(), "1234.56".into())
        );
    }

    #[test]
    fn ratios_are_rounded_and_none_of_nothing() {
        assert_eq!((ratio(1, 3), ratio(2, 3), ratio(-2, 3)), (Some(33), Some(67), Some(-67)));
        assert_eq!((ratio(5, 0), ratio(5, -1), ratio(0, 7)), (None, None, Some(0)));
    }
}
