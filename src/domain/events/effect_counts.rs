//! What became of one adjustment: how many conversions it reached, by its effect on them.

use std::collections::BTreeMap;

use super::adjustment::Effect;

impl Effect {
    /// Whether the conversion is reported otherwise than before.
    pub fn is_change(self) -> bool {
        matches!(self, Effect::Retracted | Effect::Restated)
    }
}

/// The conversions that an adjustment reached. There are none if no conversion before it has the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectCounts(BTreeMap<Effect, u32>);

impl EffectCounts {
    /// How many conversions it changed.
    pub fn changed(&self) -> u32 {
        self.iter().filter(|(effect, _)| effect.is_change()).map(|(_, count)| count).sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Effect, u32)> {
        self.0.iter().map(|(effect, count)| (*effect, *count))
    }

    /// The result in one word: `matched` if it changed a conversion, `unmatched` if it reached none, else its most frequent
    /// effect.
    pub fn result(&self) -> &'static str {
        if self.changed() > 0 {
            return "matched";
        }
        self.iter().max_by_key(|(_, count)| *count).map_or("unmatched", |(effect, _)| effect.as_str())
    }
}

impl FromIterator<Effect> for EffectCounts {
    fn from_iter<I: IntoIterator<Item = Effect>>(effects: I) -> Self {
        let mut counts = BTreeMap::new();
        for effect in effects {
            *counts.entry(effect).or_default() += 1;
        }
        EffectCounts(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_says_what_became_of_an_adjustment() {
        use Effect::{AlreadyRetracted, NotCounted, Restated, Retracted};
        for (effects, result, changed) in [
            (&[][..], "unmatched", 0),
            (&[Retracted], "matched", 1),
            (&[NotCounted, Restated, NotCounted, Restated], "matched", 2),
            (&[AlreadyRetracted], "already_retracted", 0),
            (&[NotCounted, NotCounted, AlreadyRetracted], "not_counted", 0),
        ] {
            let counts: EffectCounts = effects.iter().copied().collect();
            assert_eq!((counts.result(), counts.changed()), (result, changed), "{effects:?}");
        }
    }
}
