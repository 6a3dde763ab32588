//! Settles the fires of one name in the plainest way.

use pixeld::attribution::{Gap, NameKind, Step};
use pixeld::domain::{CurrentValue, Outcome, Seq, TakenField};

use super::{Known, World};

pub const FIELDS: [TakenField; 4] =
    [TakenField::Value, TakenField::OrderId, TakenField::ContentIds, TakenField::NumItems];

impl World {
    /// Settles the fire that was judged last.
    pub fn settle(&mut self) {
        let last = self.known.len() - 1;
        let (this, judgement) = (self.known[last].fire.seq, self.known[last].judgement.clone());
        let counts = judgement.duplicate_of.map_or(this, |of| of.seq);
        for displaced in &judgement.displaced {
            let at = self.known[self.index(counts)].fire.at;
            let index = self.index(displaced.seq);
            let one = &mut self.known[index];
            one.outcome = Outcome::NotCounted(displaced.reason);
            one.duplicate = Some((counts, this));
            let name = if displaced.reason.as_str() == "duplicate_event" { NameKind::Event } else { NameKind::Order };
            let gap = Gap { earlier: pixeld::attribution::EarlierFire { seq: counts, at }, ms: one.fire.at.0 - at.0 };
            one.judgement.explanation.steps.push(Step::Twin { name, counts: gap, is_credited: true });
            one.judgement.outcome = one.outcome;
            one.stand();
        }
        if counts == this {
            for displaced in &judgement.displaced {
                self.take(this, displaced.seq, this);
            }
            self.known[last].stand();
            return;
        }
        self.known[last].duplicate = Some((counts, this));
        self.known[last].stand();
        if self.known[self.index(counts)].retracted_by.is_none() {
            self.take(counts, this, this);
            for displaced in &judgement.displaced {
                self.take(counts, displaced.seq, this);
            }
            let index = self.index(counts);
            self.known[index].stand();
        }
    }

    fn index(&self, seq: Seq) -> usize {
        self.known.iter().position(|known| known.fire.seq == seq).unwrap()
    }

    fn take(&mut self, counts: Seq, from: Seq, by: Seq) {
        let (index, giver) = (self.index(counts), self.index(from));
        for field in FIELDS {
            let number = FIELDS.iter().position(|other| *other == field).unwrap();
            let Some(bringer) = self.known[giver].bringers[number] else { continue };
            let (value, currency, order) =
                (self.known[giver].value, self.known[giver].currency, self.known[giver].order.clone());
            let one = &mut self.known[index];
            if one.bringers[number].is_some() || (field == TakenField::Value && one.current.value.is_some()) {
                continue;
            }
            one.bringers[number] = Some(bringer);
            self.taken.push((counts, field, bringer));
            match field {
                TakenField::Value => {
                    (one.value, one.currency) = (value, currency);
                    (one.current.value, one.current.currency) = (value, currency);
                }
                TakenField::OrderId => one.order = order,
                TakenField::ContentIds | TakenField::NumItems => {}
            }
        }
        let (adjusted, current) = (self.known[giver].adjusted, self.known[giver].current);
        let one = &mut self.known[index];
        if !one.adjusted && adjusted && current.value.is_some() {
            one.current = CurrentValue { retracted: false, ..current };
            one.adjusted = true;
            let restated = |effect: &&(Seq, Seq, &'static str)| effect.0 == from && effect.2 == "restated";
            let carried: Vec<_> =
                self.effects.iter().filter(restated).filter(|e| e.1 < by).map(|e| (counts, e.1, e.2)).collect();
            self.effects.extend(carried);
        }
    }
}

impl Known {
    /// Notes the sums that it is in.
    pub fn stand(&mut self) {
        let reason = self.outcome.reason().as_str();
        let code = |value: Option<pixeld::domain::Micros>, currency: Option<pixeld::domain::Currency>| {
            value.map_or(String::new(), |_| currency.map_or("XXX".into(), |code| code.to_string()))
        };
        self.stood.push((reason, code(self.value, self.currency)));
        self.stood.push((reason, code(self.current.value, self.current.currency)));
    }
}
