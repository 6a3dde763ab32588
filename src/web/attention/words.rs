//! Numbers and lengths of time in sentences.

use crate::attribution::words::span;

/// A rough length of time: `90 days`, `3 hours`. A single day, hour or minute has the next smaller unit beside it (`1
/// day 5 hours`). The shortest is one second.
pub fn roughly(ms: i64) -> String {
    let ms = ms.unsigned_abs().max(1000);
    let unit = [86_400_000, 3_600_000, 60_000, 1000].into_iter().find(|unit| *unit <= ms).unwrap_or(1000);
    let whole = if ms / unit > 1 { ms - ms % unit } else { ms };
    span(i64::try_from(whole).unwrap_or(i64::MAX))
}

/// A share in percent, rounded half up; none of nothing.
pub fn percent(part: u64, whole: u64) -> Option<u64> {
    let percent = (u128::from(part) * 100 + u128::from(whole) / 2).checked_div(u128::from(whole))?;
    u64::try_from(percent).ok()
}

/// A count with its noun: `1 pixel`, `1,204 pixels`.
pub fn plural(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A count with commas between thousands: `1,204`.
pub fn grouped(count: u64) -> String {
    group(&count.to_string())
}

/// Digits with commas between thousands.
pub fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
