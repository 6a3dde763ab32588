//! A correction in words: what it names, what it asks for, and what became of it.

use crate::admin::rows::conversion::amount;
use crate::admin::shell::parts::Badge;
use crate::admin::text::format::plural;
use crate::domain::{ConversionChange, ConversionName, EffectCounts};

/// "order A-1001".
pub fn name(of: &ConversionName) -> String {
    let (field, name) = of.field();
    format!("{} {name}", field.trim_end_matches("_id"))
}

/// The change that the sender asks for: "take back", "value 39.90 EUR".
pub fn change(change: ConversionChange) -> String {
    match change {
        ConversionChange::Retract => "take back".to_owned(),
        ConversionChange::Restate { value, currency } => format!("value {}", amount(value, currency)),
    }
}

/// The result; none if the judge has not reached the adjustment.
pub fn result(change: ConversionChange, counts: Option<&EffectCounts>) -> String {
    let Some(counts) = counts else { return "It is recorded; the figures follow in a moment.".to_owned() };
    let changed = plural(counts.changed().into(), "conversion");
    match (counts.result(), change) {
        ("matched", ConversionChange::Retract) => format!("{changed} taken back."),
        ("matched", ConversionChange::Restate { .. }) => format!("{changed} corrected."),
        ("unmatched", _) => "Nothing was corrected: no earlier event has this name.".to_owned(),
        ("already_retracted", _) => "Nothing was corrected: it was taken back before.".to_owned(),
        ("not_counted", _) => "Nothing was corrected: the event was ignored, so it has no value.".to_owned(),
        ("over_max_value", _) => {
            "Nothing was corrected: the value is larger than the pixel's largest believable value.".to_owned()
        }
        (other, _) => format!("Nothing was corrected: {}.", other.replace('_', " ")),
    }
}

/// The same as a badge.
pub fn badge(counts: Option<&EffectCounts>) -> Badge {
    match counts.map(|counts| (counts.changed(), counts.result())) {
        None => Badge::new("waiting", "pending"),
        Some((0, result)) => Badge::new("warning", result.replace('_', " ")),
        Some((_, result)) => Badge::new("active", result),
    }
}
