//! How costs, their days and their sums are written.

use std::collections::BTreeMap;

use crate::admin::text::format::moneys;
use crate::domain::{CostRun, CostWay, Currency, Day, TotalMicros};
use crate::tables::costs::COSTS;

/// `3 Nov 2026`
pub fn day_words(day: Day) -> String {
    day.0.strftime("%-d %b %Y").to_string()
}

/// `1 Nov – 14 Nov 2026`; empty without days.
pub fn days_words(first: Option<Day>, last: Option<Day>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if first == last => day_words(first),
        (Some(first), Some(last)) if first.0.year() == last.0.year() => {
            format!("{} – {}", first.0.strftime("%-d %b"), day_words(last))
        }
        (Some(first), Some(last)) => format!("{} – {}", day_words(first), day_words(last)),
        _ => String::new(),
    }
}

/// Amounts of several currencies side by side; a dash for none.
pub fn amounts(totals: &BTreeMap<Currency, TotalMicros>) -> String {
    let all: Vec<_> = totals.iter().map(|(currency, total)| (*currency, *total)).collect();
    if all.is_empty() { "–".to_owned() } else { moneys(&all) }
}

/// The kind of a file, as its program is called.
pub fn profile_words(profile: &str) -> &str {
    COSTS.profile(profile).map_or(profile, |known| known.name)
}

/// Where a run came from: the file's kind, or how it came.
pub fn origin_words(run: &CostRun) -> String {
    match run.how {
        CostWay::Typed => "Typed".to_owned(),
        CostWay::Api => "API".to_owned(),
        CostWay::Import => profile_words(&run.profile).to_owned(),
    }
}
