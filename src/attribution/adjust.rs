//! What an adjustment makes of a conversion: pure rules, one adjustment after the other in the order of the log.
//!
//! | asked for | of one that counts | of a retracted one | of one that does not count |
//! | --- | --- | --- | --- |
//! | retract | `retracted`: it counts no more | `already_retracted` | `not_counted` |
//! | restate | `restated`: the new value | `already_retracted` | `not_counted` |
//!
//! The last restatement stands, and a retraction is final: a shop that took an order back sends a new conversion when
//! it is placed again. Values change, what was credited does not: repeats and duplicates are judged as if nothing had
//! been adjusted, so that a refund never makes another fire count.

use crate::domain::{Amendment, Effect, Outcome, OutcomeKind, Standing};

/// How a conversion stands after an amendment, and what that did. Standing as before, nothing was done.
pub fn amend(standing: Standing, outcome: Outcome, amendment: Amendment) -> (Standing, Effect) {
    if outcome.kind() == OutcomeKind::NotCounted {
        return (standing, Effect::NotCounted);
    }
    if standing.retracted {
        return (standing, Effect::AlreadyRetracted);
    }
    match amendment {
        Amendment::Retract => (Standing { retracted: true, ..standing }, Effect::Retracted),
        Amendment::Restate { value, currency } => {
            let (value, currency) = (value.or(standing.value), currency.or(standing.currency));
            (Standing { retracted: false, value, currency }, Effect::Restated)
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

    fn restate(value: i64, currency: Option<&str>) -> Amendment {
        Amendment::Restate { value: Some(Micros(value)), currency: currency.and_then(Currency::parse) }
    }

    /// The standing after these, and what the last one did.
    fn after(outcome: Outcome, amendments: &[Amendment]) -> String {
        let sent = Standing { retracted: false, value: Some(Micros(10_000_000)), currency: Currency::parse("EUR") };
        let (mut standing, mut said) = (sent, "as sent");
        for amendment in amendments {
            let (next, effect) = amend(standing, outcome, *amendment);
            (standing, said) = (next, effect.as_str());
        }
        let worth = standing.value.map_or("nothing".to_owned(), |value| value.to_string());
        let currency = standing.currency.map_or("", |currency| if currency == Currency::USD { "USD" } else { "EUR" });
        format!("{said}: {}{worth} {currency}", if standing.retracted { "retracted at " } else { "" })
    }

    #[test]
    fn the_rules() {
        use Amendment::Retract;
        let five = restate(5_000_000, None);
        let dollars = restate(6_000_000, Some("USD"));
        let reason_only = Amendment::Restate { value: None, currency: None };
        for (amendments, said) in [
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
            assert_eq!(after(COUNTS, amendments), said, "{amendments:?}");
        }
        assert_eq!(after(Outcome::Unattributed(Unattributed::NoExposure), &[five]), "restated: 5 EUR");
        for none in [NotCounted::Repeat, NotCounted::Test, NotCounted::DuplicateEvent, NotCounted::Adjustment] {
            assert_eq!(after(Outcome::NotCounted(none), &[five, Retract]), "not_counted: 10 EUR");
        }
    }

    #[test]
    fn a_conversion_sent_without_a_value_can_be_given_one() {
        let sent = Standing { retracted: false, value: None, currency: None };
        let (standing, _) = amend(sent, COUNTS, restate(3, Some("USD")));
        assert_eq!(standing, Standing { retracted: false, value: Some(Micros(3)), currency: Some(Currency::USD) });
    }

    fn amendments() -> impl Strategy<Value = Vec<Amendment>> {
        let value = prop::option::of((0..4_i64).prop_map(Micros));
        let currency = select(vec![None, Currency::parse("EUR"), Some(Currency::USD)]);
        let restate = (value, currency).prop_map(|(value, currency)| Amendment::Restate { value, currency });
        prop::collection::vec(prop_oneof![3 => restate, 1 => Just(Amendment::Retract)], 0..8)
    }

    proptest! {
        #[test]
        fn the_first_retraction_is_the_end_and_before_it_the_last_word_stands(amendments in amendments()) {
            let sent = Standing { retracted: false, value: Some(Micros(9)), currency: None };
            let all = amendments.iter().fold(sent, |standing, next| amend(standing, COUNTS, *next).0);
            let end = amendments.iter().position(|next| *next == Amendment::Retract);
            let heard = &amendments[..end.unwrap_or(amendments.len())];
            let last = |of: fn(&Amendment) -> Option<i64>| heard.iter().rev().find_map(of);
            let value = last(|a| match a { Amendment::Restate { value, .. } => value.map(|v| v.0), _ => None });
            let heard_currency = heard.iter().rev().find_map(|a| match a {
                Amendment::Restate { currency, .. } => *currency,
                Amendment::Retract => None,
            });
            prop_assert_eq!(all.retracted, end.is_some());
            prop_assert_eq!(all.value, Some(Micros(value.unwrap_or(9))));
            prop_assert_eq!(all.currency, heard_currency);
            for outcome in [Outcome::NotCounted(NotCounted::Bot), Outcome::NotCounted(NotCounted::Repeat)] {
                let same = amendments.iter().fold(sent, |standing, next| amend(standing, outcome, *next).0);
                prop_assert_eq!(same, sent);
            }
        }
    }
}
