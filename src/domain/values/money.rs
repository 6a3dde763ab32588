//! Money as exact decimals: whole millionths of a currency unit, never a float.

use std::fmt;
use std::ops::AddAssign;
use std::str::FromStr;

/// An amount in millionths of a unit of some currency: `10.5` is `Micros(10_500_000)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub i64);

/// A sum of amounts in millionths of a unit. It holds 10^20 values of [`Micros::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TotalMicros(pub i128);

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseMoneyError {
    /// Something else than digits with at most one `.` among them.
    #[error("must be a plain decimal number such as 10 or 10.50: no sign, currency symbol or thousands mark")]
    NotPlain,
    /// More than six digits after the mark.
    #[error("may have at most 6 decimals")]
    TooManyDecimals,
    /// More than fits.
    #[error("is too large: it must be less than 1000000000000")]
    TooLarge,
}

/// The decimals of an amount.
const DECIMALS: usize = 6;

impl Micros {
    /// Micros in one unit.
    pub const UNIT: i64 = 1_000_000;
    /// The largest amount that pixeld takes, the last below 10^12 units. A sum of ten does not fit [`Micros`]: see
    /// [`TotalMicros`].
    pub const MAX: Micros = Micros(1_000_000_000_000 * Self::UNIT - 1);

    /// Reads a plain decimal that somebody typed: digits with at most one `.` among them and at most 6 after it.
    ///
    /// # Errors
    /// Says which part of the rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, ParseMoneyError> {
        TotalMicros::parse(text)?.single()
    }

    /// Reads a plain decimal that a program computed: as [`Micros::parse`] does, but it rounds further decimals half up.
    ///
    /// # Errors
    /// Says which part of the rule the text breaks.
    pub fn parse_rounded(text: &str) -> Result<Self, ParseMoneyError> {
        let (whole, decimals) = parts(text)?;
        let (kept, rest) = decimals.split_at_checked(DECIMALS).unwrap_or((decimals, ""));
        let TotalMicros(below) = TotalMicros::of(whole, kept)?;
        let up = rest.as_bytes().first().is_some_and(|digit| *digit >= b'5');
        TotalMicros(below.saturating_add(up.into())).single()
    }

    /// With at least two decimals, as people write money: `10.50`, `0.000001`, `-3.00`.
    pub fn to_money(self) -> String {
        TotalMicros::from(self).to_money()
    }
}

impl TotalMicros {
    /// Reads a plain decimal as [`Micros::parse`] does, with as many digits as fit.
    ///
    /// # Errors
    /// Says which part of the rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, ParseMoneyError> {
        let (whole, decimals) = parts(text)?;
        if decimals.len() > DECIMALS {
            return Err(ParseMoneyError::TooManyDecimals);
        }
        Self::of(whole, decimals)
    }

    /// The amount with these digits before the mark, and these, at most [`DECIMALS`], after it.
    fn of(whole: &str, decimals: &str) -> Result<Self, ParseMoneyError> {
        let units: i128 = match whole {
            "" => 0,
            digits => digits.parse().map_err(|_| ParseMoneyError::TooLarge)?,
        };
        let fraction: i128 = format!("{decimals:0<DECIMALS$}").parse().map_err(|_| ParseMoneyError::NotPlain)?;
        let micros = units.checked_mul(Micros::UNIT.into()).and_then(|micros| micros.checked_add(fraction));
        micros.map(TotalMicros).ok_or(ParseMoneyError::TooLarge)
    }

    /// The same as a single amount.
    fn single(self) -> Result<Micros, ParseMoneyError> {
        let amount = i64::try_from(self.0).map(Micros).map_err(|_| ParseMoneyError::TooLarge)?;
        if amount > Micros::MAX { Err(ParseMoneyError::TooLarge) } else { Ok(amount) }
    }

    /// With at least two decimals, as people write money: `10.50`, `0.000001`, `-3.00`.
    pub fn to_money(self) -> String {
        let plain = self.to_string();
        match plain.split_once('.') {
            None => format!("{plain}.00"),
            Some((_, decimals)) if decimals.len() == 1 => format!("{plain}0"),
            Some(_) => plain,
        }
    }
}

/// The digits before the mark and those after it. One of the two may be missing.
fn parts(text: &str) -> Result<(&str, &str), ParseMoneyError> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let plain = digits(whole) && digits(decimals) && !(whole.is_empty() && decimals.is_empty());
    if plain { Ok((whole, decimals)) } else { Err(ParseMoneyError::NotPlain) }
}

impl From<Micros> for TotalMicros {
    fn from(Micros(micros): Micros) -> Self {
        TotalMicros(micros.into())
    }
}

impl AddAssign for TotalMicros {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl FromStr for Micros {
    type Err = ParseMoneyError;

    fn from_str(text: &str) -> Result<Self, ParseMoneyError> {
        Micros::parse(text)
    }
}

/// Plain decimal without trailing zeros: `10`, `10.5`.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TotalMicros::from(*self).fmt(f)
    }
}

