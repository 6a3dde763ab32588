//! How a chart writes its numbers: coordinates, figures to read, and the short ones beside an axis.

use std::fmt;

/// The drawing shows a larger value as this one, so that no coordinate is infinite.
const MOST: f64 = 1e30;

/// Zero for numbers that no drawing can show: NaN, infinities, negatives.
pub(super) fn sane(value: f64) -> f64 {
    if value.is_finite() && value > 0.0 { value.min(MOST) } else { 0.0 }
}

/// An index or length as a float; exact, since no chart has four thousand million columns.
pub(super) fn count(items: usize) -> f64 {
    u32::try_from(items).map_or(f64::from(u32::MAX), f64::from)
}

/// A place or length in the drawing, with two decimals at most and none that say nothing: `12`, `12.5`.
#[derive(Clone, Copy)]
pub(super) struct Coordinate(pub(super) f64);

impl fmt::Display for Coordinate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(trim_decimals(&format!("{:.2}", self.0)))
    }
}

/// For reading: thousands in groups, two decimals at most: `1,204.5`.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = trim_decimals(&text);
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// For an axis: `950`, `1,500`, `20k`, `1.5M`.
pub(super) fn short_number(value: f64) -> String {
    if value >= 1_000_000.0 {
        format!("{}M", number(value / 1_000_000.0))
    } else if value >= 10_000.0 {
        format!("{}k", number(value / 1_000.0))
    } else {
        number(value)
    }
}

fn trim_decimals(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}
