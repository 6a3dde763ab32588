//! Days in words: "25 Oct – 23 Nov".

use jiff::civil::Date;

use crate::domain::Days;

/// Days without the year if that is this one. `today` decides.
pub fn days(days: &Days, today: Date) -> String {
    let (first, last) = (days.first, days.last);
    let long = |day: Date| day.strftime("%-d %b %Y").to_string();
    let short = |day: Date| day.strftime("%-d %b").to_string();
    let is_this_year = last.year() == today.year();
    match (first == last, first.year() == last.year(), is_this_year) {
        (true, _, true) => short(last),
        (true, _, false) => long(last),
        (false, true, true) => format!("{} – {}", short(first), short(last)),
        (false, true, false) => format!("{} – {}", short(first), long(last)),
        (false, false, _) => format!("{} – {}", long(first), long(last)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn days_name_another_year() {
        let words = |first: &str, last: &str| {
            let days = Days { first: first.parse().unwrap(), last: last.parse().unwrap(), zone: TimeZone::UTC };
            super::days(&days, "2026-11-23".parse().unwrap())
        };
        assert_eq!(words("2026-10-25", "2026-11-23"), "25 Oct – 23 Nov");
        assert_eq!(words("2026-11-23", "2026-11-23"), "23 Nov");
        assert_eq!(words("2025-11-23", "2025-11-23"), "23 Nov 2025");
        assert_eq!(words("2025-10-25", "2025-11-23"), "25 Oct – 23 Nov 2025");
        assert_eq!(words("2025-12-20", "2026-01-18"), "20 Dec 2025 – 18 Jan 2026");
    }
}