/// Plain decimal without trailing zeros: `10`, `10.5`.
impl fmt::Display for TotalMicros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (all, unit) = (self.0.unsigned_abs(), u128::from(Micros::UNIT.unsigned_abs()));
        let (units, fraction) = (all / unit, all % unit);
        if fraction == 0 {
            return write!(f, "{sign}{units}");
        }
        let decimals = format!("{fraction:06}");
        write!(f, "{sign}{units}.{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_plain_decimals() {
        for (text, micros) in [
            ("10", 10_000_000),
            ("10.50", 10_500_000),
            (".50", 500_000),
            ("49.", 49_000_000),
            ("0.000001", 1),
            ("007.1", 7_100_000),
        ] {
            assert_eq!(Micros::parse(text), Ok(Micros(micros)), "{text}");
            assert_eq!(Micros::parse_rounded(text), Ok(Micros(micros)), "{text}");
        }
        for text in ["$10", "10,00", "1e3", "NaN", "", ".", "+1", "-1", "1 000", "1_000", "1.2.3", "1..", "١"] {
            assert_eq!(Micros::parse(text), Err(ParseMoneyError::NotPlain), "{text}");
            assert_eq!(Micros::parse_rounded(text), Err(ParseMoneyError::NotPlain), "{text}");
        }
        assert_eq!(Micros::parse("1.0000001"), Err(ParseMoneyError::TooManyDecimals));
        for text in ["1000000000000", "1000000000000.000001", "99999999999999999999", &"9".repeat(400)] {
            assert_eq!(Micros::parse(text), Err(ParseMoneyError::TooLarge));
            assert_eq!(Micros::parse_rounded(text), Err(ParseMoneyError::TooLarge));
        }
    }

    #[test]
    fn computed_amounts_are_rounded_half_up() {
        for (text, micros) in [
            ("59.970000000000006", 59_970_000),
            ("0.30000000000000004", 300_000),
            ("0.0000005", 1),
            ("0.00000049999999999999999999", 0),
            ("9.9999995", 10_000_000),
            ("999999999999.9999994", Micros::MAX.0),
        ] {
            assert_eq!(Micros::parse_rounded(text), Ok(Micros(micros)), "{text}");
        }
        assert_eq!(Micros::parse_rounded("999999999999.9999995"), Err(ParseMoneyError::TooLarge));
    }

    #[test]
    fn money_shows_two_decimals_or_more() {
        assert_eq!(Micros(10_000_000).to_money(), "10.00");
        assert_eq!(Micros(-10_500_000).to_money(), "-10.50");
        assert_eq!(Micros(1).to_money(), "0.000001");
    }

    #[test]
    fn sums_are_wider_than_amounts() {
        let mut total = TotalMicros::default();
        for _ in 0..20 {
            total += Micros::MAX.into();
        }
        assert_eq!(total.to_money(), "19999999999999.99998");
        assert_eq!(TotalMicros(-total.0).to_string(), "-19999999999999.99998");
        total += Micros(20).into();
        assert_eq!(total.to_money(), "20000000000000.00");
        assert_eq!(TotalMicros::parse("20000000000000"), Ok(total));
        assert_eq!(TotalMicros::parse(&"9".repeat(40)), Err(ParseMoneyError::TooLarge));
        assert_eq!(TotalMicros::parse(&i128::MAX.to_string()), Err(ParseMoneyError::TooLarge));
    }

    proptest! {
        #[test]
        fn amounts_read_back_as_written(micros in 0..=Micros::MAX.0) {
            prop_assert_eq!(Micros::parse(&Micros(micros).to_string()), Ok(Micros(micros)));
            let total = TotalMicros(i128::from(micros) * 1_000_000_000);
            prop_assert_eq!(TotalMicros::parse(&total.to_string()), Ok(total));
        }

        /// The same sum by adding digit to digit on paper.
        #[test]
        fn rounding_agrees_with_arithmetic_on_digits(whole in "[0-9]{0,14}", decimals in "[0-9]{0,30}") {
            prop_assume!(!whole.is_empty() || !decimals.is_empty());
            let shown = format!("{decimals:0<7}");
            let mut digits: Vec<u8> = format!("0{whole}{}", &shown[..6]).bytes().map(|digit| digit - b'0').collect();
            if shown.as_bytes()[6] >= b'5' {
                let last = digits.iter().rposition(|digit| *digit < 9).unwrap();
                digits[last] += 1;
                digits[last + 1..].fill(0);
            }
            let digits: String = digits.into_iter().map(|digit| char::from(b'0' + digit)).collect();
            let wanted = match digits.trim_start_matches('0') {
                long if long.len() > 18 => Err(ParseMoneyError::TooLarge),
                "" => Ok(Micros(0)),
                short => Ok(Micros(short.parse().unwrap())),
            };
            prop_assert_eq!(Micros::parse_rounded(&format!("{whole}.{decimals}")), wanted);
        }
    }
}
