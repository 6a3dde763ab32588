//! A correction in words: what it names, what it asks for, and what became of it.

use crate::admin::rows::conversion::amount;
use crate::admin::shell::parts::Mark;
use crate::admin::text::format::plural;
use crate::domain::{ConversionChange, ConversionName, EffectCounts};

/// "order A-1001", "event ID 7f".
pub fn name(of: &ConversionName) -> String {
    match of {
        ConversionName::OrderId(id) => format!("order {id}"),
        ConversionName::EventId(id) => format!("event ID {id}"),
        ConversionName::ReferenceId(id) => format!("reference ID {id}"),
        ConversionName::ConversionId(seq) => format!("event {seq}"),
    }
}

/// The change that the sender asks for: "Cancel", "New amount 39.90 EUR".
pub fn change(change: ConversionChange) -> String {
    match change {
        ConversionChange::Retract => "Cancel".to_owned(),
        ConversionChange::Restate { value, currency } => format!("New amount {}", amount(value, currency)),
    }
}

/// The result in a sentence, for the message after the form.
pub fn result(change: ConversionChange, counts: Option<&EffectCounts>) -> String {
    let Some(counts) = counts else { return "Correction saved. Reports update in a moment.".to_owned() };
    match why(counts) {
        "" => format!("Correction saved: {}.", done(change, counts)),
        why => format!("Nothing was corrected: {why}."),
    }
}

/// The same for a list, with why nothing was corrected; none if the judge has not reached the adjustment.
pub fn outcome(change: ConversionChange, counts: Option<&EffectCounts>) -> (Mark, &'static str) {
    match counts {
        None => (Mark::new("off", "Pending"), ""),
        Some(counts) if counts.changed() > 0 => (Mark::new("active", done(change, counts)), ""),
        Some(counts) => (Mark::new("warn", "No effect"), why(counts)),
    }
}

fn done(change: ConversionChange, counts: &EffectCounts) -> String {
    let changed = plural(counts.changed().into(), "conversion");
    match change {
        ConversionChange::Retract => format!("{changed} cancelled"),
        ConversionChange::Restate { .. } => format!("{changed} corrected"),
    }
}

/// Why nothing was corrected; empty if something was.
fn why(counts: &EffectCounts) -> &'static str {
    match counts.result() {
        "matched" => "",
        "unmatched" => "no earlier event has this ID",
        "already_retracted" => "cancelled before",
        "over_max_value" => "the value is beyond the pixel's largest believable value",
        _ => "the event is ignored",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Effect;

    #[test]
    fn corrections_say_what_became_of_them() {
        let counts = |effects: &[Effect]| effects.iter().copied().collect::<EffectCounts>();
        let retract = |effects: &[Effect]| result(ConversionChange::Retract, Some(&counts(effects)));
        assert_eq!(retract(&[Effect::Retracted]), "Correction saved: 1 conversion cancelled.");
        assert_eq!(retract(&[]), "Nothing was corrected: no earlier event has this ID.");
        assert_eq!(retract(&[Effect::AlreadyRetracted]), "Nothing was corrected: cancelled before.");
        assert_eq!(retract(&[Effect::NotCounted]), "Nothing was corrected: the event is ignored.");
        let (mark, why) = outcome(ConversionChange::Retract, Some(&counts(&[])));
        assert_eq!((mark.kind, mark.label.as_str(), why), ("warn", "No effect", "no earlier event has this ID"));
    }
}
