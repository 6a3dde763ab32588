//! Numbers as JSON writes them, `4.99e1`, in plain digits: exact, and cheap however large the exponent is.

use std::borrow::Cow;

/// The most places that a number without its exponent has before or behind the mark, beside its own digits. No
/// amount is so large, and no double.
const MOST_PLACES: i64 = 400;

/// A number of JSON without its exponent: `49.9` for `4.99e1`. Zero has no sign. A number beyond all bounds becomes one
/// that is still beyond them.
pub fn plain_decimal(literal: &str) -> Cow<'_, str> {
    let (mantissa, exponent) = match literal.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (literal, None),
    };
    if mantissa.starts_with('-') && mantissa.bytes().all(|b| matches!(b, b'-' | b'.' | b'0')) {
        return Cow::Borrowed("0");
    }
    let Some(exponent) = exponent else { return Cow::Borrowed(literal) };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{decimals}");
    let digits = all.trim_start_matches('0');
    if digits.is_empty() {
        return Cow::Borrowed("0");
    }
    let beyond = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
    // The place of the mark, from the first digit that is not 0.
    let first = places(whole) - places(&all) + places(digits);
    let mark = exponent.parse().unwrap_or(beyond).saturating_add(first);
    let places_before = usize::try_from(mark.min(places(digits).max(MOST_PLACES))).unwrap_or(0);
    let zeros = usize::try_from(mark.saturating_neg().min(MOST_PLACES)).unwrap_or(0);
    let plain = match digits.split_at_checked(places_before) {
        Some(("", decimals)) => format!("0.{}{decimals}", "0".repeat(zeros)),
        Some((whole, "")) => whole.to_owned(),
        Some((whole, decimals)) => format!("{whole}.{decimals}"),
        None => format!("{digits:0<places_before$}"),
    };
    Cow::Owned(format!("{sign}{plain}"))
}

fn places(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_exponent_moves_the_mark() {
        for (literal, plain) in [
            ("10", "10"),
            ("10.50", "10.50"),
            ("-5", "-5"),
            ("4.99e1", "49.9"),
            ("1E2", "100"),
            ("1e+3", "1000"),
            ("0.1e1", "1"),
            ("5e-7", "0.0000005"),
            ("12.5e-1", "1.25"),
            ("-1.5e-1", "-0.15"),
            ("0e999999999999999999999", "0"),
            ("-0.0", "0"),
            ("-0e-5", "0"),
            ("0.00012e4", "1.2"),
            ("120e-1", "12.0"),
        ] {
            assert_eq!(plain_decimal(literal), plain, "{literal}");
        }
    }

    #[test]
    fn a_huge_exponent_is_cheap() {
        for exponent in ["401", "999999999", "99999999999999999999", "9223372036854775807"] {
            let plain = plain_decimal(&format!("1.5e{exponent}")).into_owned();
            assert!(plain.starts_with("15000") && plain.len() == 400, "{plain}");
            let plain = plain_decimal(&format!("1.5e-{exponent}")).into_owned();
            assert!(plain.starts_with("0.00000") && plain.len() < 410, "{plain}");
        }
        let long = format!("{}e-300000", "1".repeat(300_001));
        assert_eq!(plain_decimal(&long).find('.'), Some(1));
    }

    proptest! {
        #[test]
        fn no_notation_changes_the_number(whole in "0|[1-9][0-9]{0,9}", decimals in "[0-9]{1,9}", shift in -12..12_i32) {
            let normal = |text: &str| {
                let text = if text.contains('.') { text.to_owned() } else { format!("{text}.") };
                text.trim_matches('0').to_owned()
            };
            let digits = format!("{whole}{decimals}");
            let literal = format!("{whole}.{decimals}e{shift}");
            let padded = format!("{:0>30}{:0<30}", digits, "");
            // The mark stands behind the whole part, `shift` places further.
            let mark = usize::try_from(30 - i32::try_from(decimals.len()).unwrap() + shift).unwrap();
            let wanted = format!("{}.{}", &padded[..mark], &padded[mark..]);
            prop_assert_eq!(normal(&plain_decimal(&literal)), normal(&wanted));
        }
    }
}
