//! The effect of adjustments on a conversion: pure rules, one adjustment after the other in the order of the log.
//!
//! | asked for | of one that counts | of a retracted one | of one that does not count |
//! | --- | --- | --- | --- |
//! | retract | `retracted`: it counts no more | `already_retracted` | `not_counted` |
//! | restate | `restated`: the new value | `already_retracted` | `not_counted` |
//! | restate beyond the pixel's largest believable value | `over_max_value` | `already_retracted` | `not_counted` |
//!
//! The last restatement holds, and a retraction is final. An adjustment changes no verdict that was given before it. Fires
//! that are logged after a retraction are judged as if the retracted one had not counted, so an order that is cancelled
//! and then paid counts.

use crate::domain::{ConversionChange, CurrentValue, Effect, MaxValue, Outcome, OutcomeKind};

/// The conversion's value after the change, and what the change did. An unchanged value means that it did nothing. `max` is
/// the largest believable value of the conversion's pixel.
pub fn adjust(
    current: CurrentValue,
    outcome: Outcome,
    change: ConversionChange,
    max: Option<MaxValue>,
) -> (CurrentValue, Effect) {
    if outcome.kind() == OutcomeKind::NotCounted {
        return (current, Effect::NotCounted);
    }
    if current.retracted {
        return (current, Effect::AlreadyRetracted);
    }
    match change {
        ConversionChange::Retract => (CurrentValue { retracted: true, ..current }, Effect::Retracted),
        ConversionChange::Restate { value, currency } => {
            if max.is_some_and(|max| max.is_exceeded_by(value, currency.or(current.currency))) {
                return (current, Effect::OverMaxValue);
            }
            let (value, currency) = (value.or(current.value), currency.or(current.currency));
            (CurrentValue { retracted: false, value, currency }, Effect::Restated)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::domain::{Currency, ExposureKind, Micros, NotCounted, Unattributed};

    const COUNTS: Outcome = Outcome::Attributed(ExposureKind::Click);

    fn restate(value: i64, currency: Option<&str>) -> ConversionChange {
        ConversionChange::Restate { value: Some(Micros(value)), currency: currency.and_then(Currency::parse) }
    }

    /// The value after these, and what the last one did.
    fn after(outcome: Outcome, changes: &[ConversionChange]) -> String {
        after_below(None, outcome, changes)
    }

    fn after_below(max: Option<MaxValue>, outcome: Outcome, changes: &[ConversionChange]) -> String {
        let sent = CurrentValue { retracted: false, value: Some(Micros(10_000_000)), currency: Currency::parse("EUR") };
        let (mut current, mut effect_name) = (sent, "as sent");
        for change in changes {
            let (next, effect) = adjust(current, outcome, *change, max);
            (current, effect_name) = (next, effect.as_str());
        }
        let worth = current.value.map_or("nothing".to_owned(), |value| value.to_string());
        let currency = current.currency.map_or("", |currency| if currency == Currency::USD { "USD" } else { "EUR" });
        format!("{effect_name}: {}{worth} {currency}", if current.retracted { "retracted at " } else { "" })
    }

    #[test]
    fn the_rules() {
        use ConversionChange::Retract;
        let five = restate(5_000_000, None);
        let dollars = restate(6_000_000, Some("USD"));
        let reason_only = ConversionChange::Restate { value: None, currency: None };
        for (changes, result) in [
            (&[][..], "as sent: 10 EUR"),
            (&[Retract], "retracted: retracted at 10 EUR"),
            (&[Retract, Retract], "already_retracted: retracted at 10 EUR"),
            (&[five], "restated: 5 EUR"),
            (&[five, five], "restated: 5 EUR"),
            (&[dollars], "restated: 6 USD"),
            (&[dollars, five], "restated: 5 USD"),
            (&[five, Retract], "retracted: retracted at 5 EUR"),
            (&[Retract, five], "already_retracted: retracted at 10 EUR"),
            (&[five, Retract, dollars], "already_retracted: retracted at 5 EUR"),
            (&[reason_only], "restated: 10 EUR"),
        ] {
            assert_eq!(after(COUNTS, changes), result, "{changes:?}");
        }
        assert_eq!(after(Outcome::Unattributed(Unattributed::NoExposure), &[five]), "restated: 5 EUR");
        for none in [NotCounted::Repeat, NotCounted::Test, NotCounted::DuplicateEvent, NotCounted::Adjustment] {
            assert_eq!(after(Outcome::NotCounted(none), &[five, Retract]), "not_counted: 10 EUR");
        }
    }

    #[test]
    fn a_value_that_nobody_believes_changes_nothing() {
        let max = Currency::parse("EUR").map(|currency| MaxValue { amount: Micros(5_000_000), currency });
        for (changes, result) in [
            (&[restate(5_000_000, None)][..], "restated: 5 EUR"),
            (&[restate(5_000_001, None)], "over_max_value: 10 EUR"),
            (&[restate(5_000_001, Some("EUR"))], "over_max_value: 10 EUR"),
            (&[restate(5_000_001, Some("USD"))], "restated: 5.000001 USD"),
            (&[restate(4_000_000, None), restate(5_000_001, None)], "over_max_value: 4 EUR"),
            (&[restate(5_000_001, Some("USD")), restate(6_000_000, None)], "restated: 6 USD"),
            (&[ConversionChange::Retract, restate(5_000_001, None)], "already_retracted: retracted at 10 EUR"),
        ] {
            assert_eq!(after_below(max, COUNTS, changes), result, "{changes:?}");
        }
        let uncounted = Outcome::NotCounted(NotCounted::Repeat);
        assert_eq!(after_below(max, uncounted, &[restate(5_000_001, None)]), "not_counted: 10 EUR");
    }

    #[test]
    fn a_conversion_sent_without_a_value_can_be_given_one() {
        let sent = CurrentValue { retracted: false, value: None, currency: None };
        let (current, _) = adjust(sent, COUNTS, restate(3, Some("USD")), None);
        assert_eq!(current, CurrentValue { retracted: false, value: Some(Micros(3)), currency: Some(Currency::USD) });
    }

    fn changes() -> impl Strategy<Value = Vec<ConversionChange>> {
        let value = prop::option::of((0..4_i64).prop_map(Micros));
        let currency = select(vec![None, Currency::parse("EUR"), Some(Currency::USD)]);
        let restate = (value, currency).prop_map(|(value, currency)| ConversionChange::Restate { value, currency });
        prop::collection::vec(prop_oneof![3 => restate, 1 => Just(ConversionChange::Retract)], 0..8)
    }

    proptest! {
        #[test]
        fn the_first_retraction_is_final_and_before_it_the_last_restatement_holds(changes in changes()) {
            let sent = CurrentValue { retracted: false, value: Some(Micros(9)), currency: None };
            let all = changes.iter().fold(sent, |current, next| adjust(current, COUNTS, *next, None).0);
            let end = changes.iter().position(|next| *next == ConversionChange::Retract);
            let before_end = &changes[..end.unwrap_or(changes.len())];
            let last = |of: fn(&ConversionChange) -> Option<i64>| before_end.iter().rev().find_map(of);
            let value = last(|a| match a { ConversionChange::Restate { value, .. } => value.map(|v| v.0), _ => None });
            let currency = before_end.iter().rev().find_map(|a| match a {
                ConversionChange::Restate { currency, .. } => *currency,
                ConversionChange::Retract => None,
            });
            prop_assert_eq!(all.retracted, end.is_some());
            prop_assert_eq!(all.value, Some(Micros(value.unwrap_or(9))));
            prop_assert_eq!(all.currency, currency);
            for outcome in [Outcome::NotCounted(NotCounted::Bot), Outcome::NotCounted(NotCounted::Repeat)] {
                let same = changes.iter().fold(sent, |current, next| adjust(current, outcome, *next, None).0);
                prop_assert_eq!(same, sent);
            }
        }
    }
}
